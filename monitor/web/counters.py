"""What the page of an article shows of its counter, made from domain types by pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from monitor.model import Point
from monitor.revisions import growth

WIDTH, HEIGHT = 600, 80  # of the line's own units
MARGIN = 4
MOST_DRAWN = 400
"""Points of the line; of more every so many-th, the last always."""
MOST_LISTED = 12
"""Crawls in the table, the last ones."""


@dataclass(frozen=True, slots=True)
class Row:
    """A crawl in the table: what the counter was, and the views an hour since that before it; None
    where that is not known (``revisions.growth``)."""

    moment: datetime
    views: int
    an_hour: float | None


@dataclass(frozen=True, slots=True)
class Counter:
    """``line`` is the ``points`` attribute of an SVG polyline, ``end`` its last point; ``rows`` are
    the last crawls, newest first, ``left`` those before them."""

    line: str
    end: tuple[float, float]
    first: Point
    last: Point
    rows: tuple[Row, ...]
    left: int


def counter(points: Sequence[Point]) -> Counter | None:
    """The counter over time, the earliest point first; None: there is nothing to compare."""
    if len(points) < 2:
        return None
    every = -(-len(points) // MOST_DRAWN)
    drawn = [*points[-1::-every]][::-1]
    start, length = drawn[0].moment, drawn[-1].moment - drawn[0].moment
    most = max(point.views for point in drawn)
    least = min(point.views for point in drawn)
    places = [
        (
            round(MARGIN + (WIDTH - 2 * MARGIN) * ((point.moment - start) / length), 1),
            round(
                HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (point.views - least) / (most - least), 1
            )
            if most > least
            else HEIGHT / 2,
        )
        for point in drawn
    ]
    rows = [
        Row(after.moment, after.views, growth((before, after)))
        for before, after in pairwise(points)
    ]
    rows.insert(0, Row(*points[0], None))
    return Counter(
        " ".join(f"{x:g},{y:g}" for x, y in places),
        places[-1],
        points[0],
        points[-1],
        tuple(rows[-1 : -MOST_LISTED - 1 : -1]),
        max(len(rows) - MOST_LISTED, 0),
    )
