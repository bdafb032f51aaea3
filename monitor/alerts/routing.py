"""The route tree, compiled: labels in, receivers out (Alertmanager's rules).

A node is entered if all its matchers match; the first child entered wins unless it says
``continue``; a node with no matching child answers itself.
Source: https://prometheus.io/docs/alerting/latest/configuration/#route
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.config.matchers import Matcher, parse_matcher
from monitor.config.settings import ReceiverSettings, RouteSettings


@dataclass(frozen=True, slots=True)
class Hop:
    """Where a label set ended up: a receiver, how long its alerts are gathered, and whether it is
    told of ``each`` copy of a text."""

    receiver: str
    group_wait: timedelta
    each: bool = False


class Routing:
    """A compiled route tree."""

    def __init__(self, route: RouteSettings) -> None:
        self._hop = Hop(route.receiver, route.group_wait, route.copies == "each")
        self._matchers: tuple[Matcher, ...] = tuple(parse_matcher(m) for m in route.matchers)
        self._continue = route.continue_
        self._children = tuple(Routing(child) for child in route.routes)

    @property
    def labels(self) -> frozenset[str]:
        """The labels that any matcher of the tree asks for."""
        own = {matcher.label for matcher in self._matchers}
        return frozenset(own).union(*(child.labels for child in self._children))

    def hops(self, labels: Mapping[str, str]) -> tuple[Hop, ...]:
        """Every receiver for these labels, in tree order, each once (the first time it comes)."""
        found: dict[str, Hop] = {}
        for hop in self._walk(labels):
            found.setdefault(hop.receiver, hop)
        return tuple(found.values())

    def _walk(self, labels: Mapping[str, str]) -> list[Hop]:
        if not all(m.matches(labels.get(m.label, "")) for m in self._matchers):
            return []
        found: list[Hop] = []
        for child in self._children:
            hops = child._walk(labels)
            found += hops
            if hops and not child._continue:
                break
        return found or [self._hop]


def default_route(
    route: RouteSettings | None, receivers: Sequence[ReceiverSettings]
) -> Routing | None:
    """The configured route; without one, everything to the first receiver; else nothing."""
    if route is not None:
        return Routing(route)
    return Routing(RouteSettings(receiver=receivers[0].name)) if receivers else None
