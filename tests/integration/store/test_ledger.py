"""The ledger of dumps: what was taken in, how far, and how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from monitor.errors import StoreError
from monitor.model import DumpState, Outcome
from monitor.store import Store, open_store
from tests.integration.telling import put


def test_a_new_dump_opens_with_what_is_known_of_it(store: Store, sample: Any) -> None:
    """Name, source, size and times come back as given; nothing is counted yet."""
    dump = store.ingest.open_dump(sample.info())
    assert (dump.sha256, dump.name, dump.source, dump.size) == ("a" * 64, "dump-a.txt", "kt", 1234)
    assert (dump.received, dump.crawled) == (sample.t0, date(2026, 3, 1))
    assert (dump.state, dump.copies, dump.articles) == (DumpState.INGESTING, 1, 0)


def test_opening_an_interrupted_dump_again_resumes_it(store: Store, sample: Any) -> None:
    """The same row, at the same position; a resumed ingest is not a second copy."""
    first = sample.fill(store, sample.new(0, sample.known(1)), sample.bad(1))
    again = store.ingest.open_dump(sample.info(name="renamed.txt"))
    assert again.id == first.id
    assert (again.state, again.copies, again.articles) == (DumpState.INGESTING, 1, 2)
    assert again.name == "dump-a.txt"


def test_the_same_bytes_again_raise_copies(store: Store, sample: Any) -> None:
    """A dump that was taken in before is counted and not reopened."""
    dump = store.ingest.open_dump(sample.info())
    store.ingest.close_dump(dump.id, DumpState.DONE, "told")
    assert store.ingest.open_dump(sample.info()).copies == 2
    last = store.ingest.open_dump(sample.info())
    assert (last.copies, last.state, last.reason) == (3, DumpState.DONE, "told")
    assert len(store.pages.dumps()) == 1


def test_a_refused_dump_is_read_again(store: Store, sample: Any) -> None:
    """The bytes of a dump that was refused as a whole start anew, in the same row."""
    dump = sample.fill(store, sample.bad(0), sample.bad(1))
    store.ingest.close_dump(dump.id, DumpState.QUARANTINED, "holds no article")
    again = store.ingest.open_dump(sample.info())
    assert (again.id, again.state, again.reason) == (dump.id, DumpState.INGESTING, None)
    assert (again.copies, again.articles, again.quarantined) == (2, 0, 0)
    with store.ingest.batch(again.id) as batch:
        assert batch.position == 0
        batch.write([sample.new(0, sample.known(1))])
    done = store.ingest.close_dump(again.id, DumpState.DONE)
    assert (done.articles, done.new) == (1, 1)


def test_a_dump_that_was_read_in_part_goes_on_where_it_ended(store: Store, sample: Any) -> None:
    """What is stored of it stays, its sightings too; the rest is added to it."""
    dump = sample.fill(store, sample.new(0, sample.known(1)), sample.bad(1))
    store.ingest.close_dump(dump.id, DumpState.PARTIAL, "gzip ended early")
    again = store.ingest.open_dump(sample.info())
    assert (again.id, again.state, again.reason) == (dump.id, DumpState.INGESTING, None)
    assert (again.copies, again.articles, again.new, again.quarantined) == (2, 2, 1, 1)
    with store.ingest.batch(again.id) as batch:
        assert batch.position == 2
        assert len(batch.sightings(1)) == 1
        batch.write([sample.new(2, sample.known(2))])
    done = store.ingest.close_dump(again.id, DumpState.DONE)
    assert (done.articles, done.new, done.quarantined) == (3, 2, 1)


def test_a_dump_is_found_by_number_name_or_hash(store: Store, sample: Any) -> None:
    """The number first, then the name, then the beginning of the hash; what several are called is
    an error that names them."""
    first = store.ingest.open_dump(sample.info("a", name="same.txt"))
    second = store.ingest.open_dump(sample.info("b", name="same.txt"))
    third = store.ingest.open_dump(sample.info("c", name=str(first.id)))
    fourth = store.ingest.open_dump(sample.info("d", sha256="a" * 10 + "0" * 54, name="cafe00"))

    def found(wanted: str) -> int | None:
        account = store.pages.dump(wanted)
        return account.dump.id if account else None

    assert found(str(first.id)) == first.id
    assert found(str(third.id)) == third.id
    assert found("cafe00") == fourth.id
    assert found("BBBBBB") == second.id
    assert found("a" * 11) == first.id
    assert [found(wanted) for wanted in ("bbbbb", "nothing", "0", "-1", "9" * 30, "", "\0")] == (
        [None] * 7
    )
    for several in ("same.txt", "a" * 10):
        with pytest.raises(StoreError, match=f"{several}: several dumps .* {first.id}"):
            store.pages.dump(several)


def test_an_account_says_where_row_and_segments_differ(store: Store, sample: Any) -> None:
    """The segments are counted, not taken from the row; all agree unless somebody meddled."""
    dump = sample.fill(store, sample.new(0, sample.known(1)), sample.bad(1), sample.bad(2))
    account = store.pages.dump(str(dump.id))
    assert account is not None
    assert account.disagreements == ()
    assert account.counted[Outcome.QUARANTINED] == 2
    assert dict(account.counted) == account.dump.outcomes
    wrong = replace(account, counted={**account.counted, Outcome.NEW: 3})
    assert wrong.disagreements == (
        "new: the ledger says 1, there are 3",
        "segments: the ledger says 3, there are 5",
    )


def test_different_bytes_are_different_dumps(store: Store, sample: Any) -> None:
    """The contents identify a dump, not its name; the ledger shows the newest first."""
    store.ingest.open_dump(sample.info("a", name="same.txt"))
    store.ingest.open_dump(sample.info("b", name="same.txt"))
    assert [dump.sha256[0] for dump in store.pages.dumps()] == ["b", "a"]
    assert [dump.sha256[0] for dump in store.pages.dumps(limit=1)] == ["b"]


def test_counts_add_up(store: Store, sample: Any) -> None:
    """Every outcome is counted and the five make up all segments."""
    first, second = sample.known(1), sample.known(2, duplicate_of=1)
    dump = sample.fill(
        store,
        sample.new(0, first),
        sample.new(1, second),
        sample.revised(2, first),
        sample.bad(3),
        sample.bad(4),
    )
    closed = store.ingest.close_dump(dump.id, DumpState.PARTIAL, "gzip ended early")
    assert (closed.new, closed.duplicate, closed.revised, closed.unchanged) == (1, 1, 1, 0)
    assert (closed.quarantined, closed.articles) == (2, 5)
    assert (closed.state, closed.reason) == (DumpState.PARTIAL, "gzip ended early")
    assert [(one.index, one.outcome) for one in store.pages.segments(dump.id)] == [
        (0, Outcome.NEW),
        (1, Outcome.DUPLICATE),
        (2, Outcome.REVISED),
        (3, Outcome.QUARANTINED),
        (4, Outcome.QUARANTINED),
    ]


def test_the_crawl_date_can_be_told_later(store: Store, sample: Any) -> None:
    """What the first lines say replaces what was known at the opening."""
    dump = store.ingest.open_dump(sample.info(crawled=None))
    with store.ingest.batch(dump.id) as tx:
        tx.set_crawled(date(2026, 2, 20))
    assert store.pages.dumps()[0].crawled == date(2026, 2, 20)


def test_an_unknown_dump_is_an_error(store: Store) -> None:
    """Nothing is written for a dump that is not in the ledger."""
    with pytest.raises(StoreError, match="dump 77"), store.ingest.batch(77):
        pass
    with pytest.raises(StoreError, match="dump 77"):
        store.ingest.close_dump(77, DumpState.DONE)


def test_the_ledger_survives_closing(store: Store, store_url: str, sample: Any) -> None:
    """A second program that opens the same database sees the same rows."""
    dump = sample.fill(store, sample.bad(0))
    store.close()
    with open_store(store_url) as again:
        assert again.ingest.open_dump(sample.info()).articles == 1
        assert again.pages.dumps()[0].id == dump.id


def test_a_batch_starts_at_the_position_and_moves_it(store: Store, sample: Any) -> None:
    """``position`` tells where to go on, within a batch and in the next one."""
    dump = store.ingest.open_dump(sample.info())
    with store.ingest.batch(dump.id) as batch:
        assert batch.position == 0
        batch.write([sample.bad(0), sample.bad(1)])
        assert batch.position == 2
        batch.write([])
        batch.write([sample.bad(2)])
    with store.ingest.batch(dump.id) as batch:
        assert batch.position == 3


def test_a_batch_that_raises_leaves_nothing(store: Store, sample: Any) -> None:
    """An error of the caller's own goes through as it is and takes all writes back."""
    dump = store.ingest.open_dump(sample.info())
    with pytest.raises(ZeroDivisionError), store.ingest.batch(dump.id) as batch:
        batch.write([sample.new(0, sample.known(1), rules=["water"], features=[5])])
        put(batch, sample.destination(), [sample.alert(1)], now=sample.t0, due=sample.t0)
        assert batch.text(1)[0] == "Title 1"
        raise ZeroDivisionError
    counts = store.pages.counts()
    assert (counts.articles, counts.revisions, counts.matches) == (0, 0, 0)
    assert store.pages.deliveries() == []
    with store.ingest.batch(dump.id) as batch:
        assert batch.position == 0
        assert batch.look_up([5]) == {}
        assert batch.next_pks(1) == range(1, 2)


