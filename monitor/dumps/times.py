"""From what a dump says of a time to an aware moment, and what is odd about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from monitor.dumps.months import read_time, since_epoch

YEARS = range(1900, 3000)
"""Others are misprints; also keeps the way to UTC clear of datetime's own limits."""
AHEAD = timedelta(hours=36)
"""A time so far after the dump's arrival is odd in whatever zone it was written."""

_NUMBER = re.compile(r"-?\d{9,16}(?:\.\d+)?", re.ASCII)
_UNSET = timedelta(days=1)  # from 1970 on: what a program writes that knows no time
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
        local = time.replace(tzinfo=zone)
        back = local.astimezone(UTC).astimezone(zone)
        if back.replace(tzinfo=None) != time:
            local, flags = back, ("gap-time",)
        time = local
    if abs(time - _EPOCH) < _UNSET:
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

    Text is in ``time_format`` (strptime), ISO 8601 or RFC 5322. None or "" is no time, and no
    flag; what cannot be read is flagged.
    """
    if value is None or value == "" or isinstance(value, bool):
        return Stamp(None) if value is None or value == "" else BAD
    try:
        time = _read(value, time_format)
    except (ValueError, OverflowError, OSError):
        return BAD
    return BAD if time is None else settle(time, zone, arrived=arrived)


def _read(value: object, time_format: str | None) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, int | float):
        return since_epoch(value)
    text = str(value).strip()
    if time_format is not None:
        try:
            return read_time(text, time_format)
        except ValueError:
            pass
    if _NUMBER.fullmatch(text):
        return since_epoch(float(text))
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)
