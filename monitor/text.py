"""Folding text so that what reads the same compares the same, with the way back to the original.

``fold`` works on each character alone (``fold(a + b) == fold(a) + fold(b)``), so the map from
folded to original offsets needs no context and is only built when somebody asks for it.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate

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
_APOSTROPHES = "‘’‚‛′‵`´ʹʻʼʽʾʿˈ՚＇ꞌ"
_QUOTES = "“”„‟«»″‶〝〞＂"
_DASHES = "‐‑‒–—―⁃−﹘﹣－"
_DROPPED = re.compile(
    "[\u00ad\u0300-\u036f\u061c\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u2069\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]"
)
_XML_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAKS = re.compile("[\\s\x00-\x1f\x7f\x85\u2028\u2029]+")


def _fold_character(char: str) -> str:
    """What one case-folded character becomes: one or more characters, or none."""
    if char in _LETTERS:
        return _LETTERS[char]
    if char in _APOSTROPHES:
        return "'"
    if char in _QUOTES:
        return '"'
    if char in _DASHES:
        return "-"
    if _DROPPED.match(char):
        return ""
    if char.isspace() and char not in "\n\t ":
        return " "
    if "가" <= char <= "힣" or "\ud800" <= char <= "\udfff":
        return char
    kept = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
    return "".join(_LETTERS.get(c, c) for c in kept.casefold()) if kept != char else char


def _table() -> dict[str, str]:
    """All characters of the Basic Multilingual Plane that folding changes after case folding."""
    changed = {}
    for code in range(0x80, 0x10000):
        char = chr(code)
        if char.casefold() == char and (folded := _fold_character(char)) != char:
            changed[char] = folded
    return changed


def _character_class(chars: list[str]) -> str:
    """A regular-expression class of the characters, written as ranges."""
    ranges: list[list[int]] = []
    for code in sorted(map(ord, chars)):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "[" + "".join(f"\\u{a:04x}-\\u{b:04x}" for a, b in ranges) + "]"


_FOLDED = _table() | {"`": "'"}
_CHANGING = re.compile(f"`|{_character_class([c for c in _FOLDED if c != '`'])}")
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")


def fold(text: str) -> str:
    """Fold case, diacritics, apostrophes, quotation marks, dashes, spaces and width.

    Line feeds and tabs stay; zero-width characters and bidirectional controls vanish. The
    result may be longer or shorter than ``text``; see ``Offsets``.
    """
    folded = text.casefold()
    if folded.isascii():
        return folded.replace("`", "'")
    folded = _CHANGING.sub(lambda found: _FOLDED[found[0]], folded)
    if _BEYOND_BMP.search(folded):
        folded = "".join(_fold_character(c) if c > "\uffff" else c for c in folded)
    return folded


class Offsets:
    """The way back from folded offsets to those of the original text."""

    __slots__ = ("_starts", "_text")

    def __init__(self, text: str, folded: str) -> None:
        """``folded`` must be ``fold(text)``."""
        self._text = text
        self._starts: list[int] | None = None
        if len(text) != len(folded) or (not text.isascii() and _DROPPED.search(text)):
            # starts[i]: how many folded characters come before original character i
            self._starts = [0, *accumulate(len(fold(char)) for char in text)]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The smallest original span that covers the folded span (``start < end``).

        Characters that fold to nothing (combining marks) stay with the letter before them.
        """
        if self._starts is None:
            return start, end
        from bisect import bisect_left, bisect_right

        first = bisect_right(self._starts, start) - 1
        last = bisect_left(self._starts, end)
        while last < len(self._text) and self._starts[last + 1] == self._starts[last]:
            if not unicodedata.combining(self._text[last]):
                break
            last += 1
        return first, last


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
