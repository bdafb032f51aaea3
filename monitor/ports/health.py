"""What watching the sources needs of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from monitor.model import (
    Condition,
    Dump,
    HealthCheck,
)
from monitor.ports.alerting import DeliveryBatch, WithholdingBatch


class HealthView(Protocol):
    """How a source is, at one moment."""

    def dumps(self, source: str, *, limit: int, before: datetime | None = None) -> Sequence[Dump]:
        """The source's dumps, newest first, all or those that came before a moment."""
        ...

    def arrivals(self, source: str, *, since: datetime) -> Sequence[datetime]:
        """When its dumps came, those at or after ``since``, newest first; not all of very many."""
        ...

    def standing(self, source: str) -> Mapping[HealthCheck, Condition]:
        """Its conditions by check."""
        ...


class HealthBatch(HealthView, WithholdingBatch, DeliveryBatch, Protocol):
    """One open write transaction, alone with ingest, as ``IngestBatch``."""

    def begin(self, condition: Condition) -> None:
        """Store a condition that does not stand yet."""
        ...

    def end(self, condition: Condition) -> None: ...


class HealthStore(Protocol):
    def view(self) -> AbstractContextManager[HealthView]: ...

    def batch(self) -> AbstractContextManager[HealthBatch]: ...
