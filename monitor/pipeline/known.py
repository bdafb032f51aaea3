"""What one more sighting makes of a stored article."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from monitor.model import Article, Change, Known, Outcome, Sighting


def seen_again(
    known: Known,
    article: Article,
    sighting: Sighting,
    day: date,
    now: datetime,
    *,
    revision: int,
) -> Known:
    """The article's state after one more sighting, the text apart; the same in any order.
    ``revision`` is the number of the current one."""
    published, published_order = known.published, known.published_order
    if article.published is not None and sighting.order >= (published_order or ""):
        published, published_order = utc(article.published), sighting.order
    return replace(
        known,
        published=published,
        published_order=published_order,
        seen_from=min(known.seen_from, day),
        seen_to=max(known.seen_to, day),
        last_order=max(known.last_order, sighting.order),
        revision=revision,
        last_seen=now,
        views=max((v for v in (known.views, article.views) if v is not None), default=None),
        confidence=max(known.confidence, article.confidence),
        url=known.url or article.url,
        language=known.language or article.language,
    )


def left_out(article: Article, known: Known, reason: str) -> Change:
    """A segment whose text is not kept, though it is none that the article had."""
    return Change(
        article.index,
        Outcome.DUPLICATE,
        reason,
        article=known,
        confidence=article.confidence,
    )


def utc(moment: datetime | None) -> datetime | None:
    """The same moment in UTC."""
    return moment.astimezone(UTC) if moment is not None else None
