"""Threads that live longer than what they do, and are not waited for at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

Job = Callable[[], None]


class Workers:
    """Runs jobs, each at once: there are as many threads as jobs ever ran together.

    Daemon threads rather than those of an executor, whose the interpreter waits for at its end: a
    destination that hangs must not hold up a stop.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._guard = threading.Lock()
        self._idle = 0
        self._threads = 0

    def run(self, job: Job) -> None:
        """Run it in a thread that has nothing to do, or in a new one. Raises RuntimeError where
        the system has none; then it is not run."""
        with self._guard:
            if self._idle > 0:
                self._idle -= 1
            else:
                name = f"{self._name}-{self._threads + 1}"
                threading.Thread(target=self._work, name=name, daemon=True).start()
                self._threads += 1
        self._jobs.put(job)

    def end(self) -> None:
        """Let each thread end after the job that it has. Jobs that come later get new ones."""
        with self._guard:
            for _ in range(self._threads):
                self._jobs.put(None)
            self._threads = self._idle = 0

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            with self._guard:
                self._idle += 1
