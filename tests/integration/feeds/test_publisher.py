"""The publisher on a real file system: only what changed, whole files, a thread that lives."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from structlog.testing import capture_logs

from monitor.config.settings import FeedSettings
from monitor.errors import StoreError
from monitor.feeds import Publisher, PublishError
from monitor.feeds.publisher import SLICE
from monitor.model import Entry, Match

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BASE = "http://127.0.0.1:8808"


def entry(number: int = 1, *rules: str, title: str = "A title") -> Entry:
    at = NOW - timedelta(minutes=number)
    return Entry(
        id=f"0b5c3a52-9a7d-4c61-8f0e-{number:012d}",
        source="wire",
        title=title,
        body="A lead.",
        published=at,
        first_seen=at,
        last_seen=at,
        updated=at,
        revision=1,
        views=None,
        confidence=1.0,
        matches=tuple(Match(rule, ()) for rule in rules),
    )


class MemoryStore:
    """A FeedStore over a list, that can be told to fail and to hold callers up."""

    def __init__(self, *entries: Entry) -> None:
        self.content = list(entries)
        self.broken = False
        self.asked: list[str | None] = []
        self.calls = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()

    def entries(
        self, rule: str | None, *, since: datetime, at_least: int, at_most: int
    ) -> Sequence[Entry]:
        self.asked.append(rule)
        self.calls.release()
        assert self.gate.wait(10)
        if self.broken:
            raise StoreError("database is locked")
        found = [e for e in self.content if rule is None or rule in e.rules]
        fresh = [e for e in found if e.updated >= since]
        return found[: max(at_least, len(fresh))][:at_most]


Make = Callable[..., Publisher]


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(entry(1, "water"), entry(2, "power"))


@pytest.fixture
def make(store: MemoryStore, tmp_path: Path) -> Iterator[Make]:
    """``make(*rules)``: a publisher into ``tmp_path``, stopped at the end."""
    made: list[Publisher] = []

    def publisher(*rules: str, **settings: object) -> Publisher:
        made.append(Publisher(store, tmp_path, FeedSettings(**settings), BASE, rules, lambda: NOW))
        return made[-1]

    yield publisher
    store.gate.set()
    for one in made:
        one.stop(10)


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def titles(path: Path) -> list[str]:
    read = feedparser.parse(path.read_bytes())
    assert not read.bozo
    return [one.title for one in read.entries]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "did not happen in 20 s"
        time.sleep(0.01)


# ----------------------------------------------------------------------------- publish


def test_publish_writes_the_main_feed_and_every_rules(make: Make, tmp_path: Path) -> None:
    """The first publication writes all files, an empty rule's too, and nothing beside them."""
    assert make("water", "power", "nothing").publish() == 4
    assert files(tmp_path) == {
        "all.atom",
        "rules/water.atom",
        "rules/power.atom",
        "rules/nothing.atom",
    }
    assert len(titles(tmp_path / "all.atom")) == 2
    assert len(titles(tmp_path / "rules/water.atom")) == 1
    assert titles(tmp_path / "rules/nothing.atom") == []


def test_what_did_not_change_is_not_written(make: Make, tmp_path: Path) -> None:
    """Same store, same files: not even their time stamps move, so readers get 304."""
    make("water").publish()
    before = stamps(tmp_path)
    assert make("water").publish() == 0
    assert stamps(tmp_path) == before


def stamps(folder: Path) -> dict[Path, tuple[int, int]]:
    return {p: (p.stat().st_ino, p.stat().st_mtime_ns) for p in folder.rglob("*.atom")}


def test_only_the_named_rules_are_published(make: Make, store: MemoryStore) -> None:
    """With names, the main feed and these rules' feeds; a name that is no rule is passed over."""
    publisher = make("water", "power")
    assert publisher.publish(["power", "gone", "../../etc/x"]) == 2
    assert store.asked == [None, "power"]


def test_a_changed_file_gets_a_new_second(make: Make, store: MemoryStore, tmp_path: Path) -> None:
    """Two publications in one second, or after the clock was set back, differ in Last-Modified."""
    publisher = make()
    publisher.publish()
    seen = [int((tmp_path / "all.atom").stat().st_mtime)]
    for number in (3, 4):
        store.content.append(entry(number))
        publisher.publish()
        seen.append(int((tmp_path / "all.atom").stat().st_mtime))
    assert seen[0] < seen[1] < seen[2]


def test_files_are_for_others_to_read(make: Make, tmp_path: Path) -> None:
    """A web server of another user may read the files (less the umask), nobody may write them."""
    old = os.umask(0o022)
    try:
        make().publish()
    finally:
        os.umask(old)
    assert (tmp_path / "all.atom").stat().st_mode & 0o777 == 0o644


