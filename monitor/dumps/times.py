"""From what a dump says of a time to an aware moment, and what is odd about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from monitor.dumps.days import read_day_alone
from monitor.dumps.months import read_time, since_epoch

YEARS = range(1900, 3000)
"""Others are misprints; also keeps the way to UTC clear of datetime's own limits."""
AHEAD = timedelta(hours=36)
"""A time so far after the dump's arrival is odd in whatever zone it was written."""

_LONGEST = 100  # characters of a time
# Alone, or as .NET writes it: /Date(1767618840000)/
_NUMBER = re.compile(r"^(?:/Date\()?(-?\d{9,19}(?:\.\d{1,9})?)(?:[+-]\d{4})?(?:\)/)?$", re.ASCII)
_SHORTEST_EPOCH = 9  # digits: 1973
_DIGITS = range(1900_01_01, 3000_01_01)  # a day as a number, 20260105
_MICROSECONDS = 10**14  # such a number of milliseconds is the year 5138
# A day or week without an hour; halves of a day, which the reader of RFC 5322 does not know.
_UNREAD = re.compile(r"^(?!.*\dT\d)[^:]*$|\d\s*[ap]\.?m\b", re.IGNORECASE | re.DOTALL)
# What ISO 8601 does not know: a space before the offset, names of zones behind or instead of it.
_ZONE = re.compile(r"\s*(?:UTC|GMT|\s([+-]\d\d:?\d\d))$|\[[\w/+-]+\]$")
_UNSET = timedelta(days=1)  # from 1970 on: what a program writes that knows no time
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ABOUT_1970 = (1969, 1970)  # its first day, somewhere


@dataclass(frozen=True, slots=True)
class Stamp:
    """``moment`` is aware, in the zone it was written in, or None; ``flags`` as in ``FLAGS``."""

    moment: datetime | None
    flags: tuple[str, ...] = ()


BAD = Stamp(None, ("bad-time",))


def settle(time: datetime, zone: ZoneInfo, *, arrived: datetime | None = None) -> Stamp:
    """A time as it was read, naive ones in ``zone``.

    A local time that the clocks skipped is taken for as long after the skip (PEP 495). One of
    the first day of 1970 is no time; one more than ``AHEAD`` after ``arrived`` is kept and flagged.
    """
    if time.year not in YEARS:
        return BAD
    flags: tuple[str, ...] = ()
    if time.tzinfo is None:
        time = time.replace(tzinfo=zone)
        # Only where the clocks change has a local time two offsets (PEP 495).
        if time.utcoffset() != time.replace(fold=1 - time.fold).utcoffset():
            back = time.astimezone(UTC).astimezone(zone)
            if back.replace(tzinfo=None) != time.replace(tzinfo=None):
                time, flags = back, ("gap-time",)
    if time.year in _ABOUT_1970 and abs(time - _EPOCH) < _UNSET:
        return BAD
    if arrived is not None and time - arrived > AHEAD:
        flags += ("future-time",)
    return Stamp(time, flags)


def read_stamp(
    value: object,
    zone: ZoneInfo,
    *,
    time_format: str | None = None,
    arrived: datetime | None = None,
) -> Stamp:
    """The time that a record states: a datetime, seconds or milliseconds since 1970, or text.

    Text is in ``time_format`` (strptime), ISO 8601, RFC 5322, or digits. None or "" is no time,
    and no flag; what cannot be read is flagged. Of a day without an hour, the first minute counts.
    """
    if value is None or value == "" or isinstance(value, bool):
        return Stamp(None) if value is None or value == "" else BAD
    try:
        read = _read(value, time_format)
    except (ValueError, OverflowError, OSError):
        read = None
    if read is None:
        return day_alone(value, zone, time_format=time_format, arrived=arrived)
    return settle(read, zone, arrived=arrived)


def day_alone(
    value: object,
    zone: ZoneInfo,
    *,
    time_format: str | None = None,
    arrived: datetime | None = None,
) -> Stamp:
    """The first minute of a day that is stated without an hour, flagged; ``BAD`` for all else."""
    if isinstance(value, str) or (type(value) is int and value in _DIGITS):
        day = read_day_alone(str(value), time_format)
        if day is not None:
            stamp = settle(datetime.combine(day, time.min), zone, arrived=arrived)
            if stamp.moment is not None:  # where that minute is skipped, the next one is the first
                return Stamp(stamp.moment, ("date-only", *(set(stamp.flags) - {"gap-time"})))
    return BAD


def read_day(value: object, zone: ZoneInfo) -> tuple[date | None, tuple[str, ...]]:
    """The crawl day that a record states, and a flag where it cannot be one."""
    if value is None or value == "":
        return None, ()
    moment = read_stamp(value, zone).moment
    return (moment.astimezone(zone).date(), ()) if moment is not None else BAD_DAY


BAD_DAY = (None, ("bad-crawl-date",))


def _read(value: object, time_format: str | None) -> datetime | None:
    """Raises ValueError, OverflowError; None for what is certainly no time."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, int | float):
        return _of_number(value)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    text = value.strip()
    if time_format is not None:
        try:
            return read_time(text, time_format)
        except ValueError:
            pass
    if found := _NUMBER.search(text):
        return _of_number(float(found[1]) if "." in found[1] else int(found[1]))
    if _UNREAD.search(text):
        return None
    try:
        return datetime.fromisoformat(_ZONE.sub(_iso_zone, text.replace("/", "-")))
    except ValueError:
        moment = parsedate_to_datetime(text)
    # RFC 5322, section 3.3: of "-0000" only the zone of the writer is unknown, not the moment
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None and "-0000" in text else moment


def _iso_zone(found: re.Match[str]) -> str:
    return "" if found[0].startswith("[") else found[1] or "+00:00"


def _of_number(number: float) -> datetime | None:
    """Seconds since 1970, or thousandths, millionths, ...; or digits as in 20260105131400."""
    digits = str(abs(int(number))) if abs(number) < 10**20 else ""
    if len(digits) in (12, 14) and digits.startswith(("19", "20")):
        try:
            return datetime.strptime(  # noqa: DTZ007 - settled later
                digits, "%Y%m%d%H%M%S"[: len(digits) - 2]
            )
        except ValueError:
            pass
    if not len(digits) >= _SHORTEST_EPOCH:
        return None
    while abs(number) >= _MICROSECONDS:
        number /= 1000
    return since_epoch(number)