@pytest.mark.parametrize("indexes", [[1], [0, 0], [0, 2], [-1]])
def test_segments_are_written_one_after_another(
    store: Store, sample: Any, indexes: list[int]
) -> None:
    """A gap, a repetition or a wrong start is refused, and nothing of the batch stays."""
    dump = store.ingest.open_dump(sample.info())
    with (
        pytest.raises(StoreError, match="cannot be written"),
        store.ingest.batch(dump.id) as batch,
    ):
        batch.write([sample.bad(index) for index in indexes])
    assert store.pages.segments(dump.id) == []


def test_a_second_writer_of_the_same_dump_is_refused(
    store: Store, store_url: str, sample: Any
) -> None:
    """Two processes resume one dump: the slower one writes from a stale position and fails."""
    dump = store.ingest.open_dump(sample.info())
    with open_store(store_url) as other:
        assert other.ingest.open_dump(sample.info()).articles == 0
        with other.ingest.batch(dump.id) as batch:
            batch.write([sample.bad(0)])
    with pytest.raises(StoreError, match="segment 1 is next"), store.ingest.batch(dump.id) as batch:
        batch.write([sample.bad(0)])
    assert store.pages.dumps()[0].articles == 1


def test_a_closed_dump_takes_no_more(store: Store, sample: Any) -> None:
    """What is done is done, also for the writer that missed the end."""
    dump = store.ingest.open_dump(sample.info())
    store.ingest.close_dump(dump.id, DumpState.DONE)
    with pytest.raises(StoreError, match="closed"), store.ingest.batch(dump.id) as batch:
        batch.write([sample.bad(0)])
