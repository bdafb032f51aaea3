"""What dumps say of times, in all the ways in which programs write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.dumps.times import read_day, read_stamp, settle

ALMATY = ZoneInfo("Asia/Almaty")
BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = datetime(2026, 1, 5, 13, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        MOMENT,
        "2026-01-05T13:14:00Z",
        "2026-01-05T18:14:00+05:00",
        "2026-01-05 18:14+05",
        "2026-01-05T18:14:00 +0500",
        "2026-01-05T13:14:00.000000000Z",
        "2026-01-05 13:14:00 UTC",
        "2026-01-05T18:14:00+05:00[Asia/Almaty]",
        "2026/01/05 18:14:00",
        "20260105T181400",
        "20260105181400",
        202601051814,
        "2026-01-05T18:14",
        "  2026-01-05 18:14\n",
        "05.01.2026, 18:14",
        "Mon, 05 Jan 2026 18:14:00 +0500",
        "Mon, 05 Jan 2026 13:14:00 GMT",
        "Mon, 05 Jan 2026 13:14:00 -0000",
        1767618840,
        1767618840.0,
        "1767618840",
        "1767618840.0",
        1767618840000,
        "1767618840000",
        1767618840000000,
        1767618840000000000,
        "/Date(1767618840000)/",
        "/Date(1767618840000+0500)/",
    ],
)
def test_one_moment(value: object) -> None:
    """Naive times are in the source's zone (UTC+5); the profile's own format counts too."""
    stamp = read_stamp(value, ALMATY, time_format="%d.%m.%Y, %H:%M")
    assert (stamp.moment, stamp.flags) == (MOMENT, ())
    assert stamp.moment is not None
    assert stamp.moment.utcoffset() is not None


@pytest.mark.parametrize(
    "value",
    [
        "01/05/2026",
        "2026-02-30",
        20261305,
        18990105,
        "32 January 2026",
        "5 Smarch 2026",
        "2026-W02",
        "2026-02-30T10:00",
        "2026-01-05T25:00",
        "yesterday",
        "12",
        12,
        -5,
        True,
        float("nan"),
        float("inf"),
        1e300,
        "9" * 5000,
        "Jan 5, 2026 1:14 PM",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "1970-01-01T00:00:00Z",
        "1970-01-01T06:00:00",
        {"a": 1},
        ["2026"],
        b"2026-01-05T13:14:00Z",
        object(),
    ],
)
def test_no_time(value: object) -> None:
    """What cannot be, cannot be told or is the first of all seconds is flagged."""
    stamp = read_stamp(value, ALMATY)
    assert (stamp.moment, stamp.flags) == (None, ("bad-time",))


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-05",
        "2026/01/05",
        "2026.01.05",
        " 20260105 ",
        20260105,
        "05.01.2026",
        "5. 1. 2026",
        "5 January 2026",
        "Mon, 5 Jan 2026",
        "Monday, January 5th, 2026",
        "5 января 2026 г.",
        "5 de enero de 2026",
    ],
)
def test_a_day_without_an_hour(value: object) -> None:
    """However it is written: its first minute, in the source's zone, flagged; and a crawl day."""
    stamp = read_stamp(value, ALMATY)
    assert stamp.moment == datetime(2026, 1, 5, tzinfo=ALMATY)
    assert stamp.flags == ("date-only",)
    assert read_day(value, ALMATY) == (date(2026, 1, 5), ())


def test_a_day_in_the_format_of_the_profile() -> None:
    """The format's own day, before what else it could be."""
    for written in ("%d/%m/%Y %H:%M", "at %H:%M on %d/%m/%Y"):
        stamp = read_stamp("06/01/2026", ALMATY, time_format=written)
        assert stamp.moment == datetime(2026, 1, 6, tzinfo=ALMATY)
        assert stamp.flags == ("date-only",)
    assert read_stamp("06/01/2026 10:00", ALMATY, time_format="%d/%m/%Y %H:%M").flags == ()


def test_a_day_whose_first_minute_is_skipped() -> None:
    """Where the clocks go forward at midnight the day begins at one; that is nothing odd."""
    stamp = read_stamp("2026-03-29", ZoneInfo("Asia/Beirut"))
    assert stamp.moment is not None
    assert (stamp.moment.isoformat(), stamp.flags) == ("2026-03-29T01:00:00+03:00", ("date-only",))


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_is_said(value: object) -> None:
    """Then there is nothing to flag."""
    assert read_stamp(value, ALMATY).flags == ()
    assert read_day(value, ALMATY) == (None, ())


def test_summer_time() -> None:
    """A skipped hour is taken for as long after the skip; of a doubled one, the first is taken."""
    gap = read_stamp("2026-03-29T02:30:00", BERLIN)
    assert gap.moment is not None
    assert (gap.moment.isoformat(), gap.flags) == ("2026-03-29T03:30:00+02:00", ("gap-time",))
    twice = read_stamp("2026-10-25T02:30:00", BERLIN)
    assert twice.moment is not None
    assert (twice.moment.isoformat(), twice.flags) == ("2026-10-25T02:30:00+02:00", ())


def test_numbers_without_end() -> None:
    """Beyond what a float can hold."""
    assert read_stamp(10**400, ALMATY).flags == ("bad-time",)


def test_future() -> None:
    """Flagged from 36 hours after arrival on, kept in any case."""
    late = MOMENT + timedelta(hours=37)
    assert settle(late, ALMATY, arrived=MOMENT).flags == ("future-time",)
    assert settle(late, ALMATY, arrived=MOMENT).moment == late
    assert settle(late, ALMATY).flags == ()


@settings(max_examples=300)
@given(
    st.text(st.sampled_from("0123456789-+:.,/ TZapmGUCJanMo()Date[]"), max_size=40)
    | st.text(max_size=20)
    | st.floats()
    | st.integers()
    | st.datetimes()
    | st.datetimes(timezones=st.timezones())
)
def test_anything(value: object) -> None:
    """A time in the years that count, or none; never an error."""
    stamp = read_stamp(value, BERLIN, time_format="%d.%m.%Y, %H:%M", arrived=MOMENT)
    if stamp.moment is not None:
        assert stamp.moment.utcoffset() is not None
        assert 1899 <= stamp.moment.astimezone(UTC).year <= 3000
    day, flags = read_day(value, BERLIN)
    assert day is None or not flags


@settings(max_examples=100)
@given(st.integers(3 * 10**8, 4 * 10**9))
def test_ways_to_write_one_time(seconds: int) -> None:
    """Seconds, thousandths and ISO 8601 of one moment are one moment."""
    moment = datetime.fromtimestamp(seconds, UTC)
    for value in (seconds, seconds * 1000, str(seconds), moment.isoformat(), moment):
        assert read_stamp(value, BERLIN).moment == moment


def test_days() -> None:
    """A day is a day; of a moment it is that in the source's zone."""
    assert read_day("20260105", ALMATY) == (date(2026, 1, 5), ())
    assert read_day("2026-01-05T20:00:00Z", ALMATY) == (date(2026, 1, 6), ())
    assert read_day("2026-02-30", ALMATY) == (None, ("bad-crawl-date",))
    assert read_day("soon", ALMATY) == (None, ("bad-crawl-date",))
