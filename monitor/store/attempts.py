"""Attempts to deliver: written with what came of them, few of them kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, select

from monitor.model import Attempt, AttemptOutcome, Settlement
from monitor.store.engine import Database
from monitor.store.schema import attempts

FIRST_KEPT, LAST_KEPT = 5, 15
"""Of one delivery's attempts; what is between them says nothing new."""
LOST = "the program or its database ended before it was stored what came of it"

_FORGET = delete(attempts).where(
    attempts.c.delivery == bindparam("key_"),
    and_(attempts.c.number > FIRST_KEPT, attempts.c.number <= bindparam("until_")),
)


def record(
    database: Database, connection: Connection, settled: Sequence[Settlement], *, longest: int
) -> None:
    """Add attempts, with up to ``longest`` characters of an answer, and forget those of the same
    deliveries that are too many."""
    _add(database, connection, [(one.key, one.attempt) for one in settled], longest)
    many = [one for one in settled if one.attempt.number > FIRST_KEPT + LAST_KEPT]
    if many:
        connection.execute(
            _FORGET,
            [{"key_": one.key, "until_": one.attempt.number - LAST_KEPT} for one in many],
        )


def record_lost(
    database: Database, connection: Connection, held: Sequence[Row[Any]], lease: timedelta
) -> None:
    """Add what nobody knows the end of: rows of ``deliveries`` that somebody held, for as long as
    ``lease``."""
    lost = AttemptOutcome.LOST.value
    _add(
        database,
        connection,
        [
            (row.key, Attempt(row.attempts, row.lease_until - lease, None, lost, LOST))
            for row in held
        ],
        len(LOST),
    )


def _add(
    database: Database,
    connection: Connection,
    made: Sequence[tuple[str, Attempt]],
    longest: int,
) -> None:
    rows = [
        (key, one.started, one.number, one.seconds, one.outcome, one.answer[:longest])
        for key, one in made
    ]
    if rows:
        database.add(connection, attempts, rows, unless_there=True)


def first_tried(
    database: Database, connection: Connection, keys: Sequence[str]
) -> dict[str, datetime]:
    """When each of the deliveries was first tried, or first since it was retried by hand."""
    rows = connection.execute(
        select(attempts.c.delivery, func.max(attempts.c.started).label("since"))
        .where(database.among(attempts.c.delivery, keys), attempts.c.number == 1)
        .group_by(attempts.c.delivery)
    )
    return {row.delivery: row.since for row in rows}


def load_attempts(connection: Connection, key: str) -> list[Attempt]:
    """A delivery's attempts as they were made."""
    rows = connection.execute(
        select(attempts).where(attempts.c.delivery == key).order_by(attempts.c.started)
    )
    return [Attempt(row.number, row.started, row.seconds, row.outcome, row.answer) for row in rows]
