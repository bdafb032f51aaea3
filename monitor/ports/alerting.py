"""What puts alerts into deliveries, or keeps them from being told, within a transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from monitor.model import (
    Alert,
    Condition,
    DeliveryKind,
    Destination,
    Grouped,
    OpenDelivery,
    Silence,
    Slot,
    Suppression,
)


class WithholdingBatch(Protocol):
    """What keeps alerts from being told, asked and recorded within a write transaction."""

    def silences(self, now: datetime) -> Sequence[Silence]:
        """The silences in force at a moment."""
        ...

    def conditions(self) -> Sequence[Condition]:
        """What is not as usual of any source, the oldest first."""
        ...

    def withhold(self, suppressions: Sequence[Suppression]) -> None:
        """Record what is not told."""
        ...

    def withheld(self, article_id: str) -> Collection[tuple[str, str]]:
        """Who was not told by which rule, of any text that the article had: receiver (everybody:
        empty) and rule."""
        ...


class DeliveryBatch(Protocol):
    """Alerts into deliveries, within a write transaction.

    A delivery is open while it takes alerts: pending, never attempted, not yet due.
    """

    def untold(self, destination: str, alerts: Sequence[Grouped]) -> Sequence[Alert | None]:
        """Each alert as far as the destination was not told of it, in place; None: it was.

        It was where it had the same article, revision and kind in the same group, or in others
        for all of the rules. Of one of kind RISEN only the rules are left that no such alert of
        the article had.
        """
        ...

    def open_deliveries(
        self, destination: str, groupings: Collection[str], *, now: datetime
    ) -> Sequence[OpenDelivery]:
        """The destination's open deliveries of these groupings, the first to be due first; nobody
        takes them before the transaction is over."""
        ...

    def last_due(self, destination: str, groupings: Collection[str]) -> Mapping[str, datetime]:
        """When the last delivery of each grouping was due, where a slot was ``remembered``."""
        ...

    def opened(
        self, destination: str, kind: DeliveryKind, *, since: datetime, until: datetime, most: int
    ) -> Sequence[datetime]:
        """When deliveries of this kind were opened for the destination after the one moment and
        not after the other, the newest first, ``most`` of them."""
        ...

    def storms_due(
        self, destination: str, *, since: datetime, until: datetime
    ) -> Sequence[datetime]:
        """When the destination's messages of what was too much are due, or were, of those that were
        opened between the two moments (the first excluded)."""
        ...

    def enqueue(
        self,
        destination: Destination,
        filled: Sequence[tuple[Slot, Sequence[Grouped]]],
        *,
        now: datetime,
    ) -> None:
        """Put alerts, at least one for each slot, into their deliveries.

        The key of a new one is a hash of the destination and the first alert's article, revision,
        kind and group, so a replay makes the same one. What a destination was told of (``untold``)
        must not be among the alerts.
        """
        ...


class SilenceStore(Protocol):
    def add(
        self,
        matchers: Sequence[str],
        *,
        starts: datetime,
        until: datetime,
        comment: str,
        creator: str,
        now: datetime,
    ) -> Silence:
        """Store a silence; with the id that it has been given."""
        ...

    def silences(self, *, now: datetime, expired: bool = False) -> Sequence[Silence]:
        """Those in force at ``now`` or to come, the first to end first; with ``expired`` those
        that are over behind them, the last to have ended first."""
        ...

    def expire(self, ids: Collection[str], *, now: datetime) -> Sequence[Silence]:
        """End the silences with these ids, or beginnings of ids: all or none. Raises StoreError
        for one that there is not, that is that of several, or over."""
        ...
