"""What every channel must do, whatever the other side does; ``ways`` is the table of channels."""

from __future__ import annotations

import email.utils
import logging
import time
from typing import Any

import pytest

from monitor.errors import DeliveryError
from monitor.ports import Channel

from .ways import CASES, WAYS, OverHttp, Stage, Way, until_gone

PATIENCE = 0.6  # seconds: the channels' time-out where the other side is to be given up
SECRETS = sorted({"T0PSECRET", *(secret for way in WAYS for secret in way.secrets)})
KEY = "dlv_0123456789abcdef0123456789abcdef"


def over(*cases: str) -> pytest.MarkDecorator:
    """Runs a test with every channel but those whose table entry says why they lack the case."""
    ways = [way for way in WAYS if not any(case in way.lacks for case in cases)]
    return pytest.mark.parametrize("way", ways, ids=[way.name for way in ways])


@pytest.fixture
def stage(talk, serve, closed_port, server_context, tmp_path) -> Stage:
    return Stage(talk, serve, closed_port, server_context, tmp_path)


@pytest.fixture(autouse=True)
def nothing_secret_in_logs(caplog, capfd):
    """No test of this file may leave a secret in the logs or on the terminal."""
    caplog.set_level(logging.INFO)
    yield
    written = caplog.text + "".join(capfd.readouterr())
    assert not [secret for secret in SECRETS if secret in written]


def failure(way: Way, channel: Channel, message: Any) -> DeliveryError:
    """Sends; returns the error, which is short, on one line, names the other side and no secret."""
    with pytest.raises(DeliveryError) as caught:
        channel.send(message, key=KEY)
    text = str(caught.value)
    assert not [secret for secret in SECRETS if secret in text]
    assert 0 < len(text) < 400
    assert len(text.splitlines()) == 1
    assert way.where in text
    return caught.value


def test_the_table_gives_a_reason_for_what_is_missing():
    """Every case that a channel lacks is one of the suite's, with a reason; no name is taken
    twice."""
    assert len({way.name for way in WAYS}) == len(WAYS)
    for way in WAYS:
        assert set(way.lacks) <= set(CASES)
        assert all(len(reason) > 10 for reason in way.lacks.values())


@over()
def test_success(way, stage, make_message):
    """A message that was taken gives a receipt, and was sent once."""
    peer = way.peer(stage, "accepts")
    receipt = way.channel(peer.port).send(make_message(), key=KEY)
    assert not [secret for secret in SECRETS if secret in repr(receipt)]
    assert len(peer.seen) == 1


@over("drip")
@pytest.mark.parametrize("behaviour", ["drips", "is silent"])
def test_the_time_out_bounds_the_whole_exchange(way, behaviour, stage, make_message):
    """A server that sends a byte now and then is given up like a silent one."""
    peer = way.peer(stage, behaviour)
    error = failure(way, way.channel(peer.port, timeout=PATIENCE), make_message())
    assert not error.permanent
    assert f"within {PATIENCE} s" in str(error)


@over("network")
def test_connection_refused(way, stage, make_message):
    """Nobody listens: said plainly, and tried again."""
    error = failure(way, way.channel(stage.closed_port), make_message())
    assert not error.permanent
    assert "connection refused" in str(error)


@over("tls")
def test_a_certificate_that_nobody_knows(way, stage, make_message):
    """A server that cannot prove its name gets nothing; a new certificate may mend it."""
    peer = way.peer(stage, "accepts", tls=True)
    error = failure(way, way.channel(peer.port, tls=True), make_message())
    assert not error.permanent
    assert "its certificate was refused" in str(error)
    assert peer.seen == []


@over("tls")
def test_tls_with_a_server_that_has_none(way, stage, make_message):
    """Plain text where TLS was expected is an error like others."""
    peer = stage.serve(lambda connection, seen: _greet(connection))
    error = failure(way, way.channel(peer.port, tls=True), make_message())
    assert not error.permanent
    assert "TLS failed" in str(error)


def _greet(connection: Any) -> None:
    connection.sendall(b"220 hello, no TLS here\r\n")
    until_gone(connection)


@over("network")
def test_a_connection_that_breaks_off(way, stage, make_message):
    """The fate of the message is unknown: sent again under the same key."""
    error = failure(way, way.channel(way.peer(stage, "hangs up").port), make_message())
    assert not error.permanent
    assert "broke off" in str(error)


@over()
def test_a_busy_server(way, stage, make_message):
    """A temporary refusal is retried; what the server said is told."""
    error = failure(way, way.channel(way.peer(stage, "is busy").port), make_message())
    assert not error.permanent
    assert error.retry_after is None


