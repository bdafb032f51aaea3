"""The engine against a matcher that is slow and obviously right (``naive``).

2,000 generated cases of rules and articles in an ordinary run; CONTRIBUTING.md has the command
for 50,000. What only both could get wrong, the reading of the language itself, is pinned by
examples marked by hand.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from monitor.config.settings import RuleSettings
from monitor.rules import compile_rules
from monitor.rules.index import MakeIndex, index_over
from monitor.rules.parser import parse_query
from monitor.rules.reading import Document

from .indexes import each_index
from .naive import Hit, matches
from .naive.cases import EXAMPLES, Example, unmarked
from .naive.spans import edits
from .naive.spelling import Spelling, normal
from .naive.strategies import Case, cases, documents, spellings, trees

PER_PROFILE = settings().max_examples  # 100; 2,500 in the profile "nightly"

# Fifty thousand cases take a quarter of an hour.
pytestmark = pytest.mark.timeout(max(120, PER_PROFILE))


def generated(share: float):
    """So many cases for each that the profile asks for."""
    return settings(
        max_examples=int(share * PER_PROFILE),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def engine(
    rules: list[RuleSettings], document: Document, index: MakeIndex = index_over
) -> dict[str, list[Hit]]:
    """What the rule set says: evidence by rule, in the order in which it comes."""
    found = {}
    for match in compile_rules(rules, index).match(**document._asdict()):
        assert match.rule not in found
        found[match.rule] = [Hit(e.field, e.start, e.end, e.clause) for e in match.evidence]
        for e in match.evidence:
            if e.field in ("title", "body"):
                assert e.text == getattr(document, e.field)[e.start : e.end]
    return found


def naive(rules: list[RuleSettings], document: Document) -> dict[str, set[Hit]]:
    """The same by the slow one."""
    found = {rule.name: matches(rule, document) for rule in rules}
    return {name: hits for name, hits in found.items() if hits is not None}


def check(
    rules: list[RuleSettings], document: Document, index: MakeIndex = index_over
) -> dict[str, list[Hit]]:
    """Both agree in rules and spans; the engine's come in order, and none twice."""
    found = engine(rules, document, index)
    assert {name: set(hits) for name, hits in found.items()} == naive(rules, document)
    assert list(found) == [rule.name for rule in rules if rule.name in found]
    for hits in found.values():
        assert len(hits) == len(set(hits))
        places = [(hit.field == "body", hit.start) for hit in hits if hit.field in TEXT]
        assert places == sorted(places)
    return found


TEXT = ("title", "body")


@each_index
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.query)
def test_examples_marked_by_hand(example: Example, index: MakeIndex):
    """Both matchers find what is marked and nothing else; without a mark the rule is not true."""
    title, in_title = unmarked(example.title)
    body, in_body = unmarked(example.body)
    marked = {("title", *span) for span in in_title} | {("body", *span) for span in in_body}
    rule = RuleSettings(name="r", query=example.query)
    document = Document(title, body, language=example.language)
    hits = matches(rule, document)
    assert {hit[:3] for hit in hits or ()} == marked
    assert (hits is not None) == bool(marked)
    check([rule], document, index)


@each_index
@generated(10)
@given(case=cases())
def test_rules_and_spans_are_those_of_the_naive_matcher(case: Case, index: MakeIndex):
    """Any rules over any article: the same rules match, with the same evidence; however many
    other rules there are."""
    found = check(*case, index)
    event(f"rules that match: {len(found)} of {len(case.rules)}")


@generated(5)
@given(trees(), spellings())
def test_a_tree_written_as_a_query_is_read_as_the_same_tree(tree, spelling: Spelling):
    """However the tree is spelled: operators, signs, quotes, parentheses, blanks."""
    assert normal(parse_query(spelling.query(tree))) == normal(tree)


ENTITY = RuleSettings.model_validate(
    {"name": "entity", "entity": {"name": "Abba Cab", "aliases": ["ab", "a b a"]}}
)


@generated(1)
@given(st.data())
def test_rules_do_not_disturb_each_other(data):
    """A rule alone finds what it finds among others, entities among them."""
    rules, document = data.draw(cases())
    together = engine([*rules[:1], ENTITY, *rules[1:]], document)
    together.pop("entity", None)
    alone: dict[str, list[Hit]] = {}
    for rule in rules:
        alone |= engine([rule], document)
    assert together == alone


@generated(1)
@given(st.data())
def test_an_article_has_no_say_in_the_next(data):
    """A rule set keeps nothing of an article: what it says of one it says again after another."""
    rules, document = data.draw(cases())
    other = data.draw(documents())
    compiled = compile_rules(rules)

    def says(of: Document):
        return compiled.match(**of._asdict())

    before = says(document)
    says(other)
    assert says(document) == before


@generated(2)
@given(cases())
def test_an_explanation_says_what_is_so(case: Case):
    """Of every rule, matched or not, an explanation can be had, and it says which."""
    compiled = compile_rules(case.rules)
    matched = {match.rule for match in compiled.match(**case.document._asdict())}
    for rule in case.rules:
        explanation = compiled.explain(rule.name, **case.document._asdict())
        assert explanation.matched == (rule.name in matched)


def test_a_text_full_of_occurrences():
    """Of one clause the first occurrences in each field are shown, and none of another is lost;
    the number of hits that a rule asks for is counted before."""
    rules = [
        RuleSettings(name="any", any=("a", "b")),
        RuleSettings(name="all", all=("b", "a b")),
        RuleSettings(name="many", query="a OR bb* OR /b/", min_hits=200),
        RuleSettings(name="too-many", query="a", min_hits=200),
        RuleSettings(name="near", query="a NEAR/0 b"),
    ]
    document = Document("a b " * 30, "b " + "abba, a " * 50 + "bb " * 60)
    found = check(rules, document)
    assert found.keys() == {"any", "all", "many", "near"}


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("", "", 0), ("ab", "", 2), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "bca", 2),
        ("ca", "abc", 3), ("kitten", "sitting", 3), ("abcd", "badc", 2),
    ],
)  # fmt: skip
def test_edits(one: str, other: str, distance: int):
    """Optimal string alignment: ``ca`` to ``abc`` is 3, where swapping freely it would be 2."""
    assert edits(one, other) == edits(other, one) == distance
