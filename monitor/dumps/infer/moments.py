"""Times in lines of unknown sources: where one stands, and how it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from monitor.dumps.months import EPOCH, LONGEST_MONTH, MONTHS, read_time
from monitor.dumps.times import YEARS

FIRST, SECOND = "%1", "%2"
"""In a skeleton: day and month, or month and day."""

_MONTH = rf"(?P<month>[^\W\d_]{{3,{LONGEST_MONTH}}})\.?"
_DAY = r"(?P<day>\d{1,2})(?:(?:st|nd|rd|th)\b)?"
_YEAR = r"(?P<year>\d{4})"
_DATES = tuple(
    re.compile(rf"(?<![\w.]){pattern}(?![\d])", re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})(?P<sep>[-./])(?P<mon>\d{1,2})(?P=sep)(?P<day>\d{1,2})",
        r"(?P<one>\d{1,2})(?P<sep>[-./])(?P<two>\d{1,2})(?P=sep)(?P<year>\d{4}|\d{2})",
        rf"{_DAY}[ .-]{{1,2}}{_MONTH},?[ -]{{1,2}}{_YEAR}",
        rf"{_MONTH}[ -]{{1,2}}{_DAY},?[ -]{{1,2}}{_YEAR}",
        rf"{_YEAR}[ ,.-]{{1,2}}{_MONTH}[ -]{{1,2}}{_DAY}",
        r"(?P<year>(?:19|20)\d{2})(?P<mon>0\d|1[0-2])(?P<day>[0-3]\d)",
    )
)
_CLOCK = (
    r"(?P<hour>\d{1,2})(?P<colon>[:.])(?P<minute>\d{2})"
    r"(?:(?P=colon)(?P<second>\d{2})(?:\.(?P<fraction>\d{1,6}))?)?"
    r"(?:\s?(?P<half>[ap]\.?\s?m\b\.?))?"
    r"(?:\s?(?P<offset>Z\b|[+-]\d{2}:?\d{2}\b))?"
)
_AFTER = re.compile(
    rf"(?P<join>T|\s?г\.?,?\s*|,?\s+(?:at|в|um|à)\s+|\s*[,|/–—-]\s*|\s+){_CLOCK}(?![\d:]|\.\d)",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"(?<![\d:.]){_CLOCK}(?P<join>\s*[,|/–—-]\s*|\s+)$", re.IGNORECASE)
_EPOCH = re.compile(r"(?<![\d.,])1\d{9}(?:\d{3})?(?![\d.,])")
_REGEX = {
    "%Y": r"\d{4}",
    "%y": r"\d{2}",
    "%b": r"[^\W\d_]{3,12}\.?",
    "%f": r"\d{1,6}",
    "%p": r"[AaPp]\.?\s?[Mm]\.?",
    "%z": r"(?:Z|[+-]\d{2}:?\d{2})",
}
_PADDED = frozenset({"%d", "%m", FIRST, SECOND, "%H", "%I"})  # 05 shows it, 15 does not
_DIRECTIVE = re.compile(r"(%.)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time at ``text[start:end]``, written as ``skeleton`` says.

    A skeleton is a strptime format, with ``FIRST`` and ``SECOND`` for numbers of which either may
    be the day; ``date`` is that of the date alone. ``pair`` are these two numbers;
    ``digits`` says of each directive how many signs it has, and whether that shows that it always
    has so many.
    """

    start: int
    end: int
    skeleton: str
    date: str
    text: str
    pair: tuple[int, int] | None = None
    digits: tuple[tuple[str, int, bool], ...] = ()
    ordinal: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """Whether the day comes first, and by what evidence; ``sure`` if a number above 12 says so."""

    day_first: bool
    sure: bool
    why: str


def find_moment(line: str) -> Moment | None:
    """The first time in a line, None without one."""
    best: Moment | None = None
    for date in _DATES:
        for found in date.finditer(line):
            moment = _moment(line, found)
            if moment is not None and (best is None or moment.start < best.start):
                best = moment
            break
    if best is None and (number := _EPOCH.search(line)) is not None:
        return Moment(number.start(), number.end(), EPOCH, EPOCH, number[0])
    return best


def _moment(line: str, date: re.Match[str]) -> Moment | None:
    groups = date.groupdict()
    month = groups.get("month")
    if month is not None and month.lower() not in MONTHS:
        return None
    pair = None
    if groups.get("one") is not None:
        pair = (int(groups["one"]), int(groups["two"]))
        if not (min(pair) >= 1 and max(pair) <= 31 and min(pair) <= 12):
            return None
    elif not 1 <= int(groups["day"]) <= 31 or not 1 <= int(groups.get("mon") or 1) <= 12:
        return None
    if len(groups["year"]) == 4 and int(groups["year"]) not in YEARS:
        return None
    names = {"year": "%Y" if len(groups["year"]) == 4 else "%y", "month": "%b", "mon": "%m"}
    names |= {"day": "%d", "one": FIRST, "two": SECOND}
    skeleton, digits = _written(date, names)
    written, start, end = skeleton, date.start(), date.end()
    if (after := _AFTER.match(line, date.end())) is not None and _is_clock(after):
        clock, more = _written(after, _clock_names(after))
        written, digits, end = written + clock, digits + more, after.end()
    elif (before := _BEFORE.search(line[: date.start()])) is not None and _is_clock(before):
        clock, more = _written(before, _clock_names(before))
        written, digits, start = clock + written, digits + more, before.start()
    text = line[start:end]
    ordinal = re.search(r"\d(?:st|nd|rd|th)\b", date[0]) is not None
    return Moment(start, end, written, skeleton, text, pair, digits, ordinal)


