"""Whether the database answers, told in bounded time.

A write waits for the one before it, up to a minute where another process holds the database:
too long for a health check, which would keep the web server's threads from everything else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from monitor.errors import StoreError

WAIT = 2.0  # seconds that whoever asks waits for an answer
LIMIT = 20.0  # seconds within which a busy database answers; a long batch takes one or two


class Pulse:
    """Asks in a thread of its own; those who ask while it waits share its question."""

    def __init__(
        self, ping: Callable[[], None], *, wait: float = WAIT, limit: float = LIMIT
    ) -> None:
        """``ping`` reads and writes, or raises StoreError."""
        self._ping = ping
        self._wait = wait
        self._limit = limit
        self._lock = threading.Lock()
        self._question: _Question | None = None

    def problem(self) -> str | None:
        """Why the database cannot be used, or None. Takes ``wait`` seconds at most."""
        with self._lock:
            if self._question is None or self._question.answered.is_set():
                self._question = _Question(self._ping)
            question = self._question
        age = question.age()
        if question.answered.wait(max(0.0, self._wait - age)):
            return question.problem
        age = question.age()
        return f"has not answered for {age:.0f} s" if age >= self._limit else None


class _Question:
    """One ping under way."""

    def __init__(self, ping: Callable[[], None]) -> None:
        self.answered = threading.Event()
        self.problem: str | None = "the check itself failed"
        self._asked = time.monotonic()
        threading.Thread(target=self._ask, args=(ping,), name="pulse", daemon=True).start()

    def age(self) -> float:
        """Seconds since it was asked."""
        return time.monotonic() - self._asked

    def _ask(self, ping: Callable[[], None]) -> None:
        try:
            ping()
        except StoreError as error:
            self.problem = str(error)
        else:
            self.problem = None
        finally:
            self.answered.set()
