"""From the store through the outbox to real servers, and back: what became of each delivery."""

from __future__ import annotations

import io
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiosmtpd.controller import Controller
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from monitor.channels import build_channels
from monitor.config import DeliverySettings, ReceiverSettings
from monitor.errors import DeliveryError, StoreError
from monitor.model import (
    Alert,
    AlertKind,
    Delivery,
    Destination,
    DestinationState,
    DumpInfo,
    Message,
    Receipt,
    utcnow,
)
from monitor.outbox import Circuit, Outbox, circuit
from monitor.outbox.schedule import TRIP
from monitor.store import Store, open_store
from tests.integration.telling import put as put_alerts

SOON = DeliverySettings(first_retry=timedelta(milliseconds=20))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'monitor.db'}") as opened:
        yield opened


@pytest.fixture
def hooks() -> Iterator[HTTPServer]:
    """An HTTP server that answers several requests at once."""
    with HTTPServer(threaded=True) as server:
        yield server


@pytest.fixture
def enqueue(store: Store) -> Callable[..., None]:
    """Puts one delivery, due now, with alerts of the numbers given into the outbox."""
    info = DumpInfo("a" * 64, "dump.txt", "daily", 10, utcnow())
    dump = store.ingest.open_dump(info)

    def enqueued(
        destination: str, *numbers: int, title: str = "Referendum", revision: int = 1
    ) -> None:
        receiver, channel, *_ = destination.split("/")
        now = utcnow()
        alerts = [
            Alert(
                article_id=f"article-{number}",
                revision=revision,
                kind=AlertKind.NEW,
                source="daily",
                title=f"{title} {number}",
                published=None,
                observed=now,
                views=None,
                rules=("referendum",),
                excerpt="",
                title_marks=(),
                excerpt_marks=(),
                url=f"http://monitor.test/articles/{number}",
            )
            for number in numbers or (1,)
        ]
        with store.ingest.batch(dump.id) as batch:
            put_alerts(batch, Destination(destination, receiver, channel), alerts, now=now, due=now)

    return enqueued


@pytest.fixture
def make_outbox(store: Store) -> Iterator[Callable[..., Outbox]]:
    """Makes outboxes over the store; they are stopped at the end."""
    made: list[Outbox] = []

    def make(
        channels: Mapping[str, Any], settings: DeliverySettings = SOON, over: Any = None
    ) -> Outbox:
        made.append(
            Outbox(
                over or store.outbox,
                channels,
                settings,
                clock=utcnow,
                owner="test",
                base_url="http://monitor.test",
            )
        )
        return made[-1]

    yield make
    for outbox in made:
        outbox.stop(10)


def channels(**configs: Any) -> Mapping[str, Any]:
    receiver = {"name": "desk"} | {f"{kind}_configs": entries for kind, entries in configs.items()}
    return build_channels([ReceiverSettings.model_validate(receiver)], out=io.StringIO())


def webhooks(server: HTTPServer, *paths: str, **fields: Any) -> Mapping[str, Any]:
    """The destinations desk/webhook/0, /1, ... at these paths."""
    return channels(webhook=[{"url": server.url_for(path)} | fields for path in paths])


def deliveries(store: Store) -> dict[str, list[Delivery]]:
    """By destination, in the order of their keys."""
    found: dict[str, list[Delivery]] = {}
    for delivery in sorted(store.pages.deliveries(), key=lambda d: (d.articles, d.id)):
        found.setdefault(delivery.destination, []).append(delivery)
    return found


def only(store: Store, destination: str = "desk/webhook/0") -> Delivery:
    (delivery,) = deliveries(store)[destination]
    return delivery


