"""Alerts and their deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from monitor.model.edits import Comparison
from monitor.model.health import SourceHealth
from monitor.model.pages import Copy


class AlertKind(StrEnum):
    """What happened to the article: it is new, was edited, was edited so that the rules of the
    alert match it no more, or its counter rose so that they match it now. HEALTH is about a source
    and no article."""

    NEW = "new"
    REVISED = "revised"
    DROPPED = "dropped"
    RISEN = "risen"
    HEALTH = "health"


PRIORITIES = ("urgent", "high", "normal", "low")
"""What a rule may have, the most pressing first."""


class DeliveryKind(StrEnum):
    """Why alerts stand together in one delivery: they came about the same time, a digest was due,
    a time of silence ended (HELD), there were more than the receiver wants (STORM), they are about
    articles that are old (BACKFILL), or somebody tries the receiver out."""

    ALERTS = "alerts"
    DIGEST = "digest"
    HELD = "held"
    STORM = "storm"
    BACKFILL = "backfill"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the same message would have told of the same article before its latest alert."""

    kind: AlertKind
    revision: int
    observed: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """One article worth telling one receiver, with all the rules that say so.

    A snapshot: a retry renders the same bytes even if the article has changed since.
    ``excerpt`` is the sentence or so around the first evidence in the body (or the lead), of a
    dropped one in the text before, where the evidence was; ``title_marks`` and ``excerpt_marks``
    are spans of matched words in those two texts. ``url`` is our page of it, ``link`` the
    source's own; ``edit`` what a revision changed; ``copies`` are articles with the same text, in
    other sources or the same: those told with this one, or the one that it is a copy of. ``growth``
    (views per hour) is there where one of its rules asks for it. ``priority`` is the most pressing
    of its rules; ``earlier``, the oldest first, is filled where a message joins several alerts
    about one article into this one.

    With ``health`` it is about a source: no article has its ``article_id``, and ``revision`` is 1
    where it tells of the beginning, 2 of the end.
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
    link: str | None = None
    edit: Comparison | None = None
    copies: tuple[Copy, ...] = ()
    growth: float | None = None
    health: SourceHealth | None = None
    priority: str = "normal"
    earlier: tuple[Earlier, ...] = ()


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
    """A row of the outbox as people see it. ``id`` is the key, the same on every attempt;
    ``lease_until`` is when another may send it, where one does."""

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
    kind: DeliveryKind = DeliveryKind.ALERTS
    grouping: str = ""
    sent_at: datetime | None = None
    detail: str | None = None
    dropped: bool = False
    lease_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver: when it began, how long it took (s), what came of it (``sent``,
    ``retry``, ``dead``, ``lost``: the program died meanwhile), and what the other side said."""

    number: int
    started: datetime
    seconds: float | None
    outcome: str
    answer: str


@dataclass(frozen=True, slots=True)
class DestinationState:
    """How a destination does: what waits for it, since when it fails (None: it works), how many
    deliveries failed there in a row (once it is held: how many attempts), and until when nothing is
    sent to it. ``oldest`` is when the delivery was made that has waited longest; ``sending``: one
    is under way; ``gone``: the destination said that it wants none any more."""

    name: str
    waiting: int
    failing_since: datetime | None
    failures: int
    held_until: datetime | None
    last_error: str | None
    last_sent: datetime | None
    oldest: datetime | None = None
    sending: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    """Alerts whose labels fit all the matchers (``rule="water"``) are told to nobody between two
    moments."""

    id: str
    matchers: tuple[str, ...]
    starts: datetime
    until: datetime
    comment: str
    created: datetime
    creator: str


class Withheld(StrEnum):
    """Why an alert that a rule made was not told."""

    SILENCED = "silenced"
    INHIBITED = "inhibited"
    MUTED = "muted"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class Suppression:
    """An alert that was not told, to whom (every receiver: empty) and why."""

    at: datetime
    article_id: str
    revision: int
    kind: AlertKind
    rules: tuple[str, ...]
    receiver: str
    reason: Withheld
    detail: str


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel sends: up to the stated maximum of alerts, and how many there were in all."""

    receiver: str
    alerts: tuple[Alert, ...]
    total: int
    created: datetime
    base_url: str  # of the web page, without a trailing slash
    kind: DeliveryKind = DeliveryKind.ALERTS
    threads: Mapping[str, str] = field(default_factory=dict)
    """By article id what the destination called the message that told of it first."""

    @property
    def more(self) -> int:
        """How many alerts are neither shown nor joined into one that is: the "and N more"."""
        return self.total - sum(1 + len(alert.earlier) for alert in self.alerts)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery taken by a worker: ``attempts`` counts this one. ``since``: when it was tried
    first (None: now); ``failures``: how many deliveries failed there in a row before."""

    key: str
    destination: Destination
    attempts: int
    created: datetime
    message: Message
    since: datetime | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the destination answered on success, short and without secrets; by article id what it
    calls the message, where later ones can follow it in a thread."""

    detail: str = ""
    threads: Mapping[str, str] = field(default_factory=dict)
