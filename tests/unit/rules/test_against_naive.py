"""The automaton and its offsets against a matcher that is slow and obviously right.

The slow one tries every keyword at every character of the original text. The two share only
``fold`` for single characters and ``variants``, which have their own tests.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.settings import RuleSettings
from monitor.rules import compile_rules
from monitor.rules.entities import variants
from monitor.text import fold

# --------------------------------------------------------------------------- the slow matcher

Hit = tuple[str, int, int, str]  # field, start, end, clause
Unit = tuple[str, int]  # folded character, index of the original it comes from
BLANK = '-"\t '
FIRST = 20


def units(text: str) -> list[Unit]:
    """The folded characters of a text; of blanks and dashes in a row only the first, as a space."""
    found: list[Unit] = []
    for index, char in enumerate(text):
        for folded in fold(char):
            folded = " " if folded in BLANK else folded
            if folded == " " and found and found[-1][0] == " ":
                continue
            found.append((folded, index))
    return found


def word_char(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char).startswith("M")


def hits(keyword: str, text: str) -> Iterator[tuple[int, int]]:
    """Spans in the original text at which the keyword stands as a whole word or phrase."""
    wanted = "".join(char for char, _ in units(keyword.replace("\n", " "))).strip(" ")
    found = units(text)
    for start in range(len(found) - len(wanted) + 1):
        end = start + len(wanted)
        if "".join(char for char, _ in found[start:end]) != wanted:
            continue
        if start > 0 and word_char(found[start - 1][0]) and word_char(wanted[0]):
            continue
        if end < len(found) and word_char(found[end][0]) and word_char(wanted[-1]):
            continue
        last = found[end - 1][1] + 1
        while last < len(text) and unicodedata.combining(text[last]):
            last += 1
        yield found[start][1], last


def naive_match(rules: Sequence[RuleSettings], title: str, body: str) -> dict[str, list[Hit]]:
    """Rule names and what makes them true, in reading order."""
    matched = {}
    for rule in rules:
        fields = {"title": title, "body": body}
        if rule.scope != "both":
            fields = {rule.scope: fields[rule.scope]}
        evidence = keyword_hits(rule, fields) if rule.entity is None else entity_hits(rule, fields)
        unwanted = [word for word in rule.none for text in fields.values() if any(hits(word, text))]
        if evidence and not unwanted:
            order = {"title": 0, "body": 1}
            matched[rule.name] = sorted(evidence, key=lambda hit: (order[hit[0]], *hit[1:]))
    return matched


def keyword_hits(rule: RuleSettings, fields: dict[str, str]) -> list[Hit]:
    evidence: list[Hit] = []
    for clause, keywords in (("all", rule.all), ("any", rule.any)):
        seen = set()
        present = []
        for keyword in keywords:
            same = "".join(char for char, _ in units(keyword.replace("\n", " "))).strip(" ")
            spans = [
                (field, *span, f"{clause}: {keyword}")
                for field, text in fields.items()
                for span in list(hits(keyword, text))[:FIRST]
            ]
            present.append(bool(spans))
            if same not in seen:
                evidence += spans
            seen.add(same)
        if keywords and not (all(present) if clause == "all" else any(present)):
            return []
    return evidence


def entity_hits(rule: RuleSettings, fields: dict[str, str]) -> list[Hit]:
    assert rule.entity is not None
    evidence: list[Hit] = []
    for field, text in fields.items():
        spans: dict[tuple[int, int], str] = {}
        banned = [span for phrase in rule.entity.exclude for span in hits(phrase, text)]
        for variant in variants(rule.entity):
            for start, end in hits(variant.text, text):
                if variant.capital and not text[start].isupper():
                    continue
                if variant.initial and follows_initial(text, start):
                    continue
                if not any(start < to and end > from_ for from_, to in banned):
                    spans.setdefault((start, end), f"entity: {variant.text} ({variant.form})")
        kept: list[Hit] = []
        for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
            hit = (field, start, end, spans[start, end])
            if not kept or start >= kept[-1][2]:
                kept.append(hit)
            elif len(units(text[start:end])) > len(units(text[slice(*kept[-1][1:3])])):
                kept[-1] = hit
        evidence += kept[:FIRST]
    return evidence


def follows_initial(text: str, start: int) -> bool:
    """Whether ``B.``, ``Zh.`` or a possessive stands directly before."""
    before = "".join(char for char, index in units(text) if index < start)
    if before.endswith("'") and before[-2:-1].isalnum():
        return True
    before = before.removesuffix(" ")
    if not before.endswith("."):
        return False
    word = ""
    for char in reversed(before[:-1]):
        if not char.isalnum():
            break
        word = char + word
    digraphs = ("shch", "dzh", "zh", "sh", "kh", "gh", "ch", "ts", "ye", "yo", "yu", "ya")
    return (len(word) == 1 and not word.isdigit()) or word in digraphs


# --------------------------------------------------------------------------- texts and rules

# Few letters, so that keywords occur; and all that makes offsets move or words end.
PIECES = [
    *"abAB5.' -\n\0$",
    "  ",
    " - ",
    "’",
    "–",
    "“",
    "ß",
    "ss",
    "S",
    "İ",
    "i",
    "ﬁ",
    "f",
    "é",
    "e\u0301",
    "\u0301",
    "\u05b0",
    "й",
    "और",
    "ो",
    "😀",
    "𝐀",
    "№",
    "\u00ad",
    "\u2028",
    "_",
    "²",
    "™",
]
KEYWORDS = (
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=3)
    .map("".join)
    .filter(lambda text: any(map(str.isalnum, text)))
)
SCOPES = st.sampled_from(["both", "both", "title", "body"])
KEYWORD_RULES = st.fixed_dictionaries(
    {"none": st.lists(KEYWORDS, max_size=1), "scope": SCOPES},
    optional={
        "any": st.lists(KEYWORDS, min_size=1, max_size=4),
        "all": st.lists(KEYWORDS, min_size=1, max_size=2),
    },
).filter(lambda rule: "any" in rule or "all" in rule)

NAMES = ["Al Bo", "Aï-Zhe Bo", "Zhe Al Bo", "Al von Bo", "A. Bo", "Bo", "Al Zhe-Bo"]
ALIASES = ["Ali Bo", "Bo Al", "the Bo", "Z. Boo", "Head", "Bo Zhe"]
EXCLUDED = ["Bo x", "Al", "x Al", "B. Al Bo"]
NAME_PIECES = [
    *["Al", "Bo", "Zhe", "Zh", "Z", "A", "B", "a", "bo", "AÏ", "von", "the", "s", "x"],
    *[".", ". ", " ", "  ", "-", "–", "’", "’s ", ", ", "\n", "e\u0301", "\u05b0"],
    *["Zh. ", "Zh.", "B. ", "ß. ", "5. "],
]
ENTITY_RULES = st.fixed_dictionaries(
    {
        "entity": st.fixed_dictionaries(
            {
                "name": st.sampled_from(NAMES),
                "kind": st.sampled_from(["person", "person", "organisation"]),
                "aliases": st.lists(st.sampled_from(ALIASES), max_size=2),
                "exclude": st.lists(st.sampled_from(EXCLUDED), max_size=1),
            }
        ),
        "none": st.lists(st.sampled_from(["x", "von Bo"]), max_size=1),
        "scope": SCOPES,
    }
)


def named(rules):
    return [
        RuleSettings.model_validate(rule | {"name": f"rule-{number}"})
        for number, rule in enumerate(rules)
    ]


def wanted(rule):
    """Everything that the rule may look for."""
    entity = rule.entity
    names = [*(v.text for v in variants(entity)), *entity.exclude] if entity else []
    return [*rule.any, *rule.all, *rule.none, *names]


@st.composite
def cases(draw, rule, pieces):
    """Rules, and a title and a body in which what they look for is frequent."""
    rules = named(draw(st.lists(rule, min_size=1, max_size=3)))
    phrases = st.sampled_from([phrase for rule in rules for phrase in wanted(rule)])
    part = st.one_of(st.sampled_from([*pieces, "\ud800"]), phrases)
    text = st.lists(part, max_size=12).map("".join)
    return rules, draw(text), draw(text)


def check(rules, title, body):
    matches = compile_rules(rules).match(title=title, body=body)
    found = {
        match.rule: [(e.field, e.start, e.end, e.clause) for e in match.evidence]
        for match in matches
    }
    assert found == naive_match(rules, title, body)
    assert list(found) == [rule.name for rule in rules if rule.name in found]
    fields = {"title": title, "body": body}
    for match in matches:
        for e in match.evidence:
            assert e.text == fields[e.field][e.start : e.end]


@settings(max_examples=300, deadline=None)
@given(cases(KEYWORD_RULES, PIECES))
def test_keywords_are_found_where_a_naive_search_finds_them(case):
    """Rules, clauses and spans are those of the naive matcher, for any text and keywords."""
    check(*case)


@settings(max_examples=300, deadline=None)
@given(cases(ENTITY_RULES, NAME_PIECES))
def test_names_are_found_where_a_naive_search_finds_them(case):
    """The same for entities: every variant, exclusions, guards and overlaps."""
    check(*case)


def test_a_text_full_of_occurrences():
    """Of one clause the first occurrences in each field are shown; none of another is lost."""
    rules = named([{"any": ["a", "b"]}, {"entity": {"name": "Al Bo"}}, {"all": ["b", "a b"]}])
    check(rules, "a b " * 30, "b " + "Al Bo, a " * 50)
