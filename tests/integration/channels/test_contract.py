"""What every channel over a network must do, whatever the other side does."""

from __future__ import annotations

import email.utils
import logging
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from monitor.channels import build_channels
from monitor.config import ReceiverSettings
from monitor.errors import DeliveryError
from monitor.ports import Channel

PATIENCE = 0.6  # seconds: the channels' time-out where the other side is to be given up
SECRETS = ("T0PSECRET", "t0ken-in-query", "h3ader-secret", "pa55word", "c2VjcmV0LXNlY3JldA==")
WEBHOOK_ECHO = b"no /hook/T0PSECRET?key=t0ken-in-query by h3ader-secret"
SLACK_ECHO = b"no /services/T1/B1/T0PSECRET"
KEY = "dlv_0123456789abcdef0123456789abcdef"


def webhook_config(port: int, timeout: float, tls: bool) -> dict[str, Any]:
    return {
        "url": f"http{'s' * tls}://127.0.0.1:{port}/hook/T0PSECRET?key=t0ken-in-query",
        "secret": "whsec_c2VjcmV0LXNlY3JldA==",
        "headers": {"Authorization": "Bearer h3ader-secret"},
        "timeout": f"{timeout}s",
    }


def slack_config(port: int, timeout: float, tls: bool) -> dict[str, Any]:
    return {
        "webhook_url": f"http{'s' * tls}://127.0.0.1:{port}/services/T1/B1/T0PSECRET",
        "timeout": f"{timeout}s",
    }


def email_config(port: int, timeout: float, tls: bool) -> dict[str, Any]:
    return {
        "to": "ann@example.org",
        "from": "monitor@example.org",
        "host": "127.0.0.1",
        "port": port,
        "security": "tls" if tls else "none",
        "username": "monitor",
        "password": "pa55word",
        "timeout": f"{timeout}s",
    }


def until_gone(connection: Any) -> None:
    connection.recv(1)


