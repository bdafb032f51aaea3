"""The drop folder, with the subfolders of sources, as the rest of the program sees it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import BinaryIO, Literal

from monitor.config.settings import InboxSettings
from monitor.inbox.folder import Folder, ScanResult
from monitor.inbox.ready import Ready
from monitor.model import Clock, utcnow


class Inbox:
    """Finds whole files and puts them away after use.

    Each subfolder is treated as the inbox itself is, and archived below a folder of its name. A
    file is returned by every scan until ``done`` or ``quarantine`` has put it away, so one whose
    processing failed comes again by itself. May be used from several threads.
    """

    def __init__(
        self,
        settings: InboxSettings,
        *,
        archive: Path,
        quarantine: Path,
        folders: Collection[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
        on_hint: Callable[[], None] = lambda: None,
        clock: Clock = utcnow,
    ) -> None:
        """``folders`` are names of subfolders that are looked into as well.

        ``on_hint`` is called from another thread whenever a scan is worth while. Raises
        InboxError where archive or quarantine are the inbox itself or one of its subfolders.
        """

        def folder(sub: str) -> Folder:
            return Folder(
                settings,
                sub,
                archive=archive,
                quarantine=quarantine,
                monotonic=monotonic,
                on_hint=on_hint,
                clock=clock,
            )

        self._new = folder
        self._path = settings.path.absolute()
        self._lock = threading.Lock()  # of start, stop and the choice of folders
        self._started = False
        # Folders that are no longer looked into stay known: a file of theirs may be in work.
        self._known: dict[str, Folder] = {}
        self._used: tuple[Folder, ...] = ()
        self.use(folders)

    # ------------------------------------------------------------------ life

    def start(self) -> None:
        """Create what folders are missing and start watching them.

        Raises InboxError where one cannot be used, with the reason.
        """
        with self._lock:
            for folder in self._used:
                folder.start()
            self._started = True

    def stop(self) -> None:
        """End watching; what is in the folders stays there."""
        with self._lock:
            self._started = False
            for folder in self._used:
                folder.stop()

    def use(self, folders: Collection[str]) -> None:
        """Look into these subfolders from now on, and into no others.

        Raises InboxError where a new one cannot be used; then nothing has changed.
        """
        with self._lock:
            wanted = ["", *sorted(set(folders))]
            new = {sub: self._new(sub) for sub in wanted if sub not in self._known}
            used = tuple(self._known.get(sub) or new[sub] for sub in wanted)
            idle = [folder for folder in used if folder not in self._used] if self._started else []
            begun: list[Folder] = []
            try:
                for folder in idle:
                    begun.append(folder)
                    folder.start()
            except BaseException:
                for folder in begun:
                    folder.stop()
                raise
            gone = [folder for folder in self._used if folder not in used]
            self._known |= new
            self._known[""].apart = frozenset(wanted)
            self._used = used
            for folder in gone:
                folder.stop()

    @property
    def watching(self) -> Literal["inotify", "polling"] | None:
        """How arrivals are noticed at present, where that differs the slower way; None: in some
        folder only by rescans."""
        ways = {folder.watching for folder in self._used}
        if None in ways:
            return None
        return "polling" if "polling" in ways else "inotify"

    # ------------------------------------------------------------------ files

    def scan(self) -> ScanResult:
        """List all folders: what is whole, and when to look again. Never raises for a folder.

        Also brings deleted folders back and watches anew where another took their place.
        """
        found = [folder.scan() for folder in self._used]
        ready = [file for one in found for file in one.ready]
        ready.sort(key=lambda file: (file.identity.mtime_ns, file.path.name))
        checks = [one.next_check for one in found if one.next_check is not None]
        problem = next((one.problem for one in found if one.problem is not None), None)
        return ScanResult(tuple(ready), min(checks, default=None), problem)

    def open(self, ready: Ready) -> BinaryIO:
        """The file's bytes; the caller closes it.

        Raises NotReady (Vanished, Changed, Unreadable), here or while reading, where the file
        is not or no longer what the scan found: leave it to the next scan.
        """
        return self._of(ready).open(ready)

    def done(self, ready: Ready, sha256: str, *, refused: bool = False) -> None:
        """Put a file away whose content is committed; ``sha256`` is that of what was read.

        One of which a piece was ``refused`` is not deleted: it may hold more than quarantine does.

        A file that is gone or has changed is left alone: it comes again as a new one. Where it
        cannot be moved that is logged, and tried again every minute; it is not read again.
        """
        self._of(ready).done(ready, sha256, refused=refused)

    def quarantine(self, ready: Ready, reason: str, *, sha256: str | None) -> Path:
        """Move a file that cannot be used to the quarantine folder; where it is then.

        ``<name>.reason.json`` is written beside it first; its ``name`` has the subfolder. Raises
        Vanished or Changed, as the file is, and InboxError where it cannot be moved (it is left
        out for a minute).
        """
        return self._of(ready).quarantine(ready, reason, sha256=sha256)

    def _of(self, ready: Ready) -> Folder:
        parent = ready.path.parent
        return self._known[parent.name if parent.parent == self._path else ""]
