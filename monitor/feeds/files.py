"""Files that a reader sees either as they were or as they are, never in between."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def read_or_none(path: Path) -> bytes | None:
    """The file's bytes, or None where there is none. Raises OSError otherwise."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def replace(path: Path, data: bytes) -> None:
    """Put ``data`` in place of the file: complete, on disk, or not at all. That a power cut does
    not bring the old one back, ``sync_folder`` sees to.

    The file's time stamp (whole seconds are what HTTP's Last-Modified has) moves by at least one
    second past the replaced file's, whatever the clock does: readers that go by Last-Modified
    alone would miss the change otherwise. Raises OSError; the old file then still stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        # 0o644 less the umask: a web server of another user may serve the folder too
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            _move_past(file.fileno(), path)
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _move_past(handle: int, old: Path) -> None:
    try:
        least = (int(old.stat().st_mtime) + 1) * 1_000_000_000
    except FileNotFoundError:
        return
    if os.fstat(handle).st_mtime_ns < least:
        os.utime(handle, ns=(least, least))


def sync_folder(folder: Path) -> None:
    """Make what was replaced in a folder survive a power cut: once for many files, since it takes
    as long as writing one. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
