"""Days and times as databases of articles print them: "January 5, 2026 Monday 3:45 PM GMT"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from monitor.dumps.months import MONTHS

_LONGEST = 120  # characters of a line with a date
# A word in any language, but none with which a sentence begins
_WEEKDAY = (
    r"(?!(?i:on|in|by|since|from|until|before|after|am|seit|vom)\s)(?:[^\W\d_]{2,15}\.?,?\s+)?"
)
_MONTH = r"(?P<{}>[^\W\d_]{{3,12}})\.?"
_DAY = re.compile(
    _WEEKDAY
    + r"(?:"
    + rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º)?\.?\s+(?:de\s+)?{_MONTH.format('month')},?\s+"
    + r"(?:de\s+|del\s+)?(?P<year>\d{4})"
    + rf"|{_MONTH.format('first')}\s+(?P<second>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<third>\d{{4}})"
    + r"|(?P<iso>\d{4}-\d\d-\d\d)"
    + r")(?!\d)"
)
_TIME = re.compile(
    r"\b(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.]\d\d)?(?:\s*(?P<half>[ap])\.?\s?m\b\.?)?"
    r"(?:\s*(?P<zone>[A-Z]{2,4}\b|Z\b|[+-]\d\d:?\d\d))?",
    re.IGNORECASE,
)
# RFC 5322, section 4.3, and those of Europe; others mean a different thing in different places
_ZONES = {
    "GMT": 0, "UTC": 0, "UT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2,
    "EEST": 3, "MSK": 3, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8,
    "PDT": -7,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """A day, with its time if ``hour``; naive where no zone is named. ``end`` is where it ends."""

    moment: datetime
    hour: bool
    end: int


def read_written(text: str, time: str = "") -> Written | None:
    """The day that a line begins with, its weekday before or behind it, and the time behind it.

    ``time`` is where else a time may stand. None for a line that begins otherwise, and for a day
    that cannot be.
    """
    line = text[:_LONGEST].strip()
    found = _DAY.match(line)
    if found is None:
        return None
    try:
        day = _day(found)
    except ValueError:
        return None
    end = found.end()
    clock = _TIME.search(line, end) or _TIME.search(time[:_LONGEST])
    if clock is not None and (moment := _at(day, clock)) is not None:
        return Written(moment, hour=True, end=end)
    return Written(day, hour=False, end=end)


def is_time(text: str) -> bool:
    """Whether a line is a time of day and nothing else."""
    return _TIME.fullmatch(text.strip()) is not None


def _day(found: re.Match[str]) -> datetime:
    """Raises ValueError."""
    if found["iso"]:
        return datetime.strptime(found["iso"], "%Y-%m-%d")  # noqa: DTZ007 - settled later
    month = MONTHS.get((found["month"] or found["first"]).lower())
    if month is None:
        raise ValueError("no month")
    day, year = found["day"] or found["second"], found["year"] or found["third"]
    return datetime(int(year), month, int(day))  # noqa: DTZ001 - settled later


def _at(day: datetime, clock: re.Match[str]) -> datetime | None:
    hour, minute, half = int(clock["hour"]), int(clock["minute"]), (clock["half"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59:
        return None
    moment = day.replace(hour=hour, minute=minute)
    offset = _offset(clock["zone"] or "")
    return moment if offset is None else moment.replace(tzinfo=timezone(offset))


def _offset(zone: str) -> timedelta | None:
    if zone[:1] in ("+", "-"):
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        offset = timedelta(hours=hours, minutes=minutes)
        return None if offset >= timedelta(days=1) else -offset if zone[0] == "-" else offset
    hours_east = _ZONES.get(zone.upper())
    return None if hours_east is None else timedelta(hours=hours_east)
