"""A comparison for those who have little room, or ask only where text was added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from monitor.model import Comparison, ParagraphEdit, Run

CONTEXT = 80
"""Characters of unchanged text kept on either side of a change."""

Span = tuple[int, int]


class Added(NamedTuple):
    """Where an edit added text: spans in title and body as they are after it, ascending."""

    title: tuple[Span, ...]
    body: tuple[Span, ...]

    def touches(self, field: str, start: int, end: int) -> bool:
        """Whether a span of ``title`` or ``body`` has any of it."""
        spans = {"title": self.title, "body": self.body}.get(field, ())
        return any(a < end and b > start for a, b in spans)


def added(comparison: Comparison, body: str) -> Added:
    """Where the edit added text; ``body`` is that of the text after it."""
    begins = [0]
    for paragraph in body.split("\n"):
        begins.append(begins[-1] + len(paragraph) + 1)
    spans: list[Span] = []
    for edit in comparison.paragraphs:
        if edit.after is not None:
            spans += [
                (begins[edit.after] + a, begins[edit.after] + b) for a, b in _spans(edit.runs)
            ]
    return Added(_spans(comparison.title), tuple(sorted(spans)))


def _spans(runs: Sequence[Run]) -> tuple[Span, ...]:
    spans = []
    at = 0
    for op, text in runs:
        if op == "+":
            spans.append((at, at + len(text)))
        at += len(text) if op != "-" else 0
    return tuple(spans)


def shortened(comparison: Comparison, characters: int, context: int = CONTEXT) -> Comparison:
    """What changed in about so many ``characters``: paragraphs that changed, in their order, with
    ``context`` around the changes. ``left_out`` says how many there was no room for.

    Where text is left out an ellipsis stands, so the runs make up neither text any more. At least
    one paragraph is kept, however long.
    """
    changed = [edit for edit in comparison.paragraphs if edit.op != "same"]
    title = _cut(comparison.title, characters, context)
    room = characters - _size(title)
    kept: list[ParagraphEdit] = []
    for edit in changed:
        # not all for the first: of three long paragraphs each has its third
        share = max(room // 2, characters // 8) if len(kept) + 1 < len(changed) else max(room, 0)
        short = replace(edit, runs=_cut(edit.runs, max(share, 4 * context), context))
        if kept and _size(short.runs) > room:
            break
        room -= _size(short.runs)
        kept.append(short)
    left_out = comparison.left_out + len(changed) - len(kept)
    return replace(comparison, title=title, paragraphs=tuple(kept), left_out=left_out)


def _size(runs: Sequence[Run]) -> int:
    return sum(len(run.text) for run in runs)


def _cut(runs: Sequence[Run], characters: int, context: int) -> tuple[Run, ...]:
    """The runs, unchanged text cut down to its context; then changes too, down to ``characters``
    in all."""
    kept: list[Run] = []
    room = characters
    for place, (op, text) in enumerate(runs):
        if room <= 0:
            kept.append(Run("=", " …"))
            break
        if op == "=":
            short = _context(text, context, first=place == 0, last=place == len(runs) - 1)
        else:
            short = _head(text, max(room, context)) + (
                " …" if len(text) > max(room, context) else ""
            )
        kept.append(Run(op, short))
        room -= len(short)
    return tuple(kept)


def _context(text: str, context: int, *, first: bool, last: bool) -> str:
    """Of text between two changes both ends, of text before the first or after the last one end."""
    if first and last:  # it only moved
        return text if len(text) <= 2 * context else _head(text, 2 * context) + " …"
    ends = context * (2 - first - last)
    if len(text) <= ends + context // 2:
        return text
    head = "" if first else _head(text, context) + " "
    tail = "" if last else " " + _tail(text, context)
    return f"{head}…{tail}"


def _head(text: str, size: int) -> str:
    """The beginning, up to the end of a word."""
    if len(text) <= size:
        return text
    cut = text.rfind(" ", size // 2, size + 1)
    return text[: cut if cut > 0 else size].rstrip()


def _tail(text: str, size: int) -> str:
    if len(text) <= size:
        return text
    cut = text.find(" ", len(text) - size - 1, len(text) - size // 2)
    return text[cut + 1 if cut >= 0 else len(text) - size :].lstrip()
