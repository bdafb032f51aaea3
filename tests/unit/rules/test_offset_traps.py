"""Where folding moves offsets: the evidence is what the author wrote, to the character.

Spans are counted by hand in characters (code points) of the title or body as given, and held
against both matchers.
"""

from __future__ import annotations

import pytest

from monitor.config.settings import RuleSettings
from monitor.rules import compile_rules
from monitor.rules.reading import Document

from .naive import matches

TRAPS = [
    # occurrences that overlap
    ('"a b a"', "a b a b a", [(0, 5), (4, 9)]),
    # one character that folds to several
    ("strasse", "Die Straße.", [(4, 10)]),
    ("x", "ßßß x", [(4, 5)]),
    ("ss", "ß, ẞ, ss", [(0, 1), (3, 4), (6, 8)]),
    ("s", "ß", []),
    ("final", "ﬁnal ﬃ final", [(0, 4), (7, 12)]),
    ("ffi", "ﬃ.", [(0, 1)]),
    ("x", "ﬁ ǆ æ x", [(6, 7)]),
    ("dzab", "ǆab ǅab", [(0, 3), (4, 7)]),
    ("1", "½ 1", [(0, 1), (2, 3)]),
    ("2", "a ½", [(2, 3)]),
    ("ab", "ａｂ ㏂ ab", [(0, 2), (5, 7)]),
    ("№5", "№5, № 5, №  5", [(0, 2), (4, 7), (9, 13)]),
    ('"school №5"', "№№ school №\u00a05", [(3, 13)]),
    # signs stand beside a word, not in it
    ("kaspi", "Kaspi™ Kaspi℠", [(0, 5), (7, 12)]),
    ("tm", "Kaspi™", []),
    # İ is two characters to str.lower, and one letter to its reader
    ("istanbul", "İstanbul", [(0, 8)]),
    ("istanbul", "İİ İstanbul, Istanbul, ıstanbul", [(3, 11), (13, 21), (23, 31)]),
    ("case:Istanbul", "İstanbul istanbul", [(0, 8)]),
    # marks of their own stay with the letter before them
    ("e", "e\u0301.", [(0, 2)]),
    ("e", "e\u0301\u0302\u0303 e", [(0, 4), (5, 6)]),
    ("cafe", "cafe\u0301 café", [(0, 5), (6, 10)]),
    ("x", "\u0301\u0301x", [(2, 3)]),
    ("край", "кра\u0438\u0306 край", [(0, 5), (6, 10)]),
    ("exact:край", "краи кра\u0438\u0306 край", [(5, 10), (11, 15)]),
    ("кра?", "кра\u0438\u0306.", [(0, 5)]),
    ("한국", "한국 한국은", [(0, 2)]),
    ("कर", "कर करो", [(0, 2)]),
    # what nobody sees
    ("coop", "co\u00adop \u00adcoop\u00ad", [(0, 5), (7, 11)]),
    ("co?p", "co\u00ado\u00adp", [(0, 6)]),
    ("ab", "a\u200db a\u200cb \ufeffab\ufeff", [(0, 3), (4, 7), (9, 11)]),
    ('"a b"', "a\u200b \u2060 b", [(0, 6)]),
    ("ab", "\u200fab\u200f \u202bab\u202c \u2067ab\u2069", [(1, 3), (6, 8), (11, 13)]),
    ('"a b"', "a \u200e b", [(0, 5)]),
    # beyond the Basic Multilingual Plane: one character to Python, two to others
    ("fire", "🔥fire🔥 fire", [(1, 5), (7, 11)]),
    ("x", "👩\u200d💻 👨\u200d👩\u200d👧 x", [(10, 11)]),
    ("x", "🇰🇿👍🏽x", [(4, 5)]),
    ("ab", "𝐀𝐁 𝒶𝒷", [(0, 2), (3, 5)]),
    ("/f.re/", "🔥f🔥re", [(1, 5)]),
    ("/e./", "ß e🔥", [(2, 4)]),
    # NUL and halves of surrogate pairs
    ("nul", "a\0nul\0b", [(2, 5)]),
    ('"a b"', "a\0b a b", [(4, 7)]),
    ("/a.b/", "a\0b", [(0, 3)]),
    ("half", "\ud83d half\ude00", [(2, 6)]),
    ('"a b"', "\ud83da b", [(1, 4)]),
    ("/x/", "\ud83d\ud83dx", [(2, 3)]),
    # blanks of all kinds, runs of them, dashes and quotation marks
    ('"a b"', "x  y   a \t\u00a0\u3000 b", [(7, 14)]),
    ('"a b"', "a – b a—b a “b", [(0, 5), (6, 9), (10, 14)]),
    ('"a b" ONEAR/0 c', "a  b   “c” ", [(0, 4), (8, 9)]),
    ('"a b"', "a\u2028b a\x85b a\r b", [(0, 3), (4, 7), (8, 12)]),
    ('"a b"', "a\nb\n\na b", [(5, 8)]),
    ('"a b"~0', "a  -  b", [(0, 1), (6, 7)]),
    ("be*", "–– ﬁ –– bé\u0301x", [(8, 12)]),
    ("bées~1", "№№ be\u0301es™", [(3, 8)]),
    ("stem.ru:край", "№ КРАЯ, кра\u0438\u0306", [(2, 6), (8, 13)]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "text", "spans"), TRAPS, ids=lambda value: ascii(value)[:40])
@pytest.mark.parametrize("field", ["title", "body"])
def test_traps(query, text, spans, field):
    """The spans counted by hand, whether the text is the title or stands behind a tricky one."""
    if field == "title":
        document = Document(text, "ßﬁ\u0301\n", language="en")
    else:
        document = Document("№ ﬁ\n  İ\u0301 🔥", text, language="en")
    rule = RuleSettings(name="r", query=query)
    counted = {(field, *span) for span in spans}
    assert {hit[:3] for hit in matches(rule, document) or ()} == counted
    found = compile_rules([rule]).match(title=document.title, body=document.body, language="en")
    assert {(e.field, e.start, e.end) for match in found for e in match.evidence} == counted
