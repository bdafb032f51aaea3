"""Which receiver gets which alert."""

from __future__ import annotations

from datetime import timedelta

from monitor.alerts import Routing, default_route
from monitor.config import ReceiverSettings, RouteSettings

TREE = RouteSettings.model_validate(
    {
        "receiver": "desk",
        "routes": [
            {"receiver": "audit", "matchers": ["kind=revised"], "continue": True},
            {
                "receiver": "water",
                "matchers": ['rule=~"water.*"'],
                "group_wait": "5m",
                "routes": [{"receiver": "night", "matchers": ["source!=gazette"]}],
            },
            {"receiver": "late", "matchers": ["rule=water"]},
        ],
    }
)


def receivers(**labels: str) -> list[str]:
    everything = {"rule": "summit", "source": "gazette", "kind": "new"} | labels
    return [hop.receiver for hop in Routing(TREE).hops(everything)]


def test_no_child_matches() -> None:
    """What no child takes goes to the node itself."""
    assert receivers() == ["desk"]


def test_first_match_wins() -> None:
    """Without ``continue`` later siblings are not asked; expressions are anchored."""
    assert receivers(rule="water") == ["water"]
    assert receivers(rule="saltwater") == ["desk"]


def test_continue_goes_on_to_siblings() -> None:
    """``continue`` lets the next matching sibling have it too."""
    assert receivers(rule="water", kind="revised") == ["audit", "water"]
    assert receivers(kind="revised") == ["audit"]


def test_deepest_match_wins() -> None:
    """A matching grandchild takes the alert from its parent."""
    assert receivers(rule="water-use", source="herald") == ["night"]


def test_group_wait_is_the_nodes_own() -> None:
    """Each hop carries its own node's waiting time."""
    labels = {"rule": "water", "source": "gazette", "kind": "new"}
    assert Routing(TREE).hops(labels)[0].timing.group_wait == timedelta(minutes=5)


def test_copies_are_the_nodes_own() -> None:
    """Each copy, or one of a text: a child does not take it over."""
    routing = Routing(
        RouteSettings.model_validate(
            {
                "receiver": "all",
                "copies": "each",
                "routes": [{"receiver": "desk", "matchers": ["rule=water"]}],
            }
        )
    )
    assert [hop.each for hop in routing.hops({"rule": "other"})] == [True]
    assert [hop.each for hop in routing.hops({"rule": "water"})] == [False]


def test_without_a_route_the_first_receiver_gets_all() -> None:
    """No route: everything to the first receiver; no receiver: no routing at all."""
    routing = default_route(None, [ReceiverSettings(name="one"), ReceiverSettings(name="two")])
    assert routing is not None
    assert [hop.receiver for hop in routing.hops({"rule": "x"})] == ["one"]
    assert default_route(None, []) is None
