"""Forgotten texts are no news when they come again; the daily round, and the archive."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor import log
from monitor.alerts import default_route
from monitor.app.prune import prune, prune_if_due
from monitor.cli import main
from monitor.config import RuleSettings, Settings, SourceSettings
from monitor.config.routes import RouteSettings
from monitor.dumps import parse
from monitor.inbox.archive import prune_archive
from monitor.model import AlertKind, Destination, DumpInfo, Settlement
from monitor.pipeline import Ingested, Pipeline, Policy
from monitor.rules import compile_rules
from monitor.store import Store, open_store

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
DAILY = SourceSettings(name="daily")
EVENTS = ["new", "revised", "started", "dropped"]
POLICY = Policy(
    compile_rules(
        [
            RuleSettings.model_validate({"name": name, "any": [name], "on": EVENTS})
            for name in ("harbour", "storm")
        ]
    ),
    default_route(RouteSettings(receiver="desk", group_wait=timedelta(0)), ()),
    {"desk": [Destination("desk/test/0", "desk", "test")]},
    "http://page",
)
KEEP = Settings.model_validate({"retention": {"bodies": "30d", "revisions": "10d"}})


class Desk:
    """A pipeline over a store, with a clock that is moved by hand."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = START
        self._pipeline = Pipeline(
            store.ingest, clock=lambda: self.now, keep_bad=lambda dump, bad: None
        )

    def take(self, text: str) -> Ingested:
        data = text.encode()
        sha256 = hashlib.sha256(data).hexdigest()
        info = DumpInfo(sha256, f"{sha256[:6]}.txt", "daily", len(data), self.now)
        segments = parse(io.BytesIO(data), DAILY, name="dump.txt")
        return self._pipeline.ingest(segments, info, DAILY, POLICY)

    def told(self) -> list[tuple[AlertKind, tuple[str, ...]]]:
        """Kind and rules of every alert since the last call."""
        found = []
        while claims := self.store.outbox.exchange(
            now=self.now,
            owner="test",
            lease=DAY,
            limit=10,
            busy=(),
            max_items=100,
            base_url="http://page",
        ).claims:
            for claim in claims:
                self.store.outbox.settle(
                    [Settlement.sent(claim, self.now)], owner="test", now=self.now
                )
                found += [(alert.kind, alert.rules) for alert in claim.message.alerts]
        return found

    def forget(self) -> int:
        """All that is old after a year."""
        self.now += 365 * DAY
        return prune(self.store.prune, KEEP, now=self.now).texts.texts


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_store(f"sqlite:///{tmp_path / 'monitor.db'}") as store:
        yield Desk(store)


def edition(day: int, *bodies: str) -> str:
    """A listing crawled on a day of March, with an article for each body."""
    lines = [f" date 2026-03-{day:02}"]
    for number, body in enumerate(bodies):
        lines += [
            f"01.03.2026, 09:{number:02} {day}",
            f"Council Hears Report Number {number}",
            f"The council heard report number {number}, the town's daily reports.",
            *body.split("|"),
        ]
    return "\n".join(lines)


BEFORE = "The harbour is to be dredged next year.|The cost of that is not known."
AFTER = "The harbour is to be dredged this year.|The cost of that is not known."


def test_what_comes_again_after_its_text_was_forgotten_is_no_news(desk: Desk) -> None:
    """The very dumps, the same articles in later and in earlier listings: nothing is new, nothing
    revised, and nobody is told."""
    dumps = [edition(2, BEFORE, "A storm is to come."), edition(3, AFTER, "A storm is to come.")]
    for dump in dumps:
        desk.take(dump)
    assert len(desk.told()) == 3
    assert desk.forget() == 3
    for dump in dumps:
        assert desk.take(dump).seen_before
    later = desk.take(edition(9, AFTER, "A storm is to come.")).dump
    assert (later.new, later.revised, later.unchanged) == (0, 0, 2)
    earlier = desk.take(edition(1, BEFORE, "A storm is to come.")).dump
    assert (earlier.new, earlier.revised, earlier.unchanged) == (0, 0, 2)
    assert desk.told() == []
    assert desk.store.pages.counts().articles == 2


