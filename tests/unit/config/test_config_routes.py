"""Routes and the names they may use, also where rules come from files."""

from __future__ import annotations

from monitor.config.checks import asks_for_labels, check_routes
from monitor.config.routes import RouteSettings


def route(*matchers: str, deeper: str = "") -> RouteSettings:
    """A route with one child of these matchers, and below it one of ``deeper``."""
    below = [{"receiver": "a", "matchers": [deeper]}] if deeper else []
    child = {"receiver": "a", "matchers": list(matchers), "routes": below}
    return RouteSettings.model_validate({"receiver": "a", "routes": [child]})


def test_labels_that_rules_have(settings):
    """Built-in labels, those of a rule and the empty language are no mistakes."""
    read = settings(
        """\
        receivers: [{name: a}]
        rules: [{name: water, any: x, labels: {team: south}}]
        route:
          receiver: a
          routes:
            - {receiver: a, matchers: [team=north, priority=low, kind=dropped, language=""]}
            - {receiver: a, matchers: [language!=ru, source=default]}
        """
    )
    assert len(read.route.routes) == 2


def test_rules_from_files_are_not_missed_before_they_are_read(settings, tmp_path):
    """With rules or entities in files a route may name what stands only there; the rest is
    checked all the same."""
    (tmp_path / "people.csv").write_text("name\nErlan Karin\n")
    (tmp_path / "karin.yaml").touch()
    for key in ("rule_files: ['*.yaml']", "entity_files: [people.csv]"):
        read = settings(
            f"{key}\n"
            "receivers: [{name: a}]\n"
            "route: {receiver: a, routes: [{receiver: a, matchers: [rule=karin, team=x]}]}"
        )
        assert read.route.routes[0].matchers == ("rule=karin", "team=x")


def test_kinds_are_checked_though_rules_come_from_files(messages, tmp_path):
    """What does not depend on rules is told at once."""
    (tmp_path / "more.yaml").touch()
    told = messages(
        "rule_files: [more.yaml]\n"
        "receivers: [{name: a}]\n"
        "route: {receiver: a, routes: [{receiver: b, matchers: [kind=old, source=x]}]}"
    )
    assert [message.split(": ", 2)[1] for message in told] == [
        "route.routes[0].receiver",
        "route.routes[0].matchers[0]",
        "route.routes[0].matchers[1]",
    ]


def test_all_names_known():
    """Given all rules, a route that names another one is found at any depth, with its path."""
    asked = route("rule=watr", deeper="rule!=dam")
    assert list(check_routes(asked, ["water", "dan"])) == [
        (
            ("route", "routes", 0, "matchers", 0),
            "there is no rule 'watr'; did you mean water?",
        ),
        (
            ("route", "routes", 0, "routes", 0, "matchers", 0),
            "there is no rule 'dam'; did you mean dan?",
        ),
    ]
    assert list(check_routes(asked, ["watr", "dam"])) == []


def test_labels_are_checked_where_all_are_known():
    """Without the labels of all rules none is refused; with them patterns are checked too."""
    asked = route('team=~"a|b"', 'desk!=""')
    assert list(check_routes(asked, [])) == []
    assert [said for _, said in check_routes(asked, [], {"desk"})] == ["there is no label 'team'"]


def test_which_routes_ask_for_labels():
    """Built-in labels need no look at the rules."""
    assert not asks_for_labels(route("rule=a", "priority=low", deeper="language=en"))
    assert asks_for_labels(route("rule=a", deeper="team=a"))


def test_a_name_among_very_many():
    """Each slip among 100,000 names has its message, and a hint where a name begins alike."""
    names = [f"{n:05}-name" for n in range(100_000)]
    asked = route(*(f"rule={n:05}-nam" for n in range(0, 1000, 100)), 'rule="zz"')
    said = [message for _, message in check_routes(asked, names)]
    assert said[1] == "there is no rule '00100-nam'; did you mean 00100-name?"
    assert said[-1] == "there is no rule 'zz'"
