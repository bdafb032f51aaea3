"""Why a rule matches, and why not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from monitor.config.settings import RuleSettings
from monitor.errors import MonitorError
from monitor.rules import UnknownRuleError, compile_rules, load_rules
from monitor.rules.explain import Clause

from .naive.strategies import Case, cases


def explained(body="", title="", *, source=None, language=None, **keys):
    """The explanation; it must agree with the match, and its offsets lead to its words."""
    given = {"title": title, "body": body, "source": source, "language": language}
    given |= {fact: keys.pop(fact, None) for fact in ("views", "growth", "published")}
    rules = load_rules({"rules": [{"name": "r"} | keys]})
    found = rules.explain("r", **given)
    assert found.rule == "r"
    assert found.matched is found.tree.satisfied is bool(rules.match(**given))
    for reason in found.reasons:
        if reason.field is None:
            assert (reason.start, reason.end, reason.text) == (None, None, None)
        else:
            assert given[reason.field][reason.start : reason.end] == reason.text
    return found


def explain(body="", title="", **keys):
    """Whether it matches, and (clause, satisfied, text, message) of each reason."""
    found = explained(body, title, **keys)
    return found.matched, [(r.clause, r.satisfied, r.text, r.message) for r in found.reasons]


def why(query, body="", title="", **given):
    """(satisfied, text, message) of each reason of a query of one clause."""
    reasons = explain(body, title, query=query, **given)[1]
    return [(satisfied, text, message) for _, satisfied, text, message in reasons]


def shape(clause: Clause):
    """(label, satisfied) and the same of all parts."""
    own = clause.label, clause.satisfied
    return (*own, [shape(part) for part in clause.parts]) if clause.parts else own


# --------------------------------------------------------------------------- keywords


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
    """Each occurrence of a none keyword; the clause, that it must be absent, is not true."""
    found = explained("water sport, Sport", any=["water"], none=["sport"])
    assert shape(found.tree) == (
        "AND", False, [("any: water", True), ("none: sport", False)]
    )  # fmt: skip
    assert [(r.clause, r.satisfied, r.text, r.message) for r in found.reasons] == [
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
    assert reasons == [("any: water council", False, None, "not in the title: there is no council")]


@pytest.mark.parametrize(
    ("body", "text", "message"),
    [
        ("Amanat. Party of", "Amanat. Party", "another sign stands between the words"),
        ("The party Amanat", None, "the words are in title or body, but not side by side"),
        ("The Amanat won", None, "not in title or body: there is no party"),
        ("Nothing", None, "not in title or body"),
        ("Amanatparty", None, "not in title or body"),
    ],
)
def test_a_phrase_of_which_the_words_stand_otherwise(body, text, message):
    """What keeps them from being the phrase."""
    assert why('"Amanat party"', body) == [(False, text, message)]


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
    _, reasons = explain("a b", "a", query="body:a OR b", scope="title")
    assert reasons == [
        ("body:a", False, "a", "the rule asks for two fields at once"),
        ("body:a", False, "a", "the rule asks for two fields at once"),
        ("b", False, "b", "the rule looks at the title only"),
    ]


# --------------------------------------------------------------------------- operators


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("water", "The Water level", ["Water"]),
        ('"low water"', "a low-water mark", ["low-water"]),
        ("case:WHO", "those who, the WHO", ["WHO"]),
        ("accent:élan", "Élan, elan", ["Élan"]),
        ("exact:Élan", "élan, Élan", ["Élan"]),
        ("elect*", "The election, elected", ["election", "elected"]),
        ("wom?n", "woman, women", ["woman", "women"]),
        ("Kirgizstan~2", "in Kyrgyzstan", ["Kyrgyzstan"]),
        ("/[a-z]\\d+/", "A12 b", ["A12"]),
        ('"dam burst"~2', "the dam has burst", ["dam", "burst"]),
        ('"dam burst"~>2', "the dam has burst", ["dam", "burst"]),
        ("dam NEAR/2 (burst OR broke)", "burst was the dam", ["burst", "dam"]),
        ("body:water", "water", ["water"]),
        ("lead:water", "water\nwater", ["water"]),
    ],
)
def test_what_an_operator_finds(query, text, found):
    """Each place."""
    assert why(query, text) == [(True, each, "found") for each in found]


@pytest.mark.parametrize(
    ("query", "text", "reasons"),
    [
        ("case:WHO", "those who", [("who", "capitals must agree with WHO")]),
        ("accent:élan", "the elan", [("elan", "accents must agree with élan")]),
        ("exact:Élan", "elan", [("elan", "capitals and accents must agree with Élan")]),
        ("elect*", "reelected, water", [("reelected", "does not fit elect*")]),
        ("elect*", "water", [(None, "not in title or body")]),
        ('"low wat*"', "water so low", [(None, "not in title or body")]),
        ("Kirgiz~1", "Kyrghiz", [("Kyrghiz", "2 letters differ, at most 1 may")]),
        ("Kirgiz~1", "Washington", [(None, "not in title or body")]),
        ("/[a-z]\\d+/", "1 2", [(None, "not in title or body")]),
        ("case:/[a-z]\\d+/", "A12", [("A12", "capitals must agree")]),
        ("case:/[a-z]\\d+/", "A 12", [(None, "not in title or body")]),
        ("body:water", "rain", [(None, "not in the body")]),
        ("lead:water", "rain\nwater", [("water", "the rule looks at the lead only")]),
        ("title:water", "water", [("water", "the rule looks at the title only")]),
    ],
)  # fmt: skip
def test_why_an_operator_finds_nothing(query, text, reasons):
    """What came near, and what was missing."""
    assert why(query, text) == [(False, *reason) for reason in reasons]


MOMENT = datetime(2026, 2, 1, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "given", "satisfied", "message"),
    [
        ("views:>100", {"views": 50_000}, True, "it has 50,000 views"),
        ("views:>100", {"views": 99}, False, "it has 99 views"),
        ("views:>100", {}, False, "its views are not known"),
        ("growth:>100", {"growth": 1250.04}, True, "it gains 1,250.0 views an hour"),
        ("growth:>100", {"growth": 99}, False, "it gains 99.0 views an hour"),
        ("growth:>100", {}, False, "its growth is not known"),
        ("published:2026-02-01", {"published": MOMENT}, True,
         "it was published 2026-02-01 10:30 UTC"),
        ("published:>2026-02-01", {"published": MOMENT}, False,
         "it was published 2026-02-01 10:30 UTC"),
        ("published:>2026-02-01", {}, False, "when it was published is not known"),
        ("source:kaz*", {"source": "kaz-today"}, True, "its source is kaz-today"),
        ("source:kaz*", {"source": "tass"}, False, "its source is tass"),
        ("source:kaz*", {}, False, "its source is not known"),
        ("url:*kz*", {}, False, "its url is not known"),
        ("language:en", {"language": "en-GB"}, True, "its language is en-GB"),
        ("language:en", {"language": "ru"}, False, "its language is ru"),
    ],
)  # fmt: skip
def test_what_is_known_of_the_article(query, given, satisfied, message):
    """The fact itself, whether the clause is true or not."""
    assert why(query, **given) == [(satisfied, None, message)]


def test_a_detected_language_is_said_to_be_so():
    """Nobody wrote it down, so it may be wrong."""
    text = "The ministers will meet in the town hall, and this is the end of it."
    assert why("language:en", text) == [(True, None, "its language is en, by its text")]


def test_a_stem_that_is_not_there():
    """The stem itself is shown; where there are none, that is said."""
    text = "The ministers will meet in the town hall."
    assert why("stem:minister", text, language="en") == [(True, "ministers", "found")]
    assert why("stem:elections", text, language="en") == [
        (False, None, "not in title or body: no word with the stem elect")
    ]
    assert why('stem.en:"free elections"', text) == [
        (False, None, "not in title or body: no words with the stems free elect")
    ]
    assert why("stem:elections", "1 2 3", language="xx") == [
        (False, None,
         "not in title or body: there are no stems for xx,"
         " so only the word itself counts")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "text", "reason"),
    [
        ('"dam burst"~1', "dam 1 2 3 4 burst. 1 2 3 4 dam a b c burst",
         ("dam a b c burst", "3 other words between, at most 1 may be")),
        ('"dam burst"~0', "dam a burst", ("dam a burst", "1 other word between, at most 0 may be")),
        ('"dam burst"~>3', "burst was a dam", ("burst was a dam", "in another order")),
        ('"dam burst"~3', "dam\nburst", (None, "all are there, but not together in one paragraph")),
        ('"dam burst"~>3', "burst a b c d dam",
         (None, "all are there, but not together in one paragraph in this order")),
        ('"a dam" NEAR/3 dam', "a dam", (None, "all are there, but not together in one paragraph")),
    ],
)  # fmt: skip
def test_operands_that_are_not_near_each_other(query, text, reason):
    """How far apart they are, in the stretch where they are nearest; then each operand."""
    (first, *parts) = why(query, text)
    assert first == (False, *reason)
    assert all(satisfied for satisfied, _, _ in parts)
    found = explained(text, query=query).tree
    assert [part.satisfied for part in found.parts] == [True, True]
    assert list(found.decisive()) == [found]


def test_an_operand_that_is_missing():
    """It is the reason; proximity has none of its own."""
    found = explained("the dam", query="dam NEAR/3 burst")
    assert shape(found.tree) == (
        "dam NEAR/3 burst", False, [("dam", True), ("burst", False)]
    )  # fmt: skip
    assert [clause.label for clause in found.tree.decisive()] == ["burst"]


# --------------------------------------------------------------------------- connectives


def test_a_query_is_shown_as_a_tree():
    """Each clause true or false by itself, connectives by their parts; fields where they begin."""
    found = explained("low water", "Astana", query='title:(Astana Almaty) AND (ice OR "low water")')
    assert shape(found.tree) == (
        "AND",
        True,
        [
            ("title: OR", True, [("Astana", True), ("Almaty", False)]),
            ("OR", True, [("ice", False), ('"low water"', True)]),
        ],
    )


def test_a_sign_is_part_of_the_clause():
    """What must not be there is a clause that is true where it is absent."""
    query = "+water ice -sport -(polo OR ball)"
    assert shape(explained("water", query=query).tree) == (
        "+/-",
        True,
        [
            ("+water", True),
            ("ice", False),
            ("-sport", True),
            ("NOT", True, [("OR", False, [("polo", False), ("ball", False)])]),
        ],
    )
    found = explained("water sport ball", query=query).tree
    assert shape(found)[2][2:] == [
        ("-sport", False),
        ("NOT", False, [("OR", True, [("polo", False), ("ball", True)])]),
    ]
    assert [clause.label for clause in found.decisive()] == ["-sport", "ball"]
    assert [part.optional for part in found.parts] == [False, True, False, False]


def test_a_negation_speaks_for_the_rule_where_nothing_is_found():
    """NOT before a word is part of it as well; brackets are a clause of their own."""
    found = explained("water", query="water AND NOT sport AND NOT (polo OR ball)")
    assert shape(found.tree)[2] == [
        ("water", True),
        ("NOT sport", True),
        ("NOT", True, [("OR", False, [("polo", False), ("ball", False)])]),
    ]
    assert all(reason.satisfied for reason in found.reasons)
    assert [part.wanted for part in found.tree.parts] == [True] * 3
    assert not found.tree.parts[2].parts[0].wanted


def test_without_a_plus_one_of_the_others_must_be_there():
    """``a b -c`` of which neither a nor b is there: both decide."""
    found = explained("x", query="water ice -sport").tree
    assert [clause.label for clause in found.decisive()] == ["water", "ice"]
    assert [part.optional for part in found.parts] == [False, False, False]


def test_what_a_rule_asks_of_the_whole_article():
    """Sources, languages and the number of places are clauses beside what is looked for."""
    keys = {"any": ["water"], "min_hits": 2, "sources": ["tass"], "languages": ["en", "ru"]}
    found = explained("water", source="tass", language="kk", **keys)
    assert shape(found.tree) == (
        "AND",
        False,
        [
            ("sources: tass", True),
            ("languages: en, ru", False),
            ("min_hits: 2", False),
            ("any: water", True),
        ],
    )
    assert [reason.message for reason in found.reasons] == [
        "its source is tass",
        "its language is kk",
        "found in 1 place",
        "found",
    ]
    assert explained("water, water", source="tass", language="ru-RU", **keys).matched


# --------------------------------------------------------------------------- entities


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
         "touches an excluded phrase (Tokayev Street)"),
    ]  # fmt: skip


def test_an_entity_that_was_nearly_found():
    """Surname alone, other initials, small initial, another given name: each with its words."""
    matched, reasons = explain(
        "Sadykov. A.B. Sadykov. It is b sadykov; Daniyar Sadykov",
        entity={"name": "Barlybay Sadykov"},
    )
    assert not matched
    assert reasons == [
        ("entity: Sadykov (surname)", False, "Sadykov", "the surname alone does not count"),
        ("entity: B. Sadykov", False, "B. Sadykov", "part of a longer name"),
        ("entity: b sadykov", False, "b sadykov",
         "without a dot an initial must be a capital letter"),
        ("entity: Daniyar Sadykov", False, "Daniyar Sadykov",
         "another name: Daniyar is not Barlybay"),
        ("entity: Barlybay Sadykov", False, None,
         "no other form of the name counts in title or body"),
    ]  # fmt: skip


def test_an_entity_that_is_not_there_at_all():
    """One reason."""
    assert explain("Nobody", entity={"name": "Barlybay Sadykov"}) == (
        False,
        [("entity: Barlybay Sadykov", False, None, "no form of the name counts in title or body")],
    )


# --------------------------------------------------------------------------- limits


def test_reasons_are_bounded():
    """A text full of the word gives the first places of each field, and says how many more."""
    _, reasons = explain("a " * 100, "a " * 100, any=["a"], none=["b"])
    assert len(reasons) == 43
    assert [message for _, _, text, message in reasons if text is None] == [
        "80 more in the title",
        "80 more in the body",
        "not in title or body, as it must be",
    ]
    _, reasons = explain("ab " * 1000, any=["a"])
    assert len(reasons) == 20
    entity = {"name": "Al Bo", "aliases": ["Bo"], "exclude": ["Bo x"]}
    _, reasons = explain("Bo x. " * 100, entity=entity)
    assert [satisfied for _, satisfied, _, _ in reasons] == [False] * 22


def test_a_clause_that_would_take_too_long_is_not_decided():
    """It says so; others are decided, and the rule as a whole is where they are enough."""
    text = "a b c d e f g h i j " * 4_000
    rules = load_rules({"rules": [
        {"name": "dear", "query": '"a b c d e f g h i j"~1000 AND water'},
        {"name": "hits", "query": '"a b c d e f g h i j"~1000', "min_hits": 2},
    ]})  # fmt: skip
    found = rules.explain("dear", title="", body=text)
    assert shape(found.tree) == (
        "AND", False, [('"a b c d e f g h i j"~1000', None), ("water", False)]
    )  # fmt: skip
    assert not found.matched
    assert "not decided" in found.reasons[0].message
    assert [clause.label for clause in found.tree.decisive()] == ["water"]
    found = rules.explain("dear", title="water", body=text)
    assert (found.matched, found.tree.satisfied) == (False, None)
    assert [part.satisfied for part in found.tree.parts] == [None, True]
    found = rules.explain("hits", title="", body=text)
    assert (found.matched, found.tree.satisfied) == (False, None)
    assert [part.satisfied for part in found.tree.parts] == [None, None]


def test_a_query_of_a_hundred_brackets():
    """As deep as queries may be."""
    query = "(" * 99 + "water" + " AND NOT ice) OR snow" * 99
    found = explained("water", query=query)
    assert found.matched
    assert len(found.reasons) == 199


def test_an_unknown_rule_is_named_with_the_nearest():
    """A MonitorError, for the command line to print as it is."""
    rules = load_rules({"rules": [{"name": "referendum", "any": ["a"]}]})
    with pytest.raises(UnknownRuleError, match="'referendun'; did you mean referendum"):
        rules.explain("referendun", title="", body="")
    with pytest.raises(MonitorError, match=r"no rule 'zzz'$"):
        rules.explain("zzz", title="", body="")
    names = [f"r{number:05}" for number in range(11_000)]
    many = load_rules({"rules": [{"name": name, "any": ["a"]} for name in [*names, "referendum"]]})
    with pytest.raises(UnknownRuleError, match=r"did you mean referendum\?"):
        many.explain("referendun", title="", body="")


# --------------------------------------------------------------------------- properties


def agrees(rule: RuleSettings, **given):
    """An explanation says what the match says, with the same evidence, and its offsets fit."""
    rules = compile_rules([rule])
    found = rules.explain(rule.name, **given)
    matches = rules.match(**given)
    assert found.matched is found.tree.satisfied is bool(matches)
    for reason in found.reasons:
        if reason.field in ("title", "body"):
            assert given[reason.field][reason.start : reason.end] == reason.text
    shown = {(r.clause, r.field, r.start, r.end) for r in found.reasons if r.satisfied}
    for match in matches:
        evidence = [e for e in match.evidence if e.field in ("title", "body")]
        assert {(e.clause, e.field, e.start, e.end) for e in evidence} <= shown
    if not found.matched:
        assert any(not reason.satisfied for reason in found.reasons)


# An explanation of any length is as likely to be wrong as that of a short rule and text.
SLOW = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@SLOW
@given(cases())
def test_an_explanation_agrees_with_the_match(case: Case):
    """For any query and keywords, any article: the same verdict, the same evidence."""
    for rule in case.rules:
        agrees(rule, **case.document._asdict())


WORDS = st.lists(
    st.sampled_from(["Al", "Bo", "al bo", "A.", "A. ", " ", "\n", "-", "x", "e\u0301", "№", "\0"]),
    max_size=15,
).map("".join)


@given(WORDS, WORDS, st.sampled_from(["title", "body", "lead", "both"]))
@example("", "Bo Bo", "both")  # two mentions that end at one place
def test_an_explanation_of_an_entity_agrees_with_the_match(title, body, scope):
    """The same of names."""
    entity = {"name": "Al Bo", "aliases": ["x al"], "exclude": ["bo x"]}
    rule = RuleSettings.model_validate({"name": "r", "scope": scope, "entity": entity})
    agrees(rule, title=title, body=body)