def test_an_edit_of_a_forgotten_text_is_a_revision(desk: Desk) -> None:
    """It is told as one, and as neither the beginning nor the end of a match: whether the text
    before matched is not known. The new text is kept."""
    desk.take(edition(2, BEFORE))
    desk.told()
    assert desk.forget() == 1
    done = desk.take(edition(9, "A storm is to come.|The cost of that is not known.")).dump
    assert (done.new, done.revised) == (0, 1)
    assert desk.told() == [(AlertKind.REVISED, ("storm",))]
    (segment,) = desk.store.pages.segments(done.id)
    assert "the text before is no longer kept" in segment.reason
    (entry,) = desk.store.pages.articles()
    assert (entry.revision, entry.pruned, "storm" in entry.body) == (2, False, True)
    assert [revision.pruned for revision in desk.store.pages.chain(entry.id)] == [True, False]
    assert desk.store.pages.edits(entry.id) == {}


def test_a_text_that_is_taken_back_is_kept_anew(desk: Desk) -> None:
    """The first of three texts was forgotten; shown again, late or as the newest, it is there."""
    desk.take(edition(2, BEFORE))
    desk.take(edition(3, AFTER))
    desk.told()
    assert desk.forget() == 2
    desk.take(edition(9, BEFORE))
    (entry,) = desk.store.pages.articles()
    assert (entry.revision, entry.pruned) == (3, False)
    assert "next year" in entry.body
    desk.take(edition(1, BEFORE))
    chain = desk.store.pages.chain(entry.id)
    assert [(one.pruned, "next year" in one.body) for one in chain] == [
        (False, True),
        (True, False),
        (False, True),
    ]


def test_a_copy_of_a_forgotten_text_tells_what_its_original_does_not(desk: Desk) -> None:
    """What the original said is known from its stored matches, without its text."""
    desk.take(edition(2, BEFORE))
    desk.told()
    desk.forget()
    with desk.store.ingest.batch(1) as batch:
        assert set(batch.matched(1)) == {"harbour"}
        assert batch.text(1) is None


def test_once_a_day_and_by_one(desk: Desk, tmp_path: Path) -> None:
    """The daily round forgets texts once for all programs on a database, and archived files once
    for each of them."""
    for name in ("one", "two"):
        day = tmp_path / name / "archive" / "2026" / "03" / "01"
        day.mkdir(parents=True)
        (day / "dump.txt").write_text("x")
    desk.take(edition(2, BEFORE))
    desk.told()
    stop = threading.Event()

    def round_of(name: str) -> bool:
        keep = {"bodies": "30d", "archive": "30d"}
        settings = Settings.model_validate({"state": str(tmp_path / name), "retention": keep})
        prune_if_due(desk.store.prune, settings, owner=name, now=desk.now, stop=stop)
        return (tmp_path / name / "archive" / "2026").exists()

    assert round_of("one")
    desk.now += 20 * DAY
    assert round_of("one")
    desk.now += 20 * DAY
    assert not round_of("one")
    assert desk.store.pages.articles()[0].pruned
    assert round_of("two") is False
    (day / "late.txt").parent.mkdir(parents=True)
    (day / "late.txt").write_text("x")
    assert round_of("two")


def test_without_a_setting_nothing_is_forgotten(desk: Desk) -> None:
    """The default keeps all; an age beyond the calendar too."""
    desk.take(edition(2, BEFORE))
    desk.told()
    desk.now += 9_000 * DAY
    for keep in ({}, {"bodies": "999999d", "revisions": "999999d", "archive": "999999d"}):
        settings = Settings.model_validate({"retention": keep})
        report = prune(desk.store.prune, settings, now=desk.now)
        assert (report.texts.texts, report.archive_files, report.compacted) == (0, 0, False)


