"""Where one clause stands in a page, by trying every place. Spans are in cells."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

import Stemmer

from monitor.rules.reading import Document
from monitor.rules.syntax import Exactness
from monitor.text import fold

from .page import Page, folded, in_word, keyword

Span = tuple[int, int]
Part = tuple[str, str]  # as in syntax.Glob

ONE, MANY = "one", "many"
STEMMERS = {"en": "english", "ru": "russian"}


def phrase_spans(page: Page, parts: Sequence[Part]) -> Iterator[Span]:
    """Whole-word occurrences of text with wildcards; from each start the longest."""
    wanted = list(_pattern(parts))
    cells = [(cell.char, in_word(cell.char)) for cell in page.cells]
    left = wanted[0] in (ONE, MANY) or in_word(wanted[0])
    right = wanted[-1] in (ONE, MANY) or in_word(wanted[-1])
    for start in range(len(cells)):
        if left and not page.starts_word(start):
            continue
        ends = _ends(cells, start, wanted)
        whole = [end for end in ends if end > start and (not right or page.ends_word(end))]
        if whole:
            yield start, max(whole)


def _pattern(parts: Sequence[Part]) -> Iterator[str]:
    """Single characters and the marks ONE and MANY; blanks single, and none at the ends."""
    marked = [
        item
        for kind, text in parts
        for item in (
            [char for char, _ in folded(text.replace("\n", " "))] if kind == "text" else [kind]
        )
    ]
    while marked[-1] == " ":
        marked.pop()
    before = " "
    for item in marked:
        if not item == before == " ":
            yield item
        before = item


def _ends(cells: list[tuple[str, bool]], start: int, wanted: list[str]) -> set[int]:
    """All places at which the pattern may end that begins at ``start``."""
    ends = {start}
    for item in wanted:
        if item == MANY:
            for end in sorted(ends):
                while end < len(cells) and cells[end][1]:
                    end += 1
                    ends.add(end)
        else:
            ends = {
                end + 1
                for end in ends
                if end < len(cells) and (cells[end][1] if item == ONE else cells[end][0] == item)
            }
    return ends


def agrees(original: str, wanted: str, exactness: Exactness) -> bool:
    """Whether what stands there has the capitals (case), diacritics (accent) or both of the
    text that is looked for."""
    return exactness == "folded" or _kept(original, exactness) == _kept(wanted, exactness)


def _kept(text: str, exactness: Exactness) -> str:
    kept = []
    for char in unicodedata.normalize("NFC", text.replace("\n", " ")):
        plain = "".join(one for one, _ in folded(char))
        sign = not char.isalpha() or plain == "'"  # some apostrophes are letters to Unicode
        if sign and not unicodedata.combining(char):
            kept.append(plain)
        elif exactness == "case":
            kept.append(plain.upper() if char.isupper() else plain)
        elif exactness == "accent":
            kept.append(char.lower().replace("ς", "σ"))
        else:
            kept.append(char)
    return " ".join(part for part in "".join(kept).split(" ") if part)


def fuzzy_spans(page: Page, text: str, distance: int) -> Iterator[Span]:
    """Words within so many edits of the text."""
    for start, end in page.words():
        if edits(page.text(start, end), keyword(text)) <= distance:
            yield start, end


def edits(a: str, b: str) -> int:
    """Optimal string alignment: insert, delete, replace, or swap two neighbours, no part of the
    text being edited twice."""
    table = [[i + j for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            table[i][j] = min(
                table[i - 1][j] + 1,
                table[i][j - 1] + 1,
                table[i - 1][j - 1] + (a[i - 1] != b[j - 1]),
            )
            if i > 1 and j > 1 and a[i - 2 : i] == b[j - 1] + b[j - 2]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


def stem_spans(page: Page, text: str, language: str | None) -> Iterator[Span]:
    """Words in a row, one blank between, that have the stems of the text's words. Where the
    language has no stemmer, a word is its own stem."""
    name = STEMMERS.get((language or "").partition("-")[0].lower())
    stemmer = Stemmer.Stemmer(name) if name else None

    def stem(word: str) -> str:
        composed = unicodedata.normalize("NFC", word)
        return fold(stemmer.stemWord(composed.lower()) if stemmer else word)

    wanted = [stem(word) for word in _words_of(text)]
    words = page.words()
    for first in range(len(words) - len(wanted) + 1):
        row = words[first : first + len(wanted)]
        joined = all(page.text(a[1], b[0]) == " " for a, b in pairwise(row))
        if joined and [stem(page.written(*word)) for word in row] == wanted:
            yield row[0][0], row[-1][1]


def _words_of(text: str) -> list[str]:
    """The words of a clause as they are written."""
    page = Page(Document(title=text.replace("\n", " "), body=""))
    return [page.written(*word) for word in page.words()]
