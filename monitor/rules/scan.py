"""Texts as the automaton sees them, and the way back to what the author wrote.

The scanned form is the folded text in which a dash, a quotation mark or any run of blanks is
one space, so ``Al-Farabi``, ``Al  Farabi`` and ``"Al" Farabi`` read the same. Line feeds stay: in
a body they end a paragraph, which no phrase crosses.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from typing import Literal

from monitor.text import fold, fold_with_offsets

Span = tuple[int, int]
Field = Literal["title", "body"]

_BLANKS = '-"\t'
_RUN = re.compile("  +")  # with a literal start, thrice as fast as " {2,}"


def literal(phrase: str) -> str:
    """A keyword in the form in which texts are scanned; empty where nothing is left of it."""
    return _squeeze(_even(fold(phrase).replace("\n", " "))).strip(" ")


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
    return _RUN.sub(" ", even) if "  " in even else even


class Scan:
    """Title and body of one article as one text to search.

    ``text`` ends with a line feed and has one between title and body, so that no phrase joins
    them and every hit has a character before (``text[-1]`` at the start) and behind it.
    """

    __slots__ = ("_even", "_offsets", "_original", "_removed", "_runs", "_title", "text")

    def __init__(self, title: str, body: str) -> None:
        self._title = title
        self._original = f"{title}\n{body}\n"
        folded, self._offsets = fold_with_offsets(self._original)
        self._even = _even(folded)
        self.text = _squeeze(self._even)
        # Where runs of spaces became one, and how many are gone before the n-th such place.
        self._runs: list[int] = []
        self._removed: list[int] = []

    def title_end(self) -> int:
        """Where the title ends in ``text``: folding neither adds nor removes line feeds."""
        end = -1
        for _ in range(self._title.count("\n") + 1):
            end = self.text.find("\n", end + 1)
        return end

    def place(self, start: int, end: int) -> tuple[Field, int, int, str]:
        """Where a span of ``text`` (``start < end``) stands in title or body as they were given:
        field, offsets in it, and the words themselves."""
        if len(self.text) != len(self._even):
            if not self._runs:
                self._find_runs()
            start += self._removed[bisect_left(self._runs, start)]
            end += self._removed[bisect_left(self._runs, end)]
        start, end = self._offsets.original(start, end)
        words = self._original[start:end]
        behind = len(self._title) + 1
        if start < behind:
            return "title", start, end, words
        return "body", start - behind, end - behind, words

    def _find_runs(self) -> None:
        """Done for the first hit; most articles have none."""
        removed = 0
        for run in _RUN.finditer(self._even):
            start, end = run.span()
            self._runs.append(start - removed)
            self._removed.append(removed)
            removed += end - start - 1
        self._removed.append(removed)


def exact_form(text: str, exactness: str) -> str:
    """What must agree of a word beyond its letters: ``case`` keeps capitals, ``accent`` keeps
    diacritics, ``exact`` both. Typographic signs and blanks are evened in each."""
    kept = []
    for char in unicodedata.normalize("NFC", text):
        folded = fold(char)
        if not char.isalpha() and not unicodedata.combining(char):
            kept.append(folded)
        elif exactness == "case":
            kept.append(folded.upper() if char.isupper() else folded)
        else:
            kept.append(char if exactness == "exact" else char.lower())
    return _squeeze(_even("".join(kept).replace("\n", " "))).strip(" ")
