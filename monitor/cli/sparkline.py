"""Counts by day as a line of small bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

BARS = "▁▂▃▄▅▆▇█"  # the first is none at all
ASCII_BARS = "_.:-=+*#"


def days_a_bar(first: date, last: date, bars: int) -> int:
    """The fewest whole days for each bar with which the days from ``first`` to ``last`` need no
    more than ``bars``."""
    return -(-((last - first).days + 1) // bars)


def binned(days: Mapping[date, int], first: date, last: date, bars: int) -> list[int]:
    """Counts by day as counts by bar; all ``days`` are between ``first`` and ``last``."""
    each = days_a_bar(first, last, bars)
    counts = [0] * -(-((last - first).days + 1) // each)
    for day, count in days.items():
        counts[(day - first).days // each] += count
    return counts


def sparkline(counts: Sequence[int], bars: str = BARS) -> str:
    """One of ``bars`` for each count: the lowest for none, the highest for the highest count, in
    proportion between, and never the lowest for one or more."""
    most, steps = max(counts, default=0), len(bars) - 1
    return "".join(bars[-(-count * steps // most)] if count else bars[0] for count in counts)


def bars_for(encoding: str | None) -> str:
    """``BARS``, or ``ASCII_BARS`` where the encoding cannot show them."""
    try:
        BARS.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII_BARS
    return BARS
