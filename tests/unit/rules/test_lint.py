"""What lint says of rules, and that it is so."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import RuleSettings, load_settings
from monitor.rules import load_rules
from monitor.rules.library import load_library
from monitor.rules.lint import LEAST, Comparison, Finding, lint_rule, tally
from monitor.rules.lint.clauses import check_clauses
from monitor.rules.lint.forms import form_of
from monitor.rules.lint.places import placed
from monitor.rules.lint.proof import Prover
from monitor.rules.lint.words import COMMON_WORDS, FUNCTION_WORDS
from monitor.rules.reading import Document, Reading
from monitor.rules.scan import literal
from monitor.rules.steps import step
from monitor.rules.syntax import And, Fuzzy, Glob, Group, In, Meta, Near, Not, Or, Range, Term
from monitor.rules.tree import tree_of


def rule(name: str = "rule", **keys) -> RuleSettings:
    return RuleSettings.model_validate({"name": name} | keys)


def said(**keys) -> list[str]:
    """``severity check: message`` of each finding on one rule."""
    findings, _ = lint_rule(rule(**keys))
    return [f"{f.severity} {f.check}: {f.message}" for f in findings]


def entity(name: str, **keys) -> dict:
    return {"entity": {"name": name} | keys}


# --------------------------------------------------------------------------- contradictions


@pytest.mark.parametrize(
    "keys",
    [
        {"query": "flood AND NOT flood"},
        {"query": "Flood AND dam AND NOT flood"},
        {"query": '"flash flood" AND NOT flood'},
        {"query": "+flood -flood"},
        {"query": "flood AND NOT (dam OR flood)"},
        {"query": "(flood OR dam) AND NOT flood AND NOT dam"},
        {"query": "title:flood AND NOT flood"},
        {"query": "lead:flood AND NOT body:flood"},
        {"query": "floods AND NOT flood*"},
        {"query": "floods AND NOT flood~1"},
        {"query": "case:Flood AND NOT flood"},
        {"query": "exact:Flood AND NOT case:Flood"},
        {"query": "flood NEAR/3 dam AND NOT dam"},
        {"query": "(flood OR flooding) NEAR/3 dam AND NOT flood*"},
        {"query": '"flood dam"~>2 AND NOT "dam flood"~5'},
        {"query": "flood AND views:>10 AND views:<5"},
        {"query": "flood AND views:{4 TO 5}"},
        {"query": "flood AND views:>=5 AND views:<5"},
        {"query": "flood AND growth:>10 AND growth:<=10"},
        {"query": "flood AND growth:<0"},
        {"query": "flood AND published:>2026-02-01 AND published:<2026-02-01"},
        {"query": "flood AND source:norland AND source:kestria"},
        {"query": "flood AND source:norland AND source:kestr*"},
        {"query": "flood AND source:norland AND NOT source:nor*"},
        {"query": "flood AND language:en AND language:ru"},
        {"query": "flood AND language:ru", "languages": ["en", "de"]},
        {"query": "flood AND source:norland", "sources": ["kestria"]},
        {"query": "body:flood", "scope": "title"},
        {"any": ["flood", "Flood", "flash flood"], "none": ["flood"]},
        {"all": ["dam", "flood"], "none": ["FLOOD"]},
        {"query": "views:>5", "min_hits": 2},
        entity("Water Council", kind="organisation") | {"none": ["water"]},
        entity(
            "Water Council", kind="organisation", aliases=["WC Asia"], exclude=["Council", "WC"]
        ),
    ],
    ids=str,
)
def test_a_rule_that_can_never_match_is_an_error(keys):
    """And it is the only error."""
    found = said(**keys)
    (error,) = [text for text in found if text.startswith("error")]
    assert error.startswith(
        ("error unreachable: the rule can never", "error unreachable: min_hits")
    )


@pytest.mark.parametrize(
    "keys",
    [
        {"query": "flood AND NOT title:flood"},
        {"query": 'flood AND NOT "flash flood"'},
        {"query": "title:flood AND NOT body:flood"},
        {"query": "body:flood AND NOT lead:flood"},
        {"query": "flood AND NOT floods"},
        {"query": "flood* AND NOT floods"},
        {"query": "flood AND NOT case:Flood"},
        {"query": "flood~1 AND NOT flood"},
        {"query": "dam NEAR/5 flood AND NOT dam NEAR/2 flood"},
        {"query": '"dam flood"~5 AND NOT "flood dam"~>5'},
        {"query": "flood AND views:>=5 AND views:<=5"},
        {"query": "flood AND views:[4 TO 5]"},
        {"query": "flood AND published:2026-02-01"},
        {"query": "flood AND published:>=2026-02-01 AND published:<=2026-02-01"},
        {"query": "flood AND source:nor* AND source:norland"},
        {"query": "flood AND language:en AND language:en-GB"},
        {"query": "flood AND language:en-GB", "languages": ["en"]},
        {"query": "lead:flood", "scope": "body"},
        {"query": "title:flood AND body:flood"},
        {"any": ["flood", "dam"], "none": ["flood plain"]},
        {"query": "(flood OR dam) AND (flood OR weir)"},
        entity("Water Council", kind="organisation", aliases=["WC Asia"]) | {"none": ["polo"]},
        entity("Ingrid Sørlund", exclude=["Sørlund Street"]),
    ],
    ids=str,
)
def test_what_may_match_is_no_error(keys):
    """However near it comes to a contradiction."""
    assert [text for text in said(**keys) if "unreachable" in text] == []


def test_an_alternative_that_can_never_be_true_is_a_warning():
    """The rule may match by the others; what excludes what is told."""
    assert said(query="(flood OR dam OR weir) AND NOT flood") == [
        "warning unreachable: flood can never be true here: flood and NOT flood exclude each other"
    ]
    assert said(query='(river AND ("flash flood" OR weir)) OR (dam AND NOT dam)') == [
        "warning unreachable: dam AND NOT dam can never be true here: dam and NOT dam exclude each"
        " other"
    ]
    assert said(query="flood AND source:norland", sources=["norland", "kestria"]) == [
        "warning unreachable: sources: kestria can never be true here: source:norland and sources:"
        " kestria exclude each other"
    ]
    assert said(any=["flood", "dam"], none=["flood"]) == [
        "warning unreachable: any: flood can never be true here: any: flood and none: flood exclude"
        " each other"
    ]


def test_what_is_optional_may_be_unreachable_too():
    """``+dam flood -flood``: flood could only add to the evidence."""
    assert said(query="+dam flood -flood") == [
        "warning unreachable: flood can never be true here: flood and NOT flood exclude each other"
    ]


def test_a_name_that_the_rule_rules_out():
    """One of several names: a warning at its place; of a person the short forms may still count."""
    keys = entity("Water Council", kind="organisation", aliases=["WC", "Council of Water"])
    findings, _ = lint_rule(rule(**keys, none=["Water Council"]))
    assert [(f.severity, f.path, f.message) for f in findings if f.check == "unreachable"] == [
        (
            "warning",
            ("entity", "name"),
            "'Water Council' never counts: none: Water Council is in it",
        )
    ]
    assert said(**entity("Ingrid Sørlund", exclude=["ingrid sorlund"])) == [
        "warning unreachable: 'Ingrid Sørlund' never counts: exclude: ingrid sorlund is in it"
    ]


# --------------------------------------------------------------------------- redundancies


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"query": 'flood OR "flash flood"'}, '"flash flood" makes no difference beside flood'),
        ({"query": '"flash flood" OR flood'}, '"flash flood" makes no difference beside flood'),
        ({"query": 'flood AND "flash flood"'}, 'flood makes no difference beside "flash flood"'),
        ({"query": "flood OR title:flood"}, "title:flood makes no difference beside flood"),
        ({"query": "flood* OR floods"}, "floods makes no difference beside flood*"),
        ({"query": "flooded OR flooding~1 OR floodin"}, "floodin makes no difference beside floo"),
        ({"query": "stem.en:flood OR floods"}, "floods makes no difference beside stem.en:flood"),
        ({"query": "dam AND (dam OR flood)"}, "dam OR flood makes no difference beside dam"),
        ({"query": "dam OR (dam AND flood)"}, "dam AND flood makes no difference beside dam"),
        (
            {"query": "dam AND views:>5 AND views:>9"},
            "views:>5 makes no difference beside views:>9",
        ),
        ({"query": "dam NEAR/5 flood AND dam"}, "dam makes no difference beside dam NEAR/5 flood"),
        ({"any": ["flood", "flash flood"]}, "any: flash flood makes no difference beside any: flo"),
        ({"all": ["flood", "flash flood"]}, "all: flood makes no difference beside all: flash flo"),
        (
            {"any": ["dam"], "none": ["water polo", "water"]},
            "none: water polo makes no difference beside none: water",
        ),
    ],
)
def test_what_makes_no_difference_is_a_note(keys, message):
    """Of alternatives the narrower one, of what must be there the wider one."""
    (note,) = said(**keys)
    assert note.startswith(f"note redundant: {message}")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"query": "flood OR dam OR flood"}, "flood stands here twice"),
        ({"query": "flood AND dam AND Flood"}, "Flood says the same as flood"),
        ({"query": "(dam OR weir) AND (weir OR dam)"}, "weir OR dam says the same as dam OR weir"),
        ({"any": ["flood", "dam", "flood"]}, "'flood' stands here twice"),
        ({"none": ["Élan", "elan"], "any": ["dam"]}, "'elan' reads the same as 'Élan'"),
    ],
)
def test_what_stands_twice_is_a_warning(keys, message):
    """Also where it is written otherwise."""
    assert said(**keys) == [f"warning repeated: {message}"]


def test_more_places_may_be_what_is_wanted():
    """Where a rule counts hits, a narrower alternative beside a wider one makes more of them."""
    assert said(query='flood OR "flash flood"', min_hits=3) == []


def test_a_list_of_thousands_takes_bounded_time():
    """Alternatives are no longer compared one by one, equal ones are still found."""
    words = [f"word{number}" for number in range(3000)]
    found = said(query=f"({' OR '.join([*words, 'word7'])}) AND NOT gone")
    assert "warning repeated: word7 stands here twice" in found
    ors = " OR ".join(words[:2000])
    nots = " AND NOT ".join(words[2000:])
    assert said(query=f"({ors}) AND NOT {nots}") == []


# --------------------------------------------------------------------------- the proofs are right

WORDS = ("a", "b", "ab", "A")
TEXTS = ("", "a", "b", "ab", "A b", "b a", "b x a", "a\nb")
DOCUMENTS = [Document(title, body) for title, body in product(TEXTS, TEXTS) if "\n" not in title]
terms = st.builds(
    lambda text, exactness: Term(text, text, exactness),
    st.sampled_from((*WORDS, "a b", "b a")),
    st.sampled_from(("folded", "case")),
)
leaves = st.one_of(
    terms,
    st.sampled_from(
        (
            Glob((("text", "a"), ("many", "*")), "a*"),
            Glob((("text", "a"), ("one", "?")), "a?"),
            Fuzzy("ab", 1, "ab~1"),
        )
    ),
    st.builds(
        lambda nodes, slop, ordered: Near(nodes, slop, ordered, "near"),
        st.lists(terms, min_size=2, max_size=3).map(tuple),
        st.integers(0, 2),
        st.booleans(),
    ),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda nodes: And(tuple(nodes))),
        st.lists(inner, min_size=2, max_size=3).map(lambda nodes: Or(tuple(nodes))),
        inner.map(Not),
        st.builds(In, st.sampled_from(("title", "body", "lead")), inner),
        st.builds(
            lambda must, should, must_not: Group(must, should, must_not),
            st.lists(inner, max_size=2).map(tuple),
            st.lists(inner, min_size=1, max_size=2).map(tuple),
            st.lists(inner, max_size=2).map(tuple),
        ),
    ),
    max_leaves=6,
)


FACTS = [
    Document("a", "", source=source, language=language, views=views)
    for source, language, views in product(("a", "ab", "b"), ("en", "en-GB", "ru"), range(4))
]
bounds = st.none() | st.integers(-1, 4)
facts = st.one_of(
    st.builds(
        lambda low, high, *included: Range("views", low, high, *included, "views"),
        bounds,
        bounds,
        st.booleans(),
        st.booleans(),
    ),
    st.builds(
        lambda field, text, wild: Meta(field, (("text", text), *wild), field),
        st.sampled_from(("source", "language")),
        st.sampled_from(("a", "b", "AB", "en", "en-gb", "ru")),
        st.sampled_from(((), (("many", "*"),), (("one", "?"),))),
    ),
)
circumstances = st.recursive(
    facts,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda nodes: And(tuple(nodes))),
        st.lists(inner, min_size=2, max_size=3).map(lambda nodes: Or(tuple(nodes))),
        inner.map(Not),
    ),
    max_leaves=5,
)


def truths(tree, documents=DOCUMENTS) -> list[bool]:
    """Whether the tree is true of each document."""
    evaluated = step(tree)
    found = []
    for document in documents:
        reading = Reading(document)
        found.append(evaluated.find(reading, 0, len(reading.text)) is not None)
    return found


@given(trees, trees)
def test_what_implies_another_does_so_in_every_text(one, other):
    """No text has the one without the other; what has the same key is true of the same texts."""
    first, second = form_of(one), form_of(other)
    if Prover().implies(first, second):
        assert all(b for a, b in zip(truths(one), truths(other), strict=True) if a)
    if first.key == second.key:
        assert truths(one) == truths(other)


@given(trees)
def test_what_is_called_unreachable_is_true_of_no_text(tree):
    """Checked on every document of a small world."""
    remarks = list(check_clauses(form_of(tree), min_hits=1))
    if any(remark.severity == "error" for remark in remarks):
        assert not any(truths(tree))


@given(circumstances, circumstances)
def test_what_is_said_of_views_and_sources_is_so(one, other):
    """The same for what is no text: every number, source and language of a small world."""
    first, second = form_of(one), form_of(other)
    ours, theirs = truths(one, FACTS), truths(other, FACTS)
    if Prover().implies(first, second):
        assert all(b for a, b in zip(ours, theirs, strict=True) if a)
    if first.key == second.key:
        assert ours == theirs
    both = list(check_clauses(form_of(And((one, other))), min_hits=1))
    if any(remark.severity == "error" for remark in both):
        assert not any(a and b for a, b in zip(ours, theirs, strict=True))


# --------------------------------------------------------------------------- wording


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"query": "water and Astana"}, "warning operator-case: 'and' is a word here; operators"),
        ({"query": "water Or Astana"}, "warning operator-case: 'Or' is a word here; operators are"),
        ({"query": "water +not"}, "warning operator-case: 'not' is a word here; operators are in"),
        (
            {"query": "WHO AND Geneva"},
            "warning acronym: WHO is also found as the word 'who': write",
        ),
        ({"any": ["IT"]}, "warning acronym: IT is also found as the word 'it': write case:IT in a"),
        ({"query": "the OR flood"}, "warning common-word: the stands in nearly every article"),
        ({"any": ["flood", "и"]}, "warning common-word: any: и stands in nearly every article"),
        ({"any": ["all the"]}, "warning common-word: any: all the stands in nearly every article"),
        ({"any": ["dam AND flood"]}, "warning query-syntax: 'dam AND flood' is looked for letter"),
        (
            {"any": ["title:dam"]},
            "warning query-syntax: 'title:dam' is looked for letter by letter",
        ),
        ({"any": ["d?m"]}, "warning query-syntax: 'd?m' is looked for letter by letter"),
        (
            {"any": ['"dam flood"~5']},
            "warning query-syntax: '\"dam flood\"~5' is looked for letter",
        ),
        ({"any": ["flood~1"]}, "warning query-syntax: 'flood~1' is looked for letter by letter"),
        (
            {"any": ["/floods?/"]},
            "warning query-syntax: '/floods?/' is looked for letter by letter",
        ),
        ({"query": "/[0-9]+/"}, "note every-article: /[0-9]+/ has no letters that must be there"),
        ({"query": "views:>5"}, "note every-article: the rule has no letters that must be there"),
        ({"query": "dam AND /\bflood/"}, r"error regex-backspace: /\bflood/ holds a backspace"),
    ],
)
def test_clauses_that_do_not_mean_what_they_seem_to(keys, text):
    """Each is told once, with what to write instead."""
    (finding,) = said(**keys)
    assert finding.startswith(text)


@pytest.mark.parametrize(
    "keys",
    [
        {"query": '"bed and breakfast"'},
        {"query": '"and"  AND dam'},
        {"query": "case:WHO"},
        {"query": "NATO AND summit"},
        {"query": "the AND flood"},
        {"query": "flood NEAR/2 the"},
        {"query": r"dam AND /\bfloods?\b/"},
        {"query": r"/floods?/"},
        {"any": ["C++", "AT&T", "№ 5", "and/or", "What next?", "11:30", "sea: level"]},
        {"any": ["water", "president"]},
    ],
    ids=str,
)
def test_clauses_that_are_right_as_they_are(keys):
    """Common words are topics; function words beside others do no harm."""
    assert said(**keys) == []


def test_names_that_are_common_words():
    """Aliases that are one everyday word, or very short; acronyms are only found in capitals."""
    keys = entity(
        "Ministry of Water",
        kind="organisation",
        aliases=["Head", "WHO", "of the", "Mw", "UN", "Head of State", "вода", "Amu"],
    )
    findings, _ = lint_rule(rule(**keys))
    assert [(f.check, f.severity, f.path[-1]) for f in findings] == [
        ("common-alias", "warning", place) for place in (0, 2, 3, 6)
    ]
    assert said(**entity("Water", kind="place"))[0].startswith("warning common-alias: 'Water'")
    assert said(**entity("Water Council", kind="organisation")) == []


def test_the_lists_of_words_hold_folded_words():
    """So that a look-up of a folded word finds them; both languages are there."""
    assert FUNCTION_WORDS < COMMON_WORDS
    assert [word for word in COMMON_WORDS if word != literal(word) or not word.isalpha()] == []
    assert {"who", "it", "head", "water", "что", "глава", "еще"} <= COMMON_WORDS


# --------------------------------------------------------------------------- several rules


def compared(**rules) -> list[Finding]:
    comparison = Comparison()
    for name, keys in rules.items():
        settings = rule(name, **keys)
        comparison.add(settings, lint_rule(settings)[1])
    return list(comparison.findings())


def test_rules_that_look_for_the_same():
    """However they are written; told of the later, with the earlier."""
    found = compared(
        one={"any": ["flood", "dam"]},
        two={"query": "Dam OR flood"},
        three={"query": "dam AND flood"},
        four={"query": "dam flood"},
        five={"any": ["flood", "dam"], "sources": ["norland"]},
        six={"any": ["flood", "dam"], "min_hits": 2},
        seven={"query": "flood OR dam", "sources": ["norland"]},
    )
    assert [(f.rule, f.check, f.message) for f in found] == [
        ("two", "duplicate", "looks for the same as one"),
        ("four", "duplicate", "looks for the same as one, two"),
        ("seven", "duplicate", "looks for the same as five"),
    ]


def test_many_duplicates_are_named_in_part():
    """Three by name, the others by number."""
    found = compared(**{f"r{number}": {"any": "flood"} for number in range(6)})
    assert found[-1].message == "looks for the same as r0, r1, r2 and 2 more"


def test_one_name_for_two_entities():
    """Whole names, aliases, initials with a surname, a surname alone."""
    found = compared(
        barlybay=entity("Barlybay Sadykov", aliases=["The Boss"]),
        bolat=entity("Bolat Sadykov", aliases=["the boss"]),
        dina=entity("Dina Sadykova"),
        ursula=entity("Ursula von der Leyen", surname_alone=True),
        heiko=entity("Heiko von der Leyen"),
        again=entity("URSULA von der Leyen", aliases=["UvdL"]),
        council=entity("Water Council", kind="organisation"),
        other=entity("Council of Rivers", kind="organisation", aliases=["Water Council"]),
    )
    assert [(f.rule, f.check, f.severity, f.message) for f in found] == [
        (
            "again",
            "duplicate-entity",
            "warning",
            "'Ursula von der Leyen' is the entity of ursula too",
        ),
        ("bolat", "ambiguous", "warning", "'The Boss' is a name of the entity of barlybay too"),
        ("other", "ambiguous", "warning", "'Water Council' is a name of the entity of council too"),
        ("bolat", "ambiguous-initial", "note", "'B. Sadykov' may also be the person of barlybay"),
        (
            "ursula",
            "ambiguous",
            "warning",
            "surname_alone, but the person of heiko, again has the surname 'von der Leyen' too",
        ),
    ]


def test_an_alias_that_is_the_name_of_a_later_entity():
    """It is told of the later one, also where only the earlier has it as an alias."""
    found = compared(
        first=entity("Water Council", kind="organisation", aliases=["Rivers"]),
        later=entity("Rivers", kind="organisation"),
    )
    assert [(f.rule, f.check, f.message) for f in found] == [
        ("later", "ambiguous", "'Rivers' is a name of the entity of first too")
    ]


def test_an_entity_whose_name_is_one_word():
    """There is no initial to confuse."""
    assert compared(a=entity("Pelé"), b=entity("Zico"), c=entity("B.Sadykov")) == []


# --------------------------------------------------------------------------- places


def test_findings_are_placed_in_their_files(tmp_path):
    """At the key, in a query at the clause; in the configuration and in rule files."""
    (tmp_path / "config.yaml").write_text(
        "rules:\n- name: one\n  query: 'dam or (WHO AND weir)'\nrule_files: more/*.yaml\n",
        "utf-8",
    )
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.yaml").write_text(
        "rules:\n- name: two\n  any:\n  - dam\n  - the\n- {name: three, query: views:>5}\n", "utf-8"
    )
    settings = load_settings(tmp_path / "config.yaml", {})
    rules = load_library(settings)
    findings = [f for name in rules.names for f in lint_rule(rules.settings(name))[0]]
    assert [
        (Path(place.file).name, place.line, place.column, finding.check)
        for finding, place in placed(reversed(findings), settings)
    ] == [
        ("config.yaml", 3, 15, "operator-case"),
        ("config.yaml", 3, 19, "acronym"),
        ("a.yaml", 5, 5, "common-word"),
        ("a.yaml", 6, 24, "every-article"),
    ]


# --------------------------------------------------------------------------- the archive


def test_rules_that_match_too_much_or_nothing():
    """A share is exceeded by more than it, not by as much."""
    rules = load_rules(
        {
            "rules": [
                {"name": "half", "any": "flood"},
                {"name": "more", "any": ["flood", "dam"]},
                {"name": "never", "any": "comet"},
                {"name": "source", "query": "source:norland AND flood"},
            ]
        }
    )
    articles = [
        Document("Flood" if number % 2 else "Dam" if number == 0 else "Fog", "", source="norland")
        for number in range(40)
    ]
    found = list(tally(rules, articles).findings(0.5))
    assert [(f.rule, f.check, f.severity, f.message) for f in found] == [
        (
            "more",
            "share",
            "warning",
            "matches 21 of the newest 40 stored articles (52%), more than 50%",
        ),
        ("never", "never", "note", "matches none of the newest 40 stored articles"),
    ]


def test_of_a_few_articles_nothing_is_said():
    """A share of three articles is no share."""
    rules = load_rules({"rules": [{"name": "flood", "any": "flood"}]})
    few = [Document("Flood", "")] * (LEAST - 1)
    assert list(tally(rules, few).findings(0.2)) == []
    assert len(list(tally(rules, [*few, few[0]]).findings(0.2))) == 1


def test_every_tree_of_the_samples_is_clean():
    """The rules that are shipped give no error and no warning."""
    for file in ("config.yaml", "examples/config.yaml"):
        rules = load_rules(Path(__file__).parents[3] / file)
        comparison = Comparison()
        for name in rules.names:
            settings = rules.settings(name)
            findings, key = lint_rule(settings)
            comparison.add(settings, key)
            assert form_of(tree_of(settings)).key is not None
            assert [f for f in findings if f.severity != "note"] == []
        assert [f for f in comparison.findings() if f.severity != "note"] == []
