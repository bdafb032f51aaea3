"""Numbers, times and ranges of them behind ``views:``, ``growth:`` and ``published:``."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NoReturn

from monitor.rules.lexer import QueryError
from monitor.rules.syntax import Range

RangeField = Literal["views", "growth", "published"]
_Bound = int | float | datetime | None

_RANGE = re.compile(r"([\[{])\s*(\S+)\s+TO\s+(\S+?)\s*([\]}])")
_ONE_SIDED = re.compile(r"([<>]=?)\s*(\S+)")
_COUNT = re.compile(r"\d{1,15}", re.ASCII)
_RATE = re.compile(r"\d{1,15}(\.\d{1,6})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.,]\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)


def parse_range(field: RangeField, written: str, column: int, label: str) -> Range:
    """``[a TO b]`` (a square bracket includes its bound, a curly one does not, ``*`` is open),
    ``>a``, ``>=a``, ``<a``, ``<=a`` or ``a``, which stands at ``column`` of the query.

    A day (``2026-02-01``) is a whole UTC day: as a bound it lies in the range as a whole or not
    at all. The range's times are aware UTC. Raises QueryError.
    """
    if both := _RANGE.fullmatch(written):
        opening, low, high, closing = both.groups()
        lowest, low_included = _low(field, low, opening == "[", column + both.start(2))
        highest, high_included = _high(field, high, closing == "]", column + both.start(3))
    elif one := _ONE_SIDED.fullmatch(written):
        sign, bound = one.groups()
        place = column + one.start(2)
        if bound == "*":
            _refuse(field, bound, place)
        lowest, low_included, highest, high_included = None, False, None, False
        if sign[0] == ">":
            lowest, low_included = _low(field, bound, sign == ">=", place)
        else:
            highest, high_included = _high(field, bound, sign == "<=", place)
    elif written[:1] in ("[", "{"):
        if written[-1] not in "]}":
            raise QueryError(f"the bracket {written[0]} is never closed", column)
        raise QueryError("expected a range such as [10 TO 20] or {10 TO *]", column)
    else:
        if written == "*":
            _refuse(field, written, column)
        lowest, low_included = _low(field, written, True, column)
        highest, high_included = _high(field, written, True, column)
    if _empty(lowest, highest, low_included and high_included):
        raise QueryError(f"nothing lies in {written}", column)
    return Range(field, lowest, highest, low_included, high_included, label)


def _low(field: RangeField, written: str, included: bool, column: int) -> tuple[_Bound, bool]:
    """The lower bound and whether it belongs to the range."""
    if written == "*":
        return None, False
    if field == "published" and (day := _day(written, column)):
        return (day if included else _next(day, column)), True
    return _value(field, written, column), included


def _high(field: RangeField, written: str, included: bool, column: int) -> tuple[_Bound, bool]:
    """The upper bound and whether it belongs to the range."""
    if written == "*":
        return None, False
    if field == "published" and (day := _day(written, column)):
        return (_next(day, column) if included else day), False
    return _value(field, written, column), included


def _value(field: RangeField, written: str, column: int) -> int | float | datetime:
    if field == "views":
        if not _COUNT.fullmatch(written):
            _refuse(field, written, column)
        return int(written)
    if field == "growth":
        if not _RATE.fullmatch(written):
            _refuse(field, written, column)
        return float(written)
    if not _TIME.fullmatch(written):
        _refuse(field, written, column)
    try:
        moment = datetime.fromisoformat(written)
        if moment.tzinfo is None:
            raise QueryError(
                f"{written} may be any time zone's: end it with Z (UTC) or an offset, +05:00",
                column + len(written),
            )
        return moment.astimezone(UTC)
    except OverflowError:
        raise QueryError("this time lies beyond the calendar (years 1 to 9999)", column) from None
    except QueryError:
        raise
    except ValueError as error:
        raise QueryError(f"{written} is no time: {error}", column) from None


def _day(written: str, column: int) -> datetime | None:
    """The start of a day; None: it is not a day that is written there."""
    if not _DAY.fullmatch(written):
        return None
    try:
        return datetime.combine(date.fromisoformat(written), time(), UTC)
    except ValueError as error:
        raise QueryError(f"{written} is no day: {error}", column) from None


def _next(day: datetime, column: int) -> datetime:
    try:
        return day + timedelta(days=1)
    except OverflowError:
        raise QueryError("this day ends beyond the calendar (years 1 to 9999)", column) from None


def _refuse(field: RangeField, written: str, column: int) -> NoReturn:
    if field == "views":
        wanted = "a whole number of at most 15 digits, without separators, such as 50000 or >=50000"
    elif field == "growth":
        wanted = "views per hour without separators, such as >100 or >=0.5"
    else:
        wanted = "a day or time such as 2026-02-01, >=2026-02-01 or 2026-02-01T10:30Z"
    raise QueryError(f"expected {wanted}, not {written[:40] or 'nothing'}", column)


def _empty(low: _Bound, high: _Bound, bounds_included: bool) -> bool:
    if isinstance(low, int | float) and isinstance(high, int | float):
        return low > high or (low == high and not bounds_included)
    if isinstance(low, datetime) and isinstance(high, datetime):
        return low > high or (low == high and not bounds_included)
    return False
