"""The sources' health: judged after each round of the intake and once a minute, told on change.

Judged on a snapshot first; only where something has changed it is judged again, in a transaction
with nobody else's, and condition and alerts are written together. So each beginning and each end
is told once, whatever crashes in between and however many programs share the database.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor import log
from monitor.alerts import Planned
from monitor.alerts.health import (
    HISTORY,
    LEARNED_FROM,
    SAMPLE,
    Finding,
    changes,
    health_alert,
    health_labels,
    judge_dumps,
    judge_silence,
    watched,
)
from monitor.alerts.routing import first_hops
from monitor.alerts.withhold import Withholding, suppression
from monitor.app.policy import Compiled
from monitor.config import HealthSettings
from monitor.errors import StoreError
from monitor.model import Clock, Condition, HealthCheck
from monitor.pipeline.gather import tell
from monitor.ports import HealthBatch, HealthStore, HealthView

JUMP = timedelta(minutes=5)
"""Between two looks the wall clock may have gone so much further than the steady one; beyond it
the machine slept or the clock was set, and nobody listened meanwhile."""

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at all sources. ``silence``: whether it can be told now that one has begun."""

    now: datetime
    listening_since: datetime | None
    silence: bool


class SourceWatch:
    """Judges the sources that are configured now. May be called from any thread."""

    def __init__(
        self,
        store: HealthStore,
        *,
        compiled: Callable[[], Compiled],
        clock: Clock,
        on_told: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``on_told`` is called when alerts were written."""
        self._store = store
        self._compiled = compiled
        self._clock = clock
        self._on_told = on_told
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._listening_since: datetime | None = None
        self._last: tuple[datetime, float] | None = None  # wall clock and steady one

    def listen(self) -> None:
        """The inbox is watched from now on."""
        with self._lock:
            self._listening_since = self._clock()
            self._last = None

    def look(self, *, silence: bool) -> None:
        """Judge every source. ``silence``: all that waited in the inbox has been read.

        A store that fails is logged: the next look comes.
        """
        with self._lock:
            look = _Look(self._clock(), self._listening(), silence)
            try:
                told = self._look(look)
            except StoreError as error:
                _log.error("health.postponed", error=str(error))
                return
        if told:
            self._on_told()

    def _listening(self) -> datetime | None:
        """Since when the inbox is watched without a gap; None: it always was."""
        now, steady = self._clock(), self._monotonic()
        if self._listening_since is not None and self._last is not None:
            wall, before = self._last
            if abs((now - wall) - timedelta(seconds=steady - before)) > JUMP:
                _log.warning("health.clock_jumped", seconds=round((now - wall).total_seconds()))
                self._listening_since = now
        self._last = now, steady
        return self._listening_since

    def _look(self, look: _Look) -> bool:
        compiled = self._compiled()
        sources = watched(compiled.settings)
        with self._store.view() as view:
            changed = [
                name for name, settings in sources.items() if _changes(view, name, settings, look)
            ]
        for name in changed:
            with self._store.batch() as batch:
                for finding in _changes(batch, name, sources[name], look):
                    self._settle(batch, name, finding, compiled, look.now)
        return bool(changed)

    def _settle(
        self, batch: HealthBatch, source: str, finding: Finding, compiled: Compiled, now: datetime
    ) -> None:
        """Write one change, and tell it."""
        standing = batch.standing(source).get(finding.check)
        if finding.wrong:
            condition = Condition(source, finding.check, now, finding.detail)
            batch.begin(condition)
        else:
            assert standing is not None
            condition = standing
            batch.end(condition)
        level = _log.warning if finding.wrong else _log.info
        event = "source.unwell" if finding.wrong else "source.well"
        level(event, source=source, check=finding.check.value, detail=finding.detail)
        policy = compiled.policy
        if policy.routing is None:
            return
        alert = health_alert(condition, finding, now=now, base_url=policy.base_url)
        standing_now = batch.conditions() if policy.inhibitions else ()
        withholding = Withholding(batch.silences(now), policy.inhibitions, standing_now)
        (held,) = withholding.judge([health_labels(alert)])
        if held is not None:
            batch.withhold([suppression(alert, held)])
            _log.info("source.not_told", source=source, check=finding.check.value, why=held.detail)
            return
        hops = first_hops(policy.routing.hops(health_labels(alert)), None, now)
        planned = [Planned(hop.receiver, alert, (hop.timing,), hop.group) for hop in hops]
        tell(batch, planned, policy, now=now)


def _changes(view: HealthView, source: str, settings: HealthSettings, look: _Look) -> list[Finding]:
    standing = view.standing(source)
    dumps = view.dumps(source, limit=HISTORY + SAMPLE)
    drift = standing.get(HealthCheck.DRIFT)
    before = view.dumps(source, limit=HISTORY, before=drift.since) if drift else ()
    findings = judge_dumps(dumps, settings, standing, before)
    if look.silence or HealthCheck.SILENT in standing:  # that it is over can be told at any time
        silence = judge_silence(
            max(dumps, key=lambda dump: dump.came, default=None),
            view.arrivals(source, since=look.now - LEARNED_FROM),
            settings,
            now=look.now,
            listening_since=look.listening_since,
        )
        findings += [silence] if silence is not None else []
    return changes(findings, standing)
