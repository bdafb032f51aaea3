"""Signals as a queue of what they ask for."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, auto
from queue import SimpleQueue
from signal import Signals


class Ask(Enum):
    """What a signal asks for."""

    STOP = auto()
    RELOAD = auto()


STOP_SIGNALS = {signal.SIGTERM: Ask.STOP, signal.SIGINT: Ask.STOP}


@contextmanager
def asked_by(signals: Mapping[signal.Signals, Ask]) -> Iterator[SimpleQueue[Ask]]:
    """What the signals asked for, in order.

    A handler runs between any two steps of the main thread, also where that holds the lock of an
    Event; a SimpleQueue is made for this.
    """
    asked: SimpleQueue[Ask] = SimpleQueue()
    old = {
        number: signal.signal(number, lambda number, frame: asked.put(signals[Signals(number)]))
        for number in signals
    }
    try:
        yield asked
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
