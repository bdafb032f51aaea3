"""How many messages a destination may get before the rest is told in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Storm:
    """At most so many messages within any span of ``per``."""

    max_messages: int
    per: timedelta

    def until(self, opened: Sequence[datetime], now: datetime) -> datetime | None:
        """Until when no further message may be opened, given when the last ones were, the newest
        first; None: one may."""
        if len(opened) < self.max_messages:
            return None
        end = opened[self.max_messages - 1] + self.per
        return min(end, now + self.per) if end > now else None
