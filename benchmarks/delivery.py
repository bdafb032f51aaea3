"""Delivering, measured: how many webhooks a second, how soon, and what a dead destination costs.

    python benchmarks/delivery.py                # everything, about six minutes
    python benchmarks/delivery.py --quick        # small sizes: a few seconds

The program runs on one core and the receiver, as cheap a server as there is, on another. The store
is SQLite as it is used: write-ahead log, synchronous=FULL; each delivery has its row of bookkeeping
written before the next of its destination but ``AT_ONCE`` begins.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from monitor import log
from monitor.channels import build_channels
from monitor.config import DeliverySettings, ReceiverSettings
from monitor.model import (
    Alert,
    AlertKind,
    DeliveryKind,
    Destination,
    DumpInfo,
    Grouped,
    Slot,
    utcnow,
)
from monitor.outbox import Outbox
from monitor.store import Store, open_store

NUMBERS = count(1)  # of articles: keys are made of them, and must differ
REFUSES = "http://127.0.0.1:9/"  # discard: nobody listens there
PATIENCE = 120.0  # seconds before a figure is given up

# --------------------------------------------------------------------------- the receiver


class Receiver(asyncio.Protocol):
    """Answers 204 to every POST but those to ``/hang``, and keeps when its first byte came."""

    arrivals: dict[str, float] = {}  # noqa: RUF012 - one table for the process
    posts = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._read = b""
        self._began = 0.0

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        if not self._read:
            self._began = now
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end]
            fields = dict(
                line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line
            )
            whole = end + 4 + int(fields.get(b"content-length", 0))
            if len(self._read) < whole:
                return
            self._answer(head, fields)
            self._read = self._read[whole:]
            self._began = now

    def _answer(self, head: bytes, fields: dict[bytes, bytes]) -> None:
        body = b""
        if head.startswith(b"GET /arrivals"):
            body = json.dumps(Receiver.arrivals).encode()
        elif head.startswith(b"GET /posts"):
            body = str(Receiver.posts).encode()
        elif head.startswith(b"POST /hang"):
            return
        else:
            Receiver.posts += 1
            Receiver.arrivals.setdefault(fields[b"webhook-id"].decode(), self._began)
            self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            return
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def receiver(core: int) -> Iterator[str]:
    """The receiver in a process of its own; its URL."""
    child = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE)
    try:
        os.sched_setaffinity(child.pid, {core})
        assert child.stdout is not None
        yield f"http://127.0.0.1:{int(child.stdout.readline())}"
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def ask(url: str, path: str) -> str:
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as sock, sock.makefile("rb") as answer:
        sock.sendall(f"GET {path} HTTP/1.1\r\n\r\n".encode())
        length = 0
        while (line := answer.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return answer.read(length).decode()


# --------------------------------------------------------------------------- the program


class Desk:
    """A store, and alerts put into it as ingest does."""

    def __init__(self, store: Store) -> None:
        self.store = store
        info = DumpInfo("a" * 64, "dump.txt", "daily", 10, utcnow())
        self._dump = store.ingest.open_dump(info).id

    def put(self, destination: str, deliveries: int = 1) -> float:
        """So many deliveries of one alert each, due now; when they were committed (monotonic)."""
        receiver, channel, *_ = destination.split("/")
        to = Destination(destination, receiver, channel)
        now = utcnow()
        with self.store.ingest.batch(self._dump) as batch:
            for _ in range(deliveries):
                grouped = Grouped(alert(next(NUMBERS)))
                batch.enqueue(to, [(Slot(DeliveryKind.ALERTS, "", now), [grouped])], now=now)
        return time.monotonic()


def alert(number: int) -> Alert:
    title = f"Gauge of station {number} read: the water stands as high as in the spring of 1994"
    return Alert(
        article_id=f"01890000-0000-7000-8000-{number:012d}",
        revision=1,
        kind=AlertKind.NEW,
        source="norland",
        title=title,
        published=utcnow(),
        observed=utcnow(),
        views=number,
        rules=("water",),
        excerpt="The water stands as high as in the spring of 1994, the keeper wrote. " * 4,
        title_marks=((23, 28),),
        excerpt_marks=((4, 9),),
        url=f"http://127.0.0.1:8808/articles/{number}",
    )


@contextmanager
def desk() -> Iterator[Desk]:
    with (
        tempfile.TemporaryDirectory(prefix="delivery-") as folder,
        open_store(f"sqlite:///{Path(folder, 'monitor.db')}") as store,
    ):
        yield Desk(store)


@contextmanager
def delivering(store: Store, *urls: str, start: bool = True, **fields: object) -> Iterator[Outbox]:
    """An outbox over webhooks at these URLs: ``desk/webhook/0`` and so on."""
    entries = [{"url": url, "secret": "whsec_" + "A" * 44, **fields} for url in urls]
    settings = ReceiverSettings.model_validate({"name": "desk", "webhook_configs": entries})
    outbox = Outbox(
        store.outbox,
        build_channels([settings]),
        DeliverySettings(),
        clock=utcnow,
        owner="benchmark",
        base_url="http://127.0.0.1:8808",
    )
    if start:
        outbox.start()
    try:
        yield outbox
    finally:
        outbox.stop(5)


def until(what: str, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"never: {what}")
        time.sleep(0.005)


# --------------------------------------------------------------------------- the figures


def throughput(url: str, deliveries: int, destinations: int) -> float:
    """Deliveries a second, until the last is written as sent."""
    with desk() as made:
        for number in range(destinations):
            made.put(f"desk/webhook/{number}", deliveries // destinations)
        with delivering(made.store, *[f"{url}/"] * destinations, start=False) as outbox:
            began, cpu = time.monotonic(), time.process_time()
            left = outbox.drain(None)
            seconds, busy = time.monotonic() - began, time.process_time() - cpu
    if left:
        raise SystemExit(f"{left} were not delivered")
    print(
        f"  {destinations} destination(s): {deliveries / seconds:6.0f} deliveries/s "
        f"({deliveries} in {seconds:.2f} s, {busy / deliveries * 1e3:.2f} ms of CPU each)"
    )
    return deliveries / seconds


def latency(url: str, messages: int, *, dead: str | None = None, waiting: int = 0) -> list[float]:
    """Milliseconds from commit to first byte, of one message after the other."""
    before = set(json.loads(ask(url, "/arrivals")))
    with desk() as made:
        if waiting:
            made.put("desk/webhook/1", waiting)
        with delivering(made.store, f"{url}/", dead or f"{url}/", timeout="1s") as outbox:
            if waiting:
                time.sleep(2.5)  # it has been found dead, and is held
            committed = []
            for _ in range(messages):
                committed.append(made.put("desk/webhook/0"))
                outbox.wake()
                time.sleep(0.02)
            until("all arrived", lambda: int(_arrived(url, before)) >= messages)
            arrivals = json.loads(ask(url, "/arrivals"))
    came = sorted(at for key, at in arrivals.items() if key not in before)
    return [(at - then) * 1e3 for at, then in zip(came, committed, strict=True)]


def _arrived(url: str, before: set[str]) -> int:
    return len(json.loads(ask(url, "/arrivals"))) - len(before)


def latencies(url: str, messages: int, waiting: int) -> None:
    """Alone and beside destinations that do not take what waits for them, by turns: a machine that
    others use as well is not the same from minute to minute."""
    cases = {
        "alone": {},
        f"beside {waiting} to one that refuses": {"dead": REFUSES, "waiting": waiting},
        f"beside {waiting} to one that hangs": {"dead": f"{url}/hang", "waiting": waiting},
    }
    rounds = max(1, messages // 50)
    times: dict[str, list[float]] = {what: [] for what in cases}
    for _ in range(rounds):
        for what, case in cases.items():
            times[what] += latency(url, messages // rounds, **case)
    alone = statistics.median(times["alone"])
    for what, found in times.items():
        ordered = sorted(found)
        print(
            f"  {what:<36} median {statistics.median(found):5.1f} ms "
            f"({statistics.median(found) / alone - 1:+.0%}), "
            f"p99 {ordered[int(len(ordered) * 0.99)]:5.1f} ms, most {ordered[-1]:5.1f} ms"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--deliveries", type=int, default=5_000)
    parser.add_argument("--messages", type=int, default=1_000)
    parser.add_argument("--waiting", type=int, default=10_000)
    asked = parser.parse_args()
    if asked.serve:
        asyncio.run(serve())
        return
    if asked.quick:
        asked.deliveries, asked.messages, asked.waiting = 400, 40, 1_000
    log.configure("json", "error")
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[0]})
    with receiver(cores[-1]) as url:
        print(f"webhooks to a server on core {cores[-1]}, the program on core {cores[0]}:")
        for destinations in (1, 8):
            throughput(url, asked.deliveries, destinations)
        print(f"from commit to first byte, {asked.messages} messages one after the other:")
        latencies(url, asked.messages, asked.waiting)


if __name__ == "__main__":
    main()
