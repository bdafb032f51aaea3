"""The outbox as people look at it: deliveries with all that happened to them, and destinations."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, case, func, select

from monitor.errors import StoreError
from monitor.model import (
    Alert,
    Delivery,
    DeliveryAccount,
    DeliveryKind,
    DeliveryState,
    DestinationState,
)
from monitor.store.attempts import load_attempts
from monitor.store.engine import Database
from monitor.store.rows import alert_of
from monitor.store.schema import alerts, deliveries, destinations

SHORTEST_PREFIX = 4  # of a delivery's id, without what all ids begin with
PREFIX = "dlv_"
MOST_SHOWN = 200  # alerts of one delivery

PENDING, SENDING = DeliveryState.PENDING.value, DeliveryState.SENDING.value

_failures = deliveries.c.attempts - case((deliveries.c.state == SENDING, 1), else_=0)
waits_since = case((_failures > 0, deliveries.c.created), else_=deliveries.c.next_attempt)
"""Of a delivery that waits: since it was opened, where an attempt failed; else since it was due,
which it may also be by a retry or a replay."""


def load_deliveries(
    database: Database,
    connection: Connection,
    *,
    state: DeliveryState | None,
    receiver: str | None,
    since: datetime | None,
    limit: int,
) -> list[Delivery]:
    """Newest first: those in one state, of one receiver, made at or after a moment."""
    chosen = select(deliveries).order_by(deliveries.c.created.desc(), deliveries.c.key).limit(limit)
    if state is not None:
        chosen = chosen.where(deliveries.c.state == state.value)
    if receiver is not None:
        chosen = chosen.where(deliveries.c.receiver == receiver)
    if since is not None:
        chosen = chosen.where(deliveries.c.created >= since)
    return _deliveries(database, connection, connection.execute(chosen).all())


def load_delivery(
    database: Database, connection: Connection, wanted: str
) -> DeliveryAccount | None:
    """One delivery, by its id or how that begins. Raises StoreError where it is that of several."""
    key = find_key(connection, wanted)
    if key is None:
        return None
    row = connection.execute(select(deliveries).where(deliveries.c.key == key)).one()
    (delivery,) = _deliveries(database, connection, [row])
    states = load_destinations(connection, row.destination)
    return DeliveryAccount(
        delivery, _alerts(connection, key), load_attempts(connection, key), states[0]
    )


def find_key(connection: Connection, wanted: str) -> str | None:
    """The id that is this, or begins like this. Raises StoreError where several do."""
    if connection.scalar(select(deliveries.c.key).where(deliveries.c.key == wanted)) is not None:
        return wanted
    prefix = wanted.lower()
    prefix = prefix if prefix.startswith(PREFIX) else PREFIX + prefix
    if len(prefix) < len(PREFIX) + SHORTEST_PREFIX:
        return None
    found = connection.execute(
        select(deliveries.c.key)
        .where(deliveries.c.key >= prefix, deliveries.c.key < prefix + "\U0010ffff")
        .limit(2)
    ).all()
    if len(found) > 1:
        raise StoreError(f"{wanted}: more than one delivery's id begins like that")
    return found[0].key if found else None


def load_destinations(connection: Connection, name: str | None = None) -> list[DestinationState]:
    """All that ever had a delivery, or one, by name."""
    counted = (
        select(
            deliveries.c.destination,
            func.count().label("waiting"),
            func.min(waits_since).label("oldest"),
            func.count().filter(deliveries.c.state == SENDING).label("sending"),
        )
        .where(deliveries.c.next_attempt.is_not(None))
        .group_by(deliveries.c.destination)
        .subquery()
    )
    chosen = (
        select(destinations, counted.c.waiting, counted.c.oldest, counted.c.sending)
        .outerjoin(counted, counted.c.destination == destinations.c.name)
        .order_by(destinations.c.name)
    )
    if name is not None:
        chosen = chosen.where(destinations.c.name == name)
    return [
        DestinationState(
            name=row.name,
            waiting=row.waiting or 0,
            failing_since=row.failing_since,
            failures=row.failures,
            held_until=row.held_until,
            last_error=row.last_error,
            last_sent=row.last_sent,
            oldest=row.oldest,
            sending=bool(row.sending),
            gone=row.gone is not None,
        )
        for row in connection.execute(chosen)
    ]


def _deliveries(
    database: Database, connection: Connection, rows: Sequence[Row[Any]]
) -> list[Delivery]:
    told: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, article_id, rules in connection.execute(
        select(alerts.c.delivery, alerts.c.article_id, alerts.c.rules)
        .where(database.among(alerts.c.delivery, [row.key for row in rows]))
        .order_by(alerts.c.delivery, alerts.c.place)
    ):
        told[key].append((article_id, rules))
    return [
        Delivery(
            id=row.key,
            receiver=row.receiver,
            channel=row.channel,
            destination=row.destination,
            rules=_distinct(rule for _, rules in told[row.key] for rule in json.loads(rules)),
            articles=_distinct(article_id for article_id, _ in told[row.key]),
            total=row.total,
            state=DeliveryState(row.state),
            attempts=row.attempts,
            created=row.created,
            next_attempt=row.next_attempt if row.state == PENDING else None,
            last_error=row.last_error,
            kind=DeliveryKind(row.kind),
            grouping=row.grouping,
            sent_at=row.sent_at,
            detail=row.detail,
            dropped=row.dropped,
            lease_until=row.lease_until,
        )
        for row in rows
    ]


def _alerts(connection: Connection, key: str) -> list[Alert]:
    """What it tells, as far as that is kept."""
    rows = connection.execute(
        select(alerts)
        .where(alerts.c.delivery == key, alerts.c.payload != "")
        .order_by(alerts.c.place)
        .limit(MOST_SHOWN)
    )
    return [alert_of(row) for row in rows]


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    """Each value once, where it first came."""
    return tuple(dict.fromkeys(values))
