"""What the feeds read: a function of the store and of nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, not_, select

from monitor.model import Entry
from monitor.store.engine import Database
from monitor.store.entries import current_matches, load_entries
from monitor.store.schema import articles, matches

_original = articles.alias("original")
_said = matches.alias("said")


class SqlFeedStore:
    """``monitor.ports.FeedStore`` over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(
        self, rule: str | None, *, since: datetime, at_least: int, at_most: int
    ) -> Sequence[Entry]:
        """Entries by ``(updated, id)``, newest first; see the protocol for the window."""
        chosen = (
            select(articles.c.pk, articles.c.updated)
            .order_by(articles.c.updated.desc(), articles.c.id.desc())
            .limit(max(0, at_most))
        )
        if rule is None:
            chosen = chosen.where(articles.c.duplicate_of.is_(None))
        else:
            said = exists().where(
                _original.c.pk == articles.c.duplicate_of,
                _said.c.article == _original.c.pk,
                _said.c.content == _original.c.content,
                _said.c.rule == rule,
            )
            chosen = chosen.where(not_(said))
            chosen = chosen.join(matches, current_matches).where(matches.c.rule == rule)
        with self._database.read() as connection:
            rows = connection.execute(chosen).all()
            recent = sum(row.updated >= since for row in rows)
            pks = [row.pk for row in rows[: max(recent, at_least)]]
            return load_entries(self._database, connection, pks, edits=True)
