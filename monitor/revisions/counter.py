"""The view counter of an article over time: when each crawl was, and how fast it grows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from heapq import nlargest
from itertools import pairwise

from monitor.model import Counted, Point

APART = timedelta(minutes=10)
"""Between two crawls of which a growth is told, at least: the counter of a page moves in jumps."""

LONGEST = timedelta(days=7)
"""... and at most: a rate over more time says nothing of now."""

NEAREST = 20
"""Crawls looked at to know a growth: one every half a minute, and they reach ``APART``."""

TOGETHER = timedelta(minutes=1)
"""Less between the arrivals of two dumps, and both came together."""

_NOON = time(12, tzinfo=UTC)
# a day somewhere on Earth, from UTC+14 to UTC-12, as seen from its noon in UTC
_BEGINS, _ENDS = timedelta(hours=-26), timedelta(hours=24)


def growth(points: Sequence[Point]) -> float | None:
    """Views per hour between the last crawl and the nearest that is ``APART`` from it or more.

    ``points`` in any order. None where no such crawl is known, none within ``LONGEST``, or the
    counter fell between the two: it was set back, or one of the pages was an old one.
    """
    ordered = sorted(points)
    for before in reversed(ordered[:-1]):
        last = ordered[-1]
        apart = last.moment - before.moment
        if apart > LONGEST:
            return None
        if apart >= APART:
            gained = last.views - before.views
            return gained / (apart / timedelta(hours=1)) if gained >= 0 else None
    return None


def history(counted: Collection[Counted]) -> list[Point]:
    """The counter by the time of the crawl, the earliest first; one point for each moment.

    When a crawl was, is known to the day. A dump that came on its crawl day, in whatever time
    zone, was crawled when it came; one that came later when the newest article of its head was
    published; where that is not of this day either, at noon UTC. Of dumps that came together not
    all were crawled when they came: their heads tell them apart.
    """
    shown = {one.order: one for one in sorted(counted, key=lambda one: one.received, reverse=True)}
    arrivals = sorted(one.received for one in shown.values())
    crowded = {m for a, b in pairwise(arrivals) if b - a < TOGETHER for m in (a, b)}
    points: dict[datetime, int] = {}
    for one in shown.values():
        moment = _crawled(one, alone=one.received not in crowded)
        points[moment] = max(one.views, points.get(moment, one.views))
    return sorted(Point(moment, views) for moment, views in points.items())


def grown(counted: Collection[Counted], order: str) -> float | None:
    """The growth as it was at one of the crawls: those after it have no part in it, nor those long
    before it."""
    until = (one for one in counted if one.order <= order)
    return growth(history(nlargest(NEAREST, until)))


def _crawled(one: Counted, *, alone: bool) -> datetime:
    """When the crawl was, as far as is known (see ``history``)."""
    try:
        day, head = _crawl_of(*one.order.split("|", 2)[:2])
    except (TypeError, ValueError):  # not of ``order_key``
        return one.received
    noon = datetime.combine(day, _NOON)
    arrived = one.received if _BEGINS <= one.received - noon < _ENDS else None
    published = head if head is not None and _BEGINS <= head - noon < _ENDS else None
    found = (arrived, published) if alone else (published, arrived)
    return found[0] or found[1] or noon


@lru_cache(maxsize=1_000)  # the articles of a dump have it in common
def _crawl_of(day: str, head: str) -> tuple[date, datetime | None]:
    """Crawl day and newest publication time, from what ``order_key`` wrote."""
    if int(head[:-8]) == 1:  # none is known
        return _date(day), None
    moment = time(int(head[-4:-2]), int(head[-2:]), tzinfo=UTC)
    return _date(day), datetime.combine(_date(head[:-4]), moment)


def _date(digits: str) -> date:
    """``20260301``; the year may have fewer digits."""
    return date(int(digits[:-4]), int(digits[-4:-2]), int(digits[-2:]))
