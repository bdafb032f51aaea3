"""What the page of an article shows of its edits, made from domain types by pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.model import Comparison, EditKind, Revision, Run
from monitor.revisions import shortened, shown
from monitor.text import xml_safe

LIMIT = 60_000
"""Characters of a comparison on a page."""

CONTEXT = 300
"""Characters of unchanged text kept beside a change."""

MOST_REVISIONS = 200
"""Revisions to choose from, the newest."""


@dataclass(frozen=True, slots=True)
class Step:
    """A revision in the list: what made it of the one before, empty where that is not known."""

    number: int
    observed: datetime
    summary: str
    cosmetic: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """A paragraph that changed; ``op`` as in ``ParagraphEdit``."""

    op: str
    heading: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two revisions compared; ``lost``: the number of one of them whose text is not kept."""

    before: int
    after: int
    summary: str = ""
    title: tuple[Run, ...] = ()
    paragraphs: tuple[Changed, ...] = ()
    more: str = ""
    lost: int | None = None


def steps(
    chain: Sequence[Revision], edits: Mapping[int, tuple[tuple[EditKind, ...], float]]
) -> list[Step]:
    """The revisions of an article, newest first."""
    found = []
    for revision in chain[-MOST_REVISIONS:][::-1]:
        summary, cosmetic = "", False
        if revision.number in edits:
            edit = Comparison((), (), *edits[revision.number])
            summary, cosmetic = shown.summary(edit), edit.cosmetic
        found.append(Step(revision.number, revision.observed, summary, cosmetic))
    return found


def compared(before: Revision, after: Revision, found: Comparison | None) -> Compared:
    """Two revisions as the page shows them; ``found`` None: one of the texts is not kept."""
    if found is None:
        lost = before.number if before.pruned else after.number
        return Compared(before.number, after.number, lost=lost)
    short = shortened(found, LIMIT, CONTEXT)
    edits = [(edit.op, shown.heading(edit), _safe(edit.runs)) for edit in short.paragraphs]
    return Compared(
        before.number,
        after.number,
        shown.summary(found),
        _safe(short.title),
        tuple(Changed(*edit) for edit in edits if any(run.text.strip() for run in edit[2])),
        shown.left_out(short),
    )


def _safe(runs: Iterable[Run]) -> tuple[Run, ...]:
    return tuple(Run(op, kept) for op, text in runs if (kept := xml_safe(text)))
