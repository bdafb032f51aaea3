"""Articles, their texts and what finds them again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from monitor.errors import StoreError
from monitor.model import Outcome, Revision, Sighting
from monitor.store import Store, open_store, shelves
from monitor.store.shelves import KEPT, PARTS


def test_known_comes_back_as_written(store: Store, sample: Any) -> None:
    """Every field survives, 64-bit hashes and absent values too."""
    full = sample.known(1)
    bare = sample.known(
        2, published=None, published_order=None, views=None, paragraphs=(), duplicate_of=1
    )
    dump = sample.articles(store, full, bare, features=[7])
    with store.ingest.batch(dump.id) as batch:
        assert batch.look_up([7]) == {7: [1, 2]}
        assert sorted(batch.articles([1, 2, 3]), key=lambda k: k.pk) == [full, bare]
        assert batch.articles([]) == []


def test_unknown_features_are_absent(store: Store, sample: Any) -> None:
    """Only what is stored is in the answer; asking for nothing is no error."""
    dump = sample.articles(store, sample.known(1), features=[-(2**63), 2**63 - 1])
    with store.ingest.batch(dump.id) as batch:
        found = batch.look_up([-(2**63), 2**63 - 1, 0])
        assert found == {-(2**63): [1], 2**63 - 1: [1]}
        assert batch.look_up([]) == {}


def test_a_batch_finds_what_it_wrote_itself(store: Store, sample: Any) -> None:
    """Within the transaction reads see the writes before them, lookup keys asked for earlier
    included."""
    dump = store.ingest.open_dump(sample.info())
    with store.ingest.batch(dump.id) as batch:
        assert batch.look_up([5]) == {}
        batch.write([sample.new(0, sample.known(1), features=[5])])
        assert batch.text(1) == ("Title 1", "Lead 1.\nMore of 1001.")
        assert batch.look_up([5, 6]) == {5: [1]}
        assert batch.articles([1]) == [sample.known(1)]


def test_one_article_and_the_rules_of_its_text(store: Store, sample: Any) -> None:
    """The state and the rules stored for the current text, written in this batch or before; an
    unknown article is an error, one without matches none."""
    first = sample.known(1)
    dump = sample.fill(store, sample.new(0, first, rules=["water", "summit"]))
    with store.ingest.batch(dump.id) as batch:
        assert batch.known(1) == first
        assert sorted(batch.matched(1)) == ["summit", "water"]
        edited = sample.revised(1, first, rules=["dam"])
        batch.write([edited, sample.new(2, sample.known(2))])
        assert batch.known(1) == edited.article
        assert list(batch.matched(1)) == ["dam"]
        assert list(batch.matched(2)) == []
        assert list(batch.matched(99)) == []
        with pytest.raises(StoreError, match="99"):
            batch.known(99)


def test_which_keys_are_stored_can_be_asked_without_writing(store: Store, sample: Any) -> None:
    """Of the hashes asked for those that stand under an article, before and after a commit."""
    assert store.ingest.known_features([7, 8]) == set()
    sample.articles(store, sample.known(1), features=[7, -(2**63)])
    assert store.ingest.known_features([7, 8, -(2**63)]) == {7, -(2**63)}
    assert store.ingest.known_features([]) == set()


def test_thousands_of_features_at_once(store: Store, sample: Any) -> None:
    """The lookup of a whole batch is one question however many keys it has."""
    dump = sample.articles(store, sample.known(1), features=range(9_000))
    with store.ingest.batch(dump.id) as batch:
        assert batch.look_up(range(20_000)) == {key: [1] for key in range(9_000)}


def test_common_keys_keep_the_newest_articles_only(store: Store, sample: Any) -> None:
    """A paragraph that stands everywhere neither makes lookups explode nor loses the newest,
    whether its articles came in one batch or in several."""
    many = KEPT + 20
    first = [sample.new(i, sample.known(i + 1), features=[7, 1000 + i]) for i in range(many)]
    dump = sample.fill(store, *first)
    for i in range(many, many + 5):
        with store.ingest.batch(dump.id) as batch:
            batch.write([sample.new(i, sample.known(i + 1), features=[7, 1000 + i])])
    with store.ingest.batch(dump.id) as batch:
        found = batch.look_up([7, 1000])
    assert found == {7: list(range(many + 5 - KEPT + 1, many + 6)), 1000: [1]}


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys move on with every article."""
    monkeypatch.setattr(shelves, "MERGE_EVERY", 1)


