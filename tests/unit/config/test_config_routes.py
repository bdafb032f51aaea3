"""Routes and the names they may use, also where rules come from files."""

from __future__ import annotations

import pytest

from monitor.config import Settings
from monitor.config.checks import asks_for_labels, check_names
from monitor.config.matchers import parse_matcher


def route(*matchers: str, deeper: str = "") -> Settings:
    """A route with one child of these matchers, and below it one of ``deeper``."""
    below = [{"receiver": "a", "matchers": [deeper]}] if deeper else []
    child = {"receiver": "a", "matchers": list(matchers), "routes": below}
    return Settings.model_validate({"route": {"receiver": "a", "routes": [child]}})


def inhibiting(**rule: object) -> Settings:
    """One inhibit rule."""
    rule = {"source_matchers": ["rule=water"], "target_matchers": ["rule=dam"]} | rule
    return Settings.model_validate({"inhibit_rules": [rule]})


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
    assert list(check_names(asked, ["water", "dan"])) == [
        (
            ("route", "routes", 0, "matchers", 0),
            "there is no rule 'watr'; did you mean water?",
        ),
        (
            ("route", "routes", 0, "routes", 0, "matchers", 0),
            "there is no rule 'dam'; did you mean dan?",
        ),
    ]
    assert list(check_names(asked, ["watr", "dam"])) == []


def test_labels_are_checked_where_all_are_known():
    """Without the labels of all rules none is refused; with them patterns are checked too."""
    asked = route('team=~"a|b"', 'desk!=""')
    assert list(check_names(asked, [])) == []
    assert [said for _, said in check_names(asked, [], {"desk"})] == ["there is no label 'team'"]


def test_which_routes_ask_for_labels():
    """Built-in labels need no look at the rules."""
    assert not asks_for_labels(route("rule=a", "priority=low", deeper="language=en"))
    assert asks_for_labels(route("rule=a", deeper="team=a"))


def test_inhibit_rules_are_checked_as_routes_are():
    """Names of rules, labels of either side and those that must be equal, each with its path."""
    asked = inhibiting(target_matchers=["rule=dan", "team=a"], equal=["source", "tean"])
    assert list(check_names(asked, ["water", "dam"], {"team"})) == [
        (
            ("inhibit_rules", 0, "target_matchers", 0),
            "there is no rule 'dan'; did you mean dam?",
        ),
        (("inhibit_rules", 0, "equal", 1), "there is no label 'tean'; did you mean team?"),
    ]
    assert list(check_names(inhibiting(), ["water", "dam"])) == []
    assert not asks_for_labels(inhibiting(equal=["source"]))
    assert asks_for_labels(inhibiting(equal=["team"]))
    assert asks_for_labels(inhibiting(source_matchers=["team=a"]))


def test_inhibit_rules_in_the_file(settings, messages):
    """What does not depend on rules is told at once, what contradicts itself as well."""
    text = """\
        rules: [{name: water, any: x}, {name: dam, any: y}]
        inhibit_rules:
          - {source_matchers: rule=water, target_matchers: rule=dam, equal: [source]}
    """
    (rule,) = settings(text).inhibit_rules
    assert rule.equal == ("source",)
    told = messages(
        """\
        rules: [{name: water, any: x}]
        inhibit_rules:
          - {source_matchers: [source=daily], target_matchers: [rule=water, rule!=water]}
          - {source_matchers: [], target_matchers: [kind=health, rule=water]}
          - {source_matchers: ['rule=~"("'], target_matchers: [rule=water], equals: [source]}
        """
    )
    assert [message.split(": ", 1)[1].partition(";")[0] for message in told] == [
        "inhibit_rules[1].source_matchers: empty",
        "inhibit_rules[2].source_matchers: not a regular expression: '(': missing ): (",
        "inhibit_rules[2].equals: unknown key",
    ]
    told = messages(
        """\
        rules: [{name: water, any: x}]
        inhibit_rules:
          - {source_matchers: [source=daily], target_matchers: [rule=water, rule!=water]}
          - {source_matchers: [check=few], target_matchers: [kind=health, rule=water]}
          - {source_matchers: [rule=watr], target_matchers: [rule=water], equal: [tean]}
        """
    )
    assert [message.split(": ", 1)[1].partition(";")[0] for message in told] == [
        "inhibit_rules[0].source_matchers[0]: there is no source 'daily'",
        'inhibit_rules[0].target_matchers: no alert is meant: rule="water" and rule!="water" are'
        " never both true",
        'inhibit_rules[1].target_matchers: no alert is meant: rule="water": an alert about a source'
        " has no rule",
        "inhibit_rules[2].source_matchers[0]: there is no rule 'watr'",
        "inhibit_rules[2].equal[0]: there is no label 'tean'",
    ]


def test_inhibit_rules_that_say_the_opposite_of_each_other(messages):
    """Nobody would be told of either; one that has its targets for sources is no opposite."""
    (told,) = messages(
        """\
        rules: [{name: water, any: x}, {name: dam, any: y}]
        inhibit_rules:
          - {source_matchers: [rule=dam], target_matchers: [rule=water]}
          - {source_matchers: [priority=low], target_matchers: [priority=low]}
          - {source_matchers: ['rule="water"'], target_matchers: ['rule="dam"'], equal: [source]}
        """
    )
    assert told.split(": ", 1)[1] == (
        "inhibit_rules[2]: inhibit_rules[0] says the opposite: where there are both alerts, neither"
        " would be told"
    )


def test_a_name_among_very_many():
    """Each slip among 100,000 names has its message, and a hint where a name begins alike."""
    names = [f"{n:05}-name" for n in range(100_000)]
    asked = route(*(f"rule={n:05}-nam" for n in range(0, 1000, 100)), 'rule="zz"')
    said = [message for _, message in check_names(asked, names)]
    assert said[1] == "there is no rule '00100-nam'; did you mean 00100-name?"
    assert said[-1] == "there is no rule 'zz'"


@pytest.mark.parametrize(
    ("matcher", "value", "fits"),
    [
        ('rule=~"wat.*|dam"', "water", True),
        ('rule=~"wat"', "water", False),
        ('rule!~"wat"', "water", True),
        ('rule=~"(?i)WATER"', "water", True),
        ('team=~"юг.?"', "юга", True),
        ('team=~"."', "\ud800", True),
        ('team=~""', "", True),
        ('rule=~"(a+)+b"', "a" * 5_000, False),
    ],
)
def test_patterns_are_for_the_whole_value(matcher, value, fits):
    """And take no time worth the word, whatever is repeated in them."""
    assert parse_matcher(matcher).matches(value) is fits


@pytest.mark.parametrize("pattern", ["(", "*", "[z-a]", "(?=a)", r"(a)\1", "a{5000}"])
def test_patterns_that_are_none(pattern):
    """Also those for which a search could take for ever."""
    with pytest.raises(ValueError, match="not a regular expression"):
        parse_matcher(f'rule=~"{pattern}"')
