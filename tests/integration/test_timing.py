"""When dumps are told of: through the pipeline and a real store, with a clock that is moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.alerts import Storm, default_route
from monitor.config.intervals import TimeIntervalSettings
from monitor.config.routes import RouteSettings
from monitor.model import Claim, DeliveryKind, Settlement, Withheld
from monitor.pipeline import Policy
from monitor.store import Store, open_store
from tests.integration.test_ingest import COURIER, GAZETTE, POLICY, START, Desk, listing

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NIGHTS = TimeIntervalSettings.model_validate(
    {
        "name": "nights",
        "time_intervals": [
            {"times": [{"start_time": "22:00", "end_time": "24:00"}]},
            {"times": [{"start_time": "00:00", "end_time": "06:00"}]},
        ],
    }
)
WORDS = ("harbour", "storm")
Told = list[tuple[str, str, list[str]]]


class Newsroom(Desk):
    """A desk whose messages are looked at one by one."""

    def __init__(self, store: Store, *, batch: int = 500, **route: Any) -> None:
        super().__init__(store, batch=batch, policy=policy(**route))

    def dump(self, *titles: str, day: str = "2026-03-09", source: str = "gazette") -> None:
        """One dump of articles published at noon of a day; the clock does not move."""
        time = f"{day[8:]}.{day[5:7]}.{day[:4]}, 12:00 10"
        texts = [(time, title, (f"{title} and the {word_of(title)}.",)) for title in titles]
        self.now -= M  # Desk.take() moves it
        self.take(listing(day, *texts), GAZETTE if source == "gazette" else COURIER)

    def messages(self) -> Told:
        """What goes out now: kind, grouping and titles of each message."""
        grouping = {one.id: one.grouping for one in self.store.pages.deliveries(limit=500)}
        found: Told = []
        while claims := self._claims():
            for claim in claims:
                titles = sorted(alert.title for alert in claim.message.alerts)
                found.append((claim.message.kind.value, grouping[claim.key], titles))
        return found

    def _claims(self) -> Sequence[Claim]:
        claims = self.store.outbox.exchange(
            now=self.now,
            owner="test",
            lease=M,
            limit=10,
            busy=(),
            max_items=100,
            base_url="http://page",
            at_once=10,
        ).claims
        sent = [Settlement.sent(claim, self.now) for claim in claims]
        self.store.outbox.settle(sent, owner="test", now=self.now)
        return claims

    def due(self) -> list[datetime]:
        """When what waits is due."""
        waiting = self.store.pages.deliveries(limit=500)
        return sorted(one.next_attempt for one in waiting if one.next_attempt is not None)


def word_of(title: str) -> str:
    return "storm" if title.startswith("Storm") else "harbour"


def policy(storm: Storm | None = None, **route: Any) -> Policy:
    desk = {"receiver": "desk", "group_wait": "1m"} | route
    settings = RouteSettings.model_validate(desk)
    storms = {"desk": storm} if storm is not None else {}
    return replace(POLICY, routing=default_route(settings, (), [NIGHTS]), storms=storms)


def at(hour: int, minute: int = 0, *, day: int = 10) -> datetime:
    return START.replace(day=day, hour=hour, minute=minute)


@pytest.fixture
def reopened(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens the store, again where it is open."""
    opened: list[Store] = []

    def reopen() -> Store:
        for store in opened:
            store.close()
        opened[:] = [open_store(f"sqlite:///{tmp_path / 'monitor.db'}")]
        return opened[0]

    yield reopen
    opened[0].close()


@pytest.fixture
def store(reopened: Callable[[], Store]) -> Store:
    return reopened()


# --------------------------------------------------------------------------- digests, mutes


def test_a_digest_gathers_until_its_time(store: Store) -> None:
    """All that comes before it is one message, and what comes at that very instant the next."""
    desk = Newsroom(store, digest={"at": "18:00"})
    desk.dump("Harbour One")
    desk.now = at(17, 59)
    desk.dump("Harbour Two", "Storm Three")
    assert desk.messages() == []
    assert desk.due() == [at(18)]
    desk.now = at(18)
    desk.dump("Harbour Four")
    name = "digest 18:00 UTC"
    assert desk.messages() == [("digest", name, ["Harbour One", "Harbour Two", "Storm Three"])]
    assert desk.due() == [at(18, day=11)]


