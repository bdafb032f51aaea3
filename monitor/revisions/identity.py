"""Is this the article we know? The rules of identity, strongest first.

1. Same source, same folded title, same publication minute (or crawl day): the same article.
2. Same source and title, one of the two without a time stamp, within the source's window.
3. Shared lookup keys, verified on three-word shingles: at least half of the shorter text stands
   in a text that the other had, and title or date agree: the same article, edited.
4. Shared lookup keys and a Jaccard similarity of at least one half: a near-duplicate.
5. Otherwise it is new.

Compared is with every text that a stored article had, not with its current one alone: what an
article is must not depend on which of its editions arrived first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from monitor.model import Known
from monitor.revisions.keys import Index, alike
from monitor.revisions.kinship import SIMILAR, Sought

MOST_VERIFIED = 5  # articles compared word by word


class Relation(Enum):
    """How an article stands to what is stored."""

    SAME = auto()
    NEAR = auto()
    NEW = auto()


@dataclass(frozen=True, slots=True)
class Verdict:
    """``known`` is the stored article (SAME, NEAR); ``reason`` says in words why."""

    relation: Relation
    known: Known | None
    reason: str


def identify(sought: Sought, index: Index, *, others: Collection[int] = ()) -> Verdict:
    """Find the stored article that this one is. ``others`` are pks of those that it is not, though
    it may be a copy of one.
    """
    published = sought.article.published
    moment = [k for k in index.find(sought.print.moment) if k.pk not in others]
    if moment:
        how = "publication minute" if published else "crawl day"
        return Verdict(Relation.SAME, _best(moment, sought), f"same title and {how}")

    titled = [
        known
        for known in index.find(sought.print.title)
        if known.pk not in others
        and (published is None or known.published is None)
        and sought.distance(known) <= sought.window
    ]
    if titled:
        best = _best(titled, sought)
        return Verdict(Relation.SAME, best, "same title, no time stamp, within the window")

    found = index.among(alike(sought, index))
    if not found:
        return Verdict(Relation.NEW, None, "no stored article shares enough of its wording")
    found.sort(key=lambda known: known.pk in others)
    return _by_text(sought, found[:MOST_VERIFIED], others)


def _by_text(sought: Sought, candidates: Sequence[Known], others: Collection[int]) -> Verdict:
    same: list[tuple[float, Known]] = []
    near: list[tuple[float, Known]] = []
    for known in candidates:
        elsewhere = known.source != sought.article.source
        for likeness in sought.likenesses(known):
            if known.pk not in others and sought.is_edition_of(known, likeness):
                same.append((likeness.containment, known))
                break
            if likeness.jaccard >= SIMILAR and (likeness.paragraphs or elsewhere):
                near.append((likeness.jaccard, known))
                break
    if same:
        share, known = min(same, key=_most_then_id)
        return Verdict(Relation.SAME, known, f"shares {share:.0%} of the text; title or date agree")
    if near:
        share, known = min(near, key=_most_then_id)
        return Verdict(Relation.NEAR, known, f"near-duplicate: {share:.0%} of the text is shared")
    return Verdict(Relation.NEW, None, "shares too little with any stored article")


def _most_then_id(found: tuple[float, Known]) -> tuple[float, str]:
    share, known = found
    return -share, known.id


def _best(candidates: Sequence[Known], sought: Sought) -> Known:
    """The closest in its text, then in time, then the smallest id."""
    if len(candidates) == 1:
        return candidates[0]
    return min(
        candidates,
        key=lambda k: (-sought.closeness(k), abs(k.seen_to - sought.day), k.id),
    )
