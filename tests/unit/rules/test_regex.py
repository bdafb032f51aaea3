"""Regular expressions: Unicode's words, offsets in characters, refusals in plain words."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from monitor.rules.regex import PatternError, compile_regex
from monitor.rules.scan import Scan, literal


def found(pattern: str, text: str, *, case: bool = False) -> list[str]:
    """What the expression finds, cut out of the text by its spans."""
    return [text[start:end] for start, end in compile_regex(pattern, case=case).spans(text)]


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        (r"wat\w+", "Waters wat WATÉR", ["Waters", "WATÉR"]),
        (r"\w+", "нато öl_1 o\u0308l ज़ी", ["нато", "öl_1", "o\u0308l", "ज़ी"]),
        (r"\W+", "вода, «öl»", [", «", "»"]),
        (r"\d+", "12 ٣٤ x", ["12", "٣٤"]),
        (r"\D+", "12вода٣", ["вода"]),
        (r"50\s000", "50 000 50\u00a0000 50\u202f000", ["50 000", "50\u00a0000", "50\u202f000"]),
        (r"\S+", "a\u00a0б \u2003ц", ["a", "б", "ц"]),
        (r"[\w.]+@[\w.]+", "я@вода.рф, b", ["я@вода.рф"]),
        (r"[^\w\s]+", "вода, öl!?", [",", "!?"]),
        (r"[\W]", "я,б", [","]),
        (r"[^\W]+", "я,б", ["я", "б"]),
        (r"[^\S]", "я б", [" "]),
        (r"[\D]+", "1я2", ["я"]),
        (r"[^\D]+", "я12٣", ["12٣"]),
        (r"\p{Cyrillic}{2,}", "ab вода", ["вода"]),
        (r"[а-яё]+", "ЁЛКА tree", ["ЁЛКА"]),
        (r"\x{432}\x6fда", "Воoда вoда", ["вoда"]),
        (r"\Qa.b*\E+", "axb A.B** a.b", ["A.B**"]),
        (r"[]a]+", "x]a]", ["]a]"]),
        (r"[^]a]+", "x]a]y", ["x", "y"]),
        (r"[a\]\-c]+", "xa-]cb", ["a-]c"]),
        (r"(?P<n>a|b)(c)(?:d)", "acd bcd", ["acd", "bcd"]),
        (r"a{,2}", "a a{,2}", ["a{,2}"]),
        (r"(?s)a.b", "a\nb", ["a\nb"]),
        (r"a.b", "a\nb a😀b", ["a😀b"]),
        (r"(?-i)Wa", "wa Wa", ["Wa"]),
        (r"^a", "a a", ["a"]),
        (r"a$", "a a", ["a"]),
        (r"\x00", "a\0b", ["\0"]),
        ("a\tb|ё\\t", "a\tb ё\t", ["a\tb", "ё\t"]),
    ],
)
def test_finds(pattern: str, text: str, words: list[str]) -> None:
    r"""\w, \d and \s know Unicode; the rest is RE2's, ignoring case."""
    assert found(pattern, text) == words


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        (r"\bbank", "öbank bank, банкbank", ["bank"]),
        (r"\bнато\b", "нато натовский, «НАТО»", ["нато", "НАТО"]),
        (r"bank\b", "banks bank bankо bank", ["bank", "bank"]),
        (r"\b\w+ing\b", "bringing ing sing", ["bringing", "sing"]),
        (r"\b(?:foo|bar)s?\b", "foos bars, foo barsx", ["foos", "bars", "foo"]),
        (r"\bfoo ?", "foo foo foo", ["foo ", "foo ", "foo"]),
        (r"(?:ab|abc)\b", "abc", ["abc"]),
        (r"\ba{2}\b", "aaa aa aa", ["aa", "aa"]),
        (r"\bа😀?б", "а😀б аб ваб", ["а😀б", "аб"]),
        (r"\b[a-z]+\d\b", "ab1 ab12 яab1", ["ab1"]),
        (r"\b[[:alpha:]]\p{L}[\dа-я]\b", "abя, xabя abяx", ["abя"]),
        (r"\be", "e\u0301 \u0301e", ["e"]),
        (r"e\b", "e\u0301 e", ["e"]),
    ],
)
def test_word_boundaries(pattern: str, text: str, words: list[str]) -> None:
    r"""\b at the ends holds for Unicode words, and never hides a neighbouring match."""
    assert found(pattern, text) == words


def test_case() -> None:
    """Capitals must agree only where that is asked for."""
    assert found("вода", "Вода ВОДА вода", case=True) == ["вода"]
    assert found("вода", "Вода ВОДА вода") == ["Вода", "ВОДА", "вода"]
    assert found("ß", "ß ẞ ss", case=False) == ["ß", "ẞ"]


