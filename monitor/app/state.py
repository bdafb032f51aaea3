"""The state folder: which process it belongs to, and where its database is."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import TextIO

from monitor.config import Settings
from monitor.errors import MonitorError

PATIENCE = 0.5  # seconds; whoever asks ``is_held`` has the lock for a moment
_NAME = "monitor.lock"


def database_url(settings: Settings) -> str:
    """The configured database, or SQLite in the state folder."""
    if settings.database is not None:
        return settings.database.get_secret_value()
    return f"sqlite:///{settings.state.resolve() / 'monitor.db'}"


def rule_cache(settings: Settings) -> Path:
    """The folder in which the compiled rules of files are kept."""
    return settings.state / "cache"


def hold(folder: Path) -> TextIO:
    """Make the folder and take it for this process, until the file returned is closed.

    Raises MonitorError where another process has it or it cannot be used.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / _NAME).open("a+", encoding="utf-8")
    except FileExistsError as error:
        raise MonitorError(f"the state folder {folder} is a file") from error
    except OSError as error:
        raise MonitorError(f"the state folder {folder}: {error.strerror or error}") from error
    deadline = time.monotonic() + PATIENCE
    while not _try(handle, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            handle.close()
            raise MonitorError(
                f"another monitor (process {holder}) is using {folder}; stop it first"
            )
        time.sleep(0.02)
    handle.truncate(0)
    handle.write(f"{os.getpid()}\n")
    handle.flush()
    return handle


def is_held(folder: Path) -> bool:
    """Whether a process has the folder; False where that cannot be told."""
    try:
        with (folder / _NAME).open(encoding="utf-8") as handle:
            return not _try(handle, fcntl.LOCK_SH)
    except OSError:
        return False


def _try(handle: TextIO, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
