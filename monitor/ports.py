"""What the middle of the program needs of its edges: one narrow protocol per client.

``monitor.store`` implements those of the store over SQLAlchemy; no client imports it. All its
methods raise ``StoreError`` when the database fails. ``monitor.channels`` implements ``Channel``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Protocol

from monitor.model import (
    Account,
    Alert,
    ArticleMatch,
    Change,
    Comparison,
    Condition,
    Copy,
    Counted,
    Counts,
    Delivery,
    DeliveryAccount,
    DeliveryKind,
    DeliveryState,
    Destination,
    DestinationState,
    Dump,
    DumpInfo,
    DumpState,
    EditKind,
    Entry,
    Exchange,
    Grouped,
    HealthCheck,
    Known,
    Message,
    OpenDelivery,
    Outcome,
    Point,
    Pruned,
    Quality,
    Receipt,
    Revision,
    SegmentRecord,
    Settlement,
    Sighting,
    Silence,
    Slot,
    StoreSize,
    Suppression,
)


class WithholdingBatch(Protocol):
    """What keeps alerts from being told, asked and recorded within a write transaction."""

    def silences(self, now: datetime) -> Sequence[Silence]:
        """The silences in force at a moment."""
        ...

    def conditions(self) -> Sequence[Condition]:
        """What is not as usual of any source, the oldest first."""
        ...

    def withhold(self, suppressions: Sequence[Suppression]) -> None:
        """Record what is not told."""
        ...

    def withheld(self, article_id: str) -> Collection[tuple[str, str]]:
        """Who was not told by which rule, of any text that the article had: receiver (everybody:
        empty) and rule."""
        ...


class DeliveryBatch(Protocol):
    """Alerts into deliveries, within a write transaction.

    A delivery is open while it takes alerts: pending, never attempted, not yet due.
    """

    def untold(self, destination: str, alerts: Sequence[Grouped]) -> Sequence[Alert | None]:
        """Each alert as far as the destination was not told of it, in place; None: it was.

        It was where it had the same article, revision and kind in the same group, or in others
        for all of the rules. Of one of kind RISEN only the rules are left that no such alert of
        the article had.
        """
        ...

    def open_deliveries(
        self, destination: str, groupings: Collection[str], *, now: datetime
    ) -> Sequence[OpenDelivery]:
        """The destination's open deliveries of these groupings, the first to be due first; nobody
        takes them before the transaction is over."""
        ...

    def last_due(self, destination: str, groupings: Collection[str]) -> Mapping[str, datetime]:
        """When the last delivery of each grouping was due, where a slot was ``remembered``."""
        ...

    def opened(
        self, destination: str, kind: DeliveryKind, *, since: datetime, until: datetime, most: int
    ) -> Sequence[datetime]:
        """When deliveries of this kind were opened for the destination after the one moment and
        not after the other, the newest first, ``most`` of them."""
        ...

    def storms_due(
        self, destination: str, *, since: datetime, until: datetime
    ) -> Sequence[datetime]:
        """When the destination's messages of what was too much are due, or were, of those that were
        opened between the two moments (the first excluded)."""
        ...

    def enqueue(
        self,
        destination: Destination,
        filled: Sequence[tuple[Slot, Sequence[Grouped]]],
        *,
        now: datetime,
    ) -> None:
        """Put alerts, at least one for each slot, into their deliveries.

        The key of a new one is a hash of the destination and the first alert's article, revision,
        kind and group, so a replay makes the same one. What a destination was told of (``untold``)
        must not be among the alerts.
        """
        ...


class IngestBatch(WithholdingBatch, DeliveryBatch, Protocol):
    """One open write transaction, the only one in the whole store while it lasts.

    Leaving the context commits; an exception rolls everything back. Because writers are
    serialised (SQLite ``BEGIN IMMEDIATE``, PostgreSQL a row lock), what ``look_up`` returns
    stays true until the commit.
    """

    @property
    def position(self) -> int:
        """How many segments of this dump are committed; a batch starts there."""
        ...

    def became(self, places: Collection[int]) -> Mapping[int, int]:
        """By place the pk of the article that a stored segment of this dump is; others are
        absent."""
        ...

    def look_up(self, features: Collection[int]) -> Mapping[int, Sequence[int]]:
        """The pks of the articles under each lookup key; keys without any are absent."""
        ...

    def articles(self, pks: Collection[int]) -> Sequence[Known]:
        """The current state of each of these articles that is stored."""
        ...

    def text(self, pk: int) -> tuple[str, str] | None:
        """Title and body of the article's current revision; None: the body is no longer kept."""
        ...

    def known(self, pk: int) -> Known:
        """The article's current state."""
        ...

    def matched(self, pk: int) -> Collection[str]:
        """Names of the rules that are stored as matching the article's current text."""
        ...

    def ever_matched(self, pks: Collection[int]) -> Mapping[int, set[str]]:
        """By article the rules that are stored as matching any text that it had; those without
        are absent."""
        ...

    def counted(
        self, pks: Collection[int], between: tuple[str, str]
    ) -> Mapping[int, Sequence[Counted]]:
        """By article its sightings with a counter, unordered, those with an order at or after the
        one and before the other; articles without any are absent."""
        ...

    def sightings(self, pk: int) -> Sequence[Sighting]:
        """Every sighting of the article, unordered."""
        ...

    def revisions(self, pk: int) -> Sequence[Revision]:
        """The article's chain, by number."""
        ...

    def next_pks(self, count: int) -> range:
        """Reserve ``count`` unused article pks."""
        ...

    def write(self, changes: Sequence[Change]) -> None:
        """Write articles, revisions, segments, features, matches; move position and counts."""
        ...

    def set_crawled(self, day: date) -> None:
        """Record the dump's crawl day, which its first lines told."""
        ...

    def measure(self, quality: Quality) -> None:
        """Add to the dump's counts how well articles written in this transaction were read."""
        ...

    def add_copy(self, destination: str, article_id: str, copy: Copy) -> bool:
        """Add a copy to what the destination is going to be told of an article, where that is
        still to go out and was never attempted; whether it is."""
        ...

    def hasten(self, destination: str, slots: Sequence[Slot]) -> None:
        """The destination's deliveries of these kinds and groupings that still gather are due as
        the slots say, if not sooner."""
        ...


