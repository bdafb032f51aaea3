"""How sure a cut is: the more signals agree on it, the surer.

Each signal is worth points; their sum goes through the logistic function, as the odds of
independent witnesses add up. What speaks for a wrong cut takes a share of that. A further signal
that agrees never makes a cut less sure.

The points were set by hand so that each combination comes near the share of right cuts that it
had in damaged dumps (tests/acceptance/test_confidence.py); docs/source-profiles.md states figures.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from monitor.dumps.flags import confidence
from monitor.dumps.shape import Known, Title, is_lead
from monitor.dumps.wording import attribution_points, carries_on, echo_points, stems

_BASE = -1.0
_TIMED = 1.0
_SHAPED = 0.6
_TIMED_AND_SHAPED = 4.4  # what a time line promises is there: far more than both alone
_BODY = 0.4
_ATTRIBUTION = 0.45  # for each of up to four points
_ECHO = 0.55  # for each of up to 1.5 points
_MARKED = 1.2
_KNOWN_TITLE = 2.0
_KNOWN_LEAD = 1.5
_MOST_UNTIMED = 0.99

_SHARED = 0.65  # is left where another article seems to stand in it
_SMUDGED = 0.85  # ... where a line of it stands in other articles too
_LEADLESS = 0.85  # ... where no paragraph stands right below the title

_TAIL = 160  # characters of a paragraph in which an agency is looked for
_MOST_EDGES = 4096


@dataclass(frozen=True, slots=True)
class Signals:
    """What there is to say for one article.

    ``timed``: a time line stands above it. ``shaped``: its title looks like one. ``body``: it has
    a paragraph. ``attribution`` (0-4): how clearly its lead names an agency. ``echo`` (-1 to
    1.5): whether the lead takes up the title's words. ``marked``: boilerplate stands by the
    title. ``known_title``, ``known_lead``: both were seen before. ``lead``: a paragraph stands
    right below the title. ``alone``: no line in it could be the title of another article, nor
    the lead. ``own``: its first and last lines stand in no other article of the dump.
    """

    timed: bool = False
    shaped: bool = False
    body: bool = False
    attribution: float = 0.0
    echo: float = 0.0
    marked: bool = False
    known_title: bool = False
    known_lead: bool = False
    lead: bool = False
    alone: bool = False
    own: bool = False


def agreement(signals: Signals) -> float:
    """From 0 to 1, in steps of a hundredth."""
    points = (
        _BASE
        + _TIMED * signals.timed
        + _SHAPED * signals.shaped
        + _TIMED_AND_SHAPED * (signals.timed and signals.shaped)
        + _BODY * signals.body
        + _ATTRIBUTION * min(max(signals.attribution, 0.0), 4.0)
        + _ECHO * min(max(signals.echo, 0.0), 1.5)
        + _MARKED * signals.marked
        + _KNOWN_TITLE * signals.known_title
        + _KNOWN_LEAD * signals.known_lead
    )
    sure = 1 / (1 + math.exp(-points))
    sure *= 1 if signals.alone else _SHARED
    sure *= 1 if signals.own else _SMUDGED
    sure *= 1 if signals.lead else _LEADLESS
    return round(sure if signals.timed else min(sure, _MOST_UNTIMED), 2)


@cache
def _by_time_line(*, body: bool, lead: bool, alone: bool, own: bool) -> float:
    """Of an article below a time line whose title looks like one; most are, so it is kept."""
    return agreement(Signals(timed=True, shaped=True, body=body, lead=lead, alone=alone, own=own))


# --------------------------------------------------------------------------- signals of an article


class Assessor:
    """Says how sure each article of a dump is; remembers what articles begin and end with."""

    def __init__(self, attribution: Sequence[re.Pattern[str]]) -> None:
        self._attribution = attribution
        self._edges: dict[str, str] = {}  # line: the title of the article it stands in

    def assess(
        self,
        lines: Sequence[str],
        flags: Sequence[str],
        *,
        timed: bool,
        told: Title | None,
        doubted: bool,
        known: Known,
    ) -> tuple[float, tuple[str, ...]]:
        """``(confidence, further flags)`` of an article: its title and paragraphs, as ``lines``.

        ``told``: by what its title was found, where that was its shape and no time line.
        ``doubted``: a line in it was nearly taken for a title. ``flags``: what is known to be odd
        already.
        """
        title, paragraphs = lines[0], lines[1:]
        lead = not paragraphs or is_lead(paragraphs[0]) or not any(map(is_lead, paragraphs[1:4]))
        alone = not doubted and (timed or not self._holds_another(paragraphs))
        own = self._own(title, paragraphs)
        shaped = "no-title-shape" not in flags and "unrecognised" not in flags
        if timed and shaped:  # as sure as can be without a look at the words
            sure = _by_time_line(body=bool(paragraphs), lead=lead, alone=alone, own=own)
        else:
            below = next((at for at, line in enumerate(paragraphs[:4], 1) if is_lead(line)), 1)
            agency, echo = self._words_of(lines, below, told)
            signals = Signals(
                timed=timed,
                shaped=shaped,
                body=bool(paragraphs),
                attribution=agency,
                echo=echo,
                marked=told is not None and told.marked,
                known_title=told is not None and told.known,
                known_lead=bool(paragraphs) and lines[below] in known.paragraphs,
                lead=lead,
                alone=alone,
                own=own,
            )
            sure = agreement(signals)
        sure = min(sure, confidence(flags))
        if lead and alone and own:
            return sure, ()
        doubts = {"no-lead": lead, "two-in-one": alone, "shared-line": own}
        return sure, tuple(flag for flag, good in doubts.items() if not good)

    def _words_of(
        self, lines: Sequence[str], below: int, told: Title | None
    ) -> tuple[float, float]:
        """``(attribution, echo)`` of the paragraph so many lines below the title."""
        if told is not None and told.below == below:
            return told.agency, told.echo  # read already, when the title was found
        if below >= len(lines):
            return 0.0, 0.0
        lead = lines[below]
        return attribution_points(lead, self._attribution), echo_points(stems(lines[0]), lead)

    def _holds_another(self, paragraphs: Sequence[str]) -> bool:
        """Whether a paragraph names an agency as leads do: of another article, without its title.

        Not asked of articles with a time line, which seldom hold another: it takes time.
        """
        return any(
            pattern.search(line[-_TAIL:])
            for line in paragraphs[2:]
            if not carries_on(line)
            for pattern in self._attribution
        )

    def _own(self, title: str, paragraphs: Sequence[str]) -> bool:
        """Whether the first and the last paragraph begin and end no other article."""
        if len(paragraphs) < 2:
            return True
        own = True
        for line in (paragraphs[0], paragraphs[-1]):
            own &= self._edges.setdefault(line, title) == title
        if len(self._edges) > _MOST_EDGES:
            self._edges.clear()
        return own
