"""Reading a day that is written without an hour: "2026-01-05", "5 января 2026 г.", "05.01.2026"."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date

from monitor.dumps.months import MONTHS, read_time

_LONGEST = 60  # characters of a day
_ISO = re.compile(r"\d{4}([-/.]?)\d\d\1\d\d", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?:\s?г\.?)?", re.ASCII)
_WEEKDAY = r"(?:[^\W\d_]{2,15}\.?,?\s+)?"
_NAMED = re.compile(
    _WEEKDAY
    + r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th|er|º)?\.?\s+(?:de\s+)?(?P<month>[^\W\d_]{3,12})\.?,?"
    + r"\s+(?:de\s+|del\s+)?(?P<year>\d{4})(?:\s?г\.?)?"
    + r"|(?P<month2>[^\W\d_]{3,12})\.?\s+(?P<day2>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year2>\d{4}))",
    re.IGNORECASE,
)
# Of a format of strptime the stretch that tells a day.
_DATE = re.compile(r"%[aAbBdjmuwyYxGV](?:[^%]*%[aAbBdjmuwyYxGV])*")


def read_day_alone(text: str, time_format: str | None = None) -> date | None:
    """The day that a text states, and nothing beside it; None for any other text.

    Understood are the days of ``time_format`` (strptime), ISO 8601 (also with slashes or dots, or
    digits alone), a day with its month's name in one of the languages of ``months``, and day and
    month in digits with dots between. Not ``01/05/2026``, which is another day in America.
    """
    text = text.strip()
    if not 0 < len(text) <= _LONGEST:
        return None
    try:
        if found := _DATE.search(time_format or ""):
            with suppress(ValueError):
                day = read_time(text, found[0]).date()
                return day if "%y" in found[0].lower() else None
        if _ISO.fullmatch(text):
            return date.fromisoformat(re.sub(r"\D", "", text))
        if dotted := _DOTTED.fullmatch(text):
            return date(int(dotted[3]), int(dotted[2]), int(dotted[1]))
        if named := _NAMED.fullmatch(text):
            last = "" if named["day"] else "2"
            number, name, year = (named[f"{part}{last}"] for part in ("day", "month", "year"))
            return date(int(year), MONTHS.get(name.lower(), 0), int(number))
    except (ValueError, OverflowError):
        pass
    return None
