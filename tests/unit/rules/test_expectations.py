"""Tests of rules: what a file of them may say, and what becomes of each."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ConfigError
from monitor.rules import load_rules
from monitor.rules.expectations import (
    Difference,
    Expectation,
    check,
    read_suite,
    rules_of,
    untested,
)

EXAMPLE = Path(__file__).parents[3] / "examples" / "rules.test.yaml"
NAMES = ("anchor", "beacon", "cutter", "dinghy")
RULES = load_rules({"rules": [{"name": name, "any": [name, f"{name} ahoy"]} for name in NAMES]})


def expectation(**keys) -> Expectation:
    return Expectation.model_validate(keys)


def written(folder: Path, text: str, name: str = "rules.test.yaml") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


# --------------------------------------------------------------------------- one test


@given(st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)))
def test_expect_is_exact(there, expected):
    """Every rule that should match and does not is missing, every other that does unexpected."""
    outcome = check(expectation(title=" ".join(sorted(there)) or "-", expect=expected), RULES)
    assert {why.rule for why in outcome.missing} == expected - there
    assert {match.rule for match in outcome.unexpected} == there - expected
    assert set(outcome.matched) == there
    assert outcome.passed == (there == expected)


@given(st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES), min_size=1))
def test_expect_at_least_lets_others_match(there, expected):
    """Only what is missing counts."""
    test = expectation(title=" ".join(sorted(there)) or "-", expect_at_least=expected)
    outcome = check(test, RULES)
    assert {why.rule for why in outcome.missing} == expected - there
    assert outcome.unexpected == ()
    assert outcome.passed == (expected <= there)


@given(st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES), min_size=1))
def test_expect_not_lets_others_match(there, refused):
    """Only the rules named must not match."""
    test = expectation(title=" ".join(sorted(there)) or "-", expect_not=refused)
    outcome = check(test, RULES)
    assert {match.rule for match in outcome.unexpected} == there & refused
    assert outcome.missing == ()


def test_a_missing_rule_comes_with_its_reasons():
    """What explain says: clause by clause, why not."""
    (why,) = check(expectation(title="A cutters' race", expect=["cutter"]), RULES).missing
    assert not why.matched
    assert [(r.satisfied, r.text) for r in why.reasons if r.field] == [(False, "cutters")]


def test_an_unexpected_rule_comes_with_its_evidence():
    """The words that made it match, and where they stand."""
    test = expectation(title="Harbour", body="The beacon is lit.", expect=[])
    (match,) = check(test, RULES).unexpected
    assert [(e.field, e.start, e.text) for e in match.evidence] == [("body", 4, "beacon")]


def test_evidence_is_compared_as_a_set_of_words():
    """Words that stand twice count once; too few and too many are both told."""
    body = "Anchor ahoy! The anchor is up, the ANCHOR is clean, the anchor is up."
    found = ["Anchor", "Anchor ahoy", "anchor", "ANCHOR"]
    assert check(expectation(body=body, evidence={"anchor": found}), RULES).passed
    outcome = check(expectation(body=body, evidence={"anchor": ["anchor", "chain"]}), RULES)
    assert outcome.differences == (
        Difference("anchor", ("chain",), ("Anchor", "Anchor ahoy", "ANCHOR")),
    )
    assert not outcome.passed


def test_evidence_demands_that_the_rule_matches():
    """Where it does not, it is missing; there is no difference beside."""
    outcome = check(expectation(title="Fog", evidence={"beacon": "beacon"}), RULES)
    assert [why.rule for why in outcome.missing] == ["beacon"]
    assert outcome.differences == ()


def test_all_that_rules_may_ask_reaches_them():
    """Source, language, address, views and time of publication, UTC where no offset is given."""
    article = expectation(
        text="Title\nFirst.\nSecond.",
        source="norland-today",
        language="en",
        url="https://norland.example/1",
        views="12",
        growth="2.5",
        published="2026-03-02 10:00",
        expect=[],
    ).article
    assert article["published"].isoformat() == "2026-03-02T10:00:00+00:00"
    assert {key: value for key, value in article.items() if key != "published"} == {
        "title": "Title",
        "body": "First.\nSecond.",
        "source": "norland-today",
        "language": "en",
        "url": "https://norland.example/1",
        "views": 12,
        "growth": 2.5,
    }
    with_offset = expectation(title="x", published="2026-03-02T10:00:00+05:00", expect=[]).article
    assert with_offset["published"].isoformat() == "2026-03-02T05:00:00+00:00"


@pytest.mark.parametrize(
    ("keys", "label"),
    [
        ({"name": "of a name", "title": "Title"}, "of a name"),
        ({"title": "Title", "body": "Body"}, "Title"),
        ({"body": "First.\nSecond."}, "First."),
        ({"text": "First.\nSecond."}, "First."),
    ],
)
def test_a_test_without_a_name_is_called_by_its_text(keys, label):
    """By the title, or else by the first line."""
    assert expectation(**keys, expect=[]).label == label


def test_rules_that_no_test_expects():
    """Those named in expect, expect_at_least or evidence are tested; expect_not is not enough."""
    tests = [
        expectation(title="x", expect=["anchor"]),
        expectation(title="x", expect_at_least=["beacon"], expect_not=["cutter"]),
        expectation(title="x", evidence={"dinghy": "y"}),
    ]
    assert untested(NAMES, tests) == ["cutter"]
    assert untested(NAMES, []) == list(NAMES)


# --------------------------------------------------------------------------- files


def test_the_example_passes():
    """What is shipped as an example is right, and expects each rule of the configuration."""
    suite = read_suite(EXAMPLE)
    rules = rules_of(suite)
    assert list(suite.unknown(rules.names)) == []
    outcomes = [check(test, rules) for test in suite.tests]
    assert [o for o in outcomes if not o.passed] == []
    assert untested(rules.names, suite.tests) == []


def test_a_test_is_placed_at_its_line(tmp_path):
    """Also behind a comment, and in a list that is indented."""
    text = "tests:\n  # one\n  - {title: a, expect: []}\n\n  -\n    title: b\n    expect: []\n"
    suite = read_suite(written(tmp_path, text))
    assert [suite.place(index) for index in range(2)] == [(3, 5), (6, 5)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1: tests: this key is needed and missing"),
        ("tests: []", "1:1: tests: empty"),
        ("tests: {a: b}", "1:1: tests: "),
        ("- a", "1:1: expected keys and values"),
        ("tests:\n- title: {a", "3:1: not valid YAML"),
        ("tests:\n- {title: a, expect: [], expct: b}", "2:26: tests[0].expct: unknown key; did"),
        ("tests:\n- {title: a}", "2:3: tests[0]: nothing is expected"),
        ("tests:\n- {expect: []}", "2:3: tests[0]: no article"),
        ("tests:\n- {text: a, body: b, expect: []}", "2:3: tests[0]: text is title and body"),
        (
            "tests:\n- {title: a, expect: [], expect_at_least: [b]}",
            "2:3: tests[0]: expect allows no other rule",
        ),
        (
            "tests:\n- {title: a, expect: [b], expect_not: [b]}",
            "2:3: tests[0]: the rule 'b' is both expected and not",
        ),
        (
            "tests:\n- {title: a, expect: [b], evidence: {c: d}}",
            "2:3: tests[0]: evidence of the rule 'c', which is not expected",
        ),
        ("tests:\n- {title: a, expect: [A b]}", "2:23: tests[0].expect[0]: not a name: 'A b'"),
        ("tests:\n- {title: a, expect: [], views: x}", "2:26: tests[0].views: expected a whole"),
        ("tests:\n- {title: a, expect: [], published: x}", "2:26: tests[0].published: not a"),
        ("tests:\n- {title: a, expect: [], published: 2026}", "2:26: tests[0].published: not a"),
        (
            "tests:\n- {title: a, expect: [], published: '0001-01-01T00:00+05:00'}",
            "2:26: tests[0].published: not a time: '0001-01-01T00:00+05:00'",
        ),
        (
            "rule_files: [none.yaml]\ntests:\n- {title: a, expect: []}",
            "1:14: rule_files[0]: no such file: none.yaml",
        ),
        (
            "rule_files: ['/']\ntests:\n- {title: a, expect: []}",
            "1:14: rule_files[0]: a folder",
        ),
        (
            "rule_files: ['a**']\ntests:\n- {title: a, expect: []}",
            "1:14: rule_files[0]: invalid pattern: '**'",
        ),
        (
            "rule_files: ['~nobody-of-that-name/a']\ntests:\n- {title: a, expect: []}",
            "1:14: rule_files[0]: no such home folder: ~nobody-of-that-name",
        ),
        (
            "rule_files: ['none*.yaml']\ntests:\n- {title: a, expect: []}",
            "1:14: rule_files[0]: no such file: none*.yaml",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(tmp_path, text, problem):
    """As in the configuration: file, line, column, key and what is wrong."""
    file = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_suite(file)
    assert str(caught.value).startswith(f"{file}:{problem}")


def test_rules_that_are_not_there_are_refused_with_the_nearest(tmp_path):
    """In each key that names rules."""
    text = (
        "tests:\n"
        "- {title: a, expect_at_least: [ancor], expect_not: [beacon, beacn]}\n"
        "- {title: a, evidence: {cutter: b, diny: c}}\n"
    )
    file = written(tmp_path, text)
    assert list(map(str, read_suite(file).unknown(NAMES))) == [
        f"{file}:2:32: tests[0].expect_at_least[0]: there is no rule 'ancor'; did you mean anchor?",
        f"{file}:2:61: tests[0].expect_not[1]: there is no rule 'beacn'; did you mean beacon?",
        f"{file}:3:36: tests[1].evidence.diny: there is no rule 'diny'; did you mean dinghy?",
    ]


def test_rule_files_start_at_the_folder_of_the_tests(tmp_path, monkeypatch):
    """Wherever the command is called; patterns, parent folders and whole paths too."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "tests[1]").mkdir()
    for name in NAMES:
        written(tmp_path / "rules", f"rules: [{{name: {name}, any: x}}]", f"{name}.yaml")
    monkeypatch.chdir("/")
    patterns = ["../rules/[ab]*.yaml", str(tmp_path / "rules" / "d*.yaml")]
    text = f"rule_files: {patterns}\ntests: [{{title: x, expect: []}}]"
    suite = read_suite(written(tmp_path / "tests[1]", text))
    assert rules_of(suite).names == ("anchor", "beacon", "dinghy")


def test_a_name_in_two_rule_files_is_refused(tmp_path):
    """Which of the two a test means could not be told."""
    for name in ("one", "two"):
        written(tmp_path, "rules: [{name: anchor, any: x}]", f"{name}.yaml")
    suite = read_suite(
        written(tmp_path, "rule_files: [one.yaml, two.yaml]\ntests: [{title: x, expect: []}]")
    )
    with pytest.raises(ConfigError, match=r"two\.yaml:1:\d+: rules\[0\].name: the name 'anchor'"):
        rules_of(suite)
