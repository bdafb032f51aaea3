"""What all channels have in common but what they are for: their ``send``."""

from __future__ import annotations

from datetime import timedelta

from monitor.model import Destination


class Outlet:
    """A destination and how much it takes. Keeps nothing open."""

    def __init__(
        self, destination: Destination, max_items: int, min_interval: timedelta = timedelta(0)
    ) -> None:
        self._destination = destination
        self._max_items = max_items
        self._pause = min_interval.total_seconds()

    @property
    def destination(self) -> Destination:
        return self._destination

    @property
    def max_items(self) -> int:
        """The most alerts one message shows."""
        return self._max_items

    @property
    def pause(self) -> float:
        """Least seconds between two messages."""
        return self._pause

    def close(self) -> None:
        """Give up what is kept for the next message, if anything is."""
