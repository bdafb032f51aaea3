"""Which alerts are made and not told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import Inhibition, Withholding
from monitor.alerts.silences import (
    SilenceState,
    problem_of,
    silenced_rules,
    silenced_sources,
    state_of,
)
from monitor.alerts.withhold import Held, compiled, fits
from monitor.config import RuleSettings
from monitor.config.inhibit import InhibitRuleSettings
from monitor.model import Condition, HealthCheck, Silence, Withheld

T0 = datetime(2026, 2, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def silence(*matchers: str, comment: str = "", id_: str = "1a2b3c4d") -> Silence:
    return Silence(id_, matchers, T0, T0 + HOUR, comment, T0, "ann")


def inhibit(source: str, target: str, *equal: str, place: int = 0) -> Inhibition:
    rule = InhibitRuleSettings.model_validate(
        {"source_matchers": source.split(), "target_matchers": target.split(), "equal": equal}
    )
    return Inhibition(rule, place)


def labels(rule: str, source: str = "daily", **more: str) -> dict[str, str]:
    return {"rule": rule, "source": source, "kind": "new", **more}


def why(withholding: Withholding, *alerts: dict[str, str]) -> list[str | None]:
    return [held.detail if held else None for held in withholding.judge(alerts)]


# --------------------------------------------------------------------------- silences


def test_a_silence_holds_back_what_fits_all_its_matchers() -> None:
    """A label that an alert has not is empty; of several silences the first is named."""
    both = Withholding(
        [
            silence("rule=water", "source!=gazette", comment="repairs\nuntil noon " + "x" * 500),
            silence('team=""', id_="ffff0000"),
        ]
    )
    water, elsewhere, other = both.judge(
        [labels("water"), labels("water", "gazette"), labels("dam", team="a")]
    )
    assert water is not None and water.reason is Withheld.SILENCED
    assert water.detail.startswith("silence 1a2b3c4d until 2026-02-20 13:00 UTC: repairs until no")
    assert len(water.detail) < 260
    assert elsewhere == Held(Withheld.SILENCED, "silence ffff0000 until 2026-02-20 13:00 UTC")
    assert other is None
    assert both.labels == {"rule", "source", "team"}
    assert both
    assert not Withholding()


def test_when_a_silence_is_in_force() -> None:
    """From its beginning, and no longer at its end."""
    one = silence("rule=water")
    states = [state_of(one, T0 + hours * HOUR) for hours in (-1, 0, 0.5, 1)]
    assert states == [
        SilenceState.PENDING,
        SilenceState.ACTIVE,
        SilenceState.ACTIVE,
        SilenceState.EXPIRED,
    ]


@pytest.mark.parametrize(
    ("starts", "until", "said"),
    [
        (0, 1, None),
        (1, 2, None),
        (-1, 1, "cannot begin in the past"),
        (1, 1, "would end before it begins"),
        (3, 2, "would end before it begins"),
        (0, 0, "its end is in the past"),
        (-2, -1, "its end is in the past"),
    ],
)
def test_times_that_make_no_silence(starts: int, until: int, said: str | None) -> None:
    """Each with its reason."""
    problem = problem_of(T0 + starts * HOUR, T0 + until * HOUR, T0)
    assert (problem is None) if said is None else said in (problem or "")


RULES = {
    name: RuleSettings.model_validate({"name": name, "any": "x", **more})
    for name, more in {
        "water": {"labels": {"team": "south"}},
        "dam": {"priority": "urgent", "sources": ["gazette"]},
        "summit": {"languages": ["en", "ru"]},
    }.items()
}


@pytest.mark.parametrize(
    ("matchers", "hit"),
    [
        (["rule=water"], ["water"]),
        (['rule=~".a.*"'], ["water", "dam"]),
        (["team=south"], ["water"]),
        (["team!=south"], ["dam", "summit"]),
        (["priority=urgent", "kind=new"], ["dam"]),
        (["kind=health"], []),
        (["check=silent"], []),
        (['check=""'], ["water", "dam", "summit"]),
        (["source=daily"], ["water", "summit"]),
        (["source=daily", "source=gazette"], []),
        (["source=nowhere"], []),
        (["language=ru"], ["water", "dam", "summit"]),
        (["language=kk"], ["water", "dam"]),
        (["kind=new", "kind=revised"], []),
    ],
)
def test_which_rules_a_silence_can_hit(matchers: list[str], hit: list[str]) -> None:
    """By what is known of their alerts without an article."""
    asked = compiled(matchers)
    assert list(silenced_rules(asked, RULES, RULES, ["daily", "gazette"])) == hit


@given(
    st.lists(
        st.sampled_from(
            [
                "rule=a",
                "rule!=a",
                "kind=new",
                "kind!=new",
                "source=s",
                'source!="s"',
                "team=x",
                'team=""',
                "priority=high",
                "language=en",
                "language!=en",
                'check=""',
                "check=few",
            ]
        ),
        max_size=4,
    ),
    st.sampled_from(["a", "b"]),
    st.lists(st.sampled_from("st"), max_size=1),
    st.lists(st.sampled_from(["en", "ru"]), max_size=1),
    st.sampled_from([{}, {"team": "x"}, {"team": "y"}]),
    st.sampled_from(["high", "low"]),
)
def test_no_rule_is_missed_that_a_silence_hits(
    matchers: list[str],
    name: str,
    sources: list[str],
    languages: list[str],
    own: dict[str, str],
    priority: str,
) -> None:  # fmt: skip
    """Asked with every alert that such a rule can make, the answer is the same."""
    asked = compiled(matchers)
    rule = RuleSettings.model_validate(
        {
            "name": name, "any": "x", "sources": sources, "languages": languages, "labels": own,
            "priority": priority,
        }
    )  # fmt: skip
    possible = any(
        fits(asked, {**own, "rule": name, "priority": priority, "kind": kind, "source": source,
                     "language": language})
        for kind in ("new", "revised", "dropped", "risen")
        for source in sources or ["s", "t"]
        for language in languages or ["en", "ru", ""]
    )  # fmt: skip
    found = list(silenced_rules(asked, [name], {name: rule}, ["s", "t"]))
    contradictory = not languages and {"language=en", "language!=en"} <= set(matchers)
    assert found == [name] * possible or contradictory


def test_rules_are_not_read_where_their_names_say_enough() -> None:
    """There may be a hundred thousand."""
    asked = compiled(["rule=water", "kind=new"])
    assert list(silenced_rules(asked, RULES, {}, ["daily"])) == ["water"]


def test_which_sources_health_a_silence_can_hit() -> None:
    """By its labels; one for rules hits none."""

    def hit(*matchers: str) -> list[str]:
        return silenced_sources(compiled(matchers), ["daily", "gazette"], T0)

    assert hit("kind=health") == ["daily", "gazette"]
    assert hit("source=daily") == ["daily"]
    assert hit("check=silent", "state=resolved", "source!=daily") == ["gazette"]
    assert hit("rule=water") == hit("kind=new") == hit("check=nothing") == []


# --------------------------------------------------------------------------- inhibition


def test_one_alert_inhibits_another_of_the_same_change() -> None:
    """Which rule of the configuration it was, and which alert, is said."""
    rules = Withholding((), [inhibit("rule=dam-burst", "rule=flood", place=2)])
    assert why(rules, labels("flood"), labels("dam-burst"), labels("water")) == [
        "inhibit_rules[2], by rule dam-burst",
        None,
        None,
    ]
    assert why(rules, labels("flood")) == [None]
    assert why(rules) == []


def test_equal_labels_must_have_the_same_value() -> None:
    """One that neither has is the same, as with Alertmanager."""
    rules = Withholding((), [inhibit("rule=a", "rule=b", "team", "desk")])
    assert why(rules, labels("a", team="x"), labels("b", team="y")) == [None, None]
    assert why(rules, labels("a", team="x"), labels("b")) == [None, None]
    assert why(rules, labels("a", team="x"), labels("b", team="x"))[1] is not None


def test_what_is_source_and_target_inhibits_neither_itself_nor_its_like() -> None:
    """Only a source that is no target inhibits it."""
    rules = Withholding((), [inhibit("kind=new", 'rule=~"a|b"')])
    assert why(rules, labels("a")) == [None]
    assert why(rules, labels("a"), labels("b")) == [None, None]
    assert why(rules, labels("a"), labels("c"))[0] == "inhibit_rules[0], by rule c"


def test_what_is_inhibited_or_silenced_inhibits_others_all_the_same() -> None:
    """In any order; and of what is both the silence is named."""
    rules = [inhibit("rule=a", "rule=b"), inhibit("rule=b", "rule=c", place=1)]
    alerts = labels("c"), labels("b"), labels("a")
    assert why(Withholding((), rules), *alerts) == [
        "inhibit_rules[1], by rule b",
        "inhibit_rules[0], by rule a",
        None,
    ]
    quiet = Withholding([silence('rule=~"a|b"')], rules).judge(alerts)
    assert [held.reason if held else None for held in quiet] == [
        Withheld.INHIBITED,
        Withheld.SILENCED,
        Withheld.SILENCED,
    ]


def test_what_stands_of_a_source_inhibits_while_it_lasts() -> None:
    """Alerts about articles and about other conditions, but not the one about itself."""
    drift = Condition("daily", HealthCheck.DRIFT, T0, "no times")
    few = Condition("daily", HealthCheck.FEW, T0, "few")
    rules = [
        inhibit("kind=health check=drift", 'check=""', "source"),
        inhibit("kind=health check=drift", "kind=health", "source", place=1),
    ]
    health = {"kind": "health", "priority": "high", "source": "daily"}
    fired = [health | {"check": check, "state": "firing"} for check in ("drift", "few")]
    withholding = Withholding((), rules, [drift, few])
    assert why(withholding, labels("a"), labels("a", "gazette"), *fired) == [
        "inhibit_rules[0], by source daily: drift",
        None,
        None,
        "inhibit_rules[1], by source daily: drift",
    ]
    assert why(Withholding((), rules), labels("a"), *fired[1:]) == [None, None]
    assert withholding.labels == {"kind", "check", "source"}


ALERT = st.fixed_dictionaries(
    {"rule": st.sampled_from("abc"), "kind": st.sampled_from("nr")},
    optional={"team": st.sampled_from("xy")},
)
MATCHERS = st.lists(
    st.sampled_from(["rule=a", "rule=b", "rule!=c", "kind=n", "team=x", 'team=""']),
    min_size=1,
    max_size=2,
).map(" ".join)
INHIBIT = st.tuples(MATCHERS, MATCHERS, st.lists(st.sampled_from(["team", "kind"]), max_size=2))


@given(st.lists(ALERT, max_size=6), st.lists(INHIBIT, min_size=1, max_size=3))
def test_alertmanagers_rule_word_for_word(
    alerts: list[dict[str, str]], rules: list[tuple[str, str, list[str]]]
) -> None:
    """Against the plain reading: each target with each source."""

    def inhibited(target: dict[str, str]) -> bool:
        for source_matchers, target_matchers, equal in rules:
            sources, targets = (compiled(t.split()) for t in (source_matchers, target_matchers))
            for source in alerts:
                both = fits(sources, target) and fits(targets, source)
                same = all(source.get(label, "") == target.get(label, "") for label in equal)
                if fits(targets, target) and fits(sources, source) and same and not both:
                    return True
        return False

    withholding = Withholding((), [inhibit(a, b, *equal) for a, b, equal in rules])
    held = withholding.judge(alerts)
    assert [one is not None for one in held] == [inhibited(alert) for alert in alerts]
