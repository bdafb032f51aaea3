"""Articles: what identifies one, and the texts it had."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What identifies an article's text, boilerplate and counters left out.

    ``title_key`` hashes the folded title; ``content`` the folded title and paragraphs;
    ``paragraphs`` each folded paragraph, in order. ``moment`` and ``title`` are lookup keys: of
    the title with its minute, and of the title alone. ``folded`` are the paragraphs themselves.
    """

    title_key: int
    content: int
    paragraphs: tuple[int, ...]
    moment: int
    title: int
    folded: tuple[str, ...] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One appearance of an article in a dump.

    ``order`` sorts sightings of one article by when the source showed them, whatever the order
    in which dumps arrive; it is made of contents only (see ``revisions.order_key``).
    """

    order: str
    content: int
    views: int | None


class Counted(NamedTuple):
    """A sighting with a counter, and when the dump came (aware UTC); ``order`` and ``content`` as
    in ``Sighting``."""

    order: str
    content: int
    views: int
    received: datetime


class Point(NamedTuple):
    """What the counter of an article was at the time of a crawl (aware UTC)."""

    moment: datetime
    views: int


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
    url: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """A text an article had: a run of sightings with one content.

    ``order`` is that of the run's first sighting; ``observed`` the moment we stored it.
    ``pruned``: its body is no longer kept, and empty.
    """

    number: int
    content: int
    title: str
    body: str
    paragraphs: tuple[int, ...]
    order: str
    observed: datetime
    pruned: bool = False