@over()
def test_a_refusal(way, stage, make_message):
    """A permanent refusal is final; what the server said is told."""
    error = failure(way, way.channel(way.peer(stage, "refuses").port), make_message())
    assert error.permanent
    assert way.refusal in str(error)


@over("flood")
def test_an_answer_without_end(way, stage, make_message):
    """A server that does not stop talking is cut short, long before the time-out."""
    peer = way.peer(stage, "floods")
    error = failure(way, way.channel(peer.port, timeout=60), make_message())
    assert not error.permanent


@over("network")
def test_an_answer_in_no_known_protocol(way, stage, make_message):
    """Nonsense is a failure that may pass."""
    error = failure(way, way.channel(way.peer(stage, "talks nonsense").port), make_message())
    assert not error.permanent


@over()
def test_every_attempt_is_the_same_message(way, stage, make_message):
    """The other side can tell a repetition: by the key where it is told one."""
    peer = way.peer(stage, "is busy, then accepts")
    channel = way.channel(peer.port)
    failure(way, channel, make_message(3))
    channel.send(make_message(3), key=KEY)
    first, second = map(way.identity, peer.seen)
    assert first == second
    assert "key" in way.lacks or KEY in str(first)


@over()
def test_a_channel_outlives_every_failure(way, stage, make_message):
    """What went wrong once leaves nothing behind: the same channel sends when the cause is gone."""
    peer = way.peer(stage, "is busy, then accepts")
    channel = way.channel(peer.port)
    failure(way, channel, make_message())
    channel.send(make_message(2), key=KEY)
    channel.send(make_message(3), key=KEY)
    assert len(peer.seen) == 3


# --------------------------------------------------------------------------- HTTP


def answering(stage: Stage, status: str, body: bytes = b"", **headers: str) -> Any:
    return stage.serve(stage.talk.http(stage.talk.answer(status, body, **headers)))


@over("status")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(way, status, stage, make_message):
    """Neither to where it points nor reported as sent."""
    elsewhere = answering(stage, "200 OK", way.ok)
    location = f"http://127.0.0.1:{elsewhere.port}/T0PSECRET"
    peer = answering(stage, f"{status} Elsewhere", Location=location)
    error = failure(way, way.channel(peer.port), make_message())
    assert error.permanent
    assert f"a redirect to http://127.0.0.1:{elsewhere.port}," in str(error)
    assert elsewhere.seen == []


@over("status")
@pytest.mark.parametrize("status", [401, 403, 404, 405, 413, 422])
def test_client_errors_are_permanent(way, status, stage, make_message):
    """The same request will never be accepted."""
    peer = answering(stage, f"{status} No", Retry_After="5")
    error = failure(way, way.channel(peer.port), make_message())
    assert (error.permanent, error.retry_after) == (True, None)


@over("status")
def test_a_destination_that_is_gone(way, stage, make_message):
    """410 is about the destination and not the message, which keeps: whoever runs the monitor has
    to look (Standard Webhooks: the sender should disable the endpoint)."""
    peer = answering(stage, "410 Gone", Retry_After="5")
    error = failure(way, way.channel(peer.port), make_message())
    assert (error.gone, error.permanent, error.retry_after) == (True, False, None)


@over("status")
@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_what_may_pass_is_retried(way, status, stage, make_message):
    """The same request may be accepted later."""
    peer = answering(stage, f"{status} Later")
    assert not failure(way, way.channel(peer.port), make_message()).permanent


@over("retry-after")
@pytest.mark.parametrize("status", ["408 Slow", "425 Early", "429 Many", "503 Busy"])
def test_retry_after_in_seconds(way, status, stage, make_message):
    """As long as the server asks for."""
    peer = answering(stage, status, Retry_After="30")
    error = failure(way, way.channel(peer.port), make_message())
    assert (error.permanent, error.retry_after) == (False, 30.0)


@over("retry-after")
def test_retry_after_as_a_date(way, stage, make_message):
    """A moment becomes the seconds until then."""
    moment = email.utils.formatdate(time.time() + 3600, usegmt=True)
    peer = answering(stage, "429 Too Many Requests", Retry_After=moment)
    error = failure(way, way.channel(peer.port), make_message())
    assert error.retry_after is not None
    assert 3000 < error.retry_after <= 3600


@over("proxy")
def test_proxies_of_the_environment_are_not_used(way, stage, make_message, monkeypatch):
    """The message goes where the configuration says."""
    assert isinstance(way, OverHttp)
    proxy = answering(stage, "200 OK", way.ok)
    peer = way.peer(stage, "accepts")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.delenv("no_proxy", raising=False)
    way.channel(peer.port).send(make_message(), key=KEY)
    assert (len(peer.seen), len(proxy.seen)) == (1, 0)