def test_an_article_of_two_rules_stands_in_a_digest_once(store: Store) -> None:
    """Though the route above makes a group of each rule."""
    desk = Newsroom(store, group_by="rule", routes=[{"digest": {"every": "1h"}}])
    desk.dump("Storm at the Harbour")
    desk.now = at(10)
    assert desk.messages() == [("digest", "digest every 1h", ["Storm at the Harbour"])]


def test_a_night_is_told_in_the_morning(store: Store) -> None:
    """In one message; what came before goes out as ever, and what falls into the night while it
    gathers is held."""
    desk = Newsroom(store, mute_time_intervals="nights", group_by="article")
    for moment, title in (
        (at(21, 58), "Harbour Early"),
        (at(21, 59), "Harbour Late"),
        (at(23), "Harbour Night"),
        (at(3, day=11), "Storm Night"),
    ):
        desk.now = moment
        desk.dump(title)
    assert desk.due() == [at(21, 59), at(6, day=11)]
    desk.now = at(5, 59, day=11)
    assert [(kind, titles) for kind, _, titles in desk.messages()] == [
        ("alerts", ["Harbour Early"])
    ]
    desk.now = at(6, day=11)
    night = ["Harbour Late", "Harbour Night", "Storm Night"]
    assert desk.messages() == [("held", "held nights", night)]


def test_a_digest_in_the_night_waits_for_the_morning(store: Store) -> None:
    """It goes to the end of the mute."""
    desk = Newsroom(store, mute_time_intervals="nights", digest={"at": "23:00"})
    desk.dump("Harbour")
    assert desk.due() == [at(6, day=11)]


def test_what_is_dropped_is_recorded(store: Store) -> None:
    """With its receiver and the reason, once."""
    desk = Newsroom(store, mute_time_intervals="nights", muted="drop", max_age="2d", old="drop")
    desk.now = at(23)
    desk.dump("Harbour Night")
    desk.dump("Storm Long Ago", day="2026-02-01")
    desk.now = at(7, day=11)
    desk.dump("Harbour Morning", day="2026-03-10")
    desk.now = at(8, day=11)
    assert [titles for _, _, titles in desk.messages()] == [["Harbour Morning"]]
    found = [
        (one.reason, one.receiver, one.rules, one.detail) for one in store.pages.suppressions()
    ]
    assert sorted(found) == [
        (Withheld.MUTED, "desk", ("harbour",), "nights"),
        (Withheld.OLD, "desk", ("storm",), "older than 2d"),
    ]


# --------------------------------------------------------------------------- groups


def test_of_two_routes_to_one_receiver_the_one_that_tells_first(store: Store) -> None:
    """Whichever stands first: that one of them drops, or waits, keeps nothing from being told."""
    night = {"mute_time_intervals": ["nights"], "muted": "drop"}
    both = [night | {"continue": True}, {"digest": {"every": "1h"}, "continue": True}, {}]
    room = Newsroom(store, routes=both)
    room.now = at(23)
    room.dump("Storm at night")
    assert room.due() == [at(23, 1)]
    assert not store.pages.suppressions()
    room.now = at(23, 20)
    assert room.messages() == [("alerts", "", ["Storm at night"])]
    room.policy = policy(routes=both[:2])
    room.dump("Storm goes on")
    assert room.due() == [at(0, day=11)]


def test_messages_of_their_own(store: Store) -> None:
    """For each source, or each rule; an article of two rules is then told in two."""
    desk = Newsroom(store, group_by="source")
    desk.dump("Harbour One", "Storm Two")
    desk.dump("Harbour Three", source="courier")
    desk.now += M
    assert sorted(desk.messages()) == [
        ("alerts", 'source="courier"', ["Harbour Three"]),
        ("alerts", 'source="gazette"', ["Harbour One", "Storm Two"]),
    ]
    desk.policy = policy(group_by="rule")
    desk.dump("Storm at the Harbour", "Harbour Four")
    desk.now += M
    assert sorted(desk.messages()) == [
        ("alerts", 'rule="harbour"', ["Harbour Four", "Storm at the Harbour"]),
        ("alerts", 'rule="storm"', ["Storm at the Harbour"]),
    ]