class IngestStore(Protocol):
    def open_dump(self, info: DumpInfo) -> Dump:
        """The ledger row for these bytes, made if new. If it was there, ``copies`` is raised
        unless its state is INGESTING (then an interrupted ingest is being resumed). One that was
        QUARANTINED, with nothing stored of it, becomes INGESTING from its start; a PARTIAL one
        after what is stored of it."""
        ...

    def batch(self, dump_id: int) -> AbstractContextManager[IngestBatch]: ...

    def began(self, info: DumpInfo) -> tuple[datetime, int]:
        """When these bytes arrived first, and the pk from which on articles came with or after
        them: what is older is the same however often the dump is resumed. A read of its own."""
        ...

    def known_features(self, hashes: Collection[int], *, before: int | None = None) -> Set[int]:
        """Those of the lookup keys under which articles (with a pk below ``before``) are stored;
        a read of its own."""
        ...

    def close_dump(self, dump_id: int, state: DumpState, reason: str | None = None) -> Dump: ...


class HealthView(Protocol):
    """How a source is, at one moment."""

    def dumps(self, source: str, *, limit: int, before: datetime | None = None) -> Sequence[Dump]:
        """The source's dumps, newest first, all or those that came before a moment."""
        ...

    def arrivals(self, source: str, *, since: datetime) -> Sequence[datetime]:
        """When its dumps came, those at or after ``since``, newest first; not all of very many."""
        ...

    def standing(self, source: str) -> Mapping[HealthCheck, Condition]:
        """Its conditions by check."""
        ...


class HealthBatch(HealthView, WithholdingBatch, DeliveryBatch, Protocol):
    """One open write transaction, alone with ingest, as ``IngestBatch``."""

    def begin(self, condition: Condition) -> None:
        """Store a condition that does not stand yet."""
        ...

    def end(self, condition: Condition) -> None: ...


class HealthStore(Protocol):
    def view(self) -> AbstractContextManager[HealthView]: ...

    def batch(self) -> AbstractContextManager[HealthBatch]: ...


