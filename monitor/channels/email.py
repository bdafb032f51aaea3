"""Email over SMTP (RFC 5321): one message to each recipient.

What is permanent: a 5xx answer to MAIL, RCPT or DATA, because the same message will never be
accepted. What fails before that - connection, certificate, STARTTLS, login - is a matter of
settings or of the server, not of the message, and is retried: a corrected password lets
everything through that has waited.
"""

from __future__ import annotations

import base64
import io
import smtplib
import socket
import ssl

from monitor.channels.deadline import Deadline, connect, explain
from monitor.channels.letter import Mailbox, compose
from monitor.channels.wording import quoted
from monitor.config import EmailSettings
from monitor.errors import ConfigError, DeliveryError
from monitor.model import Destination, Message, Receipt

MAX_ANSWERS = 64 * 1024  # bytes a server may say in one connection
# 5xx answers to a transaction that complain of us, not of the message (RFC 4954, section 6)
_ABOUT_LOGIN = frozenset({530, 534, 535, 538})
_FAILURES = (smtplib.SMTPException, OSError, ValueError)


class EmailChannel:
    """Mails one recipient through one server."""

    def __init__(self, destination: Destination, settings: EmailSettings, recipient: str) -> None:
        """Raises ConfigError for an address or a certificate file of no use."""
        self._destination = destination
        self._settings = settings
        self._where = f"{settings.host}:{settings.port}"
        self._password = settings.password.get_secret_value() if settings.password else ""
        self._secrets = _forms(settings.username or "", self._password)
        try:
            self._sender = Mailbox.parse(settings.sender)
            self._recipient = Mailbox.parse(recipient)
            self._context = ssl.create_default_context(
                cafile=str(settings.ca_file) if settings.ca_file else None
            )
        except ssl.SSLError as error:
            raise ConfigError(
                f"email {destination.name}: ca_file: no PEM certificate in {settings.ca_file}"
            ) from error
        except OSError as error:
            raise ConfigError(
                f"email {destination.name}: ca_file: {settings.ca_file}: {error.strerror}"
            ) from error
        except ValueError as error:
            raise ConfigError(f"email {destination.name}: {error}") from error

    @property
    def destination(self) -> Destination:
        return self._destination

    @property
    def max_items(self) -> int:
        return self._settings.max_items

    @property
    def pause(self) -> float:
        return self._settings.min_interval.total_seconds()

    def close(self) -> None:
        """Nothing is kept."""

    def send(self, message: Message, *, key: str) -> Receipt:
        """Accepted is a 2xx answer to the end of DATA; what follows cannot undo it."""
        mail = compose(
            message,
            key=key,
            sender=self._sender,
            recipient=self._recipient,
            list_id=self._settings.list_id,
        ).as_bytes()
        with Deadline(self._settings.timeout.total_seconds()) as deadline:
            client = _Client(deadline, self._context, implicit=self._settings.security == "tls")
            try:
                self._open(client, deadline)
                self._transfer(client, mail, deadline)
                _quit(client)
            finally:
                client.close()
        return Receipt(f"accepted by {self._where}")

    def _open(self, client: _Client, deadline: Deadline) -> None:
        """Connect, encrypt, log in; nothing that fails here is permanent."""
        settings = self._settings
        try:
            client.dial(settings.host, settings.port)
            client.ehlo_or_helo_if_needed()
            if settings.security == "starttls":
                client.starttls(context=self._context)
                client.ehlo_or_helo_if_needed()
            if settings.username is not None:
                client.login(settings.username, self._password)
        except smtplib.SMTPAuthenticationError as error:
            raise DeliveryError(
                f"{self._where} refused the login: {self._said(error.smtp_code, error.smtp_error)}"
            ) from error
        except _FAILURES as error:
            raise DeliveryError(f"{self._where}: {self._why(error, deadline)}") from error

    def _transfer(self, client: _Client, mail: bytes, deadline: Deadline) -> None:
        sender, recipient = self._sender.address, self._recipient.address
        options = [] if (sender + recipient).isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
        try:
            client.sendmail(sender, [recipient], mail, mail_options=options)
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryError(
                f"{self._where} takes no addresses outside ASCII (SMTPUTF8)", permanent=True
            ) from error
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise self._refused(f"{recipient} was refused by", code, said) from error
        except smtplib.SMTPSenderRefused as error:
            raise self._refused(
                f"the sender {sender} was refused by", error.smtp_code, error.smtp_error
            ) from error
        except smtplib.SMTPDataError as error:
            raise self._refused(
                "the message was refused by", error.smtp_code, error.smtp_error
            ) from error
        except _FAILURES as error:
            raise DeliveryError(f"{self._where}: {self._why(error, deadline)}") from error

    def _refused(self, what: str, code: int, said: bytes | str) -> DeliveryError:
        permanent = 500 <= code < 600 and code not in _ABOUT_LOGIN
        return DeliveryError(f"{what} {self._where}: {self._said(code, said)}", permanent=permanent)

    def _why(self, error: Exception, deadline: Deadline) -> str:
        if deadline.expired:
            return f"not done within {deadline.seconds:g} s"
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return quoted(str(error), self._secrets)
        if isinstance(error, smtplib.SMTPResponseException):
            return f"answered {self._said(error.smtp_code, error.smtp_error)}"
        if isinstance(error, smtplib.SMTPServerDisconnected):
            return "the connection broke off"
        if isinstance(error, smtplib.SMTPException):
            return quoted(str(error), self._secrets)
        if isinstance(error, UnicodeError):
            return "a name or the password holds characters that SMTP cannot carry"
        return explain(error)

    def _said(self, code: int, said: bytes | str) -> str:
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        return f"{code} {quoted(words, self._secrets)}".rstrip()


