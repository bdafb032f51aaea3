"""Finding title lines by the shape of the text alone, where a dump has no time lines.

Pure functions over the stripped, non-empty lines of a stretch of text. Lines of boilerplate are
already out of it; ``gaps`` holds the index of every line that had some right above it.

A line is looked at when it could be a title (``could_be_title``). Points are given for

    what it is         words, Title Case; less for a caption or a sentence       -3 ... +3.5
    what stands below  a lead: a line that reads like a paragraph                needed
                       ... which names its agency, as the profile says           +4
                       ... or in the usual ways to do so                         +1 ... +3
                       ... and takes up the title's own words, names above all
                           (or else the paragraph after it does)                 -1 ... +1.5
                       ... and does not carry on with what was said before       -1.5
                       ... and speaks of others than the article above           -2 ... +1.5
    what was seen       it is the title of a stored article                      +4
    what stands around boilerplate above or below, the dump's start              +3 each
                       a list, a colon, an unfinished line above                 -3 ... -0.5

and the line is a title when the points reach what the surroundings ask for: less where no time
line has been seen, more inside an article that has one, and more without attribution or
boilerplate once other titles of the dump have shown to have it. A line that is a paragraph of a
stored article is no title.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass

from monitor.dumps.wording import (
    LEAST_NOVEL,
    MOST_ECHO,
    MOST_NOVEL,
    attribution_points,
    carries_on,
    echo_points,
    is_attributed,
    is_caption,
    is_speech,
    is_title_case,
    names_agency,
    novelty_points,
    stems,
)

MAX_TITLE = 250
"""Characters; no longer line is taken for a title by its shape."""
_LONG_TITLE = 140
_MIN_PROSE = 25
_SURELY_PROSE = 200
_MAX_FILLERS = 3
_NEARLY = 1.0  # points less than asked
_CONTEXT = 12  # lines above a title whose names are compared with the lead's

# Points for so many words: subheads are short, and few unfinished lines are long.
_BY_WORDS = {1: -3.0, 2: -2.0, 3: -1.0, 4: 0.0, 5: 0.5, 6: 1.0, 7: 1.5, 8: 2.0}
_CLOSING = "\"'”’»›)]}*"
_OPENING = "\"'“‘«‹„([{"
_SENTENCE_END = ".!?…。！？"
_NO_TITLE_END = ".,;:…。、，；："
_BULLET = re.compile(r"[-–—•*·▪●■►>+]|\(?\d{1,2}[.)]\s|[a-zа-я]\)\s")
_ABBREVIATED_END = re.compile(r"(?:\b\w\.){2,}$|\b(?:Jr|Sr|Inc|Ltd|Co|Corp)\.$")


@dataclass(frozen=True, slots=True)
class Title:
    """A line taken for a title, and why."""

    index: int
    attributed: bool
    marked: bool  # boilerplate stands by it
    known: bool = False  # a stored article has this title
    below: int = 0  # so many lines below it stands its lead
    agency: float = 0.0  # ... the lead's points for its attribution
    echo: float = 0.0  # ... and for taking up the title's words


@dataclass(frozen=True, slots=True)
class Known:
    """Lines that were seen before: in stored articles of the source."""

    titles: Set[str] = frozenset()
    paragraphs: Set[str] = frozenset()


NOTHING = Known()


@dataclass(slots=True)
class Experience:
    """What the dump has shown so far, to judge the next stretch by. Grows with each stretch."""

    strong: int = 0  # titles with attribution or boilerplate
    landmarks: bool = False  # a time line, a crawl date or boilerplate was seen


@dataclass(frozen=True, slots=True)
class _Candidate:
    index: int
    lead: int
    own: float  # points for the line itself
    echo: float  # points for the lead's echo of it, or that of the paragraph below
    points: float
    attributed: bool
    marked: bool
    known: bool
    lead_agency: float  # points for the lead alone
    lead_echo: float

    @property
    def clear(self) -> bool:
        """Whether more than its shape tells it."""
        return self.attributed or self.marked or self.known


def could_be_title(line: str) -> bool:
    """The quick test, passed by every title and by few lines of running text."""
    if len(line) > MAX_TITLE:
        return False
    end = line[-1]
    if end in _CLOSING:
        end = _bare_end(line)
    return end not in _NO_TITLE_END or (
        end == "." and _ABBREVIATED_END.search(line[-12:]) is not None
    )


def is_prose(line: str) -> bool:
    """Whether a line reads like a paragraph: an ended sentence of some length, or just long."""
    size = len(line)
    return size >= _SURELY_PROSE or (size >= _MIN_PROSE and _bare_end(line) in _SENTENCE_END + ":;")


def is_lead(line: str) -> bool:
    """Prose, and no title; some leads lack their full stop but name their agency."""
    if len(line) < _SURELY_PROSE and could_be_title(line):
        return len(line) >= 2 * _MIN_PROSE and names_agency(line)
    return is_prose(line)


def is_title_shaped(line: str) -> bool:
    """Whether a line that a time line calls a title also looks like one."""
    return len(line) <= MAX_TITLE and (could_be_title(line) or not is_prose(line))


def find_titles(
    lines: Sequence[str],
    gaps: Collection[int],
    attribution: Sequence[re.Pattern[str]],
    experience: Experience,
    *,
    titled: bool,
    timed: bool,
    start: int = 0,
    stop: int | None = None,
    known: Known = NOTHING,
) -> tuple[list[Title], list[int]]:
    """The titles among ``lines[start:stop]``, in order, and the lines that were nearly taken for
    one; ``experience`` learns from the titles.

    ``titled``: line 0 is known for a title already, so it is not looked for. ``timed``: by a time
    line, so a further title must be very clear. Lines from ``stop`` on are only looked ahead at.
    """
    first = max(start, 2 if titled else 0)  # below a title comes a paragraph
    last = len(lines) - 1 if stop is None else min(stop, len(lines) - 1)
    found = [
        candidate
        for index in range(first, last)
        if could_be_title(lines[index])
        or (index in gaps and len(lines[index]) <= MAX_TITLE)
        or lines[index] in known.titles
        if (candidate := _candidate(lines, index, gaps, attribution, known, titled=titled))
    ]
    found = _one_for_each_lead(found, gaps)
    experience.strong += sum(c.attributed or (c.marked and c.index > 0) for c in found)
    titles: list[Title] = []
    rivals: list[int] = []
    above = 0 if titled else None
    for candidate in found:
        if above is not None and not any(
            is_prose(lines[index]) for index in range(above + 1, candidate.index)
        ):
            continue  # an article has at least a paragraph
        asked = _asked(candidate, experience, timed=timed)
        points = candidate.points
        if above is not None and candidate.index - above == 2 and not candidate.attributed:
            points -= 1  # few articles are a single paragraph
        if candidate.index and asked - MOST_NOVEL <= points < asked - LEAST_NOVEL:
            # only where it can decide, since it reads all those lines
            context = lines[max(above or 0, candidate.index - _CONTEXT) : candidate.index]
            points += novelty_points(lines[candidate.index], lines[candidate.lead], context)
        if points >= asked:
            titles.append(
                Title(
                    candidate.index,
                    candidate.attributed,
                    candidate.marked,
                    candidate.known,
                    below=candidate.lead - candidate.index,
                    agency=candidate.lead_agency,
                    echo=candidate.lead_echo,
                )
            )
            above = candidate.index
        elif points >= asked - _NEARLY:
            rivals.append(candidate.index)
    return titles, rivals


def _asked(candidate: _Candidate, experience: Experience, *, timed: bool) -> float:
    """How many points make a title here."""
    if candidate.clear:
        return 3.0 if timed else 2.0
    if timed:
        return 5.0
    if not experience.strong and not experience.landmarks:
        return 3.0  # nothing says that these are articles at all
    return 3.0 if experience.strong >= 2 else 2.0


def _candidate(
    lines: Sequence[str],
    index: int,
    gaps: Collection[int],
    attribution: Sequence[re.Pattern[str]],
    known: Known,
    *,
    titled: bool,
) -> _Candidate | None:
    line = lines[index]
    seen = line in known.titles
    if not seen and line in known.paragraphs:
        return None
    below = _lead_below(lines, index)
    if below is None:
        return None
    lead_index, fillers = below
    lead = lines[lead_index]
    own = _own_points(line)
    lead_agency = agency = attribution_points(lead, attribution)
    if agency < 4 and lead_index + 1 < len(lines) and not fillers:
        follower = lines[lead_index + 1]
        if is_prose(follower) and is_attributed(follower, attribution):
            agency = max(agency, 2.0)  # a lead of two lines
    attributed = agency >= 3
    around, marked = _around_points(lines, index, lead_index, gaps)
    if index == 0 and not titled:
        around += 3
    expected = seen or (attributed and index in gaps)
    if not could_be_title(line) and not (expected and (seen or not fillers)):
        return None  # with a line between, this is rather the lead of the title above the gap
    if _is_upper(line) and not expected:
        return None
    if lines[index + 1] == line:  # a doubled caption, or seldom a doubled title
        if not attributed:
            return None
        own -= 3
    words = stems(line)
    lead_echo = echo = echo_points(words, lead)
    if echo < MOST_ECHO - 0.5 and lead_index + 1 < len(lines) and is_prose(lines[lead_index + 1]):
        echo = max(echo, echo_points(words, lines[lead_index + 1]) - 0.5)
    # A title that stands in running text, as a link to another article, is not taken up below it.
    seen = seen and (echo > -1 or lead in known.paragraphs)
    points = own + agency + echo + around - 0.5 * fillers + 4 * seen
    if lead[0].islower():
        points -= 2
    if carries_on(lead):
        points -= 1.5
    return _Candidate(
        index, lead_index, own, echo, points, attributed, marked, seen, lead_agency, lead_echo
    )


def _lead_below(lines: Sequence[str], index: int) -> tuple[int, int] | None:
    """``(index of the lead, lines between)``; what may stand between are captions and scraps."""
    line = lines[index]
    if _BULLET.match(line) or (index and lines[index - 1] == line):
        return None
    for at in range(index + 1, min(index + 2 + _MAX_FILLERS, len(lines))):
        below = lines[at]
        if is_lead(below):
            too_short = 2 * len(below) < len(line)
            return None if too_short else (at, at - index - 1)
        if _BULLET.match(below):
            return None
    return None


def _one_for_each_lead(found: Sequence[_Candidate], gaps: Collection[int]) -> list[_Candidate]:
    """Of several candidates above one lead, as a rule the nearest.

    The upper one where the lower is a scrap, or where the upper stands where a title is expected
    and the lead takes up its words at least as well (the lower is a caption, then).
    """
    kept: list[_Candidate] = []
    for lower in found:
        if kept and kept[-1].lead == lower.lead:
            upper = kept[-1]
            expected = upper.index == 0 or upper.index in gaps
            if upper.own >= 0.5 and (lower.own < 0.5 or (expected and upper.echo >= lower.echo)):
                continue
            kept.pop()
        kept.append(lower)
    return kept


def _own_points(line: str) -> float:
    """How much the line looks like a title, whatever stands around it."""
    words = line.split()
    count = len(words)
    points = _BY_WORDS.get(count, 2.5 if count <= 25 else -1.0)
    if is_caption(line):
        points -= 4
    first = line.lstrip(_OPENING)[:1]
    if first.islower() and words[0].islower():
        points -= 2
    if line[-1] in "?!":
        points -= 0.5
    elif not could_be_title(line):
        points -= 2
    if is_speech(line):
        points -= 3
    if carries_on(line):
        points -= 2
    if is_title_case(line):
        points += 1
    if len(line) > _LONG_TITLE:
        points -= 1
    return points


def _around_points(
    lines: Sequence[str], index: int, lead: int, gaps: Collection[int]
) -> tuple[float, bool]:
    """``(points, boilerplate stands by it)`` for what is above, and between title and lead."""
    points = 3.0 * (index in gaps) + 3.0 * any(at in gaps for at in range(index + 1, lead + 1))
    marked = points > 0
    if index and index not in gaps:
        above = lines[index - 1]
        if _bare_end(above) in ":;,":
            points -= 3
        elif _BULLET.match(above):
            points -= 1
        elif could_be_title(above) and not is_prose(above) and not _is_upper(above):
            # one unfinished line is a slip, two are a list
            further = index > 1 and could_be_title(lines[index - 2])
            points -= 2 if further else 0.5
    return points, marked


def _is_upper(line: str) -> bool:
    """Upper case but for a word or so, as subheads are."""
    upper = sum(map(str.isupper, line))
    return upper > 0.7 * sum(map(str.isalpha, line))


def _bare_end(line: str) -> str:
    """The last character that is no closing quotation mark or bracket."""
    return line.rstrip(_CLOSING)[-1:] or line[-1]
