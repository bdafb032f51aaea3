"""How much of their wording two texts share, measured on shingles of three words.

What stands in very many articles (a disclaimer, the head of a table) is left out first: it makes
no two of them alike.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from monitor.revisions import windows
from monitor.revisions.fingerprint import SHORTEST_PARAGRAPH, hashed, normal_lines, signed

FEWEST_SHINGLES = 30  # shorter texts prove nothing by what they share
ALIKE = 0.9  # Jaccard similarity of texts that are common as a whole
LONGEST_WORDS = 20  # characters on average: a script without blanks, compared by character

Text = tuple[str, str]
"""Title and body."""

Shingle = tuple[str, ...]


class Likeness(NamedTuple):
    """``containment``: the share of the smaller text that the other has too; ``jaccard``: the
    share of both that both have. Both from 0 to 1. ``paragraphs``: how many whole ones they
    share."""

    containment: float
    jaccard: float
    paragraphs: int = 0


_NONE = Likeness(0.0, 0.0)


class Resemblance:
    """One text, ready to be compared with several others."""

    def __init__(self, lines: Sequence[str], common: Collection[int]) -> None:
        """``lines`` are the folded title and paragraphs; ``common`` hashes of what stands in very
        many articles: paragraphs and windows."""
        self._whole = lines
        self._common = common
        self._lines = _rest(lines, common)
        self._shingles = _shingles(self._lines)

    def to(self, other: Text) -> Likeness:
        """How alike the texts are; not at all where one is too short to prove anything."""
        theirs_whole = normal_lines("\n".join(other))
        lines = _rest(theirs_whole, self._common)
        mine, theirs = self._shingles, _shingles(lines)
        if min(len(mine), len(theirs)) >= FEWEST_SHINGLES:
            shared = set(self._lines[1:]).intersection(lines[1:])
            long = sum(len(line) >= SHORTEST_PARAGRAPH for line in shared)
            return Likeness(*_shares(mine, theirs), paragraphs=long)
        if not self._common or max(len(mine), len(theirs)) >= FEWEST_SHINGLES:
            return _NONE
        # Both consist of what is common, and of a title: copies of one text that very many print.
        whole = _shares(_shingles(self._whole), _shingles(theirs_whole))
        _, own = _shares(_shingles(self._lines[1:]), _shingles(lines[1:]))
        return Likeness(*whole, paragraphs=1) if min(whole[1], own) >= ALIKE else _NONE


def _shares(mine: set[Shingle], theirs: set[Shingle]) -> tuple[float, float]:
    """Containment and Jaccard similarity."""
    common = len(mine & theirs)
    if not common:
        return (0.0, 0.0) if mine or theirs else (1.0, 1.0)
    return common / min(len(mine), len(theirs)), common / (len(mine) + len(theirs) - common)


def _rest(lines: Sequence[str], common: Collection[int]) -> Sequence[str]:
    """The title and those paragraphs that neither are common nor hold what is."""
    if not common:
        return lines
    return [lines[0], *(line for line in lines[1:] if not _is_common(line, common))]


def _is_common(line: str, common: Collection[int]) -> bool:
    return hashed(line) in common or any(
        signed(window) in common for window in windows.smallest(line, len(line))
    )


def _shingles(lines: Sequence[str]) -> set[Shingle]:
    """The set of three-word sequences of a text, over the ends of its lines; of three-character
    ones where the script has no blanks."""
    text = " ".join(lines)
    found: Sequence[str] = text.split(" ")
    if len(text) > LONGEST_WORDS * len(found):
        found = text.replace(" ", "")
    return set(zip(found, found[1:], found[2:], strict=False))
