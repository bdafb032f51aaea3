"""From the lines of an export to its documents, by the lines that begin or end one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from monitor.dumps.base import MAX_ARTICLE, MAX_RAW
from monitor.dumps.lines import BadLine

MAX_LINES = 100_000
"""Of one document; one with more of them is a bad record."""

_LONGEST_MARKER = 120  # characters
_OF = r"(?:of|von|de|sur|di|van)"
_BEGIN = re.compile(
    rf"(?:\d{{1,6}} {_OF} \d{{1,6}} [A-Z]*(?:DOC|DOK)[A-Z]+"
    rf"|[Dd]o[ck]ument[eo]?n? \d{{1,6}} {_OF} \d{{1,6}})"
)
_NEXIS_END = re.compile(
    r"End of Document|Ende des Dokuments|Fin du document|Fin del documento|Fine del documento"
    r"|Einde van document"
)
# The number of a document at Factiva: its source, padded with zeros, the day, and what tells it
# from the others of that day.
_FACTIVA_END = re.compile(
    r"(?:AN\s+)?Do[ck]ument[eo]?\s+(?P<id>[A-Za-z]\w{3,14}(?:19|20)\d{6}\w{8,11})", re.ASCII
)


class UnreadableError(Exception):
    """A document is none of its kind; says why."""


class End(Enum):
    """How a document is told from what stands around it."""

    NUMBERED = "numbered"  # "1 of 25 DOCUMENTS" above it
    NEXIS = "nexis"  # "End of Document" below it
    FACTIVA = "factiva"  # "Document STCOUR0020260105em150000a" below it
    NONE = "none"  # neither


@dataclass(slots=True)
class Document:
    """Lines between two markers; ``line`` is the number of the first. ``reason`` says why they
    cannot be read."""

    line: int
    lines: list[str] = field(default_factory=list)
    end: End = End.NONE
    number: str = ""
    reason: str = ""
    size: int = 0

    @property
    def raw(self) -> str:
        """What quarantine keeps of it."""
        raw: list[str] = []
        left = MAX_RAW
        for line in self.lines:
            raw.append(line[:left])
            left -= len(line) + 1
            if left <= 0:
                break
        return "\n".join(raw).strip("\n")

    def add(self, line: str | BadLine, number: int) -> None:
        if isinstance(line, BadLine):
            self.reason = self.reason or f"line {number} {line.reason}"
            line = line.text
        if not self.lines and not line.strip():
            self.line = number + 1
            return
        self.size += len(line) + 1
        if self.size > MAX_ARTICLE or len(self.lines) >= MAX_LINES:
            limit = f"{MAX_ARTICLE >> 20} MiB or {MAX_LINES:,} lines"
            self.reason = f"a document of more than {limit}"
        else:
            self.lines.append(line)


class Splitter:
    """Takes lines, gives documents, holds one."""

    def __init__(self) -> None:
        self._number = 0
        self._open = Document(1)

    def feed(self, block: Sequence[str | BadLine]) -> Iterator[Document]:
        """Take the next lines; yields the documents that they complete."""
        for line in block:
            self._number += 1
            marker = _marker(line) if isinstance(line, str) else None
            if marker is None:
                self._open.add(line, self._number)
            elif marker.end is End.NUMBERED:
                if self._open.lines or self._open.end is End.NUMBERED:
                    yield self._open
                self._open = Document(self._number + 1, end=End.NUMBERED)
            else:
                self._open.number = marker.number
                if self._open.end is not End.NUMBERED:
                    self._open.end = marker.end
                yield self._open
                self._open = Document(self._number + 1)

    def finish(self) -> Iterator[Document]:
        """The lines are over."""
        if self._open.lines or self._open.end is End.NUMBERED:
            yield self._open


@dataclass(frozen=True, slots=True)
class _Marker:
    end: End
    number: str = ""


def _marker(line: str) -> _Marker | None:
    if len(line) > _LONGEST_MARKER or not (
        "ocument" in line or "OCUMENT" in line or "okument" in line or "OKUMENT" in line
    ):
        return None
    text = line.strip("\ufeff\f \t\xa0")
    if _BEGIN.fullmatch(text):
        return _Marker(End.NUMBERED)
    if _NEXIS_END.fullmatch(text):
        return _Marker(End.NEXIS)
    if found := _FACTIVA_END.fullmatch(text):
        return _Marker(End.FACTIVA, found["id"])
    return None