def _forms(username: str, password: str) -> list[str]:
    """The password as itself and as AUTH LOGIN and AUTH PLAIN send it (RFC 4616)."""
    sent = (form.encode("utf-8", "replace") for form in (password, f"\0{username}\0{password}"))
    return [password, *(base64.b64encode(one).decode() for one in sent)] if password else []


def _quit(client: _Client) -> None:
    try:
        client.quit()
    except _FAILURES:
        pass  # the message is accepted; how the other side takes its leave does not matter


class _Client(smtplib.SMTP):
    """smtplib's client under a deadline, and with a bound on what a server may say."""

    def __init__(self, deadline: Deadline, context: ssl.SSLContext, *, implicit: bool) -> None:
        self._deadline = deadline
        self._context = context
        self._implicit = implicit
        # a name is given because smtplib would else look one up, without any time limit
        super().__init__(local_hostname="localhost", timeout=deadline.seconds)

    def dial(self, host: str, port: int) -> None:
        """Connect and read the greeting."""
        self._host = host  # starttls verifies the certificate against it
        code, said = self.connect(host, port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = connect(host, port, self._deadline)
        try:
            self.local_hostname = _own_name(sock)
            if self._implicit:
                return self._context.wrap_socket(sock, server_hostname=host)
        except BaseException:
            sock.close()
            raise
        return sock

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Capped(self.sock.makefile("rb"))
        return super().getreply()


class _Capped:
    """A reader that gives up on a server which does not stop talking."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self._left = MAX_ANSWERS

    def readline(self, limit: int) -> bytes:
        line = self._file.readline(limit)
        self._left -= len(line)
        if self._left < 0:
            raise OSError("too long an answer")
        return line

    def close(self) -> None:
        self._file.close()


def _own_name(sock: socket.socket) -> str:
    """What to say in EHLO: our full host name, else our address (RFC 5321, section 4.1.3)."""
    name = socket.gethostname()
    if "." in name.strip(".") and name.isascii():
        return name
    address = str(sock.getsockname()[0])
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
