"""The time of day, as a value that is passed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present as aware UTC."""


def utcnow() -> datetime:
    """The system clock: aware UTC."""
    return datetime.now(UTC)
