"""A file that is whole, and opening it in a way that notices when it is no longer the same."""

from __future__ import annotations

import errno
import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from monitor.errors import MonitorError
from monitor.text import one_line

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class InboxError(MonitorError):
    """The drop folder, the archive or the quarantine cannot be used; the message says why."""


class NotReady(InboxError):  # noqa: N818 - what a file is, not a fault
    """This file cannot be had right now. Nothing is lost: leave it to the next scan."""


class Vanished(NotReady):
    """Somebody took the file away."""


class Changed(NotReady):
    """The name now belongs to other content; it settles anew and comes again as a new file."""


class Unreadable(NotReady):
    """The system refused to open or read the file; it is tried again, slowly."""


class Identity(NamedTuple):
    """What must stay the same for a file to count as the same; size in bytes, time in ns."""

    device: int
    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Identity:
        """The identity that a stat result shows."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Ready:
    """A whole file. ``name`` is for people and logs, ``path`` for the system (any bytes)."""

    path: Path
    name: str
    identity: Identity


def printable(name: str) -> str:
    """A file name as one line of valid Unicode: surrogates and line breaks replaced."""
    if name.isprintable() and not name.isspace():  # nearly all are, and it is asked for each
        return name
    return one_line(os.fsencode(name).decode("utf-8", "replace")) or "?"


def verify(ready: Ready) -> None:
    """Raise Vanished or Changed unless the name still leads to the very same file."""
    try:
        now = Identity.of(os.lstat(ready.path))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Vanished(f"{ready.name}: gone") from error
    if now != ready.identity:
        raise Changed(f"{ready.name}: changed since it was found whole")


def open_ready(ready: Ready) -> BinaryIO:
    """Open the file for reading, never following a link and never waiting for a writer.

    The end of the stream raises Changed where the file was written to while it was read, so a
    reader that reaches the end has read one version of it. Raises Vanished, Changed, Unreadable.
    """
    try:
        # O_NONBLOCK: a FIFO that took the file's place must not stop the program.
        fd = os.open(ready.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Vanished(f"{ready.name}: gone") from error
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # now a symbolic link, a socket
            raise Changed(f"{ready.name}: no longer a regular file") from error
        raise Unreadable(f"{ready.name}: {error.strerror}") from error
    raw = _SameFile(fd, ready)
    try:
        raw.verify()
    except BaseException:
        raw.close()
        raise
    return io.BufferedReader(raw, 1 << 16)


class _SameFile(io.FileIO):
    """A raw stream over a descriptor that checks at its end that nothing changed underneath."""

    def __init__(self, fd: int, ready: Ready) -> None:
        super().__init__(fd, "rb")
        self._ready = ready

    def verify(self) -> None:
        """Raise Changed unless the open file is regular and the one that was found whole."""
        status = os.fstat(self.fileno())
        if not stat.S_ISREG(status.st_mode) or Identity.of(status) != self._ready.identity:
            raise Changed(f"{self._ready.name}: changed since it was found whole")

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        count = super().readinto(buffer)
        if not count:
            self.verify()
        return count

    def readall(self) -> bytes:
        data = super().readall()
        self.verify()
        return data
