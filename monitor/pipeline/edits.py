"""What an edit changed, as it is kept, as alerts show it and as the ledger says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from monitor.alerts import Edit
from monitor.model import Comparison, Revision
from monitor.revisions import added, compare, shortened

MOST_KEPT = 400_000
"""Characters of a comparison that the store keeps; of a longer one what changed, cut to that."""

MOST_TOLD = 2_500
"""Characters of what changed in one alert."""

MOST_NAMED = 3  # rules in a line of the ledger

Neighbours = tuple[tuple[int, int, Comparison], ...]
"""``(content before, content after, comparison)``, as ``Change.edits``."""


def edit_of(comparison: Comparison, body: str) -> Edit:
    """The edit as alerts take it; ``body`` is that of the text after."""
    return Edit(shortened(comparison, MOST_TOLD), added(comparison, body).touches)


def kept(comparison: Comparison) -> Comparison:
    """As it is stored."""
    size = sum(len(run.text) for edit in comparison.paragraphs for run in edit.runs)
    return shortened(comparison, MOST_KEPT) if size > MOST_KEPT else comparison


def between(chain: Sequence[Revision], before: Sequence[Revision]) -> Neighbours:
    """The comparisons that a chain of revisions has and the chain ``before`` it had not: those
    of new neighbours, and of texts that are kept in another wording now. A text that is no longer
    kept is compared with none."""
    had = {_texts(*pair) for pair in pairwise(before)}
    found = {
        (old.content, new.content): (old, new)
        for old, new in pairwise(chain)
        if _texts(old, new) not in had and not (old.pruned or new.pruned)
    }
    return tuple(
        (*contents, kept(compare((old.title, old.body), (new.title, new.body))))
        for contents, (old, new) in found.items()
    )


def _texts(old: Revision, new: Revision) -> tuple[str, str, str, str]:
    return old.title, old.body, new.title, new.body


def in_words(
    comparison: Comparison, suppressed: Mapping[str, Sequence[str]], *, alerts: int
) -> str:
    """The edit in a line of the ledger, and who was not told of it for what reason."""
    if comparison.cosmetic:
        parts = ["cosmetic only"]
    else:
        parts = [f"{', '.join(comparison.kinds)} ({comparison.materiality:.2f})"]
    parts += [f"suppressed: {why} ({some(rules)})" for why, rules in suppressed.items()]
    if comparison.cosmetic and not alerts:
        parts.append("nobody told")
    return "; ".join(parts)


def some(rules: Iterable[str]) -> str:
    """``a, b, c +2``: the first of some names."""
    names = list(rules)
    more = f" +{len(names) - MOST_NAMED}" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
