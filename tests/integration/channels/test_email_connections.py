"""The connections to a mail server: kept, replaced, given up; and logins by XOAUTH2."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from monitor.channels import build_channels, smtp
from monitor.config import ReceiverSettings
from monitor.errors import DeliveryError

KEY = "dlv_0123456789abcdef0123456789abcdef"
WAIT = 10  # seconds


def hang_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def channels() -> Iterator[Callable[..., list[Any]]]:
    """The channels of one entry, closed at the end."""
    made: list[Any] = []

    def make(port: int, **fields: Any) -> list[Any]:
        entry = {
            "to": "ann@example.org",
            "from": "Press Monitor <monitor@example.org>",
            "host": "127.0.0.1",
            "port": port,
            "security": "none",
            "timeout": "10s",
        }
        receiver = {"name": "desk", "email_configs": [entry | fields]}
        found = list(build_channels([ReceiverSettings.model_validate(receiver)]).values())
        made.extend(found)
        return found

    yield make
    for channel in made:
        channel.close()


class Counted:
    """A mail server's handler that counts its connections."""

    def __init__(self, handler: Callable[[socket.socket, list[Any]], None]) -> None:
        self.handler = handler
        self.connections = 0

    def __call__(self, connection: socket.socket, seen: list[Any]) -> None:
        self.connections += 1
        self.handler(connection, seen)


def test_mails_go_over_one_connection(serve, talk, channels, make_message):
    """One after the other, also those to other recipients of the same entry."""
    counted = Counted(talk.smtp())
    server = serve(counted)
    both = channels(server.port, to=["ann@example.org", "bob@example.org"])
    for channel in [*both, *both]:
        channel.send(make_message(), key=KEY)
    assert len(server.seen) == 4
    assert counted.connections == 1


def test_a_connection_that_the_server_closed_is_replaced(serve, talk, channels, make_message):
    """A mail that comes after a while goes through at once."""

    def once(connection: socket.socket, seen: list[Any]) -> None:
        talk.smtp(RSET=hang_up)(connection, seen)

    counted = Counted(once)
    server = serve(counted)
    (channel,) = channels(server.port)
    for _ in range(3):
        channel.send(make_message(), key=KEY)
    assert (len(server.seen), counted.connections) == (3, 3)


@pytest.mark.parametrize("parting", [b"421 too many messages\r\n", hang_up])
@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_a_server_that_wants_a_new_connection_gets_one(
    step, parting, serve, talk, channels, make_message
):
    """Before the text was sent nothing can have been taken: the mail goes once, at once."""
    good = b"250 ok\r\n"
    server = serve(Counted(talk.smtp(**{step: [good, parting, good]})))
    (channel,) = channels(server.port)
    for _ in range(2):
        channel.send(make_message(), key=KEY)
    assert len(server.seen) == 2


def test_a_connection_lost_after_the_text_is_not_hidden(serve, talk, channels, make_message):
    """The server may have taken the mail: it is the outbox that sends it again, later."""
    server = serve(talk.smtp(END=[b"250 taken\r\n", hang_up, b"250 taken\r\n"]))
    (channel,) = channels(server.port)
    channel.send(make_message(), key=KEY)
    with pytest.raises(DeliveryError, match="the connection broke off") as caught:
        channel.send(make_message(), key=KEY)
    assert not caught.value.permanent
    assert len(server.seen) == 2
    channel.send(make_message(), key=KEY)
    assert len(server.seen) == 3


def test_a_refused_mail_leaves_the_connection_good(serve, talk, channels, make_message):
    """What one recipient is refused does not cost the next a connection."""
    counted = Counted(talk.smtp(RCPT=[b"550 no such mailbox\r\n", b"250 ok\r\n"]))
    server = serve(counted)
    one, other = channels(server.port, to=["gone@example.org", "ann@example.org"])
    with pytest.raises(DeliveryError, match="550 no such mailbox") as caught:
        one.send(make_message(), key=KEY)
    assert caught.value.permanent
    other.send(make_message(), key=KEY)
    assert (len(server.seen), counted.connections) == (1, 1)


