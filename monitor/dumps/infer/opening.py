"""How dumps of an unknown source begin: the crawl date, and a banner behind it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitor.dumps.days import read_day_alone
from monitor.dumps.infer.moments import find_moment, literal_pattern
from monitor.dumps.landmarks import doubled
from monitor.dumps.shape import is_prose

_ISO = r"\d{4}-\d{2}-\d{2}"
_SHAPES = (
    _ISO,
    r"\d{4}/\d{2}/\d{2}",
    r"\d{1,2}\.\d{1,2}\.\d{4}",
    r"\d{1,2} [^\W\d_]{3,12} \d{4}",
    r"[^\W\d_]{3,12} \d{1,2}, \d{4}",
)
"""How crawl dates are written, as ``days.read_day_alone`` reads them."""


@dataclass(frozen=True, slots=True)
class Crawl:
    """The crawl date at the start of first lines; ``dates`` and what stands behind, by dump."""

    pattern: str
    dates: tuple[date | None, ...]
    rests: tuple[str, ...]  # of dumps without the date: the whole line


def find_crawl(firsts: Sequence[str], others: Sequence[str]) -> Crawl | None:
    """The crawl date that first lines begin with; None where they do not.

    ``others`` are lines from inside the dumps: one that begins with a bare date like that is a
    time line, and then so is the first. A date that is not ISO 8601 stands alone in its line, or
    above a banner: a sentence may begin with one.
    """
    return next(filter(None, (_find(firsts, others, shape) for shape in _SHAPES)), None)


def _find(firsts: Sequence[str], others: Sequence[str], shape: str) -> Crawl | None:
    begins = re.compile(
        rf"(?P<before>\s*[^\d\n]{{0,40}}?)(?P<date>{shape})(?P<after>\s*[:|,–—]\s*|\s+|$)"
    )
    found = [begins.match(line) for line in firsts]
    if shape != _ISO:
        found = [one if one is not None and _stands_alone(one) else None for one in found]
    found = [one if one is None or _is_crawl(one) else None for one in found]
    befores = Counter(one["before"].strip() for one in found if one is not None)
    if not befores:
        return None
    before, count = befores.most_common(1)[0]
    if count < len(firsts) / 2:
        return None
    alike = [one for one in found if one is not None and one["before"].strip() == before]
    if not any(map(str.isalpha, before)) and any(_same(begins, before, line) for line in others):
        return None
    afters = {one["after"].strip() for one in alike}
    after = "" if afters == {""} else "[" + "".join(map(re.escape, sorted(afters))) + "]?"
    gap = r"\s+" if all(one["before"][-1:].isspace() for one in alike) and before else r"\s*"
    start = r"\s*" + (literal_pattern(before) + gap if before else "")
    end = rf"\s*{after}\s*" if after else r"(?:\s+|$)"
    if not any(map(str.isalpha, before)):
        end = r"(?!\s*\d{1,2}[:.]\d\d\b)" + end  # a time line begins like that
    dates: list[date | None] = []
    rests: list[str] = []
    for line, one in zip(firsts, found, strict=True):
        mine = one is not None and one in alike
        dates.append(read_day_alone(one["date"]) if one is not None and mine else None)
        rests.append(line[one.end() :].strip() if one is not None and mine else line.strip())
    return Crawl(f"{start}(?P<date>{shape}){end}", tuple(dates), tuple(rests))


def _is_crawl(found: re.Match[str]) -> bool:
    """A day that exists, without a time of day behind it."""
    if read_day_alone(found["date"]) is None:
        return False
    moment = find_moment(found.string[found.start("date") :])
    return moment is not None and moment.skeleton == moment.date


def _stands_alone(found: re.Match[str]) -> bool:
    rest = found.string[found.end() :].strip()
    return not rest or bool(doubled(rest))


def _same(begins: re.Pattern[str], before: str, line: str) -> bool:
    found = begins.match(line)
    return found is not None and found["before"].strip() == before and _is_crawl(found)


def find_banner(rests: Sequence[tuple[str, str]]) -> tuple[str | None, str]:
    """``(pattern, evidence)`` for text behind the crawl date that is no article.

    ``rests``: that text, where there is any and it is no time line, and the line below it. What
    stands there twice over needs no pattern; what stands there in several dumps does, unless it
    is above a lead as a title is.
    """
    rests = [(rest, below) for rest, below in rests if rest]
    twice = [rest for rest, _ in rests if doubled(rest)]
    left = Counter(
        re.sub(r"\d+", "0", rest)
        for rest, below in rests
        if not doubled(rest) and not is_prose(below)
    )
    for text, count in left.most_common(1):
        if count > 1:
            pattern = re.sub("0", r"\\d+", literal_pattern(text))
            return pattern, f"behind the crawl date of {count} dumps"
    if twice:
        return None, f"known by standing twice behind the crawl date ({len(twice)} dumps)"
    return None, "none seen"
