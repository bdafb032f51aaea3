"""How well the articles of a dump could be read, counted for the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from monitor.model import UNSURE, Article, BadRecord, Quality

AHEAD = timedelta(minutes=15)
"""An article from further in the future than clocks differ has a wrong time, or a wrong zone."""

_ODD = frozenset({"bad-time", "gap-time", "future-time"})


def quality_of(segments: Iterable[Article | BadRecord], received: datetime) -> Quality:
    """Counts over the articles among the segments; ``received`` is when the dump came."""
    articles = [segment for segment in segments if isinstance(segment, Article)]
    return Quality(
        timed=sum(article.published is not None for article in articles),
        unsure=sum(article.confidence <= UNSURE for article in articles),
        odd_times=sum(_odd(article, received) for article in articles),
    )


def _odd(article: Article, received: datetime) -> bool:
    ahead = article.published is not None and article.published - received > AHEAD
    return ahead or not _ODD.isdisjoint(article.flags)
