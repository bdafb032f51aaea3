"""Conditions of sources from the ledger to the outbox: said once, and cleared once."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.app.health import SourceWatch
from monitor.app.policy import compile_policy
from monitor.config import Settings
from monitor.dumps import parse
from monitor.errors import StoreError
from monitor.model import (
    Alert,
    AlertKind,
    Condition,
    DeliveryState,
    DumpInfo,
    HealthCheck,
    HealthState,
    Outcome,
    Settlement,
)
from monitor.pipeline import Pipeline
from monitor.store import Store, open_store

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SETTINGS = {
    "sources": [{"name": "daily", "match": ["*"]}],
    "route": {
        "receiver": "desk",
        "group_wait": "0s",
        "routes": [{"receiver": "watch", "matchers": ['kind="health"'], "group_wait": "0s"}],
    },
    "receivers": [
        {"name": "desk", "console_configs": [{}]},
        {"name": "watch", "console_configs": [{}]},
    ],
}

_WARDS = "Aker Berg Dale Eide Foss Grim Hove Inde Juve Krok Lund Moen"
UNTIMED = "".join(
    f"Council Hears Report of Ward {ward}\nThe ward of {ward} was heard by the council on Monday,"
    " the agency reports.\nMore is to be read there.\n"
    for ward in _WARDS.split()
)


@dataclass
class Machine:
    """One program: a store, a watch, and clocks that are moved by hand."""

    store: Store
    settings: Settings = field(default_factory=lambda: Settings.model_validate(SETTINGS))
    now: datetime = START
    steady: float = 0.0
    count: int = 0
    woken: int = 0

    def __post_init__(self) -> None:
        self.compiled = compile_policy(self.settings, "http://page", out=io.StringIO())
        self.watch = self.restarted()
        self.pipeline = Pipeline(
            self.store.ingest, clock=lambda: self.now, keep_bad=lambda dump, bad: None
        )

    def restarted(self) -> SourceWatch:
        """The watch of a program that has just been started."""
        self.watch = SourceWatch(
            self.store.health,
            compiled=lambda: self.compiled,
            clock=lambda: self.now,
            on_told=self.wake,
            monotonic=lambda: self.steady,
        )
        self.watch.listen()
        return self.watch

    def wake(self) -> None:
        self.woken += 1

    def wait(self, hours: float) -> None:
        """Both clocks go on, with a look every half of an hour."""
        for _ in range(round(hours * 2)):
            self.now += HOUR / 2
            self.steady += 1800
            self.watch.look(silence=True)

    def dump(
        self,
        articles: int = 12,
        *,
        text: str | None = None,
        day: int | None = None,
        name: str | None = None,
    ) -> None:
        """One dump comes in, and is judged."""
        self.count += 1
        when = self.now - timedelta(hours=2) if day is None else START + timedelta(days=day)
        text = text or "".join(
            f"{when:%d.%m.%Y, %H}:{number:02} 7\nCouncil Hears Report {self.count}-{number}\n"
            f"Report {self.count}-{number} was read to the council, the town's daily reports.\n"
            for number in range(articles)
        )
        name = name or f"daily-{self.count}"
        info = DumpInfo(f"{self.count:064}", name, "daily", 1, self.now)
        profile = self.settings.sources[0]
        stream = io.BytesIO(text.encode())
        self.pipeline.ingest(
            parse(stream, profile, name=info.name), info, profile, self.compiled.policy
        )
        self.watch.look(silence=False)

    def same_again(self) -> None:
        """The last dump comes once more, byte by byte."""
        info = DumpInfo(f"{self.count:064}", f"daily-{self.count}", "daily", 1, self.now)
        self.pipeline.ingest([], info, self.settings.sources[0], self.compiled.policy)
        self.watch.look(silence=False)

    def hourly(self, count: int) -> None:
        for _ in range(count):
            self.wait(0.5)
            self.now += HOUR / 2
            self.steady += 1800
            self.dump()

    def told(self) -> list[str]:
        """Titles that the receiver ``watch`` was to be told since the last call."""
        return [alert.title for alert in self.alerts()]

    def alerts(self) -> list[Alert]:
        found: list[Alert] = []
        while claims := self.store.outbox.exchange(
            now=self.now,
            owner="test",
            lease=HOUR,
            limit=10,
            busy=(),
            max_items=100,
            base_url="http://page",
        ).claims:
            for claim in claims:
                self.store.outbox.settle(
                    [Settlement.sent(claim, self.now)], owner="test", now=self.now
                )
                health = [a for a in claim.message.alerts if a.kind is AlertKind.HEALTH]
                assert claim.destination.receiver == "watch" or not health
                found += health
        return found

    def standing(self) -> list[str]:
        return [condition.check.value for condition in self.store.pages.conditions()]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'monitor.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request: pytest.FixtureRequest, url: str) -> str:
    if request.param == "sqlite":
        return url
    emptied: str = request.getfixturevalue("emptied_postgres")
    return emptied


@pytest.fixture
def machine(url: str) -> Iterator[Machine]:
    with open_store(url) as store:
        yield Machine(store)


def test_silence_is_said_once_and_cleared_once(any_url: str) -> None:
    """After three usual pauses; a restart in between says nothing again, nor does an hour of
    looking; the next dump ends it."""
    with open_store(any_url) as store:
        _silence(Machine(store))


def _silence(machine: Machine) -> None:
    machine.hourly(8)
    machine.wait(2.5)
    assert machine.told() == []
    machine.wait(1)
    assert machine.told() == ["daily: no dump for 3 h (usually every 60 min)"]
    machine.restarted()
    machine.wait(5)
    assert (machine.told(), machine.standing()) == ([], ["silent"])
    machine.dump()
    machine.wait(0.5)
    assert (machine.told(), machine.standing()) == (["daily: dumps arrive again"], [])
    machine.wait(1)
    assert machine.told() == []
    assert machine.woken == 2


def test_a_dump_that_ends_a_silence_ends_it_at_once(url: str) -> None:
    """Also one of a source that is silent again a moment later, before the next regular look."""
    sources = [{"name": "daily", "health": {"silence": "20s"}}]
    with open_store(url) as store:
        machine = Machine(store, Settings.model_validate(SETTINGS | {"sources": sources}))
        machine.dump()
        machine.wait(0.5)
        assert machine.told() == ["daily: no dump for 30 min (the limit is 20 s)"]
        machine.dump()
        assert (machine.told(), machine.standing()) == (["daily: dumps arrive again"], [])
        machine.wait(1)
        assert machine.told() == ["daily: no dump for 30 min (the limit is 20 s)"]


def test_the_same_bytes_again_are_no_silence(any_url: str) -> None:
    """A page without news that is crawled every hour gives one dump, and comes all the same."""
    with open_store(any_url) as store:
        machine = Machine(store)
        machine.hourly(8)
        for _ in range(9):
            machine.wait(1)
            machine.same_again()
        assert machine.told() == []
        assert store.pages.counts().last_dump == machine.now
        machine.wait(3.5)
        assert machine.told() == ["daily: no dump for 3 h (usually every 60 min)"]
        machine.same_again()
        assert machine.told() == ["daily: dumps arrive again"]


def test_a_piece_that_is_retried_says_nothing_of_its_source(machine: Machine) -> None:
    """One article of a dump of last week is no dump with few articles, and ends no silence."""
    machine.hourly(8)
    machine.wait(3.5)
    assert machine.standing() == ["silent"]
    machine.dump(1, name="daily-3.piece-2.txt")
    machine.wait(0.5)
    assert machine.standing() == ["silent"]
    machine.dump()
    assert machine.standing() == []
    assert len(machine.told()) == 2


@pytest.mark.parametrize(
    ("begins", "said", "ends"),
    [
        ({"articles": 2}, "2 articles in daily-8 (usually 12)", "as many articles as usual again"),
        ({"day": 3}, "12 of 12 articles in daily-8 have times", "times are as they should be"),
        (
            {"text": "\x00\x01\x02"},
            "daily-8 was refused: not a dump",
            "dumps are read again",
        ),
        (
            {"text": UNTIMED},
            "0 of 12 articles in daily-8 have a time (usually 100%)",
            "times as usual again",
        ),
    ],
    ids=["few", "clock", "quarantined", "drift"],
)
def test_a_dump_unlike_the_others_is_said_once(
    machine: Machine, begins: dict[str, object], said: str, ends: str
) -> None:
    """The first like it says so, the second nothing, the first as ever that it is over."""
    machine.hourly(7)
    assert machine.told() == []
    machine.wait(1)
    machine.dump(**begins)
    told = machine.told()
    assert any(title.startswith(f"daily: {said}") for title in told), told
    machine.restarted()
    machine.wait(1)
    machine.dump(**begins)
    assert not any(title.startswith(f"daily: {said[2:]}") for title in machine.told())
    machine.hourly(1)
    ended = machine.told()
    assert any(title.startswith(f"daily: {ends}") for title in ended), ended
    machine.hourly(1)
    assert (machine.told(), machine.standing()) == ([], [])


def test_a_crash_before_the_commit_says_nothing_and_the_next_look_does(machine: Machine) -> None:
    """Condition and alert are one transaction: neither is there, or both."""
    machine.hourly(8)
    machine.wait(1)

    with pytest.raises(ZeroDivisionError), machine.store.health.batch() as batch:
        batch.begin(Condition("daily", HealthCheck.FEW, machine.now, "x"))
        raise ZeroDivisionError
    assert machine.standing() == []
    machine.dump(2)
    assert machine.standing() == ["few"]
    assert len(machine.told()) == 1


def test_two_programs_on_one_database_say_it_once(any_url: str) -> None:
    """Both look at the same moment, again and again; each change is told by one of them."""
    with open_store(any_url) as first, open_store(any_url) as second:
        one, two = Machine(first), Machine(second)
        one.hourly(8)
        told = []
        for count in (2, 12, 2, 12):
            one.wait(1)
            one.watch, kept = _Blind(), one.watch
            one.dump(count)
            one.watch, two.now = kept, one.now
            both = threading.Barrier(2)

            def look(machine: Machine, both: threading.Barrier = both) -> None:
                both.wait(30)
                machine.watch.look(silence=False)

            threads = [threading.Thread(target=look, args=(each,)) for each in (one, two)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            told += [(alert.health.state, alert.revision) for alert in one.alerts() if alert.health]
        firing, resolved = (HealthState.FIRING, 1), (HealthState.RESOLVED, 2)
        assert told == [firing, resolved, firing, resolved]


class _Blind(SourceWatch):
    """Sees nothing."""

    def __init__(self) -> None:
        pass

    def look(self, *, silence: bool) -> None:
        pass


def test_a_clock_that_jumps_is_no_silence(machine: Machine) -> None:
    """Set forward by a day, or after a sleep: dumps get the time to come that they usually take."""
    machine.hourly(8)
    machine.now += timedelta(days=1)
    machine.wait(0.5)
    assert machine.told() == []
    machine.dump()
    machine.wait(2)
    assert machine.told() == []


def test_a_source_may_be_left_out(url: str) -> None:
    """``enabled: false``: nothing is said of it; with a silence of its own that is the limit."""
    sources = [{"name": "daily", "health": {"enabled": False}}]
    with open_store(url) as store:
        machine = Machine(store, Settings.model_validate(SETTINGS | {"sources": sources}))
        machine.hourly(8)
        machine.wait(9)
        machine.dump(1)
        assert (machine.told(), machine.standing()) == ([], [])
        sources = [{"name": "daily", "health": {"silence": "30m"}}]
        machine.settings = Settings.model_validate(SETTINGS | {"sources": sources})
        machine.compiled = compile_policy(machine.settings, "http://page", out=io.StringIO())
        machine.wait(1)
        assert any("no dump for" in title for title in machine.told())


def test_without_receivers_a_condition_is_kept_all_the_same(url: str) -> None:
    """The page and the commands show it."""
    with open_store(url) as store:
        machine = Machine(store, Settings.model_validate({"sources": SETTINGS["sources"]}))
        machine.hourly(8)
        machine.dump(1)
        assert machine.standing() == ["few"]
        assert store.pages.deliveries(state=DeliveryState.PENDING) == []


def test_a_store_that_fails_is_asked_again(machine: Machine) -> None:
    """The look ends without an error; the next one does what this one could not."""
    machine.hourly(8)
    machine.wait(1)

    class Failing:
        def view(self) -> object:
            raise StoreError("gone")

        batch = view

    broken = SourceWatch(
        Failing(),
        compiled=lambda: machine.compiled,
        clock=lambda: machine.now,
        on_told=machine.wake,
    )
    broken.look(silence=True)
    machine.dump(1)
    assert len(machine.told()) == 1


def test_the_ledger_counts_how_well_articles_were_read(machine: Machine) -> None:
    """Times, unsure cuts and odd times of a dump stand in its row, also of one in many batches."""
    machine.dump(5)
    machine.dump(4, day=30)
    machine.dump(text="A Headline Stands Alone\nWith a text that names nobody at all.\n")
    (untimed, ahead, plain) = machine.store.pages.dumps()
    assert (plain.quality.timed, plain.quality.unsure, plain.quality.odd_times) == (5, 0, 0)
    assert (ahead.quality.timed, ahead.quality.odd_times) == (4, 4)
    assert (untimed.quality.timed, untimed.quality.unsure) == (0, untimed.outcomes[Outcome.NEW])