class PruneStore(Protocol):
    """Forgets bodies of texts: all those of articles not seen since ``unseen_since``, the earlier
    ones of articles not edited since ``unedited_since``, None: none. Hashes, by which articles
    are known again, stay, and whatever an alert speaks of that is still on its way."""

    def stale(self, *, unseen_since: datetime | None, unedited_since: datetime | None) -> Pruned:
        """What ``prune`` would forget."""
        ...

    def prune(
        self, *, unseen_since: datetime | None, unedited_since: datetime | None, after: int
    ) -> tuple[Pruned, int | None]:
        """One short transaction over the next articles with a pk greater than ``after``; what was
        forgotten, and the ``after`` of the next call (None: that was all)."""
        ...

    def forget_suppressions(self, *, before: datetime) -> int:
        """Forget what was not told before a moment, and silences that were over; how many of the
        former."""
        ...

    def forget_deliveries(self, *, before: datetime, after: str) -> tuple[int, str | None]:
        """One short transaction over the next deliveries with an id greater than ``after`` that
        were sent, or dropped, before a moment: what they told and their attempts are forgotten,
        that they were told is not. How many, and the ``after`` of the next call (None: that was
        all)."""
        ...

    def size(self) -> StoreSize: ...

    def compact(self) -> bool:
        """Give free room back to the disk, where that is not the database's own business; whether
        it was done. Nothing else is written meanwhile."""
        ...

    def claim(self, chore: str, *, now: datetime, every: timedelta) -> bool:
        """Whether a chore is due and the caller the one to do it; then it is due ``every`` later.
        One that was never done is due."""
        ...


class SilenceStore(Protocol):
    def add(
        self,
        matchers: Sequence[str],
        *,
        starts: datetime,
        until: datetime,
        comment: str,
        creator: str,
        now: datetime,
    ) -> Silence:
        """Store a silence; with the id that it has been given."""
        ...

    def silences(self, *, now: datetime, expired: bool = False) -> Sequence[Silence]:
        """Those in force at ``now`` or to come, the first to end first; with ``expired`` those
        that are over behind them, the last to have ended first."""
        ...

    def expire(self, ids: Collection[str], *, now: datetime) -> Sequence[Silence]:
        """End the silences with these ids, or beginnings of ids: all or none. Raises StoreError
        for one that there is not, that is that of several, or over."""
        ...


class OutboxStore(Protocol):
    def exchange(
        self,
        settled: Sequence[Settlement] = (),
        returned: Collection[str] = (),
        *,
        now: datetime,
        owner: str,
        lease: timedelta,
        limit: int,
        busy: Collection[str],
        max_items: int,
        base_url: str,
        failing: int | None = None,
        at_once: int = 1,
        singly: Collection[str] = (),
    ) -> Exchange:
        """Write what became of deliveries (``settle``), then take due ones: one transaction.

        Of up to ``limit`` destinations, ``failing`` of them (None: all) at most such whose last
        delivery failed; none that is ``busy``, held back or gone, nor one to which somebody else
        is sending. Of each the first ``at_once`` in the order in which they are due, but one alone
        of those that fail or are named in ``singly``. Due: pending with ``next_attempt <= now``,
        or sending with an expired lease. State becomes sending, ``attempts`` grows, the lease runs
        to now + lease.
        """
        ...

    def settle(
        self,
        settled: Sequence[Settlement],
        returned: Collection[str] = (),
        *,
        owner: str,
        now: datetime,
    ) -> None:
        """Write what became of deliveries, as far as they are still the owner's; those
        ``returned`` were not tried and wait as before."""
        ...

    def release(self, owner: str, *, lease: timedelta) -> int:
        """Give back what this owner held when it died, for as long as a lease; returns how many."""
        ...

    def readmit(self, marks: Mapping[str, str]) -> Sequence[str]:
        """Let destinations that are gone be tried again where they went under another mark than
        this, by name; returns which."""
        ...

    def next_due(self, *, busy: Collection[str]) -> datetime | None:
        """When the earliest claim becomes possible, or None."""
        ...

    def left(self, *, now: datetime) -> int:
        """How many deliveries are due, or were tried and are to be tried again."""
        ...

    def due_now(self, *, now: datetime) -> int:
        """Deliveries still gathering alerts become due; returns how many."""
        ...

    def retry(
        self, keys: Collection[str] | None, *, now: datetime, receiver: str | None = None
    ) -> int:
        """Make dead (or waiting) deliveries due now, attempts from zero; None: all dead ones but
        those that were dropped; of one receiver, where it is named. Their destinations are taken
        for sound: no hold, not gone."""
        ...

    def replay(self, since: datetime, *, now: datetime) -> int:
        """Send what was sent since then once more, with the same keys; returns how many."""
        ...

    def drop(self, keys: Collection[str], *, reason: str) -> int:
        """Give up deliveries that wait or are dead, with a reason; returns how many."""
        ...


