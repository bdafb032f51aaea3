"""Fixtures for all tests: a PostgreSQL cluster of our own, where its programs are installed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import structlog
from hypothesis import settings
from sqlalchemy import create_engine

from monitor.store import open_store
from monitor.store.schema import metadata, pulse

_NUMBERS = count(1)

# Properties that go by the profile try 25 times as many cases: --hypothesis-profile=nightly
settings.register_profile("nightly", max_examples=2_500, print_blob=True)
if profile := os.environ.get("HYPOTHESIS_PROFILE"):
    settings.load_profile(profile)


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command run within a test sets the level of the logs: not for the tests behind it."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def _programs() -> Path | None:
    """The folder of initdb and pg_ctl: the newest of the distribution's, else that in PATH."""
    installed = [
        folder
        for folder in Path("/usr/lib/postgresql").glob("*/bin")
        if (folder / "initdb").exists() and folder.parent.name.isdigit()
    ]
    if installed:
        return max(installed, key=lambda folder: int(folder.parent.name))
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _run(program: Path, *arguments: str, user: str | None, folder: Path) -> None:
    """Run a PostgreSQL program; its output goes to a file, which a server may keep open."""
    report = folder / f"{program.name}.out"
    with report.open("w") as output:
        done = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
            env={**os.environ, "LC_ALL": "C", "HOME": str(folder)},
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"{program.name}: {report.read_text()}")


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """The URL, without a database's name, of a server on a socket in a temporary folder.

    PostgreSQL refuses to run as root; then it runs as ``postgres`` or ``nobody``.
    """
    programs = _programs()
    if programs is None:
        pytest.skip("the PostgreSQL programs (initdb, pg_ctl) are not installed")
    pytest.importorskip("psycopg", reason="the PostgreSQL driver (psycopg) is not installed")
    user = None
    if os.geteuid() == 0:
        names = {entry.pw_name for entry in pwd.getpwall()}
        user = next((name for name in ("postgres", "nobody") if name in names), None)
        if user is None:
            pytest.skip("PostgreSQL cannot run as root and there is no other user")
    # Not pytest's own temporary folder: that is closed to other users, and its path may be
    # longer than the 107 bytes a socket's may have.
    folder = Path(tempfile.mkdtemp(prefix="monitor-pg-", dir="/tmp"))
    try:
        if user:
            shutil.chown(folder, user)
        data = folder / "data"
        _run(
            programs / "initdb",
            f"--pgdata={data}",
            "--username=monitor",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-sync",
            user=user,
            folder=folder,
        )
        settings = (
            "listen_addresses=''",
            f"unix_socket_directories='{folder}'",
            "port=5432",
            "fsync=off",
            "full_page_writes=off",
            "max_connections=60",
            "shared_buffers=32MB",
        )
        _run(
            programs / "pg_ctl",
            f"--pgdata={data}",
            f"--log={folder / 'server.log'}",
            "--wait",
            f"--options={' '.join(f'-c {setting}' for setting in settings)}",
            "start",
            user=user,
            folder=folder,
        )
        try:
            yield f"postgresql+psycopg://monitor@/%s?host={folder}&port=5432"
        finally:
            _run(
                programs / "pg_ctl",
                f"--pgdata={data}",
                "--mode=immediate",
                "--wait",
                "stop",
                user=user,
                folder=folder,
            )
    finally:
        shutil.rmtree(folder)


def _administer(cluster: str, statement: str) -> None:
    engine = create_engine(cluster % "postgres", isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


@pytest.fixture
def postgres_url(postgres_cluster: str) -> Iterator[str]:
    """The URL of an empty database that nobody else uses; skipped without PostgreSQL."""
    name = f"test_{next(_NUMBERS)}"
    _administer(postgres_cluster, f"CREATE DATABASE {name}")
    yield postgres_cluster % name
    _administer(postgres_cluster, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def migrated_postgres(postgres_cluster: str) -> str:
    """The URL of a migrated database that tests share, one after another."""
    _administer(postgres_cluster, "CREATE DATABASE migrated")
    url = postgres_cluster % "migrated"
    open_store(url).close()
    return url


@pytest.fixture
def emptied_postgres(migrated_postgres: str) -> str:
    """The same without rows: to make and drop a database costs half a second, this does not."""
    engine = create_engine(migrated_postgres)
    names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables if table is not pulse)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    finally:
        engine.dispose()
    return migrated_postgres
