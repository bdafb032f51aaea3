"""Alerts straight into deliveries, as a route would have them told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.model import Alert, DeliveryKind, Destination, Grouped, Slot
from monitor.ports import DeliveryBatch


def put(
    batch: DeliveryBatch,
    destination: Destination,
    alerts: Sequence[Alert],
    *,
    now: datetime,
    due: datetime,
    kind: DeliveryKind = DeliveryKind.ALERTS,
    group: str = "",
    not_before: datetime | None = None,
) -> None:
    """Add what the destination was not told to its open delivery, or open one due at ``due``; the
    earlier of two due times stands."""
    left = batch.untold(destination.name, [Grouped(alert, group) for alert in alerts])
    fresh = [Grouped(alert, group) for alert in left if alert is not None]
    if not fresh:
        return
    open_ = [
        one for one in batch.open_deliveries(destination.name, [group], now=now) if one.kind is kind
    ]
    into = open_[0] if open_ else None
    slot = Slot(kind, group, min(due, into.due) if into else due, not_before, into)
    batch.enqueue(destination, [(slot, fresh)], now=now)
