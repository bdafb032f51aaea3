"""When digests are due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from monitor.alerts.schedule import Schedule, compile_digest, instant
from monitor.config.intervals import DigestSettings


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def digest(**given_: Any) -> Schedule:
    return compile_digest(DigestSettings.model_validate(given_))


@pytest.mark.parametrize(
    ("given_", "moment", "due"),
    [
        ({"at": "08:00"}, "2026-02-20T07:59", "2026-02-20T08:00"),
        ({"at": "08:00"}, "2026-02-20T08:00", "2026-02-21T08:00"),
        ({"at": ["18:00", "08:00"]}, "2026-02-20T08:00:01", "2026-02-20T18:00"),
        ({"at": "08:00", "location": "Asia/Almaty"}, "2026-02-20T02:59", "2026-02-20T03:00"),
        ({"at": "08:00", "days": "monday:friday"}, "2026-02-20T12:00", "2026-02-23T08:00"),
        # Monday in Almaty begins on Sunday at 19:00 UTC
        (
            {"at": "00:30", "days": "monday", "location": "Asia/Almaty"},
            "2026-02-20T12:00",
            "2026-02-22T19:30",
        ),
        ({"every": "15m"}, "2026-02-20T12:14:59.9", "2026-02-20T12:15"),
        ({"every": "15m"}, "2026-02-20T12:15", "2026-02-20T12:30"),
        ({"every": "1d"}, "2026-02-20T12:15", "2026-02-21T00:00"),
        # Berlin leaves out 02:00 to 03:00 (01:00 UTC) ...
        (
            {"at": ["02:00", "02:30"], "location": "Europe/Berlin"},
            "2026-03-28T12:00",
            "2026-03-29T01:00",
        ),
        (
            {"at": ["02:00", "02:30"], "location": "Europe/Berlin"},
            "2026-03-29T01:00",
            "2026-03-30T00:00",
        ),
        # ... and shows it twice
        ({"at": "02:30", "location": "Europe/Berlin"}, "2026-10-25T00:00", "2026-10-25T00:30"),
        ({"at": "02:30", "location": "Europe/Berlin"}, "2026-10-25T00:30", "2026-10-26T01:30"),
        # midnight is left out, or shown twice
        ({"at": "00:00", "location": "Asia/Beirut"}, "2026-03-28T12:00", "2026-03-28T22:00"),
        ({"at": "23:30", "location": "Asia/Beirut"}, "2026-10-24T12:00", "2026-10-24T20:30"),
        ({"at": "23:30", "location": "Asia/Beirut"}, "2026-10-24T20:30", "2026-10-25T21:30"),
        # Samoa left out the 30th as a whole
        ({"at": "08:00", "location": "Pacific/Apia"}, "2011-12-29T18:00", "2011-12-30T18:00"),
        ({"at": "00:00", "location": "Pacific/Apia"}, "2011-12-29T18:00", "2011-12-30T10:00"),
    ],
)
def test_when_a_digest_is_due(given_: dict[str, Any], moment: str, due: str) -> None:
    """The next instant strictly after, in UTC; a time that is left out is due when the clock is
    set, one that comes twice the first time."""
    assert digest(**given_).after(utc(moment)) == utc(due)


@pytest.mark.parametrize(
    ("given_", "name"),
    [
        (
            {"at": "08:00", "days": "monday:friday", "location": "Asia/Almaty"},
            "08:00 monday:friday Asia/Almaty",
        ),
        ({"at": ["18:00", "08:00", "18:00"]}, "08:00,18:00 UTC"),
        ({"at": "08:00", "days": ["Monday : Friday", "sunday"]}, "08:00 monday:friday,sunday UTC"),
        ({"every": "1h30m"}, "every 1h30m"),
    ],
)
def test_what_a_digest_is_called(given_: dict[str, Any], name: str) -> None:
    """By it the open delivery is found: the same settings, the same name."""
    assert digest(**given_).name == name


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({}, "either at"),
        ({"at": "08:00", "every": "1h"}, "either at"),
        ({"at": []}, "at least one time"),
        ({"at": "24:00"}, "00:00 of the next day"),
        ({"at": "8am"}, "not a time of the day"),
        ({"every": "30s"}, "at least 1m"),
        ({"every": "1h", "days": "monday"}, "days goes with at"),
        ({"every": "1h", "location": "UTC"}, "location goes with at"),
        ({"at": "08:00", "days": "funday"}, "not one of monday"),
    ],
)
def test_what_is_no_digest(given_: dict[str, Any], said: str) -> None:
    """It is refused with the reason."""
    with pytest.raises(ValidationError, match=said):
        DigestSettings.model_validate(given_)


_ZONES = ("Europe/Berlin", "America/Havana", "America/Nuuk", "Asia/Beirut", "Australia/Lord_Howe")
_days = st.dates(date(2024, 1, 1), date(2026, 12, 31))
_times = st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))


@settings(max_examples=60, deadline=None)
@given(_days, _times, st.sampled_from((*_ZONES, "Asia/Almaty")))
def test_once_on_every_day(day: date, at: time, zone: str) -> None:
    """Digests follow one another without an end, each of another day, none left out."""
    made = digest(at=f"{at:%H:%M}", location=zone)
    due = made.after(instant(day, time(), ZoneInfo(zone)) - timedelta(microseconds=1))
    for later in (day + timedelta(days=n) for n in range(12)):
        assert due == instant(later, at, ZoneInfo(zone))
        before, due = due, made.after(due)
        assert due > before


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 28), date(2026, 11, 1)]),
    _times,
    st.sampled_from(_ZONES),
)
def test_the_first_instant_of_a_time(day: date, at: time, zone: str) -> None:
    """It is the first minute at which the clock shows the time or, where it never does, is past it
    on that day."""
    wall = datetime.combine(day, at)
    minute = datetime.combine(day, time(), UTC) - timedelta(hours=16)
    while minute.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < wall:
        minute += timedelta(minutes=1)
    assert instant(day, at, ZoneInfo(zone)) == minute
