"""What rules made alerts of and nobody, or not everybody, was told; and why."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from monitor.model import AlertKind, Silence, Suppression, Withheld
from monitor.store.engine import Database
from monitor.store.schema import groups
from monitor.store.schema import suppressions as table
from monitor.store.silences import active, forget
from monitor.store.types import clean, to_json

AT_ONCE = 5_000
"""Rows forgotten in one transaction: some ten milliseconds."""


class SqlWithholding:
    """``monitor.ports.WithholdingBatch`` over one transaction, but for the sources' conditions."""

    _connection: Connection

    def silences(self, now: datetime) -> Sequence[Silence]:
        """The silences in force at a moment."""
        return active(self._connection, now)

    def withhold(self, suppressions: Sequence[Suppression]) -> None:
        """Record what is not told."""
        if suppressions:
            self._connection.execute(insert(table), [_row(one) for one in suppressions])

    def withheld(self, article_id: str) -> Collection[tuple[str, str]]:
        """Who was not told by which rule, of any text that the article had: receiver (everybody:
        empty) and rule."""
        rows = self._connection.execute(
            select(table.c.receiver, table.c.rules).where(table.c.article_id == clean(article_id))
        )
        return {(receiver, rule) for receiver, rules in rows for rule in json.loads(rules)}


def load_suppressions(
    database: Database,
    *,
    since: datetime | None,
    rule: str | None,
    article: str | None,
    limit: int,
) -> list[Suppression]:
    """What was not told, the newest first; see ``monitor.ports.PageStore``."""
    chosen = select(table).order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
    if since is not None:
        chosen = chosen.where(table.c.at >= since)
    if rule is not None:  # the names of rules have no characters that JSON writes otherwise
        chosen = chosen.where(table.c.rules.contains(to_json(rule), autoescape=True))
    if article is not None:
        chosen = chosen.where(table.c.article_id == article)
    with database.read() as connection:
        return [
            Suppression(
                at=row.at,
                article_id=row.article_id,
                revision=row.revision,
                kind=AlertKind(row.kind),
                rules=tuple(json.loads(row.rules)),
                receiver=row.receiver,
                reason=Withheld(row.reason),
                detail=row.detail,
            )
            for row in connection.execute(chosen)
        ]


def forget_suppressions(database: Database, *, before: datetime) -> int:
    """Forget what was not told before a moment, in short transactions; how many. Silences that
    were over by then go too, and groups of alerts that were told of last."""
    oldest = select(table.c.id).where(table.c.at < before).order_by(table.c.at).limit(AT_ONCE)
    total, more = 0, True
    while more:
        with database.write() as connection:
            gone = connection.execute(delete(table).where(table.c.id.in_(oldest))).rowcount
            more = gone == AT_ONCE
            if not more:
                forget(connection, before=before)
                connection.execute(delete(groups).where(groups.c.due < before))
        total += gone
    return total


def _row(one: Suppression) -> dict[str, object]:
    return {
        "at": one.at,
        "article_id": one.article_id,
        "revision": one.revision,
        "kind": one.kind.value,
        "rules": to_json(one.rules),
        "receiver": one.receiver,
        "reason": one.reason.value,
        "detail": one.detail,
    }
