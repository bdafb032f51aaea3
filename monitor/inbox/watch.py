"""Watching a folder for hints that something arrived. A hint says "look", nothing more.

Events get lost (queue overflow, network file systems, a folder that was replaced), so nothing
here is relied upon; see ``Inbox.scan``.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from watchdog.events import (
    FileClosedEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers.api import BaseObserver
from watchdog.observers.inotify import InotifyEmitter, InotifyObserver
from watchdog.observers.inotify_c import InotifyConstants
from watchdog.observers.polling import PollingObserver

from monitor import log
from monitor.inbox.ready import InboxError

if TYPE_CHECKING:
    from watchdog.observers.inotify_c import Mask

_log = log.get(__name__)

Kind = Literal["auto", "inotify", "polling"]

POLL_SECONDS = 1.0
"""How often the polling observer lists the folder."""

# File systems another machine (or a user-space server) may write to without our kernel knowing.
_REMOTE = re.compile(
    r"(nfs\d?|cifs|smb\w*|fuse(\..+)?|9p|afs|ceph|coda|gfs2?|glusterfs|gpfs|lustre|ncpfs|ocfs2"
    r"|prl_fs|vboxsf|virtiofs|vmhgfs)"
)
_OCTAL = re.compile(r"\\([0-7]{3})")


def file_system(path: str, mountinfo: str) -> str | None:
    """The file system type (``ext4``, ``nfs4``, ``fuse.sshfs``) that holds an absolute path.

    ``mountinfo`` is the text of ``/proc/self/mountinfo`` (proc(5)): field 5 is the mount point
    with octal escapes, the field after the lone ``-`` the type. Of several mounts on one point
    the last covers the others. None where nothing fits.
    """
    found: tuple[int, str] | None = None
    for line in mountinfo.splitlines():
        left, dash, right = line.partition(" - ")
        fields = left.split(" ")
        if not dash or len(fields) < 5 or not right:
            continue
        point = _OCTAL.sub(lambda code: chr(int(code[1], 8)), fields[4])
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and (found is None or len(point) >= found[0]):
            found = len(point), right.split(" ")[0]
    return found[1] if found else None


def remote_type(folder: Path) -> str | None:
    """The type of the folder's file system where events cannot be trusted there, else None."""
    try:
        with Path("/proc/self/mountinfo").open("rb") as file:
            mounts = os.fsdecode(file.read())
    except OSError:  # not Linux, or no /proc: nothing known
        return None
    kind = file_system(os.path.realpath(folder), mounts)
    return kind if kind is not None and _REMOTE.fullmatch(kind) else None


class Watch:
    """An observer on one folder that calls ``on_hint(name)`` from a thread of its own."""

    def __init__(self, folder: Path, kind: Kind, on_hint: Callable[[str], None]) -> None:
        """Start watching. ``auto`` falls back to polling, with the warning ``inbox.polling``.

        Raises InboxError where the observer that was asked for cannot be had.
        """
        self._folder = folder
        self._handler = _Hint(on_hint)
        reason = None
        if kind == "auto" and (remote := remote_type(folder)) is not None:
            reason = f"{remote} sends no events for what other machines write"
        if kind != "polling" and reason is None:
            try:
                self._observer = self._start(_InotifyObserver)
                return
            except OSError as error:
                if kind == "inotify":
                    raise InboxError(f"inotify on {folder}: {_why(error)}") from error
                reason = _why(error)
        if reason is not None:
            _log.warning("inbox.polling", folder=str(folder), reason=reason, every=POLL_SECONDS)
        try:
            self._observer = self._start(lambda: PollingObserver(timeout=POLL_SECONDS))
        except OSError as error:
            raise InboxError(f"watching {folder}: {_why(error)}") from error

    def _start(self, make: Callable[[], BaseObserver]) -> BaseObserver:
        observer = make()
        try:
            observer.schedule(
                self._handler,
                # watchdog 7 does not follow links: it would watch the link, and hear nothing
                os.path.realpath(self._folder),
                event_filter=[
                    FileCreatedEvent,
                    FileClosedEvent,
                    FileMovedEvent,
                    FileModifiedEvent,
                ],
            )
            observer.start()
        except BaseException:
            observer.stop()  # inotify reads in a thread that runs before the observer does
            raise
        return observer

    @property
    def alive(self) -> bool:
        """Whether all its threads still run; an emitter ends when its folder is deleted."""
        emitters = self._observer.emitters
        return self._observer.is_alive() and bool(emitters) and all(e.is_alive() for e in emitters)

    @property
    def polling(self) -> bool:
        """Whether it polls, by wish or for want of events."""
        return not isinstance(self._observer, _InotifyObserver)

    def stop(self) -> None:
        """End the threads and wait for them."""
        self._observer.stop()
        self._observer.join()


class _InotifyEmitter(InotifyEmitter):
    """Asks the kernel for arrivals only.

    Without IN_MOVED_FROM: watchdog holds back all that follows such an event for half a second,
    to pair it, and each file that we archive makes one. A rename within the folder then arrives
    as a creation. Without IN_MODIFY: a slow writer would wake us at each write for nothing.
    """

    def get_event_mask_from_filter(self) -> Mask:
        return cast(
            "Mask",
            InotifyConstants.IN_CREATE
            | InotifyConstants.IN_MOVED_TO
            | InotifyConstants.IN_CLOSE_WRITE
            | InotifyConstants.IN_DELETE_SELF,  # ends the emitter: see Watch.alive
        )


class _InotifyObserver(InotifyObserver):
    def __init__(self) -> None:
        super().__init__()
        self._emitter_class = _InotifyEmitter


class _Hint(FileSystemEventHandler):
    """Passes the name on. Nothing may escape: an exception would end watchdog's thread."""

    def __init__(self, on_hint: Callable[[str], None]) -> None:
        self._on_hint = on_hint
        self._failed = False

    def dispatch(self, event: FileSystemEvent) -> None:
        try:
            path = os.fsdecode(event.dest_path or event.src_path)
            self._on_hint(path.rpartition("/")[2])
        except Exception:
            if not self._failed:  # once: a burst of events would fill the log
                self._failed = True
                _log.exception("inbox.hint_failed")


def _why(error: OSError) -> str:
    if error.errno == errno.EMFILE:
        return "no inotify instance left (fs.inotify.max_user_instances)"
    if error.errno == errno.ENOSPC:
        return "no inotify watch left (fs.inotify.max_user_watches)"
    return error.strerror or str(error)
