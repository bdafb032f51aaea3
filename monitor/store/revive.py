"""Deliveries set going again, or given up, by hand."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, not_, select, update

from monitor.model import DeliveryState
from monitor.store.engine import Database
from monitor.store.schema import alerts, deliveries, destinations

PENDING, SENDING, SENT, DEAD = (state.value for state in DeliveryState)

# of a delivery whose texts are no longer kept there is nothing to send
_forgotten = exists().where(alerts.c.delivery == deliveries.c.key, alerts.c.payload == "")


def retry(
    database: Database,
    connection: Connection,
    keys: Collection[str] | None,
    receiver: str | None,
    now: datetime,
) -> int:
    """Those named that are dead or wait, or all dead ones but what somebody dropped; of one
    ``receiver`` only, where that is given. Their destinations are taken for sound."""
    chosen: list[ColumnElement[bool]] = [not_(_forgotten)]
    if keys is None:
        chosen += [deliveries.c.state == DEAD, deliveries.c.dropped.is_(False)]
    else:
        chosen += [
            deliveries.c.state.in_([DEAD, PENDING]),
            database.among(deliveries.c.key, keys),
        ]
    touched = select(deliveries.c.destination).where(*chosen)
    if receiver is not None:
        chosen.append(deliveries.c.receiver == receiver)
        # what waits for a receiver that is held goes as well, though none of it is dead
        touched = select(deliveries.c.destination).where(
            deliveries.c.receiver == receiver,
            deliveries.c.state.in_([DEAD, PENDING]),
        )
    elif keys is None:
        touched = select(destinations.c.name)
    names = connection.execute(  # locked before the deliveries, and in order, as everywhere
        select(destinations.c.name)
        .where(destinations.c.name.in_(touched))
        .order_by(destinations.c.name)
        .with_for_update()
    ).scalars()
    connection.execute(
        update(destinations)
        .where(database.among(destinations.c.name, names.all()))
        .values(held_until=None, gone=None, failures=0, failing_since=None)
    )
    return _again(connection, and_(*chosen), now)


def replay(connection: Connection, since: datetime, now: datetime) -> int:
    """What was sent since then."""
    return _again(
        connection,
        and_(deliveries.c.state == SENT, deliveries.c.sent_at >= since, not_(_forgotten)),
        now,
    )


def drop(database: Database, connection: Connection, keys: Collection[str], reason: str) -> int:
    """Those named that wait or are dead: dead from now on, because somebody wants it so."""
    return connection.execute(
        update(deliveries)
        .where(
            deliveries.c.state.in_([PENDING, DEAD]),
            deliveries.c.dropped.is_(False),
            database.among(deliveries.c.key, keys),
        )
        .values(state=DEAD, next_attempt=None, taken=True, dropped=True, last_error=reason)
    ).rowcount


def _again(connection: Connection, chosen: ColumnElement[bool], now: datetime) -> int:
    return connection.execute(
        update(deliveries)
        .where(chosen)
        .values(state=PENDING, attempts=0, next_attempt=now, dropped=False)
    ).rowcount
