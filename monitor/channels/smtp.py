"""Handing mails to an SMTP server (RFC 5321) over a connection that is kept for the next one.

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
import threading
from typing import Any

from monitor.channels.deadline import Deadline, connect, explain
from monitor.channels.oauth import TokenSource
from monitor.channels.wording import quoted
from monitor.config import EmailSettings
from monitor.errors import DeliveryError

MAX_ANSWERS = 64 * 1024  # bytes a server may say while it takes one mail
IDLE = 20.0  # seconds that a connection is kept; servers end those that wait for minutes
MOST_IDLE = 4  # connections kept: one mail for each of many recipients comes at once
_PARTING = 5.0  # seconds for a good-bye
# 5xx answers to a transaction that complain of us, not of the message (RFC 4954, section 6)
_ABOUT_LOGIN = frozenset({530, 534, 535, 538})
_GOING = 421  # RFC 5321, section 3.8: the server closes the connection
_FAILURES = (smtplib.SMTPException, OSError, ValueError)


class MailServer:
    """One server with our login. May be used by several threads at once."""

    def __init__(self, settings: EmailSettings) -> None:
        """Opens no connection. Raises ``ssl.SSLError`` and OSError for the file of certificates."""
        self._settings = settings
        self._where = f"{settings.host}:{settings.port}"
        self._context = ssl.create_default_context(
            cafile=str(settings.ca_file) if settings.ca_file else None
        )
        self._password = settings.password.get_secret_value() if settings.password else ""
        self._secrets = _forms(settings.username or "", self._password)
        self._tokens = TokenSource(settings.oauth2) if settings.oauth2 else None
        self._lock = threading.Lock()
        self._idle: list[tuple[_Client, threading.Timer]] = []

    @property
    def where(self) -> str:
        """``host:port``."""
        return self._where

    def take(self, sender: str, recipient: str, mail: bytes) -> None:
        """Returns when the server has answered the end of DATA with 2xx; what follows cannot undo
        that. A kept connection that turns out to be closed is replaced, once, as long as no text
        was sent over it. Raises DeliveryError."""
        with Deadline(self._settings.timeout.total_seconds()) as deadline:
            client = self._kept(deadline)
            if client is not None:
                try:
                    self._transfer(client, sender, recipient, mail, deadline)
                    return
                except DeliveryError:
                    if not client.lost or deadline.expired:
                        raise
            client = _Client(deadline, self._context, implicit=self._settings.security == "tls")
            try:
                self._open(client, deadline)
            except BaseException:
                client.close()
                raise
            self._transfer(client, sender, recipient, mail, deadline)

    def close(self) -> None:
        """Part from the connections that are kept; a later mail opens another."""
        with self._lock:
            idle, self._idle = self._idle, []
        for client, timer in idle:
            timer.cancel()
            _part(client)

    # ------------------------------------------------------------------ connections

    def _kept(self, deadline: Deadline) -> _Client | None:
        """A connection that was used before and still answers; None: there is none."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                client, timer = self._idle.pop()
            timer.cancel()
            try:
                client.resume(deadline)
                if client.rset()[0] == 250:
                    return client
            except _FAILURES:
                pass  # closed while idle: the next one, or a new one
            client.close()

    def _keep(self, client: _Client) -> None:
        timer = threading.Timer(IDLE, self._expire, (client,))
        timer.daemon = True
        with self._lock:
            kept = len(self._idle) < MOST_IDLE
            if kept:
                self._idle.append((client, timer))
        if kept:
            timer.start()
        else:
            _part(client)

    def _expire(self, client: _Client) -> None:
        with self._lock:
            mine = [pair for pair in self._idle if pair[0] is client]
            self._idle = [pair for pair in self._idle if pair[0] is not client]
        if mine:
            _part(client)

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
                self._log_in(client, settings.username, deadline)
        except smtplib.SMTPAuthenticationError as error:
            if self._tokens is not None:
                self._tokens.forget()
            raise DeliveryError(
                f"{self._where} refused the login: {self._said(error.smtp_code, error.smtp_error)}"
            ) from error
        except _FAILURES as error:
            raise DeliveryError(f"{self._where}: {self._why(error, deadline)}") from error

    def _log_in(self, client: _Client, username: str, deadline: Deadline) -> None:
        if self._tokens is None:
            client.login(username, self._password)
            return
        if "XOAUTH2" not in client.esmtp_features.get("auth", "").upper().split():
            raise smtplib.SMTPNotSupportedError("the server takes no login by XOAUTH2")
        token = self._tokens.get(deadline.remaining())
        first = f"user={username}\x01auth=Bearer {token}\x01\x01"
        # to the challenge, in which the server says what is wrong, the answer is an empty line:
        # https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
        client.auth("XOAUTH2", lambda challenge=None: first if challenge is None else "")

    # ------------------------------------------------------------------ one mail

    def _transfer(
        self, client: _Client, sender: str, recipient: str, mail: bytes, deadline: Deadline
    ) -> None:
        """Hand over a mail; the connection is kept where it is good for another, else closed."""
        try:
            self._hand_over(client, sender, recipient, mail, deadline)
        finally:
            if client.sock is None or deadline.expired or client.lost:
                client.close()
            else:
                self._keep(client)

    def _hand_over(
        self, client: _Client, sender: str, recipient: str, mail: bytes, deadline: Deadline
    ) -> None:
        options = [] if (sender + recipient).isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
        try:
            client.sendmail(sender, [recipient], mail, mail_options=options)
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryError(
                f"{self._where} takes no addresses outside ASCII (SMTPUTF8)", permanent=True
            ) from error
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise self._refused(client, f"{recipient} was refused by", code, said) from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            of_sender = isinstance(error, smtplib.SMTPSenderRefused)
            what = f"the sender {sender}" if of_sender else "the message"
            raise self._refused(
                client, f"{what} was refused by", error.smtp_code, error.smtp_error
            ) from error
        except _FAILURES as error:
            client.lost = not client.talking
            client.close()
            raise DeliveryError(f"{self._where}: {self._why(error, deadline)}") from error

    def _refused(self, client: _Client, what: str, code: int, said: bytes | str) -> DeliveryError:
        client.lost = code == _GOING and not client.talking
        permanent = 500 <= code < 600 and code not in _ABOUT_LOGIN
        return DeliveryError(f"{what} {self._where}: {self._said(code, said)}", permanent=permanent)

    # ------------------------------------------------------------------ words

    def _why(self, error: Exception, deadline: Deadline) -> str:
        if deadline.expired:
            return f"not done within {deadline.seconds:g} s"
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return quoted(str(error), self._hidden())
        if isinstance(error, smtplib.SMTPResponseException):
            return f"answered {self._said(error.smtp_code, error.smtp_error)}"
        if isinstance(error, smtplib.SMTPServerDisconnected):
            return "the connection broke off"
        if isinstance(error, smtplib.SMTPException):
            return quoted(str(error), self._hidden())
        if isinstance(error, UnicodeError):
            return "a name or the password holds characters that SMTP cannot carry"
        return explain(error)

    def _said(self, code: int, said: bytes | str) -> str:
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        return f"{code} {quoted(words, self._hidden())}".rstrip()

    def _hidden(self) -> list[str]:
        token = self._tokens.current if self._tokens else ""
        return self._secrets + _forms(self._settings.username or "", token)


