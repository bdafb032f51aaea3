"""Dumps: what one holds, and its row in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from monitor.model.health import Quality

PIECE = "piece-"
"""Stands before the number in the name of a dump that is a piece of another, read once more:
``dump.piece-3.txt``."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article as cut from a dump, before anything is known of its past.

    ``index`` is the 0-based place of the segment in its dump (articles and bad records share the
    numbering). ``published`` is aware, in the source's own zone, or None where the dump has no
    time line. ``confidence`` (0-1) says how sure the cut is; ``flags`` name what made it less so.
    ``url`` is where the source shows it, ``language`` an ISO 639 code; None where the dump does
    not say.
    """

    index: int
    title: str
    paragraphs: tuple[str, ...]
    source: str
    published: datetime | None = None
    views: int | None = None
    crawled: date | None = None
    confidence: float = 1.0
    flags: tuple[str, ...] = ()
    url: str | None = None
    language: str | None = None

    @property
    def body(self) -> str:
        """The paragraphs joined by a line feed, as stored, matched and printed."""
        return "\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A segment that could not be made an article; goes to quarantine with its reason.

    ``line`` is 1-based; ``raw`` is the rejected text, cut to a bounded length. ``whole`` is false
    where ``raw`` is known to be only the beginning of the segment, or something in its place.
    """

    index: int
    line: int
    reason: str
    raw: str
    whole: bool = True


class DumpState(StrEnum):
    """Where a dump stands in the ledger."""

    INGESTING = "ingesting"
    DONE = "done"
    PARTIAL = "partial"  # ended early (truncated, unreadable tail); what came before is stored
    QUARANTINED = "quarantined"  # nothing usable


class Outcome(StrEnum):
    """What a segment became; the ledger's columns."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class DumpInfo:
    """What is known of a dump before its first segment."""

    sha256: str
    name: str
    source: str
    size: int
    received: datetime
    crawled: date | None = None


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """What the ledger says of one segment of a dump.

    ``title`` is that of the text the segment had; None, as is ``article_id``, where it became no
    article. ``confidence`` is that of the cut.
    """

    index: int
    outcome: Outcome
    confidence: float
    title: str | None
    article_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Dump:
    """A row of the ledger. ``articles`` counts segments: the sum of the five outcome counts.

    ``again`` is when the bytes of a dump that is DONE came last, if more than once.
    """

    id: int
    sha256: str
    name: str
    source: str
    size: int
    received: datetime
    crawled: date | None
    state: DumpState
    reason: str | None = None
    copies: int = 1  # how many times the same bytes arrived
    articles: int = 0
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    duplicate: int = 0
    quarantined: int = 0
    quality: Quality = field(default_factory=Quality)
    again: datetime | None = None

    @property
    def came(self) -> datetime:
        """When it came last."""
        return self.received if self.again is None else max(self.received, self.again)

    @property
    def outcomes(self) -> dict[Outcome, int]:
        """The five counts by outcome."""
        return {
            Outcome.NEW: self.new,
            Outcome.REVISED: self.revised,
            Outcome.UNCHANGED: self.unchanged,
            Outcome.DUPLICATE: self.duplicate,
            Outcome.QUARANTINED: self.quarantined,
        }


@dataclass(frozen=True, slots=True)
class Account:
    """A dump's row and, counted at the same moment, its segments one by one."""

    dump: Dump
    counted: Mapping[Outcome, int]

    @property
    def disagreements(self) -> tuple[str, ...]:
        """Where the two do not say the same; nothing where all is well."""
        said, counted = self.dump.outcomes, self.counted
        found = [
            f"{outcome.value}: the ledger says {said[outcome]}, there are {counted[outcome]}"
            for outcome in Outcome
            if said[outcome] != counted[outcome]
        ]
        if (total := sum(counted.values())) != self.dump.articles:
            found.append(f"segments: the ledger says {self.dump.articles}, there are {total}")
        return tuple(found)
