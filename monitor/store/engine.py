"""Connections and transactions; the only place that knows how the two databases differ."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Engine,
    String,
    Table,
    any_,
    bindparam,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeEngine

from monitor.errors import StoreError
from monitor.store.turn import Turn
from monitor.store.types import UtcTime, clean

PATIENCE = 30.0  # seconds to wait for another process's transaction
WRITER_CACHE_KIB = 8_192  # the lookup keys' tree is touched at random; the rest is appended
READER_CACHE_KIB = 2_048  # each reader has its own, and there are several
CHECKPOINT_PAGES = 4_000
WAL_LIMIT = 64 * 1024 * 1024  # bytes kept of a write-ahead log that a long reader made grow
_WRITERS_LOCK = 0x70726573  # pg_advisory_lock key; locks are per database

_Insert = tuple[str, list[tuple[int, Callable[..., Any]]]]

_SQLITE_ERRORS = {
    "NOTADB": "is not a SQLite database",
    "CORRUPT": "is corrupt; restore a backup, or move it away and ingest the archive again",
    "READONLY": "cannot be written; check owner and mode of the file, of -wal, -shm and the folder",
    "CANTOPEN": "cannot be opened; check that its folder exists and can be written",
    "PERM": "cannot be opened; check the owner and mode of the file",
    "BUSY": f"was kept busy by another process for {PATIENCE:g} s",
    "LOCKED": f"was kept busy by another process for {PATIENCE:g} s",
    "FULL": "cannot grow: the disk is full",
    "IOERR": "cannot be read or written: the disk reports an error",
}


class Database:
    """Engines for reading and for writing.

    On SQLite they are two: readers begin plainly and see one snapshot (WAL); the one writer
    begins IMMEDIATE, because a reader that turns writer fails at once whatever the timeout.
    On PostgreSQL they share a pool; reads are REPEATABLE READ and so a snapshot as well.
    """

    def __init__(self, url: str) -> None:
        """No connection is made yet. Raises StoreError for an address that cannot be used."""
        self._url = _parse(url)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self.label = self._url.render_as_string(hide_password=True)
        self._inserts: dict[str, _Insert] = {}
        self._turn = Turn(PATIENCE) if self.is_sqlite else None
        if self.is_sqlite:
            path = Path(self._url.database or "")
            self.label = str(path)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(f"{path.parent}: cannot be made: {error.strerror}") from error
            self._writer = _sqlite_engine(self._url, writer=True)
            self._reader = _sqlite_engine(self._url, writer=False)
        else:
            self._writer = _postgres_engine(self._url)
            self._reader = self._writer.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    def close(self) -> None:
        """Close all idle connections; on SQLite the last one empties the write-ahead log."""
        self._reader.dispose()
        self._writer.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One snapshot."""
        with self._errors(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def write(self, *, alone: bool = False) -> Iterator[Connection]:
        """One transaction; leaving commits, an exception rolls back.

        SQLite has one writer at a time anyway. On PostgreSQL ``alone`` keeps out the others
        that say ``alone``: ingest batches and whatever touches many deliveries at once.
        """
        with self._errors(), self._in_turn(), self._writer.begin() as connection:
            if alone and not self.is_sqlite:
                connection.execute(select(func.pg_advisory_xact_lock(_WRITERS_LOCK)))
            yield connection

    @contextmanager
    def restructure(self) -> Iterator[Connection]:
        """A transaction for migrations, alone in all processes.

        On SQLite foreign keys are off in it: rebuilding a parent table with them on would
        delete its children. They are checked as a whole before the commit.
        """
        with self._errors(), self._in_turn(), self._writer.connect() as connection:
            if self.is_sqlite:
                raw: Any = connection.connection.driver_connection
                raw.execute("PRAGMA foreign_keys = OFF")  # has no effect inside a transaction
            try:
                with connection.begin():
                    if not self.is_sqlite:
                        connection.execute(select(func.pg_advisory_xact_lock(_WRITERS_LOCK)))
                    yield connection
                    if (
                        self.is_sqlite
                        and connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                    ):
                        raise StoreError(f"{self.label}: rows without their parent; not migrated")
            finally:
                connection.invalidate()  # the next one has foreign keys on again

    def size(self) -> tuple[int, int]:
        """Bytes of the database, and those of them that are free for new rows (PostgreSQL: 0, as
        it does not say)."""
        with self.read() as connection:
            if not self.is_sqlite:
                size = select(func.pg_database_size(func.current_database()))
                return connection.execute(size).scalar_one(), 0
            total, page, free = (
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("page_count", "page_size", "freelist_count")
            )
            return total * page, free * page

    def compact(self) -> bool:
        """Give what is free back to the disk; False on PostgreSQL, whose autovacuum sees to it.

        SQLite writes the whole database anew (https://sqlite.org/lang_vacuum.html): it needs as
        much room again, and nothing else can be written meanwhile.
        """
        if not self.is_sqlite:
            return False
        with self._errors(), self._in_turn(), self._writer.connect() as connection:
            raw: Any = connection.connection.driver_connection
            try:
                raw.execute("VACUUM")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except sqlite3.Error as error:
                raise StoreError(f"{self.label}: not compacted: {error}") from error
        return True

    def insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """An INSERT that knows ON CONFLICT."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def add(
        self,
        connection: Connection,
        table: Table,
        rows: Sequence[Sequence[object]],
        *,
        unless_there: bool = False,
    ) -> None:
        """Insert rows, each with a value for every column, in the table's order.
        ``unless_there``: rows whose key is taken are left out.

        Does what ``connection.execute(insert(table), rows)`` does, types included, for a third of
        the time: that makes a dictionary of every row twice over.
        """
        statement, processors = self._statement(table)
        if processors:
            columns = list(zip(*rows, strict=True))
            for place, process in processors:
                columns[place] = tuple(map(process, columns[place]))
            rows = list(zip(*columns, strict=True))
        if unless_there:
            statement += " ON CONFLICT DO NOTHING"
        connection.exec_driver_sql(statement, rows)

    def _statement(self, table: Table) -> _Insert:
        """The INSERT of ``add``, and what has to be done to the values of which columns."""
        if table.name in self._inserts:
            return self._inserts[table.name]
        dialect = self._writer.dialect
        names = ", ".join(dialect.identifier_preparer.format_column(c) for c in table.columns)
        values = ", ".join("?" if self.is_sqlite else "%s" for _ in table.columns)
        processors = [
            # most times of a batch are one and the same
            (place, lru_cache(process) if isinstance(column.type, UtcTime) else process)
            for place, column in enumerate(table.columns)
            if (process := column.type.dialect_impl(dialect).bind_processor(dialect))
        ]
        text = f"INSERT INTO {table.name} ({names}) VALUES ({values})"  # noqa: S608 - our names
        self._inserts[table.name] = text, processors
        return self._inserts[table.name]

    def among(
        self, column: Column[Any], values: Collection[int] | Collection[str]
    ) -> ColumnElement[bool]:
        """``column`` is one of ``values``, however many, as one parameter."""
        return self._among(column, bindparam(None, self.listed(values), self._list_of(column)))

    def among_named(self, column: Column[Any], name: str) -> ColumnElement[bool]:
        """The same for a statement that is made once: ``name`` is given ``listed`` values.

        Expressions are cyclic garbage: those made for every batch would keep its values in
        memory until the collector comes round.
        """
        return self._among(column, bindparam(name, type_=self._list_of(column)))

    def listed(self, values: Collection[int] | Collection[str]) -> str | list[int | str]:
        """Values as the parameter of ``among_named``."""
        wanted = [clean(value) if isinstance(value, str) else value for value in values]
        return json.dumps(wanted) if self.is_sqlite else wanted

    def _list_of(self, column: Column[Any]) -> TypeEngine[Any]:
        return String() if self.is_sqlite else ARRAY(column.type)

    def _among(self, column: Column[Any], wanted: BindParameter[Any]) -> ColumnElement[bool]:
        if self.is_sqlite:
            each = func.json_each(wanted).table_valued("value")
            return column.in_(select(each.c.value))
        return column == any_(wanted)

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        with self._turn.taken():
            yield

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Whatever the database objects to, as a StoreError without statement or parameters."""
        try:
            yield
        except SQLAlchemyError as error:
            raise StoreError(f"{self.label}: {_explain(error)}") from error


def _explain(error: SQLAlchemyError) -> str:
    cause = getattr(error, "orig", None) or error
    if isinstance(error, DBAPIError) and isinstance(cause, sqlite3.Error):
        code = str(getattr(cause, "sqlite_errorname", "")).removeprefix("SQLITE_").split("_")[0]
        return _SQLITE_ERRORS.get(code, str(cause))
    # PostgreSQL's details may quote the failing row, and with it the text of an article.
    primary = getattr(getattr(cause, "diag", None), "message_primary", None)
    return " ".join(str(primary or cause).split())[:500]


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (SQLAlchemyError, ValueError) as error:
        raise StoreError(
            "the database address is not a URL such as sqlite:////var/lib/monitor/monitor.db "
            "or postgresql://user@host/name"
        ) from error
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise StoreError(f"{backend}: only SQLite and PostgreSQL are supported")
    if not parsed.database or parsed.database == ":memory:":
        raise StoreError("SQLite needs a file: several connections share the database")
    return parsed.set(drivername="sqlite+pysqlite")


def _sqlite_engine(url: URL, *, writer: bool) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1 if writer else 4,
        max_overflow=0 if writer else 28,
        connect_args={
            "timeout": PATIENCE,
            "isolation_level": None,  # no BEGIN but ours, below
            "check_same_thread": False,
        },
    )
    begin = "BEGIN IMMEDIATE" if writer else "BEGIN"
    settings = (
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        f"PRAGMA cache_size = -{WRITER_CACHE_KIB if writer else READER_CACHE_KIB}",
        f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}",
        f"PRAGMA journal_size_limit = {WAL_LIMIT}",
        f"PRAGMA query_only = {'OFF' if writer else 'ON'}",
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        try:
            _configure(connection, settings)
        except BaseException:
            connection.close()  # nobody else does; left open, it would hold the file's locks
            raise

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _configure(connection: sqlite3.Connection, settings: Sequence[str]) -> None:
    """Set what the promises rest on, and make sure it is set: a refused PRAGMA says nothing."""
    if (mode := _journal_mode(connection)) != "wal":
        raise sqlite3.OperationalError(
            f"no write-ahead log is possible (journal mode {mode}): is the file read-only, or on "
            "a network file system?"
        )
    for setting in settings:
        connection.execute(setting)
    (level,) = connection.execute("PRAGMA synchronous").fetchone()
    (keys,) = connection.execute("PRAGMA foreign_keys").fetchone()
    if (level, keys) != (2, 1):
        raise sqlite3.OperationalError("SQLite refuses synchronous=FULL or foreign keys")


def _journal_mode(connection: sqlite3.Connection) -> str:
    """Ask for a write-ahead log; the answer. Two processes that turn the same new file into a
    WAL database get in each other's way without waiting, so the waiting is done here."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = wal").fetchone()
        except sqlite3.OperationalError as error:
            if "BUSY" not in error.sqlite_errorname or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return str(mode)


def _postgres_engine(url: URL) -> Engine:
    asked = url.query.get("options", "")
    options = f"-c timezone=UTC -c lock_timeout={int(PATIENCE * 1000)}"
    try:
        return create_engine(
            url,
            pool_pre_ping=True,  # the server may have been restarted since
            pool_size=5,
            max_overflow=27,
            connect_args={
                "options": f"{asked if isinstance(asked, str) else ' '.join(asked)} {options}",
                "connect_timeout": 10,
                "application_name": "press-monitor",
            },
        )
    except ModuleNotFoundError as error:
        raise StoreError(
            "PostgreSQL needs its driver: pip install 'press-monitor[postgres]'"
        ) from error