def _is_clock(found: re.Match[str]) -> bool:
    hours = range(1, 13) if found["half"] else range(24)
    return int(found["hour"]) in hours and int(found["minute"]) < 60


def _clock_names(found: re.Match[str]) -> dict[str, str]:
    hour = "%I" if found["half"] else "%H"
    names = {"hour": hour, "minute": "%M", "second": "%S", "fraction": "%f"}
    return names | {"half": "%p", "offset": "%z"}


def _written(
    found: re.Match[str], names: dict[str, str]
) -> tuple[str, tuple[tuple[str, int, bool], ...]]:
    """What a match reads, as a strptime format, and ``Moment.digits``."""
    spans = sorted(
        (found.span(group), directive)
        for group, directive in names.items()
        if group in found.re.groupindex and found[group] is not None
    )
    parts, at, digits = [], found.start(), []
    for (start, end), directive in spans:
        parts += [_literal(found.string[at:start]), directive]
        padded = found.string[start] == "0" or directive not in _PADDED
        digits.append((directive, end - start, padded))
        at = end
    parts.append(_literal(found.string[at : found.end()]))
    return "".join(parts), tuple(digits)


def _literal(text: str) -> str:
    """Text between directives, without what ``read_time`` puts up with."""
    text = re.sub(r"^(?:st|nd|rd|th)\b", "", text, flags=re.IGNORECASE)
    text = re.sub(r"\s+", " ", text)
    return text.replace("%", "%%")


# --------------------------------------------------------------------------- day and month


def order_of(moments: Iterable[Moment], *, latest: Iterable[datetime] = ()) -> Order:
    """Which of two numbers is the day, over all times of a source.

    ``latest``: moments that no time of the source is after (naive: crawl dates). Raises
    ValueError where both numbers are above 12 in some times, so that neither is the month.
    """
    found = list(moments)
    pairs = {moment.pair for moment in found if moment.pair is not None}
    first = sorted(pair for pair in pairs if pair[0] > 12)
    second = sorted(pair for pair in pairs if pair[1] > 12)
    if first and second:
        raise ValueError("day and month change places from line to line")
    if first or second:
        day = (first or second)[-1][0 if first else 1]
        return Order(bool(first), True, f"there is no month {day}")
    if not pairs:
        return Order(True, True, "")
    limit = max(latest, default=None)
    if limit is not None:
        late = {
            day_first: max(_read(moment, day_first) for moment in found) > limit
            for day_first in (True, False)
        }
        if late[True] != late[False]:
            return Order(late[False], True, "else there would be times after the crawl date")
    # Slashes with a.m. and p.m. are American; otherwise most of the world has the day first.
    american = any("/" in moment.date and "%p" in moment.skeleton for moment in found)
    return Order(not american, False, "no day above 12 was seen")


def _read(moment: Moment, day_first: bool) -> datetime:
    try:
        time = read_time(moment.text, _dated(moment.skeleton, day_first=day_first))
    except ValueError:
        return datetime.min  # noqa: DTZ901 - compared with naive ones
    return time.replace(tzinfo=None)


def _dated(skeleton: str, *, day_first: bool) -> str:
    names = ("%d", "%m") if day_first else ("%m", "%d")
    return skeleton.replace(FIRST, names[0]).replace(SECOND, names[1])


# --------------------------------------------------------------------------- what comes of it


def time_format(skeleton: str, order: Order, moments: Iterable[Moment]) -> str:
    """The strptime format; months in full where any has more letters than a short one."""
    written = _dated(skeleton, day_first=order.day_first)
    longest = max((size for m in moments for name, size, _ in m.digits if name == "%b"), default=0)
    return written.replace("%b", "%B") if longest > 4 else written


def time_pattern(skeleton: str, moments: Iterable[Moment]) -> str:
    """The regular expression of such a time, as wide as the times that were seen."""
    found = list(moments)
    if skeleton == EPOCH:
        return r"\d{10}(?:\d{3})?"
    lengths: dict[str, set[int]] = {}
    padded: set[str] = set()
    for moment in found:
        for name, length, always in moment.digits:
            lengths.setdefault(name, set()).add(length)
            padded |= {name} if always else set()
    ordinal = any(moment.ordinal for moment in found)
    parts = []
    for part in _DIRECTIVE.split(skeleton):
        if part in _REGEX:
            parts.append(_REGEX[part])
        elif part[:1] == "%" and part != "%%":
            two = lengths.get(part, {2}) == {2} and part in padded
            parts.append(r"\d{2}" if two else r"\d{1,2}")
            if ordinal and part == "%d":
                parts.append("(?:st|nd|rd|th)?")
        else:
            parts.append(literal_pattern(part.replace("%%", "%")))
    return "".join(parts)


def literal_pattern(text: str) -> str:
    """Text as a regular expression that puts up with any white space where it has some."""
    escaped = r"\s+".join(re.escape(word) for word in re.split(r"\s+", text))
    return escaped.replace(r"\-", "-")
