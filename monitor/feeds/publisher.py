"""Keeps the feed files what the store says: rendered, compared, replaced as a whole.

The publisher runs in a thread of its own, so that a slow disk never holds up ingesting. What is
marked is published at once, but a feed at most once a second: readers go by a Last-Modified of
whole seconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from monitor import log
from monitor.config.settings import FeedSettings
from monitor.errors import MonitorError
from monitor.feeds.atom import render_feed
from monitor.feeds.files import read_or_none, replace, sync_folder
from monitor.feeds.names import feed_file
from monitor.model import Clock
from monitor.ports import FeedStore

_log = log.get(__name__)

INTERVAL = 1.0
"""Seconds between two publications, at least."""

REST = 2.0
"""Rest this many times as long as a publication took: a thousand large feeds, all touched by a
long ingest, must not take the processor from it."""

SLICE = 20
"""Feeds of the backlog (all of them, after a start or a reload) published in one go, so that
what is marked meanwhile need not wait for a thousand others."""

LONGEST_RETRY = 60.0
"""Seconds. After a failure the wait doubles from ``INTERVAL`` up to this."""


class PublishError(MonitorError):
    """Feeds that could not be written; the old files still stand. The cause is the first one's."""

    def __init__(self, failed: dict[str | None, Exception], written: int) -> None:
        self.feeds = tuple(failed)
        self.written = written
        first = next(iter(failed.items()))
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        super().__init__(f"cannot publish {feed_file(first[0])}: {first[1]}{more}")


@dataclass(frozen=True)
class _Shape:
    """What feeds there are and how they look; a reload replaces the whole of it."""

    settings: FeedSettings
    base_url: str
    rules: dict[str, None]  # an ordered set