def test_a_kept_connection_has_its_deadline_too(serve, talk, channels, make_message):
    """A server that falls silent in the second mail holds it up no longer than the first."""
    silent = threading.Event()
    server = serve(talk.smtp(END=[b"250 taken\r\n", lambda connection: silent.wait(WAIT)]))
    (channel,) = channels(server.port, timeout="300ms")
    channel.send(make_message(), key=KEY)
    with pytest.raises(DeliveryError, match=r"not done within 0\.3 s"):
        channel.send(make_message(), key=KEY)
    silent.set()


def test_a_server_may_say_as_much_for_each_mail(serve, talk, channels, make_message):
    """The bound on its words is one for each mail, not for the life of a connection."""
    long = b"250-" + b"x" * 500 + b"\r\n"
    server = serve(talk.smtp(MAIL=long * 60 + b"250 ok\r\n"))
    (channel,) = channels(server.port)
    for _ in range(4):
        channel.send(make_message(), key=KEY)
    assert len(server.seen) == 4


def test_a_connection_is_not_kept_for_long(serve, talk, channels, make_message, monkeypatch):
    """The server is told good-bye, not left to find out."""
    monkeypatch.setattr(smtp, "IDLE", 0.05)
    gone = threading.Event()

    def bye(connection: socket.socket) -> None:
        connection.sendall(b"221 bye\r\n")
        gone.set()

    server = serve(talk.smtp(QUIT=bye))
    (channel,) = channels(server.port)
    channel.send(make_message(), key=KEY)
    assert gone.wait(WAIT)
    channel.send(make_message(), key=KEY)
    assert len(server.seen) == 2


def test_closing_says_good_bye(serve, talk, channels, make_message):
    """At the end of the program, and where a reload has no use for the channel."""
    gone = threading.Event()

    def bye(connection: socket.socket) -> None:
        connection.sendall(b"221 bye\r\n")
        gone.set()

    (channel,) = channels(serve(talk.smtp(QUIT=bye)).port)
    channel.send(make_message(), key=KEY)
    channel.close()
    assert gone.wait(WAIT)
    channel.close()


# --------------------------------------------------------------------------- XOAUTH2


class Desk:
    """A mail server's handler that lets in who has one of the ``good`` tokens."""

    def __init__(self) -> None:
        self.good: set[str] = set()
        self.asked: list[str] = []
        self.taken: list[Any] = []

    async def auth_XOAUTH2(self, server, args):  # noqa: N802
        import base64

        told = base64.b64decode(args[1]).decode()
        user, bearer, *rest = told.split("\x01")
        self.asked.append(bearer)
        assert (user, rest) == ("user=monitor@example.org", ["", ""])
        token = bearer.removeprefix("auth=Bearer ")
        if token in self.good:
            return AuthResult(success=True, auth_data=user)
        # as Google does: the reason as a challenge, the refusal after an empty line
        reason = base64.b64encode(json.dumps({"status": "400"}).encode()).decode()
        await server.push(f"334 {reason}")
        assert await server._reader.readline() == b"\r\n"
        await server.push(f"535 5.7.8 not accepted: {token}")
        return AuthResult(success=False, handled=True)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.taken.append(envelope)
        return "250 OK"


