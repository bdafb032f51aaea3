"""How sources are: what the ledger shows of them, and what is not as it usually is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from monitor.model import PIECE, Condition, Dump, HealthCheck
from monitor.store.engine import Database
from monitor.store.enqueue import SqlDeliveryBatch
from monitor.store.rows import dump_of
from monitor.store.schema import conditions, dumps
from monitor.store.suppressions import SqlWithholding

MOST_ARRIVALS = 2_000
"""Newest dumps of a source whose moments of arrival are read."""


def _of(source: str) -> ColumnElement[bool]:
    """What the source sent: a piece of a dump that somebody retried says nothing of it."""
    return and_(dumps.c.source == source, dumps.c.name.not_like(f"%.{PIECE}%"))


class SqlHealthView:
    """``monitor.ports.HealthView`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def dumps(self, source: str, *, limit: int, before: datetime | None = None) -> Sequence[Dump]:
        """The source's dumps, newest first, all or those that came before a moment."""
        chosen = select(dumps).where(_of(source)).order_by(dumps.c.id.desc()).limit(limit)
        if before is not None:
            chosen = chosen.where(dumps.c.received < before)
        return [dump_of(row) for row in self._connection.execute(chosen)]

    def arrivals(self, source: str, *, since: datetime) -> Sequence[datetime]:
        """When the source's dumps came, those at or after ``since``, newest first."""
        newest = (
            select(dumps.c.received)
            .where(_of(source))
            .order_by(dumps.c.id.desc())
            .limit(MOST_ARRIVALS)
        )
        return [moment for moment in self._connection.execute(newest).scalars() if moment >= since]

    def standing(self, source: str) -> Mapping[HealthCheck, Condition]:
        """The source's conditions by check."""
        rows = self._connection.execute(select(conditions).where(conditions.c.source == source))
        return {
            HealthCheck(check): Condition(name, HealthCheck(check), since, detail)
            for name, check, since, detail in rows
        }


class SqlHealthBatch(SqlDeliveryBatch, SqlHealthView, SqlWithholding):
    """``monitor.ports.HealthBatch`` over one transaction."""

    def begin(self, condition: Condition) -> None:
        """Store a condition that does not stand yet."""
        self._connection.execute(
            insert(conditions).values(
                source=condition.source,
                check=condition.check.value,
                since=condition.since,
                detail=condition.detail,
            )
        )

    def end(self, condition: Condition) -> None:
        """Forget a condition."""
        self._connection.execute(
            delete(conditions).where(
                conditions.c.source == condition.source,
                conditions.c.check == condition.check.value,
            )
        )

    def conditions(self) -> Sequence[Condition]:
        """What is not as usual of any source, the oldest first."""
        return all_conditions(self._connection)


class SqlHealthStore:
    """``monitor.ports.HealthStore`` over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def view(self) -> Iterator[SqlHealthView]:
        """One snapshot."""
        with self._database.read() as connection:
            yield SqlHealthView(connection)

    @contextmanager
    def batch(self) -> Iterator[SqlHealthBatch]:
        """One transaction, alone with ingest; leaving commits, an exception rolls back."""
        with self._database.write(alone=True) as connection:
            yield SqlHealthBatch(self._database, connection)


def all_conditions(connection: Connection) -> Sequence[Condition]:
    """Every condition, the oldest first."""
    rows = connection.execute(
        select(conditions).order_by(conditions.c.since, conditions.c.source, conditions.c.check)
    )
    return [
        Condition(source, HealthCheck(check), since, detail)
        for source, check, since, detail in rows
    ]
