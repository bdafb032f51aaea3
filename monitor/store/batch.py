"""One ingest transaction: look up what is known, write what was decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import (
    Connection,
    Executable,
    and_,
    bindparam,
    delete,
    func,
    select,
    update,
)

from monitor.errors import StoreError
from monitor.model import (
    Change,
    Condition,
    Counted,
    Dump,
    DumpState,
    Known,
    Outcome,
    Quality,
    Revision,
    Sighting,
)
from monitor.store.conditions import all_conditions
from monitor.store.counters import load_counted
from monitor.store.engine import Database
from monitor.store.enqueue import SqlDeliveryBatch
from monitor.store.entries import current_matches
from monitor.store.plan import Plan, plan
from monitor.store.rows import known_of, revision_of
from monitor.store.schema import articles, comparisons, dumps, matches, revisions, segments
from monitor.store.shelves import Keys, Shelves
from monitor.store.suppressions import SqlWithholding

# Not pk and id, which never change: to set a key, even to what it is, would have each article's
# children looked for. The parameters have names of their own because SQLAlchemy sets every
# column that a parameter is named after.
_CHANGEABLE = [column for column in articles.c if column.name not in ("pk", "id")]
_CHANGE_ARTICLES = (
    update(articles)
    .where(articles.c.pk == bindparam("pk_"))
    .values({column: bindparam(f"{column.name}_") for column in _CHANGEABLE})
)
_FORGET_COMPARISONS = delete(comparisons).where(
    comparisons.c.article == bindparam("pk_"),
    comparisons.c.before == bindparam("before_"),
    comparisons.c.after == bindparam("after_"),
)
_TEXT = (
    select(articles.c.title, revisions.c.body, revisions.c.pruned)
    .join(
        revisions,
        and_(revisions.c.article == articles.c.pk, revisions.c.number == articles.c.revision),
    )
    .where(articles.c.pk == bindparam("pk_"))
)
_KNOWN = select(articles).where(articles.c.pk == bindparam("pk_"))
_MATCHED = (
    select(matches.c.rule).join(articles, current_matches).where(articles.c.pk == bindparam("pk_"))
)
_SIGHTINGS = select(segments.c.sort_key, segments.c.content, segments.c.views).where(
    segments.c.article == bindparam("pk_"), segments.c.sort_key.is_not(None)
)
_REVISIONS = (
    select(revisions).where(revisions.c.article == bindparam("pk_")).order_by(revisions.c.number)
)


class SqlIngestBatch(SqlDeliveryBatch, SqlWithholding):
    """``monitor.ports.IngestBatch`` over SQL.

    Changes are kept until the end, or until somebody reads an article they touch, and then
    written many at once; the transaction makes the difference invisible. Used by one thread.
    """

    def __init__(
        self,
        database: Database,
        connection: Connection,
        dump: Dump,
        keys: Keys,
        by_pks: Executable,
    ) -> None:
        """``by_pks`` reads the articles whose keys are in the list ``pks``."""
        super().__init__(database, connection)
        self._dump = dump
        self._position = dump.articles
        self._waiting: list[Change] = []
        self._touched: set[int] = set()  # pks in _waiting
        self._shelves = Shelves(database, connection, keys)
        self._by_pks = by_pks
        self._next_pk: int | None = None

    @property
    def position(self) -> int:
        """How many segments of this dump are stored, those of this batch included."""
        return self._position

    # ----------------------------------------------------------------------- reading

    def became(self, places: Collection[int]) -> Mapping[int, int]:
        """By place the pk of the article that a stored segment of this dump is; others are
        absent."""
        rows = self._connection.execute(
            select(segments.c.place, segments.c.article).where(
                segments.c.dump == self._dump.id,
                self._database.among(segments.c.place, places),
                segments.c.article.is_not(None),
            )
        )
        return {place: pk for place, pk in rows if pk is not None}

    def look_up(self, features: Collection[int]) -> Mapping[int, Sequence[int]]:
        """The pks under each lookup key, at most ``KEPT`` and the newest; others are absent."""
        self.flush()
        return self._shelves.look_up(set(features))

    def articles(self, pks: Collection[int]) -> Sequence[Known]:
        """The current state of each of these articles that is stored."""
        if not pks:
            return []
        self.flush()
        rows = self._connection.execute(self._by_pks, {"pks": self._database.listed(pks)}).all()
        return [known_of(row) for row in rows]

    def text(self, pk: int) -> tuple[str, str] | None:
        """Title and body of the current revision, None where the body is no longer kept. Raises
        StoreError for an unknown pk."""
        self._settle(pk)
        row = self._connection.execute(_TEXT, {"pk_": pk}).one_or_none()
        if row is None:
            raise StoreError(f"article {pk} is not stored, or has no text")
        title, body, pruned = row
        return None if pruned else (title, body)

    def known(self, pk: int) -> Known:
        """The article's current state. Raises StoreError for an unknown pk."""
        self._settle(pk)
        row = self._connection.execute(_KNOWN, {"pk_": pk}).one_or_none()
        if row is None:
            raise StoreError(f"article {pk} is not stored")
        return known_of(row)

    def matched(self, pk: int) -> Collection[str]:
        """Names of the rules stored for the current text."""
        self._settle(pk)
        return self._connection.execute(_MATCHED, {"pk_": pk}).scalars().all()

    def ever_matched(self, pks: Collection[int]) -> Mapping[int, set[str]]:
        """By article the rules stored for any text that it had; those without are absent."""
        self.flush()
        chosen = select(matches.c.article, matches.c.rule)
        found: defaultdict[int, set[str]] = defaultdict(set)
        for pk, rule in self._connection.execute(
            chosen.where(self._database.among(matches.c.article, pks))
        ):
            found[pk].add(rule)
        return found

    def counted(
        self, pks: Collection[int], between: tuple[str, str]
    ) -> Mapping[int, Sequence[Counted]]:
        """By article its sightings with a counter, unordered, with an order in ``[first, last)``;
        articles without any are absent."""
        self.flush()
        return load_counted(self._database, self._connection, pks, between)

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

    def set_crawled(self, day: date) -> None:
        """Record the dump's crawl day, which its first lines told."""
        self._connection.execute(
            update(dumps).where(dumps.c.id == self._dump.id).values(crawled=day)
        )

    def measure(self, quality: Quality) -> None:
        """Add to the dump's counts how well its articles could be read."""
        self._connection.execute(
            update(dumps)
            .where(dumps.c.id == self._dump.id)
            .values(
                timed=dumps.c.timed + quality.timed,
                unsure=dumps.c.unsure + quality.unsure,
                odd_times=dumps.c.odd_times + quality.odd_times,
            )
        )

    def conditions(self) -> Sequence[Condition]:
        """What is not as usual of any source, the oldest first."""
        return all_conditions(self._connection)

    def finish(self) -> None:
        """Before the commit: write what waits, and move lookup keys on where there are many."""
        self.flush()
        self._shelves.merge()

    def flush(self) -> None:
        """Send to the database what ``write`` took over."""
        if not self._waiting:
            return
        rows = plan(self._dump.id, self._waiting)
        self._waiting = []
        self._touched = set()
        connection = self._connection
        if rows.inserted:
            self._database.add(connection, articles, rows.inserted)
        if rows.updated:
            names = [f"{column.name}_" for column in articles.c]
            connection.execute(
                _CHANGE_ARTICLES,
                [dict(zip(names, row, strict=True)) for row in rows.updated],
            )
        if rows.rechained:
            connection.execute(
                delete(revisions).where(self._database.among(revisions.c.article, rows.rechained))
            )
        if rows.revisions:
            self._database.add(connection, revisions, rows.revisions)
        self._database.add(connection, segments, rows.segments)
        if rows.comparisons:
            # one that is there is of texts that an older dump has made others
            connection.execute(
                _FORGET_COMPARISONS,
                [
                    dict(zip(("pk_", "before_", "after_"), key, strict=True))
                    for key in rows.comparisons
                ],
            )
            self._database.add(connection, comparisons, list(rows.comparisons.values()))
        if rows.matches:
            self._database.add(connection, matches, rows.matches, unless_there=True)
        self._shelves.add(rows.features)
        self._advance(rows)

    def _settle(self, pk: int) -> None:
        if pk in self._touched:
            self.flush()

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
