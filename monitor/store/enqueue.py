"""Alerts into deliveries, inside the transaction that stored their articles."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from monitor.model import MOST_COPIES, Alert, AlertKind, Copy, DeliveryState, Destination
from monitor.store.engine import Database
from monitor.store.rows import alert_text, with_copy
from monitor.store.schema import alerts as alerts_table
from monitor.store.schema import deliveries, destinations
from monitor.store.types import clean, to_json


def delivery_key(destination: str, first: Alert) -> str:
    """The delivery's identity: the same alert first for the same destination, the same key.

    A destination gets an alert once, so no two deliveries share a first one.
    """
    parts = [destination, first.article_id, str(first.revision), first.kind.value]
    if about := _about(first):
        parts.append(about)
    told = "\0".join(parts)
    return "dlv_" + hashlib.sha256(clean(told).encode()).hexdigest()[:32]


def _about(alert: Alert) -> str:
    """What tells alerts of one kind about one revision apart: a counter rises past the bounds of
    several rules, one after the other."""
    return alert.rules[0] if alert.kind is AlertKind.RISEN else ""


def enqueue(
    database: Database,
    connection: Connection,
    destination: Destination,
    alerts: Sequence[Alert],
    *,
    now: datetime,
    due: datetime,
) -> None:
    """Add what the destination was not told yet to its open delivery, or open one due at ``due``.

    Open: pending, never taken by a worker, not due at ``now``. One that was taken has perhaps
    arrived; to change it then would make its key stand for two contents. The earlier of two due
    times stands, so that nothing waits longer than it was meant to.
    """
    fresh = _untold(database, connection, destination.name, alerts)
    if not fresh:
        return
    found = connection.execute(
        select(deliveries.c.key, deliveries.c.total, deliveries.c.next_attempt)
        .where(
            deliveries.c.destination == destination.name,
            deliveries.c.state == DeliveryState.PENDING.value,
            deliveries.c.taken.is_(False),
            deliveries.c.next_attempt > now,
        )
        .order_by(deliveries.c.next_attempt, deliveries.c.key)
        .limit(1)
        .with_for_update()
    ).one_or_none()
    if found is None:
        key, total = delivery_key(destination.name, fresh[0]), 0
        connection.execute(
            database.insert(destinations)
            .values(name=destination.name, held_until=None)
            .on_conflict_do_nothing()
        )
        connection.execute(
            insert(deliveries).values(
                key=key,
                destination=destination.name,
                receiver=destination.receiver,
                channel=destination.channel,
                state=DeliveryState.PENDING.value,
                total=len(fresh),
                attempts=0,
                taken=False,
                created=now,
                next_attempt=due,
            )
        )
    else:
        key, total = found.key, found.total
        connection.execute(
            update(deliveries)
            .where(deliveries.c.key == key)
            .values(
                total=deliveries.c.total + len(fresh),
                next_attempt=min(due, found.next_attempt),
            )
        )
    connection.execute(
        insert(alerts_table),
        [
            {
                "delivery": key,
                "place": place,
                "destination": destination.name,
                "article_id": alert.article_id,
                "revision": alert.revision,
                "kind": alert.kind.value,
                "rules": to_json(alert.rules),
                "payload": alert_text(alert),
                "about": _about(alert),
            }
            for place, alert in enumerate(fresh, total)
        ],
    )


def hasten(connection: Connection, destination: str, *, due: datetime) -> None:
    """Let the destination's open delivery wait no longer than until ``due``."""
    connection.execute(
        update(deliveries)
        .where(
            deliveries.c.destination == destination,
            deliveries.c.state == DeliveryState.PENDING.value,
            deliveries.c.taken.is_(False),
            deliveries.c.next_attempt > due,
        )
        .values(next_attempt=due)
    )


def add_copy(connection: Connection, destination: str, article_id: str, copy: Copy) -> bool:
    """Add a copy to what the destination is going to be told of an article; whether that is still
    to go out. One that was taken by a worker has perhaps arrived."""
    row = connection.execute(
        select(alerts_table.c.delivery, alerts_table.c.place, alerts_table.c.payload)
        .join(deliveries, deliveries.c.key == alerts_table.c.delivery)
        .where(
            alerts_table.c.destination == destination,
            alerts_table.c.article_id == clean(article_id),
            alerts_table.c.kind != AlertKind.DROPPED.value,
            deliveries.c.state == DeliveryState.PENDING.value,
            deliveries.c.taken.is_(False),
        )
        .order_by(deliveries.c.created, deliveries.c.key, alerts_table.c.place)
        .limit(1)
        .with_for_update(of=deliveries)
    ).one_or_none()
    if row is None:
        return False
    connection.execute(
        update(alerts_table)
        .where(alerts_table.c.delivery == row.delivery, alerts_table.c.place == row.place)
        .values(payload=with_copy(row.payload, copy, MOST_COPIES))
    )
    return True


def _untold(
    database: Database, connection: Connection, destination: str, alerts: Sequence[Alert]
) -> list[Alert]:
    """The alerts the destination never had, each once, in the order given.

    Of a counter that rose each rule is told once for an article, whatever its revision.
    """
    if not alerts:
        return []
    told: set[tuple[str, int, str]] = set()
    risen: defaultdict[str, set[str]] = defaultdict(set)  # rules by article
    for article_id, revision, kind, rules in connection.execute(
        select(
            alerts_table.c.article_id,
            alerts_table.c.revision,
            alerts_table.c.kind,
            alerts_table.c.rules,
        ).where(
            alerts_table.c.destination == destination,
            database.among(alerts_table.c.article_id, {a.article_id for a in alerts}),
        )
    ):
        if kind == AlertKind.RISEN.value:
            risen[article_id].update(json.loads(rules))
        else:
            told.add((article_id, revision, kind))
    fresh = []
    for alert in alerts:
        article_id = clean(alert.article_id)
        if alert.kind is AlertKind.RISEN:
            rules_left = tuple(rule for rule in alert.rules if rule not in risen[article_id])
            risen[article_id].update(rules_left)
            if rules_left:
                fresh.append(replace(alert, rules=rules_left))
            continue
        identity = (article_id, alert.revision, alert.kind.value)
        if identity not in told:
            told.add(identity)
            fresh.append(alert)
    return fresh
