"""Which receiver gets which alert."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.alerts import Routing, default_route
from monitor.alerts.routing import LONGEST_GROUP, Hop
from monitor.alerts.timing import Timing
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


def routing(**route: object) -> Routing:
    return Routing(RouteSettings.model_validate({"receiver": "desk"} | route))


WATER = {"rule": "water", "source": "gazette", "kind": "new", "article": "a1"}


def test_what_a_child_inherits() -> None:
    """As in Alertmanager: receiver, groups, times and ages; and no times of silence, digests or
    copies."""
    made = Routing(
        RouteSettings.model_validate(
            {
                "receiver": "desk",
                "group_by": "source",
                "group_wait": "5m",
                "group_interval": "1h",
                "max_age": "2d",
                "old": "drop",
                "mute_time_intervals": "nights",
                "muted": "drop",
                "copies": "each",
                "routes": [
                    {"matchers": "rule=water", "routes": [{"matchers": "kind=new"}]},
                    {"matchers": "rule=dam", "group_by": [], "max_age": "off"},
                ],
            }
        ),
        {"nights": ()},
    )
    (hop,) = made.hops(WATER)
    expected = Timing(
        timedelta(minutes=5), timedelta(hours=1), max_age=timedelta(days=2), drop_old=True
    )
    assert hop == Hop("desk", expected, group='source="gazette"')
    (dam,) = made.hops(WATER | {"rule": "dam"})
    assert (dam.group, dam.timing.max_age) == ("", None)
    (top,) = made.hops(WATER | {"rule": "other"})
    assert top.each
    assert top.timing.drop_muted
    assert top.timing.quiet is not None
    assert top.timing.quiet.name == "nights"


@pytest.mark.parametrize(
    ("group_by", "group"),
    [
        ([], ""),
        (["source"], 'source="gazette"'),
        (["source", "rule", "source"], 'rule="water" source="gazette"'),
        (["team"], 'team=""'),
        (["article"], 'article="a1"'),
        (["..."], 'article="a1" kind="new" rule="water" source="gazette"'),
    ],
)
def test_groups_are_readable(group_by: list[str], group: str) -> None:
    """The same for the same labels in any order; a label that is not there is empty."""
    assert [hop.group for hop in routing(group_by=group_by).hops(WATER)] == [group]


def test_a_digest_is_one_message() -> None:
    """It takes no groups over from above."""
    made = routing(group_by="rule", routes=[{"digest": {"every": "1h"}}])
    assert [hop.group for hop in made.hops(WATER)] == [""]


def test_hostile_and_long_labels_make_groups() -> None:
    """Of bounded length, and apart from one another."""
    made = routing(group_by="team")
    texts = ['a" b="c', "a", "x" * 5000, "x" * 5000 + "y", "\ud800\0\n"]
    groups = [made.hops({"team": text})[0].group for text in texts]
    assert len(set(groups)) == len(texts)
    assert max(map(len, groups)) <= LONGEST_GROUP


def test_labels_of_groups_are_asked_for() -> None:
    """So that the language, say, is told where it makes groups."""
    assert "language" in routing(group_by="language").labels
    assert "language" in routing(routes=[{"group_by": ["..."]}]).labels
    assert "language" not in routing(group_by="rule").labels
