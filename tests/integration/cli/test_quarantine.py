"""The ledger's and the quarantine's commands, over the real program in one process."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor import log
from monitor.cli import main

DUMP = """\
01.02.2026, 09:00 5
Weir Rises over the Night
The weir of Haldenby rose by a hand over the night.
02.02.2026, 09:00
03.02.2026, 09:00
日本語の題名が長いときの表
The second text has a title in wide characters.
"""
BAD_PROFILE = {"name": "norland", "boilerplate_patterns": [".*"]}  # no line is left to be read
GOOD_PROFILE = {"name": "norland", "boilerplate": ["Images"]}

Rows = list[dict[str, Any]]


class Desk:
    """A configuration of its own in a folder, and the commands in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inbox = folder / "inbox"
        self.quarantine = folder / "state" / "quarantine"
        self.inbox.mkdir()
        self.profile(GOOD_PROFILE)

    def profile(self, *sources: dict[str, Any]) -> None:
        settings = {
            "inbox": {"path": "inbox", "settle": "1ms"},
            "sources": sources,
            "rules": [{"name": "weir", "any": ["weir"]}],
            "log": {"format": "json"},
        }
        (self.folder / "config.yaml").write_text(json.dumps(settings), "utf-8")

    def __call__(self, *arguments: str, status: int = 0) -> Result:
        config = ["-c", str(self.folder / "config.yaml")]
        result = CliRunner().invoke(main, [*config, *arguments])
        assert result.exit_code == status, result.output
        return result

    def rows(self, *arguments: str, status: int = 0) -> Rows:
        lines = self("--json", *arguments, status=status).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def run(self) -> None:
        self("run", "--once")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield Desk(tmp_path)
    log.configure("json", "error")


def test_a_mended_profile_and_a_retry_give_the_articles(desk: Desk) -> None:
    """Refused as a whole with its pieces; put back, read anew from its start in the same row of
    the ledger; of its pieces only those stay that are still bad."""
    desk.profile(BAD_PROFILE)
    (desk.inbox / "dump.txt").write_text(DUMP, "utf-8")
    desk.run()
    (refused,) = desk.rows("dumps")
    assert (refused["state"], refused["articles"], refused["quarantined"]) == ("quarantined", 3, 3)
    listed = desk.rows("quarantine", "list")
    assert sorted(one["kind"] for one in listed) == ["file", "piece", "piece", "piece"]
    assert desk.rows("articles") == []

    desk.profile(GOOD_PROFILE)
    (back,) = desk.rows("quarantine", "retry", "--all")
    assert back == {"name": "dump.txt", "kind": "file", "inbox": "dump.txt"}
    assert [path.name for path in desk.inbox.iterdir()] == ["dump.txt"]
    assert list(desk.quarantine.iterdir()) == []
    desk.run()
    (done,) = desk.rows("dumps")
    assert (done["id"], done["state"], done["reason"]) == (refused["id"], "done", None)
    assert (done["new"], done["quarantined"], done["copies"]) == (2, 1, 2)
    assert {article["title"] for article in desk.rows("articles", "--rule", "weir")} == {
        "Weir Rises over the Night"
    }
    (piece,) = desk.rows("quarantine", "list")
    assert (piece["kind"], piece["index"], piece["line"]) == ("piece", 1, 4)


def test_retry_without_mending_ends_where_it_began(desk: Desk) -> None:
    """Refused again, the file is back in quarantine with its reason, and nothing is lost."""
    desk.profile(BAD_PROFILE)
    (desk.inbox / "dump.txt").write_text(DUMP, "utf-8")
    desk.run()
    before = {path.name for path in desk.quarantine.iterdir()}
    for _ in range(2):
        desk("quarantine", "retry", "dump.txt")
        desk.run()
        assert {path.name for path in desk.quarantine.iterdir()} == before
        assert (desk.quarantine / "dump.txt").read_text("utf-8") == DUMP
        (dump,) = desk.rows("dumps")
        assert (dump["state"], dump["articles"]) == ("quarantined", 3)


