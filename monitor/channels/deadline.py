"""A deadline over a whole network exchange, whatever the other side does in it.

A socket's time-out bounds one ``recv`` only: a peer that sends one byte a second never meets
it, and ``http.client`` and ``smtplib`` read line by line with no way to step in. So a timer
shuts the connection down at the deadline, which ends any blocked call on it at once.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.client import HTTPException
from types import TracebackType
from typing import Self


class Deadline:
    """The moment by which an exchange is over; a context manager that ends it if need be."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []
        self._fired = False
        self._timer = threading.Timer(seconds, self._fire)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        self._timer.join()
        for twin in self._watched:
            twin.close()

    @property
    def expired(self) -> bool:
        """Whether the deadline has passed; errors after it are its doing."""
        return self._fired or time.monotonic() >= self._end

    def remaining(self) -> float:
        """Seconds left; raises TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left

    def watch(self, sock: socket.socket) -> None:
        """Shut the connection behind ``sock`` down at the deadline.

        A duplicate of the descriptor is kept: it stays good when TLS takes the socket over or
        its owner closes it, and the number cannot be given to another file meanwhile.
        """
        twin = sock.dup()
        with self._lock:
            self._watched.append(twin)
            if self._fired:
                _shut(twin)

    def _fire(self) -> None:
        with self._lock:
            self._fired = True
            for twin in self._watched:
                _shut(twin)


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # the other side was faster


def connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    """A watched TCP connection to the first address of ``host`` that answers.

    Each address gets its share of the time that is left, so that one that swallows packets
    leaves some for the next. Looking the name up is bounded by the system's resolver only.
    Raises OSError.
    """
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # an empty label, or one of more than 63 characters
        raise socket.gaierror(socket.EAI_NONAME, "not a host name") from error
    failure: OSError = OSError("the name has no address")
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        share = deadline.remaining() / (len(addresses) - index)
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError as error:  # no IPv6 here, say
            failure = error
            continue
        try:
            sock.settimeout(share)
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(deadline.remaining())
            deadline.watch(sock)
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure


def explain(error: BaseException) -> str:
    """Why an exchange failed, in a few words that hold no address, path or secret."""
    chain = list(_chain(error))
    for link in chain:
        if isinstance(link, ssl.SSLCertVerificationError):
            return f"its certificate was refused: {link.verify_message}"
        if isinstance(link, ssl.SSLError):
            reason = getattr(link, "reason", None) or "connection closed"
            return f"TLS failed: {reason.replace('_', ' ').lower()}"
        if isinstance(link, socket.gaierror):
            return f"its name was not resolved: {link.strerror}"
        if isinstance(link, ConnectionRefusedError):
            return "connection refused"
        if isinstance(link, TimeoutError):
            return "timed out"
        if isinstance(link, UnicodeError):
            return "a name or header cannot be encoded"
    for link in chain:
        if isinstance(link, ConnectionError | HTTPException):
            return "the connection broke off before a whole answer came"
        if type(link) is OSError and link.strerror:
            return link.strerror[:1].lower() + link.strerror[1:]
    return type(error).__name__


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all it came from, outermost first; libraries nest them in ``args`` too."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        link = waiting.pop(0)
        if isinstance(link, BaseException) and id(link) not in seen:
            seen.add(id(link))
            yield link
            waiting += [*link.args, link.__cause__, link.__context__]
