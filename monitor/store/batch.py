"""One ingest transaction: look up what is known, write what was decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from monitor.errors import StoreError
from monitor.model import (
    Alert,
    Change,
    Destination,
    Dump,
    DumpState,
    Known,
    Outcome,
    Revision,
    Sighting,
)
from monitor.store.engine import Database
from monitor.store.enqueue import enqueue
from monitor.store.plan import Plan, plan, shelve
from monitor.store.rows import known_of, revision_of
from monitor.store.schema import articles, dumps, features, matches, revisions, segments

_ADD_ARTICLES = insert(articles)
_ADD_REVISIONS = insert(revisions)
_ADD_SEGMENTS = insert(segments)
_CHANGE_ARTICLES = (
    update(articles)
    .where(articles.c.pk == bindparam("pk_"))
    .values({c: bindparam(c.name) for c in articles.c if c.name not in ("pk", "id")})
)
_DROP_FEATURES = delete(features).where(
    and_(features.c.hash == bindparam("hash_"), features.c.article == bindparam("article_"))
)
_TEXT = (
    select(articles.c.title, revisions.c.body)
    .join(
        revisions,
        and_(revisions.c.article == articles.c.pk, revisions.c.number == articles.c.revision),
    )
    .where(articles.c.pk == bindparam("pk_"))
)
_SIGHTINGS = select(segments.c.sort_key, segments.c.content, segments.c.views).where(
    segments.c.article == bindparam("pk_"), segments.c.sort_key.is_not(None)
)
_REVISIONS = (
    select(revisions).where(revisions.c.article == bindparam("pk_")).order_by(revisions.c.number)
)


class SqlIngestBatch:
    """``monitor.ports.IngestBatch`` over SQL.

    Changes are kept until the end, or until somebody reads an article they touch, and then
    written many at once; the transaction makes the difference invisible. Used by one thread.
    """

    def __init__(self, database: Database, connection: Connection, dump: Dump) -> None:
        self._database = database
        self._connection = connection
        self._dump = dump
        self._position = dump.articles
        self._waiting: list[Change] = []
        self._touched: set[int] = set()  # pks in _waiting
        self._shelf: dict[int, list[int]] = {}  # lookup key -> pks, of every key asked for
        self._next_pk: int | None = None

    @property
    def position(self) -> int:
        """How many segments of this dump are stored, those of this batch included."""
        return self._position

    # ----------------------------------------------------------------------- reading

    def candidates(
        self, features: Collection[int]
    ) -> tuple[Mapping[int, Sequence[int]], Sequence[Known]]:
        """``(feature -> pks, the articles behind those pks)``; at most ``plan.KEPT`` pks each."""
        self.flush()
        wanted = set(features)
        self._look_up(wanted)
        found = {feature: pks for feature in wanted if (pks := self._shelf[feature])}
        behind = {pk for pks in found.values() for pk in pks}
        if not behind:
            return found, []
        rows = self._connection.execute(
            select(articles).where(self._database.among(articles.c.pk, behind))
        )
        return found, [known_of(row) for row in rows]

    def text(self, pk: int) -> tuple[str, str]:
        """Title and body of the current revision. Raises StoreError for an unknown pk."""
        self._settle(pk)
        row = self._connection.execute(_TEXT, {"pk_": pk}).one_or_none()
        if row is None:
            raise StoreError(f"article {pk} is not stored, or has no text")
        title, body = row
        return title, body

    def sightings(self, pk: int) -> Sequence[Sighting]:
        """Every sighting of the article, unordered."""
        self._settle(pk)
        return [Sighting(*row) for row in self._connection.execute(_SIGHTINGS, {"pk_": pk})]

    def revisions(self, pk: int) -> Sequence[Revision]:
        """The article's chain, by number."""
        self._settle(pk)
        return [revision_of(row) for row in self._connection.execute(_REVISIONS, {"pk_": pk})]

    def next_pks(self, count: int) -> range:
        """Reserve unused article pks, growing; for this transaction, which is the only one."""
        if self._next_pk is None:
            self._next_pk = 1 + (self._connection.scalar(select(func.max(articles.c.pk))) or 0)
        first = self._next_pk
        self._next_pk += count
        return range(first, self._next_pk)

    # ----------------------------------------------------------------------- writing

    def write(self, changes: Sequence[Change]) -> None:
        """Take changes over. Raises StoreError unless they continue at ``position``, one by one:
        a second writer of the same dump has been here, or this one skipped a segment."""
        if self._dump.state is not DumpState.INGESTING:
            raise StoreError(f"dump {self._dump.id} is closed ({self._dump.state})")
        for expected, change in enumerate(changes, self._position):
            if change.index != expected:
                raise StoreError(
                    f"dump {self._dump.id}: segment {change.index} cannot be written where "
                    f"segment {expected} is next"
                )
        self._waiting += changes
        self._touched.update(change.article.pk for change in changes if change.article)
        self._position += len(changes)

    def enqueue(
        self, destination: Destination, alerts: Sequence[Alert], *, now: datetime, due: datetime
    ) -> None:
        """Add alerts to the destination's open delivery, or open one; see the protocol."""
        enqueue(self._database, self._connection, destination, alerts, now=now, due=due)

    def flush(self) -> None:
        """Send to the database what ``write`` took over."""
        if not self._waiting:
            return
        rows = plan(self._dump.id, self._waiting)
        self._waiting = []
        self._touched = set()
        connection = self._connection
        if rows.inserted:
            connection.execute(_ADD_ARTICLES, rows.inserted)
        if rows.updated:
            connection.execute(_CHANGE_ARTICLES, [row | {"pk_": row["pk"]} for row in rows.updated])
        if rows.rechained:
            connection.execute(
                delete(revisions).where(self._database.among(revisions.c.article, rows.rechained))
            )
        if rows.revisions:
            connection.execute(_ADD_REVISIONS, rows.revisions)
        connection.execute(_ADD_SEGMENTS, rows.segments)
        if rows.matches:
            connection.execute(
                self._database.insert(matches).on_conflict_do_nothing(), rows.matches
            )
        self._shelve(rows)
        self._advance(rows)

    def _settle(self, pk: int) -> None:
        if pk in self._touched:
            self.flush()

    def _look_up(self, wanted: set[int]) -> None:
        missing = wanted - self._shelf.keys()
        if not missing:
            return
        self._shelf.update((feature, []) for feature in missing)
        for feature, pk in self._connection.execute(
            select(features.c.hash, features.c.article).where(
                self._database.among(features.c.hash, missing)
            )
        ):
            self._shelf[feature].append(pk)

    def _shelve(self, rows: Plan) -> None:
        self._look_up(set(rows.features))
        inserts, deletes = shelve(rows.features, self._shelf)
        if inserts:
            self._connection.execute(
                insert(features), [{"hash": feature, "article": pk} for feature, pk in inserts]
            )
        if deletes:
            self._connection.execute(
                _DROP_FEATURES, [{"hash_": feature, "article_": pk} for feature, pk in deletes]
            )
        for feature, pk in deletes:
            self._shelf[feature].remove(pk)
        for feature, pk in inserts:
            self._shelf[feature].append(pk)

    def _advance(self, rows: Plan) -> None:
        written = len(rows.segments)
        moved = self._connection.execute(
            update(dumps)
            .where(
                dumps.c.id == self._dump.id,
                dumps.c.position == self._position - written,
                dumps.c.state == DumpState.INGESTING.value,
            )
            .values(
                position=dumps.c.position + written,
                **{o.value: dumps.c[o.value] + rows.outcomes[o] for o in Outcome},
            )
        )
        if moved.rowcount != 1:
            raise StoreError(f"dump {self._dump.id} was moved on by another writer")
