"""Lookup keys: which articles stand under which hash.

Hashes are random, so in one large tree each new key would touch a page of its own, and a page is
read, journalled and written for every one. New keys are therefore written one after another,
``fresh_features``, and found by a copy in memory. After every so many they go, in order, into a
small tree, ``recent_features``, and at the same time one part of the small tree, a range of
hashes, into the large one, ``features``: neighbours are written together, and no transaction has
to move much.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence, Set
from typing import NamedTuple

from sqlalchemy import (
    CompoundSelect,
    Connection,
    CursorResult,
    and_,
    bindparam,
    delete,
    func,
    select,
    union_all,
)

from monitor.store.engine import Database
from monitor.store.schema import features, fresh_features, recent_features
from monitor.store.types import pack, unpack

KEPT = 32
"""Articles given for one lookup key, the newest. What stands in every article identifies none,
and must not make every lookup read them all."""

MERGE_EVERY = 4_000
"""Rows that are written one after another, each with the keys of an article. Their copy in memory
takes about 6 MB."""

PARTS = 16  # of the small tree; each goes into the large one in its turn

_TREES = (recent_features, features)
_RANGE = 2**64 // PARTS

_FRESH = (
    select(
        select(func.min(fresh_features.c.seq)).scalar_subquery(),
        fresh_features.c.seq,
        fresh_features.c.article,
        fresh_features.c.hashes,
    )
    .where(fresh_features.c.seq >= bindparam("last"))
    .order_by(fresh_features.c.seq)
)

Pks = list[int]


class Fresh(NamedTuple):
    """Fresh keys, and the numbers of their first and last row."""

    pks: Mapping[int, Sequence[int]]
    first: int
    last: int


class Keys:
    """What all transactions of a store share: the statements, and the copy of the fresh keys.

    Any thread may use it. The copy only ever holds what was committed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: CompoundSelect[int, int] = union_all(
            *(
                select(tree.c.hash, tree.c.article).where(
                    database.among_named(tree.c.hash, "wanted")
                )
                for tree in _TREES
            )
        )
        self._lock = threading.Lock()
        self._fresh: dict[int, Pks] = {}
        self._first = self._last = 0  # of the copy

    def fresh(self, connection: Connection) -> Fresh:
        """The fresh keys as the connection sees them.

        Rows are only added, and deleted from the first one on; the last one always stays. What
        was read once is therefore read on from its end, until the first one is another.
        """
        with self._lock:
            rows = connection.execute(_FRESH, {"last": self._last}).all()
            if not rows or rows[0][0] != self._first:
                self._fresh, self._last = {}, 0
                rows = connection.execute(_FRESH, {"last": 0}).all()
            for self._first, seq, pk, hashes in rows:
                if seq > self._last:
                    for feature in unpack(hashes):
                        self._fresh.setdefault(feature, []).append(pk)
                    self._last = seq
            return Fresh(self._fresh, self._first, self._last)

    def known(
        self, connection: Connection, wanted: Collection[int], *, before: int | None = None
    ) -> set[int]:
        """Those of the hashes under which there is an article, with a pk below ``before``."""
        fresh = self.fresh(connection).pks
        rows = [*self.read(connection, wanted)]
        rows += [(feature, pk) for feature in wanted for pk in fresh.get(feature, ())]
        return {feature for feature, pk in rows if before is None or pk < before}

    def read(self, connection: Connection, wanted: Collection[int]) -> CursorResult[int, int]:
        """``(hash, pk)`` for each of the hashes in the trees."""
        # In order: neighbours are on one page, or on pages that are below the same ones.
        return connection.execute(self._read, {"wanted": self._database.listed(sorted(wanted))})


