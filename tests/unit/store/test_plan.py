"""What a sequence of changes amounts to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Change, Outcome
from monitor.store.plan import plan
from monitor.store.shelves import shelve

PKS = st.integers(1, 30)


@given(
    st.dictionaries(st.integers(0, 5), st.sets(PKS, min_size=1)),
    st.dictionaries(st.integers(0, 5), st.sets(PKS).map(sorted)),
    st.sets(PKS),
    st.integers(1, 8),
)
def test_each_key_keeps_its_newest(
    added: dict[int, set[int]], stored: dict[int, list[int]], fixed: set[int], kept: int
) -> None:
    """After the inserts and deletes a key that was added to has the newest of old and new, beside
    those that cannot be deleted; others are as they were; nothing is inserted that is there or
    deleted that is not."""
    there = {key: pks[-kept:] for key, pks in stored.items()}
    shelved = {key: [pk for pk in pks if pk not in fixed] for key, pks in stored.items()}
    before = {(key, pk) for key, pks in stored.items() for pk in pks}
    inserts, deletes = shelve(added, there, shelved, kept)
    assert not before & set(inserts)
    assert before >= set(deletes)
    assert len(set(inserts)) == len(inserts)
    after = (before | set(inserts)) - set(deletes)
    expected = {(key, pk) for key in stored.keys() - added.keys() for pk in stored[key]} | {
        (key, pk)
        for key in added
        for place, pk in enumerate(sorted(added[key].union(stored.get(key, [])), reverse=True))
        if place < kept or (pk in fixed and pk in stored.get(key, []))
    }
    assert after == expected


def test_quarantined_segments_have_no_article() -> None:
    """They are counted and get their row, and nothing else."""
    changes = [Change(n, Outcome.QUARANTINED, "not text", confidence=0.0) for n in range(2)]
    rows = plan(7, changes)
    assert rows.outcomes == {Outcome.QUARANTINED: 2}
    assert [row[:2] + row[3:4] for row in rows.segments] == [
        (7, 0, None),
        (7, 1, None),
    ]
    assert not (rows.inserted or rows.updated or rows.revisions or rows.matches or rows.features)
