"""Forgetting what need not be kept: texts and archived files by age, and room on the disk."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor import log
from monitor.config import Settings
from monitor.errors import MonitorError
from monitor.inbox.archive import prune_archive
from monitor.model import Pruned, StoreSize
from monitor.ports import PruneStore

EVERY = timedelta(days=1)
NOT_TOLD = timedelta(days=90)
"""For so long it can be asked why somebody was not told."""
WORTHWHILE = 16 * 1024 * 1024
"""Bytes, and a quarter of the database: as much must be free in it before it is written anew."""
QUICK = 512 * 1024 * 1024
"""Bytes; a database up to this size is written anew beside a running daemon, in a few seconds.
For longer nothing could be stored, and the daemon's health check would fail."""

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class PruneReport:
    """What was forgotten, or with ``dry_run`` would be, and the database's size before and after.

    ``suppressions`` counts what was not told and is forgotten; ``note`` says why free room was
    left where it is, if it was.
    """

    dry_run: bool
    texts: Pruned
    archive_files: int
    archive_bytes: int
    before: StoreSize
    after: StoreSize
    compacted: bool = False
    note: str | None = None
    suppressions: int = 0
    deliveries: int = 0


def prune(
    store: PruneStore,
    settings: Settings,
    *,
    now: datetime,
    dry_run: bool = False,
    alone: bool = False,
    texts: bool = True,
    archive: bool = True,
    suppressions: bool = True,
    deliveries: bool = True,
    stop: threading.Event | None = None,
) -> PruneReport:
    """Forget what the setting ``retention`` says, and what was not told long ago, in short
    transactions.

    ``alone``: no daemon runs beside, so a large database may be written anew as well. ``stop``
    ends it between two of them. Raises StoreError and InboxError.
    """
    keep = settings.retention
    before = store.size()
    unseen, unedited = _ago(now, keep.bodies), _ago(now, keep.revisions)
    forgotten = Pruned()
    if texts and (unseen or unedited):
        forgotten = (
            store.stale(unseen_since=unseen, unedited_since=unedited)
            if dry_run
            else _forget(store, unseen, unedited, stop)
        )
    untold = 0
    if suppressions and not dry_run:
        untold = store.forget_suppressions(before=now - NOT_TOLD)
    told = 0
    sent = _ago(now, keep.deliveries)
    if deliveries and sent is not None and not dry_run:
        told = _forget_deliveries(store, sent, stop)
    files = size = 0
    old = _ago(now, keep.archive)
    if archive and old is not None:
        files, size = prune_archive(settings.state / "archive", before=old, dry_run=dry_run)
    compacted, note = False, None
    if texts and not dry_run and not (stop is not None and stop.is_set()):
        compacted, note = _compact(store, alone=alone)
    after = store.size()
    return PruneReport(
        dry_run, forgotten, files, size, before, after, compacted, note, untold, told
    )


def prune_if_due(
    store: PruneStore, settings: Settings, *, owner: str, now: datetime, stop: threading.Event
) -> None:
    """The daily round of a daemon. Texts are forgotten by one of all programs that share the
    database, archived files by the program whose they are (``owner``)."""
    keep = settings.retention
    try:
        texts = bool(keep.bodies or keep.revisions) and store.claim("prune", now=now, every=EVERY)
        archive = bool(keep.archive) and store.claim(f"archive {owner}", now=now, every=EVERY)
        suppressions = store.claim("suppressions", now=now, every=EVERY)
        deliveries = bool(keep.deliveries) and store.claim("deliveries", now=now, every=EVERY)
        if not (texts or archive or suppressions or deliveries):
            return
        report = prune(
            store,
            settings,
            now=now,
            texts=texts,
            archive=archive,
            suppressions=suppressions,
            deliveries=deliveries,
            stop=stop,
        )
    except MonitorError as error:
        _log.error("prune.failed", error=str(error))
        return
    _log.info(
        "prune.done",
        texts=report.texts.texts,
        archive_files=report.archive_files,
        archive_bytes=report.archive_bytes,
        suppressions=report.suppressions,
        deliveries=report.deliveries,
        database_before=report.before.total,
        database_after=report.after.total,
        note=report.note,
    )


def _ago(now: datetime, age: timedelta | None) -> datetime | None:
    """So long before ``now``; None also for an age that reaches beyond the calendar."""
    if age is None:
        return None
    try:
        return now - age
    except OverflowError:
        return None


def _forget_deliveries(store: PruneStore, before: datetime, stop: threading.Event | None) -> int:
    told = 0
    after: str | None = ""
    while after is not None and not (stop is not None and stop.is_set()):
        done, after = store.forget_deliveries(before=before, after=after)
        told += done
    return told


def _forget(
    store: PruneStore,
    unseen: datetime | None,
    unedited: datetime | None,
    stop: threading.Event | None,
) -> Pruned:
    texts = characters = 0
    after: int | None = 0
    while after is not None and not (stop is not None and stop.is_set()):
        done, after = store.prune(unseen_since=unseen, unedited_since=unedited, after=after)
        texts, characters = texts + done.texts, characters + done.characters
    return Pruned(texts, characters)


def _compact(store: PruneStore, *, alone: bool) -> tuple[bool, str | None]:
    """Whether the database was written anew, and why not where that would have been worth while."""
    size = store.size()
    if size.free < WORTHWHILE or size.free * 4 < size.total:
        return False, None
    if size.total > QUICK and not alone:
        return False, "stop the daemon and prune again to give the free room back to the disk"
    try:
        return store.compact(), None
    except MonitorError as error:  # no room for a copy, say: what is free is used again anyway
        return False, str(error)
