"""The route tree as people look at it: what each route says, and the way of an alert. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.alerts.routing import Hop, Routing, first_hops
from monitor.alerts.schedule import compile_digest
from monitor.alerts.timing import Refused, first_wish
from monitor.config.matchers import Matcher, parse_matcher
from monitor.config.routes import Handed, RouteSettings
from monitor.config.types import format_duration
from monitor.model import DeliveryKind

TOP = "route"


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for a route; ``own``: it says so itself, and has it not from elsewhere."""

    name: str
    value: str
    own: bool


@dataclass(frozen=True, slots=True)
class RouteView:
    """A route with all that holds for it. ``path`` is that in the configuration."""

    path: str
    receiver: Setting
    matchers: tuple[str, ...]
    goes_on: bool
    settings: tuple[Setting, ...]
    routes: tuple[RouteView, ...]


def view(route: RouteSettings, path: str = TOP, above: Handed | None = None) -> RouteView:
    """The route and all below it."""
    handed = (above or Handed()).to(route)
    return RouteView(
        path=path,
        receiver=Setting("receiver", handed.receiver, route.receiver is not None),
        matchers=route.matchers,
        goes_on=route.continue_,
        settings=tuple(_settings(route, handed)),
        routes=tuple(
            view(child, _below(path, place), handed) for place, child in enumerate(route.routes)
        ),
    )


def _below(path: str, place: int) -> str:
    return f"{path}.routes[{place}]"


def _settings(route: RouteSettings, handed: Handed) -> Iterator[Setting]:
    if handed.group_by and route.digest is None:
        yield Setting("group_by", ", ".join(handed.group_by), route.group_by is not None)
    wait = format_duration(handed.group_wait)
    yield Setting("group_wait", wait, route.group_wait is not None)
    if handed.group_interval:
        interval = format_duration(handed.group_interval)
        yield Setting("group_interval", interval, route.group_interval is not None)
    age = "off" if handed.max_age is None else format_duration(handed.max_age)
    yield Setting("max_age", age, route.max_age is not None)
    if handed.max_age is not None:
        yield Setting("old", "drop" if handed.drop_old else "backfill", route.old is not None)
    if route.mute_time_intervals:
        yield Setting("mute_time_intervals", ", ".join(route.mute_time_intervals), True)
    if route.active_time_intervals:
        yield Setting("active_time_intervals", ", ".join(route.active_time_intervals), True)
    if route.mute_time_intervals or route.active_time_intervals:
        yield Setting("muted", route.muted, "muted" in route.model_fields_set)
    if route.digest is not None:
        yield Setting("digest", compile_digest(route.digest).name, True)
    yield Setting("copies", route.copies, "copies" in route.model_fields_set)


# --------------------------------------------------------------------------- the way of an alert


@dataclass(frozen=True, slots=True)
class Asked:
    """A matcher, the value that the alert has for its label, and whether that fits."""

    matcher: Matcher
    value: str
    fits: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """A route that an alert came by; ``takes``: it ends there; ``stops``: what stands below it
    beside it is not asked any more."""

    path: str
    depth: int
    receiver: str
    asked: tuple[Asked, ...]
    takes: bool
    stops: bool

    @property
    def entered(self) -> bool:
        """Whether all its matchers fit."""
        return all(one.fits for one in self.asked)


def way(route: RouteSettings, labels: Mapping[str, str]) -> list[Visit]:
    """The routes that an alert with these labels comes by, in order; routes that are never asked
    are not among them."""
    return _way(route, labels, TOP, 0, Handed())


def _way(
    route: RouteSettings, labels: Mapping[str, str], path: str, depth: int, above: Handed
) -> list[Visit]:
    handed = above.to(route)
    asked = tuple(_ask(parse_matcher(text), labels) for text in route.matchers)
    entered = all(one.fits for one in asked)
    below: list[Visit] = []
    if entered:
        for place, child in enumerate(route.routes):
            visits = _way(child, labels, _below(path, place), depth + 1, handed)
            below += visits
            if visits[0].stops:
                break
    takes = entered and not any(visit.takes for visit in below)
    stops = entered and not route.continue_
    return [Visit(path, depth, handed.receiver, asked, takes, stops), *below]


def _ask(matcher: Matcher, labels: Mapping[str, str]) -> Asked:
    value = labels.get(matcher.label, "")
    return Asked(matcher, value, matcher.matches(value))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver would be told, by which route and when; ``due`` None: never. ``why`` says
    what decides that."""

    receiver: str
    path: str
    group: str
    kind: DeliveryKind
    due: datetime | None
    why: str


def answers(
    routing: Routing, visits: Sequence[Visit], labels: Mapping[str, str], now: datetime
) -> list[Answer]:
    """Who is told of something that happens just now, given the way there; the deliveries that are
    open already, and storms, are left out of account."""
    hops = routing.hops(labels)
    paths = [one.path for one in visits if one.takes]  # in the order of the hops
    return [_answer(hop, paths[hops.index(hop)], now) for hop in first_hops(hops, None, now)]


def _answer(hop: Hop, path: str, now: datetime) -> Answer:
    wish = first_wish([hop.timing], hop.group, None, now)
    if isinstance(wish, Refused):
        return Answer(hop.receiver, path, hop.group, DeliveryKind.ALERTS, None, wish.detail)
    timing = hop.timing
    if wish.kind is DeliveryKind.DIGEST and timing.digest is not None:
        why = f"digest {timing.digest.name}"
        if timing.quiet is not None and wish.moment(now) != timing.digest.after(now):
            why += f", held back by {timing.quiet.name}"
    elif wish.kind is DeliveryKind.HELD and timing.quiet is not None:
        why = f"held back by {timing.quiet.name}"
    else:
        why = f"group_wait {format_duration(timing.group_wait)}"
        if timing.group_interval > timedelta(0):
            why += f", and {format_duration(timing.group_interval)} after the group's last"
    return Answer(hop.receiver, path, hop.group, wish.kind, wish.moment(now), why)