def test_offsets_are_characters() -> None:
    """Emoji, NUL, combining marks and halves of surrogates each count as Python counts them."""
    text = "😀\0e\u0301\ud83dİß вода \udc00вода"
    assert compile_regex("вода", case=False).spans(text) == [(8, 12), (14, 18)]
    assert compile_regex("\ufffd", case=False).spans(text) == [(4, 5), (13, 14)]
    assert compile_regex("ß.", case=False).spans(text) == [(6, 8)]
    assert compile_regex("a", case=False).spans("") == []


@pytest.mark.parametrize(
    ("pattern", "column", "message"),
    [
        ("", 0, "matches the empty text"),
        ("a*", 0, "matches the empty text"),
        ("(?:a|b?)(?:c*)", 0, "matches the empty text"),
        (r"\b", 0, "matches the empty text"),
        (r"\b\b", 0, "matches the empty text"),
        ("^$", 0, "matches the empty text"),
        ("(?i)", 0, "matches the empty text"),
        ("a{0}", 0, "matches the empty text"),
        ("ab(?=c)", 2, "look-ahead, (?=...), is not supported, since a search must take time"),
        ("a(?!b)", 1, "look-ahead, (?!...), is not supported"),
        ("(?<=a)b", 0, "look-behind, (?<=...), is not supported"),
        ("(?<!a)b", 0, "look-behind, (?<!...), is not supported"),
        (r"(a)\1", 3, r"a back-reference, \1, is not supported, since a search must take time"),
        ("(?>a)", 0, "RE2 refuses this: invalid perl operator: (?>"),
        ("(a", 2, "a bracket ( is never closed"),
        ("a)b", 1, "a bracket ) was never opened"),
        ("a[b", 1, "a bracket [ is never closed"),
        ("a|*", 2, "nothing stands before * that it could repeat"),
        ("a**", 1, "two repetitions stand behind one another: **"),
        ("a++", 1, "two repetitions stand behind one another: ++"),
        ("a{2000}", 1, "{2000} repeats too often"),
        ("(?:a{100}){100}", 10, "{100} repeats too often"),
        (r"\w{900}", 0, "the expression is too large"),
        (r"a\q", 1, r"\q means nothing here"),
        (r"a\Z", 1, r"\Z means nothing here"),
        ("a[z-b]", 2, "RE2 refuses this: invalid character class range: z-b"),
        (r"\p{Foo}", 0, "RE2 refuses this: invalid character class range"),
        ("a\\", 0, "RE2 refuses this: trailing \\"),
        ("a\ud800", 1, "half a character"),
        (r"a\C", 1, r"\C is not supported: write . for any character"),
        (r"a\B", 1, r"\B is not supported: only \b at the ends is"),
        (r"a\bb", 1, r"\b is supported only as the very first and the very last thing"),
        (r"\ba\b|\bb\b", 3, r"write \b(?:a|b)\b for \ba\b|\bb\b"),
        (r"\ba|b", 0, r"\b beside | is not supported"),
        (r"a|b\b", 3, r"\b beside | is not supported"),
        (r"(a\b)", 2, r"\b is supported only as the very first"),
        (r"\b№ 5", 0, r"\b must stand beside a letter or digit in every match"),
        (r"\b№?5", 0, r"\b must stand beside a letter or digit in every match"),
        (r"a\.?\b", 4, r"\b must stand beside a letter or digit in every match"),
        (r"\b[A-z]+\b", 0, r"\b must stand beside a letter or digit in every match"),
        (r"\b.a", 0, r"\b must stand beside a letter or digit in every match"),
        (r"[\W_]", 1, r"\W beside other characters in [...] is not supported: write (?:\W|[...])"),
        (r"[^a\S]", 3, r"\S beside other characters"),
    ],
)
def test_refused(pattern: str, column: int, message: str) -> None:
    """What cannot be run in linear time, or says nothing, is refused with the reason."""
    with pytest.raises(PatternError) as caught:
        compile_regex(pattern, case=False)
    assert message in caught.value.message
    assert str(caught.value) == caught.value.message
    assert caught.value.column == column


def test_mistakes_are_not_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """RE2 says nothing on standard error by itself."""
    for pattern in ("(", r"\w{900}", "(?=a)"):
        with pytest.raises(PatternError):
            compile_regex(pattern, case=False)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("pattern", "required"),
    [
        ("water", "water"),
        (r"wat\w+", "wat"),
        (r"covid-\d+", "covid"),
        ("Kazakhstan’s|x", None),
        ("(?:water|river)", None),
        ("(water)", None),
        ("ab", None),
        ("wate?r", "wat"),
        ("wate*rs", "wat"),
        ("wate{2}rivers", "rivers"),
        ("water.rivers", "rivers"),
        (r"\bВодоканал\w*", "водоканал"),
        ("Øystein", "oystein"),
        (r"\x{442}ест", "тест"),
        (r"\Qa.bcd\E+", None),
        (r"^abc$", "abc"),
        ("क्षेत्र", None),
    ],
)
def test_required(pattern: str, required: str | None) -> None:
    """The longest run of letters that stands in every match, folded; None where unsure."""
    assert compile_regex(pattern, case=False).required() == required


