"""Texts full of trouble, queries made of the same words, and the two together.

Words are few and pieces short, so that clauses are often true; what makes offsets move, joins
words or ends them stands between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Literal, NamedTuple

from hypothesis import strategies as st

from monitor.config.settings import RuleSettings
from monitor.rules.reading import Document
from monitor.rules.syntax import (
    And,
    Fuzzy,
    Glob,
    Group,
    In,
    Meta,
    MetaField,
    Near,
    Node,
    Not,
    Or,
    Range,
    Regex,
    Stem,
    Term,
    TextField,
    positive,
)
from monitor.text import fold

from .spelling import Spelling

WORDS = [
    *["a", "b", "ab", "AB", "abba", "Abba", "cab", "ba", "5", "$5", "a.b", "C++", "AND", "to"],
    *["áb", "a\u0301b", "b\u0301a", "ÁB", "straße", "STRASSE", "strasse", "ẞ", "ß", "ss"],
    *["İb", "ib", "ıb", "IB", "ǆab", "ǅab", "ǄAB", "džab", "ﬁb", "fib", "№5", "№", "½", "1"],
    *["йод", "и\u0306од", "иод", "ЙОД", "ёж", "Еж", "кошка", "кошки", "бежал", "Бежала"],
    *["running", "Runs", "run", "runner", "한국", "한국은", "ａｂ", "ＡＢ", "कर", "करो"],
    *["o'b", "o’b", "oʼb", "al-ab", "al–ab", "co\u00adab", "coab", "ΑΣ", "ας", "x\u200db"],
]
TYPED = [word for word in WORDS if any(map(str.isalnum, word))]  # what can be looked for
JOINTS = [
    *[" "] * 8,
    *["  ", "\t", "\u00a0", "\u2028", "\r", "-", " – ", "’", "'s ", "“", "” ", '"', "`"],
    *["\n"] * 3,
    *["\n \n", "\n–\n", ".", ", ", "(", ") ", "/", "_", "\0", "😀", "👩\u200d💻", "𝐀𝐁", "\ud83d"],
    *["\u0301", "\u0308", "\u00ad", "\u200d", "\u200f", "\ufeff", "\u05b0", "ो", "™", "²", ""],
]
LONG = ["abba", "abbas", "baba", "cabba", "strasse", "straße", "кошка", "running", "ábbá", "İstab"]
LONG += ["kazakhstan", "приозёрск"]
GLOBS = [
    *["ab*", "*ab", "a?b*", "*abb*", "ab?", "??ab", "a*b", "stra*e", "ко*ка", "run*", "*'ab"],
    *["ab* b*a", "ab *ba", "co*ab c?b", "st?asse", "o'b*", "*$5a", "5a*$", "ａｂ*", "á?b*", "ab*?"],
    *["*'a*bab", "?'ab", "a*b?b*a"],
]
# Mean the same to RE2 and to Python. Without i, which Python takes for ı and İ too, and without
# words' ends: to Python a combining mark is one.
REGEXES = [
    *["ab+", "a.b", "b$", "^a", "[abc]{2,3}", "a|ab", "(?:ab|a)b?", "a[^b]", "й.?", "b\\."],
    *[
        "a/b",
        "(a)(b)",
        "á",
        "ß",
        "a\u0301",
        "[а-я]+",
        "b.",
        "..",
        "\\x00",
        "A",
        "a *b",
        "a+?b",
        ".",
    ],
]
STEMMED = ["running", "runs run", "кошка", "бежал", "ЙОД", "ab", "кошки бежали"]
LANGUAGES = [None, "en", "ru"]
METAS: list[tuple[MetaField, str]] = [
    *[("source", pattern) for pattern in ("times", "kaz-*", "TIM?S", "*ime*", "nope")],
    *[("language", pattern) for pattern in ("en", "RU", "e?-gb", "en-GB")],
    *[("url", pattern) for pattern in ("*/news/*", "https://a.kz*", "http://b.kz/")],
]
SOURCES = ["times", "kaz-times", "ab"]
MOMENT = datetime(2026, 2, 1, 12, tzinfo=UTC)
URLS = ["https://a.kz/News/ab?x=1", "http://b.kz/", "HTTPS://A.KZ"]

Draw = Callable[[st.SearchStrategy[Any]], Any]


class Case(NamedTuple):
    """Rules and an article for them."""

    rules: list[RuleSettings]
    document: Document


def parts_of(pattern: str) -> tuple[tuple[str, str], ...]:
    """``a*b`` as the parts of a Glob."""
    kinds = {"?": "one", "*": "many"}
    parts: list[tuple[str, str]] = []
    for char in pattern:
        if char in kinds:
            parts.append((kinds[char], char))
        elif parts and parts[-1][0] == "text":
            parts[-1] = ("text", parts[-1][1] + char)
        else:
            parts.append(("text", char))
    return tuple(parts)


_TYPED, _GLOBS, _LONG, _STEMMED = map(st.sampled_from, (TYPED, GLOBS, LONG, STEMMED))
_REGEXES, _METAS, _JOINTS = map(st.sampled_from, (REGEXES, METAS, JOINTS))


@cache
def _of(*options: Any) -> st.SearchStrategy[Any]:
    """One of these. To make the strategy anew for every draw takes longer than to draw."""
    return st.sampled_from(options)


def _text(draw: Draw) -> str:
    """A word, or two or three with a blank between."""
    words = draw(_of(1, 1, 1, 2, 2, 3))
    return " ".join(draw(_TYPED) for _ in range(words))


def _close(draw: Draw) -> Node:
    """A clause that may stand in NEAR."""
    match draw(_of("term", "term", "term", "exact", "glob", "fuzzy", "stem")):
        case "term":
            return Term(_text(draw), "")
        case "exact":
            return Term(_text(draw), "", draw(_of("case", "accent", "exact")))
        case "glob":
            return Glob(parts_of(draw(_GLOBS)), "")
        case "fuzzy":
            text = draw(_LONG)
            return Fuzzy(text, 2 if len(text) >= 6 and draw(st.booleans()) else 1, "")
        case _:
            return Stem(draw(_STEMMED), draw(_of(*LANGUAGES)), "")


def _near(draw: Draw) -> Node:
    operands: list[Node] = []
    for _ in range(draw(_of(2, 2, 3))):
        match draw(_of(*range(8))):
            case 0:
                operands.append(Or((_close(draw), _close(draw))))
            case 1 if operands and isinstance(operands[0], Term):
                text, exactness = operands[0].text, operands[0].exactness  # may not overlap
                operands.append(Term(text.split(" ")[draw(_of(0, -1))], "", exactness))
            case _:
                operands.append(_close(draw))
    return Near(tuple(operands), draw(_of(*range(5))), draw(st.booleans()), "")


def _range(draw: Draw) -> Node:
    field: Literal["views", "growth", "published"] = draw(_of("views", "growth", "published"))
    low, high = sorted((draw(_of(*range(4))), draw(_of(*range(4)))))
    bounds = draw(_of("both", "low", "high"))
    ends: list[int | datetime | None] = [
        None if bounds == other else MOMENT + timedelta(hours=n - 1) if field == "published" else n
        for n, other in ((low, "high"), (high, "low"))
    ]
    point = bounds == "both" and low == high  # of which nothing may be left out
    included = [draw(st.booleans()) or end is None or point for end in ends]
    return Range(field, *ends, *included, "")


def _leaf(draw: Draw) -> Node:
    kinds = ("close",) * 8 + ("near",) * 3 + ("regex", "range", "meta")
    match draw(_of(*kinds)):
        case "near":
            return _near(draw)
        case "regex":
            return Regex(draw(_REGEXES), "", draw(st.booleans()))
        case "range":
            return _range(draw)
        case "meta":
            field, pattern = draw(_METAS)
            return Meta(field, parts_of(pattern), "")
        case _:
            return _close(draw)


FIELDS: dict[TextField | None, tuple[TextField, ...]] = {
    None: ("title", "body", "lead"),
    "title": ("title",),
    "body": ("body", "lead"),
    "lead": ("body", "lead"),
}
"""In which fields others make sense."""


def _tree(draw: Draw, depth: int, field: TextField | None = None) -> Node:
    """A node in a field with so many levels of connectives at most."""
    leaves = ("leaf",) * (3 if depth else 1)
    kinds = ("and", "or", "or", "not", "group", "in") if depth else ()
    kind = draw(_of(*leaves, *kinds))
    if kind == "leaf":
        return _leaf(draw)

    def some(least: int) -> tuple[Node, ...]:
        return tuple(_tree(draw, depth - 1, field) for _ in range(draw(_of(*range(least, 3)))))

    match kind:
        case "and":
            return And(some(2))
        case "or":
            return Or(some(2) + some(0))
        case "not":
            nodes = (*some(1), Not(_tree(draw, depth - 1, field)))
            return Or(nodes) if draw(_of(*range(4))) == 0 else And(nodes)
        case "group":
            must = some(0)
            should = some(0 if must else 1)
            must_not = some(0 if must else 1)
            return Group(must, should, must_not)
        case _:
            inner = draw(_of(*FIELDS[field]))
            return In(inner, _tree(draw, depth - 1, "lead" if field == "lead" else inner))


@st.composite
def trees(draw: Draw) -> Node:
    """What a query may say; ``monitor.rules.syntax.positive``."""
    node = _tree(draw, 2)
    return node if positive(node) else And((_leaf(draw), node))


@st.composite
def spellings(draw: Draw) -> Spelling:
    """Ways to write trees."""
    return Spelling(Random(draw(st.integers(0, 1 << 16))))


def _conditions(draw: Draw) -> dict[str, Any]:
    """Of a rule beside what it looks for."""
    scope = draw(_of("both", "both", "both", "title", "body", "lead"))
    match draw(_of(*range(10))):
        case 9:
            return {"scope": scope, "languages": draw(_of(("en",), ("ru", "kk")))}
        case 8:
            return {"scope": scope, "sources": draw(_of(("times",), tuple(SOURCES[:2])))}
        case 7 | 6:
            return {"scope": scope, "min_hits": draw(_of(2, 3))}
        case _:
            return {"scope": scope}


def _keywords(draw: Draw) -> dict[str, list[str]]:
    """Of a rule without a query."""
    sizes = draw(_of((1, 0, 0), (2, 0, 1), (0, 2, 0), (1, 1, 0), (2, 1, 1)))
    return {
        key: [_text(draw) for _ in range(size)]
        for key, size in zip(("any", "all", "none"), sizes, strict=True)
    }


def _said(node: Node) -> list[str]:
    """Pieces of text that the node may be found in."""
    match node:
        case Term(text=text, exactness="folded") | Stem(text=text):
            return [text]
        case Term(text=text):
            return [text, text, text.swapcase(), fold(text)]
        case Fuzzy(text=text):
            middle = len(text) // 2
            start, a, b, end = (
                text[: middle - 1],
                text[middle - 1],
                text[middle],
                text[middle + 1 :],
            )
            return [text, start + b + a + end, start + b + end, f"x{text[2:]}y"]
        case Glob():
            return ["".join({"one": "a", "many": "ab"}.get(k, t) for k, t in node.parts)]
        case And() | Or():
            return [text for one in node.nodes for text in _said(one)]
        case Near():
            operands = [_said(one)[-1] for one in node.nodes]
            return [" ".join(operands), " cab, ".join(operands), " ".join(operands[::-1])]
        case Group():
            return [text for one in (*node.must, *node.should) for text in _said(one)]
        case In():
            return _said(node.node)
        case _:
            return []


def _texts(asked: Sequence[str], least: int, most: int) -> st.SearchStrategy[str]:
    """Words, half of them ``asked`` for, and what stands between."""
    usual = [*WORDS, *LONG]
    again = max(1, len(usual) // len(asked)) if asked else 0
    words = st.sampled_from([*usual, *list(asked) * again])
    pairs = st.tuples(words, _JOINTS).map("".join)
    return st.lists(pairs, min_size=least, max_size=most).map("".join)


@st.composite
def documents(draw: Draw, asked: Sequence[str] = ()) -> Document:
    """An article in which the words asked for are frequent. One in five has an empty field."""
    empty = draw(_of(*range(10)))
    return Document(
        title="" if empty == 1 else draw(_texts(asked, 1, 5)),
        body=""
        if empty == 2
        else draw(_of("", "", "", "\n", " \n–\n")) + draw(_texts(asked, 4, 12)),
        source=draw(_of(None, *SOURCES)),
        language=draw(_of("en", "en-GB", "ru", "kk")),
        url=draw(_of(None, *URLS)),
        views=draw(_of(None, 0, 1, 2, 3)),
        published=draw(_of(None, MOMENT, MOMENT + timedelta(hours=1))),
        growth=draw(_of(None, 0.0, 0.5, 2.0, 2.5)),
    )


@st.composite
def cases(draw: Draw) -> Case:
    """One to three rules and an article for them."""
    rules, words = [], []
    for number in range(draw(_of(1, 2, 3))):
        keys: dict[str, Any] = {"name": f"rule-{number}"} | _conditions(draw)
        if draw(_of(*range(4))) == 0:
            keywords = _keywords(draw)
            keys |= keywords
            words += keywords["any"] + keywords["all"]
        else:
            node = draw(trees())
            keys["query"] = draw(spellings()).query(node)
            words += _said(node)
        rules.append(RuleSettings.model_validate(keys))
    return Case(rules, draw(documents(words)))
