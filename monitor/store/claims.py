"""A delivery that a worker took, as what is sent: which alerts it shows, and in which order."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from monitor.model import Claim, DeliveryKind, Destination, Message
from monitor.store.rows import alert_of
from monitor.store.schema import alerts


def claim_of(connection: Connection, row: Row[Any], max_items: int, base_url: str) -> Claim:
    """A row of ``deliveries`` with up to ``max_items`` of its alerts."""
    shown = connection.execute(
        select(alerts).where(alerts.c.delivery == row.key).order_by(alerts.c.place).limit(max_items)
    )
    return Claim(
        key=row.key,
        destination=Destination(row.destination, row.receiver, row.channel),
        attempts=row.attempts,
        created=row.created,
        message=Message(
            receiver=row.receiver,
            alerts=tuple(alert_of(alert) for alert in shown),
            total=row.total,
            created=row.created,
            base_url=base_url,
            kind=DeliveryKind(row.kind),
        ),
    )
