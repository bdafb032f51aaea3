"""The settings of times: named intervals for routes, and when digests are due.

Alertmanager's notation for intervals; besides, ranges of days of the week and of months may go
round the end (``saturday:monday``).
Source: https://prometheus.io/docs/alerting/latest/configuration/#time_interval-0
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import time, timedelta
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from monitor.config.types import Model, Name, Wait, Zone, one_is_a_list

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
DAY = 24 * 60
"""Minutes."""
SHORTEST = timedelta(minutes=1)
"""Between two digests."""
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_UTC = ZoneInfo("UTC")


def minute_of(text: str) -> int:
    """``HH:MM`` as minutes since midnight; ``24:00``, the end of a day, is 1440.

    Raises ValueError for anything else.
    """
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(f"not a time of the day: {text!r} (like 08:00)")
    return DAY if found[1] is None else int(found[1]) * 60 + int(found[2])


def _numbered(names: Sequence[str], first: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if text in names:
            return names.index(text) + first
        if first and text.isdecimal() and first <= int(text) < first + len(names):
            return int(text)
        raise ValueError(f"not one of {', '.join(names)}: {text!r}")

    return number


def _day_of_month(text: str) -> int:
    found = re.fullmatch("-?[0-9]{1,2}", text)
    if found is None or not 1 <= abs(int(text)) <= 31:
        raise ValueError(f"not a day of the month: {text!r} (1 to 31; -1 is the last, -31 to -1)")
    return int(text)


def _year(text: str) -> int:
    if re.fullmatch("[12][0-9]{3}", text) is None:
        raise ValueError(f"not a year: {text!r}")
    return int(text)


_weekday = _numbered(WEEKDAYS, 0)
_month = _numbered(MONTHS, 1)


def _range(text: str, number: Callable[[str], int]) -> tuple[int, int]:
    """``first:last`` or one alone, both inclusive."""
    first, colon, last = text.partition(":")
    begin = number(first.strip().lower())
    return begin, number(last.strip().lower()) if colon else begin


def _round(texts: Iterable[str], number: Callable[[str], int], all_: Sequence[int]) -> set[int]:
    """All that the ranges hold, going round the end of ``all_`` where a range does."""
    found: set[int] = set()
    for text in texts:
        first, last = _range(text, number)
        if first <= last:
            found.update(range(first, last + 1))
        else:
            found.update(n for n in all_ if n >= first or n <= last)
    return found


def weekdays_of(texts: Iterable[str]) -> frozenset[int]:
    """Days of the week, Monday is 0. Raises ValueError."""
    return frozenset(_round(texts, _weekday, range(7)))


def months_of(texts: Iterable[str]) -> frozenset[int]:
    """Months, January is 1. Raises ValueError."""
    return frozenset(_round(texts, _month, range(1, 13)))


def days_of(texts: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Ranges of days of the month, negative ones from its end. Raises ValueError."""
    return tuple(_checked_days(text) for text in texts)


def years_of(texts: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Ranges of years. Raises ValueError."""
    return tuple(_ascending(text, _range(text, _year)) for text in texts)


def _checked_days(text: str) -> tuple[int, int]:
    first, last = _range(text, _day_of_month)
    if (first < 0) == (last < 0):
        return _ascending(text, (first, last))
    if first < 0:
        raise ValueError(f"{text!r} begins at the month's end and ends at its start")
    return first, last


def _ascending(text: str, both: tuple[int, int]) -> tuple[int, int]:
    if both[0] > both[1]:
        raise ValueError(f"{text!r} ends before it begins")
    return both


def _checked(read: Callable[[Iterable[str]], object]) -> AfterValidator:
    def check(texts: tuple[str, ...]) -> tuple[str, ...]:
        read(texts)
        return tuple(text.replace(" ", "").lower() for text in texts)

    return AfterValidator(check)


def _minute(text: str) -> str:
    minute_of(text)
    return text


def _moment(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        if minute_of(text) == DAY:
            raise ValueError("24:00 is the 00:00 of the next day; write that")
    return tuple(sorted(set(texts)))


_MANY = WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}})
_NUMBERS = WithJsonSchema(
    {"type": ["string", "integer", "array"], "items": {"type": ["string", "integer"]}}
)
_LIST = BeforeValidator(one_is_a_list)
_Clock = Annotated[str, AfterValidator(_minute)]
Weekdays = Annotated[tuple[str, ...], _checked(weekdays_of), _LIST, _MANY]


class TimesSettings(Model):
    """A part of each day, by the clock on the wall."""

    start_time: _Clock = Field(description="HH:MM.")
    end_time: _Clock = Field(description="HH:MM, not included; 24:00 is the end of the day.")

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if minute_of(self.end_time) <= minute_of(self.start_time):
            raise ValueError(
                "ends before it begins; a night is two: from the evening to 24:00, and from 00:00"
                " to the morning"
            )
        return self


class PeriodSettings(Model):
    """Times that have all of what is given here; what is not given is not asked for."""

    times: tuple[TimesSettings, ...] = Field((), description="Parts of the day.")
    weekdays: Weekdays = Field((), description="Days or ranges: monday:friday, sunday.")
    days_of_month: Annotated[tuple[str, ...], _checked(days_of), _LIST, _NUMBERS] = Field(
        (), description="1 to 31, from the month's end -1 to -31, or ranges: 1:5, -3:-1."
    )
    months: Annotated[tuple[str, ...], _checked(months_of), _LIST, _NUMBERS] = Field(
        (), description="Names, numbers or ranges: january:march, 12."
    )
    years: Annotated[tuple[str, ...], _checked(years_of), _LIST, _NUMBERS] = Field(
        (), description="Years or ranges: 2026:2028."
    )
    location: Zone = Field(_UTC, description="The time zone of the clock and the calendar.")


class TimeIntervalSettings(Model):
    """Times that routes name. Those that any of its periods has belong to it."""

    name: Name = Field(description="Unique; routes name it.")
    time_intervals: tuple[PeriodSettings, ...] = Field(min_length=1, description="Its periods.")


class DigestSettings(Model):
    """When what gathered is told, in one message: at times of the day, or again and again."""

    at: Annotated[tuple[str, ...], AfterValidator(_moment), _LIST, _MANY] = Field(
        (), description="HH:MM, one or several."
    )
    days: Weekdays = Field((), description="With at: only on these, like monday:friday.")
    location: Zone = Field(_UTC, description="With at: the time zone.")
    every: Wait | None = Field(
        None, description="Instead of at: 15m is on each quarter of an hour (UTC)."
    )

    @model_validator(mode="before")
    @classmethod
    def _one_way(cls, data: Any) -> Any:
        if isinstance(data, dict):
            if ("at" in data) == ("every" in data):
                raise ValueError("give either at (times of the day) or every (a length of time)")
            if extra := sorted({"days", "location"}.intersection(data)) if "every" in data else ():
                raise ValueError(f"{extra[0]} goes with at, not with every")
        return data

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.at and self.every is None:
            raise ValueError("give at least one time")
        if self.every is not None and self.every < SHORTEST:
            raise ValueError("every is at least 1m; for less there is group_wait")
        return self


def clock_of(text: str) -> time:
    """``HH:MM``, 24:00 excepted, as a time."""
    return time(*divmod(minute_of(text), 60))
