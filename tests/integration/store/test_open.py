"""Opening: making, migrating and refusing databases."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from monitor.errors import StoreError
from monitor.store import open_store
from monitor.store.engine import Database
from monitor.store.schema import metadata
from monitor.store.upgrade import HEAD, MIGRATIONS, VERSIONS, _run_scripts


def test_the_versions_named_are_those_of_the_scripts() -> None:
    """The list that saves importing Alembic is complete and in order."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(settings)
    assert [s.revision for s in scripts.walk_revisions()] == list(reversed(VERSIONS))
    assert scripts.get_current_head() == HEAD


def test_migrations_make_what_the_schema_says(store_url: str) -> None:
    """From empty to head gives the tables, columns, indexes and keys of the metadata."""
    open_store(store_url).close()
    database = Database(store_url)
    try:
        with database.read() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
    finally:
        database.close()


def test_migrations_make_it_to_the_letter(tmp_path: Path) -> None:
    """On SQLite the very statements agree: CHECKs, partial indexes, tables without row id."""
    open_store(f"sqlite:///{tmp_path}/migrated.db").close()
    engine = create_engine(f"sqlite:///{tmp_path}/created.db")
    metadata.create_all(engine)
    engine.dispose()

    def statements(name: str) -> dict[str, set[str]]:
        connection = sqlite3.connect(tmp_path / name)
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql NOT NULL AND name != 'alembic_version'"
        ).fetchall()
        connection.close()
        # columns that were added later stand on one line, in front of the closing bracket
        return {name: _clauses(sql) for name, sql in rows}

    assert statements("migrated.db") == statements("created.db")


def _clauses(sql: str) -> set[str]:
    """What stands between the commas outside of inner brackets, white space as one blank."""
    head, _, rest = " ".join(sql.split()).partition("(")
    body, _, tail = rest.rpartition(")")
    inside = re.split(r",(?![^(]*\))", body)
    return {head.strip(), tail.strip(), *(clause.strip() for clause in inside)}


def test_opening_again_changes_nothing(store_url: str) -> None:
    """And does not import Alembic, which costs more than all the rest."""
    open_store(store_url).close()
    code = (
        "import sys; from monitor.store import open_store; "
        f"open_store({store_url!r}).close(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_processes_that_start_at_once_do_not_collide(store_url: str) -> None:
    """One migrates, the others wait and find it done."""
    code = f"from monitor.store import open_store; open_store({store_url!r}).close()"
    running = [
        subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(4)
    ]
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()


def test_threads_that_start_at_once_do_not_collide(store_url: str) -> None:
    """The same within one process, where Alembic's state is shared."""
    errors: list[Exception] = []

    def start() -> None:
        try:
            open_store(store_url).close()
        except StoreError as error:
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []


def test_a_newer_database_is_refused(store_url: str) -> None:
    """A program that was downgraded says so and touches nothing."""
    open_store(store_url).close()
    database = Database(store_url)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=f"version 9999, this program knows up to {HEAD}"):
        open_store(store_url)
    with database.read() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
    database.close()


def test_another_programs_tables_are_left_alone(store_url: str) -> None:
    """A database with tables of our names that no migration of ours made is not ours."""
    database = Database(store_url)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE articles (x TEXT)"))
    with pytest.raises(StoreError, match="another program: articles"):
        open_store(store_url)
    database.close()


def test_a_failed_migration_leaves_nothing(store_url: str) -> None:
    """Half a schema would be refused at the next start; so all or nothing, then it works."""
    database = Database(store_url)
    with pytest.raises(ZeroDivisionError), database.restructure() as connection:
        _run_scripts(connection)
        raise ZeroDivisionError
    with database.read() as connection:
        assert inspect(connection).get_table_names() == []
    database.close()
    with open_store(store_url) as store:
        assert store.pages.counts().dumps == 0


@pytest.mark.parametrize("form", ["postgresql://", "postgres://", "postgresql+psycopg2://"])
def test_the_usual_forms_of_address(postgres_url: str, form: str) -> None:
    """Whatever driver an address names, ours is used."""
    with open_store(postgres_url.replace("postgresql+psycopg://", form)) as store:
        store.pages.ping()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("state/monitor.db", "not a URL"),
        ("", "not a URL"),
        ("mysql://localhost/monitor", "only SQLite and PostgreSQL"),
        ("nonsense://x", "only SQLite and PostgreSQL"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
    ],
)
def test_addresses_that_are_none(url: str, message: str) -> None:
    """Refused before anything is touched."""
    with pytest.raises(StoreError, match=message):
        open_store(url)


def test_a_server_that_does_not_answer() -> None:
    """The message names the address without its password, and the cause."""
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match="refused") as caught:
        open_store("postgresql://monitor:geheim@127.0.0.1:1/monitor")
    assert "geheim" not in str(caught.value)
    assert "127.0.0.1:1/monitor" in str(caught.value)


