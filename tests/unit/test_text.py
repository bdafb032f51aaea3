"""Folding and the way back."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import cut, fold, fold_with_offsets, one_line, xml_safe

TRICKY = st.sampled_from(
    [
        *"aZ5 \n\t\r\0.'`-",
        "ß",
        "ẞ",
        "İ",
        "ı",
        "ﬁ",
        "ŉ",
        "é",
        "e\u0301",
        "\u0301",
        "\u05b0",  # a Hebrew point
        "и\u0306",
        "й",
        "Ё",
        "Қ",
        "한",
        "\u1112",  # a Hangul letter on its own
        "’",
        "“",
        "—",
        "\u00ad",
        "\u200b",
        "\ufeff",
        "\ufe0f",
        "\u2028",
        "\x85",
        "\ud800",
        "№",
        "™",
        "½",
        "…",
        "Ａ",
        "😀",
        "👨‍👩‍👧",
        "𝐀",
        "𐐀",
        "\U0001d165",  # a combining stem beyond the BMP
        "\U000e0001",
    ]
)
# The rest of Unicode is ideographs, private use or nothing yet.
FOLDABLE = [
    *range(0x3400),
    *range(0xA000, 0xAC80),
    *range(0xD780, 0x20000),
    *range(0x2F800, 0x2FA20),
]
TEXTS = st.one_of(st.text(max_size=30), st.lists(TRICKY, max_size=20).map("".join))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("STRASSE Straße ẞ", "strasse strasse ss"),
        ("İstanbul ıraq", "istanbul iraq"),
        ("ﬁnal ŉ ½", "final 'n 1⁄2"),
        ("Šabanović ŠABANOVIĆ", "sabanovic sabanovic"),
        ("Łódź Øresund Đukanović Æsir Þór", "lodz oresund dukanovic aesir thor"),
        ("Kazakhstan’s ʻOumuamua `x´", "kazakhstan's 'oumuamua 'x'"),
        ("“a” «b» „c“", '"a" "b" "c"'),
        ("a–b—c‑d−e", "a-b-c-d-e"),
        ("a\u00a0b\u2009c\u2028d\x85e\rf\x0bg\x1ch", "a b c d e f g h"),
        ("a\tb\nc", "a\tb\nc"),
        ("co\u00adop \u200bzero\ufeff", "coop zero"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("Ёлка Қазақстан ӘЛЕМ", "елка қазақстан әлем"),
        ("Край кра\u0438\u0306", "краи краи"),
        ("한국", "한국"),
        ("№5 № 5", "№ 5 №  5"),
        ("Kaspi™ CO₂ m²", "kaspi™ co2 m2"),
        ("😀\0", "😀\0"),
        ("𝐀𐐀", "a𐐨"),
        ("\ud83d", "\ufffd"),
    ],
)
def test_what_reads_the_same_folds_the_same(text, folded):
    """Case, marks, strokes, ligatures, typographic signs, blanks and width are folded."""
    assert fold(text) == folded


@given(TEXTS, TEXTS)
def test_folding_needs_no_context(one, other):
    """A text folds to its characters' folds, so pieces may be folded and joined."""
    assert fold(one + other) == fold(one) + fold(other)


def test_folding_any_character_leaves_nothing_to_fold():
    """No upper case, mark or half surrogate pair is left, folding again changes nothing (the
    number sign gets its space each time), and only a line feed gives a line feed."""
    for char in map(chr, FOLDABLE):
        folded = fold(char)
        folded.encode()
        assert folded == folded.casefold(), hex(ord(char))
        assert not any(map(unicodedata.combining, folded)), hex(ord(char))
        assert char == "№" or fold(folded) == folded, hex(ord(char))
        assert ("\n" in folded) == (char == "\n"), hex(ord(char))


@given(TEXTS)
def test_folding_with_offsets_is_folding(text):
    """Both ways of folding give the same text."""
    assert fold_with_offsets(text)[0] == fold(text)


@given(TEXTS, st.data())
def test_a_span_comes_back_as_the_characters_whose_fold_it_touches(text, data):
    """The original span covers exactly those characters, and combining marks behind the last."""
    folded, offsets = fold_with_offsets(text)
    if not folded:
        return
    start = data.draw(st.integers(0, len(folded) - 1))
    end = data.draw(st.integers(start + 1, len(folded)))
    touched, at = [], 0
    for index, char in enumerate(text):
        size = len(fold(char))
        if at < end and at + size > start and size:
            touched.append(index)
        at += size
    last = touched[-1] + 1
    while last < len(text) and unicodedata.combining(text[last]):
        last += 1
    assert offsets.original(start, end) == (touched[0], last)


def test_a_mark_stays_with_its_letter():
    """A span that ends with a letter includes the accents typed behind it."""
    text = "Cafe\u0301s, ßé"
    _, offsets = fold_with_offsets(text)
    assert text[slice(*offsets.original(0, 4))] == "Cafe\u0301"
    assert text[slice(*offsets.original(7, 8))] == "ß"
    assert text[slice(*offsets.original(8, 10))] == "ßé"


def test_xml_safe_drops_what_xml_cannot_hold():
    """Control characters, surrogates and non-characters go; tab, line feed and the rest stay."""
    assert xml_safe("a\0b\x1bc\ud800d\ufffee\tf\ng\rh😀") == "abcde\tf\ng\rh😀"


def test_one_line_leaves_no_line_break_or_control_character():
    """Every kind of break becomes one space; ends are trimmed."""
    assert one_line("  a\r\n\x00 b\u2028c\x85d\u2029\n") == "a b c d"


@given(TEXTS)
def test_one_line_gives_one_line(text):
    """The result has at most one line and no outer blanks."""
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()


@given(st.text(max_size=60), st.integers(1, 40))
def test_cut_keeps_the_limit_and_the_beginning(text, limit):
    """Never longer than the limit; a text that fits is left alone, another ends with dots."""
    short = cut(text, limit)
    assert len(short) <= limit
    if len(text) <= limit:
        assert short == text
    else:
        assert short.endswith("…")
        assert text.startswith(short[:-1])


def test_cut_prefers_the_end_of_a_word():
    """No half word and no comma before the dots where there is a space to cut at."""
    assert cut("one two three, four", 17) == "one two three…"
    assert cut("a" * 30, 10) == "a" * 9 + "…"
