"""Forgetting texts: bodies of revisions by age, never what articles are known again by."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    false,
    func,
    not_,
    or_,
    select,
    update,
)

from monitor.model import Pruned, StoreSize
from monitor.store.edits import FORGOTTEN
from monitor.store.engine import Database
from monitor.store.forget import forget_deliveries
from monitor.store.schema import alerts, articles, chores, comparisons, deliveries, revisions
from monitor.store.suppressions import forget_suppressions

AT_ONCE = 500
"""Articles of one transaction: some ten milliseconds, in which no dump is stored."""

_FORGET = (
    update(revisions)
    .where(revisions.c.article == bindparam("pk_"), revisions.c.number == bindparam("number_"))
    .values(body="", pruned=True)
)


class SqlPruneStore:
    """``monitor.ports.PruneStore`` over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stale(self, *, unseen_since: datetime | None, unedited_since: datetime | None) -> Pruned:
        """What ``prune`` would forget; see the protocol."""
        texts = _stale(unseen_since, unedited_since).subquery()
        with self._database.read() as connection:
            count, characters = connection.execute(
                select(func.count(), func.sum(texts.c.characters)).select_from(texts)
            ).one()
        return Pruned(count, characters or 0)

    def prune(
        self, *, unseen_since: datetime | None, unedited_since: datetime | None, after: int
    ) -> tuple[Pruned, int | None]:
        """Forget texts of the next articles after a pk, in one transaction; see the protocol."""
        stale = _stale(unseen_since, unedited_since).where(revisions.c.article > after)
        articles_ = stale.with_only_columns(revisions.c.article).distinct()
        with self._database.write(alone=True) as connection:
            chosen = articles_.order_by(revisions.c.article).limit(AT_ONCE)
            pks = connection.execute(chosen).scalars().all()
            if not pks:
                return Pruned(), None
            rows = connection.execute(
                stale.where(self._database.among(revisions.c.article, pks))
            ).all()
            connection.execute(
                _FORGET, [{"pk_": row.article, "number_": row.number} for row in rows]
            )
            connection.execute(
                update(comparisons)
                .where(self._database.among(comparisons.c.article, pks))
                .values(detail=FORGOTTEN)
            )
        return Pruned(len(rows), sum(row.characters for row in rows)), pks[-1]

    def forget_suppressions(self, *, before: datetime) -> int:
        """Forget what was not told before a moment; see the protocol."""
        return forget_suppressions(self._database, before=before)

    def forget_deliveries(self, *, before: datetime, after: str) -> tuple[int, str | None]:
        """Forget what the next deliveries told that were sent before a moment; see the protocol."""
        return forget_deliveries(self._database, before=before, after=after)

    def size(self) -> StoreSize:
        """How much room the database takes, and how much of it is free within."""
        return StoreSize(*self._database.size())

    def compact(self) -> bool:
        """Give free room back to the disk, where that is ours to do; whether it was."""
        return self._database.compact()

    def claim(self, chore: str, *, now: datetime, every: timedelta) -> bool:
        """Whether a chore is due, and the caller the one to do it; then it is due again after
        ``every``. One that was never done is due."""
        with self._database.write(alone=True) as connection:
            made = connection.execute(
                self._database.insert(chores)
                .values(name=chore, due=now + every)
                .on_conflict_do_nothing()
                .returning(chores.c.name)
            )
            if made.one_or_none() is not None:
                return True
            taken = connection.execute(
                update(chores)
                .where(
                    chores.c.name == chore,
                    # a due time too far ahead was set when the clock was wrong
                    or_(chores.c.due <= now, chores.c.due > now + 2 * every),
                )
                .values(due=now + every)
            )
            return taken.rowcount == 1


def _stale(unseen_since: datetime | None, unedited_since: datetime | None) -> Select[Any]:
    """The revisions whose bodies may go, with their lengths, none that an alert still on its way
    speaks of."""
    ages: list[ColumnElement[bool]] = []
    if unseen_since is not None:
        ages.append(articles.c.last_seen < unseen_since)
    if unedited_since is not None:
        earlier = revisions.c.number < articles.c.revision
        ages.append(and_(earlier, articles.c.updated < unedited_since))
    on_their_way = (
        select(alerts.c.article_id)
        .join(deliveries, deliveries.c.key == alerts.c.delivery)
        .where(deliveries.c.next_attempt.is_not(None))
    )
    return (
        select(
            revisions.c.article,
            revisions.c.number,
            func.length(revisions.c.body).label("characters"),
        )
        .select_from(revisions)
        .join(articles, articles.c.pk == revisions.c.article)
        .where(
            revisions.c.pruned.is_(False),
            or_(false(), *ages),
            not_(articles.c.id.in_(on_their_way)),
        )
    )
