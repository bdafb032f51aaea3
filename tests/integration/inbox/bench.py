"""A real inbox on real folders, driven the way the program drives it."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.config import InboxSettings
from monitor.inbox import Inbox, NotReady, Ready

SETTLE = 0.1
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PATIENCE = 20.0  # seconds until a test that waits for something fails


class Bench:
    """Folders, an inbox over them, and a loop like the intake's."""

    ZERO = timedelta(0)

    def __init__(
        self,
        root: Path,
        *,
        archive: Path | None = None,
        folders: Sequence[str] = (),
        **settings: Any,
    ) -> None:
        self.root = root
        self.folder = root / "inbox"
        self.archive = archive or root / "archive"
        self.quarantine = root / "quarantine"
        self.hinted = threading.Event()
        self.hints = 0
        self.inbox = Inbox(
            InboxSettings(**{"path": self.folder, "settle": timedelta(seconds=SETTLE), **settings}),
            archive=self.archive,
            quarantine=self.quarantine,
            folders=folders,
            on_hint=self._hint,
            clock=lambda: NOW,
        )
        self.taken: list[tuple[str, bytes]] = []

    def _hint(self) -> None:
        self.hints += 1
        self.hinted.set()

    @property
    def day(self) -> Path:
        """Where files archived at ``NOW`` are."""
        return self.archive / "2026" / "11" / "21"

    def drop(self, name: str, data: bytes = b"text") -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path

    def whole(self, count: int = 1) -> tuple[Ready, ...]:
        """The files of the first scan that finds at least ``count`` whole ones."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = self.inbox.scan()
            assert found.problem is None
            if len(found.ready) >= count:
                return found.ready
            assert time.monotonic() < deadline, f"{len(found.ready)} of {count} files are whole"
            self.wait(found.next_check)

    def whole_despite(self, problem: str) -> tuple[Ready, ...]:
        """The whole files of scans that tell of a problem."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = self.inbox.scan()
            assert problem in (found.problem or "")
            if found.ready:
                return found.ready
            assert time.monotonic() < deadline
            self.wait(found.next_check)

    def wait(self, next_check: float | None) -> None:
        """What the intake does between two scans; the rescan comes every second here."""
        self.hinted.wait(1.0 if next_check is None else min(next_check, 1.0))
        self.hinted.clear()

    def read(self, ready: Ready) -> bytes:
        with self.inbox.open(ready) as file:
            return file.read()

    def take(self, ready: Ready) -> None:
        """Read one file and put it away, remembering what was read."""
        try:
            data = self.read(ready)
        except NotReady:
            return
        self.taken.append((ready.name, data))
        self.inbox.done(ready, hashlib.sha256(data).hexdigest())

    def run(self, count: int) -> list[tuple[str, bytes]]:
        """Take files until there are ``count``, and then see that no more come."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = self.inbox.scan()
            for ready in found.ready:
                self.take(ready)
            if len(self.taken) >= count and found.next_check is None and not found.ready:
                return self.taken
            assert time.monotonic() < deadline, f"{len(self.taken)} of {count} files came"
            if not found.ready:
                self.wait(found.next_check)
