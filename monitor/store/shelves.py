"""Lookup keys: which articles stand under which hash.

Hashes are random, so each new one touches a page of its own, and the journal is written in
pages: with all keys in one tree, storing an article would cost more the more are stored. New
keys therefore go into a small tree first, which is merged into the large one, in order, after
every so many articles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Executable, and_, bindparam, delete, insert, select

from monitor.store.engine import Database
from monitor.store.schema import features, fresh_features

KEPT = 64
"""Articles kept under one lookup key, the newest. A paragraph that stands in every article
identifies none, and must not make every lookup read them all."""

MERGE_EVERY = 10_000
"""The articles whose keys make up the small tree: about 2 MB."""

_TREES = (fresh_features, features)


def look_ups(database: Database) -> tuple[Executable, ...]:
    """For each tree what reads ``(hash, pk)`` under the hashes ``wanted``."""
    return tuple(
        select(tree.c.hash, tree.c.article).where(database.among_named(tree.c.hash, "wanted"))
        for tree in _TREES
    )


class Shelves:
    """The lookup keys as one transaction sees them, remembered once asked for."""

    def __init__(
        self,
        database: Database,
        connection: Connection,
        reads: Sequence[Executable],
    ) -> None:
        """``reads`` are the store's ``look_ups``."""
        self._database = database
        self._connection = connection
        self._reads = reads
        self._asked: set[int] = set()
        self._stored: dict[int, list[int]] = {}  # of what was asked, where there is anything

    def look_up(self, wanted: set[int]) -> dict[int, list[int]]:
        """The pks under each hash; hashes without any are absent."""
        if missing := wanted - self._asked:
            self._asked |= missing
            parameters = {"wanted": self._database.listed(missing)}
            for read in self._reads:
                for feature, pk in self._connection.execute(read, parameters):
                    self._stored.setdefault(feature, []).append(pk)
        return {feature: pks for feature in wanted if (pks := self._stored.get(feature))}

    def add(self, added: Mapping[int, set[int]]) -> None:
        """Put articles under hashes; the oldest make room."""
        inserts, deletes = shelve(added, self.look_up(set(added)))
        if inserts:
            self._database.add(self._connection, fresh_features, inserts)
        for tree in _TREES if deletes else ():
            self._connection.execute(
                delete(tree).where(
                    and_(tree.c.hash == bindparam("hash_"), tree.c.article == bindparam("pk_"))
                ),
                [{"hash_": feature, "pk_": pk} for feature, pk in deletes],
            )
        for feature, pk in deletes:
            self._stored[feature].remove(pk)
        for feature, pk in inserts:
            self._stored.setdefault(feature, []).append(pk)

    def merge(self) -> None:
        """Move the small tree into the large one."""
        fresh = select(fresh_features).order_by(fresh_features.c.hash, fresh_features.c.article)
        self._connection.execute(insert(features).from_select(features.c.keys(), fresh))
        self._connection.execute(delete(fresh_features))


def shelve(
    added: Mapping[int, set[int]], stored: Mapping[int, Sequence[int]], kept: int = KEPT
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """``(rows to insert, rows to delete)`` so that each key keeps its ``kept`` newest articles.

    ``stored`` are the pks now under each key (absent: none). Rows are ``(hash, pk)``, inserts
    sorted, because a tree filled in order touches each page once.
    """
    inserts: list[tuple[int, int]] = []
    deletes: list[tuple[int, int]] = []
    for feature, pks in added.items():
        if there := stored.get(feature):
            keep = set(sorted(pks.union(there))[-kept:])
            inserts += [(feature, pk) for pk in keep.difference(there)]
            deletes += [(feature, pk) for pk in there if pk not in keep]
        elif len(pks) == 1:
            inserts += [(feature, pk) for pk in pks]
        else:
            inserts += [(feature, pk) for pk in sorted(pks)[-kept:]]
    inserts.sort()
    return inserts, deletes
