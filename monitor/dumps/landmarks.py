"""The lines of a dump that a source profile knows: time lines, the crawl date, boilerplate."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from monitor.config import SourceSettings
from monitor.dumps.days import read_day_alone
from monitor.dumps.months import read_time
from monitor.dumps.times import YEARS, day_alone, settle

MAX_LANDMARK = 512
"""Characters; a longer line is none of these, so no pattern of a profile ever sees it."""
_DIGITS = {  # strptime directives of fixed width, in the order of datetime's arguments
    "%Y": r"(\d{4})",
    "%m": r"(\d\d)",
    "%d": r"(\d\d)",
    "%H": r"(\d\d)",
    "%M": r"(\d\d)",
    "%S": r"(\d\d)",
}
_DATE = 3  # of them make a date
_MAX_VIEWS = 2**63 - 1
_MIN_DOUBLED = 20  # characters of a half
_MIN_DOUBLED_START = 30


@dataclass(frozen=True, slots=True)
class Header:
    """A time line. ``published`` is aware, in the source's zone, or None with a flag why."""

    published: datetime | None
    views: int | None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CrawlLine:
    """A line with the crawl date at its start. ``crawled`` is None for a date that cannot be."""

    crawled: date | None
    rest: str


class Landmarks:
    """Recognises the lines of one source; a pure function of profile and line."""

    def __init__(self, profile: SourceSettings, *, arrived: datetime | None = None) -> None:
        self._profile = profile
        self._arrived = arrived
        self._header = profile.header.fullmatch
        self._has_views = "views" in profile.header.groupindex
        self._boilerplate = frozenset(line.strip().casefold() for line in profile.boilerplate)
        self._beginnings = frozenset(line[:1] for line in self._boilerplate)
        self._patterns = [pattern.fullmatch for pattern in profile.boilerplate_patterns]
        self._crawl = profile.crawl_prefix.match
        self._read_time = _time_reader(profile.time_format)

    def ordinary(self, line: str, text: str) -> bool:
        """Whether a line (``text``: stripped) below the first is certainly none of these.

        Most are, and this takes a third of the time of asking for each.
        """
        return (
            self._header(text) is None
            and self._crawl(line) is None
            and not (line[0].isspace() and self._crawl(text))
            and not self.boilerplate(text)
        )

    def header(self, line: str) -> Header | None:
        """The time line that ``line`` (stripped) is, as a whole."""
        found = self._header(line)
        if found is None:
            return None
        published, flags = self._published(found["time"] or "")
        views = None
        if self._has_views and (text := found["views"]) is not None:
            views = _views(text)
            flags += ("bad-views",) if views is None else ()
        return Header(published, views, flags)

    def _published(self, text: str) -> tuple[datetime | None, tuple[str, ...]]:
        zone, arrived = self._profile.zone, self._arrived
        try:
            stamp = settle(self._read_time(text), zone, arrived=arrived)
        except ValueError:
            time_format = self._profile.time_format
            stamp = day_alone(text, zone, time_format=time_format, arrived=arrived)
        return stamp.moment, stamp.flags

    def boilerplate(self, line: str) -> bool:
        """Whether ``line`` (stripped) never counts."""
        # Folding a whole line costs more than ruling most lines out by their first letter.
        if line[0].casefold()[0] in self._beginnings and line.casefold() in self._boilerplate:
            return True
        for fullmatch in self._patterns:  # noqa: SIM110 - a loop takes half the time
            if fullmatch(line):
                return True
        return False

    def crawl_line(self, line: str, *, first: bool) -> CrawlLine | None:
        """The crawl date at the start of ``line`` (not stripped) and the text behind it.

        Only at the dump's first line may any text follow. Below it (dumps that were joined) the
        line must begin with white space, or the rest be no running text: a sentence may well
        begin with the same words.
        """
        found = self._crawl(line)
        if found is None and (first or line[0].isspace()):
            found = self._crawl(line.strip())
        if found is None:
            return None
        rest = found.string[found.end() :].strip()
        if not first and not line[:1].isspace() and rest:
            return None
        crawled = read_day_alone(found["date"] or "")
        if crawled is not None and crawled.year not in YEARS:
            crawled = None
        return CrawlLine(crawled, rest)

    def without_banner(self, text: str) -> tuple[str, str]:
        """``(banner, rest)`` of the text behind a crawl date, or of the line below that.

        Twice the same text is a banner, of which one half is returned; so is what the profile
        calls one, for which "" is returned: that cannot be a title after all.
        """
        pattern = self._profile.banner
        if pattern is not None and (found := pattern.match(text)) and found.end():
            return "", text[found.end() :].strip()
        banner = ""
        while half := _doubled_start(text):
            banner, text = half
        return banner, text


def _time_reader(time_format: str) -> Callable[[str], datetime]:
    """``read_time`` for one format, five times faster where that is made of plain digits.

    The function returned raises ValueError for what is no time; the time is naive unless the
    format has a zone.
    """

    def slow(text: str) -> datetime:
        return read_time(text, time_format)

    parts = re.split(r"(%.)", time_format)
    names = parts[1::2]
    given = list(_DIGITS)[: len(names)]  # a date, then as much of the time of day as there is
    if len(names) < _DATE or sorted(names) != sorted(given):
        return slow
    pattern = re.compile("".join(_DIGITS.get(part) or re.escape(part) for part in parts))
    order = [names.index(name) + 1 for name in given]
    rest = (0,) * (len(_DIGITS) - len(given))

    def fast(text: str) -> datetime:
        found = pattern.fullmatch(text)
        if found is None:
            return slow(text)
        year, month, day, hour, minute, second = (*map(int, found.group(*order)), *rest)
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001

    return fast


def doubled(text: str) -> str:
    """The half of a line that is the same words twice and no ended sentence; else ""."""
    size = len(text) // 2
    if not _MIN_DOUBLED <= size <= MAX_LANDMARK:
        return ""
    if text[-1] in ".!?" or text[size - 1] != text[-1]:
        return ""
    half = text[:size]
    return half if text.endswith(half) and " " in half else ""


def _doubled_start(text: str) -> tuple[str, str] | None:
    """``(half, rest)`` where ``text`` is, or else begins with, the same words twice."""
    if len(text) > 4 * MAX_LANDMARK:
        return None
    middle = len(text) // 2
    for size in (middle, *range(_MIN_DOUBLED_START, middle)):
        half = text[:size].strip()
        rest = text[len(half) :].lstrip()
        if " " in half and rest.startswith(half):
            return half, rest[len(half) :].strip()
    return None


def _views(text: str) -> int | None:
    """The counter's digits, whatever groups them; None for no digits or an absurd number."""
    digits = text if text.isdecimal() else "".join(filter(str.isdecimal, text))
    if not digits or len(digits) > 19:
        return None
    views = int(digits)
    return views if views <= _MAX_VIEWS else None