def test_a_dump_cut_short_keeps_what_is_stored_of_it(desk: Desk) -> None:
    """The file of one that was read in part is in quarantine; a retry reads on where it ended and
    stores and tells nothing twice."""
    whole = gzip.compress(DUMP.encode(), mtime=0)
    (desk.inbox / "dump.txt.gz").write_bytes(whole[:-12])
    desk.run()
    (before,) = desk.rows("dumps")
    assert before["state"] == "partial"
    assert before["new"] >= 1
    revisions = [article["revision"] for article in desk.rows("articles")]
    desk("quarantine", "retry", "dump.txt.gz")
    desk.run()
    (after,) = desk.rows("dumps")
    assert after == before | {"copies": 2}
    assert [article["revision"] for article in desk.rows("articles")] == revisions
    assert "dump.txt.gz" in {one["name"] for one in desk.rows("quarantine", "list")}


def test_a_piece_becomes_a_dump_of_its_own(desk: Desk) -> None:
    """Its text alone, under a name by which the same source is found, whatever code page that
    declares; it is in the ledger with its own counts."""
    russian = "Уровень реки поднялся за ночь на ладонь, сообщает агентство."
    text = f"01.02.2026, 09:00\nПаводок на реке\n{russian}\n02.02.2026, 09:00\n"
    profile = {"name": "volga", "match": ["volga-*.txt"], "encoding": "windows-1251"}
    desk.profile(profile)
    (desk.inbox / "volga-1.txt").write_bytes(text.encode("windows-1251"))
    desk.run()
    (piece,) = desk.rows("quarantine", "list")
    # The title's pattern is what is mended: the time line alone now is a title.
    desk.profile(profile | {"header": r"(?P<time>\d{4}-\d{2}-\d{2})"})
    (back,) = desk.rows("quarantine", "retry", piece["name"])
    assert back["inbox"] == "volga-1.piece-1.txt"
    desk.run()
    (dump,) = [dump for dump in desk.rows("dumps") if dump["name"] == back["inbox"]]
    assert (dump["source"], dump["state"], dump["new"]) == ("volga", "done", 1)
    assert "02.02.2026, 09:00" in {article["title"] for article in desk.rows("articles")}
    assert desk.rows("quarantine", "list") == []


def test_a_retry_of_all_leaves_pieces_where_they_are(desk: Desk) -> None:
    """The file of a piece may long be archived: pieces go back by their names only."""
    (desk.inbox / "dump.txt").write_text(DUMP, "utf-8")
    desk.run()
    (piece,) = desk.rows("quarantine", "list")
    assert desk.rows("quarantine", "retry", "--all") == []
    assert desk.rows("quarantine", "list") == [piece]


def test_of_several_those_that_can_go_back_do(desk: Desk) -> None:
    """One whose name is taken in the inbox stays, with its reason, and is named; the others go."""
    desk.profile(BAD_PROFILE)
    for name in ("a.txt", "b.txt"):
        (desk.inbox / name).write_text(f"{name}\n{DUMP}", "utf-8")
    desk.run()
    (desk.inbox / "a.txt").write_text("another", "utf-8")
    result = desk("quarantine", "retry", "--all", status=1)
    assert "a.txt: a file of that name waits in the inbox" in result.stderr
    assert "1 of 2 not put back" in result.stderr
    assert (desk.inbox / "a.txt").read_text("utf-8") == "another"
    assert (desk.inbox / "b.txt").read_text("utf-8").startswith("b.txt")
    assert "a.txt" in {one["name"] for one in desk.rows("quarantine", "list")}
    assert (desk.quarantine / "a.txt.reason.json").exists()


