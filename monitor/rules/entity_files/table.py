"""Entities in CSV (RFC 4180), one a line: a header, then ``name`` and what else is known."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from monitor.config.yaml import Path as KeyPath
from monitor.config.yaml import dotted
from monitor.errors import Problem
from monitor.rules.entity_files.entry import KEYS, Entry
from monitor.rules.entity_files.lines import control_character, named, read_lines

_DELIMITERS = ",;\t"
_LISTS = frozenset(("aliases", "exclude", "on", "languages", "sources"))
_IN_SMALL_LETTERS = frozenset(("kind", "on", "priority"))
_BETWEEN = re.compile("[;|]")
_SAID = {
    "unexpected end of data": "a quotation mark is opened and not closed in this line",
}


class Table:
    """A CSV file. Comma, semicolon or tab between cells, by the header; ``;`` or ``|`` between
    the items of a cell. A cell may be in quotation marks, and does not go on in the next line."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self._path = path
        self._problems = problems
        self._delimiter = ","
        self._columns: list[str] = []

    def entries(self) -> Iterator[Entry]:
        number = -1
        for line, text in read_lines(self._path, self._problems):
            if found := control_character(text.replace("\t", " ")):
                said = f"a control character ({named(found[0])})"
                self._problem(line, found.start() + 1, (), said)
            elif not self._columns:
                self._read_header(line, text)
                if "name" not in self._columns:
                    return
            elif (cells := self._cells(line, text)) is not None and any(cells):
                number += 1
                entry = Entry(number, line, {}, text)
                if self._fill(entry, cells):
                    yield entry

    def tell(self, entry: Entry, path: KeyPath, message: str) -> None:
        column = 1
        if path and path[0] in self._columns:
            column = self._column(entry.raw, self._columns.index(str(path[0])))
        self._problem(entry.line, column, path, message)

    def _problem(self, line: int, column: int, path: KeyPath, message: str) -> None:
        self._problems.append(Problem(str(self._path), line, column, dotted(path), message))

    def _read_header(self, line: int, text: str) -> None:
        self._delimiter = max(_DELIMITERS, key=lambda d: _recognised(_split(text, d)))
        self._columns = columns = _names(_split(text, self._delimiter))
        if "name" not in columns:
            said = f"the header (first line) has no column name; columns are {', '.join(KEYS)}"
            self._problem(line, 1, (), said)
            return
        for place, column in enumerate(columns):
            said = ""
            if column not in KEYS:
                near = difflib.get_close_matches(column, KEYS, n=1)
                said = "unknown column" + (f"; did you mean {near[0]}?" if near else "")
            elif column in columns[:place]:
                said = "this column stands here twice"
            if said:
                self._problem(line, self._column(text, place), (column or "?",), said)

    def _cells(self, line: int, text: str) -> Sequence[str] | None:
        try:
            cells = _split(text, self._delimiter)
        except csv.Error as error:
            self._problem(line, 1, (), _SAID.get(str(error), f"not CSV: {error}"))
            return None
        if len(cells) > len(self._columns) and any(cells[len(self._columns) :]):
            said = (
                f"{len(cells)} cells where the header has {len(self._columns)}; a cell with"
                f" {self._delimiter!r} in it needs quotation marks"
            )
            self._problem(line, 1, (), said)
            return None
        return cells

    def _fill(self, entry: Entry, cells: Sequence[str]) -> bool:
        """Put the cells into the entry's data; whether they can be used."""
        for column, cell in zip(self._columns, cells, strict=False):
            value = cell.strip()
            if not value or column not in KEYS or column in entry.data:
                continue
            if column in _IN_SMALL_LETTERS:
                value = value.lower()
            if column == "labels":
                labels = _labels(value)
                if labels is None:
                    self.tell(entry, ("labels",), "expected label=value; label=value")
                    return False
                entry.data[column] = labels
            else:
                entry.data[column] = _items(value) if column in _LISTS else value
        return True

    def _column(self, text: str, number: int) -> int:
        """Where a cell starts, from 1."""
        quoted = False
        for place, char in enumerate(text):
            if not number:
                return place + 1
            if char == '"':
                quoted = not quoted
            elif char == self._delimiter and not quoted:
                number -= 1
        return len(text) + 1


def _split(text: str, delimiter: str) -> list[str]:
    """The cells of a line. Raises csv.Error."""
    return next(csv.reader((text,), delimiter=delimiter, strict=True, skipinitialspace=True))


def _names(cells: Sequence[str]) -> list[str]:
    return [cell.strip().lower().replace(" ", "_") for cell in cells]


def _recognised(cells: Sequence[str]) -> int:
    return sum(name in KEYS for name in _names(cells))


def _items(cell: str) -> list[str]:
    return [item for part in _BETWEEN.split(cell) if (item := part.strip())]


def _labels(cell: str) -> dict[str, Any] | None:
    labels = {}
    for item in _items(cell):
        label, equals, value = item.partition("=")
        if not equals:
            return None
        labels[label.strip()] = value.strip()
    return labels
