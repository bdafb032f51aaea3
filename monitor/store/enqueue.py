"""Alerts into deliveries, inside the transaction that stored their articles."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, select, update

from monitor.model import (
    MOST_COPIES,
    PRIORITIES,
    Alert,
    AlertKind,
    Copy,
    DeliveryKind,
    DeliveryState,
    Destination,
    Grouped,
    OpenDelivery,
    Slot,
)
from monitor.store.engine import Database
from monitor.store.rows import alert_text, with_copy
from monitor.store.schema import alerts as alerts_table
from monitor.store.schema import deliveries, destinations, groups
from monitor.store.types import clean, to_json

_GATHERS = and_(
    deliveries.c.state == DeliveryState.PENDING.value,
    deliveries.c.taken.is_(False),
)
"""Pending and never tried: one that was has perhaps arrived, and to change it then would make its
key stand for two contents."""
_MOVE = (
    update(deliveries)
    .where(deliveries.c.key == bindparam("key_"))
    .values(
        total=deliveries.c.total + bindparam("more_"),
        next_attempt=bindparam("due_"),
        not_before=bindparam("not_before_"),
    )
)
_due = bindparam("due_", type_=deliveries.c.next_attempt.type)
_HASTEN = (
    update(deliveries)
    .where(
        deliveries.c.destination == bindparam("destination_"),
        deliveries.c.kind == bindparam("kind_"),
        deliveries.c.grouping == bindparam("grouping_"),
        deliveries.c.next_attempt > _due,
        _GATHERS,
    )
    .values(next_attempt=_due)
)
_REMEMBER_SOONER = (
    update(groups)
    .where(
        groups.c.destination == bindparam("destination_"),
        groups.c.grouping == bindparam("grouping_"),
        groups.c.due > _due,
    )
    .values(due=_due)
)


def delivery_key(destination: str, first: Grouped) -> str:
    """The delivery's identity: the same alert first for the same destination, the same key.

    A destination gets an alert once in each group, so no two deliveries share a first one.
    """
    alert = first.alert
    parts = [destination, alert.article_id, str(alert.revision), alert.kind.value]
    if about := _about(first):
        parts.append(about)
    told = "\0".join(parts)
    return "dlv_" + hashlib.sha256(clean(told).encode()).hexdigest()[:32]


def _about(told: Grouped) -> str:
    """What tells alerts of one kind about one revision apart: their groups, and of a counter the
    rules whose bounds it rises past, one after the other."""
    rule = told.alert.rules[0] if told.alert.kind is AlertKind.RISEN else ""
    return " ".join(part for part in (told.group, rule) if part)


class SqlDeliveryBatch:
    """``monitor.ports.DeliveryBatch`` over one transaction."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection

    def untold(self, destination: str, alerts: Sequence[Grouped]) -> Sequence[Alert | None]:
        """Each alert as far as the destination was not told of it, in place; None: it was."""
        return _untold(self._database, self._connection, destination, alerts)

    def open_deliveries(
        self, destination: str, groupings: Collection[str], *, now: datetime
    ) -> Sequence[OpenDelivery]:
        """The destination's deliveries of these groupings that take alerts, locked; the first to be
        due first."""
        columns = ("key", "kind", "grouping", "total", "created", "next_attempt", "not_before")
        rows = self._connection.execute(
            select(*(deliveries.c[name] for name in columns))
            .where(
                deliveries.c.destination == destination,
                self._database.among(deliveries.c.grouping, groupings),
                deliveries.c.next_attempt > now,
                _GATHERS,
            )
            .order_by(deliveries.c.next_attempt, deliveries.c.key)
            .with_for_update()
        )
        return [
            OpenDelivery(key, DeliveryKind(kind), grouping, total, created, due, not_before)
            for key, kind, grouping, total, created, due, not_before in rows
        ]

    def last_due(self, destination: str, groupings: Collection[str]) -> Mapping[str, datetime]:
        """When the last deliveries of these groupings were due, where that was remembered."""
        rows = self._connection.execute(
            select(groups.c.grouping, groups.c.due).where(
                groups.c.destination == destination,
                self._database.among(groups.c.grouping, groupings),
            )
        )
        return {row.grouping: row.due for row in rows}

    def opened(
        self, destination: str, kind: DeliveryKind, *, since: datetime, until: datetime, most: int
    ) -> Sequence[datetime]:
        """When deliveries of this kind for the destination were opened after ``since`` and not
        after ``until``, the newest first."""
        return (
            self._connection.execute(
                select(deliveries.c.created)
                .where(
                    deliveries.c.destination == destination,
                    deliveries.c.created > since,
                    deliveries.c.created <= until,
                    deliveries.c.kind == kind.value,
                )
                .order_by(deliveries.c.created.desc())
                .limit(most)
            )
            .scalars()
            .all()
        )

    def storms_due(
        self, destination: str, *, since: datetime, until: datetime
    ) -> Sequence[datetime]:
        """See the protocol; in no order."""
        return (
            self._connection.execute(
                select(deliveries.c.not_before).where(
                    deliveries.c.destination == destination,
                    deliveries.c.created > since,
                    deliveries.c.created <= until,
                    deliveries.c.kind == DeliveryKind.STORM.value,
                    deliveries.c.not_before.is_not(None),
                )
            )
            .scalars()
            .all()
        )

    def enqueue(
        self,
        destination: Destination,
        filled: Sequence[tuple[Slot, Sequence[Grouped]]],
        *,
        now: datetime,
    ) -> None:
        """Put alerts, at least one for each slot, into their deliveries; see the protocol."""
        opened: list[dict[str, Any]] = []
        moved: list[dict[str, Any]] = []
        told: list[dict[str, Any]] = []
        for slot, alerts in filled:
            into = slot.into
            key = delivery_key(destination.name, alerts[0]) if into is None else into.key
            if into is None:
                opened.append(_opened(destination, key, slot, len(alerts), now))
            else:
                moved.append(
                    {
                        "key_": key,
                        "more_": len(alerts),
                        "due_": slot.due,
                        "not_before_": slot.not_before,
                    }
                )
            told += _rows(key, destination.name, alerts, into.total if into else 0)
        if opened:
            self._connection.execute(
                self._database.insert(destinations)
                .values(name=destination.name)
                .on_conflict_do_nothing()
            )
            self._connection.execute(insert(deliveries), opened)
        if moved:
            self._connection.execute(_MOVE, moved)
        if told:
            self._connection.execute(insert(alerts_table), told)
        self._remember(destination.name, [slot for slot, _ in filled if slot.remembered])

    def hasten(self, destination: str, slots: Sequence[Slot]) -> None:
        """Let what gathers wait no longer than its slot says."""
        if slots:
            self._connection.execute(
                _HASTEN,
                [
                    {
                        "destination_": destination,
                        "kind_": slot.kind.value,
                        "grouping_": slot.grouping,
                        "due_": slot.due,
                    }
                    for slot in slots
                ],
            )
        remember_sooner(
            self._connection,
            [(destination, slot.grouping, slot.due) for slot in slots if slot.remembered],
        )

    def add_copy(self, destination: str, article_id: str, copy: Copy) -> bool:
        """Add a copy to what the destination is going to be told of an article; see the
        protocol."""
        return add_copy(self._connection, destination, article_id, copy)

    def _remember(self, destination: str, slots: Sequence[Slot]) -> None:
        if not slots:
            return
        statement = self._database.insert(groups)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[groups.c.destination, groups.c.grouping],
                set_={"due": statement.excluded.due},
            ),
            [
                {"destination": destination, "grouping": slot.grouping, "due": slot.due}
                for slot in slots
            ],
        )


