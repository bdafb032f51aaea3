"""Apprise: what becomes of a message, and what an error says, against real servers."""

from __future__ import annotations

import json
import ssl
import sys
from pathlib import Path
from typing import Any

import pytest

from monitor.channels import build_channels
from monitor.channels.apprise import final, texts
from monitor.channels.apprise_run import NO_ADDRESS, NOT_SENT, SENT, Heard, deliver, fitting
from monitor.config import ReceiverSettings
from monitor.errors import ConfigError, DeliveryError

# what some of Apprise's services import
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
KEY = "dlv_0123456789abcdef0123456789abcdef"


def build(**entry: Any) -> Any:
    receiver = {"name": "desk", "apprise_configs": [entry]}
    (channel,) = build_channels([ReceiverSettings.model_validate(receiver)]).values()
    return channel


def order(url: str, **fields: Any) -> dict[str, Any]:
    usual = {"check": False, "title": "Title", "items": ["one", "two"], "more": 0, "timeout": 5}
    return usual | {"url": url} | fields


def test_json(serve, talk, make_message):
    """Title and text arrive; what would call everybody calls nobody."""
    server = serve(talk.http(talk.answer("200 OK")))
    message = make_message(2, total=9)
    assert build(url=f"json://127.0.0.1:{server.port}/a").send(message, key=KEY).detail == "sent"
    ((_, body),) = server.seen
    document = json.loads(body)
    assert document["title"] == "9 articles: referendum"
    first, second, rest = document["message"].split("\n\n")
    assert first.splitlines() == [
        "Referendum on water 1",
        "New: referendum · daily",
        "The referendum will be held in June.",
        "http://monitor.test/articles/1",
    ]
    assert second.startswith("Referendum on water 2\n")
    assert rest == "and 7 more"


@pytest.mark.parametrize("scheme", ["form", "ntfy"])
def test_other_services(scheme, serve, talk):
    """An address in the style of each service."""
    server = serve(talk.http(talk.answer("200 OK", b"{}")))
    assert deliver(order(f"{scheme}://127.0.0.1:{server.port}/topic"), Heard()) == SENT
    ((_, body),) = server.seen
    assert b"Title" in body
    assert b"two" in body


@pytest.mark.parametrize(
    ("status", "permanent"),
    [("302 Elsewhere", True), ("401 No", True), ("404 No", True), ("429 Many", False)],
)
def test_a_status_is_judged(status, permanent, serve, talk):
    """As that of a webhook; a redirect, to a metadata service say, is not followed."""
    elsewhere = serve(talk.http(talk.answer("200 OK")))
    location = f"http://127.0.0.1:{elsewhere.port}/latest/meta-data"
    server = serve(talk.http(talk.answer(status, Location=location)))
    heard = Heard()
    assert deliver(order(f"json://127.0.0.1:{server.port}/"), heard) == NOT_SENT
    assert f"error={status[:3]}" in heard.warning
    assert final(heard.warning) is permanent
    assert elsewhere.seen == []


def test_causes_are_told(serve, talk, closed_port, server_context):
    """Apprise's log has them; our words are those of the other channels."""
    secure: ssl.SSLContext = server_context
    servers = {
        "connection refused": ("json", closed_port),
        "TLS failed": ("jsons", serve(lambda connection, _: connection.sendall(b"no\r\n")).port),
        "its certificate was refused": ("jsons", serve(lambda c, _: c.recv(1), secure).port),
        "the connection broke off before a whole answer came": (
            "json",
            serve(lambda connection, _: connection.recv(9)).port,
        ),
    }
    for cause, (scheme, port) in servers.items():
        heard = Heard()
        assert deliver(order(f"{scheme}://127.0.0.1:{port}/"), heard) == NOT_SENT
        assert heard.cause == cause
        assert not final(heard.warning)


def test_an_address_that_nobody_knows_is_found_out_early():
    """When the configuration is read; nothing of it is in the message but the kind."""
    with pytest.raises(ConfigError, match="apprise desk/apprise/0: ") as caught:
        build(url="telegraf://T0PSECRET/channel")
    assert "T0PSECRET" not in str(caught.value)
    assert deliver(order("tgram://short", check=True), Heard()) == NO_ADDRESS


def test_a_check_sends_nothing(serve, talk):
    """It only looks at the address."""
    server = serve(talk.http(talk.answer("200 OK")))
    url = f"json://127.0.0.1:{server.port}/"
    assert deliver(order(url, check=True), Heard()) == SENT
    assert server.seen == []


def test_without_apprise_the_configuration_says_what_to_do(monkeypatch):
    """It is an extra."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigError, match=r"pip install 'press-monitor\[apprise\]'"):
        build(url="json://127.0.0.1/")


def test_a_program_that_cannot_start_is_an_error(monkeypatch, serve, talk, make_message):
    """Not one that stops the outbox."""
    server = serve(talk.http(talk.answer("200 OK")))
    channel = build(url=f"json://127.0.0.1:{server.port}/")
    monkeypatch.setattr(sys, "executable", str(Path("/nowhere/python")))
    with pytest.raises(DeliveryError, match="apprise json: cannot be run: No such file") as caught:
        channel.send(make_message(), key=KEY)
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("items", "more", "limit", "text"),
    [
        (["aaaa", "bbbb"], 0, 100, "aaaa\n\nbbbb"),
        (["aaaa", "bbbb"], 3, 100, "aaaa\n\nbbbb\n\nand 3 more"),
        (["aaaa", "bbbbbbbbb"], 3, 16, "aaaa\n\nand 4 more"),
        (["aaaa" * 9], 0, 9, "aaaaaaaa…"),
        ([], 1200, 100, "1,200 alerts"),
    ],
)
def test_no_text_is_longer_than_the_service_takes(items, more, limit, text):
    """What does not fit is counted; of one that alone is too long the beginning is told."""
    assert fitting(items, more, limit) == text
    assert len(text) <= limit


def test_nobody_is_called(make_message):
    """Some services take these words for everybody who is there."""
    message = make_message()
    (alert,) = message.alerts
    hostile = type(alert)(
        **{name: getattr(alert, name) for name in alert.__slots__}
        | {"title": "@everyone\r\n@HERE", "excerpt": "\u202e@channel", "url": "http://x/"}
    )
    title, items = texts(make_message(alerts=(hostile,), total=1))
    text = title + "\n".join(items)
    assert not any(call in text for call in ("@everyone", "@HERE", "@channel", "\u202e"))
    assert items[0].splitlines()[0] == "@\u2060everyone @\u2060HERE"
