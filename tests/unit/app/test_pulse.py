"""Asking the database how it is, without waiting for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from monitor.app.pulse import Pulse
from monitor.errors import StoreError


class Database:
    """Answers, fails, or hangs until told."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer = threading.Event()
        self.answer.set()
        self.error: Exception | None = None

    def ping(self) -> None:
        self.asked += 1
        assert self.answer.wait(30)
        if self.error is not None:
            raise self.error


@pytest.fixture
def database() -> Iterator[Database]:
    made = Database()
    yield made
    made.answer.set()


def test_a_database_that_answers(database: Database) -> None:
    """Every question is asked anew."""
    pulse = Pulse(database.ping)
    assert [pulse.problem(), pulse.problem()] == [None, None]
    assert database.asked == 2


def test_a_database_that_fails(database: Database) -> None:
    """Its error is the problem, until the next answer."""
    pulse = Pulse(database.ping)
    database.error = StoreError("the disk is full")
    assert pulse.problem() == "the disk is full"
    database.error = None
    assert pulse.problem() is None


def test_a_database_that_hangs_holds_nobody_up(database: Database) -> None:
    """Whoever asks while it hangs shares the one question under way; it is a problem only once
    it took longer than a busy database may."""
    database.answer.clear()
    patient = Pulse(database.ping, wait=0.01, limit=1000.0)
    assert [patient.problem(), patient.problem()] == [None, None]
    assert database.asked == 1
    strict = Pulse(database.ping, wait=0.01, limit=0.0)
    assert "has not answered" in (strict.problem() or "")
    database.answer.set()


def test_it_recovers(database: Database) -> None:
    """After the answer came late, the next question is a new one."""
    database.answer.clear()
    pulse = Pulse(database.ping, wait=0.01, limit=0.0)
    assert pulse.problem() is not None
    database.answer.set()
    deadline = threading.Event()
    for _ in range(1000):
        if pulse.problem() is None:
            break
        deadline.wait(0.01)
    assert pulse.problem() is None