def remember_sooner(
    connection: Connection, hastened: Collection[tuple[str, str, datetime]]
) -> None:
    """Deliveries of groups, by destination and grouping, are due sooner than was remembered."""
    if hastened:
        connection.execute(
            _REMEMBER_SOONER,
            [
                {"destination_": destination, "grouping_": grouping, "due_": due}
                for destination, grouping, due in hastened
            ],
        )


def _opened(
    destination: Destination, key: str, slot: Slot, total: int, now: datetime
) -> dict[str, Any]:
    return {
        "key": key,
        "destination": destination.name,
        "receiver": destination.receiver,
        "channel": destination.channel,
        "state": DeliveryState.PENDING.value,
        "total": total,
        "attempts": 0,
        "taken": False,
        "created": now,
        "next_attempt": slot.due,
        "kind": slot.kind.value,
        "grouping": slot.grouping,
        "not_before": slot.not_before,
    }


def _rows(
    key: str, destination: str, alerts: Sequence[Grouped], first: int
) -> Iterable[dict[str, Any]]:
    for place, told in enumerate(alerts, first):
        alert = told.alert
        yield {
            "delivery": key,
            "place": place,
            "destination": destination,
            "article_id": alert.article_id,
            "revision": alert.revision,
            "kind": alert.kind.value,
            "rules": to_json(alert.rules),
            "payload": alert_text(alert),
            "about": _about(told),
            "rank": PRIORITIES.index(alert.priority),
        }


