"""Bringing the schema to this program's version.

Alembic is imported only when there is something to do: at every other start one query tells
that the database is up to date.
"""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection, inspect, select, table
from sqlalchemy import column as named

from monitor import log
from monitor.errors import StoreError
from monitor.store.engine import Database
from monitor.store.schema import metadata

VERSIONS = ("0001", "0002", "0003")
"""Every version a migration makes, oldest first; a test compares it with the scripts."""

HEAD = VERSIONS[-1]
MIGRATIONS = Path(__file__).parent / "migrations"

_VERSION_TABLE = table("alembic_version", named("version_num"))
_ALEMBIC = threading.Lock()  # its context is global to the process

logger = log.get(__name__)


def migrate(database: Database) -> None:
    """Create the tables or migrate them to ``HEAD``.

    Raises StoreError where the database is newer than this program, holds something else, or
    cannot be used at all; it is then as it was.
    """
    with database.read() as connection:
        if not database.is_sqlite:
            _check_encoding(connection, database.label)
        if _version(connection, database.label) == HEAD:
            return
    with _ALEMBIC, database.restructure() as connection:
        found = _version(connection, database.label)  # another process may have been faster
        if found == HEAD:
            return
        _run_scripts(connection)
    logger.info("store.migrated", before=found, now=HEAD)


def _version(connection: Connection, label: str) -> str | None:
    """The version the database has, or None where it is empty."""
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        version = connection.scalar(select(_VERSION_TABLE.c.version_num))
        if version is not None and version not in VERSIONS:
            raise StoreError(
                f"{label}: the database has version {version}, this program knows up to {HEAD}; "
                "install the newer program again, or give it a database of its own"
            )
        if version is not None:
            return str(version)
        tables.remove("alembic_version")
    if clash := sorted(tables & metadata.tables.keys()):
        raise StoreError(
            f"{label}: the database holds tables of another program: {', '.join(clash)}"
        )
    return None


def _check_encoding(connection: Connection, label: str) -> None:
    """Anything but UTF-8 would refuse the first article with a character it does not have."""
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise StoreError(
            f"{label}: the database's encoding is {encoding}; create it with ENCODING 'UTF8'"
        )


def _run_scripts(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")
