"""Forgetting texts: what goes, what stays, and what the database weighs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine

from monitor.model import Comparison, Dump, EditKind, ParagraphEdit, Pruned, Run
from monitor.store import Store, open_store

DAY = timedelta(days=1)
EDIT = Comparison(
    (), (ParagraphEdit("edited", 0, 0, (Run("-", "a"), Run("+", "b"))),), (EditKind.TEXT,), 0.4
)


def stock(store: Store, sample: Any) -> Dump:
    """Article 1 with three texts, 2 with one; 3 was seen, and edited, ten days later."""
    first, second = sample.known(1), sample.known(2)
    third = sample.known(3, last_seen=sample.t0 + 10 * DAY, updated=sample.t0 + 10 * DAY)
    again = sample.revised(1, first)
    again = replace(again, edits=((first.content, first.content + 1, EDIT),))
    dump: Dump = sample.fill(
        store,
        sample.new(0, first, features=[7], rules=["water"]),
        again,
        sample.revised(2, again.article),
        sample.new(3, second),
        sample.new(4, third),
    )
    return dump


def bodies(store: Store, sample: Any, pk: int) -> list[str]:
    return [revision.body for revision in store.pages.chain(sample.id(pk))]


def forget(store: Store, sample: Any, **days: int) -> Pruned:
    """All that is older than so many days, a hundred days after ``t0``."""
    since = {f"{name}_since": None for name in ("unseen", "unedited")}
    since |= {f"{name}_since": sample.t0 + days[name] * DAY for name in days}
    expected = store.prune.stale(**since)
    done, after = Pruned(), 0
    while after is not None:
        found, after = store.prune.prune(**since, after=after)
        done = Pruned(done.texts + found.texts, done.characters + found.characters)
    assert done == expected
    assert store.prune.stale(**since) == Pruned()
    return done


def test_bodies_of_articles_that_were_not_seen(store: Store, sample: Any) -> None:
    """All texts of an article go, its titles, hashes, sightings, matches and keys stay."""
    stock(store, sample)
    before = store.pages.chain(sample.id(1))
    assert forget(store, sample, unseen=1).texts == 4
    after = store.pages.chain(sample.id(1))
    assert list(after) == [replace(one, body="", pruned=True) for one in before]
    assert bodies(store, sample, 3) == ["Lead 3.\nMore of 3001."]
    entry = store.pages.article(sample.id(1))
    assert entry is not None
    assert (entry.body, entry.pruned, entry.title) == ("", True, "Title 1")
    assert [entry.id for entry in store.pages.archive()] == [sample.id(3)]
    assert store.pages.archived() == 1
    with store.ingest.batch(1) as batch:
        assert (batch.text(1), batch.text(3)) == (None, ("Title 3", "Lead 3.\nMore of 3001."))
        assert batch.look_up([7]) == {7: [1]}
        assert len(batch.sightings(1)) == 3
    assert len(store.pages.matches(rule="water")) == 1


def test_earlier_texts_of_articles_that_were_not_edited(store: Store, sample: Any) -> None:
    """The current text stays, of every article."""
    stock(store, sample)
    assert forget(store, sample, unedited=1).texts == 2
    assert bodies(store, sample, 1) == ["", "", "Lead 1.\nMore of 1003."]
    assert bodies(store, sample, 2) == ["Lead 2.\nMore of 2001."]
    entry = store.pages.article(sample.id(1))
    assert entry is not None
    assert not entry.pruned


def test_what_an_edit_changed_goes_with_the_text(store: Store, sample: Any) -> None:
    """Its kinds and its materiality stay."""
    stock(store, sample)
    first = sample.known(1).content
    found = store.pages.comparison(sample.id(1), first, first + 1)
    assert found == EDIT
    forget(store, sample, unedited=1)
    assert store.pages.comparison(sample.id(1), first, first + 1) is None
    assert store.pages.edits(sample.id(1))[2] == ((EditKind.TEXT,), 0.4)


def test_what_is_still_to_be_told_stays(store: Store, sample: Any) -> None:
    """Whoever gets the alert late finds the text; once it is sent, or dead, that may go."""
    stock(store, sample)
    sample.enqueue(store, sample.alert(2), due=5)
    assert forget(store, sample, unseen=1).texts == 3
    assert bodies(store, sample, 2) != [""]
    (claim,) = sample.claim(store, 5)
    assert forget(store, sample, unseen=1).texts == 0
    sample.sent(store, claim, 6)
    assert forget(store, sample, unseen=1).texts == 1


def test_nothing_is_old_where_no_age_is_set(store: Store, sample: Any) -> None:
    """Without ages nothing goes, and what is as old as the age is not older."""
    stock(store, sample)
    assert forget(store, sample) == Pruned()
    assert forget(store, sample, unseen=0, unedited=0) == Pruned()


def test_many_articles_take_many_transactions(
    store: Store, sample: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each goes on after the last; between two of them others may write."""
    monkeypatch.setattr("monitor.store.prune.AT_ONCE", 3)
    sample.articles(store, *(sample.known(pk) for pk in range(1, 11)))
    since = {"unseen_since": sample.t0 + DAY, "unedited_since": None}
    found, after = store.prune.prune(**since, after=0)
    assert (found.texts, after) == (3, 3)
    store.pages.ping()
    assert forget(store, sample, unseen=1).texts == 7