def test_the_window_is_by_time_and_by_count(make: Make, store: MemoryStore, tmp_path: Path) -> None:
    """At least min_entries, all of min_age, never more than max_entries."""
    store.content = [entry(60 * n) for n in range(1, 31)]  # one an hour, 30 hours back
    publisher = make(min_entries=3, min_age="10h", max_entries=20)
    publisher.publish()
    assert len(titles(tmp_path / "all.atom")) == 10
    publisher.configure(FeedSettings(min_entries=15, min_age="10h", max_entries=20), BASE, ())
    publisher.publish()
    assert len(titles(tmp_path / "all.atom")) == 15
    publisher.configure(FeedSettings(min_age="30h", max_entries=20), BASE, ())
    publisher.publish()
    assert len(titles(tmp_path / "all.atom")) == 20


def test_one_feed_that_cannot_be_written_stops_no_other(make: Make, tmp_path: Path) -> None:
    """A folder in a feed's place fails that feed, says which, and the others are published."""
    (tmp_path / "rules" / "water.atom").mkdir(parents=True)
    with pytest.raises(PublishError, match=r"rules/water\.atom") as caught:
        make("water", "power").publish()
    assert caught.value.feeds == ("water",)
    assert caught.value.written == 2
    assert len(titles(tmp_path / "rules/power.atom")) == 1


def test_a_full_disk_leaves_the_old_feed(make: Make, store: MemoryStore, tmp_path: Path) -> None:
    """When the new bytes cannot be written the old file still stands, whole, and no litter."""
    import resource
    import signal

    publisher = make()
    publisher.publish()
    before = (tmp_path / "all.atom").read_bytes()
    store.content += [entry(n, title="x" * 250) for n in range(10, 200)]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 1000, limits[1]))
    try:
        with pytest.raises(PublishError, match=r"all\.atom"):
            publisher.publish()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, old)
    assert (tmp_path / "all.atom").read_bytes() == before
    assert files(tmp_path) == {"all.atom"}
    assert publisher.publish() == 1


def test_a_reader_never_sees_half_a_file(make: Make, store: MemoryStore, tmp_path: Path) -> None:
    """While the feed is replaced over and over, every read is one whole feed or the other."""
    publisher = make()
    publisher.publish()
    done = threading.Event()
    seen: set[bytes] = set()
    reader = threading.Thread(
        target=lambda: [
            seen.add((tmp_path / "all.atom").read_bytes()) for _ in iter(done.is_set, True)
        ]
    )
    reader.start()
    written = {(tmp_path / "all.atom").read_bytes()}
    try:
        for number in range(40):
            store.content = [entry(n) for n in range(1, 3 + number % 2 * 100)]
            publisher.publish()
            written.add((tmp_path / "all.atom").read_bytes())
    finally:
        done.set()
        reader.join()
    assert seen <= written


# ----------------------------------------------------------------------------- reload


def test_feeds_of_rules_that_are_gone_are_removed(make: Make, tmp_path: Path) -> None:
    """After a reload the old rule's feed and a crash's leftovers go; other files stay."""
    publisher = make("water", "power")
    publisher.publish()
    (tmp_path / ".all.atom.0011.tmp").write_text("half")
    (tmp_path / "rules" / ".water.atom.0011.tmp").write_text("half")
    (tmp_path / "notes.txt").write_text("mine")
    publisher.configure(FeedSettings(), BASE, ["power"])
    publisher.remove_stale()
    assert files(tmp_path) == {"all.atom", "rules/power.atom", "notes.txt"}


def test_very_many_feeds_are_no_burden_to_a_mark(make: Make, tmp_path: Path) -> None:
    """With 100,000 rules what is marked is published, and the rest of them left as they are."""
    publisher = make(*(f"n{number}" for number in range(100_000)))
    assert publisher.publish(["n99999", "gone", "n5"]) == 3
    publisher.remove_stale()
    assert files(tmp_path) == {"all.atom", "rules/n5.atom", "rules/n99999.atom"}


def test_a_reload_waits_for_no_publication(make: Make, store: MemoryStore, tmp_path: Path) -> None:
    """While a feed is being made new settings are taken over at once; the feed that was under way
    for a rule that is gone is removed by the thread itself."""
    publisher = make("water", "power")
    store.gate.clear()
    publisher.start()
    publisher.mark(["water"])
    wait_for(lambda: store.asked == [None])
    reload = threading.Thread(target=publisher.configure, args=(FeedSettings(), BASE, ["power"]))
    reload.start()
    reload.join(10)
    waited = reload.is_alive()
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "water.atom").write_text("of the rule that is gone")
    store.gate.set()
    assert not waited
    wait_for(lambda: files(tmp_path) == {"all.atom", "rules/power.atom"})


def test_remove_stale_without_a_folder(make: Make, tmp_path: Path) -> None:
    """Before anything was published there is nothing to remove, and that is no error."""
    make("water").remove_stale()
    assert files(tmp_path) == set()


# ----------------------------------------------------------------------------- the thread


def test_marked_feeds_are_published(make: Make, store: MemoryStore, tmp_path: Path) -> None:
    """What is marked reaches the files without anybody calling publish."""
    publisher = make("water", "power")
    publisher.start()
    publisher.mark(["water"])
    wait_for(lambda: (tmp_path / "rules/water.atom").exists())
    assert not (tmp_path / "rules/power.atom").exists()
    store.content.insert(0, entry(5, "power"))
    publisher.mark()
    wait_for(lambda: (tmp_path / "rules/power.atom").exists())
    assert len(titles(tmp_path / "all.atom")) == 3