def until(condition: Callable[[], bool]) -> None:
    """Polls until the condition holds, for at most 20 s."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


def posts(server: HTTPServer, path: str) -> list[Request]:
    return [request for request, _ in server.log if request.path == path]


# --------------------------------------------------------------------------- retries


def test_a_webhook_that_recovers(store, hooks, enqueue, make_outbox):
    """Two failures, then success: every attempt has the same key and the same bytes."""
    hooks.expect_ordered_request("/a").respond_with_data("busy", status=503)
    hooks.expect_ordered_request("/a").respond_with_data("busy", status=503)
    hooks.expect_ordered_request("/a").respond_with_data("fine")
    enqueue("desk/webhook/0", 1, 2)
    outbox = make_outbox(webhooks(hooks, "/a"))
    outbox.start()
    until(lambda: only(store).state == "sent")
    delivery = only(store)
    assert delivery.attempts == 3
    assert delivery.last_error is None
    requests = posts(hooks, "/a")
    assert [request.headers["webhook-id"] for request in requests] == [delivery.id] * 3
    assert len({request.data for request in requests}) == 1


def test_an_unreachable_webhook_says_so(store, enqueue, make_outbox):
    """The reason and the address without its path; the delivery waits for its next attempt."""
    with HTTPServer() as gone:
        reached = webhooks(gone, "/secret-path")
        where = f"http://{gone.host}:{gone.port}"
    enqueue("desk/webhook/0")
    before = utcnow()
    assert make_outbox(reached, DeliverySettings()).drain(None) == 1
    delivery = only(store)
    assert (delivery.state, delivery.attempts) == ("pending", 1)
    assert delivery.last_error == f"{where}: connection refused"
    assert delivery.next_attempt > before


def test_retry_after_holds_the_destination(store, hooks, enqueue, make_outbox):
    """Nothing more goes to a destination that asked for quiet; others are not held."""
    hooks.expect_request("/a").respond_with_data("", status=429, headers={"Retry-After": "3600"})
    hooks.expect_request("/b").respond_with_data("fine")
    for number in (1, 2):
        enqueue("desk/webhook/0", number)
        enqueue("desk/webhook/1", number)
    before = utcnow()
    assert make_outbox(webhooks(hooks, "/a", "/b")).drain(None) == 2
    held, free = deliveries(store)["desk/webhook/0"], deliveries(store)["desk/webhook/1"]
    assert [delivery.state for delivery in held] == ["pending", "pending"]
    assert sorted(delivery.attempts for delivery in held) == [0, 1]
    assert [delivery.state for delivery in free] == ["sent", "sent"]
    assert len(posts(hooks, "/a")) == 1
    assert store.outbox.next_due(busy=()) >= before + timedelta(seconds=3600)


def test_a_poisoned_message_is_dead_and_later_ones_flow(store, hooks, enqueue, make_outbox):
    """What the other side will never take holds up nothing behind it."""

    def judge(request: Request) -> Response:
        return Response("no such thing", 400 if b"Poison" in request.data else 200)

    hooks.expect_request("/a").respond_with_handler(judge)
    enqueue("desk/webhook/0", 1, title="Poison")
    enqueue("desk/webhook/0", 2)
    enqueue("desk/webhook/0", 3)
    with structlog.testing.capture_logs() as logs:
        assert make_outbox(webhooks(hooks, "/a")).drain(None) == 0
    dead, *others = deliveries(store)["desk/webhook/0"]
    assert (dead.state, dead.attempts) == ("dead", 1)
    assert "400 BAD REQUEST" in dead.last_error
    assert [delivery.state for delivery in others] == ["sent", "sent"]
    (told,) = [entry for entry in logs if entry["event"] == "delivery.dead"]
    assert (told["key"], told["destination"]) == (dead.id, "desk/webhook/0")


def test_a_dead_delivery_can_be_retried_by_hand(store, hooks, enqueue, make_outbox):
    """With its old key, once the other side is mended."""
    hooks.expect_ordered_request("/a").respond_with_data("", status=404)
    hooks.expect_ordered_request("/a").respond_with_data("fine")
    enqueue("desk/webhook/0")
    outbox = make_outbox(webhooks(hooks, "/a"))
    outbox.drain(None)
    assert only(store).state == "dead"
    assert store.outbox.retry([only(store).id], now=utcnow()) == 1
    outbox.drain(None)
    assert only(store).state == "sent"
    assert {r.headers["webhook-id"] for r in posts(hooks, "/a")} == {only(store).id}


def test_a_receiver_that_is_gone(store, hooks, enqueue, make_outbox):
    """Its deliveries are dead and say why; back in the configuration they can be retried."""
    hooks.expect_request("/a").respond_with_data("fine")
    enqueue("desk/webhook/0")
    outbox = make_outbox({})
    outbox.drain(None)
    assert only(store).state == "dead"
    assert "no longer configured" in only(store).last_error
    outbox.replace_channels(webhooks(hooks, "/a"))
    store.outbox.retry(None, now=utcnow())
    outbox.drain(None)
    assert only(store).state == "sent"


# --------------------------------------------------------------------------- independence


def test_a_slow_destination_delays_no_other(store, hooks, enqueue, make_outbox):
    """While one destination takes its time, all others get theirs."""
    release = threading.Event()

    def slow(request: Request) -> Response:
        release.wait(20)
        return Response("at last")

    hooks.expect_request("/slow").respond_with_handler(slow)
    hooks.expect_request("/fast").respond_with_data("fine")
    outbox = make_outbox(webhooks(hooks, "/slow", "/fast", timeout="30s"))
    outbox.start()
    try:
        enqueue("desk/webhook/0", 1)
        outbox.wake()
        until(lambda: only(store).state == "sending")
        for number in range(5):
            enqueue("desk/webhook/1", number)
            outbox.wake()
        until(lambda: {d.state for d in deliveries(store)["desk/webhook/1"]} == {"sent"})
        assert only(store).state == "sending"
    finally:
        release.set()
    until(lambda: only(store).state == "sent")


def test_a_drain_misses_nothing_that_a_busy_destination_still_has(store, enqueue, make_outbox):
    """A claim that passes over a destination because it is busy does not count as "no more",
    even when the destination has become idle by the time the claim returns."""
    recorders = {name: Recorder(name, []) for name in ("d/webhook/0", "d/webhook/1")}
    taken: Counter[str] = Counter()

    class Dawdling:
        def __getattr__(self, name: str) -> Any:
            return getattr(store.outbox, name)

        def exchange(self, *news: Any, busy: Any, **rest: Any) -> Any:
            found = store.outbox.exchange(*news, busy=busy, **rest | {"at_once": 1})
            until(lambda: all(len(recorders[name].keys) == taken[name] for name in busy))
            taken.update(claim.destination.name for claim in found.claims)
            return found

    for number in range(3):
        for name in recorders:
            enqueue(name, number)
    assert make_outbox(recorders, over=Dawdling()).drain(None) == 0
    assert [len(recorder.keys) for recorder in recorders.values()] == [3, 3]


class FreePort(Controller):
    """A mail server on a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Double:
    """What every channel has."""

    max_items = 10
    pause = 0.0

    def close(self) -> None:
        """Nothing is kept."""