def test_a_chore_is_done_by_one(store: Store, store_url: str, sample: Any) -> None:
    """The first who asks when it is due; then nobody until it is due again, also after a restart.
    A clock that was wrong does not put it off for ever."""
    with open_store(store_url) as other:
        every = {"every": DAY}
        assert store.prune.claim("prune", now=sample.t0, **every)
        assert not other.prune.claim("prune", now=sample.t0, **every)
        assert other.prune.claim("archive", now=sample.t0, **every)
        assert not other.prune.claim("prune", now=sample.t0 + 0.9 * DAY, **every)
        assert other.prune.claim("prune", now=sample.t0 + 900 * DAY, **every)
        assert store.prune.claim("prune", now=sample.t0 + 2 * DAY, **every)


def test_free_room_goes_back_to_the_disk(store: Store, store_url: str, sample: Any) -> None:
    """On SQLite, by writing the database anew; on PostgreSQL that is not ours to do. The size is
    told on both."""
    long = "A long paragraph of which there are many. " * 2_000
    sample.articles(store, *(sample.known(pk) for pk in range(1, 60)), body=long)
    full = store.prune.size()
    assert full.total > 59 * len(long) * (store.is_sqlite or 0.02)  # PostgreSQL compresses
    assert forget(store, sample, unseen=1).characters == 59 * len(long)
    assert store.prune.compact() is store.is_sqlite
    after = store.prune.size()
    if store.is_sqlite:
        assert (after.total < full.total / 4, after.free) == (True, 0)
        engine = create_engine(store_url)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        engine.dispose()
    assert bodies(store, sample, 5) == [""]
    sample.fill(store, sample.new(0, sample.known(99)), letter="b")


def test_what_was_sent_long_ago_is_forgotten_but_not_told_again(store: Store, sample: Any) -> None:
    """Contents, attempts and threads go by age; that it was told stays, and what has no contents
    is neither replayed nor retried. What waits or is dead keeps all."""
    for number, name in enumerate("abcd"):
        sample.enqueue(store, sample.alert(number), to=f"{name}/slack/0")
    sent, recent, dead, dropped = sample.claim(store, 0)
    sample.sent(store, sent, 1, threads={sample.id(0): "1700000000.000100"})
    sample.sent(store, recent, 90)
    sample.failed(store, dead, 1)
    sample.failed(store, dropped, 1)
    assert store.outbox.drop([dropped.key], reason="of no use") == 1
    done, after = store.prune.forget_deliveries(before=sample.at(60), after="")
    assert (done, after) == (2, max(sent.key, dropped.key))
    assert store.prune.forget_deliveries(before=sample.at(60), after=after) == (0, None)
    assert store.prune.forget_deliveries(before=sample.at(60), after="") == (0, None)
    for claim, kept in ((sent, 0), (recent, 1), (dead, 1), (dropped, 0)):
        account = store.pages.delivery(claim.key)
        assert account is not None
        assert (len(account.alerts), len(account.attempts)) == (kept, kept)
        assert account.delivery.articles == (claim.message.alerts[0].article_id,)
    assert store.outbox.retry([sent.key, dropped.key], now=sample.at(99)) == 0
    assert store.outbox.replay(sample.t0, now=sample.at(99)) == 1
    sample.enqueue(store, sample.alert(0), to="a/slack/0", now=99, due=99)
    assert [claim.key for claim in sample.claim(store, 99)] == [recent.key]
