"""What an edit changed: two texts compared word by word, and what kinds of change these are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class EditKind(StrEnum):
    """A kind of change. An edit may be of several; COSMETIC stands alone."""

    HEADLINE = "headline"  # the title says something else
    FIGURES = "figures"  # a number, an amount, a date
    QUOTATION = "quotation"  # words between quotation marks
    NAMES = "names"  # a name came, went or became another
    CORRECTION = "correction"  # a note says that the text was corrected or updated
    TEXT = "text"  # other words
    COSMETIC = "cosmetic"  # punctuation, quotation marks, white space, encoding


class Run(NamedTuple):
    """A stretch of a comparison: ``op`` is "=" (in both texts), "-" (gone) or "+" (added)."""

    op: str
    text: str


@dataclass(frozen=True, slots=True)
class ParagraphEdit:
    """One paragraph of the comparison.

    ``op`` is "same", "added", "removed", "edited" or "moved" (and perhaps edited). ``before`` and
    ``after`` are its 0-based places in the two bodies, None where it is not there. The runs of op
    "=" and "-" joined are the paragraph before, those of "=" and "+" the one after; one that is
    the same and in its place has none.
    """

    op: str
    before: int | None
    after: int | None
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts of an article, ``paragraphs`` in the order in which a reader wants them.

    ``materiality`` (0-1) says how much the edit matters; ``title`` is empty where it is the same.
    ``left_out``: so many changed paragraphs are not among ``paragraphs``, to keep it short.
    """

    title: tuple[Run, ...]
    paragraphs: tuple[ParagraphEdit, ...]
    kinds: tuple[EditKind, ...]
    materiality: float
    left_out: int = 0

    @property
    def cosmetic(self) -> bool:
        """Whether nothing but the looks of the text changed."""
        return set(self.kinds) <= {EditKind.COSMETIC}
