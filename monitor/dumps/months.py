"""Reading written times that ``strptime`` alone cannot: months in other languages, ordinals.

``strptime`` knows the month names of one locale, English here, either in full (``%B``) or short
(``%b``). Newspapers mix both, add dots and endings ("Sept.", "5th", "p.m.", "2026 г.").
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime

EPOCH = "%s"
"""A time format of our own: seconds or milliseconds since 1970, in digits alone."""

_NAMES = {
    "en": "january february march april may june july august september october november december",
    "en.": "jan feb mar apr may jun jul aug sept oct nov dec",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "ru.": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "ru..": "янв фев мар апр мая июн июл авг сен окт ноя дек",
    "kk": "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан",
    "kk.": "қаң ақп нау сәу мам мау шіл там қыр қаз қар жел",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "de.": "jan feb mär apr mai jun jul aug sep okt nov dez",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre"
    " diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre"
    " dicembre",
    "tr": "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
}
MONTHS = {
    name: number for row in _NAMES.values() for number, name in enumerate(row.split(), start=1)
}
"""By name in small letters: 1 to 12."""
LONGEST_MONTH = max(map(len, MONTHS))

_MONTH = re.compile(r"\b[^\W\d_]{3,12}\b\.?")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_HALF = re.compile(r"\b([ap])\.\s?m\.", re.IGNORECASE)
_MILLISECONDS = 10**11  # such a number of seconds is the year 5138


def read_time(text: str, time_format: str) -> datetime:
    """As ``datetime.strptime``, but more is understood; naive unless the format has a zone.

    Raises ValueError (also for what is beyond datetime's reach).
    """
    if time_format == EPOCH:
        return since_epoch(int(text))
    try:
        return datetime.strptime(text, time_format)  # noqa: DTZ007 - settled by the caller
    except ValueError:
        plain = _plain(text, full="%B" in time_format)
        if plain == text:
            raise
        return datetime.strptime(plain, time_format)  # noqa: DTZ007


def since_epoch(number: float) -> datetime:
    """An aware moment of seconds or milliseconds since 1970. Raises ValueError."""
    seconds = number / 1000 if abs(number) >= _MILLISECONDS else number
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"no time: {number}") from error


def _plain(text: str, *, full: bool) -> str:
    """The same with English months, in full or short, and without what stands at numbers."""

    def english(found: re.Match[str]) -> str:
        number = MONTHS.get(found[0].rstrip(".").lower())
        if number is None:
            return found[0]
        return calendar.month_name[number] if full else calendar.month_abbr[number]

    return _MONTH.sub(english, _HALF.sub(r"\1m", _ORDINAL.sub("", text)))
