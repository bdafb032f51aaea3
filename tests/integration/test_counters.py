"""Counters through the pipeline into a real store: what is kept, what rules say, who is told."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.model import AlertKind, Claim, Entry, Point
from monitor.pipeline import Policy
from monitor.store import Store, open_store
from tests.integration.test_ingest import BODY, COURIER, EDITED, TITLE, Desk, listing, policy

READ = {"name": "read", "query": "board AND views:>50"}
FAST = {"name": "fast", "query": "board AND growth:>=100"}
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)

Shown = tuple[int, int, tuple[str, ...]]
"""Hour of the crawl, counter, text."""


@cache
def empty_store() -> bytes:
    """A migrated database without rows."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "monitor.db"
        open_store(f"sqlite:///{file}").close()
        return file.read_bytes()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh(tmp_path) as opened:
        yield opened


def fresh(folder: Path) -> Store:
    file = folder / "monitor.db"
    file.write_bytes(empty_store())
    return open_store(f"sqlite:///{file}")


def dump(hour: int, views: int, body: tuple[str, ...] = BODY) -> str:
    """A listing of 1 March whose newest article, another one, is of this hour."""
    head = (f"01.03.2026, {hour:02}:30 1", f"Weather at {hour}", (f"It is {hour} o'clock.",))
    return listing("2026-03-01", head, (f"01.03.2026, 00:10 {views}", TITLE, body))


def board(store: Store) -> Entry:
    (found,) = [entry for entry in store.pages.articles() if entry.title == TITLE]
    return found


def rising(*rules: dict[str, object], **more: object) -> Policy:
    return policy(*(rule | more for rule in rules))


def test_the_counter_is_kept_over_time(store: Store) -> None:
    """By the time of the crawl, whatever the order in which the dumps came."""
    desk = Desk(store)
    for hour, views in ((9, 90), (5, 10), (7, 50)):
        desk.take(dump(hour, views))
    found = board(store)
    times = {hour: datetime(2026, 3, 1, hour, 30, tzinfo=UTC) for hour in (5, 7, 9)}
    assert store.pages.views(found.id) == [
        Point(times[5], 10), Point(times[7], 50), Point(times[9], 90)
    ]  # fmt: skip
    assert found.growth == 20.0
    assert store.pages.views("nothing") == []
    assert [entry.growth for entry in store.pages.archive(growth=True) if entry.id == found.id] == [
        20.0
    ]


def test_a_dump_of_today_was_crawled_when_it_came(store: Store) -> None:
    """Its arrival is nearer to the truth than its newest article."""
    desk = Desk(store)
    for hours, views in ((0, 10), (2, 50)):
        desk.now = NOON + hours * timedelta(hours=1)
        text = dump(9, views).replace(" date 2026-03-01", " date 2026-03-10")
        desk.take(text + f"\nCrawled {hours}.")
    minute = timedelta(minutes=1)
    assert store.pages.views(board(store).id) == [
        Point(NOON + minute, 10), Point(NOON + minute + timedelta(hours=2), 50)
    ]  # fmt: skip


def test_growth_is_asked_of_each_crawl(store: Store) -> None:
    """The text matches once one crawl does, and is told; not again when it is slow and fast
    again."""
    desk = Desk(store, policy=rising(FAST))
    told = []
    for hour, views in ((5, 10), (6, 60), (7, 200), (8, 210), (9, 900)):
        desk.take(dump(hour, views))
        told.append(desk.told())
    assert told == [[], [], [(AlertKind.RISEN, 1, ("fast",))], [], []]
    (match,) = board(store).matches
    assert [(e.field, e.text) for e in match.evidence if e.field == "growth"] == [
        ("growth", "140.0")
    ]


@pytest.mark.parametrize(
    ("on", "kinds"),
    [
        (["new"], ["risen"]),
        (["started"], ["risen"]),
        (["revised"], []),
        (["dropped"], []),
        (["new", "revised"], ["risen"]),
    ],
)
def test_rules_that_tell_of_a_risen_counter(store: Store, on: list[str], kinds: list[str]) -> None:
    """Those that tell of what they did not match before."""
    desk = Desk(store, policy=rising(READ, on=on))
    told = []
    for hour, views in ((5, 10), (6, 60), (7, 70)):
        desk.take(dump(hour, views))
        told += desk.told()
    assert [kind.value for kind, _, _ in told] == kinds
    assert board(store).rules == ("read",)


