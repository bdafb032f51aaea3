"""``monitor profile infer`` on the command line, and on the real dumps beside the checkout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from monitor.cli import main

DUMPS = Path(__file__).parents[2].parent / "shared" / "dumps"
DUMP = "".join(
    f"{day:02}.03.2026, 09:00 {day * 7}\nTown of Karsu opens school number {day}\n"
    f"The mayor opened school number {day} in the old town, Steppe News reports.\n"
    "Copyright by Steppe News.\n"
    for day in range(20, 10, -1)
)


def run(*arguments: str | Path, status: int = 0) -> tuple[str, str]:
    result = CliRunner().invoke(main, ["profile", "infer", *map(str, arguments)])
    assert result.exit_code == status, result.output
    return result.stdout, result.stderr


@pytest.mark.skipif(
    not DUMPS.is_dir(), reason=f"the real dumps are not here ({DUMPS}); they are other people's"
)
def test_the_real_dumps_are_cut_as_expected(tmp_path: Path) -> None:
    """With the profile as it is printed: titles, times, counters, paragraphs and crawl dates."""
    files = sorted(DUMPS.glob("*.txt"))
    assert len(files) == 3
    printed, preview = run(*files, "--zone", "Asia/Almaty", "--name", "kazakhstan-today")
    assert "27 articles, 25 with a time" in preview
    assert "look here" not in preview
    config = tmp_path / "config.yaml"
    config.write_text("sources:\n" + printed)
    runner = CliRunner()
    for file in files:
        result = runner.invoke(main, ["-c", str(config), "parse", "--json", str(file)])
        assert result.exit_code == 0
        expected: dict[str, Any] = json.loads(file.with_suffix(".expected.json").read_text())
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        assert [
            {
                "title": row["title"],
                "published": row["published"],
                "views": row["views"],
                "paragraphs": row["body"].split("\n"),
            }
            for row in rows
        ] == expected["articles"]
        assert {row["crawled"] for row in rows} == {expected["crawled"]}
        assert {row["source"] for row in rows} == {"kazakhstan-today"}


def test_what_is_printed_can_be_pasted(tmp_path: Path) -> None:
    """Standard output is the profile alone; the preview goes to standard error."""
    file = tmp_path / "karsu-2026-03-20.txt"
    file.write_text(DUMP)
    printed, preview = run(file)
    (profile,) = yaml.safe_load("sources:\n" + printed)["sources"]
    assert profile["name"] == "karsu"
    assert profile["match"] == ["karsu-*.txt"]
    assert profile["boilerplate"] == ["Copyright by Steppe News."]
    assert "Zone: UTC." in printed
    assert "2026-03-20 09:00" in preview
    assert "10 articles, 10 with a time; mean confidence 1.00" in preview


def test_json(tmp_path: Path) -> None:
    """One object: the profile, the evidence for each key, what is in doubt, and the preview."""
    file = tmp_path / "karsu.txt"
    file.write_text(DUMP)
    (row,) = map(json.loads, run("--json", file)[0].splitlines())
    assert set(row) == {"profile", "evidence", "doubts", "preview"}
    (dump,) = row["preview"]
    assert len(dump["articles"]) == 10
    assert dump["articles"][0]["views"] == 140


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["empty.txt"], 1, "empty.txt: empty"),
        (["karsu.txt", "image.png"], 1, "image.png: not a dump: it looks like a PNG image"),
        (["karsu.txt", "list.json"], 1, "several formats"),
        (["none.txt"], 1, "none.txt: No such file"),
        ([], 2, "Missing argument"),
        (["karsu.txt", "--zone", "Asia/Almati"], 2, "did you mean Asia/Almaty?"),
        (["karsu.txt", "--name", "Big Name"], 2, "not a name"),
    ],
)
def test_wrong_input(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    status: int,
    said: str,
) -> None:
    """Is told in a sentence, and nothing is printed that looks like a profile."""
    monkeypatch.chdir(tmp_path)
    Path("empty.txt").touch()
    Path("karsu.txt").write_text(DUMP)
    Path("image.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    Path("list.json").write_text('[{"title": "a", "body": "b"}]')
    printed, told = run(*arguments, status=status)
    assert printed == ""
    assert said in told
