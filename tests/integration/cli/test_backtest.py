"""``backtest``: rules tried on a real archive, as people and scripts see it."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.cli import main
from monitor.cli.backtest import MOST_ROWS
from monitor.model import Change, DumpInfo, Known, Outcome, Revision, Sighting
from monitor.store import open_store

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")

# Published on the days 1, 2, 2 and 4 of March.
FIRST = """01.03.2026, 09:40 120
Water level of the lake falls
The water of the lake fell by a metre in a week, the keeper of the gauge told reporters.
Nobody in the valley remembers it lower, and the ferry lies still until the rain comes.

02.03.2026, 08:00 77
Summit on rivers opens
Ministers met for a summit on shared rivers in the old town hall on Monday morning.
The hosts expect three days of talks, and a joint statement at their end.

02.03.2026, 15:00 310
Bakers ask for cheaper flour
The guild of bakers wrote to the ministry of trade that flour costs twice what it did.
An answer is promised before the harvest, says the head of the guild.

04.03.2026, 10:30 15
School choir wins the cup
The choir of the third school sang best of all and took the cup home by train.
Its conductor retires in summer after thirty years at the school.
"""
SECOND = FIRST.replace(
    "Nobody in the valley remembers it lower", "Two summit delegates came to look at it"
)

RULES = [
    {"name": "water", "any": ["water"]},
    {"name": "summit", "any": ["summit"]},
    {"name": "trade", "any": ["flour", "ministry of trade"]},
]


@dataclass(frozen=True)
class Archive:
    """A folder with a store in it."""

    folder: Path

    def configure(self, rules: Any, name: str = "config.yaml") -> Path:
        file = self.folder / name
        whole = {
            "inbox": {"path": "inbox", "settle": "10ms"},
            "state": "state",
            "rules": rules,
            "log": {"format": "json"},
        }
        file.write_text(json.dumps(whole), "utf-8")
        return file

    def __call__(self, *arguments: str | Path, rules: Any = None, **options: Any) -> Result:
        """Run ``backtest`` with these rules in the configuration."""
        config = self.configure(RULES if rules is None else rules, "tried.yaml")
        runner = CliRunner(**options)
        return runner.invoke(main, ["-c", str(config), "backtest", *map(str, arguments)])

    def found(self, *arguments: str | Path, **options: Any) -> dict[str, dict[str, Any]]:
        """The JSON objects by rule."""
        result = self(*arguments, "--json", **options)
        assert result.exit_code == 0, result.output
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        return {row["rule"]: row for row in rows}

    def file(self, *rules: Any) -> Path:
        """Proposed rules."""
        file = self.folder / "proposed.yaml"
        file.write_text(json.dumps({"rules": rules}), "utf-8")
        return file


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Four articles of four days of March, one of which was edited: it speaks of a summit now."""
    archive = Archive(tmp_path_factory.mktemp("archive"))
    config = archive.configure(RULES)
    inbox = archive.folder / "inbox"
    inbox.mkdir()
    for number, text in enumerate((FIRST, SECOND)):
        (inbox / f"{number}.txt").write_text(text, "utf-8")
        subprocess.run(
            [sys.executable, "-m", "monitor", "-c", config, "run", "--once"],
            check=True,
            capture_output=True,
        )
    return archive


def figures(row: dict[str, Any]) -> tuple[int, int, int]:
    return row["hits"], row["gained"], row["lost"]


# --------------------------------------------------------------------------- what is counted


def test_rules_that_stayed_as_they_were(archive: Archive) -> None:
    """They find what they found, in the texts as they are now: nothing gained, nothing lost."""
    found = archive.found()
    assert list(found) == ["water", "summit", "trade"]
    assert found["summit"] == {
        "rule": "summit",
        "standing": "present",
        "articles": 4,
        "hits": 2,
        "gained": 0,
        "lost": 0,
        "first": "2026-03-01T09:40:00+00:00",
        "last": "2026-03-02T08:00:00+00:00",
        "days": {"2026-03-01": 1, "2026-03-02": 1},
        "examples_gained": [],
        "examples_lost": [],
        "partial": False,
    }
    assert [figures(row) for row in found.values()] == [(1, 0, 0), (2, 0, 0), (1, 0, 0)]


