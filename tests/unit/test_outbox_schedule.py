"""When what failed is tried again, when it is given up, and how that is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import DeliverySettings
from monitor.model import Delivery, DeliveryKind, DeliveryState, DestinationState
from monitor.outbox import Circuit, circuit, next_retry, why
from monitor.outbox.schedule import failures_after, hold_for, is_hopeless

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


# --------------------------------------------------------------------------- destinations


def test_one_message_that_fails_holds_no_destination():
    """However often it is tried: it counts once among those that failed in a row."""
    failures = 0
    for attempts in range(1, 50):
        failures = failures_after(failures, attempts)
    assert failures == 1
    assert hold_for(failures, SETTINGS, lambda: 0.5) == 0


def test_a_destination_is_held_for_longer_and_longer():
    """From the fifth delivery in a row that fails, whatever tries it then."""
    failures, holds = 0, []
    for attempts in (1, 1, 1, 2, 1, 1, 3, 1):
        failures = failures_after(failures, attempts)
        holds.append(hold_for(failures, SETTINGS, lambda: 0.5))
    assert holds == [0, 0, 0, 0, 0, 5, 10, 20]
    assert hold_for(10**6, SETTINGS, lambda: 0.5) == 3600


def test_a_destination_has_a_fair_trial():
    """Ten minutes of trials before what is too old is given up together with one that fails."""
    assert not is_hopeless(4, SETTINGS)
    assert not is_hopeless(11, SETTINGS)  # after 5 + 10 + ... + 160 s
    assert is_hopeless(13, SETTINGS)  # after 5 + 10 + ... + 640 s
    assert is_hopeless(5, DeliverySettings(give_up_after=timedelta(0)))


def state(**fields):
    known = {
        "name": "desk/webhook/0",
        "waiting": 3,
        "failing_since": T0,
        "failures": 0,
        "held_until": None,
        "last_error": "503",
        "last_sent": None,
    }
    return DestinationState(**known | fields)


def test_the_state_of_a_circuit():
    """Closed below five failures; then open while held, half-open after that or while a trial is
    under way; disabled whatever else is so."""
    later = T0 + timedelta(minutes=1)
    assert circuit(state(), T0) is Circuit.CLOSED
    assert circuit(state(failures=4, held_until=later), T0) is Circuit.CLOSED
    assert circuit(state(failures=5, held_until=later), T0) is Circuit.OPEN
    assert circuit(state(failures=5, held_until=later, sending=True), T0) is Circuit.HALF_OPEN
    assert circuit(state(failures=5, held_until=later), later) is Circuit.HALF_OPEN
    assert circuit(state(failures=5, gone=True), T0) is Circuit.DISABLED


# --------------------------------------------------------------------------- reasons


def delivery(**fields):
    known = {
        "id": "dlv_1",
        "receiver": "desk",
        "channel": "webhook",
        "destination": "desk/webhook/0",
        "rules": ("water",),
        "articles": ("a",),
        "total": 1,
        "state": DeliveryState.PENDING,
        "attempts": 0,
        "created": T0,
        "next_attempt": T0,
        "last_error": None,
    }
    return Delivery(**known | fields)


LATER = T0 + timedelta(hours=1)


@pytest.mark.parametrize(
    ("fields", "destination", "said"),
    [
        ({"state": DeliveryState.SENT, "sent_at": T0, "detail": "204"}, {}, "sent 12:00: 204"),
        ({"state": DeliveryState.DEAD, "last_error": "404"}, {}, "dead: 404"),
        (
            {"state": DeliveryState.DEAD, "last_error": "of no use", "dropped": True},
            {},
            "dropped: of no use",
        ),
        (
            {"state": DeliveryState.SENDING, "attempts": 2, "lease_until": LATER},
            {},
            "being sent, attempt 2",
        ),
        (
            {"state": DeliveryState.SENDING, "attempts": 2, "lease_until": T0},
            {},
            "attempt 2 was broken off: due when the program runs",
        ),
        ({"next_attempt": LATER}, {}, "gathers alerts until 13:00"),
        ({"next_attempt": LATER, "kind": DeliveryKind.DIGEST}, {}, "digest due 13:00"),
        (
            {"next_attempt": LATER, "attempts": 1, "last_error": "500"},
            {},
            "tried again 13:00: 500",
        ),
        ({}, {"held_until": LATER}, "destination held until 13:00: 503"),
        (
            {},
            {"held_until": LATER, "failures": 7},
            "destination failing since 12:00, next trial 13:00: 503",
        ),
        ({}, {"failures": 7}, "destination failing since 12:00, a trial is due: 503"),
        ({}, {"gone": True}, "destination switched off since 12:00: 503"),
        ({}, {}, "due: it is next, or behind others to its destination"),
    ],
)
def test_why_a_delivery_is_where_it_is(fields, destination, said):
    """One line, whatever happened."""
    found = why(delivery(**fields), state(**destination), T0, lambda at: f"{at:%H:%M}")
    assert found == said
