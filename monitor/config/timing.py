"""What routes say of time and groups that cannot hold, beyond what one key shows."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from monitor.config.routes import ALL_LABELS, RouteSettings
from monitor.config.settings import Settings
from monitor.config.types import RESERVED_LABELS

Finding = tuple[tuple[str | int, ...], str]  # the path of a key, and what is wrong there
Path = tuple[str | int, ...]


def check_timing(settings: Settings) -> Iterator[Finding]:
    """Intervals of one name, routes that name others, a top route without a receiver."""
    names: dict[str, int] = {}
    for i, interval in enumerate(settings.time_intervals):
        if (first := names.setdefault(interval.name, i)) != i:
            yield (
                ("time_intervals", i, "name"),
                f"the name {interval.name!r} is taken by time_intervals[{first}]",
            )
    if settings.route is None:
        return
    if settings.route.receiver is None:
        yield ("route",), "receiver is missing: the top route takes what no other does"
    for path, route in walk(settings.route):
        for key in ("mute_time_intervals", "active_time_intervals"):
            for i, name in enumerate(getattr(route, key)):
                if name not in names:
                    known = ", ".join(names) or "there are none"
                    yield (*path, key, i), f"there is no time interval {name!r} ({known})"
        if route.muted == "drop" and not (route.mute_time_intervals or route.active_time_intervals):
            yield (*path, "muted"), "no interval is muted here: see mute_time_intervals"
        if route.digest is not None and route.group_by:
            yield (*path, "group_by"), "a digest is one message; give group_by or digest"


def check_groups(settings: Settings, labels: Collection[str]) -> Iterator[Finding]:
    """Labels to group by that no alert has; ``labels`` are those that any rule has."""
    if settings.route is None:
        return
    for path, route in walk(settings.route):
        for i, label in enumerate(route.group_by or ()):
            if label not in (ALL_LABELS, *RESERVED_LABELS, *labels):
                yield (*path, "group_by", i), f"there is no label {label!r}"


def labels_of_groups(route: RouteSettings) -> set[str]:
    """Those that the route, or any below it, groups by."""
    return {label for _, one in walk(route) for label in one.group_by or ()} - {ALL_LABELS}


def walk(route: RouteSettings, path: Path = ("route",)) -> Iterator[tuple[Path, RouteSettings]]:
    """The route and all below it, with their paths."""
    yield path, route
    for i, child in enumerate(route.routes):
        yield from walk(child, (*path, "routes", i))