def test_rules_changed_since_the_articles_came(archive: Archive) -> None:
    """Compared with the stored matches: an edited rule gains and loses, one that was struck from
    the configuration loses all."""
    found = archive.found(
        rules=[{"name": "summit", "any": ["choir", "rivers"]}, {"name": "cup", "any": ["cup"]}]
    )
    assert {name: (row["standing"], *figures(row)) for name, row in found.items()} == {
        "summit": ("present", 2, 1, 1),
        "cup": ("present", 1, 1, 0),
        "trade": ("removed", 0, 0, 1),
        "water": ("removed", 0, 0, 1),
    }


def test_proposed_rules(archive: Archive) -> None:
    """Compared by name with those of the configuration, whatever was stored."""
    proposed = archive.file(
        {"name": "water", "any": ["lake", "rivers"]}, {"name": "cup", "any": ["cup"]}
    )
    in_force = [{"name": "water", "any": ["lake"]}, {"name": "new", "any": ["flour"]}]
    found = archive.found("--rules", proposed, rules=in_force)
    assert {name: (row["standing"], *figures(row)) for name, row in found.items()} == {
        "water": ("present", 2, 1, 0),
        "cup": ("added", 1, 1, 0),
        "new": ("removed", 0, 0, 1),
    }


def test_a_proposal_may_be_a_whole_configuration(archive: Archive) -> None:
    """Only its rules are looked at: with those in force, nothing changes."""
    whole = archive.configure(RULES, "whole.yaml")
    found = archive.found("--rules", whole)
    assert [(row["standing"], row["gained"], row["lost"]) for row in found.values()] == [
        ("present", 0, 0)
    ] * 3


def test_rules_of_files(archive: Archive) -> None:
    """Rules of rule files and entity files are tried like the others, those in force as well as
    those proposed; a proposal that names the same files changes nothing."""
    folder = archive.folder
    (folder / "more.yaml").write_text("rules: [{name: choir, any: choir}]\n", "utf-8")
    (folder / "names.csv").write_text("name,kind\nMinistry of Trade,organisation\n", "utf-8")
    files = "rule_files: [more.yaml]\nentity_files: [names.csv]\n"
    config = folder / "files.yaml"
    config.write_text(f"state: state\nlog: {{format: json}}\n{files}", "utf-8")
    (folder / "draft.yaml").write_text(files + "rules: [{name: cup, any: cup}]\n", "utf-8")

    def found(*arguments: str) -> dict[str, tuple[Any, ...]]:
        result = CliRunner().invoke(main, ["-c", str(config), "backtest", "--json", *arguments])
        assert result.exit_code == 0, result.output
        rows = map(json.loads, result.stdout.splitlines())
        return {row["rule"]: (row["standing"], *figures(row)) for row in rows}

    in_force = found()
    assert in_force["choir"] == ("present", 1, 1, 0)
    assert in_force["ministry-of-trade"] == ("present", 1, 1, 0)
    assert found("--rules", str(folder / "draft.yaml")) == {
        "cup": ("added", 1, 1, 0),
        "choir": ("present", 1, 0, 0),
        "ministry-of-trade": ("present", 1, 0, 0),
    }


@pytest.mark.parametrize(
    ("limits", "articles"),
    [
        (["--since", "2026-03-02T00:00Z"], 3),
        (["--since", "2026-03-02T08:00Z"], 3),
        (["--until", "2026-03-02T08:00Z"], 1),
        (["--since", "2026-03-02T08:00:01+00:00", "--until", "2026-03-04T10:31Z"], 2),
        (["--until", "1d"], 4),
    ],
)
def test_a_part_of_the_archive(archive: Archive, limits: list[str], articles: int) -> None:
    """By the time of publication: from ``--since`` on, until before ``--until``."""
    assert {row["articles"] for row in archive.found(*limits).values()} == {articles}