def test_a_second_rule_that_is_crossed_later(store: Store) -> None:
    """Each rule is told, on one revision, in alerts of their own; two at once in one."""
    higher = {"name": "higher", "query": "board AND views:>500"}
    most = {"name": "most", "query": "board AND views:>550"}
    desk = Desk(store, policy=rising(READ, higher, most))
    told = []
    for hour, views in ((5, 10), (6, 60), (7, 600), (8, 700)):
        desk.take(dump(hour, views))
        told += desk.told()
    assert told == [
        (AlertKind.RISEN, 1, ("read",)),
        (AlertKind.RISEN, 1, ("higher", "most")),
    ]


def test_the_ledger_says_so(store: Store) -> None:
    """With the rules."""
    desk = Desk(store, policy=rising(READ))
    desk.take(dump(5, 10))
    done = desk.take(dump(6, 60)).dump
    reasons = [row.reason for row in store.pages.segments(done.id)]
    assert reasons[1].endswith("same paragraphs; matches since its counter rose (read)")


def test_a_rule_that_is_new_has_not_risen(store: Store) -> None:
    """What it matches by the counter that was known before is no news, now or later."""
    Desk(store, policy=rising(FAST)).take(dump(5, 100))
    desk = Desk(store, policy=rising(FAST, READ))
    desk.now += timedelta(hours=1)
    for hour, views in ((6, 110), (7, 120)):
        desk.take(dump(hour, views))
    assert desk.told() == []
    assert board(store).rules == ("read",)


def test_an_edit_tells_of_its_own(store: Store) -> None:
    """A counter that rises with an edit is told as the edit where the rule is told of edits, else
    as what it is; and never twice."""
    first = READ | {"name": "first", "on": ["new"]}
    desk = Desk(store, policy=policy(READ | {"name": "all"}, first))
    desk.take(dump(5, 10))
    desk.take(dump(6, 60, EDITED))
    assert desk.told() == [
        (AlertKind.REVISED, 2, ("all",)),
        (AlertKind.RISEN, 2, ("first",)),
    ]
    desk.take(dump(7, 70, EDITED))
    assert desk.told() == []


def test_a_looks_only_edit_hides_no_risen_counter(store: Store) -> None:
    """The edit is told nobody, the counter is."""
    desk = Desk(store, policy=rising(READ))
    desk.take(dump(5, 10))
    cosmetic = (BODY[0].replace("said on Monday", "said, on Monday,"), *BODY[1:])
    desk.take(dump(6, 60, cosmetic))
    assert desk.told() == [(AlertKind.RISEN, 2, ("read",))]


def test_what_was_told_before_an_edit_is_not_news(store: Store) -> None:
    """A rule that matched an earlier text by its counter has told of the article."""
    desk = Desk(store, policy=rising(FAST, on=["new", "started"]))
    for hour, views in ((5, 10), (6, 500)):
        desk.take(dump(hour, views))
    assert desk.told() == [(AlertKind.RISEN, 1, ("fast",))]
    for hour, views, body in ((7, 501, EDITED), (8, 900, EDITED)):
        desk.take(dump(hour, views, body))
    assert desk.told() == []
    assert board(store).rules == ("fast",)


def test_a_rule_that_told_of_an_edit_tells_of_no_rise(store: Store) -> None:
    """It has told of the article, though of another text."""
    desk = Desk(store, policy=rising(FAST))
    again = (*EDITED, "More.")
    told = []
    for hour, views, body in ((5, 10, BODY), (6, 500, EDITED), (7, 501, again), (8, 900, again)):
        desk.take(dump(hour, views, body))
        told += desk.told()
    assert told == [(AlertKind.REVISED, 2, ("fast",))]


def test_a_late_crawl_tells_of_the_text_it_shows(store: Store) -> None:
    """Between two known crawls it may show that the counter grew fast; the next one, too."""
    desk = Desk(store, policy=rising(FAST))
    for hour, views in ((5, 10), (9, 210), (8, 20)):  # 190 in the last hour
        desk.take(dump(hour, views))
    assert desk.told() == [(AlertKind.RISEN, 1, ("fast",))]
    assert board(store).rules == ("fast",)