class Publisher:
    """Publishes ``all.atom`` and ``rules/<rule>.atom`` below ``folder``.

    All methods may be called from any thread.
    """

    def __init__(
        self,
        store: FeedStore,
        folder: Path,
        settings: FeedSettings,
        base_url: str,
        rules: Sequence[str],
        clock: Clock,
    ) -> None:
        self._store = store
        self._folder = folder
        self._clock = clock
        self._publishing = threading.Lock()  # held while files are written
        self._shape = _Shape(settings, base_url, dict.fromkeys(rules))
        self._stale = True  # files may be there that no rule has
        self._changed = threading.Condition()  # guards what follows
        self._dirty: dict[str | None, None] = {}  # an ordered set: news
        self._backlog: dict[str | None, None] = {}  # all feeds, to be looked over once
        self._stopping = False
        self._thread: threading.Thread | None = None
        self.problem: str | None = None
        """Why the thread's last publication failed; None: it did not. For health checks."""

    # ------------------------------------------------------------------ now, in this thread

    def publish(self, rules: Iterable[str] | None = None) -> int:
        """Publish ``all.atom`` and the feeds of ``rules`` (None: of every rule).

        Returns how many files changed. Rules that do not exist are passed over. Every feed is
        tried; then raises PublishError if some failed.
        """
        with self._publishing:
            written, failed = self._publish(self._feeds(rules))
        if failed:
            raise PublishError(failed, written) from next(iter(failed.values()))
        return written

    def remove_stale(self) -> None:
        """Remove feeds of rules that no longer exist, and what a crash left half-written.

        Raises OSError.
        """
        with self._publishing:
            self._remove_stale()

    def configure(self, settings: FeedSettings, base_url: str, rules: Sequence[str]) -> None:
        """Take over new settings (a reload): marks every feed; the thread removes stale ones.

        Does not wait for a publication under way: who reloads has to hear the call to stop.
        """
        self._shape = _Shape(settings, base_url, dict.fromkeys(rules))
        self._stale = True  # after the new shape, which is what makes them stale
        self.mark(None)

    # ------------------------------------------------------------------ soon, in its own thread

    def start(self) -> None:
        """Start the thread. What was marked before is published first, stale feeds removed."""
        with self._changed:
            if self._thread is not None:
                raise RuntimeError("the publisher runs already")
            self._stopping = False
            self._thread = threading.Thread(target=self._run, name="feeds", daemon=True)
            self._thread.start()

    def mark(self, rules: Iterable[str] | None = None) -> None:
        """Say that ``all.atom`` and the feeds of ``rules`` (None: all, with less haste) may have
        changed.

        An article that is revised changes the feeds of the rules it matched before, too.
        """
        feeds = dict.fromkeys(self._feeds(rules))
        with self._changed:
            if rules is None:
                self._backlog |= feeds
            else:
                self._dirty |= feeds
            self._changed.notify_all()

    def flush(self) -> None:
        """Publish now what is marked, in the calling thread; when it returns, files are current.

        Waits for a publication under way. Raises PublishError; what failed stays marked.
        """
        with self._changed:
            self._dirty |= self._backlog
            self._backlog = {}
        written, failed = self._publish_marked()
        if failed:
            raise PublishError(failed, written) from next(iter(failed.values()))

    def stop(self, timeout: float) -> None:
        """Publish what is marked and end the thread, within ``timeout`` seconds.

        Nothing is lost if time runs out, nor with the backlog, which is left: feeds are looked
        over at the next start.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            thread = self._thread
        if thread is None:
            return
        thread.join(timeout)
        if thread.is_alive():
            _log.warning("feeds.stop_timed_out", timeout=timeout)
        else:
            self._thread = None

    # ------------------------------------------------------------------ inside

    def _feeds(self, rules: Iterable[str] | None) -> list[str | None]:
        known = self._shape.rules
        if rules is None:
            return [None, *known]
        return [None, *sorted({rule for rule in rules if rule in known})]

    def _publish_marked(self) -> tuple[int, dict[str | None, Exception]]:
        """As ``_publish``, of what is marked, else of a slice of the backlog.

        Taking the marks under the lock lets ``flush`` wait for the thread.
        """
        with self._publishing:
            if self._stale:
                self._stale = False
                try:
                    self._remove_stale()
                except OSError as error:
                    _log.warning("feeds.stale", error=error.strerror)
            with self._changed:
                if self._dirty:
                    feeds, self._dirty = list(self._dirty), {}
                else:
                    feeds = list(islice(self._backlog, SLICE))
                for feed in feeds:
                    self._backlog.pop(feed, None)
            written, failed = self._publish(feeds)
            with self._changed:
                self._dirty = dict.fromkeys(failed) | self._dirty
                self._changed.notify_all()
        return written, failed

    def _publish(self, feeds: Iterable[str | None]) -> tuple[int, dict[str | None, Exception]]:
        """How many files changed, and what went wrong with which feed. The lock is held."""
        written: dict[str | None, Path] = {}
        failed: dict[str | None, Exception] = {}
        for feed in feeds:
            shape = self._shape
            if feed is not None and feed not in shape.rules:
                continue  # removed by a reload since it was marked
            try:
                if path := self._write(feed, shape):
                    written[feed] = path.parent
            except Exception as error:  # the boundary between one feed and the others
                failed[feed] = error
        for folder in dict.fromkeys(written.values()):
            try:
                sync_folder(folder)
            except OSError as error:
                failed |= {feed: error for feed, where in written.items() if where == folder}
        return len(written), failed

    def _remove_stale(self) -> None:
        """As ``remove_stale``; the lock is held."""
        rules = self._shape.rules
        for folder, kept in ((self._folder, ("all",)), (self._folder / "rules", rules)):
            for path in (*folder.glob("*.atom"), *folder.glob(".*.atom.*.tmp")):
                if path.name.removesuffix(".atom") not in kept:
                    path.unlink(missing_ok=True)
                    _log.info("feed.removed", file=path.name)

    def _write(self, rule: str | None, shape: _Shape) -> Path | None:
        """The feed's file, if it changed. Raises StoreError, OSError."""
        settings = shape.settings
        entries = self._store.entries(
            rule,
            since=self._clock() - settings.min_age,
            at_least=min(settings.min_entries, settings.max_entries),
            at_most=settings.max_entries,
        )
        data = render_feed(entries, rule=rule, settings=settings, base_url=shape.base_url)
        path = self._folder / feed_file(rule)
        if read_or_none(path) == data:
            return None
        replace(path, data)
        _log.debug("feed.published", feed=rule, entries=len(entries), bytes=len(data))
        return path

    def _run(self) -> None:
        wait = 0.0
        untold = 0  # feeds written; the backlog is told of at its end, not slice by slice
        while self._wait(wait):
            began = time.monotonic()
            news = bool(self._dirty)
            written, failed = self._publish_marked()
            took = time.monotonic() - began
            if not failed:
                wait, self.problem = max(INTERVAL if news else 0.0, REST * took), None
                untold += written
                if untold and (news or not self._backlog):
                    _log.info("feeds.published", written=untold)
                    untold = 0
                continue
            wait = min(max(wait, INTERVAL / 2) * 2, LONGEST_RETRY)
            self.problem = str(PublishError(failed, written))
            _log.error("feeds.publish_failed", error=self.problem, retry_in=wait)
            if self._stopping:
                return

    def _wait(self, seconds: float) -> bool:
        """Wait until something is to be published, at least ``seconds``. False: time to end.

        Once the publisher is stopping, what is marked is due at once.
        """
        earliest = time.monotonic() + seconds
        with self._changed:
            while not self._stopping:
                left = earliest - time.monotonic()
                waiting = self._dirty or self._backlog
                if waiting and left <= 0:
                    return True
                self._changed.wait(left if waiting else None)
            return bool(self._dirty)
