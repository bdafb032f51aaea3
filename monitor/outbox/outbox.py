"""The dispatcher: one thread that writes what became of deliveries and claims further ones.

Both in one transaction, so that a destination with much to send costs one flush to the disk for
each batch. It never sends itself.
"""

from __future__ import annotations

import math
import random as random_module
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

from monitor import log
from monitor.config import DeliverySettings
from monitor.errors import StoreError
from monitor.model import Claim, Clock, Settlement
from monitor.outbox.sending import Batch, Terms, deliver, place
from monitor.outbox.workers import Workers
from monitor.ports import Channel, OutboxStore

AT_ONCE = 20  # deliveries of one destination that a worker has at most
SETTLE_AT = 20  # outcomes that are written without waiting for more
SETTLE_WITHIN = 0.02  # seconds that an outcome waits for others
LONGEST_SLEEP = 5.0  # seconds; work that nobody announced is found within this
SHORTEST_SLEEP = 0.05  # seconds between two looks at the store
LONGEST_PAUSE = 60.0  # seconds; a drain waits for no longer pause of a destination

_log = log.get(__name__)


class Outbox:
    """The dispatcher and its workers. All methods may be called from any thread."""

    def __init__(
        self,
        store: OutboxStore,
        channels: Mapping[str, Channel],
        settings: DeliverySettings,
        *,
        clock: Clock,
        owner: str,
        base_url: str,
        marks: Mapping[str, str] | None = None,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        """``owner`` names this process in its leases; ``channels`` are by destination name, as are
        ``marks``, which change with a channel's settings."""
        self._store = store
        self._channels = dict(channels)
        self._marks = dict(marks or {})
        self._settings = settings
        self._clock = clock
        self._owner = owner
        self._base_url = base_url
        self._terms = Terms(clock, random, lambda: self._stopping)
        self._workers = Workers("delivery")
        self._beat = time.monotonic()
        self._writing = threading.Lock()  # held by whoever writes outcomes
        # all that follows is changed only while _state is held
        self._state = threading.Condition()
        self._woken = False
        self._stopping = False
        self._stop_at = math.inf
        self._changed = True  # whether marks are to be compared with those in the store
        self._under_way: dict[str, Batch] = {}  # by destination
        self._rested: dict[str, float] = {}  # when the pause of a destination is over (monotonic)
        self._settled: list[Settlement] = []
        self._returned: list[str] = []
        self._ended: set[str] = set()  # destinations whose batch is over, but not yet written
        self._oldest = 0.0  # when the first of _settled came
        self._thread: threading.Thread | None = None

    # ------------------------------------------------------------------ life

    def start(self) -> None:
        """Take back what this owner held when it died, then deliver until ``stop``."""
        self._thread = threading.Thread(target=self._dispatch, name="outbox", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """New deliveries may be due."""
        with self._state:
            self._woken = True
            self._state.notify_all()

    def replace_channels(
        self,
        channels: Mapping[str, Channel],
        settings: DeliverySettings | None = None,
        marks: Mapping[str, str] | None = None,
    ) -> None:
        """Use these from now on; deliveries under way end with what they began with."""
        with self._state:
            before = self._channels
            self._channels = dict(channels)
            self._marks = dict(marks or {})
            self._settings = settings or self._settings
            self._changed = True
            sending = {id(batch.channel) for batch in self._under_way.values()}
            idle = [one for one in before.values() if id(one) not in sending]
        kept = set(map(id, channels.values()))
        for channel in idle:
            if id(channel) not in kept:
                channel.close()
        self.wake()

    def beat(self) -> float:
        """When the dispatcher last began a round, on the ``time.monotonic`` clock: an old time
        means that it hangs."""
        return self._beat

    def drain(self, deadline: float | None) -> int:
        """Deliver all that is due, without ``start``, each once at most; returns how many
        deliveries are left: due still, or failed and to be tried again.

        Waits for the pause after a message where more is due there, up to a minute; what has a
        longer one is left. Ends early at ``deadline`` (on the ``time.monotonic`` clock) or at
        ``stop``; what is under way then keeps its lease. Raises StoreError.
        """
        end = math.inf if deadline is None else deadline
        due_by = self._clock()
        self._store.release(self._owner, lease=self._settings.lease)
        while not self._stopping and time.monotonic() < end:
            rest: float | None = self._round(due_by)
            if not self._under_way:
                rest = self._paused(due_by)
            if rest is None:
                break
            self._wait(min(rest, end - time.monotonic()))
        with self._state:
            self._stop_at = min(self._stop_at, end)
        self._wind_up()
        return self._store.left(now=self._clock())

    def stop(self, timeout: float) -> None:
        """Claim nothing more and wait up to ``timeout`` seconds for what is under way.

        What is not done by then keeps its lease and its key, and is sent again later.
        """
        end = time.monotonic() + timeout
        with self._state:
            self._stopping, self._stop_at = True, end
            self._woken = True
            self._state.notify_all()
        if self._thread is not None:
            self._thread.join(timeout)
        with self._state:
            self._state.wait_for(
                lambda: self._under_way.keys() <= self._ended, max(0.0, end - time.monotonic())
            )
            unwritten = bool(self._ended)
        if unwritten and (self._thread is None or not self._thread.is_alive()):
            self._last_words()
        self._workers.end()
        with self._state:
            left = [claim.key for batch in self._under_way.values() for claim in batch.claims]
            idle = [one for name, one in self._channels.items() if name not in self._under_way]
        for channel in idle:
            channel.close()
        if left:
            _log.warning("outbox.left", keys=left)

    # ------------------------------------------------------------------ dispatcher

    def _dispatch(self) -> None:
        released, failures, last = False, 0, ""
        while not self._stopping:
            try:
                if not released:
                    self._store.release(self._owner, lease=self._settings.lease)
                    released = True
                rest = self._round()
                if failures:
                    _log.info("outbox.recovered", after=failures)
                failures, last = 0, ""
            except Exception as error:  # this thread outlives the database and every mistake
                failures += 1
                reason = str(error) if isinstance(error, StoreError) else place(error)
                if reason != last:
                    _log.error("outbox.store_failed", error=reason)
                last = reason
                with self._state:
                    self._state.wait_for(
                        lambda: self._stopping, min(0.1 * 2 ** min(failures, 10), LONGEST_SLEEP)
                    )
            else:
                self._wait(rest)
        self._wind_up()

    def _round(self, due_by: datetime | None = None) -> float:
        """Write what is known and set workers to what is due; returns in how many seconds the next
        round is worth while, where nothing happens before.

        First for destinations that work, then for those that fail, as far as they may have workers.
        ``due_by``: what is due later is none of ours.
        Raises StoreError; then all is as before.
        """
        self._beat = time.monotonic()
        with self._writing:
            self._readmit()
            with self._state:
                settled, returned, ended = self._news()
                going = {k: batch for k, batch in self._under_way.items() if k not in ended}
                channels, settings = self._channels, self._settings
                free = 0 if self._stopping else settings.workers - len(going)
            failing = sum(batch.failing for batch in going.values())
            if free <= 0 and not ended and not settled:
                return LONGEST_SLEEP
            until = time.monotonic() + settings.lease.total_seconds() / 2
            exchange = self._store.exchange(
                settled,
                returned,
                now=self._clock(),
                owner=self._owner,
                lease=settings.lease,
                limit=max(0, free),
                failing=max(1, settings.workers // 2) - failing,
                at_once=AT_ONCE,
                singly=[name for name, channel in channels.items() if channel.pause > 0],
                busy=going.keys(),
                max_items=max((channel.max_items for channel in channels.values()), default=1),
                base_url=self._base_url,
                due_by=due_by,
            )
            batches = self._written(settled, returned, ended, exchange.claims, until)
        if exchange.buried:
            _log.error("outbox.given_up", deliveries=exchange.buried)
        self._begin(batches)
        if len(batches) >= free or exchange.due is None:
            return LONGEST_SLEEP
        due = (exchange.due - self._clock()).total_seconds()
        return min(max(due, SHORTEST_SLEEP), LONGEST_SLEEP)

    def _begin(self, batches: Sequence[Batch]) -> None:
        """Set a worker to each. Raises RuntimeError where the system has no thread for one; then
        that batch is over, and so are those behind it."""
        for number, batch in enumerate(batches):
            try:
                self._workers.run(partial(self._work, batch))
            except RuntimeError:
                for left in batches[number:]:
                    self._end(left, [claim.key for claim in left.claims])
                raise

    def _news(self) -> tuple[list[Settlement], list[str], set[str]]:
        """What is to be written: outcomes, deliveries that were not tried, and the destinations
        whose batch is over with that."""
        return list(self._settled), list(self._returned), set(self._ended)

    def _written(
        self,
        settled: Sequence[Settlement],
        returned: Sequence[str],
        ended: Collection[str],
        claims: Sequence[Claim] = (),
        until: float = 0.0,
    ) -> list[Batch]:
        """What ``_news`` gave is in the store, and so are these claims: what workers get of them,
        over the channels of now, which may be others than before."""
        by_destination: dict[str, list[Claim]] = {}
        for claim in claims:
            by_destination.setdefault(claim.destination.name, []).append(claim)
        with self._state:
            del self._settled[: len(settled)]
            del self._returned[: len(returned)]
            self._oldest = time.monotonic()
            if any(one.gone not in (None, self._marks.get(one.destination, "")) for one in settled):
                self._changed = self._woken = True  # it was sent to with settings of before
            over = [self._under_way.pop(name) for name in ended]
            self._ended.difference_update(ended)
            batches = {
                name: Batch(
                    own,
                    self._channels.get(name),
                    self._settings,
                    until,
                    self._marks.get(name, ""),
                    self._rested.get(name, 0.0),
                )
                for name, own in by_destination.items()
            }
            self._under_way.update(batches)
            used = set(map(id, self._channels.values()))
            self._state.notify_all()
        for batch in over:
            if batch.channel is not None and id(batch.channel) not in used:
                batch.channel.close()
        return list(batches.values())

    def _readmit(self) -> None:
        """Try destinations that were gone, once their settings are others."""
        with self._state:
            marks, changed = self._marks, self._changed
        if changed:
            for name in self._store.readmit(marks):
                _log.info("destination.readmitted", destination=name)
            with self._state:
                self._changed = self._marks is not marks

    def _wait(self, seconds: float) -> None:
        """Until somebody wakes us, outcomes are to be written, or the time is up."""
        end = time.monotonic() + seconds
        with self._state:
            while not (self._woken or self._ended or len(self._settled) >= SETTLE_AT):
                until = min(end, self._oldest + SETTLE_WITHIN) if self._settled else end
                if (left := until - time.monotonic()) <= 0:
                    break
                self._state.wait(left)
            self._woken = False

    def _paused(self, due_by: datetime) -> float | None:
        """In how many seconds something can go that was due by then and may only be waiting for its
        channel's pause; None: nothing. Raises StoreError."""
        pauses = {name: channel.pause for name, channel in self._channels.items()}
        short = {name: pause for name, pause in pauses.items() if 0 < pause <= LONGEST_PAUSE}
        if not short:
            return None
        due = self._store.next_due(busy=pauses.keys() - short.keys(), due_by=due_by)
        if due is None:
            return None
        left = max((due - self._clock()).total_seconds(), SHORTEST_SLEEP)
        return left if left <= max(short.values()) + SHORTEST_SLEEP else None

    def _wind_up(self) -> None:
        """Write what still comes in, until no worker is at it or the time for a stop is over."""
        while True:
            self._last_words()
            with self._state:
                if not self._under_way or time.monotonic() >= self._stop_at:
                    return
                left = self._stop_at - time.monotonic()
            self._wait(min(left, LONGEST_SLEEP))

    def _last_words(self) -> None:
        """Write what is known and claim nothing; where that fails, leases run out."""
        with self._writing:
            with self._state:
                settled, returned, ended = self._news()
            if not (settled or returned or ended):
                return
            try:
                self._store.settle(settled, returned, owner=self._owner, now=self._clock())
            except StoreError as error:
                _log.error("outbox.settle_failed", error=str(error))
            self._written(settled, returned, ended)

    # ------------------------------------------------------------------ worker

    def _work(self, batch: Batch) -> None:
        untried = [claim.key for claim in batch.claims]
        try:
            for settled in deliver(batch, self._terms):
                untried.remove(settled.key)
                self._report(settled)
        finally:
            self._end(batch, untried)

    def _end(self, batch: Batch, untried: Sequence[str]) -> None:
        with self._state:
            self._returned += untried
            self._ended.add(batch.destination)
            if batch.pause:
                self._rested[batch.destination] = time.monotonic() + batch.pause
            self._state.notify_all()

    def _report(self, settled: Settlement) -> None:
        with self._state:
            if not self._settled:
                self._oldest = time.monotonic()
            self._settled.append(settled)
            self._state.notify_all()