def test_a_long_dump_is_one_message_of_each_group(store: Store) -> None:
    """However many transactions it takes; at its end it is due as its route says."""
    desk = Newsroom(store, batch=2, group_by="rule", group_interval="1h")
    desk.dump(*(f"Harbour {n}" for n in range(5)), "Storm", *(f"Harbour {n}" for n in range(5, 9)))
    assert desk.due() == [desk.now + M] * 2
    desk.now += M
    assert sorted(len(titles) for _, _, titles in desk.messages()) == [1, 9]


def test_the_pause_between_two_messages(store: Store) -> None:
    """Of a group, from when the last was due; other groups do not wait."""
    desk = Newsroom(store, group_by="source", group_interval="1h")
    desk.dump("Harbour One")
    first = desk.now + M
    desk.now += 5 * M
    assert len(desk.messages()) == 1
    desk.dump("Harbour Two")
    desk.now += 5 * M
    desk.dump("Harbour Three")
    desk.dump("Harbour Else", source="courier")
    assert desk.due() == [desk.now + M, first + H]
    desk.now = first + H
    assert [titles for _, _, titles in desk.messages()] == [
        ["Harbour Else"],
        ["Harbour Three", "Harbour Two"],
    ]


# --------------------------------------------------------------------------- storms, old articles


def test_a_storm_becomes_one_message(store: Store) -> None:
    """At the end of the window; then there are single ones again. Digests do not count."""
    desk = Newsroom(store, group_by="article", storm=Storm(3, 10 * M))
    titles = [f"Harbour {n}" for n in range(9)]
    desk.dump(*titles[:2])
    start = desk.now
    desk.now += M
    assert len(desk.messages()) == 2
    desk.dump(*titles[2:5])
    desk.now += M
    desk.dump(*titles[5:])
    assert desk.due() == [start + 2 * M, start + 10 * M]
    desk.now = start + 10 * M
    assert [(kind, len(found)) for kind, _, found in desk.messages()] == [
        ("alerts", 1),
        ("storm", 6),
    ]
    desk.dump("Harbour After")
    desk.now += M
    assert [(kind, found) for kind, _, found in desk.messages()] == [("alerts", ["Harbour After"])]


@pytest.mark.parametrize("most", [1, 3])
def test_no_window_of_a_storm_has_more_messages(store: Store, most: int) -> None:
    """That with the rest is one of them: alerts that go on coming make no more of these."""
    desk = Newsroom(store, group_by="article", group_wait="0s", storm=Storm(most, 10 * M))
    told: list[datetime] = []
    count = 0
    for number in range(40):
        desk.dump(f"Harbour {number}")
        sent = desk.messages()
        told += [desk.now] * len(sent)
        count += sum(len(titles) for _, _, titles in sent)
        desk.now += M
    desk.now += 10 * M
    assert count + sum(len(titles) for _, _, titles in desk.messages()) == 40
    assert max(sum(at <= one < at + 10 * M for one in told) for at in told) == most


def test_one_old_dump_is_told_at_once(store: Store) -> None:
    """And marked; however many transactions it takes."""
    desk = Newsroom(store, batch=2)
    desk.dump(*(f"Harbour {n}" for n in range(5)), "None of Them", day="2020-03-01")
    assert desk.due() == [desk.now + M]
    desk.now += M
    ((kind, grouping, titles),) = desk.messages()
    assert (kind, grouping, len(titles)) == ("backfill", "backfill", 6)


def test_a_first_import_is_a_few_messages(store: Store) -> None:
    """Of many old dumps; a new one between them is told as ever."""
    desk = Newsroom(store, group_wait="1s")
    for number in range(60):
        desk.dump(f"Harbour {number}", day=f"2020-01-{number % 28 + 1:02}")
        if number == 30:
            desk.dump("Harbour New")
        desk.now += timedelta(seconds=10)
        desk.messages()
    desk.now += H
    desk.messages()
    kinds = [one.kind for one in store.pages.deliveries(limit=500)]
    assert sorted(kinds) == [DeliveryKind.ALERTS] + [DeliveryKind.BACKFILL] * 5
    assert sum(one.total for one in store.pages.deliveries(limit=500)) == 61


