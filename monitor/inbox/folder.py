"""One folder that files are dropped into: what is whole in it, and what becomes of that."""

from __future__ import annotations

import errno
import fnmatch
import math
import os
import re
import stat
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from monitor import log
from monitor.config.settings import InboxSettings
from monitor.inbox import place
from monitor.inbox.pieces import REASON, write_reason
from monitor.inbox.ready import (
    Changed,
    Identity,
    InboxError,
    Ready,
    Unreadable,
    Vanished,
    open_ready,
    printable,
    verify,
)
from monitor.inbox.settle import Settling
from monitor.inbox.watch import Watch
from monitor.model import Clock, utcnow

_log = log.get(__name__)

RETRY_SECONDS = 60.0
"""How long a file that could not be opened or moved is left alone."""

_KINDS = {
    stat.S_IFDIR: "folder",
    stat.S_IFLNK: "symbolic link",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFBLK: "device",
    stat.S_IFCHR: "device",
}


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What one look into the folder found.

    ``ready``: all files that are whole now, oldest first. ``next_check``: seconds until the
    earliest other one could be (None: none waits). ``problem``: why the folder could not be
    listed, else None; the next scan tries again.
    """

    ready: tuple[Ready, ...]
    next_check: float | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Hold:
    """A file that scans leave out, as long as it stays the same, until a monotonic moment.

    With ``sha256`` it is ingested and only its removal is to be tried again.
    """

    identity: Identity
    until: float
    sha256: str | None = None


class Folder:
    """Finds whole files in one folder and puts them away after use. See ``Inbox``."""

    def __init__(
        self,
        settings: InboxSettings,
        sub: str = "",
        *,
        archive: Path,
        quarantine: Path,
        monotonic: Callable[[], float] = time.monotonic,
        on_hint: Callable[[], None] = lambda: None,
        clock: Clock = utcnow,
    ) -> None:
        """``sub`` is the name of a subfolder of the inbox, "" for the inbox itself.

        ``on_hint`` is called from another thread whenever a scan is worth while. Raises
        InboxError where archive or quarantine are the folder itself.
        """
        self._settings = settings
        self._sub = sub
        self._folder = settings.path.absolute() / sub
        self._archive = archive / sub
        self._quarantine = quarantine
        for name, other in (("archive", archive), ("quarantine", quarantine)):
            if os.path.realpath(other) == os.path.realpath(self._folder):
                raise InboxError(f"{self._folder} is both inbox and {name}")
        self.apart: Collection[str] = ()  # subfolders that are looked after elsewhere
        patterns = "|".join(fnmatch.translate(pattern) for pattern in settings.ignore)
        self._ignored = re.compile(patterns or r"(?!)").match
        self._monotonic = monotonic
        self._clock = clock
        self._on_hint = on_hint
        self._lock = threading.RLock()  # guards all below
        self._settling = Settling(settings.settle.total_seconds())
        self._holds: dict[str, _Hold] = {}
        self._told: set[tuple[str, str, str]] = set()  # event, file name, reason
        self._started = False
        self._watch: Watch | None = None
        self._home: os.stat_result | None = None  # the folder that is watched
        self._problem: str | None = None  # why the folder cannot be listed
        self._blind: str | None = None  # why it cannot be watched

    # ------------------------------------------------------------------ life

    def start(self) -> None:
        """Create the folder if it is missing and start watching it.

        Raises InboxError where the folder cannot be used, with the reason.
        """
        with self._lock:
            try:
                if self._sub and not os.path.lexists(self._folder):
                    self._make(self._folder.parent.stat())
                self._make(None)
                self._refuse_link()
                with os.scandir(self._folder):
                    pass
                if self._settings.after != "keep" and not os.access(
                    self._folder, os.W_OK | os.X_OK
                ):
                    raise InboxError(f"inbox {self._folder}: files cannot be moved out of it")
                if count := place.recover(self._folder):
                    _log.info("inbox.recovered", files=count)
                self._attach()
                self._started = True
            except OSError as error:
                raise InboxError(f"inbox {self._folder}: {_why(error)}") from error

    def stop(self) -> None:
        """End watching; what is in the folder stays there."""
        with self._lock:
            self._started = False  # a late scan must not begin again
            watch, self._watch = self._watch, None
        if watch is not None:
            watch.stop()

    @property
    def watching(self) -> Literal["inotify", "polling"] | None:
        """How arrivals are noticed at present; None: only by rescans."""
        watch = self._watch
        if watch is None or not watch.alive:
            return None
        return "polling" if watch.polling else "inotify"

    def _attach(self) -> None:
        """Watch the folder that is there now. Raises OSError or InboxError."""
        old, self._watch = self._watch, None
        if old is not None:
            old.stop()
        # What the path leads to is noted before watching begins: if it is replaced in between,
        # the next scan sees that. After, it would be missed.
        self._home = self._folder.stat()
        self._watch = Watch(self._folder, self._settings.observer, self._hint)

    def _hint(self, name: str) -> None:
        if not self._ignored(name):
            self._on_hint()

    # ------------------------------------------------------------------ finding

    def scan(self) -> ScanResult:
        """List the folder: what is whole, and when to look again. Never raises for the folder.

        Also brings a deleted folder back and watches anew where another folder took its place.
        """
        with self._lock:
            try:
                self._reattach()
                before = self._monotonic()
                listing, other = self._list()
                after = self._monotonic()
            except OSError as error:
                problem = _why(error)
                if problem != self._problem:
                    _log.error("inbox.unusable", folder=str(self._folder), reason=problem)
                self._problem = problem
                return ScanResult((), None, problem)
            if self._problem is not None:
                _log.info("inbox.usable_again", folder=str(self._folder))
                self._problem = None
            for name, kind in other.items():
                self._tell("inbox.ignored", name, kind)
            whole, next_check = self._settling.observe(listing, before, after)
            ready = [
                self._ready(name, listing[name])
                for name in sorted(whole, key=lambda name: (listing[name].mtime_ns, name))
                if self._free(name, listing[name], after)
            ]
            # Nothing is remembered of what is no longer there.
            self._holds = {name: hold for name, hold in self._holds.items() if name in listing}
            self._told = {
                told for told in self._told if told[1] in listing or other.get(told[1]) == told[2]
            }
            return ScanResult(tuple(ready), next_check)

    def _reattach(self) -> None:
        """Watch anew where the watching has ended or is that of another folder.

        Raises OSError where there is no folder; not where only the watching fails.
        """
        reason = self._stale() if self._started else None
        if reason is None:
            return
        try:
            self._attach()
        except InboxError as error:
            if self._blind != str(error):
                _log.error("inbox.blind", reason=str(error))  # rescans go on
            self._blind = str(error)
        else:
            self._blind = None
            _log.warning("inbox.reattached", folder=str(self._folder), reason=reason)

    def _stale(self) -> str | None:
        """Why the folder must be watched anew, or None; makes it again if it is gone."""
        home, watch = self._home, self._watch
        self._refuse_link()
        try:
            now = self._folder.stat()
        except FileNotFoundError:
            self._make(home)
            return "it was deleted"
        if home is None or (now.st_dev, now.st_ino) != (home.st_dev, home.st_ino):
            return "another folder is there"
        if watch is None or not watch.alive:
            # Also a folder made anew with the inode number of the old one: file systems use
            # numbers again at once, but the old observer has died.
            return "it was not watched"
        if self._problem is not None:
            # inotify accepts a folder it may not read, and then says nothing for ever
            return "it is usable again"
        return None

    def _make(self, like: os.stat_result | None) -> None:
        """Create the folder, with the group and mode of ``like``. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if like is not None:
            try:
                os.chown(self._folder, -1, like.st_gid)
                self._folder.chmod(stat.S_IMODE(like.st_mode))
            except OSError as error:
                _log.warning("inbox.mode_lost", folder=str(self._folder), reason=_why(error))

    def _refuse_link(self) -> None:
        """Raise OSError where a subfolder is a link: whoever may drop files could have made it,
        and we would carry off what it leads to. The inbox itself may be one."""
        if self._sub and self._folder.is_symlink():
            raise OSError(errno.ELOOP, "a symbolic link, which is not followed here")

    def _list(self) -> tuple[dict[str, Identity], dict[str, str]]:
        """The regular files by name, and what kind of thing the others are. Raises OSError."""
        files: dict[str, Identity] = {}
        other: dict[str, str] = {}
        with os.scandir(self._folder) as entries:
            for entry in entries:
                name = entry.name
                if self._ignored(name) or name == place.STAGING or name in self.apart:
                    continue
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # gone since it was listed
                if stat.S_ISREG(status.st_mode):
                    files[name] = Identity.of(status)
                else:
                    other[name] = _KINDS.get(stat.S_IFMT(status.st_mode), "not a file")
        return files, other

    def _tell(self, event: str, name: str, reason: str, **fields: str) -> None:
        """Warn once for as long as the file is there for the same reason."""
        with self._lock:
            told = (event, name, reason)
            if told not in self._told:
                self._told.add(told)
                _log.warning(event, name=self._shown(name), reason=reason, **fields)

    def _shown(self, name: str) -> str:
        """For people and logs: with the subfolder, so that namesakes are told apart."""
        return f"{self._sub}/{printable(name)}" if self._sub else printable(name)

    def _ready(self, name: str, identity: Identity) -> Ready:
        return Ready(self._folder / name, self._shown(name), identity)

    def _free(self, name: str, identity: Identity, now: float) -> bool:
        """Whether nothing holds the file back; tries an unfinished removal again."""
        hold = self._holds.get(name)
        if hold is None:
            return True
        if hold.identity == identity:
            if now < hold.until:
                return False
            if hold.sha256 is not None:
                self.done(self._ready(name, identity), hold.sha256)
                return False
        del self._holds[name]
        return True

    # ------------------------------------------------------------------ using

    def open(self, ready: Ready) -> BinaryIO:
        """See ``Inbox.open``."""
        try:
            return open_ready(ready)
        except Unreadable as error:
            self._hold(ready, RETRY_SECONDS)
            self._tell("inbox.unreadable", ready.path.name, str(error))
            raise

    def done(self, ready: Ready, sha256: str, *, refused: bool = False) -> None:
        """See ``Inbox.done``."""
        try:
            match self._settings.after:
                case "keep":
                    verify(ready)
                    self._hold(ready, math.inf)
                    return
                case "delete" if not refused:
                    place.remove(ready)
                case _:
                    self._to_archive(ready, sha256)
        except (Vanished, Changed) as error:
            _log.info("inbox.left", name=ready.name, reason=str(error))
        except (OSError, Unreadable) as error:
            self._hold(ready, RETRY_SECONDS, sha256)
            after = self._settings.after
            self._tell("inbox.move_failed", ready.path.name, _why(error), after=after)

    def _to_archive(self, ready: Ready, sha256: str) -> None:
        folder = self._archive / self._clock().strftime("%Y/%m/%d")
        folder.mkdir(parents=True, exist_ok=True)
        target, there = place.choose(folder, ready.path.name, ready.identity.size, sha256)
        if there:
            place.remove(ready)
        else:
            place.move(ready, target)

    def quarantine(self, ready: Ready, reason: str, *, sha256: str | None) -> Path:
        """See ``Inbox.quarantine``."""
        size = ready.identity.size
        try:
            self._quarantine.mkdir(parents=True, exist_ok=True)
            verify(ready)
            target, there = place.choose(
                self._quarantine, ready.path.name, size, sha256, beside=REASON
            )
            note = write_reason(
                target,
                {
                    "reason": reason,
                    "name": ready.name,
                    "size": size,
                    "sha256": sha256,
                    "when": self._clock().isoformat(timespec="seconds"),
                },
            )
            try:
                if there:
                    place.remove(ready)
                else:
                    place.move(ready, target)
            except (Vanished, Changed):
                if not there:
                    note.unlink(missing_ok=True)
                raise
        except (OSError, Unreadable) as error:
            self._hold(ready, RETRY_SECONDS)
            raise InboxError(f"{ready.name}: not moved to quarantine: {_why(error)}") from error
        return target

    def _hold(self, ready: Ready, seconds: float, sha256: str | None = None) -> None:
        with self._lock:
            until = self._monotonic() + seconds
            self._holds[ready.path.name] = _Hold(ready.identity, until, sha256)


def _why(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