def add_copy(connection: Connection, destination: str, article_id: str, copy: Copy) -> bool:
    """Add a copy to what the destination is going to be told of an article, in each group; whether
    that is still to go out. One that was taken by a worker has perhaps arrived."""
    rows = connection.execute(
        select(
            alerts_table.c.delivery,
            alerts_table.c.place,
            alerts_table.c.payload,
            alerts_table.c.revision,
            alerts_table.c.kind,
        )
        .join(deliveries, deliveries.c.key == alerts_table.c.delivery)
        .where(
            alerts_table.c.destination == destination,
            alerts_table.c.article_id == clean(article_id),
            alerts_table.c.kind != AlertKind.DROPPED.value,
            _GATHERS,
        )
        .order_by(deliveries.c.created, deliveries.c.key, alerts_table.c.place)
        .with_for_update(of=deliveries)
    ).all()
    for row in rows:
        if (row.revision, row.kind) == (rows[0].revision, rows[0].kind):
            connection.execute(
                update(alerts_table)
                .where(alerts_table.c.delivery == row.delivery, alerts_table.c.place == row.place)
                .values(payload=with_copy(row.payload, copy, MOST_COPIES))
            )
    return bool(rows)


def _untold(
    database: Database, connection: Connection, destination: str, alerts: Sequence[Grouped]
) -> list[Alert | None]:
    """See ``SqlDeliveryBatch.untold``.

    Of a counter that rose each rule is told once for an article, whatever its revision. An alert
    all of whose rules were told with the same change in other groups was told too: how the route
    groups is another matter than what is news.
    """
    if not alerts:
        return []
    told: set[tuple[str, int, str, str]] = set()
    rules_told: defaultdict[tuple[str, int, str], set[str]] = defaultdict(set)
    risen: defaultdict[str, set[str]] = defaultdict(set)  # rules by article
    for article_id, revision, kind, rules, about in connection.execute(
        select(
            alerts_table.c.article_id,
            alerts_table.c.revision,
            alerts_table.c.kind,
            alerts_table.c.rules,
            alerts_table.c.about,
        ).where(
            alerts_table.c.destination == destination,
            database.among(alerts_table.c.article_id, {a.alert.article_id for a in alerts}),
        )
    ):
        if kind == AlertKind.RISEN.value:
            risen[article_id].update(json.loads(rules))
        else:
            told.add((article_id, revision, kind, about))
            rules_told[article_id, revision, kind].update(json.loads(rules))
    left: list[Alert | None] = []
    for alert, group in alerts:
        article_id = clean(alert.article_id)
        if alert.kind is AlertKind.RISEN:
            rules_left = tuple(rule for rule in alert.rules if rule not in risen[article_id])
            risen[article_id].update(rules_left)
            left.append(replace(alert, rules=rules_left) if rules_left else None)
            continue
        change = (article_id, alert.revision, alert.kind.value)
        known = rules_told[change]
        if (*change, clean(group)) in told or (alert.rules and known.issuperset(alert.rules)):
            left.append(None)
            continue
        told.add((*change, clean(group)))
        known.update(alert.rules)
        left.append(alert)
    return left
