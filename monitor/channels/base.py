"""The seam between the outbox and the ways out."""

from __future__ import annotations

from typing import Protocol

from monitor.model import Destination, Message, Receipt


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

    def send(self, message: Message, *, key: str) -> Receipt:
        """Deliver the message; ``key`` is the same on every attempt.

        Raises ``DeliveryError``; returns only when the other side has taken responsibility.
        """
        ...
