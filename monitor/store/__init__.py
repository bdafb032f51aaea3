"""All SQL: what was read, what was found in it, and who has still to be told.

    store = open_store("sqlite:////var/lib/monitor/monitor.db")

The same code runs on SQLite (write-ahead log, ``synchronous=FULL``) and on PostgreSQL. A store
may be used by many threads at once. Every change is one transaction; whatever returned is on
the disk.

The tables, and what always holds of them:

``dumps``
    The ledger, a row per distinct file contents (``sha256``). ``position`` is how many segments
    are stored; a CHECK keeps it equal to the sum of the five outcomes, so the counts add up
    after every commit. An interrupted dump stays ``ingesting`` and goes on at ``position``.
    ``timed``, ``unsure`` and ``odd_times`` count articles, see ``model.Quality``.
``segments``
    A row per segment of a dump, ``place`` counting from 0 without a gap: its outcome and why.
    Those of an article are its sightings; ``sort_key`` is the order in which the source showed
    them, compared by code point.
``articles``
    The state after all sightings so far. ``id`` is permanent and public, ``pk`` internal.
    ``content``, ``title_key``, ``paragraphs`` (packed signed 64-bit integers, little endian)
    and ``revision`` are those of the current text. ``duplicate_of``: a near-duplicate's original,
    which is none itself.
``revisions``
    The texts an article had, numbered from 1; ``articles.revision`` is always one of them.
    ``pruned``: the body was forgotten and is empty; hashes and title stay.
``features``, ``recent_features``, ``fresh_features``
    Lookup keys: 64-bit hash to article, of which the ``shelves.KEPT`` newest count. Keys move from
    the last table, where they are packed by article, to the first, see ``shelves``; one may stand
    in two of them.
``matches``
    One row per article, text and rule, with the evidence. Keyed by the text's hash and not by
    the revision, because a late dump may renumber revisions; the number is looked up.
``destinations``
    Those that ever had a delivery, and until when each is held. Claiming locks this row.
    ``failures``: deliveries in a row that failed there, since ``failing_since``; ``gone``: the mark
    of the settings under which it said that it wants nothing more.
``deliveries``
    The outbox. ``next_attempt`` is set exactly while there is something left to do;
    ``owner`` and ``lease_until`` exactly while a worker is sending. ``taken``: a worker ever
    had it, and its contents stay as they are from then on (until they are forgotten: empty).
    Before it is due it takes further alerts of its ``kind`` and ``grouping``; nothing makes it due
    before ``not_before``, which is set where it waits for a time and not for company.
    ``dropped``: dead because somebody wanted it so.
``attempts``
    The first and the last attempts at each delivery, written with what came of them.
``threads``
    What a destination calls the message that told it of an article.
``groups``
    When the last delivery of a grouping was due, where the next one asks.
``alerts``
    What a delivery tells, in the order of ``place``, as it was when it was found; until it is
    taken, copies of its articles are added to it. A destination is told an (article, revision,
    kind, about) once, a UNIQUE says so. ``about`` is the group in which it is told (``Grouped``)
    and, of what tells of a risen counter, which each rule does once, the first rule. ``rank`` is
    the priority's place in ``PRIORITIES``.
``silences``
    What people want to hear nothing of for a while; forgotten long after their end.
``suppressions``
    What rules made alerts of and nobody, or not everybody, was told, in one transaction with the
    articles. ``receiver`` is empty where it is everybody. Forgotten by age.
``conditions``
    What of a source is not as usual, while it lasts. A row comes and goes in one transaction with
    the alerts that tell it.
``chores``
    When what is done now and then, by one program, is due again.
``pulse``
    One row, written by ``ping``.
"""

from __future__ import annotations

from types import TracebackType

from monitor.ports import (
    FeedStore,
    HealthStore,
    IngestStore,
    OutboxStore,
    PageStore,
    PruneStore,
    SilenceStore,
)
from monitor.store.conditions import SqlHealthStore
from monitor.store.engine import Database
from monitor.store.feeds import SqlFeedStore
from monitor.store.ingest import SqlIngestStore
from monitor.store.outbox import SqlOutboxStore
from monitor.store.pages import SqlPageStore
from monitor.store.prune import SqlPruneStore
from monitor.store.silences import SqlSilenceStore
from monitor.store.upgrade import migrate

__all__ = ["Store", "open_store"]


class Store:
    """One database, seen by its seven kinds of client."""

    ingest: IngestStore
    outbox: OutboxStore
    feeds: FeedStore
    pages: PageStore
    health: HealthStore
    prune: PruneStore
    silences: SilenceStore

    def __init__(self, database: Database) -> None:
        """``database`` is up to date; see ``open_store``."""
        self._database = database
        self.ingest = SqlIngestStore(database)
        self.outbox = SqlOutboxStore(database)
        self.feeds = SqlFeedStore(database)
        self.pages = SqlPageStore(database)
        self.health = SqlHealthStore(database)
        self.prune = SqlPruneStore(database)
        self.silences = SqlSilenceStore(database)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is an SQLite file."""
        return self._database.is_sqlite

    def close(self) -> None:
        """Close all connections. Nothing is lost without it."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_store(url: str) -> Store:
    """Open the database at an SQLAlchemy URL, make or migrate its tables, and try a write.

    ``sqlite:////absolute/path.db`` (its folder is made) or ``postgresql://user@host/name``
    (``postgres://`` and ``postgresql+psycopg://`` as well). Raises StoreError, with the address
    but never the password: unreachable, not a database, corrupt, read-only, of another program,
    or of a newer version of this one.
    """
    database = Database(url)
    try:
        migrate(database)
        store = Store(database)
        store.pages.ping()
    except BaseException:
        database.close()
        raise
    return store