class Shelves:
    """The lookup keys as one transaction sees them, remembered once asked for."""

    def __init__(self, database: Database, connection: Connection, keys: Keys) -> None:
        """At the start of a transaction: what is added in it is not yet among the rows."""
        self._database = database
        self._connection = connection
        self._keys = keys
        self._fresh, self._first, self._last = keys.fresh(connection)
        self._asked: set[int] = set()
        self._shelved: dict[int, Pks] = {}  # in the trees, of what was asked
        self._added: dict[int, Pks] = {}  # in this transaction
        self._layers = self._shelved, self._fresh, self._added

    def look_up(self, wanted: set[int]) -> dict[int, Sequence[int]]:
        """The pks under each hash, the newest ``KEPT``; hashes without any are absent."""
        if missing := wanted - self._asked:
            self._asked |= missing
            for feature, pk in self._keys.read(self._connection, missing).all():
                self._shelved.setdefault(feature, []).append(pk)
        return self._there(wanted)

    def add(self, added: Mapping[int, set[int]]) -> None:
        """Put articles under hashes; of hashes that were asked for the oldest make room."""
        inserts, deletes = shelve(added, self._there(added.keys()), self._shelved)
        by_article: dict[int, list[int]] = {}
        for feature, pk in inserts:
            self._added.setdefault(feature, []).append(pk)
            by_article.setdefault(pk, []).append(feature)
        if by_article:
            rows = [
                (seq, pk, pack(hashes))
                for seq, (pk, hashes) in enumerate(by_article.items(), self._last + 1)
            ]
            self._database.add(self._connection, fresh_features, rows)
            self._last += len(rows)
        for tree in _TREES if deletes else ():
            self._connection.execute(
                delete(tree).where(
                    and_(tree.c.hash == bindparam("hash_"), tree.c.article == bindparam("pk_"))
                ),
                [{"hash_": feature, "pk_": pk} for feature, pk in deletes],
            )
        for feature, pk in deletes:
            self._shelved[feature].remove(pk)

    def merge(self) -> None:
        """Move keys on, where there are enough; the last thing in a transaction."""
        if self._last - self._first < MERGE_EVERY:
            return
        # All that the rows hold stands in memory; the last row stays, and its keys are in both.
        rows = sorted(
            (feature, pk)
            for keys in (self._fresh, self._added)
            for feature, pks in keys.items()
            for pk in pks
        )
        self._database.add(self._connection, recent_features, rows, unless_there=True)
        self._connection.execute(delete(fresh_features).where(fresh_features.c.seq < self._last))
        part = self._last // MERGE_EVERY % PARTS
        hashes = recent_features.c.hash
        within = hashes >= part * _RANGE - 2**63
        if part < PARTS - 1:
            within = and_(within, hashes < (part + 1) * _RANGE - 2**63)
        columns = hashes, recent_features.c.article
        moved = select(*columns).where(within).order_by(*columns)
        insert = self._database.insert(features).from_select(["hash", "article"], moved)
        self._connection.execute(insert.on_conflict_do_nothing())
        self._connection.execute(delete(recent_features).where(within))

    def _there(self, wanted: Set[int]) -> dict[int, Sequence[int]]:
        there = set().union(*(wanted & keys.keys() for keys in self._layers))
        return {feature: pks for feature in there if (pks := self._under(feature))}

    def _under(self, feature: int) -> Sequence[int]:
        found = [pks for keys in self._layers if (pks := keys.get(feature))]
        if len(found) == 1 and len(found[0]) == 1:
            return found[0]
        return sorted(set().union(*found))[-KEPT:]


def shelve(
    added: Mapping[int, set[int]],
    there: Mapping[int, Sequence[int]],
    shelved: Mapping[int, Sequence[int]],
    kept: int = KEPT,
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """``(rows to insert, rows to delete)`` so that each key shows its ``kept`` newest articles.

    ``there`` are the pks that now stand under each key (absent: none), ``shelved`` those of them
    that can be deleted. Rows are ``(hash, pk)``.
    """
    inserts: list[tuple[int, int]] = []
    deletes: list[tuple[int, int]] = []
    for feature, pks in added.items():
        present = there.get(feature, ())
        if not present and len(pks) <= kept:
            inserts += [(feature, pk) for pk in pks]
            continue
        keep = set(sorted(pks.union(present))[-kept:])
        inserts += [(feature, pk) for pk in keep.difference(present)]
        deletes += [(feature, pk) for pk in shelved.get(feature, ()) if pk not in keep]
    return inserts, deletes