class EnoughError(Exception):
    """The steps are used up."""


def test_work_is_announced() -> None:
    """An expression that could read all of a long text again for each match is stopped in time,
    one that reads it once is not."""
    left = 40_000_000

    def spend(steps: int) -> None:
        nonlocal left
        left -= steps
        if left < 0:
            raise EnoughError

    text = "a" * 1_000_000
    with pytest.raises(EnoughError):
        compile_regex("a.*b|a", case=False).spans(text, spend)
    left = 40_000_000
    assert compile_regex("a.*", case=False).spans(text, spend) == [(0, 1_000_000)]
    assert left > 0
    left = 40_000_000
    with pytest.raises(EnoughError):
        compile_regex(".{0,999}b", case=False).spans(text, spend)


def test_ten_megabytes() -> None:
    """A huge article takes time in proportion: spans late in it are right."""
    text = "вода 😀 " * 1_400_000 + "ice"
    assert compile_regex("ice$", case=False).spans(text) == [(len(text) - 3, len(text))]


# --------------------------------------------------------------- against Python's expressions

MARKS = "\u0300-\u036f"
# Python's \w leaves marks out, which are parts of words here.
W = f"[\\w{MARKS}]"
NOT_W = f"[^\\w{MARKS}]"
TEXTS = st.text(st.sampled_from("aAsSſkKoOßẞöÖ\u0308İıвВёЁ1٣_ \u00a0-.\n\0😀\ud83d"), max_size=24)
# As RE2 knows it and as Python does. No i: Python takes İ and ı for it, Unicode's simple folding
# does not.
ATOMS = st.sampled_from(
    [
        *((atom, atom) for atom in ("a", "s", "k", "ß", "ö", "o", "в", "ё", "1", "_", "ss", "ak")),
        *((atom, atom) for atom in (".", r"\.", "-", " ", "[ab]", "[^a]", "[а-яё]", "[s-ö]")),
        *((atom, atom) for atom in (r"\d", r"\D", r"\s", r"\S", "(a|as)", "(?:s|ß|ё)", "😀")),
        *(
            (
                (r"\w", W),
                (r"\W", NOT_W),
                (r"[\w.]", f"[.\\w{MARKS}]"),
                (r"[^\w ]", f"[^ \\w{MARKS}]"),
            )
        ),
    ]
)
REPEATS = st.sampled_from(["", "", "", "?", "+", "*", "{2}", "{1,2}", "+?", "??"])
PATTERNS = st.lists(st.tuples(ATOMS, REPEATS), min_size=1, max_size=3).map(
    lambda parts: tuple("".join(atom[i] + repeat for atom, repeat in parts) for i in (0, 1))
)


@settings(max_examples=400, deadline=None)
@given(PATTERNS, TEXTS, st.booleans(), st.booleans(), st.booleans())
def test_same_spans_as_python(
    pattern: tuple[str, str], text: str, left: bool, right: bool, case: bool
) -> None:
    """Where both know an expression, it finds the same spans, and what it is said to require
    stands in the folded text."""
    ours, theirs = pattern
    if left:
        ours, theirs = rf"\b{ours}", f"(?<!{W}){theirs}"
    if right:
        ours, theirs = rf"{ours}\b", f"{theirs}(?!{W})"
    try:
        expression = compile_regex(ours, case=case)
    except PatternError as error:
        assume("\\b must stand" not in error.message and "empty text" not in error.message)
        raise
    searched = text.replace("\ud83d", "\ufffd")
    spans = [match.span() for match in re.finditer(theirs, searched, 0 if case else re.I)]
    assert expression.spans(text) == spans
    required = expression.required()
    if required is not None:
        assert required == literal(required)
        assert not spans or required in Scan(text, "").text


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=12),
        st.lists(
            st.sampled_from([*"ab1.*+?()[]{}|^$\\-,:w", r"\b", r"\w", r"\Q", "(?", "[:", r"\p{"]),
            max_size=10,
        ).map("".join),
    ),
    TEXTS,
)
def test_any_pattern_is_compiled_or_refused(pattern: str, text: str) -> None:
    """Whatever the pattern is, it is refused with a column in it, or finds spans in the text,
    none of them empty or overlapping."""
    try:
        expression = compile_regex(pattern, case=False)
    except PatternError as error:
        assert 0 <= error.column <= len(pattern)
        return
    end = 0
    for start, stop in expression.spans(text):
        assert end <= start < stop <= len(text)
        end = stop