class FreePort(Controller):
    """A mail server on a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def desk() -> Iterator[FreePort]:
    server = FreePort(Desk(), hostname="127.0.0.1", port=0, auth_require_tls=False)
    server.start()
    yield server
    server.stop()


class Provider:
    """A token endpoint: each request gets the next token."""

    def __init__(self, server: HTTPServer) -> None:
        self.forms: list[dict[str, str]] = []
        self.url = server.url_for("/token")
        self.answer: Callable[[int], Response] = self.token
        server.expect_request("/token", method="POST").respond_with_handler(self.take)

    def take(self, request: Request) -> Response:
        text = request.get_data(as_text=True)
        self.forms.append({name: one for name, (one,) in parse_qs(text).items()})
        return self.answer(len(self.forms))

    def token(self, number: int) -> Response:
        told = {"access_token": f"t0ken-{number}", "token_type": "Bearer", "expires_in": 3600}
        return Response(json.dumps(told), content_type="application/json")


@pytest.fixture
def provider(httpserver: HTTPServer) -> Provider:
    return Provider(httpserver)


def login(provider: Provider, **fields: Any) -> dict[str, Any]:
    oauth2 = {"token_url": provider.url, "client_id": "press-monitor", "client_secret": "cl1ent"}
    return {"username": "monitor@example.org", "oauth2": oauth2 | fields}


def test_a_login_by_xoauth2(desk, provider, channels, make_message):
    """With a token that a refresh token buys, once for many mails."""
    desk.handler.good = {"t0ken-1"}
    fields = login(provider, refresh_token="r3fresh")
    one, other = channels(desk.port, to=["ann@example.org", "bob@example.org"], **fields)
    one.send(make_message(), key=KEY)
    one.close()  # the next one logs in anew
    other.send(make_message(), key=KEY)
    assert len(desk.handler.taken) == 2
    assert desk.handler.asked == ["auth=Bearer t0ken-1"] * 2
    assert provider.forms == [
        {
            "grant_type": "refresh_token",
            "client_id": "press-monitor",
            "client_secret": "cl1ent",
            "refresh_token": "r3fresh",
        }
    ]


def test_a_login_in_the_programs_own_name(desk, provider, channels, make_message):
    """Without a refresh token: client credentials, as Microsoft has them for services."""
    desk.handler.good = {"t0ken-1"}
    fields = login(provider, scope="https://outlook.office365.com/.default")
    (channel,) = channels(desk.port, **fields)
    channel.send(make_message(), key=KEY)
    (form,) = provider.forms
    assert form["grant_type"] == "client_credentials"
    assert form["scope"] == "https://outlook.office365.com/.default"


def test_a_token_that_is_refused_is_fetched_anew(desk, provider, channels, make_message):
    """It may have been withdrawn: said without the token, tried again with another."""
    desk.handler.good = {"t0ken-2"}
    (channel,) = channels(desk.port, **login(provider))
    with pytest.raises(DeliveryError, match="refused the login: 535") as caught:
        channel.send(make_message(), key=KEY)
    assert not caught.value.permanent
    assert "t0ken" not in str(caught.value)
    channel.send(make_message(), key=KEY)
    assert len(desk.handler.taken) == 1


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, '{"error": "invalid_grant", "was": "cl1ent"}', "answered 400"),
        (500, "", "answered 500"),
        (200, "<html>log in</html>", "answered with none"),
        (200, '{"access_token": null}', "of no use"),
        (200, '{"access_token": "a b"}', "of no use"),
        (200, '["access_token"]', "answered with none"),
        (200, '{"access_token": "t", "expires_in": "soon"}', "answered with none"),
    ],
)
def test_a_provider_that_gives_no_token(status, body, said, desk, provider, channels, make_message):
    """Never the end of a message: credentials can be mended. No secret is told."""
    provider.answer = lambda number: Response(body, status, content_type="application/json")
    (channel,) = channels(desk.port, **login(provider, refresh_token="r3fresh"))
    with pytest.raises(DeliveryError, match=f"no access token: .*{said}") as caught:
        channel.send(make_message(), key=KEY)
    assert not caught.value.permanent
    assert "cl1ent" not in str(caught.value) and "r3fresh" not in str(caught.value)
    assert desk.handler.asked == []


def test_a_server_without_xoauth2(serve, talk, provider, channels, make_message):
    """The token does not go to a server that cannot read it."""
    server = serve(talk.smtp())
    (channel,) = channels(server.port, **login(provider))
    with pytest.raises(DeliveryError, match="takes no login by XOAUTH2"):
        channel.send(make_message(), key=KEY)
    assert provider.forms == []