def hang_up(connection: Any) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def http_server(talk: Any, behaviour: str, ok: bytes, said: bytes) -> Any:
    """The handler of an HTTP server that behaves so; what it says holds our secrets."""

    def drip_head(connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        talk.drip(connection)

    def flood_body(connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 503 Busy\r\nContent-Type: text/plain\r\n\r\n")
        talk.flood(connection, b"T0PSECRET " * 6_000)

    replies: dict[str, tuple[Any, ...]] = {
        "accepts": (talk.answer("200 OK", ok),),
        "drips": (drip_head,),
        "is silent": (until_gone,),
        "hangs up": (hang_up,),
        "is busy": (talk.answer("503 Busy", said, Content_Type="text/plain"),),
        "refuses": (talk.answer("400 Bad Request", said, Content_Type="text/plain"),),
        "floods": (flood_body,),
        "is busy, then accepts": (talk.answer("503 Busy"), talk.answer("200 OK", ok)),
        "talks nonsense": (b"\x00\xff nonsense\r\n\r\n",),
    }
    return talk.http(*replies[behaviour])


def smtp_server(talk: Any, behaviour: str) -> Any:
    """The handler of a mail server that behaves so."""

    def flood(connection: Any) -> None:
        talk.flood(connection, b"220-T0PSECRET pa55word\r\n" * 3_000)

    steps: dict[str, dict[str, Any]] = {
        "accepts": {},
        "drips": {"GREET": talk.drip},
        "is silent": {"END": until_gone},
        "hangs up": {"END": hang_up},
        "is busy": {"RCPT": b"451 try later pa55word\r\n"},
        "refuses": {"RCPT": b"550 no such mailbox pa55word\r\n"},
        "floods": {"GREET": flood},
        "is busy, then accepts": {"END": [b"451 later\r\n", b"250 taken\r\n"]},
        "talks nonsense": {"GREET": b"\x00\xff nonsense\r\n"},
    }
    return talk.smtp(**steps[behaviour])


@dataclass(frozen=True)
class Way:
    """A channel kind with its settings, its servers, and what carries the key."""

    kind: str
    config: Callable[[int, float, bool], dict[str, Any]]
    server: Callable[[Any, str], Any]
    identity: Callable[[Any], Any]

    def channel(self, port: int, timeout: float = 10, tls: bool = False) -> Channel:
        entry = self.config(port, timeout, tls)
        receiver = ReceiverSettings.model_validate(
            {"name": "desk", f"{self.kind}_configs": [entry]}
        )
        (channel,) = build_channels([receiver]).values()
        return channel


WAYS = {
    "webhook": Way(
        "webhook",
        webhook_config,
        lambda talk, behaviour: http_server(talk, behaviour, b"fine", WEBHOOK_ECHO),
        lambda seen: (seen[0]["webhook-id"], seen[1]),
    ),
    # Slack has no field for a key: its document is the same
    "slack": Way(
        "slack",
        slack_config,
        lambda talk, behaviour: http_server(talk, behaviour, b"ok", SLACK_ECHO),
        lambda seen: seen[1],
    ),
    "email": Way("email", email_config, smtp_server, lambda seen: seen),
}
HTTP_WAYS = {name: way for name, way in WAYS.items() if name != "email"}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def way(request):
    return request.param


@pytest.fixture(params=HTTP_WAYS.values(), ids=HTTP_WAYS)
def http_way(request):
    return request.param


@pytest.fixture(autouse=True)
def nothing_secret_in_logs(caplog):
    """No test of this file may leave a secret in the logs."""
    caplog.set_level(logging.INFO)
    yield
    assert not [secret for secret in SECRETS if secret in caplog.text]


def failure(channel: Channel, message: Any) -> DeliveryError:
    """Sends; returns the error, which is short, on one line and without secrets."""
    with pytest.raises(DeliveryError) as caught:
        channel.send(message, key=KEY)
    text = str(caught.value)
    assert not [secret for secret in SECRETS if secret in text]
    assert 0 < len(text) < 400
    assert len(text.splitlines()) == 1
    assert "127.0.0.1" in text
    return caught.value


def test_success(way, serve, talk, make_message):
    """A message that was taken gives a receipt, and was sent once."""
    server = serve(way.server(talk, "accepts"))
    receipt = way.channel(server.port).send(make_message(), key=KEY)
    assert not [secret for secret in SECRETS if secret in receipt.detail]
    assert len(server.seen) == 1


@pytest.mark.parametrize("behaviour", ["drips", "is silent"])
def test_the_time_out_bounds_the_whole_exchange(way, behaviour, serve, talk, make_message):
    """A server that sends a byte now and then is given up like a silent one."""
    server = serve(way.server(talk, behaviour))
    error = failure(way.channel(server.port, timeout=PATIENCE), make_message())
    assert not error.permanent
    assert f"within {PATIENCE} s" in str(error)


def test_connection_refused(way, closed_port, make_message):
    """Nobody listens: said plainly, and tried again."""
    error = failure(way.channel(closed_port), make_message())
    assert not error.permanent
    assert "connection refused" in str(error)


def test_a_certificate_that_nobody_knows(way, serve, talk, server_context, make_message):
    """A server that cannot prove its name gets nothing; a new certificate may mend it."""
    server = serve(way.server(talk, "accepts"), server_context)
    error = failure(way.channel(server.port, tls=True), make_message())
    assert not error.permanent
    assert "its certificate was refused" in str(error)
    assert server.seen == []


def test_tls_with_a_server_that_has_none(way, serve, talk, make_message):
    """Plain text where TLS was expected is an error like others."""
    server = serve(lambda connection, seen: _greet(connection))
    error = failure(way.channel(server.port, tls=True), make_message())
    assert not error.permanent
    assert "TLS failed" in str(error)


def _greet(connection: Any) -> None:
    connection.sendall(b"220 hello, no TLS here\r\n")
    until_gone(connection)


def test_a_connection_that_breaks_off(way, serve, talk, make_message):
    """The fate of the message is unknown: sent again under the same key."""
    error = failure(way.channel(serve(way.server(talk, "hangs up")).port), make_message())
    assert not error.permanent
    assert "broke off" in str(error)


def test_a_busy_server(way, serve, talk, make_message):
    """A temporary refusal is retried; what the server said is told."""
    error = failure(way.channel(serve(way.server(talk, "is busy")).port), make_message())
    assert not error.permanent
    assert error.retry_after is None


def test_a_refusal(way, serve, talk, make_message):
    """A permanent refusal is final; what the server said is told."""
    error = failure(way.channel(serve(way.server(talk, "refuses")).port), make_message())
    assert error.permanent
    assert "400 Bad Request: no" in str(error) or "550 no such mailbox" in str(error)


def test_an_answer_without_end(way, serve, talk, make_message):
    """A server that does not stop talking is cut short, long before the time-out."""
    error = failure(way.channel(serve(way.server(talk, "floods")).port, timeout=60), make_message())
    assert not error.permanent


def test_an_answer_in_no_known_protocol(way, serve, talk, make_message):
    """Nonsense is a failure that may pass."""
    error = failure(way.channel(serve(way.server(talk, "talks nonsense")).port), make_message())
    assert not error.permanent


def test_every_attempt_carries_the_same_key(way, serve, talk, make_message):
    """The other side can tell a repetition."""
    server = serve(way.server(talk, "is busy, then accepts"))
    channel = way.channel(server.port)
    failure(channel, make_message(3))
    channel.send(make_message(3), key=KEY)
    first, second = map(way.identity, server.seen)
    assert first == second
    if way.kind != "slack":
        assert KEY in str(first)


# --------------------------------------------------------------------------- HTTP only


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(http_way, status, serve, talk, make_message):
    """Neither to where it points nor reported as sent."""
    elsewhere = serve(talk.http(talk.answer("200 OK", b"ok")))
    location = f"http://127.0.0.1:{elsewhere.port}/T0PSECRET"
    server = serve(talk.http(talk.answer(f"{status} Elsewhere", Location=location)))
    error = failure(http_way.channel(server.port), make_message())
    assert error.permanent
    assert f"a redirect to http://127.0.0.1:{elsewhere.port}," in str(error)
    assert elsewhere.seen == []


@pytest.mark.parametrize("status", [401, 403, 404, 405, 410, 413, 422])
def test_client_errors_are_permanent(http_way, status, serve, talk, make_message):
    """The same request will never be accepted."""
    server = serve(talk.http(talk.answer(f"{status} No", Retry_After="5")))
    error = failure(http_way.channel(server.port), make_message())
    assert (error.permanent, error.retry_after) == (True, None)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_what_may_pass_is_retried(http_way, status, serve, talk, make_message):
    """The same request may be accepted later."""
    server = serve(talk.http(talk.answer(f"{status} Later")))
    assert not failure(http_way.channel(server.port), make_message()).permanent


def test_retry_after_in_seconds(http_way, serve, talk, make_message):
    """As long as the server asks for."""
    server = serve(talk.http(talk.answer("429 Too Many Requests", Retry_After="30")))
    error = failure(http_way.channel(server.port), make_message())
    assert (error.permanent, error.retry_after) == (False, 30.0)


def test_retry_after_as_a_date(http_way, serve, talk, make_message):
    """A moment becomes the seconds until then."""
    moment = email.utils.formatdate(time.time() + 3600, usegmt=True)
    server = serve(talk.http(talk.answer("429 Too Many Requests", Retry_After=moment)))
    error = failure(http_way.channel(server.port), make_message())
    assert error.retry_after is not None
    assert 3000 < error.retry_after <= 3600


def test_proxies_of_the_environment_are_not_used(http_way, serve, talk, make_message, monkeypatch):
    """The message goes where the configuration says."""
    proxy = serve(talk.http(talk.answer("200 OK", b"ok")))
    server = serve(talk.http(talk.answer("200 OK", b"ok")))
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.delenv("no_proxy", raising=False)
    http_way.channel(server.port).send(make_message(), key=KEY)
    assert (len(server.seen), len(proxy.seen)) == (1, 0)
