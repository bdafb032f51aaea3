"""What people look at: the page, the command line, health and metrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, select, update

from monitor.errors import StoreError
from monitor.model import (
    Account,
    ArticleMatch,
    Comparison,
    Condition,
    Counts,
    Delivery,
    DeliveryAccount,
    DeliveryState,
    DestinationState,
    Dump,
    DumpState,
    EditKind,
    Entry,
    Outcome,
    Point,
    Revision,
    SegmentRecord,
    Suppression,
)
from monitor.revisions import history
from monitor.store.conditions import all_conditions
from monitor.store.counters import load_counted
from monitor.store.deliveries import (
    load_deliveries,
    load_delivery,
    load_destinations,
    waits_since,
)
from monitor.store.edits import load_comparison, load_edits
from monitor.store.engine import Database
from monitor.store.entries import current_matches, current_text, load_entries
from monitor.store.ledger import find_dump, segments_of, tally
from monitor.store.rows import dump_of, evidence_of, revision_of
from monitor.store.schema import (
    articles,
    deliveries,
    dumps,
    matches,
    pulse,
    revisions,
)
from monitor.store.suppressions import load_suppressions

SHORTEST_PREFIX = 6  # of an article's id
ARCHIVE_PAGE = 200  # articles read at once ...
ARCHIVE_CHARACTERS = 2_000_000  # ... or fewer, where they are long


class SqlPageStore:
    """``monitor.ports.PageStore`` over SQL. Near-duplicates are shown."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def dumps(self, *, limit: int = 50) -> Sequence[Dump]:
        """The ledger, newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(dumps).order_by(dumps.c.id.desc()).limit(limit))
            return [dump_of(row) for row in rows]

    def dump(self, wanted: str) -> Account | None:
        """One dump, by number, name or SHA-256; see the protocol."""
        with self._database.read() as connection:
            found = find_dump(connection, wanted)
            return None if found is None else Account(found, tally(connection, found.id))

    def segments(
        self, dump_id: int, *, outcome: Outcome | None = None, limit: int | None = None
    ) -> Sequence[SegmentRecord]:
        """What each segment became, by index; those of one outcome, or all."""
        with self._database.read() as connection:
            return segments_of(connection, dump_id, outcome=outcome, limit=limit)

    # ----------------------------------------------------------------------- articles

    def articles(
        self, *, rule: str | None = None, since: datetime | None = None, limit: int = 50
    ) -> Sequence[Entry]:
        """Newest ``updated`` first, those of one moment in the order of their dump; with ``rule``
        those whose current text it matches, with ``since`` those updated at or after it."""
        chosen = select(articles.c.pk).order_by(articles.c.updated.desc(), articles.c.pk)
        if rule is not None:
            chosen = chosen.join(matches, current_matches).where(matches.c.rule == rule)
        if since is not None:
            chosen = chosen.where(articles.c.updated >= since)
        return self._entries(chosen.limit(limit))

    def article(self, id_or_prefix: str) -> Entry | None:
        """By id or an unambiguous prefix of at least 6 characters; StoreError if ambiguous."""
        exact = self._entries(select(articles.c.pk).where(articles.c.id == id_or_prefix))
        if exact:
            return exact[0]
        prefix = id_or_prefix.lower()
        if len(prefix) < SHORTEST_PREFIX:
            return None
        found = self._entries(
            select(articles.c.pk)
            .where(articles.c.id >= prefix, articles.c.id < prefix + "\U0010ffff")
            .order_by(articles.c.id)
            .limit(2)
        )
        if len(found) > 1:
            raise StoreError(f"{id_or_prefix}: more than one article's id begins like that")
        return found[0] if found else None

    def archived(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        forgotten: bool = False,
    ) -> int:
        """How many articles ``archive`` gives; or leaves out, their text being ``forgotten``."""
        with self._database.read() as connection:
            return connection.execute(
                select(func.count(articles.c.pk))
                .join(revisions, current_text)
                .where(*_within(since, until), revisions.c.pruned.is_(forgotten))
            ).scalar_one()

    def archive(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        growth: bool = False,
    ) -> Iterator[Entry]:
        """Every article there is at the start, in the order in which they were first stored;
        near-duplicates too, but none whose text is no longer kept. With ``since`` and ``until``
        those published (where that is not known: first seen) at or after the one and before the
        other. Only with ``growth`` the entries have theirs.

        However many and however long they are, few are in memory. Each page is a transaction of
        its own, over before its articles are given: a reader that stays would make SQLite's
        write-ahead log grow for as long as the caller takes.
        """
        with self._database.read() as connection:
            last = connection.scalar(select(func.max(articles.c.pk))) or 0
        chosen = (
            select(articles.c.pk, func.length(revisions.c.body).label("characters"))
            .join(revisions, current_text)
            .where(articles.c.pk > bindparam("after"), articles.c.pk <= last)
            .where(*_within(since, until), revisions.c.pruned.is_(False))
            .order_by(articles.c.pk)
            .limit(ARCHIVE_PAGE)
        )
        after = 0
        while True:
            with self._database.read() as connection:
                pks = _at_once(connection.execute(chosen, {"after": after}))
                entries = load_entries(self._database, connection, pks, growth=growth)
            if not pks:
                return
            yield from entries
            after = pks[-1]

    def chain(self, article_id: str) -> Sequence[Revision]:
        """The article's revisions by number; empty for an unknown id."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(revisions)
                .join(articles, articles.c.pk == revisions.c.article)
                .where(articles.c.id == article_id)
                .order_by(revisions.c.number)
            )
            return [revision_of(row) for row in rows]

    def comparison(self, article_id: str, before: int, after: int) -> Comparison | None:
        """What the edit changed that made the content ``after`` of ``before``, as it was kept."""
        with self._database.read() as connection:
            return load_comparison(connection, article_id, before, after)

    def edits(self, article_id: str) -> Mapping[int, tuple[tuple[EditKind, ...], float]]:
        """Kinds and materiality of what made each revision, by its number, where it is known."""
        with self._database.read() as connection:
            return load_edits(connection, article_id)

    def views(self, article_id: str) -> Sequence[Point]:
        """The article's counter over time (``revisions.history``); empty for an unknown id."""
        with self._database.read() as connection:
            chosen = select(articles.c.pk).where(articles.c.id == article_id)
            pks = connection.execute(chosen).scalars().all()
            found = load_counted(self._database, connection, pks)
        return [point for counted in found.values() for point in history(counted)]

    def _entries(self, chosen: Select[int]) -> list[Entry]:
        with self._database.read() as connection:
            return load_entries(
                self._database,
                connection,
                connection.execute(chosen).scalars().all(),
                growth=True,
            )

    # ----------------------------------------------------------------------- matches

    def matches(self, *, rule: str | None = None, limit: int = 50) -> Sequence[ArticleMatch]:
        """Newest first, those of earlier texts included. Title and revision are those of the
        text that matched; where it was current twice, of the later time."""
        number = (
            select(func.max(revisions.c.number))
            .where(
                revisions.c.article == matches.c.article,
                revisions.c.content == matches.c.content,
            )
            .correlate(matches)
            .scalar_subquery()
        )
        chosen = (
            select(
                articles.c.id,
                func.coalesce(revisions.c.title, articles.c.title),
                matches.c.rule,
                func.coalesce(revisions.c.number, articles.c.revision),
                matches.c.observed,
                matches.c.evidence,
            )
            .select_from(matches)
            .join(articles, articles.c.pk == matches.c.article)
            .outerjoin(
                revisions,
                and_(revisions.c.article == matches.c.article, revisions.c.number == number),
            )
            .order_by(
                matches.c.observed.desc(),
                matches.c.article.desc(),
                matches.c.content,
                matches.c.place,
            )
            .limit(limit)
        )
        if rule is not None:
            chosen = chosen.where(matches.c.rule == rule)
        with self._database.read() as connection:
            return [
                ArticleMatch(id_, title, rule_, revision, observed, evidence_of(evidence))
                for id_, title, rule_, revision, observed, evidence in connection.execute(chosen)
            ]

    # ----------------------------------------------------------------------- deliveries

    def deliveries(
        self,
        *,
        state: DeliveryState | None = None,
        receiver: str | None = None,
        since: datetime | None = None,
        limit: int = 50,
    ) -> Sequence[Delivery]:
        """Newest first."""
        with self._database.read() as connection:
            return load_deliveries(
                self._database,
                connection,
                state=state,
                receiver=receiver,
                since=since,
                limit=limit,
            )

    def delivery(self, id_or_prefix: str) -> DeliveryAccount | None:
        """By id or an unambiguous beginning of it; StoreError if ambiguous."""
        with self._database.read() as connection:
            return load_delivery(self._database, connection, id_or_prefix)

    def destinations(self) -> Sequence[DestinationState]:
        """All that ever had a delivery, by name."""
        with self._database.read() as connection:
            return load_destinations(connection)

    # ----------------------------------------------------------------------- health

    def suppressions(
        self,
        *,
        since: datetime | None = None,
        rule: str | None = None,
        article: str | None = None,
        limit: int = 50,
    ) -> Sequence[Suppression]:
        """What was not told, the newest first; see the protocol."""
        return load_suppressions(
            self._database, since=since, rule=rule, article=article, limit=limit
        )

    def counts(self) -> Counts:
        """Totals, all of one moment."""
        with self._database.read() as connection:
            by_state = dict.fromkeys((state.value for state in DeliveryState), 0)
            for state, count in connection.execute(
                select(deliveries.c.state, func.count())
                .where(deliveries.c.dropped.is_(False))
                .group_by(deliveries.c.state)
            ):
                by_state[state] = count
            due = deliveries.c.next_attempt
            held = and_(deliveries.c.taken.is_(False), due == deliveries.c.not_before)
            waiting = connection.execute(
                select(
                    func.min(waits_since).label("oldest"),
                    func.count().filter(held).label("held"),
                    func.min(due).filter(held).label("held_until"),
                ).where(due.is_not(None), deliveries.c.state == DeliveryState.PENDING.value)
            ).one()
            ledger = connection.execute(
                select(
                    func.count(),
                    func.max(func.coalesce(dumps.c.again, dumps.c.received)),
                    func.sum(dumps.c.quarantined),
                    func.count().filter(dumps.c.state == DumpState.QUARANTINED.value),
                ).select_from(dumps)
            ).one()
            return Counts(
                dumps=ledger[0],
                articles=connection.execute(select(func.count(articles.c.pk))).scalar_one(),
                revisions=connection.execute(select(func.count(revisions.c.number))).scalar_one(),
                matches=connection.execute(select(func.count(matches.c.article))).scalar_one(),
                deliveries=by_state,
                oldest_pending=waiting.oldest,
                last_dump=ledger[1],
                quarantined=ledger[2] or 0,
                quarantined_dumps=ledger[3],
                held=waiting.held,
                held_until=waiting.held_until,
            )

    def conditions(self) -> Sequence[Condition]:
        """What is not as usual of any source, the oldest first."""
        with self._database.read() as connection:
            return all_conditions(connection)

    def ping(self) -> None:
        """A read and a write; raises StoreError when the database cannot do both."""
        with self._database.write() as connection:
            beats = connection.execute(
                update(pulse).values(beats=pulse.c.beats + 1).returning(pulse.c.beats)
            ).scalar_one_or_none()
        if beats is None:
            raise StoreError(f"{self._database.label}: the pulse row is missing")


def _within(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    """Conditions on when an article was published, or first seen where that is not known."""
    moment = func.coalesce(articles.c.published, articles.c.first_seen)
    conditions = []
    if since is not None:
        conditions.append(moment >= since)
    if until is not None:
        conditions.append(moment < until)
    return conditions


def _at_once(rows: Iterable[Row[Any]]) -> list[int]:
    """The first pks of ``(pk, characters)``: one, and as many as there is room for."""
    pks: list[int] = []
    room = ARCHIVE_CHARACTERS
    for row in rows:
        room -= row.characters
        if pks and room < 0:
            break
        pks.append(row.pk)
    return pks
