"""A deadline over a whole network exchange, whatever the other side does in it.

A socket's time-out bounds one ``recv`` only: a peer that sends one byte a second never meets
it. Who makes the calls sets before each what is left of a ``Countdown``. ``smtplib`` reads line
by line with no way to step in: there a ``Deadline``'s timer shuts the connection down, which ends
any blocked call on it at once.
"""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException
from types import TracebackType
from typing import Self


class Countdown:
    """The moment by which an exchange is over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def expired(self) -> bool:
        """Whether the moment has passed; errors after it are its doing."""
        return time.monotonic() >= self._end

    def remaining(self) -> float:
        """Seconds left; raises TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


class Deadline(Countdown):
    """A context manager that ends the exchange at that moment if need be."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
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
        """As of a countdown; sockets that were shut down stay so."""
        return self._fired or super().expired

    def watch(self, sock: socket.socket) -> None:
        """Shut the connection behind ``sock`` down at the deadline.

        A duplicate of the descriptor is kept: it stays good when TLS takes the socket over or
        its owner closes it, and the number cannot be given to another file meanwhile.
        """
        twin = socket.socket(fileno=os.dup(sock.fileno()))  # dup() of one with TLS is refused
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


class RefusedError(OSError):
    """None of the addresses of a host may be connected to; says why, without a secret."""


def dial(
    host: str,
    port: int,
    countdown: Countdown,
    refusal: Callable[[str], str | None] = lambda address: None,
) -> socket.socket:
    """A TCP connection to the first address of ``host`` that answers; its time-out is what is left.

    The name is looked up once, and what was judged is what is connected to: ``refusal`` says of a
    numeric address why it must not be, or None. Each of the others gets its share of the time, so
    that one that swallows packets leaves some for the next. Looking the name up is bounded by the
    system's resolver only. Raises OSError, RefusedError where no address is left.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # an empty label, or one of more than 63 characters
        raise socket.gaierror(socket.EAI_NONAME, "not a host name") from error
    failure: OSError = OSError("the name has no address")
    addresses = []
    for info in found:
        if reason := refusal(str(info[4][0])):
            failure = RefusedError(reason)
        else:
            addresses.append(info)
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        share = countdown.remaining() / (len(addresses) - index)
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError as error:  # no IPv6 here, say
            failure = error
            continue
        try:
            sock.settimeout(share)
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(countdown.remaining())
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure


def connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    """As ``dial``, to any address, and watched by the deadline."""
    sock = dial(host, port, deadline)
    try:
        deadline.watch(sock)
    except OSError:
        sock.close()
        raise
    return sock


def explain(error: BaseException) -> str:
    """Why an exchange failed, in a few words that hold no address, path or secret."""
    chain = list(_chain(error))
    for link in chain:
        if isinstance(link, RefusedError):
            return str(link)
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
