"""Signals as a queue of what they ask for."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import Enum, auto
from queue import Empty, SimpleQueue
from signal import Signals


class Ask(Enum):
    """What a signal asks for."""

    STOP = auto()
    RELOAD = auto()


STOP_SIGNALS = {signal.SIGTERM: Ask.STOP, signal.SIGINT: Ask.STOP}


class Asked:
    """What was asked for, in order; the main thread waits for it.

    Python runs a handler between two steps of the main thread, so one whose signal comes when that
    is about to block, or comes to another thread, would be run when the main thread goes on: it may
    be never. Hence the main thread waits for a byte, which ``signal.set_wakeup_fd`` sends at once
    and from any thread. What is asked for is in a queue of its own: unread bytes are limited.
    """

    def __init__(self) -> None:
        self._asks: SimpleQueue[Ask] = SimpleQueue()  # the one queue that a handler may put into
        self._woken, self._wake = socket.socketpair()
        self._wake.setblocking(False)  # as set_wakeup_fd wants it

    def put(self, ask: Ask) -> None:
        """Ask for this, from any thread or handler; nobody hears it after the end."""
        self._asks.put(ask)
        with suppress(OSError):  # full: it wakes as it is; closed: it is over
            self._wake.send(b"\0")

    def get(self) -> Ask:
        """The next one; waits until there is one. For the main thread."""
        while True:
            try:
                return self._asks.get_nowait()
            except Empty:
                self._woken.recv(4096)  # the handlers run before the next step

    def empty(self) -> bool:
        """Whether nothing is asked for at the moment."""
        return self._asks.empty()

    def fileno(self) -> int:
        """Where a byte wakes ``get``."""
        return self._wake.fileno()

    def close(self) -> None:
        """Release the sockets."""
        self._wake.close()
        self._woken.close()


@contextmanager
def asked_by(signals: Mapping[signal.Signals, Ask]) -> Iterator[Asked]:
    """What the signals asked for, in order. For the main thread."""
    asked = Asked()
    waker = signal.set_wakeup_fd(asked.fileno(), warn_on_full_buffer=False)
    old = {
        number: signal.signal(number, lambda number, frame: asked.put(signals[Signals(number)]))
        for number in signals
    }
    try:
        yield asked
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(waker)
        asked.close()
