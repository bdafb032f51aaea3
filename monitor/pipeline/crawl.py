"""What the segments of a dump have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.model import Article, BadRecord

Segment = Article | BadRecord

Seen = dict[tuple[int, date], int]
"""The content met first in a dump, by article (pk) and crawl day: a dump may hold several crawls,
and what is edited from one to the next is no repetition."""


@dataclass(frozen=True, slots=True)
class Crawl:
    """What holds for all segments of one dump.

    ``day`` is the crawl day, ``told`` the one that the dump itself names; ``newest`` the newest
    publication time of the dump's head; ``window`` how far from the crawl day an article without
    a time stamp is looked for; ``received`` when the dump came.
    """

    name: str
    day: date
    told: date | None
    newest: datetime | None
    window: timedelta
    received: datetime
