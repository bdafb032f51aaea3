"""Folding text so that what reads the same compares the same, with the way back to the original.

``fold`` works on each character alone (``fold(a + b) == fold(a) + fold(b)``), so the map from
folded to original offsets needs no context and is only built when somebody asks for it.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cache

# Letters that Unicode does not decompose but newspapers drop the stroke of.
_LETTERS = dict(zip("łøđðıħŧɗŋĸəƶ", "lodidhtdnkaz", strict=True)) | {
    "đ": "d",
    "ð": "d",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ĳ": "ij",
    "ə": "a",
}
_APOSTROPHES = "`‘’‚‛′‵´ʹʻʼʽʾʿˈ՚＇ꞌ"
_QUOTES = "“”„‟«»″‶〝〞＂"
_DASHES = "‐‑‒–—―⁃−﹘﹣－"
# Signs that stand beside a word, not in it: their letters ("TM") would lengthen the word.
# The number sign is written with and without a space.
_SIGNS = {"№": "№ ", "™": "™", "℠": "℠"}
_DROPPED = re.compile(
    "[\u00ad\u0300-\u036f\u061c\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u2069\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]"
)
_XML_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAKS = re.compile("[\\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def _fold_character(char: str) -> str:
    """What one case-folded character becomes: one or more characters, or none."""
    if char in _LETTERS:
        return _LETTERS[char]
    if char in _SIGNS:
        return _SIGNS[char]
    if char in _APOSTROPHES:
        return "'"
    if char in _QUOTES:
        return '"'
    if char in _DASHES:
        return "-"
    if _DROPPED.match(char) or unicodedata.combining(char):
        return ""
    if char.isspace():
        return char if char in "\n\t" else " "
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"  # half a character: has no UTF-8 form
    if "가" <= char <= "힣":
        return char  # Unicode would take the syllable apart
    parts = unicodedata.normalize("NFKD", char).casefold()
    return char if parts == char else "".join(map(_fold_character, parts))


def _fold_beyond(char: str) -> str:
    """The same for any character; the way of those that are not in the table."""
    return "".join(map(_fold_character, char.casefold()))


def _table() -> dict[str, str]:
    """All characters of the Basic Multilingual Plane but ASCII that folding changes.

    Ideographs, Hangul and private characters, most of the plane, are left out to start quickly:
    none of them changes.
    """
    changed = {}
    for codes in (
        range(0x80, 0x3400),
        range(0xA000, 0xAC00),
        range(0xD7A4, 0xE000),
        range(0xF900, 0x10000),
    ):
        for char in map(chr, codes):
            if (folded := _fold_beyond(char)) != char:
                changed[char] = folded
    return changed


def _character_class(chars: list[str]) -> re.Pattern[str]:
    """An expression for one of the characters, written as ranges."""
    ranges: list[list[int]] = []
    for code in sorted(map(ord, chars)):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return re.compile("[" + "".join(f"\\u{a:04x}-\\u{b:04x}" for a, b in ranges) + "]")


@cache
def _folding() -> tuple[dict[str, str], re.Pattern[str]]:
    """The table, and an expression for the characters in it.

    Made for the first text that needs them, since that takes 30 ms; many rules and commands do
    without.
    """
    table = _table()
    return table, _character_class(list(table))


# On its own: a class that mixes these with others is many times slower.
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
_ASCII_BLANKS = "\r\v\f\x1c\x1d\x1e\x1f"
# Often all that a text has beyond ASCII. Each becomes one character, so no offset moves.
_FREQUENT = tuple((sign, _fold_beyond(sign)) for sign in "’‘“”«»–—\xa0")


def fold(text: str) -> str:
    """Fold case, diacritics, apostrophes, quotation marks, dashes, spaces and width.

    Line feeds and tabs stay; every other white space becomes a space. Zero-width characters
    and bidirectional controls vanish, halves of surrogate pairs become U+FFFD. The result may
    be longer or shorter than ``text``; see ``fold_with_offsets``.

    A letter and its mark compare like the letter alone whether Unicode stores them as one
    character or as two. That holds for й and ў as well, which thereby read as и and у.
    """
    return _fold(text)


def fold_with_offsets(text: str) -> tuple[str, Offsets]:
    """``fold(text)`` and the way back from its offsets; hardly dearer than ``fold``."""
    resized: list[int] = []
    folded = _fold(text, resized.append)
    if _goes_beyond_bmp(text):
        resized += [found.start() for found in _BEYOND_BMP.finditer(text)]
        resized.sort()
    return folded, Offsets(text, resized)


def _fold(text: str, told: Callable[[int], object] = lambda start: None) -> str:
    """``told`` where the characters of the table stand that do not fold to just one."""
    if not text.isascii():
        for sign, folded in _FREQUENT:
            text = text.replace(sign, folded)
    if not text.isascii():
        table, changing = _folding()

        def replace(found: re.Match[str]) -> str:
            folded = table[found[0]]
            if len(folded) != 1:
                told(found.start())
            return folded

        text = changing.sub(replace, text)
        if _goes_beyond_bmp(text):
            text = _BEYOND_BMP.sub(lambda found: _fold_beyond(found[0]), text)
    text = text.casefold().replace("`", "'")
    for blank in _ASCII_BLANKS:
        text = text.replace(blank, " ")
    return text


def _goes_beyond_bmp(text: str) -> bool:
    """Whether a character is beyond the Basic Multilingual Plane: UTF-16 then takes more than two
    bytes for one. To encode is a few times faster than to search."""
    return not text.isascii() and len(text.encode("utf-16-le", "surrogatepass")) > 2 * len(text)


class Offsets:
    """The way back from the offsets of a folded text to those of the original."""

    __slots__ = ("_at", "_edits", "_text")

    def __init__(self, text: str, resized: Sequence[int]) -> None:
        """``resized``: where the characters stand that do not fold to just one, ascending."""
        self._text = text
        # Of each of them: where it begins and ends in the folded text, and where it stands.
        self._edits: list[tuple[int, int, int]] = []
        table = _folding()[0] if resized else {}
        longer = 0
        for index in resized:
            char = text[index]
            size = len(table[char] if char in table else _fold_beyond(char))
            self._edits.append((index + longer, index + longer + size, index))
            longer += size - 1
        self._at = [start for start, _, _ in self._edits]

    @property
    def one_to_one(self) -> bool:
        """Whether each character folds to just one: then offsets are the same in both."""
        return not self._edits

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The smallest original span that covers the folded span (``start < end``).

        Combining marks, which fold to nothing, stay with the letter before them.
        """
        if not self._edits:
            return start, end
        text = self._text
        last = self._character(end - 1) + 1
        while last < len(text) and unicodedata.combining(text[last]):
            last += 1
        return self._character(start), last

    def _character(self, offset: int) -> int:
        """Which original character the folded character at ``offset`` comes from."""
        edit = bisect_right(self._at, offset) - 1
        if edit < 0:
            return offset
        _, end, index = self._edits[edit]
        return index if offset < end else index + 1 + offset - end


def xml_safe(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold (section 2.2), surrogates among them."""
    return _XML_ILLEGAL.sub("", text)


def one_line(text: str) -> str:
    """Control characters and line breaks of every kind become single spaces; ends trimmed."""
    return _LINE_BREAKS.sub(" ", text).strip()


def cut(text: str, limit: int) -> str:
    """At most ``limit`` characters, cut at a word's end, with an ellipsis where cut."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    head, space, _ = kept.rpartition(" ")
    return (head if space and len(head) > limit // 2 else kept).rstrip(" ,;:-–—") + "…"
