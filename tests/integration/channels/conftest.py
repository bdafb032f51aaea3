"""Servers on loopback that speak just enough HTTP or SMTP to misbehave in every known way."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import trustme

from monitor.model import Alert, AlertKind, Message

Handler = Callable[[socket.socket, list[Any]], None]


@pytest.fixture(scope="session")
def make_message() -> Callable[..., Message]:
    """A message with ``count`` alerts; keywords replace fields of the message."""

    def make(count: int = 1, **fields: Any) -> Message:
        alerts = tuple(
            Alert(
                article_id=f"0189d6f3-1111-7222-8333-{number:012d}",
                revision=1,
                kind=AlertKind.NEW,
                source="daily",
                title=f"Referendum on water {number}",
                published=None,
                observed=datetime(2022, 1, 5, 8, 31, tzinfo=UTC),
                views=None,
                rules=("referendum",),
                excerpt="The referendum will be held in June.",
                title_marks=((0, 10),),
                excerpt_marks=((4, 14),),
                url=f"http://monitor.test/articles/{number}",
            )
            for number in range(1, count + 1)
        )
        defaults = {
            "receiver": "desk",
            "alerts": alerts,
            "total": count,
            "created": datetime(2022, 1, 5, 8, 31, tzinfo=UTC),
            "base_url": "http://monitor.test",
        }
        return Message(**(defaults | fields))

    return make


class Server:
    """Accepts connections and hands each to ``handler(connection, seen)`` in a thread."""

    def __init__(self, handler: Handler, context: ssl.SSLContext | None = None) -> None:
        self.seen: list[Any] = []
        self._handler = handler
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            thread = threading.Thread(target=self._talk, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _talk(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self._context is None:
                self._handler(connection, self.seen)
                return
            with self._context.wrap_socket(connection, server_side=True) as secure:
                self._handler(secure, self.seen)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts servers and closes them at the end."""
    servers: list[Server] = []

    def start(handler: Handler, context: ssl.SSLContext | None = None) -> Server:
        servers.append(Server(handler, context))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that nobody knows."""
    return trustme.CA()


@pytest.fixture(scope="session")
def server_context(authority: trustme.CA) -> ssl.SSLContext:
    """TLS for a server called localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The authority's certificate as a PEM file."""
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return str(file)


@pytest.fixture
def closed_port() -> int:
    """A port on loopback that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


# --------------------------------------------------------------------------- talk


def drip(connection: socket.socket) -> None:
    """One byte after the other, for ever: each resets the other side's time-out."""
    while True:
        connection.sendall(b"x")
        time.sleep(0.02)


def flood(connection: socket.socket, piece: bytes) -> None:
    """The same bytes again and again, as fast as they are taken."""
    while True:
        connection.sendall(piece)


def http(reply: bytes | Callable[[socket.socket], None], *more: bytes) -> Handler:
    """Reads a request, notes ``(head, body)``, replies; the n-th request gets the n-th reply."""
    replies = [reply, *more]

    def handle(connection: socket.socket, seen: list[Any]) -> None:
        with connection.makefile("rb") as file:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                line = file.readline()
                if not line:
                    return
                head += line
            text = head.decode(errors="surrogateescape")
            fields = {
                name.lower(): value.strip()
                for name, _, value in (line.partition(":") for line in text.split("\r\n"))
            }
            body = file.read(int(fields["content-length"]))
        seen.append((fields, body))
        answer = replies[min(len(seen), len(replies)) - 1]
        if callable(answer):
            answer(connection)
        else:
            connection.sendall(answer)

    return handle


def answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    """An HTTP answer; ``Retry_After`` in a keyword is ``Retry-After`` on the wire."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def smtp(**steps: Any) -> Handler:
    """A mail server without TLS; ``seen`` gets ``(sender, recipient, data)`` of each message.

    ``steps`` replace the answer to a command (``EHLO``, ``AUTH``, ``MAIL``, ``RCPT``, ``DATA``,
    ``END`` of the data, ``GREET``): bytes, or a function of the connection, or a list of those
    for one message after another.
    """
    usual: dict[str, Any] = {
        "GREET": b"220 ready\r\n",
        "EHLO": b"250-here\r\n250 AUTH PLAIN\r\n",
        "AUTH": b"235 welcome\r\n",
        "MAIL": b"250 ok\r\n",
        "RCPT": b"250 ok\r\n",
        "DATA": b"354 go on\r\n",
        "END": b"250 taken\r\n",
        "RSET": b"250 ok\r\n",
        "QUIT": b"221 bye\r\n",
    }
    usual |= steps
    used: dict[str, int] = {}

    def say(connection: socket.socket, step: str) -> None:
        replies = usual[step] if isinstance(usual[step], list) else [usual[step]]
        reply = replies[min(used.get(step, 0), len(replies) - 1)]
        used[step] = used.get(step, 0) + 1
        if callable(reply):
            reply(connection)
        else:
            connection.sendall(reply)

    def handle(connection: socket.socket, seen: list[Any]) -> None:
        sender = recipient = ""
        with connection.makefile("rb") as file:
            say(connection, "GREET")
            while line := file.readline():
                command, _, rest = line.decode().strip().partition(" ")
                if command.upper() == "MAIL":
                    sender = rest
                if command.upper() == "RCPT":
                    recipient = rest
                say(connection, command.upper())
                if command.upper() == "QUIT":
                    return
                if command.upper() == "DATA":
                    data = b""
                    while (part := file.readline()) not in (b".\r\n", b""):
                        data += part
                    seen.append((sender, recipient, data))
                    say(connection, "END")

    return handle


@pytest.fixture(scope="session")
def talk() -> SimpleNamespace:
    """What servers can be made to say (test modules cannot import from here)."""
    return SimpleNamespace(http=http, answer=answer, smtp=smtp, drip=drip, flood=flood)
