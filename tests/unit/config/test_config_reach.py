"""Routes that no alert can come to."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import Routing
from monitor.config.reach import unreachable
from monitor.config.routes import RouteSettings

Tree = dict[str, object]


def at(matchers: list[str], *routes: Tree, go_on: bool = False, to: str = "a") -> Tree:
    return {"receiver": to, "matchers": matchers, "continue": go_on, "routes": list(routes)}


def found(*routes: Tree) -> dict[tuple[str | int, ...], str]:
    """What is said of a tree with these routes below the top, by path."""
    tree = RouteSettings.model_validate(at([], *routes))
    return dict(unreachable(tree, ("route",)))


def test_what_stands_below_a_route_that_takes_all():
    """Of it the exact path, and what to do; without matchers, with fewer, or with a pattern."""
    everything, water = at([]), at(["rule=water"])
    assert found(everything, water) == {
        ("route", "routes", 1): "no alert comes here: routes[0] beside it, without matchers, takes"
        " all of them (put it below this one, or give it continue: true)"
    }
    narrow = at(["kind=new", "rule=water", "source=daily"])
    said = found(at([], at(['rule=~"wat.*"', "kind!=dropped"]), narrow))
    assert list(said) == [("route", "routes", 0, "routes", 1)]
    assert 'with rule=~"wat.*", kind!="dropped", takes' in next(iter(said.values()))
    assert list(found(water, narrow, at(["rule=water"]))) == [
        ("route", "routes", 1),
        ("route", "routes", 2),
    ]
    inner = at(["kind=new"]), at(["rule=water"], at([]))
    assert list(found(at(["kind=new"], *inner))) == [("route", "routes", 0, "routes", 1)]


def test_what_goes_on_takes_nothing_away():
    """With ``continue``, with other matchers, or below the one that is narrower."""
    assert found(at([], go_on=True), at(["rule=water"])) == {}
    assert found(at(["rule=water", "kind=new"]), at(["rule=water"])) == {}
    assert found(at(['rule=~"w.*"']), at(['rule=~"wa.*"'])) == {}
    assert found(at(["rule!=water"]), at(["source=daily"])) == {}


@pytest.mark.parametrize(
    ("matchers", "said"),
    [
        (['source="a"', 'source="b"'], 'source="a" and source="b" are never both true'),
        (['source!="a"', "source=a"], 'source="a" and source!="a" are never both true'),
        (['rule=~"w.*"', "rule=dam"], 'rule="dam" and rule=~"w.*" are never both true'),
        (["kind=health", "rule=dam"], 'rule="dam": an alert about a source has no rule'),
        (["kind=health", 'language!=""'], 'language!="": an alert about a source has no language'),
        (["kind!=health", "check=few"], 'check="few": an alert about an article has no check'),
        (['kind=~"revision.*"', "rule=a"], 'no kind fits kind=~"revision.*"'),
        (
            ['kind=~"new|dropped"', 'kind!~"n.*|d.*"'],
            'no kind fits kind=~"new|dropped" and kind!~"n.*|d.*"',
        ),
        (['priority=~"critical|fatal"', "rule=a"], 'no priority fits priority=~"critical|fatal"'),
        (["kind=new", "state=firing"], 'state="firing": an alert about an article has no state'),
    ],
)
def test_matchers_that_contradict_each_other(matchers: list[str], said: str):
    """On one route, or on the way to it; what is below is not said again."""
    for tree in (at(matchers, at([])), at(matchers[:1], at(matchers[1:], at([])))):
        ((path, message),) = found(tree).items()
        assert path[:3] == ("route", "routes", 0)
        assert message == f"no alert comes here: {said}"


def test_matchers_that_may_be_true_together():
    """Empty values and patterns are no contradiction."""
    for matchers in (
        ["kind=health", 'rule=""'],
        ["kind=health", "rule!=water"],
        ['source=~"a.*"', 'source=~"b.*"'],
        ['kind=~"health|new"', "rule=a"],
        ["check=few"],
        ['check!~"few|silent"', 'priority!~"urgent|high|normal"'],
    ):
        assert found(at(matchers)) == {}


MATCHERS = st.lists(
    st.sampled_from(["rule=a", "rule=b", "rule!=a", 'rule=~"a|b"', "kind=new", "kind!=new"]),
    max_size=2,
)
TREES = st.lists(
    st.builds(
        lambda matchers, below, go_on: at(
            matchers, *(at(m, go_on=g) for m, g in below), go_on=go_on
        ),
        MATCHERS,
        st.lists(st.tuples(MATCHERS, st.booleans()), max_size=3),
        st.booleans(),
    ),
    max_size=4,
)


@given(TREES)
def test_what_is_called_unreachable_gets_nothing(trees: list[Tree]):
    """Asked with every label set that the matchers can tell apart."""
    names = {}
    for i, tree in enumerate(trees):
        tree["receiver"] = f"r{i}"
        names["route", "routes", i] = {f"r{i}"}
        for k, child in enumerate(tree["routes"]):
            child["receiver"] = f"r{i}.{k}"
            names["route", "routes", i, "routes", k] = {f"r{i}.{k}"}
            names["route", "routes", i].add(f"r{i}.{k}")
    routing = Routing(RouteSettings.model_validate(at([], *trees)))
    reached = {
        hop.receiver
        for rule, kind in product(["a", "b", "c", ""], ["new", "revised", "health"])
        for hop in routing.hops({"rule": rule, "kind": kind})
    }
    for path in found(*trees):
        assert not names[path] & reached
