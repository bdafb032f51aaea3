"""Programs that are killed, receivers that fail, databases that are busy: nothing is lost, and what
comes twice comes under its old key."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import settings as profile

from monitor.config import DeliverySettings
from monitor.model import Alert, AlertKind, DeliveryState, Destination, DumpInfo, utcnow
from monitor.outbox import Outbox
from monitor.outbox.outbox import AT_ONCE
from monitor.store import Store, open_store
from tests.integration.outbox_child import webhooks
from tests.integration.telling import put

CHILD = Path(__file__).with_name("outbox_child.py")
MANY = 200  # deliveries
NIGHTLY = profile().max_examples > 100  # the profile "nightly": more of all that takes its time

STEPS = [(step, number) for number in (1, 2, 4, 7) for step in ("claim", "commit", "claimed")]
STEPS += [(step, number) for number in (1, 20, 77, 199) for step in ("send", "sent")]
SOME = [("claim", 2), ("commit", 4), ("claimed", 7), ("send", 77), ("sent", 1), ("sent", 199)]


class Hook:
    """A webhook receiver that keeps connections: bodies by key, as they came."""

    def __init__(self) -> None:
        self.bodies: defaultdict[str, list[bytes]] = defaultdict(list)
        self.judge: Callable[[], int] = lambda: 204
        hook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) == length:  # else the sender died half-way
                    status = hook.judge()
                    if status == 204:
                        hook.bodies[self.headers["webhook-id"]].append(body)
                    self.send_response(status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def check(self, store: Store, *, twice: int) -> None:
        """Every delivery is sent and came under its key, always the same; up to ``twice`` of them
        came again, each of which the store knows to have been tried again."""
        deliveries = store.pages.deliveries(limit=10 * MANY)
        assert {one.state for one in deliveries} == {DeliveryState.SENT}
        assert {one.id for one in deliveries} == self.bodies.keys()
        assert all(len(set(bodies)) == 1 for bodies in self.bodies.values())
        again = {key for key, bodies in self.bodies.items() if len(bodies) > 1}
        assert again <= {one.id for one in deliveries if one.attempts > 1}
        assert len(again) <= twice

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.close()


def fill(store: Store, deliveries: int, *destinations: str) -> None:
    """So many deliveries of one alert each, due now, spread over the destinations."""
    now = utcnow()
    dump = store.ingest.open_dump(DumpInfo("a" * 64, "dump.txt", "daily", 10, now))
    with store.ingest.batch(dump.id) as batch:
        for number in range(deliveries):
            name = destinations[number % len(destinations)]
            alert = Alert(
                article_id=f"article-{number}",
                revision=1,
                kind=AlertKind.NEW,
                source="daily",
                title=f"Referendum {number}",
                published=None,
                observed=now,
                views=None,
                rules=("referendum",),
                excerpt="",
                title_marks=(),
                excerpt_marks=(),
                url=f"http://monitor.test/articles/{number}",
            )
            put(batch, Destination(name, "desk", "webhook"), [alert], now=now, due=now)


def outbox(store: Store, urls: list[str], owner: str = "test") -> Outbox:
    soon = DeliverySettings(
        first_retry=timedelta(milliseconds=5), max_retry=timedelta(milliseconds=20)
    )
    return Outbox(
        store.outbox,
        webhooks(urls),
        soon,
        clock=utcnow,
        owner=owner,
        base_url="http://monitor.test",
    )


def child(database: str, step: str, number: int, *urls: str, owner: str = "test") -> list[str]:
    return [sys.executable, str(CHILD), database, owner, step, str(number), *urls]


def finish(store: Store, urls: list[str], owner: str = "test") -> None:
    """Deliver what is left, however often it has to be tried."""
    running = outbox(store, urls, owner)
    running.start()
    end = time.monotonic() + 60
    while store.outbox.next_due(busy=()) is not None:
        assert time.monotonic() < end, "not all was delivered"
        time.sleep(0.01)
    running.stop(10)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with ``MANY`` deliveries for two destinations, to copy."""
    file = tmp_path_factory.mktemp("filled") / "monitor.db"
    with open_store(f"sqlite:///{file}") as store:
        fill(store, MANY, "desk/webhook/0", "desk/webhook/1")
    return file


@pytest.mark.parametrize(("step", "number"), STEPS if NIGHTLY else SOME)
def test_killed_between_claim_and_settle(
    step: str, number: int, filled: Path, hook: Hook, tmp_path: Path
) -> None:
    """SIGKILL at any step: every alert arrives, all copies under one key with the same bytes, and
    no more come twice than a batch of each destination."""
    database = f"sqlite:///{shutil.copyfile(filled, tmp_path / 'monitor.db')}"
    killed = subprocess.run(
        child(database, step, number, hook.url, hook.url), check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    with open_store(database) as store:
        finish(store, [hook.url, hook.url])
        hook.check(store, twice=2 * AT_ONCE)


def test_a_receiver_that_fails_now_and_then(filled: Path, hook: Hook, tmp_path: Path) -> None:
    """Three in ten at random: in the end everything came, once."""
    chance = random.Random(7)
    hook.judge = lambda: 503 if chance.random() < 0.3 else 204
    database = f"sqlite:///{shutil.copyfile(filled, tmp_path / 'monitor.db')}"
    with open_store(database) as store:
        finish(store, [hook.url, hook.url])
        hook.check(store, twice=0)
        assert any(one.attempts > 1 for one in store.pages.deliveries(limit=MANY))


def test_a_database_that_others_keep_busy(filled: Path, hook: Hook, tmp_path: Path) -> None:
    """Somebody else holds the write lock while messages go out: they wait to be written, none is
    sent twice."""
    file = shutil.copyfile(filled, tmp_path / "monitor.db")
    arrived = threading.Event()
    hook.judge = lambda: (arrived.set(), 204)[1]
    with open_store(f"sqlite:///{file}") as store:
        running = outbox(store, [hook.url, hook.url])
        other = sqlite3.connect(file, isolation_level=None, timeout=30)
        running.start()
        assert arrived.wait(30)
        other.execute("BEGIN IMMEDIATE")
        before = len(hook.bodies)
        time.sleep(10 if NIGHTLY else 1)  # that is what is tried: a lock that lasts
        assert len(hook.bodies) <= before + 2 * AT_ONCE
        other.execute("ROLLBACK")
        other.close()
        running.stop(10)
        finish(store, [hook.url, hook.url])
        hook.check(store, twice=0)
        assert {one.attempts for one in store.pages.deliveries(limit=MANY)} == {1}


def test_two_processes_share_the_work(emptied_postgres: str, hook: Hook) -> None:
    """On one PostgreSQL: all is sent and nothing twice, whichever of them takes it."""
    urls = [hook.url] * 4
    with open_store(emptied_postgres) as store:
        fill(store, MANY, *(f"desk/webhook/{number}" for number in range(4)))
        other = subprocess.Popen(child(emptied_postgres, "never", 0, *urls, owner="other"))
        try:
            while not hook.bodies and other.poll() is None:
                time.sleep(0.001)
            finish(store, urls)
        finally:
            other.wait(60)
        hook.check(store, twice=0)
        assert {one.attempts for one in store.pages.deliveries(limit=MANY)} == {1}