def test_edits_from_an_old_dump_are_old(store: Store) -> None:
    """By the day of the crawl; an article is new by when it was published."""
    desk = Newsroom(store, max_age="30d")
    text = "The harbour is shut."
    for day, body in (("2026-01-02", (text,)), ("2026-01-03", (text, "The storm goes on."))):
        desk.take(listing(day, ("01.03.2026, 09:00 10", "Harbour", body)))
    desk.now += H
    kinds = [(kind, titles) for kind, _, titles in desk.messages()]
    assert sorted(kinds) == [("alerts", ["Harbour"]), ("backfill", ["Harbour"])]


def test_what_is_to_come_is_not_old(store: Store) -> None:
    """A time in the future is told as ever."""
    desk = Newsroom(store)
    desk.dump("Harbour", day="2027-01-01")
    desk.now += M
    assert [kind for kind, _, _ in desk.messages()] == ["alerts"]


# --------------------------------------------------------------------------- rounds and clocks


def test_a_round_leaves_what_is_held(store: Store) -> None:
    """``run --once`` ends the waiting for company and no other."""
    desk = Newsroom(store, routes=[{"matchers": "rule=storm", "digest": {"at": "18:00"}}])
    desk.policy = replace(desk.policy, least_wait=H)
    desk.dump("Harbour", "Storm")
    desk.dump("Harbour Long Ago", day="2020-01-01")
    assert desk.due() == [START + H, START + H, at(18)]
    assert store.outbox.due_now(now=desk.now) == 2
    assert sorted(kind for kind, _, _ in desk.messages()) == ["alerts", "backfill"]
    assert (store.pages.counts().held, store.pages.counts().held_until) == (1, at(18))


def test_the_pause_of_a_group_counts_from_the_round_that_told_it(store: Store) -> None:
    """And not from when it would have been due without the round."""
    desk = Newsroom(store, group_by="source", group_interval="1h")
    desk.policy = replace(desk.policy, least_wait=H)
    for minutes, title in ((0, "Harbour One"), (20, "Harbour Two"), (40, "Harbour Three")):
        desk.now = START + minutes * M
        desk.dump(title)
        store.outbox.due_now(now=desk.now)
        assert len(desk.messages()) == (minutes == 0)
    assert desk.due() == [START + H]


def test_stored_times_stay_over_a_reload(store: Store) -> None:
    """Another digest takes what comes from now on; what gathered goes out when it was to."""
    desk = Newsroom(store, digest={"at": "18:00"})
    desk.dump("Harbour One")
    desk.policy = policy(digest={"at": "12:00"})
    desk.dump("Harbour Two")
    assert desk.due() == [at(12), at(18)]


@pytest.mark.parametrize(
    "route",
    [
        {"digest": {"at": "18:00"}},
        {"mute_time_intervals": "nights"},
        {"group_interval": "2h", "group_by": "rule"},
        {"group_by": "article", "storm": Storm(2, 30 * M)},
        {"max_age": "1d"},
    ],
    ids=["digest", "mute", "pause", "storm", "backfill"],
)
@pytest.mark.parametrize("jump", [D, -H, 40 * D], ids=str)
def test_a_clock_that_jumps(
    reopened: Callable[[], Store], route: dict[str, Any], jump: timedelta
) -> None:
    """Forwards or backwards, with a restart between: nothing is lost and nothing told twice."""
    desk = Newsroom(reopened(), **route)
    made: list[str] = []
    told: list[str] = []

    def some(hours: int) -> None:
        for _ in range(hours):
            made.extend(f"{word.title()} {len(made)}{word}" for word in WORDS)
            desk.dump(*made[-2:])
            told.extend(title for _, _, titles in desk.messages() for title in titles)
            desk.now += H

    desk.now = at(20)
    some(4)
    desk.now += jump
    desk.store.close()
    again = Newsroom(reopened(), **route)
    again.now, desk = desk.now, again
    some(4)
    desk.now += 2 * D
    told.extend(title for _, _, titles in desk.messages() for title in titles)
    assert sorted(told) == sorted(made)
