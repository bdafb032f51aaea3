"""Times at which nothing is told: what belongs to them, and when they end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from monitor.alerts.intervals import Period, Quiet, compile_intervals
from monitor.config.intervals import PeriodSettings, TimeIntervalSettings

MINUTE = timedelta(minutes=1)
HOURS = 20  # looked at minute by minute
# Berlin: an hour at 02:00 and 03:00; Havana: at midnight; Lord Howe: half an hour; Nuuk: late on a
# Saturday, into Sunday; Apia: left out 30 December 2011; Almaty: set once, in 2024; Casablanca:
# back for Ramadan.
ZONES = (
    "UTC", "Asia/Almaty", "Europe/Berlin", "America/Havana", "America/Nuuk", "Asia/Beirut",
    "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "America/St_Johns",
)  # fmt: skip


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def period(**given_: Any) -> Period:
    return Period(PeriodSettings.model_validate(given_))


def times(*spans: str) -> list[dict[str, str]]:
    return [dict(zip(("start_time", "end_time"), span.split("-"), strict=True)) for span in spans]


NIGHT = times("22:00-24:00", "00:00-06:00")


@pytest.mark.parametrize(
    ("given_", "inside", "outside"),
    [
        ({"times": NIGHT}, ["2026-02-20T22:00", "2026-02-21T05:59"], ["2026-02-21T06:00"]),
        ({"times": times("09:00-09:01")}, ["2026-02-20T09:00:59"], ["2026-02-20T09:01"]),
        ({"weekdays": "monday:friday"}, ["2026-02-20T23:59"], ["2026-02-21T00:00"]),
        ({"weekdays": ["Saturday:Monday"]}, ["2026-02-21", "2026-02-23"], ["2026-02-24"]),
        ({"days_of_month": ["1:5", "-1"]}, ["2026-02-28", "2026-03-05"], ["2026-03-06"]),
        ({"days_of_month": "-3:-1"}, ["2024-02-27", "2024-02-29"], ["2024-02-26"]),
        ({"days_of_month": "31"}, ["2026-01-31"], ["2026-02-28", "2026-04-30"]),
        ({"days_of_month": "30:31"}, ["2026-04-30"], ["2026-02-28"]),
        ({"days_of_month": "-31:-30"}, ["2026-01-01", "2026-04-01"], ["2026-02-01"]),
        ({"days_of_month": "10:-10"}, ["2026-02-10", "2026-02-19"], ["2026-02-20"]),
        ({"months": ["november:february", "5"]}, ["2026-01-01", "2026-05-31"], ["2026-03-01"]),
        ({"years": ["2025:2026", "2030"]}, ["2026-12-31", "2030-06-01"], ["2027-01-01"]),
        (
            {"times": times("08:00-09:00"), "location": "Asia/Almaty"},
            ["2026-02-20T03:30"],
            ["2026-02-20T08:30"],
        ),
        ({}, ["2026-02-20T08:30"], []),
    ],
)
def test_what_belongs_to_a_period(
    given_: dict[str, Any], inside: list[str], outside: list[str]
) -> None:
    """All conditions hold at once, by the wall's clock of the location; the end of a range of
    times is outside, that of days, months and years inside."""
    made = period(**given_)
    assert [moment for moment in inside if not made.contains(utc(moment))] == []
    assert [moment for moment in outside if made.contains(utc(moment))] == []


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"times": times("22:00-06:00")}, "a night is two"),
        ({"times": times("8:00-09:00")}, "not a time of the day: '8:00'"),
        ({"times": times("08:00-24:01")}, "not a time of the day: '24:01'"),
        ({"weekdays": "mon"}, "not one of monday"),
        ({"weekdays": "monday:"}, "not one of monday"),
        ({"weekdays": "1:5"}, "not one of monday"),
        ({"days_of_month": "0"}, "not a day of the month"),
        ({"days_of_month": "5:1"}, "ends before it begins"),
        ({"days_of_month": "-1:-3"}, "ends before it begins"),
        ({"days_of_month": "-3:2"}, "begins at the month's end"),
        ({"months": "13"}, "not one of january"),
        ({"years": "2026:2025"}, "ends before it begins"),
        ({"years": "26"}, "not a year"),
        ({"location": "Asia/Almati"}, "did you mean Asia/Almaty?"),
        ({"time": []}, "Extra inputs"),
    ],
)
def test_what_is_no_period(given_: dict[str, Any], said: str) -> None:
    """It is refused with the reason."""
    with pytest.raises(ValidationError, match=said):
        PeriodSettings.model_validate(given_)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-03-28T20:59", "2026-03-28T20:59"),  # 21:59 in Berlin
        ("2026-03-28T21:00", "2026-03-29T04:00"),  # the night of the lost hour: 06:00 is 04:00 UTC
        ("2026-10-24T20:00", "2026-10-25T05:00"),  # that of the hour shown twice
        ("2026-10-25T04:59:59.999999", "2026-10-25T05:00"),
        ("2026-10-25T05:00", "2026-10-25T05:00"),
    ],
)
def test_a_night_across_a_change_of_the_clock(moment: str, opens: str) -> None:
    """It ends when the wall's clock says so."""
    quiet = Quiet("night", muted=(period(times=NIGHT, location="Europe/Berlin"),))
    assert quiet.opens(utc(moment)) == utc(opens)


