"""Email through a real mail server with STARTTLS, TLS and a login."""

from __future__ import annotations

import base64
import email
import socket
import ssl
from collections.abc import Callable, Iterator
from email import policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from monitor.channels import build_channels
from monitor.config import ReceiverSettings
from monitor.errors import DeliveryError

KEY = "dlv_0123456789abcdef0123456789abcdef"


class Mailboxes:
    """Takes every message."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.secure: list[bool] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.taken.append(envelope)
        self.secure.append(session.ssl is not None)
        return "250 OK"


class FreePort(Controller):
    """A mail server on a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        if self.ssl_context is None:
            super()._trigger_server()
            return
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection((self.hostname, self.port), 5) as plain,
            context.wrap_socket(plain) as secure,
        ):
            secure.recv(1024)


def authenticate(server, session, envelope, mechanism, data) -> AuthResult:
    good = data == LoginPassword(b"monitor", b"pa55word")
    return AuthResult(success=good, handled=False)


@pytest.fixture
def mail_server() -> Iterator[Callable[..., FreePort]]:
    """Starts mail servers; ``.handler.taken`` are the envelopes."""
    started: list[FreePort] = []

    def start(**options: Any) -> FreePort:
        server = FreePort(Mailboxes(), hostname="localhost", port=0, **options)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


def send(server: FreePort, message: Any, **fields: Any) -> None:
    entry = {
        "to": "ann@example.org",
        "from": "Press Monitor <monitor@example.org>",
        "host": "localhost",
        "port": server.port,
        "timeout": "10s",
    }
    receiver = {"name": "desk", "email_configs": [entry | fields]}
    (channel,) = build_channels([ReceiverSettings.model_validate(receiver)]).values()
    try:
        channel.send(message, key=KEY)
    finally:
        channel.close()


def test_starttls_and_login(mail_server, server_context, ca_file, make_message):
    """Encrypted, authenticated, and the mail as it was made."""
    server = mail_server(
        tls_context=server_context,
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
    )
    send(server, make_message(2), ca_file=ca_file, username="monitor", password="pa55word")
    (envelope,) = server.handler.taken
    assert server.handler.secure == [True]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("monitor@example.org", ["ann@example.org"])
    mail = email.message_from_bytes(envelope.content, policy=policy.default)
    assert mail["Message-ID"] == f"<{KEY}@example.org>"
    assert mail["Subject"] == "2 articles: referendum"
    assert "Referendum on water 2" in mail.get_body(("plain",)).get_content()
    assert "referendum</mark>" in mail.get_body(("html",)).get_content()


def test_tls_from_the_first_byte(mail_server, server_context, ca_file, make_message):
    """As on port 465."""
    server = mail_server(ssl_context=server_context)
    send(server, make_message(), security="tls", ca_file=ca_file)
    assert len(server.handler.taken) == 1


def test_a_certificate_nobody_knows_with_starttls(mail_server, server_context, make_message):
    """No login and no mail go to a server that cannot prove its name."""
    server = mail_server(tls_context=server_context, authenticator=authenticate)
    with pytest.raises(DeliveryError, match="its certificate was refused") as caught:
        send(server, make_message(), username="monitor", password="pa55word")
    assert not caught.value.permanent
    assert server.handler.taken == []


