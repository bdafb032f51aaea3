"""Delivers what the store holds: claim, send, settle; with leases, back-off and a dead state.

At least once: a delivery is claimed for the length of a lease, sent, and then settled. A crash
between sending and settling lets the lease run out, and the delivery is sent again under the
same key, by which the other side can tell. At most one delivery is under way to a destination,
so a slow or broken one holds up nobody else as long as workers are left; and those whose last
delivery failed together get no more than half of the workers.
"""

from __future__ import annotations

import random as random_module
import threading
import time
import traceback
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil, log2
from pathlib import Path

from monitor import log
from monitor.config import DeliverySettings
from monitor.errors import DeliveryError, StoreError
from monitor.model import Claim, Clock, Message
from monitor.ports import Channel, OutboxStore

LONGEST_SLEEP = 5.0  # seconds; work that nobody announced is found within this
SHORTEST_SLEEP = 0.05  # seconds between two looks at the store
JITTER = 0.2  # a delay varies by this share either way
FAIR_TRIAL = timedelta(minutes=10)

_log = log.get(__name__)


def next_retry(
    attempts: int,
    created: datetime,
    now: datetime,
    settings: DeliverySettings,
    random: Callable[[], float],
    retry_after: float | None = None,
) -> datetime | None:
    """When to try again after ``attempts`` failures (>= 1), or None: give up. Pure.

    The delay doubles from ``first_retry`` up to ``max_retry``, give or take a fifth (``random``
    is in [0, 1)), and is never shorter than ``retry_after`` seconds. The end has come when
    ``give_up_after`` has passed since ``created``, except that a delivery which was tried only
    for a moment - we were switched off for days, or somebody retries it by hand - has its
    attempts over ten minutes whatever its age.
    """
    too_old = now - created >= settings.give_up_after
    if too_old and _tried_for(attempts, settings) >= min(settings.give_up_after, FAIR_TRIAL):
        return None
    first, longest, doublings = _growth(settings)
    delay = first * 2.0 ** (attempts - 1) if attempts <= doublings else longest
    delay *= 1 + JITTER * (2 * random() - 1)
    return now + timedelta(seconds=max(delay, retry_after or 0))


def _tried_for(attempts: int, settings: DeliverySettings) -> timedelta:
    """How long after the first of ``attempts`` the last one was, by the plan."""
    first, longest, doublings = _growth(settings)
    growing = min(attempts - 1, doublings)
    seconds = first * (2.0**growing - 1) + longest * (attempts - 1 - growing)
    return timedelta(seconds=min(seconds, FAIR_TRIAL.total_seconds()))


def _growth(settings: DeliverySettings) -> tuple[float, float, int]:
    """First and longest delay (s), and how many delays are shorter than the longest."""
    first = settings.first_retry.total_seconds()
    longest = max(settings.max_retry.total_seconds(), first)
    return first, longest, ceil(log2(longest / first))


