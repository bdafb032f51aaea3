"""Looking things up in the ledger: one dump, its segments, and whether they add up."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from monitor.errors import StoreError
from monitor.model import Dump, Outcome, SegmentRecord
from monitor.store.rows import dump_of
from monitor.store.schema import articles, dumps, revisions, segments

SHORTEST_PREFIX = 6  # of a SHA-256
_MOST_NAMED = 5  # dumps of one name that a message lists
_LARGEST_ID = 2**63 - 1

_HEX = frozenset("0123456789abcdef")


def find_dump(connection: Connection, wanted: str) -> Dump | None:
    """The dump with this row number, else this file name, else this beginning of its SHA-256.

    Raises StoreError where a name or a beginning is that of several.
    """
    number = int(wanted) if wanted.isdecimal() and wanted.isascii() else 0
    if 0 < number <= _LARGEST_ID:
        row = connection.execute(select(dumps).where(dumps.c.id == number)).one_or_none()
        if row is not None:
            return dump_of(row)
    prefix = wanted.lower()
    conditions = [dumps.c.name == wanted]
    if len(prefix) >= SHORTEST_PREFIX and _HEX.issuperset(prefix):
        conditions.append((dumps.c.sha256 >= prefix) & (dumps.c.sha256 < prefix + "g"))
    for condition in conditions:
        rows = connection.execute(
            select(dumps).where(condition).order_by(dumps.c.id.desc()).limit(_MOST_NAMED + 1)
        ).all()
        if len(rows) == 1:
            return dump_of(rows[0])
        if rows:
            ids = ", ".join(str(row.id) for row in rows[:_MOST_NAMED])
            more = ", ..." if len(rows) > _MOST_NAMED else ""
            raise StoreError(f"{wanted}: several dumps are called that; name one of {ids}{more}")
    return None


def segments_of(
    connection: Connection, dump_id: int, *, outcome: Outcome | None, limit: int | None
) -> list[SegmentRecord]:
    """The dump's segments by index, those of one outcome or all of them."""
    title = (
        select(revisions.c.title)
        .where(revisions.c.article == segments.c.article, revisions.c.content == segments.c.content)
        .order_by(revisions.c.number.desc())
        .limit(1)
        .correlate(segments)
        .scalar_subquery()
    )
    chosen = (
        select(
            segments.c.place,
            segments.c.outcome,
            segments.c.confidence,
            func.coalesce(title, articles.c.title),
            articles.c.id,
            segments.c.reason,
        )
        .outerjoin(articles, articles.c.pk == segments.c.article)
        .where(segments.c.dump == dump_id)
        .order_by(segments.c.place)
        .limit(limit)
    )
    if outcome is not None:
        chosen = chosen.where(segments.c.outcome == outcome.value)
    return [
        SegmentRecord(place, Outcome(became), confidence, title, id_, reason)
        for place, became, confidence, title, id_, reason in connection.execute(chosen)
    ]


def tally(connection: Connection, dump_id: int) -> Mapping[Outcome, int]:
    """How many segments are stored of each outcome, counted one by one."""
    counts = dict.fromkeys(Outcome, 0)
    for outcome, count in connection.execute(
        select(segments.c.outcome, func.count())
        .where(segments.c.dump == dump_id)
        .group_by(segments.c.outcome)
    ):
        counts[Outcome(outcome)] = count
    return counts