def test_many_marks_are_one_publication(make: Make, store: MemoryStore, tmp_path: Path) -> None:
    """A storm of marks during a publication makes one more, not one each."""
    publisher = make("water")
    store.gate.clear()
    publisher.start()
    publisher.mark([])
    assert store.calls.acquire(timeout=10)
    for _ in range(1000):
        publisher.mark(["water"])
    store.gate.set()
    wait_for(lambda: (tmp_path / "rules/water.atom").exists())
    publisher.stop(10)
    assert store.asked == [None, None, "water"]


def test_news_goes_before_the_backlog(make: Make, store: MemoryStore, tmp_path: Path) -> None:
    """Marking everything (a start, a reload) makes a mark wait for one slice of it at most."""
    names = [f"rule-{number}" for number in range(10 * SLICE)]
    publisher = make(*names)
    store.gate.clear()
    publisher.mark(None)
    publisher.start()
    assert store.calls.acquire(timeout=10)
    publisher.mark(names[-1:])
    store.gate.set()
    wait_for(lambda: (tmp_path / f"rules/{names[-1]}.atom").exists())
    assert store.asked.index(names[-1]) <= SLICE + 1
    wait_for(lambda: {f"rules/{name}.atom" for name in names} <= files(tmp_path))
    assert store.asked.count(names[-1]) == 1


def test_a_backlog_is_one_line_of_the_log(make: Make) -> None:
    """However many feeds are written after a start, the log says so once, with their number."""
    publisher = make(*(f"rule-{number}" for number in range(5 * SLICE)))
    with capture_logs() as logs:
        publisher.mark(None)
        publisher.start()
        wait_for(lambda: any(line["event"] == "feeds.published" for line in logs))
        publisher.stop(10)
    told = [line["written"] for line in logs if line["event"] == "feeds.published"]
    assert told == [1 + 5 * SLICE]


def test_an_error_is_retried_and_the_thread_lives(
    make: Make, store: MemoryStore, tmp_path: Path
) -> None:
    """While the store fails nothing is lost; once it is back the feed appears unasked."""
    publisher = make("water")
    store.broken = True
    publisher.start()
    publisher.mark(["water"])
    for _ in range(2):
        assert store.calls.acquire(timeout=10)
    wait_for(lambda: publisher.problem is not None)
    assert publisher.problem == "cannot publish all.atom: database is locked (and 1 more)"
    store.broken = False
    wait_for(lambda: publisher.problem is None)
    assert files(tmp_path) == {"all.atom", "rules/water.atom"}


def test_flush_waits_for_what_the_thread_took(
    make: Make, store: MemoryStore, tmp_path: Path
) -> None:
    """When flush returns, what was marked before is in the files, whoever published it."""
    publisher = make("water")
    publisher.start()
    for number in range(20):
        store.content.append(entry(100 + number, title=f"number {number}"))
        publisher.mark(["water"])
        publisher.flush()
        assert f"number {number}" in titles(tmp_path / "all.atom")


def test_flush_reports_and_keeps_the_marks(make: Make, store: MemoryStore, tmp_path: Path) -> None:
    """A flush that fails raises; the next one publishes what is still marked."""
    publisher = make("water")
    publisher.mark(["water"])
    store.broken = True
    with pytest.raises(PublishError, match="database is locked"):
        publisher.flush()
    store.broken = False
    publisher.flush()
    assert files(tmp_path) == {"all.atom", "rules/water.atom"}


def test_stop_publishes_what_is_marked(make: Make, store: MemoryStore, tmp_path: Path) -> None:
    """A mark made right before stop is on disk when stop returns; a stopped one starts again."""
    publisher = make("water")
    publisher.start()
    publisher.mark([])
    publisher.flush()
    publisher.mark(["water"])
    publisher.stop(10)
    assert (tmp_path / "rules/water.atom").exists()
    publisher.start()
    store.content.append(entry(7, title="after"))
    publisher.mark([])
    wait_for(lambda: "after" in titles(tmp_path / "all.atom"))


def test_stop_does_not_wait_for_a_store_that_fails(make: Make, store: MemoryStore) -> None:
    """With a store that keeps failing, stop tries once more and then ends."""
    publisher = make("water")
    store.broken = True
    publisher.start()
    publisher.mark([])
    assert store.calls.acquire(timeout=10)
    publisher.stop(10)
    assert "feeds" not in {thread.name for thread in threading.enumerate()}


def test_a_rule_removed_while_it_is_marked(make: Make, tmp_path: Path) -> None:
    """A reload between mark and publication: the rule that is gone gets no file."""
    publisher = make("water", "power")
    publisher.mark(["water"])
    publisher.configure(FeedSettings(), BASE, ["power"])
    publisher.flush()
    assert files(tmp_path) == {"all.atom", "rules/power.atom"}
