"""Several alerts about one article in one message become one. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from monitor.model import MOST_COPIES, PRIORITIES, Alert, AlertKind, Copy, Earlier

MOST_EARLIER = 10
"""Alerts that one may stand for beside itself, the newest; others are counted as not shown."""


def joined(alerts: Sequence[Alert]) -> list[Alert]:
    """Alerts about one article, in the order in which they were made, as one: the latest with the
    rules of all, the others as ``earlier``.

    What an edit dropped is no rule of it any more. Where some rules match and some do no longer,
    these are two statements: an alert for each, first that which matches.
    """
    matching: dict[str, None] = {}  # sets in order
    dropped: dict[str, None] = {}
    for alert in alerts:
        gained, lost = (
            (dropped, matching) if alert.kind is AlertKind.DROPPED else (matching, dropped)
        )
        for rule in alert.rules:
            lost.pop(rule, None)
            gained[rule] = None
    chosen = [
        place
        for place in (_last(alerts, matching, False), _last(alerts, dropped, True))
        if place is not None
    ] or [len(alerts) - 1]
    rest = [alert for place, alert in enumerate(alerts) if place not in chosen][-MOST_EARLIER:]
    found = []
    for place in chosen:
        alert = alerts[place]
        rules = dropped if alert.kind is AlertKind.DROPPED else matching
        own = [rule for rule in alert.rules if rule in rules]
        found.append(replace(alert, rules=tuple(dict.fromkeys([*own, *rules]))))
    earlier = tuple(Earlier(alert.kind, alert.revision, alert.observed) for alert in rest)
    found[0] = replace(
        found[0],
        earlier=earlier,
        priority=min((alert.priority for alert in alerts), key=PRIORITIES.index),
        copies=_copies(alerts),
    )
    return found


def _last(alerts: Sequence[Alert], rules: Collection[str], dropped: bool) -> int | None:
    """The place of the last alert that tells of one of the rules, as matching or as dropped; of a
    source's health, which has none, of the last."""
    for place in reversed(range(len(alerts))):
        alert = alerts[place]
        if (alert.kind is AlertKind.DROPPED) is dropped and (
            not alert.rules or any(rule in rules for rule in alert.rules)
        ):
            return place
    return None


def _copies(alerts: Sequence[Alert]) -> tuple[Copy, ...]:
    """Those that any of them names, the latest's first."""
    found = {copy.id: copy for alert in reversed(alerts) for copy in alert.copies}
    return tuple(found.values())[:MOST_COPIES]
