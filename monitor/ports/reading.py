"""What feeds, pages and commands read of the store, and what forgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from monitor.model import (
    Account,
    ArticleMatch,
    Comparison,
    Condition,
    Counts,
    Delivery,
    DeliveryAccount,
    DeliveryState,
    DestinationState,
    Dump,
    EditKind,
    Entry,
    Outcome,
    Point,
    Pruned,
    Revision,
    SegmentRecord,
    StoreSize,
    Suppression,
)


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
