"""What ingest needs of the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from monitor.model import (
    Change,
    Copy,
    Counted,
    Dump,
    DumpInfo,
    DumpState,
    Known,
    Quality,
    Revision,
    Sighting,
    Slot,
)
from monitor.ports.alerting import DeliveryBatch, WithholdingBatch


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
