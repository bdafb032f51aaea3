"""The ledger of dumps, and the transactions in which their articles are stored."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Set
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from monitor.errors import StoreError
from monitor.model import Dump, DumpInfo, DumpState, Outcome
from monitor.store.batch import SqlIngestBatch
from monitor.store.engine import Database
from monitor.store.rows import dump_of
from monitor.store.schema import articles, dumps, segments
from monitor.store.shelves import Keys

_FIRST_SEEN = (Outcome.NEW.value, Outcome.DUPLICATE.value)


class SqlIngestStore:
    """``monitor.ports.IngestStore`` over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = Keys(database)
        self._by_pks = select(articles).where(database.among_named(articles.c.pk, "pks"))

    def open_dump(self, info: DumpInfo) -> Dump:
        """The ledger row for these bytes, made if new; see the protocol."""
        row = {
            "sha256": info.sha256,
            "name": info.name,
            "source": info.source,
            "size": info.size,
            "received": info.received,
            "crawled": info.crawled,
            "state": DumpState.INGESTING.value,
            "copies": 1,
            "position": 0,
            "new": 0,
            "revised": 0,
            "unchanged": 0,
            "duplicate": 0,
            "quarantined": 0,
            "timed": 0,
            "unsure": 0,
            "odd_times": 0,
        }
        insert = (
            self._database.insert(dumps).values(row).on_conflict_do_nothing().returning(dumps.c.id)
        )
        with self._database.write() as connection:
            if connection.execute(insert).one_or_none() is None:
                same = dumps.c.sha256 == info.sha256
                connection.execute(
                    update(dumps)
                    .where(same, dumps.c.state != DumpState.INGESTING.value)
                    .values(copies=dumps.c.copies + 1)
                )
                connection.execute(  # others come again because somebody retries them
                    update(dumps)
                    .where(same, dumps.c.state == DumpState.DONE.value)
                    .values(again=info.received)
                )
                self._reopen(connection, info)
            found = connection.execute(select(dumps).where(dumps.c.sha256 == info.sha256))
            return dump_of(found.one())

    def _reopen(self, connection: Connection, info: DumpInfo) -> None:
        """What ended before its time is read again: profile or program may be mended by now.

        Of a dump that was refused as a whole nothing is stored, and it starts anew. One that was
        read in part goes on after its last segment, as an interrupted one does: its sightings are
        history, on which later ones rest, and stay.
        """
        connection.execute(
            update(dumps)
            .where(dumps.c.sha256 == info.sha256, dumps.c.state == DumpState.PARTIAL.value)
            .values(state=DumpState.INGESTING.value, reason=None)
        )
        refused = connection.scalar(
            select(dumps.c.id).where(
                dumps.c.sha256 == info.sha256, dumps.c.state == DumpState.QUARANTINED.value
            )
        )
        if refused is None:
            return
        connection.execute(delete(segments).where(segments.c.dump == refused))
        connection.execute(
            update(dumps)
            .where(dumps.c.id == refused)
            .values(
                state=DumpState.INGESTING.value,
                reason=None,
                source=info.source,
                crawled=info.crawled,
                position=0,
                quarantined=0,
                timed=0,
                unsure=0,
                odd_times=0,
            )
        )

    @contextmanager
    def batch(self, dump_id: int) -> Iterator[SqlIngestBatch]:
        """One transaction; leaving commits, an exception rolls back.

        Raises StoreError for a dump that is not in the ledger.
        """
        with self._database.write(alone=True) as connection:
            dump = _dump(connection, dump_id)
            batch = SqlIngestBatch(self._database, connection, dump, self._keys, self._by_pks)
            yield batch
            batch.finish()

    def began(self, info: DumpInfo) -> tuple[datetime, int]:
        """When the dump arrived first, and the pk from which on articles came with or after it."""
        with self._database.read() as connection:
            row = connection.execute(
                select(dumps.c.id, dumps.c.received).where(dumps.c.sha256 == info.sha256)
            ).one_or_none()
            last = connection.scalar(select(func.max(articles.c.pk))) or 0
            if row is None:
                return info.received, last + 1
            own = connection.scalar(
                select(func.min(segments.c.article)).where(
                    segments.c.dump == row.id, segments.c.outcome.in_(_FIRST_SEEN)
                )
            )
            return row.received, own if own is not None else last + 1

    def known_features(self, hashes: Collection[int], *, before: int | None = None) -> Set[int]:
        """Those of the lookup keys under which articles are stored, with a pk below ``before``."""
        with self._database.read() as connection:
            return self._keys.known(connection, hashes, before=before)

    def close_dump(self, dump_id: int, state: DumpState, reason: str | None = None) -> Dump:
        """Give the dump its final state; returns the row."""
        with self._database.write() as connection:
            connection.execute(
                update(dumps).where(dumps.c.id == dump_id).values(state=state.value, reason=reason)
            )
            return _dump(connection, dump_id)


def _dump(connection: Connection, dump_id: int) -> Dump:
    row = connection.execute(
        select(dumps).where(dumps.c.id == dump_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise StoreError(f"dump {dump_id} is not in the ledger")
    return dump_of(row)