def test_both_hours_that_a_clock_shows_twice() -> None:
    """02:00 to 02:30 is there twice, with an hour in between that is not quiet; and in spring it
    is not there at all."""
    quiet = Quiet("short", muted=(period(times=times("02:00-02:30"), location="Europe/Berlin"),))
    assert quiet.opens(utc("2026-10-25T00:10")) == utc("2026-10-25T00:30")
    assert quiet.opens(utc("2026-10-25T01:10")) == utc("2026-10-25T01:30")
    assert quiet.allows(utc("2026-10-25T00:45"))
    assert all(quiet.allows(utc("2026-03-29T00:30") + n * MINUTE) for n in range(120))


def test_outside_of_active_times_nothing_is_told() -> None:
    """The next allowed instant is in an active interval and in no muted one."""
    office = period(weekdays="monday:friday", times=times("09:00-18:00"))
    lunch = period(times=times("09:00-13:00"), months="march")
    quiet = Quiet("office", muted=(lunch,), active=(office,))
    assert quiet.opens(utc("2026-02-27T18:00")) == utc("2026-03-02T13:00")


@pytest.mark.parametrize(
    "quiet",
    [
        Quiet("a", active=(period(years="2020"),)),
        Quiet("a", active=(period(months="february", days_of_month="30"),)),
        Quiet("a", muted=(period(),)),
        Quiet("a", muted=(period(weekdays="monday"),), active=(period(weekdays="monday"),)),
    ],
)
def test_what_never_opens(quiet: Quiet) -> None:
    """It is known, and without looking at every minute of five years. What is held by it is held
    for these."""
    now = utc("2026-02-20T12:00")
    assert quiet.opens(now) is None
    assert quiet.passes(now) > now + timedelta(days=5 * 365)


def test_what_opens_once_in_four_years() -> None:
    """A leap day is found."""
    quiet = Quiet("leap", active=(period(months="february", days_of_month="29"),))
    assert quiet.opens(utc("2024-03-01T00:00")) == utc("2028-02-29T00:00")


def test_intervals_have_names() -> None:
    """Those of one name with all their periods."""
    settings_ = TimeIntervalSettings.model_validate(
        {"name": "off", "time_intervals": [{"weekdays": "sunday"}, {"times": NIGHT}]}
    )
    assert {name: len(one) for name, one in compile_intervals([settings_]).items()} == {"off": 2}


# Mostly around instants at which a zone of ours sets its clocks.
_moments = st.one_of(
    st.sampled_from(
        [
            "2026-03-29T01:00", "2026-10-25T01:00", "2026-03-08T05:00", "2026-11-01T05:00",
            "2026-04-04T15:00", "2026-10-03T15:30", "2024-02-29T19:00", "2011-12-30T10:00",
            "2026-02-15T02:00", "2026-03-28T22:00", "2026-10-24T21:00", "2010-11-07T02:31",
        ]
    ).map(utc),
    st.integers(0, 20 * 366).map(lambda n: utc("2010-01-01") + timedelta(days=n)),
).flatmap(lambda moment: st.integers(-2400, 1200).map(lambda n: moment + n * MINUTE))  # fmt: skip
_clock = st.integers(0, 24 * 4).map(lambda n: f"{n // 4:02}:{n % 4 * 15:02}")
_spans = st.lists(
    st.tuples(_clock, _clock).filter(lambda both: both[0] < both[1]).map("-".join),
    max_size=2,
)
_periods = st.builds(
    lambda spans, days, zone: period(times=times(*spans), weekdays=days, location=zone),
    _spans,
    st.lists(st.sampled_from(["monday", "saturday:sunday", "tuesday:thursday"]), max_size=2),
    st.sampled_from(ZONES),
)


@settings(max_examples=40, deadline=None)
@given(_moments, st.lists(_periods, min_size=1, max_size=2), st.lists(_periods, max_size=1))
def test_the_next_allowed_instant(
    moment: datetime, muted: list[Period], active: list[Period]
) -> None:
    """It is the very one that looking at each minute finds."""
    moment = moment.replace(second=0, microsecond=0)
    quiet = Quiet("some", tuple(muted), tuple(active))
    found = quiet.opens(moment)
    minutes = (moment + n * MINUTE for n in range(HOURS * 60))
    slow = next((minute for minute in minutes if quiet.allows(minute)), None)
    if slow is None:
        assert found is None or found >= moment + timedelta(hours=HOURS)
    else:
        assert found == slow


@settings(max_examples=60, deadline=None)
@given(_moments, st.sampled_from(ZONES))
def test_nothing_changes_before_it_may(moment: datetime, zone: str) -> None:
    """Between two instants at which a period may change it does not."""
    made = period(
        times=times("01:30-02:15", "23:30-24:00"), days_of_month=["1", "-1"], location=zone
    )
    until = made.may_change(moment)
    assert moment < until
    step = (until - moment) / 50
    assert {made.contains(moment + n * step) for n in range(50)} == {made.contains(moment)}