class Recorder(Double):
    """A channel that notes how many of its sends overlap."""

    def __init__(self, name: str, everybody: list[str]) -> None:
        self.destination = Destination(name, "desk", "webhook")
        self.keys: list[str] = []
        self.overlap = 0
        self._inside = 0
        self._everybody = everybody

    def send(self, message: Message, *, key: str) -> Receipt:
        self._inside += 1
        self._everybody.append(self.destination.name)
        self.overlap = max(self.overlap, self._inside)
        time.sleep(0.002)  # room for a second send to begin, if one could
        self.keys.append(key)
        self._everybody.remove(self.destination.name)
        self._inside -= 1
        return Receipt()


def test_one_at_a_time_for_each_destination(store, enqueue, make_outbox):
    """However much is due, a destination is never sent to twice at once, and nothing twice."""
    inside: list[str] = []
    recorders = {name: Recorder(name, inside) for name in ("d/webhook/0", "d/webhook/1")}
    for number in range(12):
        for name in recorders:
            enqueue(name, number)
    assert make_outbox(recorders, DeliverySettings(workers=5)).drain(None) == 0
    assert [recorder.overlap for recorder in recorders.values()] == [1, 1]
    for name, recorder in recorders.items():
        assert sorted(recorder.keys) == sorted(d.id for d in deliveries(store)[name])


