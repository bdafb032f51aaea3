"""Which articles have the same text: an original, the first that was stored, and its copies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, select

from monitor.model import MOST_COPIES, Copy
from monitor.store.engine import Database
from monitor.store.schema import articles

_SHOWN = tuple(
    articles.c[name] for name in ("pk", "id", "source", "title", "published", "url", "duplicate_of")
)


def load_copies(
    database: Database, connection: Connection, originals: Mapping[int, int]
) -> dict[int, tuple[tuple[Copy, ...], int]]:
    """By article (``originals``: pk to that of its original, its own where it is none's copy) the
    others with its text, the original first, and how many more there are; articles that are alone
    with theirs are absent."""
    own = func.count().over(partition_by=articles.c.duplicate_of)
    place = func.row_number().over(partition_by=articles.c.duplicate_of, order_by=articles.c.pk)
    ranked = (
        select(*_SHOWN, own.label("total"), place.label("place"))
        .where(database.among(articles.c.duplicate_of, set(originals.values())))
        .subquery()
    )
    copies: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(
        select(ranked).where(ranked.c.place <= MOST_COPIES + 1).order_by(ranked.c.pk)
    ):
        copies[row.duplicate_of].append(row)
    if not copies:
        return {}
    copied = {original for pk, original in originals.items() if pk != original}
    first: dict[int, Row[Any]] = {}
    if copied:
        chosen = select(*_SHOWN).where(database.among(articles.c.pk, copied))
        first = {row.pk: row for row in connection.execute(chosen)}
    found = {}
    for pk, original in originals.items():
        if original not in copies:
            continue
        others = [row for row in copies[original] if row.pk != pk]
        if pk != original:
            others.insert(0, first[original])
        # of a copy it is one less, and the original more
        shown, total = others[:MOST_COPIES], copies[original][0].total
        found[pk] = tuple(map(copy_of, shown)), total - len(shown)
    return found


def copy_of(row: Row[Any]) -> Copy:
    """A row of ``articles`` as others show it."""
    return Copy(row.id, row.source, row.title, row.published, row.url)
