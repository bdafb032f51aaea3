"""The program as one object: open, start, reload, stop."""

from __future__ import annotations

import gc
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from monitor import log, sdnotify
from monitor.app.health import SourceWatch
from monitor.app.intake import Intake, Taken
from monitor.app.policy import Compiled, compile_policy
from monitor.app.prune import prune_if_due
from monitor.app.pulse import Pulse
from monitor.app.state import database_url, hold, rule_cache
from monitor.config import Settings, load_settings
from monitor.errors import ConfigError, StoreError
from monitor.feeds import Publisher
from monitor.inbox import Inbox, InboxError
from monitor.model import Clock, utcnow
from monitor.outbox import Outbox
from monitor.store import Store, open_store

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

STOP_WITHIN = 3.5  # seconds for everything but the web server, which gets one more
STALE = 60.0  # seconds without a sign of life from a loop: unhealthy
ROUND = timedelta(hours=1)  # alerts of a ``run_once`` are gathered for so long, or until its end
PRUNING = 600.0  # seconds between two looks whether pruning, once a day, is due
SOURCES = 60.0  # seconds between two looks at the sources' health
STUCK = 300.0  # seconds without a commit while a dump is being ingested: unhealthy

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that health looks at. ``curable``: a restart might mend it."""

    name: str
    ok: bool
    detail: str
    curable: bool = True


class App:
    """The daemon without its web server and its signals, which the caller owns."""

    def __init__(
        self,
        settings: Settings,
        *,
        config_file: Path | None = None,
        clock: Clock = utcnow,
        out: TextIO | None = None,
        on_taken: Callable[[Taken], None] = lambda taken: None,
        on_progress: Callable[[str, int, int, int], None] | None = None,
    ) -> None:
        """Compile the settings. Raises ConfigError; nothing is opened yet."""
        self._file = config_file
        self._clock = clock
        self._out = out or sys.stdout
        self._on_taken = on_taken
        self._on_progress = on_progress
        self._base_url = settings.base_url
        self._compiled = self._compile(settings)
        self._reloading = threading.Lock()
        self._lock: TextIO | None = None
        self._store: Store | None = None
        self._scheduler: BackgroundScheduler | None = None
        self._stopping = threading.Event()
        self.undecided = 0  # times that a rule was not decided for an article, since the start

    # --- what others may ask

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._compiled.settings

    @property
    def rules(self) -> Mapping[str, bool]:
        """Names of the rules in force, in order: whether each has a feed of its own."""
        return self._compiled.feeds

    @property
    def store(self) -> Store:
        """The open store."""
        if self._store is None:
            raise StoreError("the store is not open")
        return self._store

    @property
    def feeds_folder(self) -> Path:
        """Where the published feeds are."""
        return self.settings.state / "feeds"

    # --- life

    def open(self, base_url: str | None = None) -> None:
        """Take the state folder, open the store, build the parts; start nothing.

        Raises StoreError, or MonitorError where another process has the state folder.
        """
        settings = self.settings
        calm_collector()
        if base_url is not None:
            self._base_url = base_url.rstrip("/")
            policy = replace(self._compiled.policy, base_url=self._base_url)
            self._compiled = replace(self._compiled, policy=policy)
        self._owner = f"{socket.gethostname()}:{settings.state.resolve()}"
        self._lock = hold(settings.state)
        self._store = open_store(database_url(settings))
        self._outbox = Outbox(
            self._store.outbox,
            self._compiled.channels,
            settings.delivery,
            clock=self._clock,
            owner=self._owner,
            base_url=self._base_url,
            marks=self._compiled.marks,
        )
        self._pulse = Pulse(self._store.pages.ping)
        quarantine = settings.state / "quarantine"
        self._inbox = Inbox(
            settings.inbox,
            archive=settings.state / "archive",
            quarantine=quarantine,
            folders=_folders(settings),
            on_hint=lambda: self._intake.wake(),
        )
        self._publisher = Publisher(
            self._store.feeds,
            self.feeds_folder,
            settings.feeds,
            self._base_url,
            self._compiled.rules.feeds,
            self._clock,
        )
        self._sources = SourceWatch(
            self._store.health,
            compiled=lambda: self._compiled,
            clock=self._clock,
            on_told=lambda: self._outbox.wake(),
        )
        self._intake = Intake(
            self._inbox,
            self._store.ingest,
            clock=self._clock,
            compiled=lambda: self._compiled,
            quarantine=quarantine,
            rescan=settings.inbox.rescan.total_seconds(),
            on_taken=self._taken,
            on_broken_off=lambda: self._publisher.mark(None),
            on_round=lambda: self._sources.look(silence=False),
            on_progress=self._on_progress,
        )

    def start(self) -> None:
        """Start watching, ingesting, publishing and delivering, each in its own thread.

        Raises StoreError.
        """
        self.store.outbox.due_now(now=self._clock())  # what a killed ``run_once`` had gathered
        self._inbox.start()
        self._sources.listen()
        self._outbox.start()
        self._publisher.start()
        self._publisher.mark(None)
        self._intake.start()
        # While the inbox is being scanned for the first time, for which it is not needed.
        from apscheduler.schedulers.background import BackgroundScheduler

        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._every(self.settings.inbox.rescan.total_seconds(), self._intake.wake, "rescan")
        self._every(PRUNING, self._prune, "prune")
        self._every(SOURCES, lambda: self._sources.look(silence=self._intake.idle), "sources")
        interval = sdnotify.watchdog_interval()
        if interval is not None:
            threading.Thread(
                target=self._keep_alive, args=(interval / 2,), name="watchdog", daemon=True
            ).start()
        self._scheduler.start()
        _log.info("monitor.started", inbox=str(self.settings.inbox.path), rules=self._rule_count)

    def run_once(self, patience: float = 60.0) -> int:
        """Ingest what waits, publish, deliver what is due; returns deliveries still waiting.

        Each destination gets one message of all that was ingested.
        """
        policy = replace(self._compiled.policy, least_wait=ROUND)
        self._compiled = replace(self._compiled, policy=policy)
        self._inbox.start()
        try:
            self._intake.run_until_empty(patience)
        finally:
            self._inbox.stop()
        self._sources.look(silence=True)
        self._publisher.publish()
        self._publisher.remove_stale()
        self.store.outbox.due_now(now=self._clock())
        return self._outbox.drain(None)

    def interrupt(self) -> None:
        """End a ``run_once`` after the running batch; a delivery under way is sent again later."""
        self._intake.stop(0)
        self._outbox.stop(1.0)

    def stop(self) -> None:
        """Stop all, nothing lost: what is under way is committed or resumed at the next start."""
        deadline = time.monotonic() + STOP_WITHIN
        self._stopping.set()
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._inbox.stop()
            if not self._intake.stop(_left(deadline) - 2.0):
                _log.warning("intake.slow_stop")
            self._outbox.stop(max(0.2, _left(deadline) - 1.0))
            self._publisher.stop(max(0.2, _left(deadline)))
            _log.info("monitor.stopped")

    def close(self) -> None:
        """Release the store and the state folder."""
        if self._store is not None:
            self._outbox.stop(0)
            self._store.close()
            self._store = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    # --- reload

    def reload(self) -> None:
        """Read the configuration file again and put it in force, or raise ConfigError and keep
        the old one. What cannot change while running (folders, database, address) is refused."""
        with self._reloading:
            if self._file is None:
                raise ConfigError("this process was started without a configuration file")
            try:
                settings = load_settings(self._file)
                _refuse_moves(self.settings, settings)
                compiled = self._compile(settings)
                self._use_folders(settings)
            except ConfigError as error:
                _log.error("config.rejected", problems=str(error).splitlines())
                raise
            self._compiled = compiled
            self._publisher.configure(settings.feeds, self._base_url, compiled.rules.feeds)
            self._outbox.replace_channels(compiled.channels, settings.delivery, compiled.marks)
            log.configure(settings.log.format, settings.log.level)
            self._intake.wake()
            _log.info("config.reloaded", rules=self._rule_count)

    # --- health

    def checks(self) -> tuple[Check, ...]:
        """Every part's sign of life; all ok means healthy."""
        return (
            self._check_store(),
            self._check_intake(),
            self._check_outbox(),
            self._check_feeds(),
        )

    def ready(self) -> bool:
        """Whether the first scan is done and everything runs."""
        return all(check.ok for check in self.checks())

    def _check_store(self) -> Check:
        problem = self._pulse.problem()
        return Check("database", problem is None, problem or "reads and writes")

    def _check_intake(self) -> Check:
        intake = self._intake
        if not intake.alive:
            return Check("inbox", False, "the intake thread does not run")
        if intake.beat is None:
            return Check("inbox", False, "not scanned yet")
        if intake.problem is not None:
            return Check("inbox", False, f"cannot be read: {intake.problem}", curable=False)
        age = time.monotonic() - intake.beat
        if intake.busy is not None:
            return Check("inbox", age <= STUCK, f"ingesting {intake.busy}")
        return Check("inbox", age <= STALE + 2 * self._rescan, f"last scan {age:.0f} s ago")

    def _check_feeds(self) -> Check:
        problem = self._publisher.problem
        return Check("feeds", problem is None, problem or "published", curable=False)

    def _check_outbox(self) -> Check:
        age = time.monotonic() - self._outbox.beat()
        return Check("outbox", age <= STALE, f"last round {age:.0f} s ago")

    # --- inside

    def _compile(self, settings: Settings) -> Compiled:
        return compile_policy(settings, self._base_url, self._out, cache=rule_cache(settings))

    def _use_folders(self, settings: Settings) -> None:
        """Watch the subfolders of sources. Raises ConfigError where one cannot be used."""
        try:
            self._inbox.use(_folders(settings))
        except InboxError as error:
            raise ConfigError(str(error)) from error

    @property
    def _rescan(self) -> float:
        return self.settings.inbox.rescan.total_seconds()

    @property
    def _rule_count(self) -> int:
        return len(self.rules)

    def _taken(self, taken: Taken) -> None:
        self.undecided += taken.ingested.undecided
        if not taken.ingested.seen_before:
            self._publisher.mark(taken.ingested.rules)
            self._outbox.wake()
        self._on_taken(taken)

    def _prune(self) -> None:
        prune_if_due(
            self.store.prune,
            self.settings,
            owner=self._owner,
            now=self._clock(),
            stop=self._stopping,
        )

    def _keep_alive(self, interval: float) -> None:
        """Tell systemd every ``interval`` seconds that we work, until ``stop``.

        Not a job of the scheduler: that goes by the clock on the wall, and one that is set back
        would stop it for as long.
        """
        while not self._stopping.wait(interval):
            failed = [check for check in self.checks() if not check.ok]
            if not any(check.curable for check in failed):
                sdnotify.notify("WATCHDOG=1")
            for check in failed:
                _log.error("health.failed", check=check.name, detail=check.detail)

    def _every(self, seconds: float, job: Callable[[], None], name: str) -> None:
        assert self._scheduler is not None
        self._scheduler.add_job(
            job,
            "interval",
            seconds=seconds,
            id=name,
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )


def calm_collector() -> None:
    """Let the garbage collector look less often: articles and rows are many and make no cycles.

    Saves about 50 µs an article. What is loaded by now (modules, rules) is not looked at again.
    A batch makes some 20,000 objects, which are gone when it ends: a look in the midst of it takes
    longest and finds nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 10)


def _folders(settings: Settings) -> frozenset[str]:
    return frozenset(source.folder for source in settings.sources if source.folder is not None)


def _refuse_moves(old: Settings, new: Settings) -> None:
    """Raise ConfigError for settings that need a restart."""
    moved = [
        key
        for key, before, after in (
            ("inbox", old.inbox, new.inbox),
            ("state", old.state, new.state),
            ("database", database_url(old), database_url(new)),
            ("web", old.web, new.web),
        )
        if before != after
    ]
    if moved:
        raise ConfigError(f"{', '.join(moved)} cannot change while running; restart instead")


def _left(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())
