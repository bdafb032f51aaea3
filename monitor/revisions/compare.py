"""Two texts of an article compared: what a reader would say that the edit changed."""

from __future__ import annotations

from monitor.model import Comparison, ParagraphEdit, Run
from monitor.revisions.paragraphs import Aligned, align
from monitor.revisions.runs import runs
from monitor.revisions.steps import Steps
from monitor.revisions.summary import summarise

STEPS = 2_000_000
"""Steps that one comparison may take: some tenths of a second. A text of the usual length needs a
hundredth of them. Past that paragraphs are not looked for elsewhere, not paired, and at last
compared only by what they begin and end with."""

MOST_PARAGRAPHS = 10_000
"""Paragraphs of a text that are told apart; the last of them is all that follows."""


def compare(before: tuple[str, str], after: tuple[str, str]) -> Comparison:
    """Compare title and body of two texts; paragraphs are parted by line feeds.

    The same for the same texts, always. Texts that are the same are a cosmetic edit without a
    single change.
    """
    steps = Steps(STEPS)
    title = runs(before[0], after[0], steps)
    old, new = (body.split("\n", MOST_PARAGRAPHS - 1) for _, body in (before, after))
    paragraphs = tuple(_edit(pair, old, new, steps) for pair in align(old, new, steps))
    kinds, materiality = summarise(before, after, title, paragraphs)
    return Comparison(title, paragraphs, kinds, materiality)


def _edit(pair: Aligned, old: list[str], new: list[str], steps: Steps) -> ParagraphEdit:
    before, after, moved = pair
    if before is not None and after is not None:
        changes = runs(old[before], new[after], steps)
        if moved:
            return ParagraphEdit("moved", before, after, changes or _whole("=", new[after]))
        return ParagraphEdit("edited" if changes else "same", before, after, changes)
    if after is not None:
        return ParagraphEdit("added", None, after, _whole("+", new[after]))
    return ParagraphEdit("removed", before, None, _whole("-", old[before or 0]))


def _whole(op: str, text: str) -> tuple[Run, ...]:
    return (Run(op, text),) if text else ()
