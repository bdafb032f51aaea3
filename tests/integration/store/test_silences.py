"""Silences, and what was not told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.errors import StoreError
from monitor.model import AlertKind, Condition, HealthCheck, Silence, Suppression, Withheld
from monitor.store import Store


def add(store: Store, sample: Any, start: float, end: float, **fields: Any) -> Silence:
    """A silence between two moments (minutes), made at ``t0``."""
    arguments = {"matchers": ('rule="water"',), "comment": "known", "creator": "ann"} | fields
    return store.silences.add(
        starts=sample.at(start), until=sample.at(end), now=sample.t0, **arguments
    )


def test_a_silence_is_kept_as_it_was_given(store: Store, sample: Any) -> None:
    """Also with a comment that no database would take as it is."""
    silence = add(store, sample, 0, 5, matchers=('team=~"a|b"', "x!=1"), comment="no\0\udcff “x”")
    assert silence == Silence(
        id=silence.id,
        matchers=('team=~"a|b"', "x!=1"),
        starts=sample.t0,
        until=sample.at(5),
        comment="no\ufffd\ufffd “x”",
        created=sample.t0,
        creator="ann",
    )
    assert len(silence.id) == 8
    assert store.silences.silences(now=sample.t0) == [silence]


def test_silences_are_listed_by_their_end(store: Store, sample: Any) -> None:
    """In force and to come by their end; those that are over behind them, the last one first."""
    later, now, to_come = (add(store, sample, *times) for times in ((0, 20), (0, 12), (15, 18)))
    long_ago, over = (add(store, sample, *times) for times in ((0, 3), (0, 10)))
    assert store.silences.silences(now=sample.at(10)) == [now, to_come, later]
    every = store.silences.silences(now=sample.at(10), expired=True)
    assert every == [now, to_come, later, over, long_ago]


def test_a_transaction_sees_the_silences_of_the_moment(store: Store, sample: Any) -> None:
    """From its beginning on, and no longer at its end."""
    silence = add(store, sample, 5, 10)
    dump = store.ingest.open_dump(sample.info())
    for batch in (store.ingest.batch(dump.id), store.health.batch()):
        with batch as tx:
            seen = [bool(tx.silences(sample.at(minute))) for minute in (4.99, 5, 9.99, 10)]
            assert seen == [False, True, True, False]
            assert tx.silences(sample.at(7)) == [silence]


def test_silences_are_ended_together_or_not_at_all(store: Store, sample: Any) -> None:
    """By the beginning of an id; one that has not begun never does."""
    running, to_come = add(store, sample, 0, 20), add(store, sample, 10, 20)
    now = sample.at(5)
    with pytest.raises(StoreError, match="there is no silence 'zz'"):
        store.silences.expire([running.id, "zz"], now=now)
    with pytest.raises(StoreError, match="there is no silence ''"):
        store.silences.expire([""], now=now)
    assert len(store.silences.silences(now=now)) == 2
    ended = store.silences.expire([running.id[:7], to_come.id, running.id], now=now)
    assert [(one.id, one.starts, one.until) for one in ended] == [
        (running.id, sample.t0, now),
        (to_come.id, now, now),
    ]
    assert store.silences.silences(now=now) == []
    with pytest.raises(StoreError, match=f"{running.id} is over already"):
        store.silences.expire([running.id], now=now)


def test_the_beginning_of_several_ids_is_none(store: Store, sample: Any) -> None:
    """With 17 silences two ids begin alike; which is meant is not guessed."""
    ids = [add(store, sample, 0, 5).id for _ in range(17)]
    first = next(id_[0] for id_ in ids if sum(other[0] == id_[0] for other in ids) > 1)
    with pytest.raises(StoreError, match="begins the ids of several silences"):
        store.silences.expire([first], now=sample.t0)


def suppression(sample: Any, number: int, **fields: Any) -> Suppression:
    """A silenced alert, made so many minutes after ``t0``."""
    one = Suppression(
        at=sample.at(number),
        article_id=sample.id(number),
        revision=1,
        kind=AlertKind.NEW,
        rules=("water", "summit"),
        receiver="",
        reason=Withheld.SILENCED,
        detail="silence 1a2b3c4d",
    )
    return replace(one, **fields)


def test_what_is_not_told_is_listed_newest_first(store: Store, sample: Any) -> None:
    """By time, rule and article; a name that is part of another's is another rule."""
    first, second, third = (
        suppression(sample, 1),
        suppression(sample, 2, rules=("water-level",), reason=Withheld.OLD),
        suppression(sample, 3, receiver="desk", reason=Withheld.MUTED, kind=AlertKind.RISEN),
    )
    dump = store.ingest.open_dump(sample.info())
    with store.ingest.batch(dump.id) as tx:
        tx.withhold([])
        tx.withhold([first, second])
    with store.health.batch() as tx:
        tx.withhold([third])
    assert store.pages.suppressions() == [third, second, first]
    assert store.pages.suppressions(limit=1) == [third]
    assert store.pages.suppressions(since=sample.at(2)) == [third, second]
    assert store.pages.suppressions(rule="water") == [third, first]
    assert store.pages.suppressions(rule="w_ter") == []
    assert store.pages.suppressions(rule="%") == []
    assert store.pages.suppressions(article=sample.id(2)) == [second]
    with store.ingest.batch(dump.id) as tx:
        assert set(tx.withheld(sample.id(1))) == {("", "water"), ("", "summit")}
        assert set(tx.withheld(sample.id(3))) == {("desk", "water"), ("desk", "summit")}
        assert set(tx.withheld(sample.id(9))) == set()