class Outbox:
    """The dispatcher and its workers. All methods may be called from any thread.

    Each delivery has a daemon thread of its own rather than one of an executor's, whose threads
    the interpreter waits for at its end: a destination that hangs must not hold up a stop.
    """

    def __init__(
        self,
        store: OutboxStore,
        channels: Mapping[str, Channel],
        settings: DeliverySettings,
        *,
        clock: Clock,
        owner: str,
        base_url: str,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        """``owner`` names this process in its leases; ``channels`` are by destination name."""
        self._store = store
        self._channels = dict(channels)
        self._settings = settings
        self._clock = clock
        self._owner = owner
        self._base_url = base_url
        self._random = random
        self._beat = time.monotonic()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._state = threading.Condition()
        self._under_way: dict[str, str] = {}  # destination -> key
        self._failing: set[str] = set()  # destinations whose last delivery failed, not for good
        self._waiting: set[str] = set()  # keys that failed and are to be tried again
        self._thread: threading.Thread | None = None

    # ------------------------------------------------------------------ life

    def start(self) -> None:
        """Take back what this owner held when it died, then deliver until ``stop``."""
        self._thread = threading.Thread(target=self._dispatch, name="outbox", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """New deliveries may be due."""
        self._wake.set()

    def replace_channels(
        self, channels: Mapping[str, Channel], settings: DeliverySettings | None = None
    ) -> None:
        """Use these from now on; deliveries under way end with what they began with."""
        with self._state:
            self._channels = dict(channels)
            self._settings = settings or self._settings
        self.wake()

    def beat(self) -> float:
        """When the dispatcher last began a round, on the ``time.monotonic`` clock: an old time
        means that it hangs."""
        return self._beat

    def drain(self, deadline: float | None) -> int:
        """Deliver all that is due, without ``start``; returns how many of those still wait.

        Ends early at ``deadline`` (on the ``time.monotonic`` clock) or at ``stop``; what is under
        way then keeps its lease. Raises StoreError.
        """
        self._store.release(self._owner)
        self._waiting.clear()
        while not self._stopping.is_set() and (deadline is None or time.monotonic() < deadline):
            self._wake.clear()
            with self._state:
                idle = not self._under_way  # before the round: it passes over busy destinations
            claimed = self._round()
            if idle and not claimed:
                break
            if not claimed:
                left = LONGEST_SLEEP if deadline is None else deadline - time.monotonic()
                self._wake.wait(max(0.0, min(left, LONGEST_SLEEP)))
        with self._state:
            return len(self._waiting | set(self._under_way.values()))

    def stop(self, timeout: float) -> None:
        """Claim nothing more and wait up to ``timeout`` seconds for what is under way.

        What is not done by then keeps its lease and its key, and is sent again later.
        """
        end = time.monotonic() + timeout
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout)
        with self._state:
            self._state.wait_for(lambda: not self._under_way, max(0.0, end - time.monotonic()))
            left = list(self._under_way.values())
        if left:
            _log.warning("outbox.left", keys=left)

    # ------------------------------------------------------------------ dispatcher

    def _dispatch(self) -> None:
        released, failures, last = False, 0, ""
        while not self._stopping.is_set():
            self._beat = time.monotonic()
            self._wake.clear()
            try:
                if not released:
                    self._store.release(self._owner)
                    released = True
                pause = 0.0 if self._round() else self._until_due()
                if failures:
                    _log.info("outbox.recovered", after=failures)
                failures, last = 0, ""
            except Exception as error:  # this thread outlives the database and every mistake
                failures += 1
                reason = str(error) if isinstance(error, StoreError) else _place(error)
                if reason != last:
                    _log.error("outbox.store_failed", error=reason)
                last = reason
                self._stopping.wait(min(0.1 * 2 ** min(failures, 10), LONGEST_SLEEP))
                continue
            if not self._stopping.is_set():
                self._wake.wait(max(pause, SHORTEST_SLEEP))

    def _round(self) -> int:
        """Claim what is due for idle destinations and set a worker to each; returns how many.

        First for those that work, then for those that fail, as far as they may have workers.
        """
        with self._state:
            busy, failing = set(self._under_way), set(self._failing)
            channels, settings = self._channels, self._settings
        claims = self._claim(busy | failing, settings.workers - len(busy), channels, settings)
        if failing:
            room = max(1, settings.workers // 2) - len(busy & failing)
            room = min(room, settings.workers - len(busy) - len(claims))
            taken = {claim.destination.name for claim in claims}
            claims += self._claim(busy | taken, room, channels, settings)
        with self._state:
            self._under_way |= {claim.destination.name: claim.key for claim in claims}
        for claim in claims:
            channel = channels.get(claim.destination.name)
            threading.Thread(
                target=self._work,
                args=(claim, channel, settings),
                name=f"delivery {claim.destination.name}",
                daemon=True,
            ).start()
        return len(claims)

    def _claim(
        self,
        passed_over: Collection[str],
        limit: int,
        channels: Mapping[str, Channel],
        settings: DeliverySettings,
    ) -> list[Claim]:
        if limit <= 0:
            return []
        return list(
            self._store.claim(
                now=self._clock(),
                owner=self._owner,
                lease=settings.lease,
                limit=limit,
                busy=passed_over,
                max_items=max((channel.max_items for channel in channels.values()), default=1),
                base_url=self._base_url,
            )
        )

    def _until_due(self) -> float:
        """Seconds until something can be claimed; a worker that gets free wakes us sooner."""
        with self._state:
            busy, workers = set(self._under_way), self._settings.workers
            full = len(busy) >= workers
            if len(busy & self._failing) >= max(1, workers // 2):
                busy |= self._failing
        due = None if full else self._store.next_due(busy=busy)
        if due is None:
            return LONGEST_SLEEP
        return min(max((due - self._clock()).total_seconds(), SHORTEST_SLEEP), LONGEST_SLEEP)

    # ------------------------------------------------------------------ worker

    def _work(self, claim: Claim, channel: Channel | None, settings: DeliverySettings) -> None:
        with self._state:
            self._waiting.discard(claim.key)
        try:
            self._deliver(claim, channel, settings)
        except Exception as error:  # the lease runs out and the delivery is taken up again
            _log.error("delivery.unsettled", key=claim.key, error=_place(error))
        finally:
            with self._state:
                del self._under_way[claim.destination.name]
                self._state.notify_all()
            self._wake.set()

    def _deliver(self, claim: Claim, channel: Channel | None, settings: DeliverySettings) -> None:
        if channel is None:
            self._bury(claim, "no longer configured (retry it once the receiver is back)")
            return
        try:
            receipt = channel.send(_cut(claim.message, channel.max_items), key=claim.key)
        except DeliveryError as error:
            self._failed(claim, error, settings)
        except Exception as error:  # a mistake in a channel must not cost anybody a message
            self._failed(claim, DeliveryError(f"internal error: {_place(error)}"), settings)
        else:
            with self._state:
                self._failing.discard(claim.destination.name)
            _log.info("delivery.sent", **_fields(claim), articles=claim.message.total)
            self._settle(
                lambda: self._store.sent(
                    claim.key, owner=self._owner, now=self._clock(), detail=receipt.detail
                )
            )

    def _failed(self, claim: Claim, error: DeliveryError, settings: DeliverySettings) -> None:
        if error.permanent:
            self._bury(claim, str(error))
            return
        now = self._clock()
        wait = error.retry_after
        retry_at = next_retry(claim.attempts, claim.created, now, settings, self._random, wait)
        if wait is not None:
            held = now + timedelta(seconds=wait)
            self._settle(lambda: self._store.hold(claim.destination.name, held))
        if retry_at is None:
            self._bury(claim, str(error))
            return
        _log.warning("delivery.failed", **_fields(claim), error=str(error), retry_at=str(retry_at))
        with self._state:
            self._waiting.add(claim.key)
            self._failing.add(claim.destination.name)
        self._settle(
            lambda: self._store.failed(
                claim.key, owner=self._owner, now=now, error=str(error), retry_at=retry_at
            )
        )

    def _bury(self, claim: Claim, reason: str) -> None:
        _log.error("delivery.dead", **_fields(claim), error=reason)
        self._settle(
            lambda: self._store.failed(
                claim.key, owner=self._owner, now=self._clock(), error=reason, retry_at=None
            )
        )

    def _settle(self, write: Callable[[], None]) -> None:
        """Write the outcome, again and again while the database fails: not to is to send twice.

        Gives up with StoreError when the outbox stops or a lease's length has gone by.
        """
        end = time.monotonic() + self._settings.lease.total_seconds()
        delay = 0.1
        while True:
            try:
                write()
                return
            except StoreError as error:
                if self._stopping.is_set() or time.monotonic() >= end:
                    raise
                _log.warning("outbox.settle_failed", error=str(error))
            self._stopping.wait(delay)
            delay = min(delay * 2, LONGEST_SLEEP)


def _cut(message: Message, max_items: int) -> Message:
    """The message with as many alerts as the channel shows; ``total`` stays."""
    return replace(message, alerts=message.alerts[:max_items])


def _fields(claim: Claim) -> dict[str, object]:
    return {
        "key": claim.key,
        "destination": claim.destination.name,
        "attempts": claim.attempts,
    }


def _place(error: Exception) -> str:
    """An unexpected error's type and place. Not its text, which could hold a URL or a token."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
