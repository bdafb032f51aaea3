"""Planned alerts into deliveries, a dump's together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from monitor.alerts import Planned
from monitor.pipeline.policy import Policy
from monitor.ports import IngestBatch

GATHER = timedelta(seconds=30)
"""The longest that alerts wait for the end of the dump that made them."""


def enqueue(
    tx: IngestBatch,
    alerts: Iterable[Planned],
    policy: Policy,
    gathering: dict[str, timedelta],
    *,
    now: datetime,
    more: bool,
) -> None:
    """Put planned alerts into their destinations' deliveries.

    While there is ``more`` of the dump to come they are gathered, at most for ``GATHER``, so that a
    long dump is one message and not one for each transaction. ``gathering`` says for which
    receivers, and how long these may wait after the dump's end; it is added to.
    """
    grouped: dict[str, list[Planned]] = {}
    for planned in alerts:
        grouped.setdefault(planned.receiver, []).append(planned)
    for receiver, mine in grouped.items():
        wait = max(min(planned.group_wait for planned in mine), policy.least_wait)
        gathering[receiver] = min(wait, gathering.get(receiver, wait))
        due = now + (max(wait, GATHER) if more else wait)
        for destination in policy.destinations.get(receiver, ()):
            tx.enqueue(destination, [planned.alert for planned in mine], now=now, due=due)
    if more:
        return
    for receiver, wait in gathering.items():
        for destination in policy.destinations.get(receiver, ()):
            tx.hasten(destination.name, due=now + wait)