def test_a_transaction_that_fails_withholds_nothing(store: Store, sample: Any) -> None:
    """It commits with its articles, or not at all."""
    dump = store.ingest.open_dump(sample.info())
    with pytest.raises(ZeroDivisionError), store.ingest.batch(dump.id) as tx:
        tx.withhold([suppression(sample, 1)])
        _ = 1 / 0
    assert store.pages.suppressions() == []


def test_what_is_old_is_forgotten(store: Store, sample: Any, monkeypatch: Any) -> None:
    """Suppressions by their time, silences by their end; in as many transactions as it takes."""
    monkeypatch.setattr("monitor.store.suppressions.AT_ONCE", 2)
    dump = store.ingest.open_dump(sample.info())
    with store.ingest.batch(dump.id) as tx:
        tx.withhold([suppression(sample, minute) for minute in range(7)])
    over, lasting = add(store, sample, 0, 4), add(store, sample, 0, 5)
    assert store.prune.forget_suppressions(before=sample.at(5)) == 5
    assert [one.at for one in store.pages.suppressions()] == [sample.at(6), sample.at(5)]
    assert store.silences.silences(now=sample.at(9), expired=True) == [lasting]
    assert over.until < lasting.until
    assert store.prune.forget_suppressions(before=sample.at(5)) == 0


def test_conditions_of_all_sources_are_seen_within_a_transaction(store: Store, sample: Any) -> None:
    """What inhibit rules go by."""
    condition = Condition("daily", HealthCheck.SILENT, sample.t0, "no dump")
    with store.health.batch() as tx:
        tx.begin(condition)
        assert tx.conditions() == [condition]
    dump = store.ingest.open_dump(sample.info())
    with store.ingest.batch(dump.id) as batch:
        assert batch.conditions() == [condition]


def test_the_calendar_has_an_end(store: Store, sample: Any) -> None:
    """A silence for ever is kept."""
    silence = add(store, sample, 0, 0, matchers=("a=b",))
    for_ever = datetime(9999, 12, 31, tzinfo=UTC)
    kept = store.silences.add(
        ["a=b"], starts=sample.t0, until=for_ever, comment="", creator="", now=sample.t0
    )
    assert silence.until - silence.starts == timedelta(0)
    assert store.silences.silences(now=sample.at(1)) == [kept]
