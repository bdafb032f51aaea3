"""Why a rule matches, and why not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import MonitorError
from monitor.rules import UnknownRuleError, load_rules


def explain(body="", title="", **keys):
    """(clause, satisfied, text, message) of each reason; offsets must lead to the text."""
    rules = load_rules({"rules": [{"name": "r"} | keys]})
    found = rules.explain("r", title=title, body=body)
    assert found.rule == "r"
    assert found.matched == bool(rules.match(title=title, body=body))
    fields = {"title": title, "body": body}
    for reason in found.reasons:
        if reason.field is None:
            assert (reason.start, reason.end, reason.text) == (None, None, None)
        else:
            assert fields[reason.field][reason.start : reason.end] == reason.text
    return found.matched, [(r.clause, r.satisfied, r.text, r.message) for r in found.reasons]


def test_each_clause_has_its_reasons():
    """What was found, where; what was not; what was rightly absent."""
    matched, reasons = explain(
        "Water in Astana, water", any=["water", "ice"], all=["Astana"], none=["sport"]
    )
    assert matched
    assert reasons == [
        ("all: Astana", True, "Astana", "found"),
        ("any: water", True, "Water", "found"),
        ("any: water", True, "water", "found"),
        ("any: ice", False, None, "not in title or body"),
        ("none: sport", True, None, "not in title or body, as it must be"),
    ]


def test_what_rules_a_match_out_is_shown():
    """Each occurrence of a none keyword."""
    matched, reasons = explain("water sport, Sport", any=["water"], none=["sport"])
    assert not matched
    assert reasons == [
        ("any: water", True, "water", "found"),
        ("none: sport", False, "sport", "stands here, so the rule does not match"),
        ("none: sport", False, "Sport", "stands here, so the rule does not match"),
    ]


def test_a_keyword_in_a_longer_word_is_a_near_miss():
    """The longer word is shown whole, with its own marks."""
    matched, reasons = explain("pre-referéndums", any=["referendum"])
    assert not matched
    assert reasons == [("any: referendum", False, "referéndums", "only as a part of a longer word")]


def test_a_phrase_across_paragraphs_or_fields_is_a_near_miss():
    """Both parts and what lies between are shown where they stand in one field."""
    matched, reasons = explain("water \n council", any=["water council"])
    assert not matched
    assert reasons == [
        ("any: water council", False, "water \n council", "goes on in another paragraph")
    ]
    _, reasons = explain(title="water", body="council", any=["water council"])
    assert reasons == [
        ("any: water council", False, None, "begins in the title and ends in the body")
    ]
    _, reasons = explain(title="water", body="council", any=["water council"], scope="title")
    assert reasons == [("any: water council", False, None, "not in the title")]


def test_a_keyword_in_the_other_field_is_a_near_miss():
    """A rule for titles says so when the body has the word, and the reverse."""
    matched, reasons = explain("water", "Astana", any=["water"], scope="title")
    assert not matched
    assert reasons == [("any: water", False, "water", "the rule looks at the title only")]
    _, reasons = explain("Astana", "water", any=["water"], scope="body", none=["water"])
    assert reasons == [
        ("any: water", False, "water", "the rule looks at the body only"),
        ("none: water", True, None, "not in the body, as it must be"),
    ]


def test_an_entity_says_which_form_was_found():
    """The form, and what was refused beside it."""
    matched, reasons = explain(
        "Kassym-Jomart Tokayev at K.Tokayev Street",
        entity={"name": "Kassym-Jomart Tokayev", "exclude": ["Tokayev Street"]},
    )
    assert matched
    assert reasons == [
        ("entity: Kassym-Jomart Tokayev (name)", True, "Kassym-Jomart Tokayev", "found"),
        ("entity: K.Tokayev (initial)", False, "K.Tokayev",
         "touches an excluded phrase (exclude: Tokayev Street)"),
    ]  # fmt: skip


def test_an_entity_that_was_nearly_found():
    """Surname alone, other initials, small initial, longer word: each with its words."""
    matched, reasons = explain(
        "Sadykov. A.B. Sadykov. It is b sadykov; B.Sadykova",
        entity={"name": "Barlybay Sadykov"},
    )
    assert not matched
    assert reasons == [
        ("entity: B. Sadykov (initial)", False, "B. Sadykov", "part of a longer name"),
        ("entity: B Sadykov (initial)", False, "b sadykov",
         "without a dot an initial must be a capital letter"),
        ("entity: B.Sadykov (initial)", False, "B.Sadykova", "only as a part of a longer word"),
        ("entity: Barlybay Sadykov", False, "Sadykov", "the surname alone does not count"),
        ("entity: Barlybay Sadykov", False, None,
         "none of 6 forms of the name counts in title or body"),
    ]  # fmt: skip


def test_reasons_are_bounded():
    """A text full of the word gives the first occurrences of each field."""
    _, reasons = explain("a " * 100, "a " * 100, any=["a"], none=["b"])
    assert len(reasons) == 41
    _, reasons = explain("ab " * 100, any=["a"])
    assert len(reasons) == 20
    entity = {"name": "Al Bo", "aliases": ["Bo"], "exclude": ["Bo x"]}
    _, reasons = explain("Bo x. " * 100, entity=entity)
    assert [satisfied for _, satisfied, _, _ in reasons] == [False] * 21


def test_an_unknown_rule_is_named_with_the_nearest():
    """A MonitorError, for the command line to print as it is."""
    rules = load_rules({"rules": [{"name": "referendum", "any": ["a"]}]})
    with pytest.raises(UnknownRuleError, match="'referendun'; did you mean referendum"):
        rules.explain("referendun", title="", body="")
    with pytest.raises(MonitorError, match=r"no rule 'zzz'$"):
        rules.explain("zzz", title="", body="")


WORDS = st.lists(
    st.sampled_from(["Al", "Bo", "al bo", "A.", "A. ", " ", "\n", "-", "x", "e\u0301", "№", "\0"]),
    max_size=15,
).map("".join)


@given(WORDS, WORDS, st.sampled_from(["title", "body", "both"]))
def test_an_explanation_agrees_with_the_match(title, body, scope):
    """For any text: the same verdict, the same evidence, and offsets that fit."""
    for keys in (
        {"any": ["al bo", "x al"], "all": ["bo"], "none": ["№ x"]},
        {"entity": {"name": "Al Bo", "aliases": ["x al"], "exclude": ["bo x"]}},
    ):
        explain(body, title, scope=scope, **keys)
        rules = load_rules({"rules": [{"name": "r", "scope": scope} | keys]})
        reasons = rules.explain("r", title=title, body=body).reasons
        for match in rules.match(title=title, body=body):
            shown = {(r.clause, r.field, r.start, r.end) for r in reasons if r.satisfied}
            assert {(e.clause, e.field, e.start, e.end) for e in match.evidence} <= shown
