"""The counter over time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Counted, Point
from monitor.revisions import grown, growth, history, order_key
from monitor.revisions.counter import APART, LONGEST

T0 = datetime(2026, 3, 10, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
TODAY = T0.date()


def points(*counts: tuple[float, int]) -> list[Point]:
    """Hours after ``T0`` and views."""
    return [Point(T0 + hours * HOUR, views) for hours, views in counts]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([], None),
        ([(0, 5)], None),
        ([(0, 5), (2, 25)], 10.0),
        ([(2, 25), (0, 5)], 10.0),  # in any order
        ([(0, 5), (1, 5)], 0.0),
        ([(0, 5), (0, 500)], None),  # at one moment
        ([(0, 0), (1, 10), (1, 20)], 20.0),  # of one moment the higher
        ([(0, 0), (1, 10), (1.1, 500)], 500 / 1.1),  # too near the one before it
        ([(0, 0), (1 / 6, 10)], 60.0),  # just apart enough
        ([(0, 100), (1, 90)], None),  # the counter fell
        ([(0, 100), (1, 5), (2, 45)], 40.0),  # and grows again
        ([(0, 1), (24 * 7, 169)], 1.0),
        ([(0, 1), (24 * 7 + 1, 169)], None),  # too long ago
    ],
)
def test_growth(counts: list[tuple[float, int]], expected: float | None) -> None:
    """Views per hour between the last crawl and the nearest that is apart enough."""
    assert growth(points(*counts)) == (None if expected is None else pytest.approx(expected))


moments = st.integers(-20_000, 20_000).map(lambda minutes: T0 + timedelta(minutes=minutes))
some = st.lists(st.builds(Point, moments, st.integers(0, 10**15)), max_size=12)


@given(some, st.randoms())
def test_growth_is_of_the_set(counted: list[Point], chance: object) -> None:
    """The order is of no account; what is known is not negative, and between two of the points
    that are neither too near nor too far."""
    found = growth(counted)
    assert growth(sorted(counted, reverse=True)) == found
    if found is not None:
        last = max(counted)
        rates = [
            (last.views - one.views) / ((last.moment - one.moment) / HOUR)
            for one in counted
            if APART <= last.moment - one.moment <= LONGEST
        ]
        assert found >= 0
        assert found in rates


def seen(
    views: int,
    received: datetime,
    *,
    day: date = TODAY,
    head: datetime | None = None,
    name: str = "a.txt",
) -> Counted:
    return Counted(order_key(day, head, views, name, 1), 1, views, received)


@pytest.mark.parametrize(
    ("received", "head", "expected"),
    [
        (T0, T0 - HOUR, T0),  # came on its crawl day
        (T0 + 14 * HOUR, None, T0 + 14 * HOUR),
        (datetime(2026, 3, 9, 20, tzinfo=UTC), None, datetime(2026, 3, 9, 20, tzinfo=UTC)),
        (T0 + 90 * HOUR, T0 - HOUR, T0 - HOUR),  # later: as its newest article
        (T0 + 90 * HOUR, None, datetime(2026, 3, 10, 12, tzinfo=UTC)),  # noon
        (T0 + 90 * HOUR, T0 - 90 * HOUR, datetime(2026, 3, 10, 12, tzinfo=UTC)),
        (T0 - 90 * HOUR, T0 - HOUR, T0 - HOUR),  # our clock was wrong
    ],
)
def test_when_a_crawl_was(received: datetime, head: datetime | None, expected: datetime) -> None:
    """As exactly as it is known."""
    assert history([seen(7, received, head=head)]) == [Point(expected, 7)]


def test_dumps_that_come_together() -> None:
    """Were not crawled together: their heads tell when, in whatever order they are read."""
    together = [
        seen(n, T0 + timedelta(seconds=n), head=T0 - (9 - n) * HOUR, name=f"{n}.txt")
        for n in (1, 2, 3)
    ]
    later = seen(50, T0 + 5 * HOUR, head=T0, name="later.txt")
    expected = [Point(T0 - (9 - n) * HOUR, n) for n in (1, 2, 3)]
    assert history([*together, later]) == [*expected, Point(T0 + 5 * HOUR, 50)]
    assert history([later, *together[::-1]]) == history([*together, later])


def test_a_crawl_that_came_twice_is_one() -> None:
    """The first arrival counts."""
    assert history([seen(7, T0 + HOUR), seen(7, T0)]) == [Point(T0, 7)]


def test_growth_at_a_crawl_knows_no_later_one() -> None:
    """Each crawl is judged by those before it."""
    counted = [seen(n * n * 10, T0 + n * HOUR, name=f"{n}.txt") for n in range(4)]
    assert [grown(counted, one.order) for one in counted] == [None, 10.0, 30.0, 50.0]


@pytest.mark.parametrize("order", ["order-1", "", "20260230|202602010900|1", "x|y|z"])
def test_an_order_of_another_make(order: str) -> None:
    """What cannot be read is dated by the arrival."""
    assert history([Counted(order, 1, 7, T0)]) == [Point(T0, 7)]


@pytest.mark.parametrize("day", [date.min, date.max, date(1970, 1, 1)])
def test_the_edges_of_the_calendar(day: date) -> None:
    """Days without a day before or after them are dated like others."""
    (point,) = history([seen(7, T0, day=day)])
    assert point.moment.date() == day
