"""A lock that is handed on in the order in which it was asked for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.errors import StoreError


class Turn:
    """First come, first served, between the threads of one process.

    SQLite's own waiting is polling: a thread that commits batch after batch would keep all
    others out for as long as it runs. Here the next in line gets its turn between two batches.
    """

    def __init__(self, patience: float) -> None:
        """``patience``: seconds to wait before giving up."""
        self._patience = patience
        self._guard = threading.Lock()
        self._waiting: deque[tuple[threading.Lock, int]] = deque()
        self._holder: int | None = None

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the lock. Raises StoreError after the patience, or in the thread that holds it."""
        self._acquire()
        try:
            yield
        finally:
            self._release()

    def _acquire(self) -> None:
        me = threading.get_ident()
        with self._guard:
            if self._holder is None:
                self._holder = me
                return
            if self._holder == me:
                raise StoreError("a write was begun inside another write of the same thread")
            gate = threading.Lock()
            gate.acquire()
            self._waiting.append((gate, me))
        if gate.acquire(timeout=self._patience):
            return
        with self._guard:
            if (gate, me) in self._waiting:
                self._waiting.remove((gate, me))
                raise StoreError(f"the database was busy for {self._patience:g} s; gave up waiting")
        # Handed over between the time-out and here: it is ours.

    def _release(self) -> None:
        with self._guard:
            if self._waiting:
                gate, self._holder = self._waiting.popleft()
                gate.release()
            else:
                self._holder = None
