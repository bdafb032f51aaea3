"""Signals as a queue: none may be lost, whenever and to whichever thread it comes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from monitor.cli.signals import Ask, Asked, asked_by

PATIENCE = 10.0  # seconds before a signal is given up


@pytest.fixture
def asked() -> Iterator[Asked]:
    """SIGUSR1 asks for a reload; what waits in vain is told to stop."""
    with asked_by({signal.SIGUSR1: Ask.RELOAD}) as asked:
        rescue = threading.Timer(PATIENCE, asked.put, (Ask.STOP,))
        rescue.start()
        yield asked
        rescue.cancel()
        rescue.join()


def test_a_signal_that_another_thread_receives_wakes_the_main_thread(asked: Asked) -> None:
    """The kernel may hand a signal to any thread, and one that comes a moment before the main
    thread blocks does not interrupt it either: ``get`` returns all the same."""
    wait, received = threading.Event(), threading.Event()

    def receive() -> None:
        wait.wait()
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
        received.set()

    thread = threading.Thread(target=receive)
    thread.start()
    threading.Timer(0.05, wait.set).start()  # the main thread blocks by then, or else the better
    assert asked.get() is Ask.RELOAD
    thread.join()
    assert received.is_set()


def test_what_is_asked_for_is_kept_in_order(asked: Asked) -> None:
    """A signal, and what a thread asks for, in their order; then nothing is left."""
    assert asked.empty()
    signal.raise_signal(signal.SIGUSR1)
    thread = threading.Thread(target=asked.put, args=(Ask.STOP,))
    thread.start()
    thread.join()
    assert [asked.get(), asked.get()] == [Ask.RELOAD, Ask.STOP]
    assert asked.empty()


def test_signals_nobody_fetches_do_not_displace_the_last_one(asked: Asked) -> None:
    """More of them than a socket has room for: what is asked for behind them is still heard."""
    for _ in range(20_000):
        signal.raise_signal(signal.SIGUSR1)
    asked.put(Ask.STOP)
    count = 0
    while asked.get() is Ask.RELOAD:
        count += 1
    assert count == 20_000


def test_after_the_end_nobody_hears() -> None:
    """A thread that asks for an end when all is over fails nobody; the old handler is back."""
    before = signal.getsignal(signal.SIGUSR1)
    with asked_by({signal.SIGUSR1: Ask.RELOAD}) as asked:
        assert signal.getsignal(signal.SIGUSR1) is not before
    asked.put(Ask.STOP)
    assert signal.getsignal(signal.SIGUSR1) is before
    assert signal.set_wakeup_fd(-1) == -1
