"""What the outbox needs: a store to claim from, and channels to send by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from monitor.model import (
    Destination,
    Exchange,
    Message,
    Receipt,
    Settlement,
)


class OutboxStore(Protocol):
    def exchange(
        self,
        settled: Sequence[Settlement] = (),
        returned: Collection[str] = (),
        *,
        now: datetime,
        owner: str,
        lease: timedelta,
        limit: int,
        busy: Collection[str],
        max_items: int,
        base_url: str,
        failing: int | None = None,
        at_once: int = 1,
        singly: Collection[str] = (),
        due_by: datetime | None = None,
    ) -> Exchange:
        """Write what became of deliveries (``settle``), then take due ones: one transaction.

        Of up to ``limit`` destinations, ``failing`` of them (None: all) at most such whose last
        delivery failed; none that is ``busy``, held back or gone, nor one to which somebody else
        is sending. Of each the first ``at_once`` in the order in which they are due, but one alone
        of those that fail or are named in ``singly``. Due: pending with ``next_attempt <= now``
        (and no later than ``due_by``), or sending with an expired lease. State becomes sending,
        ``attempts`` grows, the lease runs to now + lease.
        """
        ...

    def settle(
        self,
        settled: Sequence[Settlement],
        returned: Collection[str] = (),
        *,
        owner: str,
        now: datetime,
    ) -> None:
        """Write what became of deliveries, as far as they are still the owner's; those
        ``returned`` were not tried and wait as before."""
        ...

    def release(self, owner: str, *, lease: timedelta) -> int:
        """Give back what this owner held when it died, for as long as a lease; returns how many."""
        ...

    def readmit(self, marks: Mapping[str, str]) -> Sequence[str]:
        """Let destinations that are gone be tried again where they went under another mark than
        this, by name; returns which."""
        ...

    def next_due(self, *, busy: Collection[str], due_by: datetime | None = None) -> datetime | None:
        """When the earliest claim becomes possible, or None; of what is due by then."""
        ...

    def left(self, *, now: datetime) -> int:
        """How many deliveries are due, or were tried and are to be tried again."""
        ...

    def due_now(self, *, now: datetime) -> int:
        """Deliveries still gathering alerts become due; returns how many."""
        ...

    def retry(
        self, keys: Collection[str] | None, *, now: datetime, receiver: str | None = None
    ) -> int:
        """Make dead (or waiting) deliveries due now, attempts from zero; None: all dead ones but
        those that were dropped; of one receiver, where it is named. Their destinations are taken
        for sound: no hold, not gone."""
        ...

    def replay(self, since: datetime, *, now: datetime) -> int:
        """Send what was sent since then once more, with the same keys; returns how many."""
        ...

    def drop(self, keys: Collection[str], *, reason: str) -> int:
        """Give up deliveries that wait or are dead, with a reason; returns how many."""
        ...


class Channel(Protocol):
    """One way out: a destination with its settings bound.

    ``send`` is called from worker threads, never twice at once for one destination.
    """

    @property
    def destination(self) -> Destination: ...

    @property
    def max_items(self) -> int:
        """The most alerts one message shows."""
        ...

    @property
    def pause(self) -> float:
        """The least seconds from the end of one message to the beginning of the next one."""
        ...

    def send(self, message: Message, *, key: str) -> Receipt:
        """Deliver the message; ``key`` is the same on every attempt.

        Raises ``DeliveryError``; returns only when the other side has taken responsibility.
        """
        ...

    def close(self) -> None:
        """Give up a connection that is kept between messages: called once the channel is no longer
        used and its last ``send`` has returned. Never raises."""
        ...
