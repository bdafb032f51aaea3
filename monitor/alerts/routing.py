"""The route tree, compiled: labels in, receivers and times out (Alertmanager's rules).

A node is entered if all its matchers match; the first child entered wins unless it says
``continue``; a node with no matching child answers itself. Of its settings those of
``config.routes.Handed`` are handed down.
Source: https://prometheus.io/docs/alerting/latest/configuration/#route
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.alerts.intervals import Interval, Quiet, compile_intervals
from monitor.alerts.schedule import compile_digest
from monitor.alerts.timing import Timing, first_wish, precedence
from monitor.config.intervals import TimeIntervalSettings
from monitor.config.matchers import Matcher, parse_matcher
from monitor.config.receivers import ReceiverSettings
from monitor.config.routes import ALL_LABELS, Handed, RouteSettings
from monitor.config.timing import Finding, walk
from monitor.config.types import RESERVED_LABELS

LONGEST_GROUP = 200
"""Characters of a group's text; of a longer one the rest gives way to a hash."""


@dataclass(frozen=True, slots=True)
class Hop:
    """Where a label set ended up: a receiver, when it is told, whether of ``each`` copy of a text,
    and in which group (``source="kt"``; empty: the route does not group)."""

    receiver: str
    timing: Timing
    each: bool = False
    group: str = ""


class Routing:
    """A compiled route tree."""

    def __init__(
        self,
        route: RouteSettings,
        intervals: Mapping[str, Interval] | None = None,
        above: Handed | None = None,
    ) -> None:
        """``intervals`` are those that the routes name."""
        intervals = intervals or {}
        handed = (above or Handed()).to(route)
        timing = Timing(
            group_wait=handed.group_wait,
            group_interval=handed.group_interval,
            max_age=handed.max_age,
            drop_old=handed.drop_old,
            quiet=quiet_of(route, intervals),
            drop_muted=route.muted == "drop",
            digest=compile_digest(route.digest) if route.digest is not None else None,
        )
        self._hop = Hop(handed.receiver, timing, route.copies == "each")
        self._group_by = () if route.digest is not None else handed.group_by
        self._matchers: tuple[Matcher, ...] = tuple(parse_matcher(m) for m in route.matchers)
        self._continue = route.continue_
        self._children = tuple(Routing(child, intervals, handed) for child in route.routes)

    @property
    def labels(self) -> frozenset[str]:
        """The labels that the tree goes by, be it for who is told or for groups."""
        own = {matcher.label for matcher in self._matchers}.union(self._group_by)
        if ALL_LABELS in own:
            own.update(RESERVED_LABELS)
        return frozenset(own).union(*(child.labels for child in self._children))

    def hops(self, labels: Mapping[str, str]) -> tuple[Hop, ...]:
        """Every route that takes these labels, in tree order; several may lead to one receiver
        (see ``first_hops``)."""
        if not all(m.matches(labels.get(m.label, "")) for m in self._matchers):
            return ()
        found: list[Hop] = []
        for child in self._children:
            hops = child.hops(labels)
            found += hops
            if hops and not child._continue:
                break
        if found:
            return tuple(found)
        if not self._group_by:
            return (self._hop,)
        return (replace(self._hop, group=group_of(self._group_by, labels)),)


def first_hops(hops: Sequence[Hop], since: datetime | None, now: datetime) -> tuple[Hop, ...]:
    """Of several hops to one receiver the one that tells it first, of those that tell at the same
    time the first in the tree. ``since``: when what is told of happened (None: just now)."""
    if len(hops) == 1:
        return tuple(hops)
    by_receiver: dict[str, list[Hop]] = {}
    for hop in hops:
        by_receiver.setdefault(hop.receiver, []).append(hop)

    def order(hop: Hop) -> tuple[datetime, bool]:
        return precedence(first_wish([hop.timing], hop.group, since, now), now)

    return tuple(
        min(mine, key=order) if len(mine) > 1 else mine[0] for mine in by_receiver.values()
    )


def group_of(group_by: Sequence[str], labels: Mapping[str, str]) -> str:
    """The group of a label set, readable: ``kind="new" source="kt"``; the same for any order."""
    names = sorted(labels if ALL_LABELS in group_by else set(group_by))
    text = " ".join(
        f"{name}={json.dumps(labels.get(name, ''), ensure_ascii=False)}" for name in names
    )
    if len(text) <= LONGEST_GROUP:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{text[: LONGEST_GROUP - len(digest) - 2]}… {digest}"


def quiet_of(route: RouteSettings, intervals: Mapping[str, Interval]) -> Quiet | None:
    """When a route is quiet; None: never. Raises KeyError for an interval that is not there."""
    muted, active = route.mute_time_intervals, route.active_time_intervals
    if not muted and not active:
        return None
    parts = [", ".join(muted), f"outside {', '.join(active)}" if active else ""]
    return Quiet(
        "; ".join(filter(None, parts)),
        tuple(period for name in muted for period in intervals[name]),
        tuple(period for name in active for period in intervals[name]),
    )


def never_telling(
    route: RouteSettings, time_intervals: Sequence[TimeIntervalSettings], now: datetime
) -> Iterator[Finding]:
    """The routes that are quiet from now on for good, or as good as: for five years."""
    intervals = compile_intervals(time_intervals)
    for path, one in walk(route):
        quiet = quiet_of(one, intervals)
        if quiet is not None and quiet.opens(now) is None:
            key = "active_time_intervals" if one.active_time_intervals else "mute_time_intervals"
            yield (*path, key), f"nothing is ever told here: quiet for good ({quiet.name})"


def default_route(
    route: RouteSettings | None,
    receivers: Sequence[ReceiverSettings],
    time_intervals: Sequence[TimeIntervalSettings] = (),
) -> Routing | None:
    """The configured route; without one, everything to the first receiver; else nothing."""
    if route is not None:
        return Routing(route, compile_intervals(time_intervals))
    return Routing(RouteSettings(receiver=receivers[0].name)) if receivers else None
