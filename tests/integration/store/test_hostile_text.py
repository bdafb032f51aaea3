"""Text that databases refuse: NUL, lone surrogates, twenty-digit counters, years before Christ."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from monitor.model import DumpState, Evidence, Match
from monitor.store import Store
from tests.integration.telling import put

BAD = "a\0b\ud800c\udfff\\u0000🙂"
GOOD = "a\ufffdb\ufffdc\ufffd\\u0000🙂"


def test_hostile_text_is_stored_with_replacements(store: Store, sample: Any) -> None:
    """Of the same length, so that the evidence's offsets stay right; nothing is lost."""
    known = sample.known(1, title=BAD, source=BAD, views=10**20, last_order=f"order|{BAD}")
    match = Match(BAD, (Evidence(BAD, "title", 0, 1, BAD),))
    dump = store.ingest.open_dump(sample.info(name=BAD, source=BAD))
    assert (dump.name, dump.source) == (GOOD, GOOD)
    change = sample.new(0, known, body=BAD)
    with store.ingest.batch(dump.id) as batch:
        batch.write([replace(change, matches=(match,), reason=BAD)])
        assert batch.text(1) == (GOOD, GOOD)
        put(
            batch,
            replace(sample.destination(), name=BAD, receiver=BAD),
            [sample.alert(1, title=BAD, excerpt=BAD, rules=(BAD,), article_id=BAD)],
            now=sample.t0,
            due=sample.t0,
        )
    store.ingest.close_dump(dump.id, DumpState.DONE, BAD)
    (entry,) = store.feeds.entries(BAD, since=sample.t0, at_least=0, at_most=9)
    assert (entry.title, entry.body, entry.views) == (GOOD, GOOD, 2**63 - 1)
    assert entry.matches == (Match(GOOD, (Evidence(GOOD, "title", 0, 1, GOOD),)),)
    assert store.pages.articles(rule=BAD) == [entry]
    assert store.pages.segments(dump.id)[0].reason == GOOD
    assert store.pages.dumps()[0].reason == GOOD
    assert len(store.pages.matches(rule=BAD)) == 1
    assert store.pages.article(BAD) is None
    (claim,) = sample.claim(store, 0, owner=BAD, busy=["\ud800"])
    (alert,) = claim.message.alerts
    assert (alert.title, alert.excerpt, alert.rules) == (GOOD, GOOD, (GOOD,))
    assert store.outbox.next_due(busy=[BAD]) is None
    sample.failed(store, claim, owner=BAD, error=BAD)
    assert store.pages.deliveries()[0].last_error == GOOD
    assert store.outbox.retry([BAD, claim.key], now=sample.t0) == 1


def test_times_at_the_edge_of_the_calendar(store: Store, sample: Any) -> None:
    """A time line of the year 1 or 9999 is stored, clamped where its UTC does not exist."""
    east, west = timezone(timedelta(hours=6)), timezone(timedelta(hours=-6))
    first = datetime(1, 1, 1, 2, tzinfo=east)
    last = datetime(9999, 12, 31, 23, tzinfo=west)
    sample.articles(store, sample.known(1, published=first), sample.known(2, published=last))
    times = {entry.title: entry.published for entry in store.pages.articles()}
    assert times == {
        "Title 1": datetime(1, 1, 1, tzinfo=UTC),
        "Title 2": datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    }


def test_times_of_any_zone_come_back_in_utc(store: Store, sample: Any) -> None:
    """The moment is the same to the microsecond, and orders rightly."""
    east = timezone(timedelta(hours=5, minutes=30))
    times = [sample.at(n).replace(microsecond=n).astimezone(east) for n in (3, 1, 2)]
    sample.articles(store, *(sample.known(n, updated=t) for n, t in enumerate(times, 1)))
    entries = store.pages.articles()
    assert [e.updated for e in entries] == sorted(times, reverse=True)
    assert all(e.updated.tzinfo is UTC for e in entries)
