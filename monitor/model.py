"""Domain types. Frozen, standard library only; everything else in the program speaks them.

Times are aware UTC unless a field says otherwise. Hashes are signed 64-bit integers, the
widest integer that SQLite and PostgreSQL both store. Offsets are characters (code points) in
the original text, half-open ``[start, end)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NamedTuple

Clock = Callable[[], datetime]
"""Returns the present as aware UTC."""


def utcnow() -> datetime:
    """The system clock: aware UTC."""
    return datetime.now(UTC)


# --------------------------------------------------------------------------- dumps


@dataclass(frozen=True, slots=True)
class Article:
    """One article as cut from a dump, before anything is known of its past.

    ``index`` is the 0-based place of the segment in its dump (articles and bad records share the
    numbering). ``published`` is aware, in the source's own zone, or None where the dump has no
    time line. ``confidence`` (0-1) says how sure the cut is; ``flags`` name what made it less so.
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

    @property
    def body(self) -> str:
        """The paragraphs joined by a line feed, as stored, matched and printed."""
        return "\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A segment that could not be made an article; goes to quarantine with its reason.

    ``line`` is 1-based; ``raw`` is the rejected text, cut to a bounded length.
    """

    index: int
    line: int
    reason: str
    raw: str


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
class Dump:
    """A row of the ledger. ``articles`` counts segments: the sum of the five outcome counts."""

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


# --------------------------------------------------------------------------- identity


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What identifies an article's text, boilerplate and counters left out.

    ``title_key`` hashes the folded title; ``content`` the folded title and paragraphs;
    ``paragraphs`` each folded paragraph, in order; ``features`` are the lookup keys kept in the
    store: title with minute, title alone, and a bounded choice of paragraph hashes.
    """

    title_key: int
    content: int
    paragraphs: tuple[int, ...]
    features: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One appearance of an article in a dump.

    ``order`` sorts sightings of one article by when the source showed them, whatever the order
    in which dumps arrive; it is made of contents only (see ``revisions.order_key``).
    """

    order: str
    content: int
    views: int | None


@dataclass(frozen=True, slots=True)
class Known:
    """A stored article as identity needs it: its current state.

    ``pk`` is internal; ``id`` is the permanent public id (a UUID string). ``seen_from`` and
    ``seen_to`` are the days of its first and last sighting. ``content``, ``title_key`` and
    ``paragraphs`` are those of the current revision, ``last_order`` of the latest sighting.
    """

    pk: int
    id: str
    source: str
    title: str
    title_key: int
    content: int
    paragraphs: tuple[int, ...]
    published: datetime | None
    published_order: str | None  # order of the sighting that gave ``published``
    seen_from: date
    seen_to: date
    last_order: str
    revision: int
    views: int | None
    first_seen: datetime
    last_seen: datetime
    updated: datetime
    confidence: float
    duplicate_of: int | None


@dataclass(frozen=True, slots=True)
class Revision:
    """A text an article had: a run of sightings with one content.

    ``order`` is that of the run's first sighting; ``observed`` the moment we stored it.
    """

    number: int
    content: int
    title: str
    body: str
    paragraphs: tuple[int, ...]
    order: str
    observed: datetime


# --------------------------------------------------------------------------- rules


class Evidence(NamedTuple):
    """Why a rule matched: ``text == field_value[start:end]`` in the original ``title``/``body``.

    A tuple, as are matches: they are made by the hundred for an article, and a dataclass takes
    three times as long. A clause about ``views``, ``published``, ``source``, ``language`` or
    ``url`` has that for its field and the whole value for its text.
    """

    clause: str
    field: str
    start: int
    end: int
    text: str


class Match(NamedTuple):
    """A rule that matched one text, with at least one piece of evidence."""

    rule: str
    evidence: tuple[Evidence, ...]


class Matches(list[Match]):
    """The matches of one article. ``undecided``: rules that would have taken too long for it; of
    them nothing is known."""

    __slots__ = ("undecided",)

    def __init__(self) -> None:
        super().__init__()
        self.undecided: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """What alerts need to know of a rule: when it tells, and its labels for routes.

    ``on`` names the events that alert: new, revised, started, dropped.
    """

    on: tuple[str, ...] = ("new", "revised")
    priority: str = "normal"
    labels: Mapping[str, str] = field(default_factory=dict)


# --------------------------------------------------------------------------- the ingest write


@dataclass(frozen=True, slots=True)
class Change:
    """What one segment does to the store; written in the batch's transaction.

    ``article`` is the state after the change (None for a quarantined segment). ``revisions``
    are rows to write: one for a new text, or the whole renumbered chain with
    ``replace_chain``. ``features`` are lookup keys to add. ``matches`` are
    rules that match ``sighting.content``; what is stored of it stays.
    """

    index: int
    outcome: Outcome
    reason: str
    article: Known | None = None
    is_new: bool = False
    sighting: Sighting | None = None
    revisions: tuple[Revision, ...] = ()
    replace_chain: bool = False
    features: tuple[int, ...] = ()
    matches: tuple[Match, ...] = ()
    confidence: float = 1.0


# --------------------------------------------------------------------------- alerts, deliveries


class AlertKind(StrEnum):
    """What happened to the article: it is new, was edited, or was edited so that the rules of the
    alert match it no more."""

    NEW = "new"
    REVISED = "revised"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Alert:
    """One article worth telling one receiver, with all the rules that say so.

    A snapshot: a retry renders the same bytes even if the article has changed since.
    ``excerpt`` is the sentence or so around the first evidence in the body (or the lead), of a
    dropped one in the text before, where the evidence was; ``title_marks`` and ``excerpt_marks``
    are spans of matched words in those two texts.
    """

    article_id: str
    revision: int
    kind: AlertKind
    source: str
    title: str
    published: datetime | None
    observed: datetime
    views: int | None
    rules: tuple[str, ...]
    excerpt: str
    title_marks: tuple[tuple[int, int], ...]
    excerpt_marks: tuple[tuple[int, int], ...]
    url: str


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a delivery goes: ``receiver/channel/index`` and, for email, ``/recipient``."""

    name: str
    receiver: str
    channel: str


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the outbox as people see it. ``id`` is the key, the same on every attempt."""

    id: str
    receiver: str
    channel: str
    destination: str
    rules: tuple[str, ...]
    articles: tuple[str, ...]  # ids
    total: int
    state: DeliveryState
    attempts: int
    created: datetime
    next_attempt: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel sends: up to the stated maximum of alerts, and how many there were in all."""

    receiver: str
    alerts: tuple[Alert, ...]
    total: int
    created: datetime
    base_url: str  # of the web page, without a trailing slash

    @property
    def more(self) -> int:
        """How many alerts are not shown: the "and N more"."""
        return self.total - len(self.alerts)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery taken by a worker: ``attempts`` counts this one."""

    key: str
    destination: Destination
    attempts: int
    created: datetime
    message: Message


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the destination answered on success, short and without secrets."""

    detail: str = ""


# --------------------------------------------------------------------------- feeds and pages


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as a feed, the page and the command line show it (its current revision)."""

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
    """Totals for status, page and metrics."""

    dumps: int
    articles: int
    revisions: int
    matches: int
    deliveries: dict[str, int]  # by state
    oldest_pending: datetime | None
    last_dump: datetime | None
    quarantined: int  # pieces of dumps
    quarantined_dumps: int = 0  # those refused as a whole