def test_evidence_is_of_the_text_that_is_kept(store: Store) -> None:
    """Another crawl may write the same text otherwise."""
    desk = Desk(store, policy=rising({"name": "quoted", "query": '"line 7" AND views:>50'}))
    desk.take(dump(5, 10))
    desk.take(dump(6, 60, (BODY[0].replace("harbour board", "“harbour board”"), *BODY[1:])))
    (claim,) = claims(desk)
    (alert,) = claim.message.alerts
    assert [alert.excerpt[a:b] for a, b in alert.excerpt_marks] == ["line 7"]
    entry = board(store)
    for one in entry.matches[0].evidence:
        if one.field == "body":
            assert entry.body[one.start : one.end] == one.text


def claims(desk: Desk) -> list[Claim]:
    desk.now += timedelta(minutes=1)
    return list(
        desk.store.outbox.exchange(
            now=desk.now, owner="test", lease=timedelta(minutes=1), limit=9, busy=(),
            max_items=99, base_url="http://page",
        ).claims
    )  # fmt: skip


def test_rules_that_ask_for_no_growth_are_not_told(store: Store) -> None:
    """Nothing is read for them."""

    class Asked:
        by_sighting, by_growth = True, False

        def __init__(self, rules: object) -> None:
            self.rules = rules

        def match(self, **facts: object) -> object:
            assert "growth" not in facts
            return self.rules.match(**facts)

        def info(self, name: str) -> object:
            return self.rules.info(name)

    made = rising(READ)
    desk = Desk(store, policy=replace(made, rules=Asked(made.rules)))
    desk.take(dump(5, 10))
    desk.take(dump(6, 60))
    assert desk.told() == [(AlertKind.RISEN, 1, ("read",))]


# --------------------------------------------------------------------------- any order


def run(
    history: list[Shown], order: list[int], made: Policy, batch: int = 500
) -> tuple[list[str], Counter[tuple[str, str]]]:
    """The rules that match in the end, and what was told of, by kind, revision and rule."""
    with tempfile.TemporaryDirectory() as folder, fresh(Path(folder)) as store:
        desk = Desk(store, policy=made, batch=batch)
        told: Counter[tuple[str, str]] = Counter()
        for place in order:
            desk.take(dump(*history[place]))
            for kind, revision, rules in desk.told():
                about = "" if kind is AlertKind.RISEN else str(revision)
                told.update((f"{kind.value}{about}", rule) for rule in rules)
        return sorted(board(store).rules), told


def test_any_order_of_arrival_ends_the_same() -> None:
    """The rules that match a text do not depend on it, and nothing is told twice."""
    history = [(2, 10, BODY), (4, 30, BODY), (5, 180, BODY), (9, 200, BODY)]
    seen = set()
    for order in [*itertools.permutations(range(4))][::3]:
        rules, told = run(history, list(order), rising(FAST, READ))
        assert set(told.values()) == {1}
        seen.add(tuple(rules))
    assert seen == {("fast", "read")}


shown = st.tuples(
    st.integers(1, 22), st.integers(0, 400), st.sampled_from([BODY, EDITED, (*BODY, "More.")])
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    history=st.lists(shown, min_size=2, max_size=5, unique_by=lambda one: one[0]),
    data=st.data(),
    batch=st.sampled_from([1, 500]),
)
def test_nothing_is_told_twice(history: list[Shown], data: st.DataObject, batch: int) -> None:
    """Whatever the counters do, in any order and with every dump taken twice: a rule is told once
    of a rise, and once of a revision by each kind of alert."""
    everything = ["new", "revised", "started", "dropped"]
    slow = {"name": "slow", "query": "board AND growth:<20"}
    made = rising(FAST, READ, slow, on=everything)
    order = data.draw(st.permutations([*range(len(history))] * 2))
    _, told = run(history, order, made, batch)
    assert set(told.values()) <= {1}


def test_a_copy_rises_with_its_original(store: Store) -> None:
    """Who is told of the original is not told of the copy's counter."""
    desk = Desk(store, policy=rising(READ))
    desk.take(dump(5, 60))
    desk.told()
    at = "01.03.2026, 01:00"
    desk.take(listing("2026-03-01", (f"{at} 10", "Budget Heard", BODY)), COURIER)
    done = desk.take(listing("2026-03-02", (f"{at} 99", "Budget Heard", BODY)), COURIER).dump
    assert desk.told() == []
    (row,) = store.pages.segments(done.id)
    assert row.reason.endswith("suppressed: its original is told of (read)")
