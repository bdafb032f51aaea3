"""When what failed is tried again, and when it is given up. Pure.

Two things are counted. A delivery has its own attempts, whose delays double. A destination has
deliveries that failed there one after the other: from the ``TRIP``-th on it is held as a whole
(a circuit breaker), and after each hold, whose lengths double as well, one delivery is its trial.
So of ten thousand that wait for a dead server one asks in an hour, while a single message that its
server cannot digest does not stop those behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil, log2

from monitor.config import DeliverySettings
from monitor.model import DestinationState

TRIP = 5  # deliveries in a row that fail before their destination is held
JITTER = 0.2  # a delay varies by this share either way
FAIR_TRIAL = timedelta(minutes=10)


class Circuit(StrEnum):
    """Whether a destination is sent to: it is; it is held; one delivery tries it, or may; it said
    that it wants nothing more."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"
    DISABLED = "disabled"


def circuit(state: DestinationState, now: datetime) -> Circuit:
    """The destination's circuit at one moment."""
    if state.gone:
        return Circuit.DISABLED
    if state.failures < TRIP:
        return Circuit.CLOSED
    held = state.held_until is not None and state.held_until > now
    return Circuit.OPEN if held and not state.sending else Circuit.HALF_OPEN


def failures_after(failures: int, attempts: int) -> int:
    """How many deliveries failed in a row, with one that just did, its ``attempts``-th time.

    One that is tried again and again counts once, until the destination is held; from then on every
    trial does.
    """
    return failures + 1 if attempts == 1 or failures >= TRIP else max(failures, 1)


def hold_for(failures: int, settings: DeliverySettings, random: Callable[[], float]) -> float:
    """Seconds for which the destination is held after so many failures; 0: it is not."""
    return _delay(failures - TRIP + 1, settings, random) if failures >= TRIP else 0.0


def is_hopeless(failures: int, settings: DeliverySettings) -> bool:
    """Whether a destination had a fair trial: what is too old may be given up with the next that
    fails."""
    least = min(settings.give_up_after, FAIR_TRIAL)
    return failures >= TRIP and _tried_for(failures - TRIP + 1, settings) >= least


def next_retry(
    attempts: int,
    since: datetime,
    now: datetime,
    settings: DeliverySettings,
    random: Callable[[], float],
    retry_after: float | None = None,
) -> datetime | None:
    """When to try again after ``attempts`` failures (>= 1), or None: give up.

    The delay doubles from ``first_retry`` up to ``max_retry``, give or take a fifth (``random``
    is in [0, 1)), and is never shorter than ``retry_after`` seconds. The end has come when
    ``give_up_after`` has passed since the first attempt, ``since``, except that a delivery which
    was tried only for a moment - we were switched off for days - has its attempts over ten minutes
    whatever its age.
    """
    too_old = now - since >= settings.give_up_after
    if too_old and _tried_for(attempts, settings) >= min(settings.give_up_after, FAIR_TRIAL):
        return None
    return now + timedelta(seconds=max(_delay(attempts, settings, random), retry_after or 0))


def _delay(attempts: int, settings: DeliverySettings, random: Callable[[], float]) -> float:
    """Seconds after the ``attempts``-th failure."""
    first, longest, doublings = _growth(settings)
    delay = first * 2.0 ** (attempts - 1) if attempts <= doublings else longest
    return delay * (1 + JITTER * (2 * random() - 1))


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
