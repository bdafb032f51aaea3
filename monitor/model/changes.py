"""What one segment of a dump does to the store."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model.articles import Known, Revision, Sighting
from monitor.model.dumps import Outcome
from monitor.model.edits import Comparison
from monitor.model.rules import Match


@dataclass(frozen=True, slots=True)
class Change:
    """What one segment does to the store; written in the batch's transaction.

    ``article`` is the state after the change (None for a quarantined segment). ``revisions``
    are rows to write: one for a new text, or the whole renumbered chain with
    ``replace_chain``. ``features`` are lookup keys to add. ``matches`` are
    rules that match ``sighting.content``; what is stored of it stays. ``edits`` are comparisons of
    neighbours in the chain: ``(content before, content after, comparison)``.
    """

    index: int
    outcome: Outcome
    reason: str
    article: Known | None = None
    is_new: bool = False
    sighting: Sighting | None = None
    revisions: tuple[Revision, ...] = ()
    replace_chain: bool = False
    features: tuple[int, ...] = ()
    matches: tuple[Match, ...] = ()
    confidence: float = 1.0
    edits: tuple[tuple[int, int, Comparison], ...] = ()