class FeedStore(Protocol):
    def entries(
        self, rule: str | None, *, since: datetime, at_least: int, at_most: int
    ) -> Sequence[Entry]:
        """Entries by ``(updated, id)``, newest first: all updated at or after ``since``, never
        fewer than ``at_least`` where there are so many, never more than ``at_most``. With
        ``rule``, those whose current text it matches. Near-duplicates are left out where their
        original is among these."""
        ...


class PageStore(Protocol):
    def dumps(self, *, limit: int = 50) -> Sequence[Dump]: ...

    def articles(
        self, *, rule: str | None = None, since: datetime | None = None, limit: int = 50
    ) -> Sequence[Entry]:
        """Newest ``updated`` first, those of one moment in the order of their dump."""
        ...

    def article(self, id_or_prefix: str) -> Entry | None:
        """By id or an unambiguous prefix of at least 6 characters; StoreError if ambiguous."""
        ...

    def archived(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        forgotten: bool = False,
    ) -> int:
        """How many articles ``archive`` gives; or leaves out, their text being ``forgotten``."""
        ...

    def archive(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        growth: bool = False,
    ) -> Iterator[Entry]:
        """Every article, first stored first, in bounded memory and without a long transaction;
        with ``since`` and ``until`` those published, else first seen, at or after the one and
        before the other. Near-duplicates are among them, those whose text is not kept are not.
        Only with ``growth`` the entries have theirs."""
        ...

    def chain(self, article_id: str) -> Sequence[Revision]: ...

    def comparison(self, article_id: str, before: int, after: int) -> Comparison | None:
        """What the edit changed that made the content ``after`` of the content ``before``; None
        where the two were never neighbours."""
        ...

    def edits(self, article_id: str) -> Mapping[int, tuple[tuple[EditKind, ...], float]]:
        """Kinds and materiality of what made each revision, by its number, where it is known."""
        ...

    def views(self, article_id: str) -> Sequence[Point]:
        """The article's counter over time, one point for each crawl; empty for an unknown id."""
        ...

    def matches(self, *, rule: str | None = None, limit: int = 50) -> Sequence[ArticleMatch]: ...

    def deliveries(
        self,
        *,
        state: DeliveryState | None = None,
        receiver: str | None = None,
        since: datetime | None = None,
        limit: int = 50,
    ) -> Sequence[Delivery]:
        """Newest first; those made at or after ``since``."""
        ...

    def delivery(self, id_or_prefix: str) -> DeliveryAccount | None:
        """By id or an unambiguous beginning of it; StoreError if ambiguous."""
        ...

    def destinations(self) -> Sequence[DestinationState]:
        """All that ever had a delivery, by name."""
        ...

    def dump(self, wanted: str) -> Account | None:
        """The dump with this row number, else this file name, else this beginning of its SHA-256
        (6 digits at least), with its segments counted. StoreError where it is that of several."""
        ...

    def segments(
        self, dump_id: int, *, outcome: Outcome | None = None, limit: int | None = None
    ) -> Sequence[SegmentRecord]:
        """What each segment became, by index; those of one outcome, or all."""
        ...

    def suppressions(
        self,
        *,
        since: datetime | None = None,
        rule: str | None = None,
        article: str | None = None,
        limit: int = 50,
    ) -> Sequence[Suppression]:
        """What rules made alerts of and nobody, or not everybody, was told, the newest first:
        since when, of which rule, of the article with this id."""
        ...

    def counts(self) -> Counts: ...

    def conditions(self) -> Sequence[Condition]:
        """What is not as usual of any source, the oldest first."""
        ...

    def ping(self) -> None:
        """A read and a write; raises StoreError when the database cannot do both."""
        ...


class Channel(Protocol):
    """One way out: a destination with its settings bound.

    ``send`` is called from worker threads, never twice at once for one destination.
    """

    @property
    def destination(self) -> Destination: ...

    @property
    def max_items(self) -> int:
        """The most alerts one message shows."""
        ...

    @property
    def pause(self) -> float:
        """The least seconds from the end of one message to the beginning of the next one."""
        ...

    def send(self, message: Message, *, key: str) -> Receipt:
        """Deliver the message; ``key`` is the same on every attempt.

        Raises ``DeliveryError``; returns only when the other side has taken responsibility.
        """
        ...

    def close(self) -> None:
        """Give up a connection that is kept between messages: called once the channel is no longer
        used and its last ``send`` has returned. Never raises."""
        ...
