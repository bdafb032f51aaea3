"""A delivery that a worker took, as what is sent: which alerts it shows, and in which order."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from monitor.alerts.digest import joined
from monitor.model import Alert, Claim, DeliveryKind, Destination, Message
from monitor.store.rows import alert_of
from monitor.store.schema import alerts

MOST_JOINED = 50
"""Alerts about one article, the newest, that are read to make one of them."""


def claim_of(connection: Connection, row: Row[Any], max_items: int, base_url: str) -> Claim:
    """A row of ``deliveries`` with up to ``max_items`` of its alerts: in the order in which they
    came, or where it is read later, as a digest is, each article once and the most pressing first.
    """
    kind = DeliveryKind(row.kind)
    arranged = kind not in (DeliveryKind.ALERTS, DeliveryKind.TEST)
    show = _arranged if arranged else _as_they_came
    return Claim(
        key=row.key,
        destination=Destination(row.destination, row.receiver, row.channel),
        attempts=row.attempts,
        created=row.created,
        message=Message(
            receiver=row.receiver,
            alerts=show(connection, row.key, max_items),
            total=row.total,
            created=row.created,
            base_url=base_url,
            kind=kind,
        ),
    )


def _as_they_came(connection: Connection, key: str, max_items: int) -> tuple[Alert, ...]:
    rows = connection.execute(
        select(alerts).where(alerts.c.delivery == key).order_by(alerts.c.place).limit(max_items)
    )
    return tuple(map(alert_of, rows))


def _arranged(connection: Connection, key: str, max_items: int) -> tuple[Alert, ...]:
    """One alert for each article, by priority and then the newest first.

    Bounded however many alerts there are: what is not shown is sorted by the database, by the
    columns beside the alerts' contents, and never read.
    """
    rank, newest = func.min(alerts.c.rank), func.max(alerts.c.place)
    shown = (
        select(alerts.c.article_id, rank.label("first"), newest.label("newest"))
        .where(alerts.c.delivery == key)
        .group_by(alerts.c.article_id)
        .order_by(rank, newest.desc())
        .limit(max_items)
        .subquery()
    )
    nth = func.row_number().over(partition_by=alerts.c.article_id, order_by=alerts.c.place.desc())
    places = (
        select(alerts.c.place, shown.c.first, shown.c.newest, nth.label("nth"))
        .join(shown, shown.c.article_id == alerts.c.article_id)
        .where(alerts.c.delivery == key)
        .subquery()
    )
    rows = connection.execute(
        select(alerts)
        .join(places, and_(alerts.c.place == places.c.place, alerts.c.delivery == key))
        .where(places.c.nth <= MOST_JOINED)
        .order_by(places.c.first, places.c.newest.desc(), alerts.c.place)
    )
    found: list[Alert] = []
    for _, mine in groupby(map(alert_of, rows), key=lambda alert: alert.article_id):
        found += joined(list(mine))
    return tuple(found[:max_items])
