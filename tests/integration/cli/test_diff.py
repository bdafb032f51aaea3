"""``monitor diff``: what people and scripts see of an edit, and what is said to those who slip."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.integration.cli.test_terminal import ESCAPE, on_terminal

CONFIG = """
inbox: ./inbox
rules:
  - name: dam
    any: [dam]
"""
LONG = " ".join(f"Rescue team {n} worked through the night at house {3 * n}." for n in range(9))
TEXTS = [
    (
        "Dam bursts",
        f"The dam broke, killing 12 people. {LONG}",
        f"It rains. {LONG}",
        "Schools open.",
    ),
    (
        "Dam bursts: 15 dead",
        f"The dam broke, killing 15 people. {LONG}",
        f"It rains. {LONG}",
        "Help came.",
    ),
    (
        "Dam bursts: 15 dead",
        f"The dam broke, killing 15 people. {LONG}",
        f"It rains {LONG}",
        "Help came.",
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an article of three revisions and one of a single one."""
    folder = tmp_path_factory.mktemp("edited")
    (folder / "config.yaml").write_text(CONFIG)
    (folder / "inbox").mkdir()
    other = ["01.03.2026, 08:00 5", "Ferry runs again", "The ferry runs again after the winter."]
    for number, text in enumerate(TEXTS, 2):
        lines = [f" date 2026-03-{number:02}", f"01.03.2026, 09:00 {number}0", *text, *other]
        (folder / "inbox" / "dump.txt").write_text("\n".join(lines))
        subprocess.run(
            [sys.executable, "-m", "monitor", "run", "--once"],
            cwd=folder,
            check=True,
            capture_output=True,
        )
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "monitor", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def ids(folder: Path) -> dict[str, str]:
    """Ids by the first word of the title."""
    rows = map(json.loads, run(folder, "articles", "--json").stdout.splitlines())
    return {row["title"].split()[0]: row["id"] for row in rows}


def test_the_last_edit_in_plain_text(folder: Path, ids: dict[str, str]) -> None:
    """By default the last two texts; a pipe gets every line whole, with marks."""
    lines = run(folder, "diff", ids["Dam"][:6]).stdout.splitlines()
    assert lines[0] == "Dam bursts: 15 dead"
    assert re.fullmatch(r"default · revision 2 \(.*\) → 3 \(.*\)", lines[1])
    assert lines[2:] == [
        "Changed: looks only",
        "",
        "  … 1 paragraph is the same …",
        lines[5],
        "  … 1 paragraph is the same …",
    ]
    assert lines[5].startswith("± It rains[-.-] Rescue team 0")
    assert lines[5].endswith(" …")


def test_chosen_revisions(folder: Path, ids: dict[str, str]) -> None:
    """Title, edited and exchanged paragraphs; long unchanged text is cut, unless all is wanted."""
    found = run(folder, "diff", ids["Dam"], "--revisions", "1..3")
    assert found.returncode == 0
    lines = found.stdout.splitlines()
    assert "T Dam bursts{+: 15 dead+}" in lines
    assert any(
        line.startswith("± The dam broke, killing [-12-]{+15+} people.") and line.endswith(" …")
        for line in lines
    )
    assert lines[-2:] == ["- [-Schools open.-]", "+ {+Help came.+}"]
    assert run(folder, "diff", ids["Dam"], "--revisions", "..3").stdout == found.stdout
    whole = run(folder, "diff", ids["Dam"], "--revisions", "1..3", "-v").stdout
    assert LONG.strip() in whole


def test_json(folder: Path, ids: dict[str, str]) -> None:
    """The runs make up both texts."""
    found = run(folder, "diff", ids["Dam"], "--revisions", "1..2", "--json")
    (row,) = map(json.loads, found.stdout.splitlines())
    assert row["id"] == ids["Dam"]
    assert row["revisions"] == [1, 2]
    assert row["kinds"] == ["headline", "figures", "text"]
    assert 0.8 < row["materiality"] < 1
    assert "".join(run["text"] for run in row["title"] if run["op"] != "-") == TEXTS[1][0]
    first, *others = row["paragraphs"]
    assert first["op"] == "edited"
    assert "".join(run["text"] for run in first["runs"] if run["op"] != "+") == TEXTS[0][1].strip()
    assert [edit["op"] for edit in others] == ["same", "removed", "added"]


def test_a_terminal(folder: Path, ids: dict[str, str]) -> None:
    """Colour instead of marks; lines fit, also narrow ones; without colours the marks are back."""
    for columns in (40, 100):
        lines = on_terminal(folder, "diff", ids["Dam"], "--revisions", "1..2", columns=columns)
        assert max(cell_len(ESCAPE.sub("", line)) for line in lines) <= columns
        text = "\n".join(lines)
        assert "\x1b[9;31m12" in text
        assert "\x1b[1;32m15" in text
        assert "[-" not in text
    plain = "\n".join(
        on_terminal(folder, "diff", ids["Dam"], "--revisions", "1..2", columns=100, NO_COLOR="1")
    )
    assert "[-12-]{+15+}" in plain
    assert "\x1b[9;31m" not in plain


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["123"], 1, "six characters of it at least"),
        (["000000"], 1, "there is no article with the id '000000'"),
        (["Ferry"], 1, "has one revision only"),
        (["Dam", "--revisions", "2..1"], 2, "the earlier one first"),
        (["Dam", "--revisions", "1..9"], 2, "two of the revisions 1 to 3"),
        (["Dam", "--revisions", "0..2"], 2, "two of the revisions 1 to 3"),
        (["Dam", "--revisions", "2"], 2, "expected A..B"),
        (["Dam", "--revisions", ".."], 2, "expected A..B"),
        (["Dam", "--revisions", "1..2..3"], 2, "expected A..B"),
        (["Dam", "--revisions", "²..³"], 2, "expected A..B"),
    ],
)
def test_slips(
    folder: Path, ids: dict[str, str], arguments: list[str], status: int, said: str
) -> None:
    """Each is told in one line, with what was expected, and nothing is printed."""
    target, *rest = arguments
    found = run(folder, "diff", ids.get(target, target), *rest)
    assert found.returncode == status
    assert said in found.stderr
    assert found.stdout == ""
    assert "Traceback" not in found.stderr


def test_texts_that_are_no_longer_kept(folder: Path, ids: dict[str, str], tmp_path: Path) -> None:
    """What cannot be compared any more is said, whichever revisions are asked for; those that are
    kept still are compared."""
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with sqlite3.connect(tmp_path / "state" / "monitor.db") as database:
        database.execute("UPDATE revisions SET body = '', pruned = true WHERE number = 1")
    database.close()
    for asked in (["--revisions", "1..2"], ["--revisions", "..3"]):
        found = run(tmp_path, "diff", ids["Dam"], *asked)
        assert (found.returncode, found.stdout) == (1, "")
        assert found.stderr == "monitor: the text of revision 1 is no longer kept (see retention)\n"
    assert "It rains[-.-]" in run(tmp_path, "diff", ids["Dam"]).stdout
