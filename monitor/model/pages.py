"""What feeds, pages and the command line show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.model.edits import Comparison
from monitor.model.rules import Evidence, Match

MOST_COPIES = 50
"""Copies that an alert or an entry names; a text that follows a pattern may have thousands."""


@dataclass(frozen=True, slots=True)
class Copy:
    """The same text in another place: a near-duplicate of an article, or what it is one of."""

    id: str
    source: str
    title: str
    published: datetime | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as a feed, the page and the command line show it (its current revision).

    ``edit`` is the last edit that changed more than its looks, ``edit_number`` the revision that it
    made; only feeds have them. ``copies`` are the articles with the same text, the first stored
    first, whichever of them is the original; of very many some, with ``copies_left`` the number
    of the others. ``growth`` is in views per hour (``revisions.growth``); only pages have it.
    """

    id: str
    source: str
    title: str
    body: str
    published: datetime | None
    first_seen: datetime
    last_seen: datetime
    updated: datetime
    revision: int
    views: int | None
    confidence: float
    matches: tuple[Match, ...]
    url: str | None = None
    language: str | None = None
    copies: tuple[Copy, ...] = ()
    pruned: bool = False  # its body is no longer kept, and empty
    edit: Comparison | None = None
    edit_number: int = 0
    copies_left: int = 0
    growth: float | None = None

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of the rules that match the current text, in stored order."""
        return tuple(match.rule for match in self.matches)


@dataclass(frozen=True, slots=True)
class ArticleMatch:
    """A stored match: one rule on one text of one article."""

    article_id: str
    title: str
    rule: str
    revision: int
    observed: datetime
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Totals for status, page and metrics.

    ``oldest_pending``: since when the delivery waits that has waited longest - one that failed
    since it was opened, another since it was due, also by a retry or a replay, which may be in the
    future. ``held`` are those
    that wait for a certain time, a digest's say, ``held_until`` the first of these times.
    """

    dumps: int
    articles: int
    revisions: int
    matches: int
    deliveries: dict[str, int]  # by state
    oldest_pending: datetime | None
    last_dump: datetime | None
    quarantined: int  # pieces of dumps
    quarantined_dumps: int = 0  # those refused as a whole
    held: int = 0
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pruned:
    """Texts that were forgotten, and how many characters they had."""

    texts: int = 0
    characters: int = 0


@dataclass(frozen=True, slots=True)
class StoreSize:
    """Bytes of the database, and how many of them are free for new rows."""

    total: int
    free: int
