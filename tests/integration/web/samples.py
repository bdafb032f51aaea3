"""Samples for the pages: entries, deliveries, dumps, and a store over lists of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from monitor.config.settings import Settings
from monitor.errors import StoreError
from monitor.model import (
    ArticleMatch,
    Comparison,
    Condition,
    Counts,
    Delivery,
    DeliveryState,
    DestinationState,
    Dump,
    DumpState,
    EditKind,
    Entry,
    Evidence,
    Match,
    Point,
    Revision,
    Suppression,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BRIDGE = "0b5c3a52-9a7d-4c61-8f0e-000000000001"
WATER = "0b5c3a52-9a7d-4c61-8f0e-000000000002"

WATER_BODY = (
    "The Ministry of Water will publish its plan for the Ulba basin in April, its press office "
    "reports.\n"
    "WHAT THE PLAN HOLDS\n"
    "Reservoirs above the town are to be filled by the end of May; farmers downstream get their "
    "share by the hour, not by the day, and the Ministry of Water names a person for every canal "
    "who answers the telephone.\n"
    "Whoever disagrees may say so until the first of the month."
)
OLD_WATER_BODY = WATER_BODY.replace("in April", "in March").replace("May;", "June;")


def evidence(rule_clause: str, where: str, text: str, word: str) -> tuple[Evidence, ...]:
    found, start = [], text.find(word)
    while start >= 0:
        found.append(Evidence(rule_clause, where, start, start + len(word), word))
        start = text.find(word, start + 1)
    return tuple(found)


def entry(**changes: object) -> Entry:
    at = NOW - timedelta(hours=2)
    values: dict[str, object] = {
        "id": BRIDGE,
        "source": "steppe-wire",
        "title": "Bridge over the Ulba opens a month early",
        "body": "The bridge opened on Monday, the town hall reports.\nTraffic moves again.",
        "published": at,
        "first_seen": at,
        "last_seen": at,
        "updated": at,
        "revision": 1,
        "views": 1417,
        "confidence": 1.0,
        "matches": (),
    }
    return Entry(**(values | changes))  # type: ignore[arg-type]


def water() -> Entry:
    title = "Ministry of Water sets the date for its plan"
    return entry(
        id=WATER,
        title=title,
        body=WATER_BODY,
        published=NOW - timedelta(hours=30),
        first_seen=NOW - timedelta(hours=29),
        updated=NOW - timedelta(minutes=20),
        revision=2,
        views=88,
        matches=(
            Match(
                "water",
                (
                    *evidence('any: "Ministry of Water"', "title", title, "Ministry of Water"),
                    *evidence('any: "Ministry of Water"', "body", WATER_BODY, "Ministry of Water"),
                ),
            ),
            Match("ulba", evidence('any: "Ulba"', "body", WATER_BODY, "Ulba")),
        ),
    )


def revision(number: int, title: str, body: str) -> Revision:
    return Revision(number, number, title, body, (), str(number), NOW - timedelta(days=3 - number))


def delivery(number: int, state: DeliveryState, **changes: object) -> Delivery:
    values: dict[str, object] = {
        "id": f"key-{number}",
        "receiver": "desk",
        "channel": "webhook",
        "destination": "desk/webhook/0",
        "rules": ("water",),
        "articles": (WATER,),
        "total": 1,
        "state": state,
        "attempts": 1,
        "created": NOW - timedelta(minutes=number),
        "next_attempt": None,
        "last_error": None,
    }
    return Delivery(**(values | changes))  # type: ignore[arg-type]


def sample_dump(number: int, **changes: object) -> Dump:
    values: dict[str, object] = {
        "id": number,
        "sha256": f"{number:064x}",
        "name": f"listing-{number:03}.txt",
        "source": "steppe-wire",
        "size": 20_000,
        "received": NOW - timedelta(minutes=20 * number),
        "crawled": date(2026, 3, 2),
        "state": DumpState.DONE,
        "articles": 12,
        "new": 2,
        "revised": 1,
        "unchanged": 9,
    }
    return Dump(**(values | changes))  # type: ignore[arg-type]


@dataclass
class Samples:
    """A PageStore and FeedStore over lists; ``broken`` makes every call fail."""

    content: list[Entry] = field(default_factory=list)
    chains: dict[str, list[Revision]] = field(default_factory=dict)
    counters: dict[str, list[Point]] = field(default_factory=dict)
    untold: list[Suppression] = field(default_factory=list)
    outbox: list[Delivery] = field(default_factory=list)
    ledger: list[Dump] = field(default_factory=list)
    unwell: list[Condition] = field(default_factory=list)
    reached: list[DestinationState] = field(default_factory=list)
    broken: bool = False

    def _check(self) -> None:
        if self.broken:
            raise StoreError("database is gone")

    def dumps(self, *, limit: int = 50) -> Sequence[Dump]:
        self._check()
        return self.ledger[:limit]

    def articles(
        self, *, rule: str | None = None, since: datetime | None = None, limit: int = 50
    ) -> Sequence[Entry]:
        self._check()
        found = [e for e in self.content if rule is None or rule in e.rules]
        return found[:limit]

    def article(self, id_or_prefix: str) -> Entry | None:
        self._check()
        return next((e for e in self.content if e.id == id_or_prefix), None)

    def chain(self, article_id: str) -> Sequence[Revision]:
        return self.chains.get(article_id, [])

    def comparison(self, article_id: str, before: int, after: int) -> Comparison | None:
        return None  # as of an article from before there were any

    def views(self, article_id: str) -> Sequence[Point]:
        return self.counters.get(article_id, [])

    def suppressions(
        self,
        *,
        since: datetime | None = None,
        rule: str | None = None,
        article: str | None = None,
        limit: int = 50,
    ) -> Sequence[Suppression]:
        return [one for one in self.untold if article in (None, one.article_id)][:limit]

    def edits(self, article_id: str) -> Mapping[int, tuple[tuple[EditKind, ...], float]]:
        return {}

    def matches(self, *, rule: str | None = None, limit: int = 50) -> Sequence[ArticleMatch]:
        self._check()
        return [
            ArticleMatch(e.id, e.title, m.rule, e.revision, e.updated, m.evidence)
            for e in self.content
            for m in e.matches
            if rule is None or m.rule == rule
        ][:limit]

    def deliveries(
        self, *, state: DeliveryState | None = None, limit: int = 50
    ) -> Sequence[Delivery]:
        self._check()
        return [d for d in self.outbox if state is None or d.state is state][:limit]

    def destinations(self) -> Sequence[DestinationState]:
        self._check()
        return self.reached

    def conditions(self) -> Sequence[Condition]:
        self._check()
        return self.unwell

    def counts(self) -> Counts:
        self._check()
        states = [d.state for d in self.outbox]
        pending = [d.created for d in self.outbox if d.state is DeliveryState.PENDING]
        return Counts(
            dumps=len(self.ledger),
            articles=len(self.content),
            revisions=sum(e.revision for e in self.content),
            matches=sum(len(e.matches) for e in self.content),
            deliveries={str(state): states.count(state) for state in set(states)},
            oldest_pending=min(pending, default=None),
            last_dump=max((d.received for d in self.ledger), default=None),
            quarantined=sum(d.quarantined for d in self.ledger),
        )

    def ping(self) -> None:
        self._check()

    def entries(
        self, rule: str | None, *, since: datetime, at_least: int, at_most: int
    ) -> Sequence[Entry]:
        return self.articles(rule=rule, limit=at_most)


def full() -> Samples:
    """A store with something of everything."""
    return Samples(
        content=[water(), entry()],
        chains={
            WATER: [
                revision(1, "Ministry of Water plans a plan", OLD_WATER_BODY),
                revision(2, water().title, WATER_BODY),
            ]
        },
        outbox=[
            delivery(1, DeliveryState.SENT),
            delivery(
                2,
                DeliveryState.PENDING,
                attempts=3,
                channel="slack",
                next_attempt=NOW + timedelta(minutes=4),
                last_error="429 Too Many Requests",
            ),
            delivery(3, DeliveryState.DEAD, attempts=1, last_error="410 Gone"),
        ],
        ledger=[sample_dump(1), sample_dump(2, quarantined=1, articles=13, copies=2)],
    )


def config(**changes: object) -> Settings:
    values: dict[str, object] = {
        "rules": [{"name": name, "any": [name]} for name in ("water", "ulba", "summit.2026")],
        "inbox": {"path": "/srv/press/inbox"},
    }
    return Settings.model_validate(values | changes)
