"""Rules on texts, one behaviour at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from monitor.config.settings import RuleSettings
from monitor.errors import ConfigError
from monitor.rules import compile_rules, load_rules
from monitor.rules.scan import words_with_apostrophes


def rule(**keys):
    return load_rules({"rules": [{"name": "r"} | keys]})


def hits(rules, body="", title=""):
    """(field, text) of every piece of evidence, whose offsets must lead to that text."""
    found = []
    fields = {"title": title, "body": body}
    for match in rules.match(title=title, body=body):
        for e in match.evidence:
            assert fields[e.field][e.start : e.end] == e.text
            found.append((e.field, e.text))
    return found


def words(keyword, text):
    return [found for _, found in hits(rule(any=[keyword]), text)]


@pytest.mark.parametrize(
    ("keyword", "text", "found"),
    [
        ("referendum", "Referendum on REFERENDUM.", ["Referendum", "REFERENDUM"]),
        ("referendum", "referendum", ["referendum"]),
        ("referendum", "referendums, prereferendum, 5referendum, referendum2", []),
        ("Kazakhstan", "Kazakhstan’s Kazakhstan's ‘Kazakhstan’", ["Kazakhstan"] * 3),
        ("Brien", "O'Brien", ["Brien"]),
        ("Qur'an", "the Qur’an and the Qurʼan", ["Qur’an", "Qurʼan"]),
        ("Sabanovic", "Refik Šabanović", ["Šabanović"]),
        ("Sabanovic", "S\u030cabanovic\u0301.", ["S\u030cabanovic\u0301"]),
        ("Šabanović", "Sabanovic", ["Sabanovic"]),
        ("strasse", "Die Straße.", ["Straße"]),
        ("istanbul", "İstanbul", ["İstanbul"]),
        ("final", "the ﬁnal", ["ﬁnal"]),
        ("Al-Farabi", "Al Farabi, Al–Farabi", ["Al Farabi", "Al–Farabi"]),
        ("Al-Farabi", "al \u00a0farabi", ["al \u00a0farabi"]),
        ("Al Farabi", "Al-Farabi, Al - Farabi", ["Al-Farabi", "Al - Farabi"]),
        ("Al Farabi", "AlFarabi, Al. Farabi, Al, Farabi", []),
        ("water council", "water\u2028council", ["water\u2028council"]),
        ("water council", "water\r council, water\tcouncil", ["water\r council", "water\tcouncil"]),
        ("water council", "water\ncouncil, water \n council", []),
        ("Amanat party", "the “Amanat” party, Amanat\" Party", ["Amanat” party", "Amanat\" Party"]),
        ('"Amanat" party', "Amanat party", ["Amanat party"]),
        ("water  council\n", "water council", ["water council"]),
        ("C++", "C++, C++. (C++)", ["C++"] * 3),
        ("C++", "C, C+", []),
        ("U.S.", "the U.S. and the U.S.-led", ["U.S."] * 2),
        ("U.S.", "the US, U.S, XU.S.", []),
        ("AT&T", "AT&T’s AT & T", ["AT&T"]),
        ("№ 5", "№5 and № 5, No 5", ["№5", "№ 5"]),
        ("№5", "school №5, №55, №\u00a05", ["№5", "№\u00a05"]),
        ("$5", "$5, US$5, $55, $5.50", ["$5", "$5", "$5"]),
        ("7", "7, 17, 7th, 1.7", ["7", "7"]),
        ("нато", "НАТО, натовский", ["НАТО"]),
        ("Елка", "ёлка", ["ёлка"]),
        ("Край", "кра\u0438\u0306", ["кра\u0438\u0306"]),
        ("한국", "한국 한국은", ["한국"]),
        ("कर", "कर करो", ["कर"]),
        ("a b a", "a b a b a", ["a b a", "a b a"]),
        ("Kaspi", "Kaspi™ Kaspi®", ["Kaspi"] * 2),
        ("fire", "🔥fire🔥", ["fire"]),
        ("nul", "a\0nul\0b", ["nul"]),
        ("half", "\ud83d half \ude00", ["half"]),
        ("co\u00adop", "co-op coop co\u00adop", ["coop", "co\u00adop"]),
    ],
)  # fmt: skip
def test_a_keyword_is_found_as_people_read_it(keyword, text, found):
    """Whole words in any case and spelling of signs; the evidence is the author's own text."""
    assert words(keyword, text) == found


def test_a_phrase_does_not_join_title_and_body():
    """The last word of the title and the first of the body are no phrase."""
    assert hits(rule(any=["water council"]), title="On water", body="council") == []


def test_offsets_are_those_of_each_field():
    """Also behind characters that fold to several or none, in a title with a line feed."""
    title, body = "№ ẞ\u0301\nAstana", "e\u0301 – ½  Astana"
    assert hits(rule(any=["Astana"]), body, title) == [("title", "Astana"), ("body", "Astana")]


def test_any_all_and_none():
    """One of any, each of all, not one of none; title and body count together."""
    rules = rule(any=["summit", "forum"], all=["Astana", "water"], none=["football"])
    assert hits(rules, "water summit", "Astana") == [
        ("title", "Astana"), ("body", "water"), ("body", "summit"),
    ]  # fmt: skip
    assert hits(rules, "water in Astana") == []
    assert hits(rules, "summit in Astana") == []
    assert hits(rules, "water summit, Football", "Astana") == []


