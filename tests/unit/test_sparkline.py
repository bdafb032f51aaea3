"""Counts by day as small bars."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli.sparkline import ASCII_BARS, BARS, bars_for, binned, days_a_bar, sparkline

FIRST = date(2026, 2, 27)


def test_a_bar_for_each_day() -> None:
    """Days without a hit have the lowest bar; months end where they end."""
    days = {FIRST: 1, date(2026, 3, 1): 7, date(2026, 3, 2): 4}
    counts = binned(days, FIRST, date(2026, 3, 3), 40)
    assert counts == [1, 0, 7, 4, 0]
    assert sparkline(counts) == "▂▁█▅▁"
    assert sparkline(counts, ASCII_BARS) == "._#=_"


def test_days_are_put_together_where_there_are_many() -> None:
    """As few together as will do, the last bar may stand for fewer."""
    last = FIRST + timedelta(days=80)  # 81 days
    assert days_a_bar(FIRST, last, 40) == 3
    counts = binned({FIRST: 1, FIRST + timedelta(days=2): 1, last: 5}, FIRST, last, 40)
    assert counts == [2, *[0] * 25, 5]


def test_no_hit_and_one_day() -> None:
    """One day is one bar, with a hit or without."""
    assert sparkline(binned({}, FIRST, FIRST, 40)) == "▁"
    assert sparkline(binned({FIRST: 3}, FIRST, FIRST, 40)) == "█"
    assert sparkline([]) == ""


@pytest.mark.parametrize(
    ("encoding", "bars"),
    [
        ("utf-8", BARS),
        ("UTF-16", BARS),
        ("ascii", ASCII_BARS),
        ("latin-1", ASCII_BARS),
        ("cp1251", ASCII_BARS),
        (None, ASCII_BARS),
        ("no-such-encoding", ASCII_BARS),
    ],
)
def test_bars_that_the_terminal_can_show(encoding: str | None, bars: str) -> None:
    """Block elements where the encoding has all of them, else ASCII."""
    assert bars_for(encoding) == bars


@given(
    counts=st.dictionaries(st.integers(0, 20_000), st.integers(1, 10**6), max_size=30),
    more=st.integers(0, 3_000_000),
    most=st.integers(1, 60),
)
def test_nothing_is_lost_in_a_sparkline(counts: dict[int, int], more: int, most: int) -> None:
    """At most so many bars; every hit is in the bar of its day; the lowest bar is for none alone,
    the highest count has the highest, and more is never lower."""
    first = date(1, 1, 1)
    last = first + timedelta(days=max([more, *counts]))
    days = {first + timedelta(days=n): count for n, count in counts.items()}
    bins = binned(days, first, last, most)
    each = days_a_bar(first, last, most)
    assert len(bins) <= most
    assert sum(bins) == sum(counts.values())
    for place, count in enumerate(bins):
        assert count == sum(c for n, c in counts.items() if n // each == place)
    heights = [BARS.index(bar) for bar in sparkline(bins)]
    assert len(heights) == len(bins)
    assert [height == 0 for height in heights] == [count == 0 for count in bins]
    if counts:
        assert heights[bins.index(max(bins))] == len(BARS) - 1
    ordered = [height for _, height in sorted(zip(bins, heights, strict=True))]
    assert ordered == sorted(ordered)
