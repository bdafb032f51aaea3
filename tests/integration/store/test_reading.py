"""What feeds, page and command line read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from monitor.errors import StoreError
from monitor.model import DeliveryState, DumpState, Outcome, SegmentRecord, Sighting
from monitor.store import Store


def ids(entries: Any, sample: Any) -> list[int]:
    """Entries as the pks of their articles."""
    numbers = {sample.id(pk): pk for pk in range(1, 30)}
    return [numbers[entry.id] for entry in entries]


def test_an_entry_shows_the_current_text(store: Store, sample: Any) -> None:
    """Body of the current revision, its rules in stored order with their evidence."""
    sample.articles(store, sample.known(1), rules=["water", "alpha", "summit"])
    (entry,) = store.feeds.entries(None, since=sample.t0, at_least=0, at_most=10)
    assert (entry.title, entry.body) == ("Title 1", "Lead 1.\nMore of 1001.")
    assert entry.rules == ("water", "alpha", "summit")
    assert entry.matches[0] == sample.match("water")
    assert (entry.first_seen, entry.published) == (sample.t0, sample.at(-60))
    assert (entry.source, entry.views, entry.confidence) == ("kt", 10, 0.75)
    assert list(store.pages.articles()) == [entry]
    assert store.pages.article(entry.id) == entry


def test_the_window_is_by_time_and_count(store: Store, sample: Any) -> None:
    """All since then, never fewer than ``at_least``, never more than ``at_most``."""
    sample.articles(store, *(sample.known(n, updated=sample.at(n)) for n in range(1, 11)))

    def window(since: float, at_least: int, at_most: int) -> list[int]:
        entries = store.feeds.entries(
            None, since=sample.at(since), at_least=at_least, at_most=at_most
        )
        return ids(entries, sample)

    assert window(8, 0, 100) == [10, 9, 8]
    assert window(8, 5, 100) == [10, 9, 8, 7, 6]
    assert window(0, 0, 4) == [10, 9, 8, 7]
    assert window(99, 50, 3) == [10, 9, 8]
    assert window(99, 0, 100) == []
    assert window(0, 50, 0) == []


def test_equal_times_are_ordered_by_id(store: Store, sample: Any) -> None:
    """The order is total, so the same store gives the same bytes, whatever the language."""
    names = ["0a", "0B", "a-", "a0", "B1", "ä"]
    sample.articles(store, *(sample.known(n, id=name) for n, name in enumerate(names, 1)))
    entries = store.feeds.entries(None, since=sample.t0, at_least=0, at_most=10)
    assert [entry.id for entry in entries] == sorted(names, reverse=True)


def test_the_page_keeps_the_order_of_a_dump(store: Store, sample: Any) -> None:
    """Articles of one moment stand as in the listing they came from, whatever their ids."""
    names = ["0a", "B1", "0B", "a0"]
    sample.articles(store, *(sample.known(n, id=name) for n, name in enumerate(names, 1)))
    assert [entry.id for entry in store.pages.articles()] == names
    assert [entry.id for entry in store.pages.articles(limit=2)] == names[:2]


def test_a_rule_shows_what_its_current_text_matches(store: Store, sample: Any) -> None:
    """A match of an earlier text is history: the article leaves the rule's feed and page, its
    match stays in the list."""
    known = sample.known(1)
    sample.fill(
        store,
        sample.new(0, known, rules=["water"]),
        sample.new(1, sample.known(2), rules=["water"]),
        sample.revised(2, known, rules=["summit"]),
    )
    arguments = {"since": sample.t0, "at_least": 0, "at_most": 10}
    assert ids(store.feeds.entries("water", **arguments), sample) == [2]
    assert ids(store.feeds.entries("summit", **arguments), sample) == [1]
    assert store.feeds.entries("unheard-of", **arguments) == []
    assert ids(store.pages.articles(rule="water"), sample) == [2]
    assert {(m.article_id, m.revision) for m in store.pages.matches(rule="water")} == {
        (sample.id(1), 1),
        (sample.id(2), 1),
    }


def test_near_duplicates_are_shown_on_pages_only(store: Store, sample: Any) -> None:
    """A feed reader gets the original; the page shows all."""
    sample.fill(
        store,
        sample.new(0, sample.known(1), rules=["water"]),
        sample.new(1, sample.known(2, duplicate_of=1), rules=["water"]),
    )
    for rule in (None, "water"):
        entries = store.feeds.entries(rule, since=sample.t0, at_least=9, at_most=9)
        assert ids(entries, sample) == [1]
        assert ids(store.pages.articles(rule=rule), sample) == [1, 2]


def test_articles_newest_first(store: Store, sample: Any) -> None:
    """By time of the last material change, with ``since`` inclusive and a limit."""
    sample.articles(store, *(sample.known(n, updated=sample.at(9 - n)) for n in range(1, 5)))
    assert ids(store.pages.articles(), sample) == [1, 2, 3, 4]
    assert ids(store.pages.articles(since=sample.at(7)), sample) == [1, 2]
    assert ids(store.pages.articles(limit=1), sample) == [1]


def test_an_article_by_prefix(store: Store, sample: Any) -> None:
    """Six characters or more, in either case, if only one begins so."""
    sample.articles(
        store,
        sample.known(1, id="abcdef01-0000-5000-8000-000000000001"),
        sample.known(2, id="abcdef02-0000-5000-8000-000000000002"),
        sample.known(3, id="abcdee00-0000-5000-8000-000000000003"),
    )
    found = store.pages.article("ABCDEF02")
    assert found is not None
    assert found.title == "Title 2"
    assert store.pages.article("abcde") is None
    assert store.pages.article("") is None
    assert store.pages.article("abcdef03") is None
    assert store.pages.article("abcd%_-") is None
    with pytest.raises(StoreError, match="more than one"):
        store.pages.article("abcdef")


def test_a_chain_of_an_unknown_article_is_empty(store: Store, sample: Any) -> None:
    """An id that is not stored has no history."""
    assert list(store.pages.chain(sample.id(1))) == []


def test_matches_tell_the_text_they_matched(store: Store, sample: Any) -> None:
    """Title and revision are those of the matched text, newest matches first. A text that was
    current twice has its later number."""
    known = sample.known(1)
    edited = sample.revised(1, known, rules=["water"], title="Title 1, corrected")
    dump = sample.fill(store, sample.new(0, known, rules=["water"]), edited)
    newest, oldest = store.pages.matches()
    assert (newest.title, newest.revision, newest.observed) == (
        "Title 1, corrected",
        2,
        sample.at(1),
    )
    assert (oldest.title, oldest.revision, oldest.observed) == ("Title 1", 1, sample.t0)
    assert oldest.evidence == sample.match("water").evidence
    assert len(store.pages.matches(limit=1)) == 1
    back = sample.revised(2, edited.article, title="Title 1")
    restored = replace(back.article, content=known.content)
    change = replace(
        back,
        article=restored,
        sighting=Sighting("order-1++", known.content, 3),
        revisions=(sample.revision(restored),),
    )
    with store.ingest.batch(dump.id) as batch:
        batch.write([change])
    assert [m.revision for m in store.pages.matches()] == [2, 3]


def test_segments_tell_what_became_of_each(store: Store, sample: Any) -> None:
    """Index, outcome, the text's own title, article and reason, in the dump's order; those of
    one outcome, or the first ones; unknown dumps have none."""
    first = sample.known(1)
    edited = sample.revised(2, first, title="Another")
    dump = sample.fill(store, sample.bad(0), sample.new(1, first), edited)
    nothing = "nothing like it is stored"
    assert list(store.pages.segments(dump.id)) == [
        SegmentRecord(0, Outcome.QUARANTINED, 0.0, None, None, "not text"),
        SegmentRecord(1, Outcome.NEW, 0.75, "Title 1", sample.id(1), nothing),
        SegmentRecord(2, Outcome.REVISED, 1.0, "Another", sample.id(1), "text edited"),
    ]
    (one,) = store.pages.segments(dump.id, outcome=Outcome.NEW)
    assert one.index == 1
    assert [one.index for one in store.pages.segments(dump.id, limit=2)] == [0, 1]
    assert list(store.pages.segments(99)) == []


def test_deliveries_by_state(store: Store, sample: Any) -> None:
    """Newest first, all or those of one state."""
    for minute, name in enumerate("abc"):
        sample.enqueue(store, sample.alert(1), to=f"{name}/slack/0", now=minute, due=9)
    (claim,) = sample.claim(store, 9, limit=1)
    assert [d.receiver for d in store.pages.deliveries()] == ["c", "b", "a"]
    assert [d.id for d in store.pages.deliveries(state=DeliveryState.SENDING)] == [claim.key]
    assert len(store.pages.deliveries(state=DeliveryState.PENDING, limit=1)) == 1


def test_counts_of_an_empty_store(store: Store) -> None:
    """Zeros, every delivery state named, no times."""
    counts = store.pages.counts()
    assert (counts.dumps, counts.articles, counts.revisions, counts.matches) == (0, 0, 0, 0)
    assert counts.deliveries == {"pending": 0, "sending": 0, "sent": 0, "dead": 0}
    assert (counts.oldest_pending, counts.last_dump, counts.quarantined) == (None, None, 0)
    assert counts.quarantined_dumps == 0


def test_counts(store: Store, sample: Any) -> None:
    """Totals, the time of the last dump, and since when something waits."""
    known = sample.known(1)
    sample.fill(
        store,
        sample.new(0, known, rules=["water", "summit"]),
        sample.bad(1),
        sample.revised(2, known),
    )
    refused = store.ingest.open_dump(sample.info("b", received=sample.at(7)))
    store.ingest.close_dump(refused.id, DumpState.QUARANTINED, "an image")
    for minute in (1, 2):
        sample.enqueue(store, sample.alert(1), to=f"d{minute}/slack/0", now=minute, due=minute)
    sample.claim(store, 1)
    counts = store.pages.counts()
    assert (counts.dumps, counts.articles, counts.revisions, counts.matches) == (3, 1, 2, 2)
    assert counts.deliveries == {"pending": 1, "sending": 1, "sent": 0, "dead": 0}
    assert (counts.oldest_pending, counts.last_dump) == (sample.at(2), sample.at(7))
    assert (counts.quarantined, counts.quarantined_dumps) == (1, 1)


def test_ping(store: Store) -> None:
    """It passes as often as asked, also while nothing is stored."""
    store.pages.ping()
    store.pages.ping()