def test_scope_limits_every_clause():
    """A rule for titles neither finds nor is ruled out by words of the body; and the reverse."""
    title_rule = rule(any=["water"], none=["sport"], scope="title")
    assert hits(title_rule, title="water", body="sport water") == [("title", "water")]
    assert hits(title_rule, title="Astana", body="water") == []
    body_rule = rule(any=["water"], none=["sport"], scope="body")
    assert hits(body_rule, title="sport water", body="water") == [("body", "water")]
    assert hits(body_rule, title="water", body="") == []


def test_nested_and_prefix_keywords_are_all_found():
    """A keyword inside another, or that begins another, has its own evidence."""
    rules = rule(any=["water", "water council", "council", "water council of Asia"])
    assert [text for _, text in hits(rules, "Water Council of Asia")] == [
        "Water", "Water Council", "Water Council of Asia", "Council",
    ]  # fmt: skip


def test_keywords_that_fold_to_the_same_are_one_clause():
    """The first spelling names it; the evidence is not doubled."""
    (match,) = rule(any=["Élan", "elan", "ELAN"]).match(title="", body="elan")
    assert [e.clause for e in match.evidence] == ["any: Élan"]


def test_evidence_names_its_clause():
    """any, all and entity clauses are told apart, with the keyword as written in the rule."""
    rules = load_rules(
        {
            "rules": [
                {"name": "words", "any": ["referendum"], "all": ["Astana"]},
                {"name": "person", "entity": {"name": "Barlybay Sadykov"}},
            ]
        }
    )
    matches = rules.match(title="B.Sadykov: referendum", body="Astana")
    assert [(m.rule, [e.clause for e in m.evidence]) for m in matches] == [
        ("words", ["any: referendum", "all: Astana"]),
        ("person", ["entity: B.Sadykov (initial)"]),
    ]


def test_evidence_is_bounded():
    """At most twenty occurrences of a clause in a field, the first ones."""
    (match,) = rule(any=["a", "b"]).match(title="a " * 50, body="a " * 50 + "b")
    counts = [(e.field, e.text) for e in match.evidence]
    assert [counts.count(key) for key in (("title", "a"), ("body", "a"), ("body", "b"))] == [
        20,
        20,
        1,
    ]
    assert [e.start for e in match.evidence[:3]] == [0, 2, 4]


def test_matches_come_in_the_order_of_the_rules():
    """Whatever stands first in the text."""
    rules = load_rules({"rules": [{"name": n, "any": [n]} for n in ("z", "m", "a")]})
    assert rules.names == ("z", "m", "a")
    assert len(rules) == 3
    assert [m.rule for m in rules.match(title="a m", body="z")] == ["z", "m", "a"]


def test_nothing_to_match():
    """No rules, or no text, is no match."""
    assert load_rules({"rules": []}).match(title="a", body="b") == []
    assert compile_rules([]).names == ()
    assert rule(any=["a"]).match(title="", body="") == []


def test_ten_thousand_rules():
    """Each finds its own word and no other, also where one is the beginning of the next."""
    rules = load_rules(
        {"rules": [{"name": f"r{n}", "any": [f"word{n}", f"two w{n}"]} for n in range(10_000)]}
    )
    found = rules.match(title="word1 word12", body="Word123 and two  W9999, word10000")
    assert [m.rule for m in found] == ["r1", "r12", "r123", "r9999"]


def test_a_rule_set_cannot_be_changed():
    """It is shared between threads: its names cannot be set."""
    rules = rule(any=["a"])
    with pytest.raises(AttributeError):
        rules.names = ()
    assert rules.names == ("r",)


def test_threads_share_a_rule_set():
    """Many threads at once get what one gets."""
    rules = rule(any=["water", "council"])
    texts = [f"{'word ' * n}water–council {n}" for n in range(200)]
    alone = [rules.match(title=text, body=text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: rules.match(title=text, body=text), texts))
    assert together == alone


def test_settings_that_only_folding_empties_are_refused():
    """compile_rules has no file to name, but says which key it is."""
    with pytest.raises(ConfigError, match=r"^rules\[0\]\.any\[1\]: .* no letter or digit"):
        compile_rules([RuleSettings(name="r", any=("a", "\u02b9"))])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mas'ud", ["mas'ud"]),
        ("a mas'ud's (o'neil) l'isma'il, x", ["mas'ud", "o'neil", "l'isma'il"]),
        ("it's don't we're we'll they've", []),
        ("'quoted' words' end 'tis rock'n'roll", ["rock'n'roll"]),
        ("a'' ''b c''d '", []),
        ("мас'уд\u0301s'x a.b'c", ["мас'уд\u0301s'x", "b'c"]),
        ("'", []),
        ("", []),
    ],
)
def test_words_with_apostrophes(text, words):
    """Those between whose letters one stands; not possessives and contractions."""
    text += "\n"
    found = words_with_apostrophes(text)
    assert [text[start:end] for start, end in found] == words


def test_an_apostrophe_in_a_name_wakes_its_rule_alone():
    """The words without apostrophes are no words of the article for other rules."""
    rules = compile_rules(
        [
            RuleSettings.model_validate({"name": "name", "entity": {"name": "Ahmad Masud"}}),
            RuleSettings(name="word", any=("masud",)),
            RuleSettings(name="none", query="ahmad -masud"),
        ]
    )
    found = rules.match(title="Mas'ud's plan", body="Ahmad Mas’ud, it's said.")
    assert [match.rule for match in found] == ["name", "none"]
    assert [(e.field, e.text) for e in found[0].evidence] == [
        ("title", "Mas'ud"),
        ("body", "Ahmad Mas’ud"),
    ]
    assert rules.explain("name", title="", body="Ahmad Mas’ud").matched