def test_some_of_the_rules(archive: Archive) -> None:
    """``--rule`` names those to look at, in force or proposed; ``--changed`` leaves out those
    that found the same."""
    assert list(archive.found("--rule", "trade", "--rule", "water")) == ["water", "trade"]
    proposed = archive.file({"name": "cup", "any": ["cup"]}, {"name": "water", "any": ["water"]})
    assert list(archive.found("--rules", proposed, "--rule", "trade", "--rule", "cup")) == [
        "cup",
        "trade",
    ]
    assert list(archive.found("--rules", proposed, "--changed")) == ["cup", "summit", "trade"]
    assert archive.found("--changed") == {}


def test_examples_can_be_explained(archive: Archive) -> None:
    """Those gained and lost, by an id that ``explain`` takes."""
    rules = [{"name": "summit", "any": ["rivers", "flour", "choir"]}]
    row = archive.found("--examples", "1", rules=rules)["summit"]
    assert figures(row) == (3, 2, 1)
    (lost,) = row["examples_lost"]
    assert lost["title"] == "Water level of the lake falls"
    assert lost["published"] == "2026-03-01T09:40:00+00:00"
    assert [e["title"] for e in row["examples_gained"]] == ["Bakers ask for cheaper flour"]
    config = archive.folder / "tried.yaml"
    explained = CliRunner().invoke(main, ["-c", str(config), "explain", "summit", lost["id"]])
    assert explained.output.startswith("summit does not match: Water level")


# --------------------------------------------------------------------------- how it is shown


def test_the_table(archive: Archive) -> None:
    """Aligned, a bar for each day of the archive; the total is on standard error."""
    result = archive(rules=[{"name": "summit", "any": ["rivers"]}, *RULES[2:]])
    assert result.exit_code == 0
    head, line, *rows = result.stdout.splitlines()
    assert head.split() == ["rule", "hits", "gained", "lost", "first", "last", "by", "day"]
    assert set(line) == {"─"}
    assert [row.split() for row in rows] == [
        ["summit", "1", "0", "1", "2026-03-02", "2026-03-02", "▁█▁▁"],
        ["trade", "1", "0", "0", "2026-03-02", "2026-03-02", "▁█▁▁"],
        ["water", "removed", "0", "0", "1", "▁▁▁▁"],
    ]
    ends = {name: head.index(name) + len(name) for name in ("hits", "gained", "lost")}
    assert all(
        row[end - 1].isdigit() and row[end : end + 1].isspace()
        for row in rows
        for end in ends.values()
    )
    assert result.stderr.startswith("4 articles, 2026-03-01 to 2026-03-04, in ")
    assert "\x1b" not in result.output


def test_examples_below_the_table(archive: Archive) -> None:
    """``-v`` shows three of each, with sign, id, time and title, and says how many more."""
    rules = [{"name": "summit", "any": ["rivers", "flour", "choir"]}]
    lines = archive("--examples", "1", "--rule", "summit", rules=rules).stdout.splitlines()
    assert lines[4] == "summit"
    assert [(line[:4], line.split("  ", 3)[-1]) for line in lines[5:]] == [
        ("  + ", "Bakers ask for cheaper flour"),
        ("  + ", "+ and 1 more"),
        ("  - ", "Water level of the lake falls"),
    ]
    verbose = archive("-v", "--rule", "summit", rules=rules).stdout
    assert "School choir wins the cup" in verbose
    assert "more" not in verbose


def test_ascii_where_nothing_else_can_be_shown(archive: Archive) -> None:
    """An output that is not Unicode gets other bars."""
    result = archive("--rule", "water", charset="ascii")
    assert result.stdout.isascii()
    assert result.stdout.rstrip().endswith("#___")


def test_a_table_of_very_many_rules(archive: Archive) -> None:
    """It shows those that changed or hit something, in their order, and says that it is not all;
    scripts get every rule."""
    idle = [{"name": f"idle-{n}", "any": [f"word{n}"]} for n in range(MOST_ROWS)]
    rules = [*RULES[:1], *idle, {"name": "choir", "any": ["choir"]}]
    result = archive(rules=rules)
    rows = [line.split()[0] for line in result.stdout.splitlines()[2:]]
    assert len(rows) == MOST_ROWS
    assert (rows[0], rows[1], rows[-3:]) == ("water", "idle-0", ["choir", "summit", "trade"])
    assert result.stderr.startswith(f"only {MOST_ROWS} of {MOST_ROWS + 4} rules are shown")
    assert len(archive.found(rules=rules)) == MOST_ROWS + 4