def test_mail_with_one_recipient_refused(store, enqueue, make_outbox):
    """Two of three get their mail; the third is dead and says who refused whom, and why."""

    class Handler:
        def __init__(self) -> None:
            self.taken: list[tuple[str, str]] = []

        async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
            if address == "bob@example.org":
                return "550 5.1.1 no such mailbox here"
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server, session, envelope):  # noqa: N802
            text = envelope.content.decode()
            message_id = text.partition("Message-ID: ")[2].partition("\r\n")[0]
            self.taken.append((envelope.rcpt_tos[0], message_id))
            return "250 OK"

    handler = Handler()
    controller = FreePort(handler, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        port = controller.port
        recipients = [f"{name}@example.org" for name in ("ann", "bob", "eve")]
        entry = {
            "to": recipients,
            "from": "monitor@example.org",
            "host": "127.0.0.1",
            "port": port,
            "security": "none",
        }
        for recipient in recipients:
            enqueue(f"desk/email/0/{recipient}")
        assert make_outbox(channels(email=[entry])).drain(None) == 0
    finally:
        controller.stop()
    ann, bob, eve = (only(store, f"desk/email/0/{recipient}") for recipient in recipients)
    assert (ann.state, bob.state, eve.state) == ("sent", "dead", "sent")
    assert bob.last_error == (
        f"bob@example.org was refused by 127.0.0.1:{port}: 550 5.1.1 no such mailbox here"
    )
    assert sorted(handler.taken) == [
        ("ann@example.org", f"<{ann.id}@example.org>"),
        ("eve@example.org", f"<{eve.id}@example.org>"),
    ]


def test_each_channel_shows_its_own_maximum(store, hooks, enqueue, make_outbox):
    """A message is cut to what its channel shows; how many there were stays true."""
    hooks.expect_request("/a").respond_with_data("fine")
    hooks.expect_request("/b").respond_with_data("fine")
    reached = channels(
        webhook=[
            {"url": hooks.url_for("/a"), "max_items": 2},
            {"url": hooks.url_for("/b"), "max_items": 4},
        ]
    )
    enqueue("desk/webhook/0", *range(6))
    enqueue("desk/webhook/1", *range(6))
    make_outbox(reached).drain(None)
    for path, shown in (("/a", 2), ("/b", 4)):
        (request,) = posts(hooks, path)
        body = json.loads(request.data)["data"]
        assert (len(body["alerts"]), body["more"], body["total"]) == (shown, 6 - shown, 6)


# --------------------------------------------------------------------------- crashes


def test_what_a_dead_process_held_is_sent_under_the_same_key(store, hooks, enqueue, make_outbox):
    """Another owner's lease runs out; our own of an earlier life is taken back at once."""
    hooks.expect_request("/a").respond_with_data("fine")
    hooks.expect_request("/b").respond_with_data("fine")
    enqueue("desk/webhook/0")
    enqueue("desk/webhook/1")
    now = utcnow()
    for owner, lease, busy in (
        ("elsewhere", timedelta(microseconds=1), ["desk/webhook/1"]),
        ("test", timedelta(hours=1), ["desk/webhook/0"]),
    ):
        (claim,) = store.outbox.exchange(
            now=now, owner=owner, lease=lease, limit=1, busy=busy, max_items=1, base_url=""
        ).claims
        assert claim.attempts == 1
    assert make_outbox(webhooks(hooks, "/a", "/b")).drain(None) == 0
    for path, destination in (("/a", "desk/webhook/0"), ("/b", "desk/webhook/1")):
        delivery = only(store, destination)
        assert (delivery.state, delivery.attempts) == ("sent", 2)
        assert [r.headers["webhook-id"] for r in posts(hooks, path)] == [delivery.id]


def test_a_stop_does_not_wait_for_ever(store, hooks, enqueue, make_outbox):
    """What hangs at a stop keeps its lease, and goes out under the same key at the next start."""
    release, arrived = threading.Event(), threading.Event()

    def hang_once(request: Request) -> Response:
        if not arrived.is_set():
            arrived.set()
            release.wait(20)
        return Response("fine")

    hooks.expect_request("/a").respond_with_handler(hang_once)
    enqueue("desk/webhook/0")
    reached = webhooks(hooks, "/a", timeout="30s")
    first = make_outbox(reached)
    first.start()
    try:
        assert arrived.wait(20)
        first.stop(0.05)
        assert only(store).state == "sending"
        again = make_outbox(webhooks(hooks, "/a", timeout="30s"))
        assert again.drain(None) == 0
        assert (only(store).state, only(store).attempts) == ("sent", 2)
    finally:
        release.set()
    first.stop(20)
    assert {r.headers["webhook-id"] for r in posts(hooks, "/a")} == {only(store).id}


def test_a_stop_lets_what_is_under_way_end(store, hooks, enqueue, make_outbox):
    """With time enough nothing is left half done, and nothing new begins."""
    arrived = threading.Event()

    def slowly(request: Request) -> Response:
        arrived.set()
        time.sleep(0.2)  # the stop begins meanwhile
        return Response("fine")

    hooks.expect_request("/a").respond_with_handler(slowly)
    enqueue("desk/webhook/0", 1)
    outbox = make_outbox(webhooks(hooks, "/a"))
    outbox.start()
    assert arrived.wait(20)
    enqueue("desk/webhook/0", 2)
    outbox.stop(20)
    assert [d.state for d in deliveries(store)["desk/webhook/0"]] == ["sent", "pending"]


class Flaky:
    """A store whose methods fail a given number of times before they work."""

    def __init__(self, store: Any, **failures: int) -> None:
        self._store = store
        self._failures = failures

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            if self._failures.get(name, 0) > 0:
                self._failures[name] -= 1
                raise StoreError("the database is locked")
            return getattr(self._store, name)(*args, **kwargs)

        return call


def test_a_database_that_fails_for_a_while(store, hooks, enqueue, make_outbox):
    """The dispatcher lives on, and a message that was sent is not sent again because its
    outcome could not be written at once."""
    hooks.expect_request("/a").respond_with_data("fine")
    enqueue("desk/webhook/0")
    flaky = Flaky(store.outbox, release=1, exchange=2, readmit=1)
    outbox = make_outbox(webhooks(hooks, "/a"), over=flaky)
    with structlog.testing.capture_logs() as logs:
        outbox.start()
        until(lambda: only(store).state == "sent")
        until(lambda: "outbox.recovered" in [entry["event"] for entry in logs])
    assert len(posts(hooks, "/a")) == 1
    assert only(store).attempts == 1


class Broken(Double):
    """A channel with a mistake in it, which shows once."""

    destination = Destination("desk/webhook/0", "desk", "webhook")
    sends = 0

    def send(self, message: Message, *, key: str) -> Receipt:
        self.sends += 1
        if self.sends == 1:
            raise RuntimeError("https://hooks.example.org/T0PSECRET")
        return Receipt()


def test_a_mistake_in_a_channel_costs_nobody_a_message(store, enqueue, make_outbox):
    """It is logged once, without its text, and the delivery is tried again."""
    enqueue("desk/webhook/0")
    outbox = make_outbox({"desk/webhook/0": Broken()})
    with structlog.testing.capture_logs() as logs:
        outbox.start()
        until(lambda: only(store).state == "sent")
    (failed,) = [entry for entry in logs if entry["event"] == "delivery.failed"]
    assert failed["attempts"] == 1
    assert "RuntimeError at test_outbox_delivery.py" in failed["error"]
    assert "T0PSECRET" not in str(logs)


class Refusing(Broken):
    """A channel that never works."""

    def send(self, message: Message, *, key: str) -> Receipt:
        raise DeliveryError("not today")


def test_a_delivery_is_given_up_in_the_end(store, enqueue, make_outbox):
    """After give_up_after it is dead, with the last reason."""
    enqueue("desk/webhook/0")
    settings = DeliverySettings(
        first_retry=timedelta(milliseconds=5), give_up_after=timedelta(milliseconds=100)
    )
    outbox = make_outbox({"desk/webhook/0": Refusing()}, settings)
    outbox.start()
    until(lambda: only(store).state == "dead")
    assert only(store).attempts > 1
    assert only(store).last_error == "not today"


class Hanging(Refusing):
    """Refuses the first message, then hangs until released."""

    def __init__(self, release: threading.Event) -> None:
        self.calls = 0
        self._release = release

    def send(self, message: Message, *, key: str) -> Receipt:
        self.calls += 1
        if self.calls > 1:
            assert self._release.wait(30)
        return super().send(message, key=key)


def test_destinations_that_fail_leave_workers_to_the_others(store, enqueue, make_outbox):
    """However many hang, half of the workers are for those that work."""
    release = threading.Event()
    dead = {f"desk/webhook/{number}": Hanging(release) for number in range(4)}
    for name in dead:
        enqueue(name)
    settings = DeliverySettings(first_retry=timedelta(milliseconds=5), workers=2)
    outbox = make_outbox(dead | {"desk/slack/0": Recorder("desk/slack/0", [])}, settings)
    outbox.start()
    try:
        until(lambda: all(channel.calls for channel in dead.values()))
        until(lambda: any(channel.calls > 1 for channel in dead.values()))
        for number in range(3):
            enqueue("desk/slack/0", number)
            outbox.wake()
            until(lambda: deliveries(store)["desk/slack/0"][-1].state == "sent")
        assert sum(channel.calls > 1 for channel in dead.values()) == 1
    finally:
        release.set()


def test_the_dispatcher_shows_that_it_lives(store, make_outbox):
    """Its beat moves on whether there is work or not."""
    outbox = make_outbox({})
    first = outbox.beat()
    outbox.start()
    until(lambda: outbox.beat() > first)
    second = outbox.beat()
    outbox.wake()
    until(lambda: outbox.beat() > second)


def test_a_drain_ends_at_its_deadline(store, hooks, enqueue, make_outbox):
    """What is still under way is counted as waiting."""
    release = threading.Event()

    def slow(request: Request) -> Response:
        release.wait(20)
        return Response("at last")

    hooks.expect_request("/a").respond_with_handler(slow)
    enqueue("desk/webhook/0")
    outbox = make_outbox(webhooks(hooks, "/a", timeout="30s"))
    try:
        assert outbox.drain(time.monotonic() + 0.1) == 1
    finally:
        release.set()


# --------------------------------------------------------------------------- destinations


class Judged(Double):
    """A channel whose answers come from a function of what it is sent."""

    destination = Destination("desk/webhook/0", "desk", "webhook")

    def __init__(self, judge: Callable[[Message], Receipt]) -> None:
        self.sends: list[tuple[float, str]] = []
        self._judge = judge

    def send(self, message: Message, *, key: str) -> Receipt:
        self.sends.append((time.monotonic(), key))
        return self._judge(message)


def refuse(message: Message) -> Receipt:
    raise DeliveryError("connection refused")


def the_destination(store: Store) -> DestinationState:
    (found,) = store.pages.destinations()
    return found


def test_of_many_that_wait_one_at_a_time_tries(store, enqueue, make_outbox):
    """After five in a row the destination is held; the others keep their attempts."""
    for number in range(30):
        enqueue("desk/webhook/0", number)
    channel = Judged(refuse)
    outbox = make_outbox({"desk/webhook/0": channel}, DeliverySettings())
    assert outbox.drain(None) == 30
    assert len({key for _, key in channel.sends}) == len(channel.sends) == TRIP
    held = the_destination(store)
    assert (held.waiting, held.failures, held.last_error) == (30, TRIP, "connection refused")
    assert circuit(held, utcnow()) is Circuit.OPEN
    tried = [one.attempts for one in deliveries(store)["desk/webhook/0"]]
    assert (tried.count(1), tried.count(0)) == (TRIP, 25)


def test_a_destination_that_recovers_gets_all_that_waited(store, enqueue, make_outbox):
    """The first trial that arrives opens the way; nothing is left or sent twice."""
    channel = Judged(lambda message: refuse(message) if len(channel.sends) <= 8 else Receipt())
    for number in range(30):
        enqueue("desk/webhook/0", number)
    outbox = make_outbox({"desk/webhook/0": channel})
    outbox.start()
    until(lambda: {one.state for one in deliveries(store)["desk/webhook/0"]} == {"sent"})
    outbox.stop(10)
    arrived = {key for _, key in channel.sends[8:]}
    assert len(arrived) == len(channel.sends[8:]) == 30
    sound = the_destination(store)
    assert (sound.failures, sound.failing_since, sound.last_error) == (0, None, None)
    assert sound.last_sent is not None


def test_what_waited_too_long_is_given_up_together(store, enqueue, make_outbox):
    """Without an attempt for each; a digest that was not due meanwhile is not."""
    for number in range(12):
        enqueue("desk/webhook/0", number)
    settings = DeliverySettings(first_retry=timedelta(milliseconds=5), give_up_after=timedelta(0))
    channel = Judged(refuse)
    outbox = make_outbox({"desk/webhook/0": channel}, settings)
    with structlog.testing.capture_logs() as logs:
        assert outbox.drain(None) == 0
    assert len(channel.sends) == TRIP
    assert {one.state for one in deliveries(store)["desk/webhook/0"]} == {"dead"}
    told = [entry["deliveries"] for entry in logs if entry["event"] == "outbox.given_up"]
    assert told == [12 - TRIP]


def test_a_destination_that_is_gone(store, enqueue, make_outbox):
    """One answer switches it off, over a restart too, until its settings change or somebody
    retries; the messages are as good as before."""

    def gone(message: Message) -> Receipt:
        raise DeliveryError("answered 410 GONE", permanent=True, gone=True)

    for number in range(3):
        enqueue("desk/webhook/0", number)
    channel = Judged(gone)

    def again(mark: str) -> int:
        outbox = make_outbox({"desk/webhook/0": channel})
        outbox.replace_channels({"desk/webhook/0": channel}, marks={"desk/webhook/0": mark})
        outbox.drain(None)
        return len(channel.sends)

    assert [again("old"), again("old"), again("new"), again("new")] == [1, 1, 2, 2]
    assert circuit(the_destination(store), utcnow()) is Circuit.DISABLED
    assert {one.state for one in deliveries(store)["desk/webhook/0"]} == {"pending"}
    store.outbox.retry(None, now=utcnow())
    channel._judge = lambda message: Receipt()
    assert again("new") == 5
    assert {one.state for one in deliveries(store)["desk/webhook/0"]} == {"sent"}


def test_a_destination_that_was_gone_with_settings_of_before(store, enqueue, make_outbox):
    """It is tried with those of now, though they came while the answer was under way."""
    enqueue("desk/webhook/0")

    def moved(message: Message) -> Receipt:
        use(Judged(lambda message: Receipt()), "new")
        raise DeliveryError("HTTP 410", permanent=True, gone=True)

    def use(channel: Judged, mark: str) -> None:
        outbox.replace_channels({"desk/webhook/0": channel}, marks={"desk/webhook/0": mark})

    outbox = make_outbox({})
    use(Judged(moved), "old")
    outbox.start()
    until(lambda: only(store).state == "sent")
    account = store.pages.delivery(only(store).id)
    assert account is not None
    assert [one.outcome for one in account.attempts] == ["retry", "sent"]


def test_channels_are_closed_when_nobody_uses_them(store, enqueue, make_outbox):
    """Those of a reload as well that came and went while an older one was still sending."""
    closed: list[int] = []

    class Closing(Recorder):
        def close(self) -> None:
            closed.append(number[self])

    channels = [Closing("d/webhook/0", []) for _ in range(3)]
    number = {channel: place for place, channel in enumerate(channels)}
    release = threading.Event()
    channels[0].send = lambda message, *, key: release.wait(20) and Receipt()
    enqueue("d/webhook/0")
    outbox = make_outbox({"d/webhook/0": channels[0]})
    outbox.start()
    until(lambda: only(store, "d/webhook/0").state == "sending")
    for channel in channels[1:]:
        outbox.replace_channels({"d/webhook/0": channel})
    assert closed == [1]
    release.set()
    until(lambda: closed == [1, 0])


def test_a_system_without_a_thread_to_spare(store, enqueue, make_outbox, monkeypatch):
    """What would have needed one is sent once there is one again."""
    start, refused = threading.Thread.start, []

    def starting(thread: threading.Thread) -> None:
        if thread.name.startswith("delivery-") and len(refused) < 2:
            refused.append(thread)
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", starting)
    recorders = {name: Recorder(name, []) for name in ("d/webhook/1", "d/webhook/2")}
    for name in recorders:
        enqueue(name)
    make_outbox(recorders).start()
    until(lambda: all(only(store, name).state == "sent" for name in recorders))
    assert len(refused) == 2
    assert {only(store, name).attempts for name in recorders} == {1}


def test_a_drain_tries_each_delivery_once(store, enqueue, make_outbox):
    """What failed is due again before another destination has ended, and is left."""
    failing = Judged(refuse)

    def slow(message: Message) -> Receipt:
        until(lambda: (only(store).next_attempt or utcnow()) < utcnow() and bool(failing.sends))
        return Receipt()

    other = Judged(slow)
    for name in ("desk/webhook/0", "desk/slack/0"):
        enqueue(name, 1)
    enqueue("desk/slack/0", 2)
    channels = {"desk/webhook/0": failing, "desk/slack/0": other}
    assert make_outbox(channels, SOON).drain(None) == 1
    assert (len(failing.sends), len(other.sends)) == (1, 2)


def test_a_drain_ends_whatever_the_pauses(store, enqueue, make_outbox):
    """It waits for those of what is due, not for what is due some time, and for none that is
    longer than a minute."""
    channel = Judged(lambda message: Receipt())
    outbox = make_outbox({"desk/webhook/0": channel})
    end = time.monotonic() + 20
    for number, channel.pause in enumerate((30, 61)):
        enqueue("desk/webhook/0", number)
        assert outbox.drain(end) == number
    assert time.monotonic() < end
    assert len(channel.sends) == 1


def test_a_thread_that_began_in_the_same_batch(store, enqueue, make_outbox):
    """Messages that were taken together know of each other's threads."""
    seen: list[Mapping[str, str]] = []

    def threaded(message: Message) -> Receipt:
        seen.append(dict(message.threads))
        new = [one.article_id for one in message.alerts if one.article_id not in message.threads]
        return Receipt(threads=dict.fromkeys(new, f"17.{len(seen)}"))

    enqueue("desk/webhook/0", 1)
    enqueue("desk/webhook/0", 1, 2, revision=2)
    enqueue("desk/webhook/0", 2, 3, revision=3)
    assert make_outbox({"desk/webhook/0": Judged(threaded)}).drain(None) == 0
    assert seen == [{}, {"article-1": "17.1"}, {"article-2": "17.2"}]


def test_a_destination_is_left_in_peace_between_messages(store, enqueue, make_outbox):
    """For the channel's pause, which others see in the store; others are not slowed down."""
    channel = Judged(lambda message: Receipt())
    channel.pause = 0.1
    quick = Recorder("desk/slack/0", [])
    for number in range(4):
        enqueue("desk/webhook/0", number)
        enqueue("desk/slack/0", number)
    outbox = make_outbox({"desk/webhook/0": channel, "desk/slack/0": quick})
    assert outbox.drain(None) == 0
    times = [at for at, _ in channel.sends]
    assert len(times) == len(quick.keys) == 4
    assert all(later - earlier >= 0.1 for earlier, later in pairwise(times))
    (held,) = (one for one in store.pages.destinations() if one.name == "desk/webhook/0")
    assert held.held_until is not None


def test_what_a_destination_calls_a_message_is_known_later(store, enqueue, make_outbox):
    """Messages about an article come with the thread in which it was told first."""
    seen: list[Mapping[str, str]] = []

    def threaded(message: Message) -> Receipt:
        seen.append(dict(message.threads))
        return Receipt(threads={one.article_id: "17.1" for one in message.alerts})

    outbox = make_outbox({"desk/webhook/0": Judged(threaded)})
    for title in ("Referendum", "Referendum again"):
        enqueue("desk/webhook/0", 1, title=title, revision=len(seen) + 1)
        outbox.drain(None)
    assert seen == [{}, {"article-1": "17.1"}]


def test_attempts_are_kept_and_few_of_many(store, enqueue, make_outbox):
    """The first five and the last fifteen, each with its answer."""
    enqueue("desk/webhook/0")
    channel = Judged(lambda message: refuse(message) if len(channel.sends) <= 24 else Receipt("ok"))
    settings = DeliverySettings(
        first_retry=timedelta(milliseconds=1), max_retry=timedelta(milliseconds=1)
    )
    outbox = make_outbox({"desk/webhook/0": channel}, settings)
    outbox.start()
    until(lambda: only(store).state == "sent")
    account = store.pages.delivery(only(store).id[4:12])
    assert account is not None
    assert [one.number for one in account.attempts] == [*range(1, 6), *range(11, 26)]
    assert {one.outcome for one in account.attempts[:-1]} == {"retry"}
    last = account.attempts[-1]
    assert (last.outcome, last.answer, last.seconds is not None) == ("sent", "ok", True)
