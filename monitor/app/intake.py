"""Files that are whole go through the pipeline, one at a time, and then out of the inbox."""

from __future__ import annotations

import hashlib
import io
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from monitor import log
from monitor.app.policy import Compiled
from monitor.dumps import beginning, parse, select_source
from monitor.dumps.base import MAX_RAW
from monitor.dumps.recall import StoredRecall
from monitor.errors import MonitorError, StoreError
from monitor.inbox import Inbox, InboxError, NotReady, Ready, keep_piece
from monitor.model import BadRecord, Clock, Dump, DumpInfo, DumpState
from monitor.pipeline import Ingested, Pipeline
from monitor.ports import IngestStore

IN_MEMORY = 16 * 1024 * 1024  # bytes; smaller files are read once, so that what is hashed is parsed
CHUNK = 1024 * 1024
TRIES = 3  # before a file that makes the program itself fail is put into quarantine
STORE_PAUSE = 5.0  # seconds before the next try when the database refused

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """One file dealt with."""

    name: str
    ingested: Ingested
    seconds: float


class Intake:
    """The loop from inbox to store."""

    def __init__(
        self,
        inbox: Inbox,
        store: IngestStore,
        *,
        clock: Clock,
        compiled: Callable[[], Compiled],
        quarantine: Path,
        rescan: float,
        on_taken: Callable[[Taken], None],
        on_broken_off: Callable[[], None],
        on_round: Callable[[], None] = lambda: None,
        on_progress: Callable[[str, int, int, int], None] | None = None,
    ) -> None:
        """``on_broken_off`` is told when a dump fails or is put off: batches of it may be stored.
        ``on_round`` is told when all files that one scan found were dealt with.
        ``on_progress`` is told name, bytes read, bytes in all and segments stored."""
        self._inbox = inbox
        self._store = store
        self._clock = clock
        self._compiled = compiled
        self._rescan = rescan
        self._on_taken = on_taken
        self._on_broken_off = on_broken_off
        self._on_round = on_round
        self._on_progress = on_progress
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._failures: dict[object, int] = {}
        self._info: DumpInfo | None = None  # of the file being ingested, once it was hashed
        self._thread: threading.Thread | None = None
        self._pipeline = Pipeline(store, clock=clock, keep_bad=self._keep_bad)
        self._quarantine = quarantine
        self.beat: float | None = None  # monotonic time of the last scan or commit
        self.busy: str | None = None  # the file being ingested
        self.problem: str | None = None  # why the folder could not be listed
        self.idle = False  # nothing waited in the inbox when it was looked at last

    # --- running

    def start(self) -> None:
        """Run in a thread of its own until ``stop``."""
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something may have changed in the inbox."""
        self._wake.set()

    def stop(self, timeout: float) -> bool:
        """End after the running batch; False if that took longer than ``timeout`` seconds."""
        self._stop.set()
        self._wake.set()
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def alive(self) -> bool:
        """Whether the loop's thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                wait = self._round()
            except Exception:  # the loop outlives whatever a scan can meet
                _log.exception("intake.failed")
                wait = STORE_PAUSE
            self._wake.wait(self._rescan if wait is None else min(wait, self._rescan))

    def _round(self) -> float | None:
        """One scan and all it found; returns seconds until the next one is worthwhile."""
        found = self._inbox.scan()
        self.beat = time.monotonic()
        self.problem = found.problem
        self.idle = not found.ready and found.next_check is None and found.problem is None
        for ready in found.ready:
            if self._stop.is_set():
                return None
            if not self.take(ready):
                return STORE_PAUSE
            self.beat = time.monotonic()
        if not found.ready:
            return found.next_check
        self._on_round()
        return 0.0

    def run_until_empty(self, patience: float) -> None:
        """Take all that waits, files still being written too, for at most ``patience`` seconds
        beyond the last file taken.

        Raises StoreError where the database refuses a file, MonitorError where the folder cannot
        be listed; what is not taken stays in the inbox.
        """
        deadline = time.monotonic() + patience
        while not self._stop.is_set():
            found = self._inbox.scan()
            if found.problem is not None:
                raise MonitorError(f"the inbox cannot be read: {found.problem}")
            for ready in found.ready:
                if self._stop.is_set():
                    return
                self._take(ready)
                deadline = time.monotonic() + patience
            if not found.ready and found.next_check is None:
                return
            if time.monotonic() > deadline:
                _log.warning("inbox.still_written", seconds=patience)
                return
            if not found.ready:
                self._wake.wait(found.next_check)
                self._wake.clear()

    # --- one file

    def take(self, ready: Ready) -> bool:
        """Ingest one file and clear it away. False: the database refused, try again later."""
        try:
            self._take(ready)
        except StoreError as error:
            _log.error("dump.postponed", name=ready.name, error=str(error))
            return False
        return True

    def _take(self, ready: Ready) -> None:
        started = time.monotonic()
        self.busy, self._info = ready.name, None
        try:
            result = self._ingest(ready)
        except NotReady as error:
            _log.info("inbox.changed", name=ready.name, reason=str(error))
            return
        except StoreError:
            self._on_broken_off()
            raise
        except Exception as error:  # the boundary of one dump: others go on
            self._on_broken_off()
            self._failed(ready, error)
            return
        finally:
            self.busy = None
        self._failures.pop(ready.identity, None)
        if not result.interrupted:
            self._report(Taken(ready.name, result, time.monotonic() - started))

    def _ingest(self, ready: Ready) -> Ingested:
        compiled = self._compiled()
        with self._inbox.open(ready) as file:
            stream, sha256, size = _hashed(file)
            profile = select_source(
                ready.name,
                compiled.settings.sources,
                text=lambda source: beginning(stream, source.encoding),
            )
            info = self._info = DumpInfo(
                sha256=sha256,
                name=ready.name,
                source=profile.name,
                size=size,
                received=self._clock(),
            )

            # As it was when the dump arrived: one that is resumed is cut as it was begun.
            arrived, before = self._store.began(info)
            recall = StoredRecall(
                profile.name, lambda keys: self._store.known_features(keys, before=before)
            )

            def progress(segments: int) -> None:
                self.beat = time.monotonic()
                if self._on_progress is not None:
                    self._on_progress(ready.name, stream.tell(), size, segments)

            result = self._pipeline.ingest(
                parse(stream, profile, name=ready.name, arrived=arrived, recall=recall),
                info,
                profile,
                compiled.policy,
                stop=self._stop,
                progress=progress,
            )
        if not result.interrupted:
            self._clear(ready, result.dump)
        return result

    def _clear(self, ready: Ready, dump: Dump) -> None:
        """After the commit: the file leaves the inbox."""
        try:
            if dump.state is DumpState.DONE:
                self._inbox.done(ready, dump.sha256, refused=dump.quarantined > 0)
            else:
                reason = dump.reason or dump.state.value
                self._inbox.quarantine(ready, reason, sha256=dump.sha256)
        except NotReady as error:  # written over meanwhile: it is a new file now
            _log.info("inbox.changed", name=ready.name, reason=str(error))
        except OSError as error:
            _log.error("inbox.stuck", name=ready.name, error=error.strerror or str(error))

    def _failed(self, ready: Ready, error: Exception) -> None:
        count = self._failures[ready.identity] = self._failures.get(ready.identity, 0) + 1
        expected = isinstance(error, MonitorError | OSError)
        _log.error(
            "dump.failed", name=ready.name, tries=count, error=str(error), exc_info=not expected
        )
        if count < TRIES:
            return
        reason = f"failed {count} times: {type(error).__name__}: {error}"
        info = self._info
        try:
            dump = None if info is None else self._pipeline.give_up(info, reason)
            self._inbox.quarantine(ready, reason, sha256=None if info is None else info.sha256)
        except (MonitorError, OSError) as problem:
            _log.error("inbox.stuck", name=ready.name, error=str(problem))
        else:
            if dump is not None:
                self._report(Taken(ready.name, Ingested(dump), 0.0))
        self._failures.pop(ready.identity, None)

    def _keep_bad(self, dump: Dump, bad: BadRecord) -> None:
        try:
            keep_piece(
                self._quarantine,
                dump=f"{dump.name}.{dump.sha256[:12]}",
                index=bad.index,
                line=bad.line,
                reason=bad.reason,
                raw=bad.raw,
                origin=dump.name,
                whole=bad.whole and len(bad.raw) < MAX_RAW,
            )
        except InboxError as error:  # no fault of the dump's: as when the database refuses
            raise StoreError(str(error)) from error
        _log.warning(
            "segment.quarantined", dump=dump.name, index=bad.index, line=bad.line, reason=bad.reason
        )

    def _report(self, taken: Taken) -> None:
        dump = taken.ingested.dump
        if taken.ingested.seen_before:
            _log.info("dump.seen_before", name=taken.name, first_name=dump.name, copies=dump.copies)
        else:
            level = _log.info if dump.state is DumpState.DONE else _log.warning
            level(
                "dump.ingested",
                name=taken.name,
                source=dump.source,
                state=dump.state.value,
                reason=dump.reason,
                articles=dump.articles,
                new=dump.new,
                revised=dump.revised,
                unchanged=dump.unchanged,
                duplicate=dump.duplicate,
                quarantined=dump.quarantined,
                matches=taken.ingested.matches,
                alerts=taken.ingested.alerts,
                seconds=round(taken.seconds, 3),
            )
        self._on_taken(taken)


def _hashed(file: BinaryIO) -> tuple[BinaryIO, str, int]:
    """The stream to parse, from its start, with its SHA-256 and size in bytes."""
    data = file.read(IN_MEMORY + 1)
    if len(data) <= IN_MEMORY:
        return io.BytesIO(data), hashlib.sha256(data).hexdigest(), len(data)
    digest = hashlib.sha256(data)
    size = len(data)
    del data
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    file.seek(0)
    return file, digest.hexdigest(), size
