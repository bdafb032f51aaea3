"""What only a webhook or only Slack must do, against real HTTP servers."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest
import standardwebhooks

from monitor import __version__
from monitor.channels import build_channels
from monitor.channels.deadline import Deadline, connect
from monitor.channels.http import post
from monitor.config import ReceiverSettings
from monitor.errors import DeliveryError

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
KEY = "dlv_0123456789abcdef0123456789abcdef"


def build(kind: str, **entry: Any) -> Any:
    receiver = {"name": "desk", f"{kind}_configs": [entry]}
    (channel,) = build_channels([ReceiverSettings.model_validate(receiver)]).values()
    return channel


def test_the_published_library_verifies_the_signature(serve, talk, make_message):
    """Headers and body pass the reference implementation, and fail it when touched."""
    server = serve(talk.http(talk.answer("204 No Content")))
    url = f"http://127.0.0.1:{server.port}/hook"
    build("webhook", url=url, secret=SECRET).send(make_message(), key=KEY)
    ((head, body),) = server.seen
    verified = standardwebhooks.Webhook(SECRET).verify(body, head)
    assert verified["data"]["key"] == KEY == head["webhook-id"]
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(SECRET).verify(body + b" ", head)


def test_without_a_secret_there_is_no_signature(serve, talk, make_message):
    """Id and time stamp are always there."""
    server = serve(talk.http(talk.answer("200 OK")))
    build("webhook", url=f"http://127.0.0.1:{server.port}/").send(make_message(), key=KEY)
    ((head, _),) = server.seen
    assert "webhook-signature" not in head
    assert head["webhook-id"] == KEY
    assert abs(int(head["webhook-timestamp"]) - time.time()) < 300
    assert head["content-type"] == "application/json"
    assert head["user-agent"] == f"press-monitor/{__version__}"


def test_headers_of_our_own(serve, talk, make_message):
    """They are sent, may replace ours but for the three of the standard, and may be UTF-8."""
    server = serve(talk.http(talk.answer("200 OK")))
    headers = {"X-Team": "Су", "user-agent": "mine", "Webhook-Id": "forged"}
    url = f"http://user:pa55@127.0.0.1:{server.port}/"
    build("webhook", url=url, headers=headers).send(make_message(), key=KEY)
    ((head, _),) = server.seen
    assert head["x-team"] == "Су"
    assert head["user-agent"] == "mine"
    assert head["webhook-id"] == KEY
    assert head["authorization"].startswith("Basic ")


def test_a_header_from_an_environment_that_is_not_utf8(serve, talk, make_message):
    """What ${ENV} held goes out byte for byte."""
    server = serve(talk.http(talk.answer("200 OK")))
    url = f"http://127.0.0.1:{server.port}/"
    build("webhook", url=url, headers={"X-Team": "S\udcfc"}).send(make_message(), key=KEY)
    ((head, _),) = server.seen
    assert head["x-team"].encode("utf-8", "surrogateescape") == b"S\xfc"


def test_a_2xx_whose_text_never_ends_is_taken(serve, talk, make_message):
    """The status has come and says that the other side has the message; to send it again
    because of the rest would be a repetition."""

    def drip_body(connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        talk.drip(connection)

    server = serve(talk.http(drip_body))
    channel = build("webhook", url=f"http://127.0.0.1:{server.port}/", timeout="300ms")
    assert channel.send(make_message(), key=KEY).detail == "200"


def test_an_answer_is_never_unpacked(serve, talk):
    """What claims to be gzip is kept as it is and cut at 64 KiB."""
    server = serve(
        talk.http(talk.answer("200 OK", b"\x1f\x8b" + b"\0" * 200_000, Content_Encoding="gzip"))
    )
    taken = post(f"http://127.0.0.1:{server.port}/", b"", {}, timeout=10)
    assert len(taken.body) == 64 * 1024


def test_slack_gets_its_document(serve, talk, make_message):
    """JSON with blocks and a text for notifications."""
    server = serve(talk.http(talk.answer("200 OK", b"ok")))
    url = f"http://127.0.0.1:{server.port}/services/T/B/X"
    assert build("slack", webhook_url=url).send(make_message(3), key=KEY).detail == "ok"
    ((head, body),) = server.seen
    document = json.loads(body)
    assert head["content-type"] == "application/json; charset=utf-8"
    assert document["text"].startswith("3 articles: referendum\n")
    assert len(document["blocks"]) == 5


@pytest.mark.parametrize("said", [b"<html>Please log in</html>", b"", b'{"ok":false}'])
def test_a_page_that_is_not_slack_is_no_success(said, serve, talk, make_message):
    """A captive portal answers 200 to everything."""
    server = serve(talk.http(talk.answer("200 OK", said, Content_Type="text/html")))
    channel = build("slack", webhook_url=f"http://127.0.0.1:{server.port}/services/T/B/X")
    with pytest.raises(DeliveryError, match="not Slack's ok") as caught:
        channel.send(make_message(), key=KEY)
    assert not caught.value.permanent


def test_slack_says_why_it_refuses(serve, talk, make_message):
    """Its short reasons reach the error."""
    refusal = talk.answer("404 Not Found", b"no_service", Content_Type="text/plain; charset=utf-8")
    server = serve(talk.http(refusal))
    channel = build("slack", webhook_url=f"http://127.0.0.1:{server.port}/services/T/B/X")
    with pytest.raises(DeliveryError, match="404 Not Found: no_service") as caught:
        channel.send(make_message(), key=KEY)
    assert caught.value.permanent


def test_a_tls_handshake_that_never_ends_is_given_up(serve, make_message):
    """The deadline covers what comes before the request, too."""
    server = serve(lambda connection, seen: connection.recv(1_000_000) and connection.recv(1))
    channel = build("webhook", url=f"https://127.0.0.1:{server.port}/", timeout="300ms")
    with pytest.raises(DeliveryError, match=r"within 0\.3 s"):
        channel.send(make_message(), key=KEY)


@pytest.mark.parametrize("host", ["a..b", "x" * 70, "no-such-host.invalid"])
def test_a_name_that_leads_nowhere(host, make_message):
    """A delivery error with a reason, whatever the resolver raises."""
    with pytest.raises(DeliveryError, match="not resolved"):
        post(f"http://{host}/", b"", {}, timeout=20)


def test_a_socket_watched_too_late_is_shut_down(serve, talk):
    """A connection that comes about after the deadline is of no use either."""
    server = serve(lambda connection, seen: connection.recv(1))
    with Deadline(0.01) as deadline:
        with socket.create_connection(("127.0.0.1", server.port), 10) as late:
            while not deadline.expired:
                time.sleep(0.001)
            deadline.watch(late)
            assert late.recv(1) == b""
        with pytest.raises(TimeoutError):
            connect("127.0.0.1", server.port, deadline)
