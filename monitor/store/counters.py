"""View counters: what they were in each crawl."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, select

from monitor.model import Counted
from monitor.store.engine import Database
from monitor.store.schema import dumps, segments


def load_counted(
    database: Database,
    connection: Connection,
    pks: Collection[int],
    between: tuple[str, str] | None = None,
) -> Mapping[int, Sequence[Counted]]:
    """By article its sightings with a counter, unordered; articles without any are absent. With
    ``between`` those whose order lies in ``[first, last)``."""
    chosen = select(
        segments.c.article,
        segments.c.sort_key,
        segments.c.content,
        segments.c.views,
        segments.c.dump,
    ).where(
        database.among(segments.c.article, pks),
        segments.c.views.is_not(None),
        segments.c.sort_key.is_not(None),
    )
    if between is not None:
        chosen = chosen.where(segments.c.sort_key >= between[0], segments.c.sort_key < between[1])
    rows = connection.execute(chosen).all()
    # few dumps have very many sightings: their times are read once
    times = select(dumps.c.id, dumps.c.received).where(
        database.among(dumps.c.id, {row.dump for row in rows})
    )
    received = {row.id: row.received for row in connection.execute(times)}
    found: defaultdict[int, list[Counted]] = defaultdict(list)
    for pk, order, content, views, dump in rows:
        found[pk].append(Counted(order, content, views, received[dump]))
    return found
