"""Into which delivery an alert goes, and what of the deliveries there are decides that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from monitor.model.alerts import Alert, DeliveryKind


class Grouped(NamedTuple):
    """An alert and the group in which a destination is told of it (``source="kt"``), empty where
    the route does not group. The destination is told an alert once in each group."""

    alert: Alert
    group: str = ""


@dataclass(frozen=True, slots=True)
class OpenDelivery:
    """One that still takes alerts: pending, never tried, not yet due. Nothing makes it due before
    ``not_before``."""

    key: str
    kind: DeliveryKind
    grouping: str
    total: int
    created: datetime
    due: datetime
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """The delivery for some alerts: ``into`` an open one, None: a new one.

    It is due at ``due`` from now on. ``remembered``: the next of its group asks when this one is
    due.
    """

    kind: DeliveryKind
    grouping: str
    due: datetime
    not_before: datetime | None = None
    into: OpenDelivery | None = None
    remembered: bool = False
