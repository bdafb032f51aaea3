"""What an edit changed, in the words and marks that feeds, messages, pages and terminals share."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.model import Comparison, EditKind, ParagraphEdit, Run

_KINDS = {
    EditKind.HEADLINE: "headline",
    EditKind.FIGURES: "figures",
    EditKind.QUOTATION: "quotation",
    EditKind.NAMES: "names",
    EditKind.CORRECTION: "correction note",
    EditKind.TEXT: "wording",
    EditKind.COSMETIC: "looks only",
}
_OPS = {"added": "Added", "removed": "Removed", "edited": "Edited", "moved": "Moved"}

MARKS = {"=": ("", ""), "-": ("[-", "-]"), "+": ("{+", "+}")}
"""What stands around text that stayed, went and came where nothing can be coloured: as wdiff."""


def kinds(comparison: Comparison) -> str:
    """``headline, figures``."""
    return ", ".join(_KINDS[kind] for kind in comparison.kinds)


def summary(comparison: Comparison) -> str:
    """``headline, figures · materiality 0.84``."""
    if comparison.cosmetic:
        return kinds(comparison)
    return f"{kinds(comparison)} · materiality {comparison.materiality:.2f}"


def heading(edit: ParagraphEdit) -> str:
    """``Added``, ``Removed``, ``Edited``, ``Moved`` or ``Moved and edited``."""
    if edit.op == "moved" and any(run.op != "=" for run in edit.runs):
        return "Moved and edited"
    return _OPS.get(edit.op, "")


def marked(runs: Iterable[Run]) -> str:
    """``It killed [-12-]{+15+} people.``"""
    return "".join(f"{MARKS[op][0]}{text}{MARKS[op][1]}" for op, text in runs)


def left_out(comparison: Comparison) -> str:
    """``and 3 more changed paragraphs``, or nothing."""
    count = comparison.left_out
    return f"and {count:,} more changed paragraph{'s' if count > 1 else ''}" if count else ""
