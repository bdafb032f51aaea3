"""What destinations call the messages that told of an article first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from monitor.model import Settlement
from monitor.store.engine import Database
from monitor.store.schema import threads
from monitor.store.types import clean


def remember_threads(
    database: Database, connection: Connection, settled: Sequence[Settlement], now: datetime
) -> None:
    """Keep what the destinations answered; a later answer about an article replaces an earlier."""
    rows = {
        (one.destination, clean(article_id)): thread
        for one in settled
        for article_id, thread in one.threads.items()
    }
    if not rows:
        return
    made = database.insert(threads)
    connection.execute(
        made.on_conflict_do_update(
            index_elements=[threads.c.destination, threads.c.article_id],
            set_={"thread": made.excluded.thread, "at": made.excluded.at},
        ),
        [
            {"destination": destination, "article_id": article_id, "thread": thread, "at": now}
            for (destination, article_id), thread in rows.items()
        ],
    )


def known_threads(
    database: Database, connection: Connection, destination: str, articles: Collection[str]
) -> dict[str, str]:
    """By article id what the destination calls the message that told of it."""
    rows = connection.execute(
        select(threads.c.article_id, threads.c.thread).where(
            threads.c.destination == destination,
            database.among(threads.c.article_id, articles),
        )
    )
    return {row.article_id: row.thread for row in rows}