def _forms(username: str, secret: str) -> list[str]:
    """A password or token as itself and as AUTH LOGIN, PLAIN (RFC 4616) and XOAUTH2 send it."""
    if not secret:
        return []
    plain, bearer = f"\0{username}\0{secret}", f"user={username}\x01auth=Bearer {secret}\x01\x01"
    sent = (form.encode("utf-8", "replace") for form in (secret, plain, bearer))
    return [secret, *(base64.b64encode(one).decode() for one in sent)]


def _part(client: _Client) -> None:
    """Say good-bye. The mails are accepted; how the other side takes it does not matter."""
    try:
        with Deadline(_PARTING) as deadline:
            client.resume(deadline)
            client.quit()
    except _FAILURES:
        pass
    finally:
        client.close()


class _Client(smtplib.SMTP):
    """smtplib's client under a deadline, and with a bound on what a server may say."""

    def __init__(self, deadline: Deadline, context: ssl.SSLContext, *, implicit: bool) -> None:
        self._deadline = deadline
        self._context = context
        self._implicit = implicit
        self.talking = False
        """Whether the text of the latest mail was begun to be sent."""
        self.lost = False
        """Whether the connection ended before that: the mail can be sent over another."""
        # a name is given because smtplib would else look one up, without any time limit
        super().__init__(local_hostname="localhost", timeout=deadline.seconds)

    def dial(self, host: str, port: int) -> None:
        """Connect and read the greeting."""
        self._host = host  # starttls verifies the certificate against it
        code, said = self.connect(host, port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)

    def resume(self, deadline: Deadline) -> None:
        """Go on, under another deadline, over the connection that is open. Raises OSError."""
        self._deadline = deadline
        self.talking = False
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("closed")
        deadline.watch(self.sock)
        self.sock.settimeout(deadline.remaining())
        if isinstance(self.file, _Capped):
            self.file.refill()

    def send(self, s: Any) -> None:
        """Raises SMTPException where the server has said more than it was asked: that would be
        taken for its answer to this."""
        if isinstance(self.file, _Capped) and self.sock and self.file.waiting(self.sock):
            raise smtplib.SMTPException("the server answers what it was not asked")
        super().send(s)

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.talking = True
        return super().data(msg)

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

    def refill(self) -> None:
        """Let it say as much again."""
        self._left = MAX_ANSWERS

    def readline(self, limit: int) -> bytes:
        line = self._file.readline(limit)
        self._left -= len(line)
        if self._left < 0:
            raise OSError("too long an answer")
        if 0 < len(line) < limit and not line.endswith(b"\n"):
            raise OSError("an answer cut short")
        return line

    def waiting(self, sock: socket.socket) -> bool:
        """Whether something has come that was not read."""
        timeout = sock.gettimeout()
        sock.settimeout(0.0)
        try:
            return bool(self._file.peek(1))
        except ssl.SSLWantReadError:
            return False
        finally:
            sock.settimeout(timeout)

    def close(self) -> None:
        self._file.close()


def _own_name(sock: socket.socket) -> str:
    """What to say in EHLO: our full host name, else our address (RFC 5321, section 4.1.3)."""
    name = socket.gethostname()
    if "." in name.strip(".") and name.isascii():
        return name
    address = str(sock.getsockname()[0])
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
