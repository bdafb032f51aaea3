"""A lock handed on in the order in which it was asked for."""

from __future__ import annotations

import threading
import time

import pytest

from monitor.errors import StoreError
from monitor.store.turn import Turn


def wait_until_waiting(turn: Turn, count: int) -> None:
    deadline = time.monotonic() + 10
    while len(turn._waiting) < count:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_first_come_first_served() -> None:
    """Those who wait get it in their order, before the one who gave it back and asks again."""
    turn, order = Turn(10), []
    threads = []

    def take(name: int) -> None:
        with turn.taken():
            order.append(name)

    with turn.taken():
        for name in range(5):
            threads.append(threading.Thread(target=take, args=(name,)))
            threads[-1].start()
            wait_until_waiting(turn, name + 1)
    take(99)
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3, 4, 99]


def test_a_second_write_in_the_same_thread_is_refused() -> None:
    """It would wait for itself; afterwards the lock works as before."""
    turn = Turn(10)
    with turn.taken(), pytest.raises(StoreError, match="inside another"), turn.taken():
        pytest.fail("taken twice")
    with turn.taken():
        pass


def test_patience_ends() -> None:
    """Who gave up leaves the line: the next in it is served."""
    turn, errors, served = Turn(0.05), [], threading.Event()

    def impatient() -> None:
        try:
            with turn.taken():
                errors.append("taken")
        except StoreError as error:
            errors.append(str(error))

    def later() -> None:
        with turn.taken():
            served.set()

    with turn.taken():
        thread = threading.Thread(target=impatient)
        thread.start()
        thread.join(10)
    assert errors == ["the database was busy for 0.05 s; gave up waiting"]
    thread = threading.Thread(target=later)
    thread.start()
    thread.join(10)
    assert served.is_set()


def test_an_error_gives_it_back() -> None:
    """A transaction that fails must not close the database for all others."""
    turn = Turn(0.05)
    with pytest.raises(ZeroDivisionError), turn.taken():
        raise ZeroDivisionError
    with turn.taken():
        pass


def test_one_at_a_time() -> None:
    """Many threads, many turns: never two inside."""
    turn, inside, most = Turn(30), 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(200):
            with turn.taken():
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (inside, most) == (0, 1)