def test_a_certificate_of_another_name(mail_server, authority, ca_file, make_message):
    """The name in the configuration must be the one in the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.test").configure_cert(context)
    server = mail_server(tls_context=context)
    with pytest.raises(DeliveryError, match=r"its certificate was refused: .*localhost"):
        send(server, make_message(), ca_file=ca_file)


def test_a_server_without_starttls(mail_server, make_message):
    """Nothing is sent in the open where encryption was asked for."""
    server = mail_server()
    with pytest.raises(DeliveryError, match="STARTTLS") as caught:
        send(server, make_message())
    assert not caught.value.permanent
    assert server.handler.taken == []


def test_a_wrong_password_is_no_end(mail_server, server_context, ca_file, make_message):
    """A refused login is retried: a corrected password lets everything through."""
    server = mail_server(tls_context=server_context, authenticator=authenticate)
    with pytest.raises(DeliveryError, match="refused the login: 535") as caught:
        send(server, make_message(), ca_file=ca_file, username="monitor", password="wr0ng")
    assert not caught.value.permanent
    assert "wr0ng" not in str(caught.value)


def test_a_server_that_repeats_the_login(mail_server, server_context, ca_file, make_message):
    """The password is blotted out of its answer in each form in which it went over the line."""
    forms = [b"wr0ng", base64.b64encode(b"wr0ng"), base64.b64encode(b"\0monitor\0wr0ng")]

    def repeat(server, session, envelope, mechanism, data) -> AuthResult:
        said = b" ".join([b"535 not", *forms]).decode()
        return AuthResult(success=False, handled=False, message=said)

    server = mail_server(tls_context=server_context, authenticator=repeat)
    with pytest.raises(DeliveryError, match="535 not") as caught:
        send(server, make_message(), ca_file=ca_file, username="monitor", password="wr0ng")
    assert [form for form in forms if form.decode() in str(caught.value)] == []


def test_a_password_that_smtp_cannot_carry(mail_server, server_context, ca_file, make_message):
    """Said plainly, without the password."""
    server = mail_server(tls_context=server_context, authenticator=authenticate)
    with pytest.raises(DeliveryError, match="characters that SMTP cannot carry"):
        send(server, make_message(), ca_file=ca_file, username="monitor", password="пароль")


def test_a_recipient_outside_ascii(mail_server, make_message):
    """With SMTPUTF8 it arrives; without it the refusal is final and says why."""
    able = mail_server(enable_SMTPUTF8=True)
    send(able, make_message(), to="анна@example.org", security="none")
    assert able.handler.taken[0].rcpt_tos == ["анна@example.org"]
    unable = mail_server(enable_SMTPUTF8=False)
    with pytest.raises(DeliveryError, match="SMTPUTF8") as caught:
        send(unable, make_message(), to="анна@example.org", security="none")
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("steps", "permanent", "text"),
    [
        (
            {"MAIL": b"550 we do not know you\r\n"},
            True,
            "the sender monitor@example.org was refused",
        ),
        ({"MAIL": b"530 log in first\r\n"}, False, "530 log in first"),
        ({"MAIL": b"452 full\r\n"}, False, "452 full"),
        ({"RCPT": b"552 mailbox full\r\n"}, True, "ann@example.org was refused"),
        ({"RCPT": b"421 going down\r\n"}, False, "421 going down"),
        ({"DATA": b"554 no\r\n"}, True, "554 no"),
        ({"END": b"554 spam\r\n"}, True, "the message was refused"),
        ({"END": b"451 greylisted\r\n"}, False, "451 greylisted"),
        ({"GREET": b"554 not from there\r\n"}, False, "554 not from there"),
        ({"EHLO": b"502 huh\r\n", "HELO": b"550 no\r\n"}, False, "550 no"),
        ({"END": b"250 " + b"x" * 9000 + b"\r\n"}, False, "Line too long"),
    ],
)
def test_what_is_permanent(steps, permanent, text, serve, talk, make_message):
    """Only a 5xx to the message's own commands, and none that complains of a login."""
    server = serve(talk.smtp(**steps))
    with pytest.raises(DeliveryError, match=text) as caught:
        send(server, make_message(), security="none", host="127.0.0.1")
    assert caught.value.permanent is permanent


def test_an_answer_given_before_it_was_asked_for_is_none(serve, talk, make_message):
    """A server that says the yes to the text in advance, and no afterwards, took nothing."""
    early = b"250 ok\r\n250 ok\r\n354 go on\r\n250 taken\r\n"
    server = serve(talk.smtp(MAIL=early, END=b"554 spam\r\n"))
    with pytest.raises(DeliveryError, match="answers what it was not asked") as caught:
        send(server, make_message(), security="none", host="127.0.0.1")
    assert not caught.value.permanent
    assert server.seen == []


def test_an_answer_without_its_end_is_none(serve, talk, make_message):
    """Of "250 taken" or "2500 not taken" only the beginning came: the mail goes once more."""

    def cut(connection: socket.socket) -> None:
        connection.sendall(b"250")
        connection.shutdown(socket.SHUT_RDWR)

    server = serve(talk.smtp(END=cut))
    with pytest.raises(DeliveryError, match="broke off"):
        send(server, make_message(), security="none", host="127.0.0.1")


def test_a_farewell_cannot_undo_a_delivery(serve, talk, make_message):
    """The message was taken; what the server says to QUIT does not matter."""
    server = serve(talk.smtp(QUIT=b"500 never heard of it\r\n"))
    send(server, make_message(), security="none", host="127.0.0.1")
    assert len(server.seen) == 1


@pytest.mark.parametrize("host", ["mail..example", "no-such-host.invalid"])
def test_a_mail_server_that_is_not_found(host, make_message):
    """Said plainly, and tried again."""
    entry = {"to": "ann@example.org", "from": "m@example.org", "host": host}
    receiver = {"name": "desk", "email_configs": [entry]}
    (channel,) = build_channels([ReceiverSettings.model_validate(receiver)]).values()
    with pytest.raises(DeliveryError, match=f"{host}:587: its name was not resolved") as caught:
        channel.send(make_message(), key=KEY)
    assert not caught.value.permanent
