"""Copies, counters and alerts about them, in every store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from monitor.model import AlertKind, Copy, DeliveryState, Sighting
from monitor.revisions import order_key
from monitor.store import Store
from monitor.store.engine import Database

RISEN = AlertKind.RISEN


def copy(sample: Any, number: int) -> Copy:
    return Copy(sample.id(number), "kt", f"Title {number}", sample.at(-60), "https://x.test/1")


def test_a_copy_is_added_to_what_gathers(store: Store, sample: Any) -> None:
    """To the alert about its original, once; others stay as they are."""
    sample.enqueue(store, sample.alert(1), sample.alert(2), now=0, due=5)
    dump = store.ingest.open_dump(sample.info("b"))
    with store.ingest.batch(dump.id) as batch:
        assert batch.add_copy("team/slack/0", sample.id(1), copy(sample, 3))
        assert batch.add_copy("team/slack/0", sample.id(1), copy(sample, 3))
        assert not batch.add_copy("team/slack/0", sample.id(9), copy(sample, 3))
        assert not batch.add_copy("other/slack/0", sample.id(1), copy(sample, 3))
    (claim,) = sample.claim(store, 5)
    assert [alert.copies for alert in claim.message.alerts] == [(copy(sample, 3),), ()]


@pytest.mark.parametrize("state", ["sending", "failed", "sent", "dead"])
def test_what_was_taken_stays_as_it_is(store: Store, sample: Any, state: str) -> None:
    """From the first attempt on its key stands for one content."""
    sample.enqueue(store, sample.alert(1))
    (claim,) = sample.claim(store, 0)
    if state == "sent":
        sample.sent(store, claim)
    elif state != "sending":
        sample.failed(store, claim, again=9 if state == "failed" else None)
    dump = store.ingest.open_dump(sample.info("b"))
    with store.ingest.batch(dump.id) as batch:
        assert not batch.add_copy("team/slack/0", sample.id(1), copy(sample, 3))


def test_a_dropped_one_takes_no_copy(store: Store, sample: Any) -> None:
    """Who is told that an article no longer matches is told of no other that does."""
    sample.enqueue(store, sample.alert(1, kind=AlertKind.DROPPED, revision=2), due=5)
    dump = store.ingest.open_dump(sample.info("b"))
    with store.ingest.batch(dump.id) as batch:
        assert not batch.add_copy("team/slack/0", sample.id(1), copy(sample, 3))


def test_each_rule_is_told_of_a_rise_once(store: Store, sample: Any) -> None:
    """Of an article, whatever its revision, in alerts that may share no rule."""
    alert = sample.alert(1, kind=RISEN, rules=("a", "b"), growth=12.5)
    sample.enqueue(store, alert, alert, now=0, due=1)
    sample.enqueue(store, replace(alert, rules=("b", "c")), now=0, due=1)
    sample.enqueue(store, replace(alert, rules=("c", "a"), revision=2), now=5, due=6)
    sample.enqueue(store, replace(alert, rules=("d",), revision=2), now=5, due=6)
    sample.enqueue(store, sample.alert(1, rules=("a",)), now=5, due=6)
    told = []
    for minute in (2, 7):
        for claim in sample.claim(store, minute):
            sample.sent(store, claim, minute)
            told += [(one.kind.value, one.rules, one.growth) for one in claim.message.alerts]
    assert told == [
        ("risen", ("a", "b"), 12.5),
        ("risen", ("c",), 12.5),
        ("risen", ("d",), 12.5),
        ("new", ("a",), None),
    ]
    keys = {delivery.id for delivery in store.pages.deliveries(state=DeliveryState.SENT)}
    assert len(keys) == 2


def test_copies_of_articles(store: Store, sample: Any) -> None:
    """In both directions, the original first; an article without any has none."""
    known = [
        sample.known(1),
        sample.known(2, duplicate_of=1, url="https://x.test/2"),
        sample.known(3),
        sample.known(4, duplicate_of=1),
    ]
    sample.articles(store, *known)
    copies = {entry.id: [one.id for one in entry.copies] for entry in store.pages.articles(limit=9)}
    one, two, three, four = map(sample.id, (1, 2, 3, 4))
    assert copies == {one: [two, four], two: [one, four], three: [], four: [one, two]}
    found = store.pages.article(one)
    assert found is not None
    assert found.copies[0].url == "https://x.test/2"
    in_feed = store.feeds.entries(None, since=sample.t0, at_least=9, at_most=9)
    assert {entry.id: entry.copies for entry in in_feed} == {one: found.copies, three: ()}


def test_a_copy_stands_in_the_feeds_of_its_own_rules(store: Store, sample: Any) -> None:
    """Where the original does not."""
    sample.fill(
        store,
        sample.new(0, sample.known(1), rules=["water"]),
        sample.new(1, sample.known(2, duplicate_of=1), rules=["water", "summit"]),
    )
    shown = {
        rule: [e.id for e in store.feeds.entries(rule, since=sample.t0, at_least=9, at_most=9)]
        for rule in (None, "water", "summit")
    }
    assert shown == {None: [sample.id(1)], "water": [sample.id(1)], "summit": [sample.id(2)]}


def test_counters_over_time(store: Store, sample: Any) -> None:
    """Of those sightings that had one, with the times of their dumps."""
    known = sample.known(1)
    for letter, views in (("a", 10), ("b", None), ("c", 250)):
        order = order_key(sample.t0.date(), None, views, letter, 1)
        info = sample.info(letter, received=sample.at(60 * (ord(letter) - ord("a"))))
        dump = store.ingest.open_dump(info)
        change = sample.new(0, known) if letter == "a" else sample.revised(0, known)
        sighting = Sighting(order, known.content, views)
        with store.ingest.batch(dump.id) as batch:
            batch.write([replace(change, sighting=sighting)])
            counted = batch.counted([1, 2], ("2026", "2027"))
            assert batch.counted([1], ("2027", "2028")) == {}
            assert batch.ever_matched([1]) == {}
        known = change.article
    assert [one.views for one in sorted(counted[1])] == [10, 250]
    assert counted.keys() == {1}
    assert store.pages.views(sample.id(1)) == [(sample.at(0), 10), (sample.at(120), 250)]
    found = store.pages.article(sample.id(1))
    assert found is not None
    assert found.growth == 120.0


def test_rules_of_any_text(store: Store, sample: Any) -> None:
    """Are those of the current one and of earlier ones."""
    known = sample.known(1)
    sample.articles(store, known, rules=["water"])
    dump = store.ingest.open_dump(sample.info("b"))
    with store.ingest.batch(dump.id) as batch:
        batch.write([sample.revised(0, known, rules=["summit"])])
        assert sorted(batch.ever_matched([1, 2])[1]) == ["summit", "water"]
        assert list(batch.matched(1)) == ["summit"]


def test_an_index_finds_the_copies(store_url: str, store: Store, sample: Any) -> None:
    """Of millions of articles few are copies, and those are not looked for one by one."""
    database = Database(store_url)
    if not database.is_sqlite:
        database.close()
        pytest.skip("PostgreSQL plans by what is in the table")
    with database.read() as connection:
        query = "SELECT pk FROM articles WHERE duplicate_of IN (SELECT value FROM json_each('[1]'))"
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
    database.close()
    assert any("articles_duplicate_of" in row.detail for row in plan)
