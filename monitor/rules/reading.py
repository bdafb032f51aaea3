"""One article as the rules read it: folded once, everything else made when a rule asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from monitor.language import detect
from monitor.rules.scan import Field, Scan, Span, in_word

Hit = tuple[int, int, str]
"""Start and end in ``Reading.text`` and the label of the clause."""

BUDGET = 200_000_000
"""Steps that costly clauses may take in one article, all rules together, and ..."""

RULE_BUDGET = 40_000_000
"""... each rule alone. A step is about a nanosecond of work; they are counted, not timed, so that
an article gets the same answer on every machine and in every replay."""


class BudgetExceededError(Exception):
    """A costly clause would take more steps than are left; its rule is not decided."""


class Trigger(NamedTuple):
    """A folded literal (see ``scan.literal``) without which a clause cannot be true.

    ``left`` and ``right``: no letter or digit may stand before or behind it. Where they are
    False, it may be a part of a longer word.
    """

    text: str
    left: bool = True
    right: bool = True


@dataclass(frozen=True, slots=True)
class Document:
    """What rules may ask of an article. ``published`` is aware; ``language`` None: detected."""

    title: str
    body: str
    source: str | None = None
    language: str | None = None
    url: str | None = None
    views: int | None = None
    published: datetime | None = None


class Reading:
    """A document, folded; spans are offsets in ``text``.

    ``text`` is title, line feed, the body's paragraphs each ended by a line feed. The title is
    ``text[:title_end]``, the body starts at ``title_end + 1``, its lead (first paragraph that is
    not blank) ends at ``lead_end``.
    """

    def __init__(self, document: Document, *, budget: int = BUDGET) -> None:
        self.document = document
        self.scan = Scan(document.title, document.body)
        self.text = self.scan.text
        self.left = budget  # steps, of all rules together
        self.rule_left = RULE_BUDGET
        self._found: dict[Trigger, list[Span]] = {}

    @cached_property
    def title_end(self) -> int:
        return self.scan.title_end()

    @cached_property
    def lead_end(self) -> int:
        end = self.title_end
        while end + 1 < len(self.text):
            start, end = end + 1, self.text.find("\n", end + 1)
            if self.text[start:end].strip():
                return end
        return end

    @cached_property
    def language(self) -> str | None:
        """The article's language (ISO 639-1), as its source says or as detected."""
        document = self.document
        return document.language or detect(f"{document.title}\n{document.body}")

    def region(self, field: str | None) -> Span:
        """Where a field stands: title, lead, body; None: all of the text."""
        if field is None:
            return 0, len(self.text)
        if field == "title":
            return 0, self.title_end
        start = min(self.title_end + 1, len(self.text))
        return start, (self.lead_end if field == "lead" else len(self.text))

    def find(self, trigger: Trigger) -> list[Span]:
        """Every occurrence, from left to right, overlapping ones too. Do not change the list."""
        found = self._found.get(trigger)
        if found is None:
            found = self._found[trigger] = list(self._occurrences(trigger))
        return found

    def knows(self, trigger: Trigger, spans: list[Span]) -> None:
        """The automaton has found all occurrences already."""
        self._found[trigger] = spans

    def _occurrences(self, trigger: Trigger) -> Iterator[Span]:
        text, (wanted, left, right) = self.text, trigger
        left, right = left and in_word(wanted[0]), right and in_word(wanted[-1])
        start = text.find(wanted)
        while start >= 0:
            end = start + len(wanted)
            if not (left and in_word(text[start - 1])) and not (right and in_word(text[end])):
                yield start, end
            start = text.find(wanted, start + 1)

    def word_at(self, position: int) -> Span:
        """The whole word around a position that is in a word."""
        text, start, end = self.text, position, position + 1
        while start > 0 and in_word(text[start - 1]):
            start -= 1
        while in_word(text[end]):
            end += 1
        return start, end

    def original(self, start: int, end: int) -> str:
        """What stands there as the author wrote it."""
        return self.scan.place(start, end)[3]

    def place(self, start: int, end: int) -> tuple[Field, int, int, str]:
        """Field, offsets in the original title or body, and the words themselves."""
        return self.scan.place(start, end)

    def spend(self, steps: int) -> None:
        """Account for costly work before it is done. Raises BudgetExceededError."""
        if steps > self.rule_left or steps > self.left:
            raise BudgetExceededError
        self.rule_left -= steps
        self.left -= steps
