"""When a failed delivery is tried again, and when it is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.config import DeliverySettings
from monitor.outbox import next_retry

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
SETTINGS = DeliverySettings(
    first_retry=timedelta(seconds=5),
    max_retry=timedelta(hours=1),
    give_up_after=timedelta(days=3),
)


def delay(attempts, *, random=0.5, settings=SETTINGS, now=T0, retry_after=None):
    at = next_retry(attempts, T0, now, settings, lambda: random, retry_after)
    return None if at is None else (at - now).total_seconds()


def test_delays_double_up_to_the_longest():
    """5 s, 10 s, 20 s ... and never more than an hour."""
    delays = [delay(n) for n in range(1, 13)]
    assert delays[:4] == [5, 10, 20, 40]
    assert delays[-2:] == [3600, 3600]
    assert delay(10**6) == 3600


def test_delays_vary_by_a_fifth():
    """Deliveries that failed together are not tried again together."""
    assert delay(1, random=0.0) == 4
    assert round(delay(1, random=0.999999), 3) == 6


def test_a_destination_that_asks_for_more_time_gets_it():
    """Retry-After is a minimum."""
    assert delay(1, retry_after=60) == 60
    assert delay(12, retry_after=60) == 3600


def test_it_ends():
    """Once the time is up there is no next attempt."""
    late = T0 + SETTINGS.give_up_after
    assert delay(60, now=late - timedelta(seconds=1)) is not None
    assert delay(60, now=late) is None


def test_an_old_delivery_has_a_fair_trial():
    """After days switched off, or retried by hand, one failure is not the end; ten minutes are."""
    late = T0 + timedelta(days=30)
    assert delay(1, now=late) == 5
    assert delay(7, now=late) is not None  # after 5 + 10 + ... + 160 s
    assert delay(9, now=late) is None  # after 5 + 10 + ... + 640 s


def test_no_retries_at_all():
    """give_up_after 0s: the first failure is the last."""
    assert delay(1, settings=DeliverySettings(give_up_after=timedelta(0))) is None


@given(
    attempts=st.integers(1, 500),
    age=st.floats(0, 1e7),
    first=st.floats(0.1, 1e6),
    longest=st.floats(0.1, 1e6),
    patience=st.floats(0, 1e6),
    random=st.floats(0, 1, exclude_max=True),
    wait=st.none() | st.floats(0, 86_400),
)
def test_the_next_attempt_is_always_later(attempts, age, first, longest, patience, random, wait):
    """No setting makes a delivery spin, and none makes it live for ever."""
    settings = DeliverySettings(
        first_retry=timedelta(seconds=first),
        max_retry=timedelta(seconds=longest),
        give_up_after=timedelta(seconds=patience),
    )
    now = T0 + timedelta(seconds=age)
    at = next_retry(attempts, T0, now, settings, lambda: random, wait)
    if at is not None:
        assert at >= now + timedelta(seconds=max(0.79 * first, wait or 0))
    final = next_retry(10**5, T0, T0 + settings.give_up_after, settings, lambda: random, wait)
    assert final is None
