"""A connection that speaks HTTP/1.1 again and again, each exchange within its own time (RFC 9112).

``http.client`` reads the answers; sending is one call with the whole request, and what the library
would wait for without end - an answer that drips, that never stops - is bounded beneath it.

Not through ``requests``: it bounds a single read only, so the reader below would be needed beneath
it all the same, and urllib3 logs the whole address, with its token, where a server sends a broken
header. Tried with both: no shorter, 215 µs a message instead of 37.
"""

from __future__ import annotations

import errno
import io
import select
import socket
import ssl
import time
import weakref
from collections.abc import Callable, Iterable
from http.client import HTTPResponse
from typing import TYPE_CHECKING, cast

from monitor.channels.deadline import Countdown, dial

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_RECEIVED = 4 * 1024 * 1024  # bytes of one answer with its head; what sends more means no good
MAX_IDLE = 30.0  # seconds; a connection unused for longer may be dead without a sign


def request(path: str, headers: Iterable[tuple[str, str | bytes]], body: bytes) -> bytes:
    """A POST as it goes over the wire; of two headers of one name the later counts, and how long
    the body is is never another's to say. Raises ValueError for one that would break its line."""
    fields: dict[bytes, bytes] = {}
    for name, value in headers:
        field = value if isinstance(value, bytes) else value.encode("latin-1")
        line = name.encode("ascii") + b": " + field
        if any(sign in line for sign in b"\r\n\0"):
            raise ValueError("a header with a line break")
        fields[name.lower().encode("ascii")] = line
    fields.pop(b"transfer-encoding", None)
    fields[b"content-length"] = b"Content-Length: %d" % len(body)
    return b"\r\n".join([b"POST %s HTTP/1.1" % path.encode("ascii"), *fields.values(), b"", body])


class Line:
    """A connection to one server. Not for several threads at once."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._used = time.monotonic()
        # for whoever forgets to; not __del__, which comes too late for what cycles hold
        self._finish = weakref.finalize(self, sock.close)
        self.received = 0
        """Bytes of the answer to the latest request."""
        self.unread = 0
        """Bytes that came behind that answer."""

    @classmethod
    def open(
        cls,
        host: str,
        port: int,
        countdown: Countdown,
        *,
        context: ssl.SSLContext | None,
        refusal: Callable[[str], str | None],
    ) -> Line:
        """Connect, with TLS where there is a context. Raises OSError (``ssl.SSLError`` is one)."""
        sock = dial(host, port, countdown, refusal)
        if context is None:
            return cls(sock)
        try:
            # one call with one time-out, however many messages the handshake has
            return cls(context.wrap_socket(sock, server_hostname=host.rstrip(".")))
        except BaseException:
            sock.close()
            raise

    def close(self) -> None:
        self._finish()

    @property
    def usable(self) -> bool:
        """Whether it may take another request: not unused for long, and nothing has come that
        nobody asked for - the end of the connection, or words that would be taken for an answer."""
        if self.unread or time.monotonic() - self._used > MAX_IDLE:
            return False
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        return not poll.poll(0)

    def ask(self, text: bytes, countdown: Countdown) -> HTTPResponse:
        """Send a request; the answer with its head read. Raises OSError, HTTPException."""
        self.received = self.unread = 0
        self._used = time.monotonic()
        try:
            self._send(text, countdown)
        except (BrokenPipeError, ConnectionResetError):
            pass  # an answer may have come that says why: 413, say
        source = _Source(_Buffer(self, countdown))
        response = HTTPResponse(cast(socket.socket, source), method="POST")
        try:
            response.begin()
        except BaseException:
            response.close()
            raise
        return response

    def _send(self, text: bytes, countdown: Countdown) -> None:
        rest = memoryview(text)
        while rest:
            self._sock.settimeout(countdown.remaining())
            rest = rest[self._sock.send(rest) :]

    def receive(self, buffer: WriteableBuffer, countdown: Countdown) -> int:
        """Fill the buffer with what has come; 0 at the end of the connection. Raises OSError."""
        if self.received > MAX_RECEIVED:
            raise OSError(errno.EMSGSIZE, "An answer without end")
        self._sock.settimeout(countdown.remaining())
        count = self._sock.recv_into(buffer)
        self.received += count
        return count


class _Reader(io.RawIOBase):
    """The receiving end of a line during one exchange."""

    def __init__(self, line: Line, countdown: Countdown) -> None:
        self._line = line
        self._countdown = countdown

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._line.received

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        return self._line.receive(buffer, self._countdown)


class _Buffer(io.BufferedReader):
    """What has come and is still to be read; ``HTTPResponse`` closes it behind the answer."""

    def __init__(self, line: Line, countdown: Countdown) -> None:
        super().__init__(_Reader(line, countdown))
        self._line = line

    def close(self) -> None:
        if not self.closed:
            self._line.unread = self._line.received - self.tell()
        super().close()


class _Source:
    """All that ``HTTPResponse`` asks of a socket. The line outlives what reads from it."""

    def __init__(self, reader: io.BufferedReader) -> None:
        self._reader = reader

    def makefile(self, mode: str) -> io.BufferedReader:
        return self._reader
