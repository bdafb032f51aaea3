"""Texts as the automaton sees them, and the way back to what the author wrote.

The scanned form is the folded text in which a dash, a quotation mark or any run of blanks is
one space, so ``Al-Farabi``, ``Al  Farabi`` and ``"Al" Farabi`` read the same. Line feeds stay: in
a body they end a paragraph, which no phrase crosses.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from itertools import islice, pairwise
from typing import Literal

from ahocorasick_rs import BytesAhoCorasick

from monitor.text import fold, fold_with_offsets

Span = tuple[int, int]
Field = Literal["title", "body"]

Parts = tuple[tuple[Literal["text", "one", "many"], str], ...]
"""Literal text and the wildcards between (see ``syntax.Glob``)."""

# Noncharacters, which Unicode keeps for a program's own use.
_WILD = {"one": "\ufdd0", "many": "\ufdd1"}
_KIND: dict[str, Literal["one", "many"]] = {"\ufdd0": "one", "\ufdd1": "many"}
_PIECES = re.compile("([\ufdd0\ufdd1])")
_BLANKS = '-"\t'
_LETTERS = re.compile(r"[^\W_]*")
_PLAIN_WORD = re.compile(r"[^\W_]+")
_TWO = BytesAhoCorasick([b"  "]).find_matches_as_indexes
_RUN = re.compile("  +")
_LONG = 20_000  # characters of an article
_CONTRACTED = frozenset(("s", "t", "re", "ve", "ll"))  # it's, don't, we're, we've, we'll
_JOINS = re.compile(  # an apostrophe between letters, with more than a contraction behind it
    rf"'(?<=[^\W_]')(?=[^\W_])(?!(?:{'|'.join(sorted(_CONTRACTED))})(?![^\W_]))"
)


def literal(phrase: str) -> str:
    """A keyword in the form in which texts are scanned; empty where nothing is left of it."""
    if phrase.isascii() and "  " not in phrase and phrase.replace(" ", "").isalnum():
        return phrase.lower().strip(" ")  # as most are: nothing but case to fold
    return _squeeze(_even(fold(phrase).replace("\n", " "))).strip(" ")


def loose(parts: Parts) -> Parts:
    """The parts of a pattern with wildcards in the form in which texts are scanned: as
    ``literal`` of the whole, with the wildcards at their places; empty parts left out."""
    joined = "".join(_WILD[kind] if kind != "text" else _even(fold(text)) for kind, text in parts)
    joined = _squeeze(joined.replace("\n", " ")).strip(" ")
    return tuple((_KIND.get(piece, "text"), piece) for piece in _PIECES.split(joined) if piece)


@cache
def _marks() -> str:
    """Vowel signs and other marks that belong to words (see ``in_word``), as ranges."""
    ranges: list[list[int]] = []
    for code in (*range(0x300, 0x20000), *range(0xE0100, 0xE01F0)):
        if unicodedata.category(chr(code))[0] == "M":
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


@cache
def _with_marks() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(f"[{_marks()}]"), re.compile(f"(?:[^\\W_]|[{_marks()}])+")


def word_class() -> str:
    """An expression for one character for which ``in_word`` is true."""
    return f"(?:[^\\W_]|[{_marks()}])"


def words_of(text: str) -> list[Span]:
    """The words of a text: its longest runs of ``in_word`` characters."""
    return [found.span() for found in _word_pattern(text).finditer(text)]


def count_words(text: str, start: int, end: int, most: int) -> int:
    """How many words begin between two offsets, no more than ``most`` counted."""
    between = text[start:end]
    return sum(1 for _ in islice(_word_pattern(between).finditer(between), most))


def rest_of_word(text: str, place: int) -> int:
    """Where the word ends that goes on at a place; ``text`` ends with what is in no word."""
    while found := _LETTERS.match(text, place):
        place = found.end()
        char = text[place]
        if char < "\u0300" or not in_word(char):  # no vowel sign, which is no letter
            break
        place += 1
    return place


def words_with_apostrophes(text: str) -> list[Span]:
    """Words with apostrophes between their letters: ``mas'ud``, also of ``mas'ud's``, but not the
    possessives and contractions of other words. ``text`` ends with what is in no word."""
    found: list[Span] = []
    behind = 0
    while (place := text.find("'", behind)) >= 0:
        behind = place + 1
        # Most are possessives.
        if text.startswith("s ", behind) or not _JOINS.match(text, place):
            continue
        start, behind = _joined_by_apostrophes(text, place)
        parts = text[start:behind].split("'")
        if parts[-1] in _CONTRACTED:
            parts.pop()
        found.append((start, start + sum(map(len, parts)) + len(parts) - 1))
    return found


def _joined_by_apostrophes(text: str, place: int) -> Span:
    """The letters around an apostrophe, and all that others join to them."""
    start = place
    while start and in_word(text[start - 1]):
        start -= 1
    end = rest_of_word(text, place + 1)
    while text[end] == "'" and in_word(text[end + 1]):
        end = rest_of_word(text, end + 1)
    return start, end


def _word_pattern(text: str) -> re.Pattern[str]:
    if not text.isascii():
        marks, word = _with_marks()
        if marks.search(text):  # the class with marks is many times slower
            return word
    return _PLAIN_WORD


def original_words(text: str) -> list[str]:
    """The words of a text that is not folded."""
    text = unicodedata.normalize("NFC", text)
    return [text[start:end] for start, end in words_of(text)]


def in_word(char: str) -> bool:
    """Whether a word goes on at this character: a letter, a digit or a vowel sign."""
    return char.isalnum() or (char > "\u02ff" and unicodedata.category(char)[0] == "M")


def _even(folded: str) -> str:
    """Every kind of blank as a space; one character stays one character."""
    for blank in _BLANKS:
        folded = folded.replace(blank, " ")
    return folded


def _squeeze(even: str) -> str:
    """Without all but one space of each run."""
    # In bytes this searcher looks at a vector at a time, in a tenth of the time that a search of
    # Python's takes: every word ends with the first of the two. It lists all that it finds.
    few = len(even) <= _LONG
    doubled = _TWO(even.encode()) if few else _RUN.search(even)
    return _RUN.sub(" ", even) if doubled else even


def in_a_row(text: str, spans: Sequence[Span]) -> bool:
    """Whether just one space stands between each two neighbours."""
    return all(text[end:start] == " " for (_, end), (start, _) in pairwise(spans))


class Scan:
    """Title and body of one article as one text to search.

    ``text`` ends with a line feed and has one between title and body, so that no phrase joins
    them and every hit has a character before (``text[-1]`` at the start) and behind it.
    """

    __slots__ = (
        "_apostrophes",
        "_behind",
        "_folded",
        "_offsets",
        "_original",
        "_removed",
        "_runs",
        "_same",
        "_title",
        "one_to_one",
        "text",
    )

    def __init__(self, title: str, body: str) -> None:
        self._title = title
        self._original = f"{title}\n{body}\n"
        self._folded, self._offsets = fold_with_offsets(self._original)
        self.text = _squeeze(_without_signs(self._folded))
        self.one_to_one = self._offsets.one_to_one
        # Nearly everywhere offsets are the same in the text and in the original.
        self._same = self.one_to_one and len(self.text) == len(self._folded)
        self._behind = len(title) + 1
        self._runs: list[int] | None = None
        self._removed: list[int] = []
        self._apostrophes: list[Span] | None = None

    @property
    def words_with_apostrophes(self) -> list[Span]:
        """Words that a name may be with an apostrophe put in."""
        if self._apostrophes is None:
            self._apostrophes = words_with_apostrophes(self.text)
        return self._apostrophes

    def title_end(self) -> int:
        """Where the title ends in ``text``: folding neither adds nor removes line feeds."""
        end = -1
        for _ in range(self._title.count("\n") + 1):
            end = self.text.find("\n", end + 1)
        return end

    def place(self, start: int, end: int) -> tuple[Field, int, int, str]:
        """Where a span of ``text`` (``start < end``, no blank at its ends) stands in title or body
        as they were given: field, offsets in it, and the words themselves."""
        if not self._same:
            start, end = self._in_original(start, end)
        behind = self._behind
        if start < behind:
            return "title", start, end, self._original[start:end]
        return "body", start - behind, end - behind, self._original[start:end]

    def _in_original(self, start: int, end: int) -> Span:
        if len(self.text) != len(self._folded):
            if self._runs is None:
                self._runs, self._removed = _runs(_even(self._folded))
            start += self._removed[bisect_left(self._runs, start)]
            end += self._removed[bisect_left(self._runs, end)]
        return self._offsets.original(start, end)


def _without_signs(folded: str) -> str:
    """Signs that read as blanks become one space together with the spaces at their sides; the
    text ends with a line feed.

    As ``_squeeze(_even(folded))`` where all runs come of signs, but quicker: these are rare, and
    a search for two spaces stops at every single one.
    """
    for sign in _BLANKS:
        if sign in folded:
            first, *others = folded.split(sign)
            kept = [first]
            blank = first.endswith(" ")
            for piece in others:
                if not piece:
                    continue
                if piece[0] != " ":
                    kept.append(piece if blank else " " + piece)
                else:
                    kept.append(piece[1:] if blank else piece)
                blank = piece[-1] == " "
            folded = "".join(kept)
    return folded


def _runs(even: str) -> tuple[list[int], list[int]]:
    """Where runs of spaces became one, and how many are gone before the n-th such place."""
    places, gone, removed = [], [], 0
    for run in _RUN.finditer(even):
        start, end = run.span()
        places.append(start - removed)
        gone.append(removed)
        removed += end - start - 1
    return places, [*gone, removed]


def exact_form(text: str, exactness: str) -> str:
    """What must agree of a word beyond its letters: ``case`` keeps capitals, ``accent`` keeps
    diacritics, ``exact`` both. Typographic signs and blanks are evened in each."""
    kept = []
    for char in unicodedata.normalize("NFC", text):
        folded = fold(char)
        # Some apostrophes are letters to Unicode.
        if (not char.isalpha() or folded == "'") and not unicodedata.combining(char):
            kept.append(folded)
        elif exactness == "case":
            kept.append(folded.upper() if char.isupper() else folded)
        elif exactness == "exact":
            kept.append(char)
        else:  # a capital does not tell which of the two small sigmas it stands for
            kept.append("σ" if char == "ς" else char.lower())
    return _squeeze(_even("".join(kept).replace("\n", " "))).strip(" ")