def test_a_file_is_found_by_what_the_ledger_has_of_it(desk: Desk) -> None:
    """By the name it came by, with its folder, and by its SHA-256; where several came by one name
    they are told, and none is taken for another."""
    desk.profile({"name": "wire", "folder": "wire"}, GOOD_PROFILE)
    (desk.inbox / "wire").mkdir()
    (desk.inbox / "wire" / "dump.txt").write_bytes(b"%PDF-1.7 of the wire")
    desk.run()
    (ledger,) = desk.rows("dumps")
    for name in ("wire/dump.txt", ledger["sha256"][:12]):
        (found,) = desk.rows("quarantine", "show", name)
        assert (found["name"], found["sha256"]) == ("dump.txt", ledger["sha256"])
    (desk.inbox / "wire" / "dump.txt").write_bytes(b"%PDF-1.7 of another day")
    desk.run()
    told = desk("quarantine", "show", "wire/dump.txt", status=1).stderr
    assert "name one of dump." in told
    assert "dump.txt" in told
    (found,) = desk.rows("quarantine", "show", desk.rows("dumps")[0]["sha256"][:6])
    assert found["text"] == "%PDF-1.7 of another day"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["quarantine", "show", ""], 1, "nothing in quarantine is called"),
        (["quarantine", "retry"], 2, "say --all"),
        (["quarantine", "retry", "a", "--all"], 2, "say --all"),
        (["quarantine", "retry", "nothing.txt"], 1, "nothing in quarantine is called nothing.txt"),
        (["quarantine", "show", "../../config.yaml"], 1, "nothing in quarantine is called"),
        (["dumps", "show", "nothing"], 1, "no dump is called nothing"),
    ],
)
def test_what_is_not_there_is_said(
    desk: Desk, arguments: list[str], status: int, said: str
) -> None:
    """One line and an exit status; no path leads out of the quarantine."""
    (desk.inbox / "dump.txt").write_text(DUMP, "utf-8")
    desk.run()
    assert said in desk(*arguments, status=status).stderr


def test_text_is_shown_safely_and_what_is_none_as_bytes(desk: Desk) -> None:
    """Nothing in a refused file commands the terminal; of binary data the first bytes are shown."""
    desk.quarantine.mkdir(parents=True)
    (desk.quarantine / "escape.txt").write_bytes("a\x1b[31mb\u202ec\nd".encode())
    (desk.quarantine / "picture").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5))
    (desk.quarantine / "long.txt").write_bytes("é".encode() * 40_000)
    shown = desk("quarantine", "show", "escape.txt").stdout
    assert "\x1b" not in shown
    assert "a\ufffd[31mb\ufffdc\nd" in shown
    assert "no reason stands beside it" in shown
    assert "00000000  89 50 4e 47 0d 0a 1a 0a" in desk("quarantine", "show", "picture").stdout
    (picture,) = desk.rows("quarantine", "show", "picture")
    assert (picture["text"], picture["head"]) == (None, "89504e470d0a1a0a0000000000")
    (long,) = desk.rows("quarantine", "show", "long.txt")
    assert (set(long["text"]), long["cut"]) == ({"é"}, True)


def test_a_dump_is_shown_with_each_segment(desk: Desk) -> None:
    """What each became, its title and why; the sum is counted anew and stands above."""
    (desk.inbox / "dump.txt").write_text(DUMP, "utf-8")
    desk.run()
    (dump,) = desk.rows("dumps", "show", "dump.txt")
    assert dump["disagreements"] == []
    assert [(one["index"], one["outcome"], one["title"]) for one in dump["segments"]] == [
        (0, "new", "Weir Rises over the Night"),
        (1, "quarantined", None),
        (2, "new", "日本語の題名が長いときの表"),
    ]
    assert all(one["reason"] for one in dump["segments"])
    assert {one["article_id"] for one in dump["segments"]} == {
        None,
        *(article["id"] for article in desk.rows("articles")),
    }
    text = desk("dumps", "show", dump["sha256"][:8]).stdout
    assert "3 = 2 new + 1 quarantined (counted; the ledger agrees)" in text
    (bad,) = desk.rows("dumps", "show", str(dump["id"]), "--outcome", "quarantined")
    assert [one["index"] for one in bad["segments"]] == [1]
    limited = desk("dumps", "show", "1", "--limit", "1")
    assert "and 2 more segments" in limited.stderr


def test_a_ledger_that_does_not_add_up_is_told(desk: Desk) -> None:
    """A row that was meddled with is named, and the exit status says so."""
    import sqlite3

    (desk.inbox / "dump.txt").write_text(DUMP, "utf-8")
    desk.run()
    database = sqlite3.connect(desk.folder / "state" / "monitor.db")
    with database:
        database.execute("UPDATE dumps SET new = new + 1, position = position + 1")
    database.close()
    result = desk("dumps", "show", "1", status=1)
    assert "new: the ledger says 3, there are 2" in result.stdout
    assert "the ledger agrees" not in result.stdout
    assert "do not agree" in result.stderr
