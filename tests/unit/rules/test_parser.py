"""The query language: what each operator becomes, and what each mistake is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.rules.parser import QueryError, parse_query
from monitor.rules.syntax import (
    And,
    Fuzzy,
    Glob,
    Group,
    In,
    Meta,
    Near,
    Node,
    Not,
    Or,
    Range,
    Regex,
    Stem,
    Term,
    positive,
)


def t(text: str, label: str | None = None) -> Term:
    return Term(text, text if label is None else label)


A, B, C, D, E = map(t, "abcde")


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("a b c", Or((A, B, C))),
        ("a OR b || c", Or((A, B, C))),
        ("a AND b && c", And((A, B, C))),
        ("a&&b||c", Or((And((A, B)), C))),
        ("a OR b AND c", Or((A, And((B, C))))),
        ("(a OR b) AND c", And((Or((A, B)), C))),
        ("a b AND c", Or((A, And((B, C))))),
        ("a b OR c", Or((A, Or((B, C))))),
        ("a AND NOT b", And((A, Not(B)))),
        ("NOT a AND b", And((Not(A), B))),
        ("a AND -b", And((A, Not(B)))),
        ("a AND !b", And((A, Not(B)))),
        ("a OR b AND NOT c", Or((A, And((B, Not(C)))))),
        ("a AND (b OR NOT c)", And((A, Or((B, Not(C)))))),
        ("NOT NOT a", A),
        ("(((a)))", A),
        ("((a) (b))", Or((A, B))),
        ("+a", A),
        ("+a +b", Group((A, B), (), ())),
        ("+a b -c", Group((A,), (B,), (C,))),
        ("a -b", Group((), (A,), (B,))),
        ("a !b", Group((), (A,), (B,))),
        ("a NOT b", Group((), (A,), (B,))),
        ("-b a", Group((), (A,), (B,))),
        ("a b -(c d)", Group((), (A, B), (Or((C, D)),))),
        ("a OR b -c", Group((), (Or((A, B)),), (C,))),
        ("a AND b -c", Group((), (And((A, B)),), (C,))),
        ("+a AND b c", Group((And((A, B)),), (C,), ())),
        ("+(a b) c", Group((Or((A, B)),), (C,), ())),
        ("a AND (-b -c)", And((A, And((Not(B), Not(C)))))),
        ("a(b)c", Or((A, B, C))),
        ("a\n\t\u00a0\u3000b", Or((A, B))),
        ("and or not near to", Or(tuple(map(t, ["and", "or", "not", "near", "to"])))),
        ("NEARBY NOTE ANDORRA", Or(tuple(map(t, ["NEARBY", "NOTE", "ANDORRA"])))),
        ("(a)AND(b)", And((A, B))),
    ],
)
def test_operators(query: str, tree: Node) -> None:
    """NOT binds tighter than AND, AND than OR, OR than side by side."""
    assert parse_query(query) == tree


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("Al-Farabi", t("Al-Farabi")),
        ("C++ AT&T km/h 24/7", Or((t("C++"), t("AT&T"), t("km/h"), t("24/7")))),
        ("U.S. №5 $5 R&D|x", Or((t("U.S."), t("№5"), t("$5"), t("R&D|x")))),
        ("вода O’Brien", Or((t("вода"), t("O’Brien")))),
        ("TO", t("TO")),
        (r"\-a", t("-a", r"\-a")),
        (r"a\:b\(c\)", t("a:b(c)", r"a\:b\(c\)")),
        (r"New\ York", t("New York", r"New\ York")),
        (r"wha\?t\*", t("wha?t*", r"wha\?t\*")),
        (r"\AND", None),
        (r"\"x", t('"x', r"\"x")),
        (r"a\\b", t("a\\b", r"a\\b")),
        (r"\&& a", None),
        ('"climate summit"', t("climate summit", '"climate summit"')),
        (r'"say \"no\" \*"', t('say "no" *', r'"say \"no\" \*"')),
        ('"a AND (b"', t("a AND (b", '"a AND (b"')),
        ('"a"b', Or((t("a", '"a"'), B))),
        ('"AND"', t("AND", '"AND"')),
        ("“a b”", t("a b", "“a b”")),
        ("„a b“ „a b”", Or((t("a b", "„a b“"), t("a b", "„a b”")))),
        ("«a b» »a b«", Or((t("a b", "«a b»"), t("a b", "»a b«")))),
        ('"the “a” b"', t("the “a” b", '"the “a” b"')),
        ("title:“a b”", In("title", t("a b", "title:“a b”"))),
    ],
)
def test_words_and_phrases(query: str, tree: Node | None) -> None:
    """Special signs within words, escapes, quotation marks of every language."""
    if tree is None:
        with pytest.raises(QueryError):
            parse_query(query)
    else:
        assert parse_query(query) == tree


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("wat*", (("text", "wat"), ("many", "*"))),
        ("*stan", (("many", "*"), ("text", "stan"))),
        ("organi?ation", (("text", "organi"), ("one", "?"), ("text", "ation"))),
        ("ab?*c", (("text", "ab"), ("one", "?"), ("many", "*"), ("text", "c"))),
        ("ab***", (("text", "ab"), ("many", "*"))),
        ("ab??", (("text", "ab"), ("one", "?"), ("one", "?"))),
        (r"a\*b*", (("text", "a*b"), ("many", "*"))),
        ('"head* of state"', (("text", "head"), ("many", "*"), ("text", " of state"))),
        ("AT&T*", (("text", "AT&T"), ("many", "*"))),
        ("km/*h", (("text", "km/"), ("many", "*"), ("text", "h"))),
    ],
)
def test_wildcards(query: str, parts: object) -> None:
    """Literal text and wildcards are told apart; the label is what was written."""
    assert parse_query(query) == Glob(parts, query)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("water~", Fuzzy("water", 1, "water~")),
        ("waters~", Fuzzy("waters", 2, "waters~")),
        ("waters~1", Fuzzy("waters", 1, "waters~1")),
        ("wahlen~2 a", Or((Fuzzy("wahlen", 2, "wahlen~2"), A))),
        ("Токаев~2", Fuzzy("Токаев", 2, "Токаев~2")),
        ('"a b"~5', Near((A, B), 5, False, '"a b"~5')),
        ('"a b c"~>0', Near((A, B, C), 0, True, '"a b c"~>0')),
        (
            '"wat* Al-Farabi – b"~2',
            Near(
                (Glob((("text", "wat"), ("many", "*")), "wat*"), t("Al-Farabi"), B),
                2,
                False,
                '"wat* Al-Farabi – b"~2',
            ),
        ),
        ("a NEAR/5 b", Near((A, B), 5, False, "a NEAR/5 b")),
        ("a ONEAR/5 b ONEAR/5 c", Near((A, B, C), 5, True, "a ONEAR/5 b ONEAR/5 c")),
        ("a NEAR/5 (b OR c)", Near((A, Or((B, C))), 5, False, "a NEAR/5 (b OR c)")),
        (
            "(a b) NEAR/5 water~1",
            Near((Or((A, B)), Fuzzy("water", 1, "water~1")), 5, False, "(a b) NEAR/5 water~1"),
        ),
        ("a AND b NEAR/1 c", And((A, Near((B, C), 1, False, "b NEAR/1 c")))),
        ("NOT a NEAR/1 b AND c", And((Not(Near((A, B), 1, False, "a NEAR/1 b")), C))),
        (
            "title:(a NEAR/1 case:b)",
            In("title", Near((A, Term("b", "case:b", "case")), 1, False, "a NEAR/1 case:b")),
        ),
        (
            'stem:"a b"~3',
            Near((Stem("a", None, "a"), Stem("b", None, "b")), 3, False, 'stem:"a b"~3'),
        ),
    ],
)
def test_fuzzy_and_proximity(query: str, tree: Node) -> None:
    """~ behind a word is spelling, behind a phrase distance; NEAR binds tighter than NOT."""
    assert parse_query(query) == tree


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("title:a", In("title", t("a", "title:a"))),
        ("title: a", In("title", t("a", "title: a"))),
        ("lead:(a AND b)", In("lead", And((A, B)))),
        ("title:(a OR body) c", Or((In("title", Or((A, t("body")))), C))),
        ("-title:a b", Group((), (B,), (In("title", t("a", "title:a")),))),
        ("body:(a lead:b)", In("body", Or((A, In("lead", t("b", "lead:b")))))),
        ("lead:(a body:b)", In("lead", Or((A, t("b", "body:b"))))),
        ("title:title:a", In("title", t("a", "title:title:a"))),
        ("case:WHO", Term("WHO", "case:WHO", "case")),
        ("accent:Öl", Term("Öl", "accent:Öl", "accent")),
        ("exact:Öl", Term("Öl", "exact:Öl", "exact")),
        ("case:accent:Öl", Term("Öl", "case:accent:Öl", "exact")),
        (
            "case:(A accent:B exact:C)",
            Or(
                (
                    Term("A", "A", "case"),
                    Term("B", "accent:B", "exact"),
                    Term("C", "exact:C", "exact"),
                )
            ),
        ),
        ("stem:election", Stem("election", None, "stem:election")),
        ("stem.ru:выборы", Stem("выборы", "ru", "stem.ru:выборы")),
        (
            'stem:(a stem.en:"b c")',
            Or((Stem("a", None, "a"), Stem("b c", "en", 'stem.en:"b c"'))),
        ),
        (
            "title:(case:WHO OR stem:election)",
            In(
                "title",
                Or((Term("WHO", "case:WHO", "case"), Stem("election", None, "stem:election"))),
            ),
        ),
        (r"/wat\w+/", Regex(r"wat\w+", r"/wat\w+/")),
        (r"/km\/h/ a", Or((Regex(r"km\/h", r"/km\/h/"), A))),
        ("case:/Wat/", Regex("Wat", "case:/Wat/", True)),
        ("exact:(/Wat/)", Regex("Wat", "/Wat/", True)),
        ("accent:/Wat/", Regex("Wat", "accent:/Wat/", False)),
        ("title:/a b/", In("title", Regex("a b", "title:/a b/"))),
        ("source:zakon.kz", Meta("source", (("text", "zakon.kz"),), "source:zakon.kz")),
        (
            "url:*example.com/world*",
            Meta(
                "url",
                (("many", "*"), ("text", "example.com/world"), ("many", "*")),
                "url:*example.com/world*",
            ),
        ),
        (
            'language:(en OR "pt BR")',
            Or(
                (
                    Meta("language", (("text", "en"),), "en"),
                    Meta("language", (("text", "pt BR"),), '"pt BR"'),
                )
            ),
        ),
        (
            "title:(a source:bc)",
            In("title", Or((A, Meta("source", (("text", "bc"),), "source:bc")))),
        ),
    ],
)
def test_fields_and_modifiers(query: str, tree: Node) -> None:
    """They nest, and in brackets hold for everything in them; labels are what was written."""
    assert parse_query(query) == tree


def utc(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("query", "low", "high", "low_included", "high_included"),
    [
        ("views:>5", 5, None, False, False),
        ("views:>=5", 5, None, True, False),
        ("views:<5", None, 5, False, False),
        ("views:<= 5", None, 5, False, True),
        ("views:5", 5, 5, True, True),
        ("views:[5 TO 9]", 5, 9, True, True),
        ("views:{5 TO 9}", 5, 9, False, False),
        ("views:[5 TO 9}", 5, 9, True, False),
        ("views:{ 5 TO * ]", 5, None, False, False),
        ("views:[* TO 9]", None, 9, False, True),
        ("growth:>100", 100.0, None, False, False),
        ("growth:[0.5 TO 20}", 0.5, 20.0, True, False),
        ("published:2026-02-01", utc(2026, 2, 1), utc(2026, 2, 2), True, False),
        ("published:>2026-02-01", utc(2026, 2, 2), None, True, False),
        ("published:>=2026-02-01", utc(2026, 2, 1), None, True, False),
        ("published:<2026-02-01", None, utc(2026, 2, 1), False, False),
        ("published:<=2026-02-01", None, utc(2026, 2, 2), False, False),
        (
            "published:[2026-02-01 TO 2026-02-28]",
            utc(2026, 2, 1),
            utc(2026, 3, 1),
            True,
            False,
        ),
        (
            "published:{2026-02-01 TO 2026-02-28}",
            utc(2026, 2, 2),
            utc(2026, 2, 28),
            True,
            False,
        ),
        ("published:[2026-02-01 TO *]", utc(2026, 2, 1), None, True, False),
        ("published:>2026-02-01T10:30Z", utc(2026, 2, 1, 10, 30), None, False, False),
        (
            "published:[2026-02-01T10:30:15+05:00 TO 2026-02-01T10:30:15.5Z}",
            utc(2026, 2, 1, 5, 30, 15),
            utc(2026, 2, 1, 10, 30, 15, 500_000),
            True,
            False,
        ),
    ],
)
def test_ranges(
    query: str, low: object, high: object, low_included: bool, high_included: bool
) -> None:
    """A day is a whole UTC day, within the range as a whole or not at all."""
    node = parse_query(query)
    assert node == Range(
        query.partition(":")[0],  # type: ignore[arg-type]
        low,  # type: ignore[arg-type]
        high,  # type: ignore[arg-type]
        low_included,
        high_included,
        query,
    )
    assert isinstance(node, Range)
    for bound in (node.low, node.high):
        assert not isinstance(bound, datetime) or bound.tzinfo is UTC


def test_ranges_in_brackets_end_with_them() -> None:
    """Behind the bracket, signs mean what they meant before it."""
    node = parse_query("views:(>5 AND NOT [7 TO 8]) >5 title:b")
    assert node == Or(
        (
            And(
                (
                    Range("views", 5, None, False, False, ">5"),
                    Not(Range("views", 7, 8, True, True, "[7 TO 8]")),
                )
            ),
            t(">5"),
            In("title", t("b", "title:b")),
        )
    )


@pytest.mark.parametrize(
    ("query", "column", "message"),
    [
        ("", 0, "the query is empty"),
        (" \n", 0, "the query is empty"),
        ("()", 1, "expected a word, a phrase or a bracket in the brackets"),
        ("a AND", 5, "expected a word, a phrase or a bracket behind AND"),
        ("a AND ", 6, "expected a word, a phrase or a bracket behind AND"),
        ("a OR OR b", 5, "behind OR"),
        ("(a && )", 6, "behind &&"),
        ("AND a", 0, "expected a word, a phrase or a bracket before AND"),
        ("(OR a)", 1, "before OR"),
        ("NOT", 3, "behind NOT"),
        ("a (b NOT)", 8, "behind NOT"),
        ("(a", 0, "this bracket is never closed"),
        ("a AND ((b)", 6, "this bracket is never closed"),
        ("a)", 1, "this bracket was never opened"),
        (")", 0, "this bracket was never opened"),
        ('a "b c', 2, "the quotation mark is never closed"),
        ("“b c", 0, "the quotation mark is never closed"),
        ("«b c“", 0, "the quotation mark is never closed"),
        ("/abc", 0, "the regular expression is never closed"),
        ("a^2", 1, "boosts have no meaning here"),
        ('"a b"^2', 5, "boosts have no meaning here"),
        ("[a TO b]", 0, "brackets belong to views:, growth: and published:"),
        ("ab]", 2, "brackets belong to views:, growth: and published:"),
        ("ab\\", 2, "nothing stands behind the backslash"),
        (r"caf\u00e9", 3, r"\u means nothing"),
        (r'"a \n"', 3, r"\n means nothing"),
        ("titel:a", 0, "unknown field titel; did you mean title?"),
        ("Title:a", 0, "did you mean title?"),
        ("a AND http://b", 6, "unknown field http"),
        ("10:30", 0, r"where the colon itself is meant, write \:"),
        ("*:*", 0, "unknown field *"),
        ('"a":b', 3, "expected the name of a field before the colon"),
        ("title:", 6, "expected a word, a phrase or a bracket behind title:"),
        ("title:)", 6, "this bracket was never opened"),
        ("title:AND a", 6, "expected a word, a phrase or a bracket behind title:"),
        ("title:-a", 6, "expected a word, a phrase or a bracket behind title:"),
        ("title:body:a", 6, "nothing stands in both title and body"),
        ("lead:(a title:b)", 8, "nothing stands in both lead and title"),
        ("source:title:a", 7, "title: has no meaning behind source:"),
        ("source:url:ab", 7, "url: has no meaning behind source:"),
        ("source:case:a", 7, "case: has no meaning behind source:"),
        ("case:source:a", 5, "source: has no meaning behind case:"),
        ("case:views:5", 5, "views: has no meaning behind case:"),
        ("stem:case:a", 5, "case: and stem: cannot be combined"),
        ("exact:stem.en:a", 6, "stem.en: and exact: cannot be combined"),
        ("stem.xx:a", 0, "stems are known in "),
        ("stem.:a", 0, "stems are known in "),
        ("case:wat*", 5, "a wildcard has no meaning under case:"),
        ("stem:(a wat*)", 8, "a wildcard has no meaning under stem:"),
        ("exact:water~", 6, "a fuzzy word has no meaning under exact:"),
        ("source:water~", 7, "a fuzzy word has no meaning under source:"),
        ("stem:/a/", 5, "a regular expression has no meaning under stem:"),
        ("url:/a/", 4, "a regular expression has no meaning under url:"),
        ('source:"a b"~2', 12, "proximity has no meaning under source:"),
        ("*", 0, "a wildcard needs at least two letters or digits beside it"),
        ("a OR b*", 5, "a wildcard needs at least two letters"),
        ('"war * peace"', 5, "a wildcard needs at least two letters"),
        ("a ab" + "?" * 21, 2, "at most 20 wildcards"),
        ("source:*", 7, "a wildcard needs at least two letters"),
        ("…", 0, "expected a word with a letter or a digit, not …"),
        ('a ""', 3, "expected a word with a letter or a digit, not nothing"),
        ('"–"', 1, "expected a word with a letter or a digit"),
        ("ʻ", 0, "expected a word with a letter or a digit"),
        ("- a", 1, "directly behind -"),
        ("Yahoo! news", 6, r"where the sign itself is meant, write \!"),
        ("a -", 3, "directly behind -"),
        ("--a", 1, "directly behind -"),
        ("-NOT a", 1, "directly behind -"),
        ("+a OR b", 0, "+ beside OR says nothing"),
        ("c a OR +b", 7, "+ beside OR says nothing"),
        ("wat~", 0, "~1 needs a word of at least 4 letters"),
        ("a water~2", 2, "~2 needs a word of at least 6 letters"),
        ("waters~3", 6, "expected ~1 or ~2 (letters that may differ), not ~3"),
        ("waters~0.8", 6, "expected ~1 or ~2"),
        ("Al-Farabi~1", 0, "~1 looks for one word of letters and digits"),
        ("wate*~1", 0, "a fuzzy word has no wildcards"),
        ("a ~1", 2, "~ stands directly behind a word or a phrase"),
        ('"ab"~2', 1, "proximity needs at least two words"),
        ('"a b"~x', 6, "expected how many words apart"),
        ('"a b"~', 6, "expected how many words apart"),
        ('"a b"~>9999', 7, "at most 1,000"),
        ("a NEAR b", 6, "expected how many words apart, as in NEAR/5"),
        ("a ONEAR/x b", 8, "expected how many words apart, as in ONEAR/5"),
        ("a NEAR/5", 8, "behind NEAR/5"),
        ("a NEAR/5 -b", 9, "behind NEAR/5"),
        ("NEAR/5 a", 0, "before NEAR/5"),
        ("a NEAR/5 b NEAR/6 c", 11, "expected NEAR/5 again"),
        ("a NEAR/5 b ONEAR/5 c", 11, "expected NEAR/5 again"),
        ("a NEAR/5 (b AND c)", 9, "beside NEAR stand words"),
        ("(b -c) NEAR/5 a", 0, "beside NEAR stand words"),
        ("a NEAR/5 views:5", 9, "beside NEAR stand words"),
        ("a NEAR/5 /b/", 9, "beside NEAR stand words"),
        ('a NEAR/5 "b c"~1', 9, "beside NEAR stand words"),
        ("a NEAR/5 title:b", 9, "write title:(a NEAR/5 b)"),
        ("/(?=a)/", 1, "look-ahead"),
        (r"b /a(b)\1/", 7, "back-reference"),
        ("//", 1, "matches the empty text"),
        ("/a/i", 3, "expected a blank behind the regular expression"),
        ("views:", 6, "expected a number or a time behind views:"),
        ("views:x", 6, "expected a whole number"),
        ("views:>", 6, "expected a whole number"),
        ("views:-5", 6, "expected a number or a time behind views:"),
        ("views:50,000", 6, "without separators"),
        ("views:٣", 6, "expected a whole number"),
        ("views:1000000000000000", 6, "at most 15 digits"),
        ("views:[1 TO x]", 12, "expected a whole number"),
        ("views:[1 TO 2", 6, "the bracket [ is never closed"),
        ("views:[12]", 6, "expected a range such as [10 TO 20]"),
        ("views:[5 TO 4]", 6, "nothing lies in [5 TO 4]"),
        ("views:[5 TO 5}", 6, "nothing lies in [5 TO 5}"),
        ("views:*", 6, "expected a whole number"),
        ("views:(title:a)", 7, "expected a whole number"),
        ("views:(5 AND", 12, "expected a number or a time behind AND"),
        ("growth:x", 7, "expected views per hour"),
        ("growth:>1.", 8, "expected views per hour"),
        ("growth:-1", 7, "expected a number or a time behind growth:"),
        ("growth:[5 TO 4.5]", 7, "nothing lies in [5 TO 4.5]"),
        ("growth:1000000000000000", 7, "expected views per hour"),
        ("case:growth:5", 5, "growth: has no meaning behind case:"),
        ("published:today", 10, "expected a day or time"),
        ("published:2026-2-1", 10, "expected a day or time"),
        ("published:20260201", 10, "expected a day or time"),
        ("published:2026-02-30", 10, "2026-02-30 is no day"),
        ("published:>=2026-02-01T25:00Z", 12, "is no time"),
        ("published:2026-02-01T10:00", 26, "end it with Z (UTC) or an offset"),
        ("published:9999-12-31", 10, "beyond the calendar"),
        ("published:>0001-01-01T00:00+05:00", 11, "beyond the calendar"),
        ("published:[2026-02-02 TO 2026-02-01]", 10, "nothing lies in"),
        ("NOT a", 0, "this would match nearly every article"),
        ("-a -b", 0, "this would match nearly every article"),
        ("a OR NOT b", 5, "this would match nearly every article"),
        ("a AND b OR (c -d) OR title:(-e)", 28, "this would match nearly every article"),
    ],
)
def test_mistakes(query: str, column: int, message: str) -> None:
    """Every mistake is refused where it is, and the message says what was expected."""
    with pytest.raises(QueryError) as caught:
        parse_query(query)
    assert message in caught.value.message
    assert caught.value.column == column


def test_limits() -> None:
    """Queries beyond the limits are refused as such, those at the limits are not."""
    deep = parse_query("(" * 100 + "a" + ")" * 100)
    assert deep == A
    for query, column, message in (
        ("(" * 101 + "a" + ")" * 101, 100, "more than 100 brackets"),
        ("(" * 10_000, 100, "more than 100 brackets"),
        ("a " * 500_000, 100_000, "at most 100,000 characters, this one has 1,000,000"),
        ("a " * 5_001, 10_001, "at most 5,000 clauses"),
        ('"' + "a " * 5_001 + '"~5', 10_004, "at most 5,000 clauses"),
    ):
        with pytest.raises(QueryError, match=message) as caught:
            parse_query(query)
        assert caught.value.column == column
    assert len(parse_query("a " * 5_000).nodes) == 5_000  # type: ignore[union-attr]
    assert parse_query("NOT " * 10_000 + "a") == A
    assert isinstance(parse_query("title:" * 10_000 + "a"), In)


def test_deepest_tree_is_within_the_interpreters_limit() -> None:
    """The deepest tree that is let through can be walked, compared and shown."""
    levels = "a" + "".join(f" {('AND', 'OR')[n % 2]} b)" for n in range(100))
    query = "(" * 100 + levels
    node = parse_query(query)
    assert positive(node)
    assert node == parse_query(query)
    assert repr(node).count("Term(") == 101
    steep = "a"
    for _ in range(25):
        steep = f"(+c e AND NOT -title:b OR d AND {steep})"
    node = parse_query(steep)
    assert node == parse_query(steep)
    for _ in range(25):
        steep = f"(+c e AND NOT -title:b OR d AND {steep})"
    with pytest.raises(QueryError, match="more than 120 operators inside one another") as caught:
        parse_query(steep)
    assert steep[caught.value.column] == "("


def test_error_reads_well_alone() -> None:
    """Columns are counted from 1 for readers, from 0 for programs."""
    with pytest.raises(QueryError) as caught:
        parse_query("a AND")
    assert str(caught.value) == ("column 6: expected a word, a phrase or a bracket behind AND")


PIECES = st.sampled_from(
    [
        *("a", "bc", "water", "вода", "😀", "ß", "İ", "AND", "OR", "NOT", "NEAR/2", "ONEAR/1"),
        *("(", ")", "(", ")", "+", "-", "!", "&&", "||", '"', "“", "”", "«", "»", "/", "\\"),
        *("~", "~1", "~>2", "*", "?", ":", "^", "[", "]", "{", "}", '"a b"', "/a+/", "\ud800"),
        *("title:", "body:", "lead:", "source:", "case:", "stem:", "stem.en:", "exact:", "\0"),
        *("views:", "published:", ">=", "<", "5", "TO", "2026-02-01", "[1 TO 5]", "*", ":00Z"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join)))
def test_anything_is_parsed_or_refused_with_a_column(text: str) -> None:
    """Whatever the text is, the answer is a positive tree or an error that points into it."""
    try:
        node = parse_query(text)
    except QueryError as error:
        assert 0 <= error.column <= len(text)
        assert error.message
    else:
        assert positive(node)


WORDS = st.sampled_from(["water", "Al-Farabi", "вода", '"a b"', "wat*", "title:x", "case:WHO"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from([" AND ", " OR ", " ", " AND NOT "]), inner).map("".join),
        inner.map("({})".format),
        inner.map("body:({})".format),
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(WORDS, _grown, max_leaves=12).filter(lambda text: "body:" not in text))
def test_brackets_around_the_whole_change_nothing(text: str) -> None:
    """A valid query in brackets, or with more blanks, is the same query."""
    node = parse_query(text)
    assert parse_query(f" ( {text} ) ") == node
    assert parse_query(f"+({text})") == node
