"""An article as a row of cells: folded characters that know which original ones they stand for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from monitor.rules.reading import Document
from monitor.text import fold


class Cell(NamedTuple):
    """One folded character; ``start`` and ``end`` count characters of title, line feed, body."""

    char: str
    start: int
    end: int
    parts: frozenset[str]  # the fields it is in: title, body, lead


class Line(NamedTuple):
    """A stretch that regular expressions are tried on: the title, or a paragraph, as written."""

    text: str
    start: int  # in title, line feed, body
    parts: frozenset[str]


def in_word(char: str) -> bool:
    """A letter, a digit or a mark."""
    return char.isalnum() or unicodedata.category(char).startswith("M")


def folded(text: str) -> Iterator[tuple[str, int]]:
    """Each folded character with the index of the one it comes from; dashes, quotation marks and
    white space but line feeds are blanks. Of blanks in a row each is here."""
    for index, char in enumerate(text):
        for one in fold(char):
            yield (" " if one in '-"\t' else one), index


def keyword(text: str) -> str:
    """A word or phrase as its letters stand in cells: blanks single, and none at the ends."""
    evened = "".join(char for char, _ in folded(text.replace("\n", " ")))
    return " ".join(part for part in evened.split(" ") if part)


class Page:
    """Cells of title, line feed, body, line feed; the words among them; the lines as written."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.original = f"{document.title}\n{document.body}\n"
        self.lines = list(_lines(document))
        self.cells: list[Cell] = []
        for char, index in folded(self.original):
            end = index + 1
            while end < len(self.original) and unicodedata.combining(self.original[end]):
                end += 1  # its accents stay with it
            if char == " " and self.cells and self.cells[-1].char == " ":
                self.cells[-1] = self.cells[-1]._replace(end=end)  # a run of blanks is one
            else:
                self.cells.append(Cell(char, index, end, self._parts(index)))

    def _parts(self, index: int) -> frozenset[str]:
        for line in self.lines:
            if line.start <= index < line.start + len(line.text):
                return line.parts
        return frozenset()  # a line feed behind the title or a paragraph

    def starts_word(self, index: int) -> bool:
        """Whether no word goes on from the cell before to this one."""
        return index == 0 or not in_word(self.cells[index - 1].char)

    def ends_word(self, index: int) -> bool:
        """Whether no word goes on at this cell."""
        return index == len(self.cells) or not in_word(self.cells[index].char)

    def words(self) -> list[tuple[int, int]]:
        """Start and end, in cells, of every word."""
        inside = [index for index, cell in enumerate(self.cells) if in_word(cell.char)]
        starts = [index for index in inside if self.starts_word(index)]
        ends = [index + 1 for index in inside if self.ends_word(index + 1)]
        return list(zip(starts, ends, strict=True))

    def text(self, start: int, end: int) -> str:
        """The folded text of some cells."""
        return "".join(cell.char for cell in self.cells[start:end])

    def written(self, start: int, end: int) -> str:
        """What the author wrote there."""
        return self.original[self.cells[start].start : self.cells[end - 1].end]


def _lines(document: Document) -> Iterator[Line]:
    """The title as one, line feeds and all; then every paragraph. The lead is the first in which
    anything but blanks (dashes and quotation marks are) is left after folding."""
    yield Line(document.title, 0, frozenset({"title"}))
    start = len(document.title) + 1
    lead = frozenset({"body", "lead"})
    for paragraph in document.body.split("\n"):
        parts = frozenset({"body"})
        if lead and keyword(paragraph):
            parts, lead = lead, frozenset()
        yield Line(paragraph, start, parts)
        start += len(paragraph) + 1