@pytest.mark.parametrize(
    ("columns", "headings"),
    [(50, "rule hits gained lost by day"), (80, "rule hits gained lost first last by day")],
)
def test_the_table_fits_the_terminal(archive: Archive, columns: int, headings: str) -> None:
    """Columns go before lines break."""
    shown = on_terminal(archive, "backtest", columns=columns)
    lines = ESCAPE.sub("", shown.out).splitlines()
    assert lines[0].split() == headings.split()
    assert max(map(len, lines)) <= columns
    assert len(lines) == 5


# --------------------------------------------------------------------------- wrong input


def test_an_unknown_rule(archive: Archive) -> None:
    """Wrong usage, with the nearest name of either set."""
    result = archive("--rule", "watter")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no rule 'watter'; did you mean water?" in result.stderr
    proposed = archive.file({"name": "cup", "any": ["cup"]})
    assert "did you mean cup?" in archive("--rules", proposed, "--rule", "cap").stderr
    assert archive("--rule", "zzz").stderr.rstrip().endswith("there is no rule 'zzz'")


def test_proposed_rules_with_mistakes(archive: Archive) -> None:
    """Each with file, line, column and key; nothing is tried."""
    file = archive.folder / "wrong.yaml"
    file.write_text("rules:\n  - name: a\n    anny: [x]\n  - {name: b, any: [' - ']}\n", "utf-8")
    result = archive("--rules", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{file}:3:5: rules[0].anny: unknown key; did you mean any?" in result.stderr
    assert f"{file}:4:" in result.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        ("", "rules: this key is needed and missing"),
        ("rule: []\n", "rules: this key is needed and missing"),
        ("rules: water\n", "rules: expected a list"),
        ("- water\n", "expected keys and values"),
        ("rules: [\n", "expected"),
    ],
)
def test_a_file_that_holds_no_rules(archive: Archive, text: str | None, said: str) -> None:
    """It is said what is wrong, and where."""
    file = archive.folder / "odd.yaml"
    file.unlink(missing_ok=True)
    if text is not None:
        file.write_text(text, "utf-8")
    result = archive("--rules", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{file}:")
    assert said in result.stderr


def test_times_that_leave_nothing(archive: Archive) -> None:
    """The wrong way round is wrong usage; a time without articles is not."""
    result = archive("--since", "2026-03-02", "--until", "2026-03-01")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--until is not after --since" in result.stderr
    assert archive("--since", "yesterday").exit_code == 2
    result = archive("--since", "2026-03-20")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "no article of that time\n"
    assert [figures(row) for row in archive.found("--since", "2026-03-20").values()] == [
        (0, 0, 0)
    ] * 3


def test_no_rule_to_try(archive: Archive) -> None:
    """An empty proposal is one: all rules go. Without rules and matches there is nothing."""
    found = archive.found("--rules", archive.file())
    assert [row["standing"] for row in found.values()] == ["removed"] * 3
    result = archive("--since", "2026-03-03", rules=[])
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("no rule to try\n")


def test_texts_that_were_forgotten(archive: Archive, tmp_path: Path) -> None:
    """Articles without a text are left out, and it is said how many: also where none is left."""
    shutil.copytree(archive.folder, tmp_path / "pruned")
    pruned = Archive(tmp_path / "pruned")
    with open_store(f"sqlite:///{pruned.folder}/state/monitor.db") as store:
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        store.prune.prune(unseen_since=tomorrow, unedited_since=None, after=3)
        result = pruned()
        assert result.stderr.startswith("3 articles, ")
        assert result.stderr.endswith("; left out: 1 whose text was forgotten\n")
        store.prune.prune(unseen_since=tomorrow, unedited_since=None, after=0)
    for limits in ((), ("--since", "2026-03-01")):
        result = pruned(*limits)
        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr == "no text to try on: those of all 4 articles were forgotten\n"
    assert pruned("--since", "2027-01-01").stderr == "no article of that time\n"


def test_nothing_is_stored_yet(tmp_path: Path) -> None:
    """Without a database that is an error, and none is made; with an empty one it is told."""
    archive = Archive(tmp_path)
    result = archive()
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing is stored yet" in result.stderr
    assert not (tmp_path / "state").exists()
    open_store(f"sqlite:///{tmp_path}/state/monitor.db").close()
    result = archive()
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no article yet\n")
    assert [figures(row) for row in archive.found().values()] == [(0, 0, 0)] * 3


# --------------------------------------------------------------------------- on a terminal


@dataclass(frozen=True)
class Shown:
    """What a terminal was sent, and how the program ended."""

    out: str
    status: int


def on_terminal(
    archive: Archive, *arguments: str, columns: int = 100, interrupt_at: str | None = None
) -> Shown:
    """Run with a terminal for standard output; or for standard error, and ^C once that shows
    something like ``interrupt_at``, a regular expression."""
    config = archive.configure(RULES, "terminal.yaml")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    kept = {n: value for n, value in os.environ.items() if n in ("PATH", "PYTHONPATH", "HOME")}
    err = subprocess.PIPE if interrupt_at is None else theirs
    out = subprocess.PIPE if interrupt_at is not None else theirs
    child = subprocess.Popen(
        [sys.executable, "-m", "monitor", "-c", config, *arguments],
        env=kept | {"TERM": "xterm-256color", "LANG": "C.UTF-8", "TZ": "UTC", "NO_COLOR": "1"},
        stdin=theirs,
        stdout=out,
        stderr=err,
    )
    os.close(theirs)
    sent = b""
    with suppress(OSError):  # Linux says EIO where the other end is closed
        while data := os.read(ours, 65536):
            sent += data
            if interrupt_at is not None and re.search(interrupt_at, sent.decode(errors="replace")):
                child.send_signal(signal.SIGINT)
                interrupt_at = None
    os.close(ours)
    piped = b"".join(part for part in child.communicate(timeout=30) if part)
    return Shown(
        (piped if out == subprocess.PIPE else sent).decode().replace("\r", ""), child.returncode
    )


def fill(url: str, count: int, body: str) -> None:
    """A store with so many articles of one text."""
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    day = date(2026, 3, 1)
    changes = []
    for n in range(count):
        known = Known(
            pk=n + 1,
            id=f"{n:08x}-0000-5000-8000-000000000000",
            source="kt",
            title=f"Title {n}",
            title_key=n,
            content=n,
            paragraphs=(),
            published=now + timedelta(minutes=n),
            published_order=None,
            seen_from=day,
            seen_to=day,
            last_order="o",
            revision=1,
            views=None,
            first_seen=now,
            last_seen=now,
            updated=now,
            confidence=1.0,
            duplicate_of=None,
        )
        changes.append(
            Change(
                n,
                Outcome.NEW,
                "new",
                article=known,
                is_new=True,
                sighting=Sighting("o", n, None),
                revisions=(Revision(1, n, known.title, body, (), "o", now),),
            )
        )
    with open_store(url) as store:
        dump = store.ingest.open_dump(DumpInfo("a" * 64, "a.txt", "kt", 1, now, crawled=day))
        with store.ingest.batch(dump.id) as batch:
            batch.write(changes)


def test_what_was_counted_until_the_interrupt(tmp_path: Path) -> None:
    """^C while the bar moves: what was counted is printed and said to be a part, status 130."""
    count = 400
    archive = Archive(tmp_path)
    fill(f"sqlite:///{tmp_path}/state/monitor.db", count, "the water of the lake fell. " * 4000)
    shown = on_terminal(archive, "backtest", "--json", interrupt_at=rf"[1-9]\d*/{count}")
    assert shown.status == 130
    rows = [json.loads(line) for line in shown.out.splitlines()]
    assert [row["rule"] for row in rows] == ["water", "summit", "trade"]
    assert {row["partial"] for row in rows} == {True}
    (read,) = {row["articles"] for row in rows}
    assert 0 < read < count
    assert rows[0]["hits"] == rows[0]["gained"] == read
