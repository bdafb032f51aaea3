"""A database of an earlier version: what it holds is found again, and there is a way back."""

from __future__ import annotations

from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from monitor.model import AlertKind
from monitor.store import open_store
from monitor.store.engine import Database
from monitor.store.upgrade import MIGRATIONS


def alembic(connection: Connection) -> Config:
    """Alembic's settings for scripts run on this connection."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings


def test_lookup_keys_of_the_first_version_are_kept(store_url: str) -> None:
    """Keys that stood in either of its two tables, or in both, are found; after a way back, with
    new ones among them, they are where the old program looks."""
    database = Database(store_url)
    with database.restructure() as connection:
        command.upgrade(alembic(connection), "0001")
        for table, rows in (("features", "(7, 1), (8, 1)"), ("fresh_features", "(8, 1), (9, 2)")):
            connection.execute(text(f"INSERT INTO {table} VALUES {rows}"))
    with open_store(store_url) as store:
        assert store.ingest.known_features(range(20)) == {7, 8, 9}
    with database.restructure() as connection:
        packed = (10).to_bytes(8, "little", signed=True) + (-9).to_bytes(8, "little", signed=True)
        insert = text("INSERT INTO fresh_features VALUES (1, 3, :packed)")
        connection.execute(insert, {"packed": packed})
        connection.execute(text("INSERT INTO recent_features VALUES (9, 3), (9, 2)"))
    with open_store(store_url) as store:
        assert store.ingest.known_features(range(-20, 20)) == {-9, 7, 8, 9, 10}
    with database.restructure() as connection:
        command.downgrade(alembic(connection), "0001")
        rows = connection.execute(text("SELECT hash, article FROM features")).all()
        assert sorted(map(tuple, rows)) == [(-9, 3), (7, 1), (8, 1), (9, 2), (9, 3), (10, 3)]
        assert connection.execute(text("SELECT * FROM fresh_features")).all() == []
    database.close()


def test_alerts_outlive_the_way_there_and_back(store_url: str, sample: Any) -> None:
    """What was to be told is told, once; only what the first version has no word for is gone."""
    with open_store(store_url) as store:
        sample.enqueue(store, sample.alert(1), sample.alert(2), due=5)
        sample.enqueue(store, sample.alert(2, kind=AlertKind.RISEN, rules=("a",)), due=5)
    database = Database(store_url)
    with database.restructure() as connection:
        command.downgrade(alembic(connection), "0001")
    database.close()
    with open_store(store_url) as store:
        sample.enqueue(store, sample.alert(1), due=5)
        (claim,) = sample.claim(store, 5)
        assert claim.message.alerts == (sample.alert(1), sample.alert(2))