def test_a_stop_ends_it_between_two_transactions(desk: Desk) -> None:
    """What was not forgotten then is so the next time."""
    desk.take(edition(2, BEFORE))
    desk.told()
    stop = threading.Event()
    stop.set()
    later = desk.now + 365 * DAY
    assert prune(desk.store.prune, KEEP, now=later, stop=stop).texts.texts == 0
    assert prune(desk.store.prune, KEEP, now=later).texts.texts == 1


# --------------------------------------------------------------------------- the archive


def test_only_whole_days_go_from_the_archive(tmp_path: Path) -> None:
    """Days that ended at or before the moment, also below a source's folder; what the program did
    not put there stays, and so do links."""
    files = [
        "2026/02/27/a.txt",
        "2026/02/28/b.txt",
        "2026/03/01/c.txt",
        "wire/2026/02/28/d.txt",
        "2026/02/30/no-day.txt",
        "notes/2026.txt",
        "2026/readme",
        "wire/deep/2026/02/28/e.txt",
    ]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("12345")
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "kept.txt").write_text("x")
    (tmp_path / "2026/02/26").symlink_to(outside)
    (tmp_path / "2026/02/27/link").symlink_to(outside / "kept.txt")
    moment = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
    assert prune_archive(tmp_path, before=moment, dry_run=True) == (3, 15)
    assert prune_archive(tmp_path, before=moment) == (3, 15)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left >= {*files[2:3], *files[4:]}
    assert left.isdisjoint(files[:2] + files[3:4])
    assert not (tmp_path / "2026/02/28").exists()
    assert (outside / "kept.txt").exists()
    assert prune_archive(tmp_path, before=moment) == (0, 0)
    assert prune_archive(tmp_path / "nothing", before=moment) == (0, 0)


# --------------------------------------------------------------------------- the command


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Path]:
    """A folder in which a dump was taken, with a retention of no time at all."""
    settings = {
        "inbox": {"path": "inbox", "settle": "1ms"},
        "rules": [{"name": "harbour", "any": ["harbour"]}],
        "retention": {"bodies": "1ms", "archive": "0s"},
        "log": {"format": "json"},
    }
    (tmp_path / "config.yaml").write_text(json.dumps(settings), "utf-8")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "dump.txt").write_text(edition(2, BEFORE), "utf-8")
    yield tmp_path
    log.configure("json", "error")


def run(folder: Path, *arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(main, ["-c", str(folder / "config.yaml"), *arguments])
    assert result.exit_code == status, result.output
    return result


def test_the_command_says_what_went(command: Path) -> None:
    """Dry first: nothing goes; then it does, and sizes are told. The text of a forgotten article
    cannot be explained, which is said."""
    run(command, "run", "--once")
    dry = json.loads(run(command, "--json", "prune", "--dry-run").stdout)
    assert (dry["dry_run"], dry["texts"], dry["archive_files"]) == (True, 1, 0)
    assert dry["database_before"] == dry["database_after"] > 0
    assert "1 would be forgotten" in run(command, "prune", "--dry-run").stdout
    done = json.loads(run(command, "--json", "prune").stdout)
    assert (done["dry_run"], done["texts"], done["characters"]) == (False, 1, dry["characters"])
    assert (done["compacted"], done["note"]) == (False, None)
    text = run(command, "prune").stdout
    assert "0 forgotten" in text
    assert "free for new articles" in text
    article = json.loads(run(command, "--json", "articles").stdout)
    refused = run(command, "explain", "harbour", article["id"], status=1)
    assert "no longer kept" in refused.stderr
    assert (command / "state" / "archive").exists()


def test_without_retention_the_command_says_so(command: Path) -> None:
    """Nothing that may be forgotten is named."""
    settings = json.loads((command / "config.yaml").read_text("utf-8"))
    del settings["retention"]
    (command / "config.yaml").write_text(json.dumps(settings), "utf-8")
    run(command, "run", "--once")
    result = run(command, "prune")
    assert "names nothing that may be forgotten" in result.stderr
    assert "0 forgotten" in result.stdout
