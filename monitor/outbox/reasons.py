"""Why a delivery is where it is, in a line. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from monitor.model import Delivery, DeliveryKind, DeliveryState, DestinationState
from monitor.outbox.schedule import Circuit, circuit

_GATHERS = {
    DeliveryKind.DIGEST: "digest due {}",
    DeliveryKind.HELD: "kept back until {}",
    DeliveryKind.STORM: "too many at once: summed up at {}",
    DeliveryKind.BACKFILL: "about old articles: due {}",
}


def why(
    delivery: Delivery,
    destination: DestinationState,
    now: datetime,
    shown: Callable[[datetime], str],
) -> str:
    """What happened to it or what it waits for; ``shown`` writes a time."""
    if delivery.state is DeliveryState.SENT:
        at = f" {shown(delivery.sent_at)}" if delivery.sent_at else ""
        return f"sent{at}" + (f": {delivery.detail}" if delivery.detail else "")
    if delivery.state is DeliveryState.DEAD:
        word = "dropped" if delivery.dropped else "dead"
        return f"{word}: {delivery.last_error or 'nobody said why'}"
    if delivery.state is DeliveryState.SENDING:
        lease = delivery.lease_until
        if lease is not None and lease <= now:
            return f"attempt {delivery.attempts} was broken off: due when the program runs"
        return f"being sent, attempt {delivery.attempts}"
    due = delivery.next_attempt
    if delivery.attempts == 0 and due is not None and due > now:
        return _GATHERS.get(delivery.kind, "gathers alerts until {}").format(shown(due))
    return _waits(delivery, destination, now, shown)


def _waits(
    delivery: Delivery,
    destination: DestinationState,
    now: datetime,
    shown: Callable[[datetime], str],
) -> str:
    state, held, due = circuit(destination, now), destination.held_until, delivery.next_attempt
    since = f" since {shown(destination.failing_since)}" if destination.failing_since else ""
    said = f": {destination.last_error}" if destination.last_error else ""
    if state is Circuit.DISABLED:
        return f"destination switched off{since}{said}"
    if state is Circuit.OPEN and held is not None:
        return f"destination failing{since}, next trial {shown(held)}{said}"
    if state is Circuit.HALF_OPEN:
        trial = "under way" if destination.sending else "due"
        return f"destination failing{since}, a trial is {trial}{said}"
    if held is not None and held > now and (due is None or held >= due):
        return f"destination held until {shown(held)}{said}"
    if due is not None and due > now:
        return f"tried again {shown(due)}: {delivery.last_error or 'no answer is known'}"
    return "due: it is next, or behind others to its destination"


def destination_line(
    destination: DestinationState, now: datetime, shown: Callable[[datetime], str]
) -> str:
    """How a destination does."""
    state, held = circuit(destination, now), destination.held_until
    waiting = f"{destination.waiting} waiting"
    said = f": {destination.last_error}" if destination.last_error else ""
    since = f" since {shown(destination.failing_since)}" if destination.failing_since else ""
    if state is Circuit.DISABLED:
        return f"switched off{since}, {waiting}{said}"
    if state is Circuit.CLOSED and not destination.failures:
        return f"works, {waiting}"
    trial = ""
    if held is not None and held > now:
        trial = f", {'next trial' if state is Circuit.OPEN else 'held until'} {shown(held)}"
    elif state is Circuit.HALF_OPEN:
        trial = ", a trial is under way" if destination.sending else ", a trial is due"
    return f"failing{since} ({destination.failures} in a row), {waiting}{trial}{said}"
