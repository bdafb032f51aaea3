"""The route tree as people look at it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import default_route
from monitor.alerts.tree import Answer, answers, view, way
from monitor.config import Settings
from monitor.config.routes import RouteSettings
from monitor.model import DeliveryKind

NOON = datetime(2026, 2, 20, 12, tzinfo=UTC)  # a Friday
LATE = {"times": [{"start_time": "22:00", "end_time": "24:00"}]}
NIGHTS = {"name": "nights", "time_intervals": [LATE]}
TREE = {
    "receiver": "desk",
    "group_by": ["source"],
    "group_wait": "10m",
    "routes": [
        {"receiver": "archive", "continue": True, "group_wait": "0s"},
        {
            "receiver": "water",
            "matchers": ['rule=~"wat.*"'],
            "group_interval": "1h",
            "mute_time_intervals": ["nights"],
            "routes": [{"matchers": ['source="daily"'], "max_age": "off"}],
        },
        {"receiver": "late", "matchers": ["rule=water"]},
        {"receiver": "low", "matchers": ["rule=dam"], "digest": {"every": "4h"}},
    ],
}


def settings(tree: dict[str, Any]) -> Settings:
    return Settings.model_validate({"route": tree, "time_intervals": [NIGHTS]})


def told(at: datetime, tree: dict[str, Any] = TREE, **labels: str) -> list[Answer]:
    read = settings(tree)
    assert read.route is not None
    routing = default_route(read.route, (), read.time_intervals)
    assert routing is not None
    return answers(routing, way(read.route, labels), labels, at)


def test_what_is_a_routes_own_and_what_it_was_handed():
    """By path; what is not said anywhere is no route's own."""
    route = settings(TREE).route
    assert route is not None
    top = view(route)
    assert [one.path for one in top.routes] == [f"route.routes[{n}]" for n in range(4)]
    assert {one.name: (one.value, one.own) for one in top.settings} == {
        "group_by": ("source", True),
        "group_wait": ("10m", True),
        "max_age": ("1w", False),
        "old": ("backfill", False),
        "copies": ("once", False),
    }
    (below,) = top.routes[1].routes
    assert (below.path, below.receiver.value, below.receiver.own) == (
        "route.routes[1].routes[0]",
        "water",
        False,
    )
    said = {one.name: (one.value, one.own) for one in below.settings}
    assert said["group_wait"] == ("10m", False)
    assert said["group_interval"] == ("1h", False)
    assert said["max_age"] == ("off", True)
    assert "mute_time_intervals" not in said
    digest = {one.name: one.value for one in top.routes[3].settings}
    assert digest["digest"] == "every 4h"
    assert "group_by" not in digest


def test_the_way_says_of_each_matcher_whether_it_fits():
    """Routes that are not asked are not on it."""
    route = settings(TREE).route
    assert route is not None
    visits = way(route, {"rule": "water", "source": "gazette"})
    assert [(one.path, one.entered, one.takes, one.stops) for one in visits] == [
        ("route", True, False, True),
        ("route.routes[0]", True, True, False),
        ("route.routes[1]", True, True, True),
        ("route.routes[1].routes[0]", False, False, False),
    ]
    (asked,) = visits[-1].asked
    assert (asked.matcher.value, asked.value, asked.fits) == ("daily", "gazette", False)


def test_when_a_receiver_is_told():
    """At once, by a digest, or when a quiet time ends; in its group."""
    water = {"rule": "water", "source": "daily"}
    archive, desk = told(NOON, **water)
    assert archive == Answer(
        "archive", "route.routes[0]", 'source="daily"', DeliveryKind.ALERTS, NOON, "group_wait 0s"
    )
    assert (desk.receiver, desk.path) == ("water", "route.routes[1].routes[0]")
    assert desk.due == NOON + timedelta(minutes=10)
    assert desk.why == "group_wait 10m, and 1h after the group's last"
    night = NOON + timedelta(hours=11)
    (_, held) = told(night, rule="water", source="gazette")
    assert (held.kind, held.why) == (DeliveryKind.HELD, "held back by nights")
    assert held.due == NOON + timedelta(hours=12)
    (_, digest) = told(night, rule="dam")
    assert (digest.kind, digest.group, digest.why) == (DeliveryKind.DIGEST, "", "digest every 4h")
    assert digest.due == NOON + timedelta(hours=12)


def test_what_is_never_told_and_what_waits_for_two_things():
    """A quiet time that drops; a digest that falls into a quiet time."""
    night = NOON + timedelta(hours=11)
    quiet = {"receiver": "a", "mute_time_intervals": ["nights"]}
    (never,) = told(night, quiet | {"muted": "drop"})
    assert (never.due, never.why) == (None, "nights")
    (later,) = told(NOON, quiet | {"digest": {"at": "23:00"}})
    assert later.due == NOON + timedelta(hours=12)
    assert later.why == "digest 23:00 UTC, held back by nights"


def test_of_two_routes_to_one_receiver_the_first_to_tell_is_named():
    """It may be the second in the tree."""
    slow = {"receiver": "a", "digest": {"every": "4h"}, "continue": True}
    (answer,) = told(NOON, {"receiver": "b", "routes": [slow, {"receiver": "a"}]})
    assert (answer.receiver, answer.path) == ("a", "route.routes[1]")


MATCHERS = st.lists(st.sampled_from(["rule=a", "rule!=a", "kind=new", 'rule=~"a|b"']), max_size=2)
ROUTES = st.recursive(
    st.fixed_dictionaries({"matchers": MATCHERS, "continue": st.booleans()}),
    lambda below: st.fixed_dictionaries(
        {
            "matchers": MATCHERS,
            "continue": st.booleans(),
            "routes": st.lists(below, max_size=3),
        }
    ),
    max_leaves=8,
)


def _named(tree: dict[str, Any], count: list[int]) -> None:
    count[0] += 1
    tree["receiver"] = f"r{count[0]}"
    for child in tree.get("routes", ()):
        _named(child, count)


@given(st.lists(ROUTES, max_size=3), st.sampled_from("abc"), st.sampled_from(["new", "revised"]))
def test_the_way_ends_where_alerts_are_routed(routes: list[Any], rule: str, kind: str):
    """In the same order as the compiled tree."""
    tree = {"matchers": [], "routes": routes}
    _named(tree, [0])
    route = RouteSettings.model_validate(tree)
    labels = {"rule": rule, "kind": kind}
    routing = default_route(route, ())
    assert routing is not None
    ends = [visit.receiver for visit in way(route, labels) if visit.takes]
    assert ends == [hop.receiver for hop in routing.hops(labels)]


@pytest.mark.parametrize("depth", [200])
def test_a_deep_tree(depth: int):
    """Settings nested as deep as anybody writes them."""
    tree: dict[str, Any] = {"receiver": "a"}
    for _ in range(depth):
        tree = {"receiver": "a", "routes": [tree]}
    route = RouteSettings.model_validate(tree)
    assert len(way(route, {})) == depth + 1
    assert view(route).path == "route"