@pytest.mark.usefixtures("small_steps")
def test_keys_are_found_wherever_they_stand(store: Store, sample: Any) -> None:
    """Those not moved yet, those in the small tree and those in the large one, under hashes of
    their own and under one that is common; the oldest of the common one make room everywhere."""
    dump = store.ingest.open_dump(sample.info())
    apart = 2**64 // 102
    for index in range(PARTS + 2):
        pk = index + 1
        own = range(-(2**63) + index, 2**63, apart)  # over all parts of the tree
        with store.ingest.batch(dump.id) as batch:
            batch.look_up([7])
            batch.write([sample.new(index, sample.known(pk), features=[7, *own])])
    sought = {pk: -(2**63) + pk - 1 + apart * (5 * pk) for pk in range(1, PARTS + 3)}
    with store.ingest.batch(dump.id) as batch:
        assert batch.look_up(sought.values()) == {key: [pk] for pk, key in sought.items()}
        assert batch.look_up([7]) == {7: sorted(sought)}
    assert store.ingest.known_features([7, 8, *sought.values()]) == {7, *sought.values()}
    first = PARTS + 3
    last = first + KEPT - 5
    with store.ingest.batch(dump.id) as batch:
        batch.look_up([7])
        batch.write(
            [sample.new(pk - 1, sample.known(pk), features=[7]) for pk in range(first, last + 1)]
        )
        assert batch.look_up([7]) == {7: list(range(last + 1 - KEPT, last + 1))}
    with store.ingest.batch(dump.id) as batch:
        assert batch.look_up([7]) == {7: list(range(last + 1 - KEPT, last + 1))}


def test_keys_of_a_batch_that_failed_are_not_found(store: Store, sample: Any) -> None:
    """What is remembered of them from one transaction to the next is what was committed."""
    dump = store.ingest.open_dump(sample.info())
    with pytest.raises(ZeroDivisionError), store.ingest.batch(dump.id) as batch:
        batch.write([sample.new(0, sample.known(1), features=[7])])
        assert batch.look_up([7]) == {7: [1]}
        raise ZeroDivisionError
    with store.ingest.batch(dump.id) as batch:
        assert batch.look_up([7]) == {}
        batch.write([sample.new(0, sample.known(5), features=[7])])
    assert store.ingest.known_features([7]) == {7}
    with store.ingest.batch(dump.id) as batch:
        assert batch.look_up([7]) == {7: [5]}


@pytest.mark.usefixtures("small_steps")
def test_another_process_may_write_keys(store: Store, store_url: str, sample: Any) -> None:
    """Two stores of one database find what the other wrote, before and after keys are moved."""
    with open_store(store_url) as other:
        dump = store.ingest.open_dump(sample.info())
        for index, (mine, pk) in enumerate(((store, 1), (other, 2), (store, 3), (other, 4))):
            many = range(100 + index, 500, 4) if pk == 2 else ()
            with mine.ingest.batch(dump.id) as batch:
                assert batch.look_up([7]) == ({7: list(range(1, pk))} if pk > 1 else {})
                batch.write([sample.new(index, sample.known(pk), features=[7, *many])])
        for reader in (store, other):
            assert reader.ingest.known_features([6, 7]) == {7}
            with reader.ingest.batch(dump.id) as batch:
                assert batch.look_up([7, 101]) == {7: [1, 2, 3, 4], 101: [2]}


def test_adding_a_key_twice_changes_nothing(store: Store, sample: Any) -> None:
    """Later sightings repeat their keys."""
    known = sample.known(1)
    dump = sample.articles(store, known, features=[7])
    again = replace(sample.revised(1, known), features=(7, 8))
    with store.ingest.batch(dump.id) as batch:
        batch.write([again])
        assert batch.look_up([7, 8]) == {7: [1], 8: [1]}


def test_pks_are_not_given_twice(store: Store, sample: Any) -> None:
    """Within a batch each reservation is new; across batches they go on after the last used."""
    dump = store.ingest.open_dump(sample.info())
    with store.ingest.batch(dump.id) as batch:
        first, second = batch.next_pks(3), batch.next_pks(2)
        assert (first, second) == (range(1, 4), range(4, 6))
        batch.write([sample.new(0, sample.known(first[1]))])
    with store.ingest.batch(dump.id) as batch:
        assert batch.next_pks(1)[0] > 2


def test_a_revision_replaces_the_state_and_keeps_both_texts(store: Store, sample: Any) -> None:
    """The article shows the new text, the chain holds old and new."""
    known = sample.known(1)
    dump = sample.articles(store, known)
    change = sample.revised(1, known, title="Title 1, corrected", views=99)
    with store.ingest.batch(dump.id) as batch:
        batch.write([change])
        assert batch.text(1) == ("Title 1, corrected", "Lead 1.\nMore of 1002.")
        assert [r.number for r in batch.revisions(1)] == [1, 2]
        assert list(batch.sightings(1)) == [
            Sighting("order-1", 1001, 10),
            Sighting("order-1+", 1002, 99),
        ]
    (entry,) = store.pages.articles()
    assert (entry.id, entry.title, entry.revision) == (known.id, "Title 1, corrected", 2)
    assert (entry.views, entry.updated) == (99, sample.at(1))
    assert [r.body for r in store.pages.chain(known.id)] == [
        "Lead 1.\nMore of 1001.",
        "Lead 1.\nMore of 1002.",
    ]


