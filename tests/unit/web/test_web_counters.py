"""The counter on an article's page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Point
from monitor.web.counters import HEIGHT, MOST_DRAWN, MOST_LISTED, WIDTH, counter

T0 = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def points(*views: int) -> list[Point]:
    return [Point(T0 + n * HOUR, count) for n, count in enumerate(views)]


def test_one_point_is_no_history() -> None:
    """There is nothing to draw."""
    assert counter([]) is None
    assert counter(points(7)) is None


def test_the_line_and_the_table() -> None:
    """From left to right and from below; the newest crawl first."""
    found = counter(points(10, 110, 60, 210))
    assert found is not None
    assert found.line == "4,76 201.3,40 398.7,58 596,4"
    assert [(row.views, row.an_hour) for row in found.rows] == [
        (210, 150.0), (60, None), (110, 100.0), (10, None)
    ]  # fmt: skip
    assert found.left == 0


def test_a_counter_that_stands_still() -> None:
    """Is a line in the middle."""
    found = counter(points(5, 5))
    assert found is not None
    assert found.line == "4,40 596,40"


times = st.lists(st.integers(0, 10**6), min_size=2, max_size=1_500, unique=True).map(sorted)


@given(times, st.lists(st.integers(0, 2**62), min_size=5, max_size=5))
def test_the_line_stays_in_its_box(minutes: list[int], views: list[int]) -> None:
    """However many points there are and whatever the counter does; the last is always drawn."""
    history = [Point(T0 + m * HOUR / 60, views[n % 5]) for n, m in enumerate(minutes)]
    found = counter(history)
    assert found is not None
    places = [tuple(map(float, place.split(","))) for place in found.line.split()]
    assert 2 <= len(places) <= MOST_DRAWN
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
    assert places[-1][0] == WIDTH - 4
    assert len(found.rows) == min(len(history), MOST_LISTED)
    assert found.left == max(len(history) - MOST_LISTED, 0)
