"""What people see on a terminal: tables that fit, colours where they are wanted."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path

import pytest
from rich.cells import cell_len

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples"
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3|4|9|10)\d[;m]")

RIGHT = {"new", "rev.", "unch.", "dupl.", "quar.", "rev", "views", "art.", "att."}  # numbers
RIGHT |= {"articles", "attempts"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which two sample dumps and a file that is none were taken."""
    folder = tmp_path_factory.mktemp("stocked")
    shutil.copy(EXAMPLES / "config.yaml", folder)
    (folder / "inbox").mkdir()
    for sample in sorted((EXAMPLES / "dumps").glob("*.txt"))[1:3]:
        shutil.copy(sample, folder / "inbox")
    (folder / "inbox" / "norland-picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(999))
    subprocess.run(
        [sys.executable, "-m", "monitor", "run", "--once"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder


def on_terminal(folder: Path, *arguments: str, columns: int, **env: str) -> list[str]:
    """The lines that a terminal of so many columns is sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    clean = {
        name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "HOME")
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "monitor", *arguments],
        cwd=folder,
        env=clean | {"TERM": "xterm-256color", "LANG": "C.UTF-8", "TZ": "UTC"} | env,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    sent = b""
    with suppress(OSError):  # Linux says EIO where the other end is closed
        while data := os.read(ours, 65536):
            sent += data
    os.close(ours)
    child.wait(30)
    return sent.decode().replace("\r\n", "\n").splitlines()


@pytest.mark.parametrize(
    ("command", "columns", "headings"),
    [
        ("dumps", 80, "id dump new rev. unch. dupl. quar. state reason"),
        (
            "dumps",
            120,
            "id received dump crawled articles new rev. unch. dupl. quar. state reason",
        ),
        ("articles", 80, "id published rev title rules"),
        ("articles", 120, "id published rev views growth title rules"),
        ("matches", 80, "article rule rev title evidence"),
        ("matches", 120, "article rule rev title evidence"),
        ("deliveries", 80, "id destination state art. att."),
        ("deliveries", 120, "id destination state articles attempts created"),
    ],
)
def test_tables_fit_the_terminal(folder: Path, command: str, columns: int, headings: str) -> None:
    """No line is wider; what a narrow terminal has no room for is left out or shortened, and no
    heading is cut; columns stay aligned under their headings."""
    lines = [ESCAPE.sub("", line) for line in on_terminal(folder, command, columns=columns)]
    assert all(len(line) <= columns for line in lines)
    head, rule, *rows = lines
    assert head.split() == headings.split()
    assert set(rule) == {"─"}
    assert rows
    for found in re.finditer(r"(?<=  )\S", head):  # to the left of a heading stands nothing
        if found.group() and head[found.start() :].split()[0] not in RIGHT:
            assert all(row[found.start() - 2 : found.start()].strip() == "" for row in rows)


@pytest.mark.parametrize(
    ("command", "columns", "headings"),
    [
        ("dumps show 1", 60, "index outcome title reason"),
        ("dumps show 1", 100, "index outcome sure title article reason"),
        ("quarantine list", 60, "name size reason"),
        ("quarantine list", 110, "name when kind size reason"),
    ],
)
def test_lists_of_one_dump_fit_too(folder: Path, command: str, columns: int, headings: str) -> None:
    """Whatever the width, no cell of the table leaves the terminal; wide letters count as two."""
    lines = on_terminal(folder, *command.split(), columns=columns, NO_COLOR="1")
    start = next(place for place, line in enumerate(lines) if set(ESCAPE.sub("", line)) == {"─"})
    table = [ESCAPE.sub("", line) for line in lines[start - 1 :]]
    assert table[0].split() == headings.split()
    assert len(table) > 2
    assert all(cell_len(line) <= columns for line in table)


def test_nothing_is_lost_where_cells_are_broken(folder: Path) -> None:
    """Broken over lines, a title still has all its letters."""
    lines = [ESCAPE.sub("", line) for line in on_terminal(folder, "articles", columns=60)]
    start = lines[0].index("title")
    end = lines[0].find("rules")
    text = " ".join(line[start:end].strip() for line in lines[2:])
    piped = subprocess.run(
        [sys.executable, "-m", "monitor", "articles"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Preparations for Northern Waters Summit Reviewed in Haldenby" in piped
    assert "Preparations for Northern Waters Summit Reviewed in Haldenby" in text


def test_of_very_many_rules_the_first_are_named(tmp_path: Path) -> None:
    """A table names a dozen of an article's rules and counts the others; the JSON has all."""
    names = [f"r{number:02}" for number in range(15)]
    rules = "".join(f"  - {{name: {name}, any: council}}\n" for name in names)
    (tmp_path / "config.yaml").write_text(f"rules:\n{rules}", "utf-8")
    (tmp_path / "inbox").mkdir()
    sample = sorted((EXAMPLES / "dumps").glob("*.txt"))[0]
    shutil.copy(sample, tmp_path / "inbox")

    def printed(*arguments: str) -> list[str]:
        command = [sys.executable, "-m", "monitor", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    printed("run", "--once")
    rows = printed("articles", "--rule", "r14")[2:]
    assert rows
    assert all(row.endswith(", ".join(names[:12]) + " +3") for row in rows)
    listed = [json.loads(row)["rules"] for row in printed("articles", "--rule", "r14", "--json")]
    assert listed == [names] * len(rows)


def test_colours_only_where_they_are_wanted(folder: Path) -> None:
    """On a terminal yes; with NO_COLOR or on a dumb terminal none (no-color.org)."""
    for command in ("check-config", "articles"):
        assert ESCAPE.search("\n".join(on_terminal(folder, command, columns=80)))
        plain = "\n".join(on_terminal(folder, command, columns=80, NO_COLOR="1"))
        assert not COLOUR.search(plain), plain
    assert not COLOUR.search("\n".join(on_terminal(folder, "status", columns=80, TERM="dumb")))


def test_parse_fills_the_terminal_and_no_more(folder: Path) -> None:
    """Paragraphs are broken at words; a wide terminal does not make long lines."""
    dump = next((folder / "state" / "archive").rglob("*03.txt"))
    for columns, widest in ((40, 40), (80, 80), (200, 96)):
        lines = on_terminal(folder, "parse", str(dump), columns=columns, NO_COLOR="1")
        body = [line for line in lines if line.startswith("     ") and " · " not in line]
        assert max(map(len, body)) <= widest
        assert max(map(len, body)) > widest - 16