def test_an_article_may_change_twice_in_one_batch(store: Store, sample: Any) -> None:
    """New and revised in one transaction: the last state stays, with all texts and sightings."""
    known = sample.known(1)
    first = sample.revised(1, known)
    second = sample.revised(2, first.article)
    dump = sample.fill(store, sample.new(0, known), first, second)
    with store.ingest.batch(dump.id) as batch:
        assert [r.number for r in batch.revisions(1)] == [1, 2, 3]
        assert len(batch.sightings(1)) == 3
    assert store.pages.articles()[0].revision == 3


def test_a_chain_can_be_replaced(store: Store, sample: Any) -> None:
    """A late, older dump puts a text before the others and renumbers them."""
    known = sample.known(1, content=11)
    dump = sample.articles(store, known, rules=["water"])
    (old,) = store.pages.chain(known.id)
    earlier = Revision(1, 10, "Title 1", "Earlier.", (1, 2), "order-0", sample.at(5))
    change = replace(
        sample.revised(1, known),
        article=replace(known, revision=2),
        sighting=Sighting("order-0", 10, 3),
        revisions=(earlier, replace(old, number=2)),
        replace_chain=True,
        matches=(sample.match("summit"),),
    )
    with store.ingest.batch(dump.id) as batch:
        batch.write([change])
        assert list(batch.revisions(1)) == [earlier, replace(old, number=2)]
        assert batch.text(1) == (old.title, old.body)
    found = {(m.rule, m.revision) for m in store.pages.matches()}
    assert found == {("water", 2), ("summit", 1)}
    assert store.pages.articles()[0].rules == ("water",)


def test_an_article_may_be_new_and_rechained_in_one_batch(store: Store, sample: Any) -> None:
    """Only the final chain is written."""
    known = sample.known(1, content=11)
    earlier = Revision(1, 10, "Title 1", "Earlier.", (), "order-0", sample.t0)
    change = replace(
        sample.revised(1, known),
        article=replace(known, revision=2),
        sighting=Sighting("order-0", 10, None),
        revisions=(earlier, sample.revision(known, number=2)),
        replace_chain=True,
    )
    sample.fill(store, sample.new(0, known), change)
    assert [r.content for r in store.pages.chain(known.id)] == [10, 11]


def test_matches_of_one_text_are_not_doubled(store: Store, sample: Any) -> None:
    """The same rule on the same text of an article is one match; the first evidence stays."""
    known = sample.known(1)
    dump = sample.articles(store, known, rules=["water", "summit"])
    again = replace(
        sample.new(1, known),
        outcome=Outcome.UNCHANGED,
        is_new=False,
        revisions=(),
        matches=(sample.match("summit", "Other"), sample.match("tokayev")),
    )
    with store.ingest.batch(dump.id) as batch:
        batch.write([again])
    assert sorted(m.rule for m in store.pages.matches()) == ["summit", "tokayev", "water"]
    (summit,) = store.pages.matches(rule="summit")
    assert [e.text for e in summit.evidence] == ["Lead"]


def test_a_duplicate_may_stand_before_its_original(store: Store, sample: Any) -> None:
    """The reference is checked at the commit, so the order within a batch does not matter."""
    sample.articles(store, sample.known(1, duplicate_of=2), sample.known(2))
    assert len(store.pages.articles()) == 2


def test_a_reference_to_nothing_is_refused(store: Store, sample: Any) -> None:
    """Foreign keys are on: a change that would break them is a StoreError and leaves nothing."""
    with pytest.raises(StoreError):
        sample.articles(store, sample.known(1, duplicate_of=99))
    with pytest.raises(StoreError):
        sample.fill(store, sample.revised(0, sample.known(1)))
    assert store.pages.counts().articles == 0


def test_an_unknown_article_has_no_text(store: Store, sample: Any) -> None:
    """Asking for it is an error; its history is empty."""
    dump = store.ingest.open_dump(sample.info())
    with store.ingest.batch(dump.id) as batch:
        assert (list(batch.sightings(5)), list(batch.revisions(5))) == ([], [])
        with pytest.raises(StoreError, match="article 5"):
            batch.text(5)


def test_a_time_without_a_zone_is_refused(store: Store, sample: Any) -> None:
    """It would silently be off by hours."""
    with pytest.raises(StoreError, match="without a zone"):
        sample.articles(store, sample.known(1, updated=sample.t0.replace(tzinfo=None)))
    assert store.pages.counts().articles == 0