def test_a_database_that_is_not_there(postgres_cluster: str) -> None:
    """PostgreSQL's own words come through."""
    with pytest.raises(StoreError, match='"nowhere" does not exist'):
        open_store(postgres_cluster % "nowhere")


def test_a_database_of_another_encoding(postgres_cluster: str) -> None:
    """It would work until the first letter it does not have."""
    engine = create_engine(postgres_cluster % "postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        )
        try:
            with pytest.raises(StoreError, match="encoding is LATIN1"):
                open_store(postgres_cluster % "latin")
        finally:
            connection.exec_driver_sql("DROP DATABASE latin")
    engine.dispose()


def test_the_server_may_be_restarted(postgres_url: str, sample: Any) -> None:
    """A lost connection fails the transaction it was lost in, and nothing after it."""
    killer = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with open_store(postgres_url) as store, killer.connect() as other:

        def cut() -> None:
            other.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid != pg_backend_pid()"
            )

        dump = store.ingest.open_dump(sample.info())
        cut()
        store.pages.ping()
        with pytest.raises(StoreError), store.ingest.batch(dump.id) as batch:
            batch.write([sample.bad(0)])
            cut()
        assert store.ingest.open_dump(sample.info()).articles == 0
    killer.dispose()


def test_errors_quote_no_article(store_url: str, sample: Any) -> None:
    """They are logged; the database's own message may hold the whole failing row."""
    with open_store(store_url) as store, pytest.raises(StoreError) as caught:
        sample.fill(store, sample.new(0, sample.known(1, revision=None), body="Secret text."))
    assert "Secret" not in str(caught.value)
    assert "Title 1" not in str(caught.value)


def test_the_folder_is_made(tmp_path: Path) -> None:
    """A fresh installation has no state folder yet."""
    open_store(f"sqlite:///{tmp_path}/state/deep/monitor.db").close()
    assert (tmp_path / "state/deep/monitor.db").is_file()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "state").write_text("a file")
    with pytest.raises(StoreError, match="cannot be made"):
        open_store(f"sqlite:///{tmp_path}/state/monitor.db")


def test_a_path_that_is_a_folder(tmp_path: Path) -> None:
    """SQLite's own message says only that it cannot open it."""
    (tmp_path / "monitor.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path}/monitor.db")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """It is refused and stays as it is."""
    path = tmp_path / "monitor.db"
    path.write_text("Dear diary, " * 1000)
    with pytest.raises(StoreError, match="is not a SQLite database"):
        open_store(f"sqlite:///{path}")
    assert path.read_text() == "Dear diary, " * 1000


def test_a_damaged_file(tmp_path: Path) -> None:
    """Half a database, and one whose pages are rubbish, say what to do."""
    path = tmp_path / "monitor.db"
    open_store(f"sqlite:///{path}").close()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StoreError, match="is corrupt; restore a backup"):
        open_store(f"sqlite:///{path}")
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    with pytest.raises(StoreError, match="is corrupt; restore a backup"):
        open_store(f"sqlite:///{path}")


def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    """What ``touch`` or a power cut at the very first start leaves."""
    (tmp_path / "monitor.db").touch()
    open_store(f"sqlite:///{tmp_path}/monitor.db").close()


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder of an ordinary user, who the test runs as where it was started by root."""
    with tempfile.TemporaryDirectory(prefix="monitor-", dir="/tmp") as folder:
        root = os.geteuid() == 0
        if root:
            os.chown(folder, 65534, 65534)
            os.seteuid(65534)
        try:
            yield Path(folder)
        finally:
            if root:
                os.seteuid(0)


def test_a_file_that_may_not_be_written(as_nobody: Path) -> None:
    """Read-only is found at the start, not at the first article."""
    path = as_nobody / "state" / "monitor.db"
    open_store(f"sqlite:///{path}").close()
    path.parent.chmod(0o555)
    with pytest.raises(StoreError, match=r"cannot be (opened|written); check"):
        open_store(f"sqlite:///{path}")
    path.parent.chmod(0o755)
    path.chmod(0o444)
    with pytest.raises(StoreError, match="cannot be written; check owner"):
        open_store(f"sqlite:///{path}")
    for file in path.parent.iterdir():
        file.chmod(0o644)
    open_store(f"sqlite:///{path}").close()


def test_sqlite_is_set_up_to_survive(tmp_path: Path) -> None:
    """Every connection has what the promises rest on; readers cannot write."""
    database = Database(f"sqlite:///{tmp_path}/monitor.db")
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    for begin, query_only in ((database.read, 1), (database.write, 0)):
        with begin() as connection:
            for pragma, value in (expected | {"query_only": query_only}).items():
                assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value, pragma
    database.close()
    assert not (tmp_path / "monitor.db-wal").exists()


def test_closing_twice_is_no_error(store_url: str) -> None:
    """And a closed store opens its connections again rather than failing in a late thread."""
    store = open_store(store_url)
    store.close()
    store.close()
    store.pages.ping()
    store.close()
