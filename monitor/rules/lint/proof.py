"""What follows from what, and what excludes what: sound (what is said is so), not complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from datetime import datetime

from monitor.rules.finders import MetaFinder
from monitor.rules.lint.forms import All, Atom, Form, Region, Some, in_text, leaf_key
from monitor.rules.reading import Document, Reading
from monitor.rules.scan import literal
from monitor.rules.steps import Step, step
from monitor.rules.syntax import (
    Exactness,
    Fuzzy,
    Glob,
    Leaf,
    Meta,
    Near,
    Node,
    Or,
    Range,
    Stem,
    Term,
)
from monitor.text import fold

MOST_STEPS = 20_000
"""Comparisons of two clauses for one rule; what would take more is not found out."""

_WEAKER: dict[Exactness, frozenset[Exactness]] = {
    "folded": frozenset({"folded"}),
    "case": frozenset({"folded", "case"}),
    "accent": frozenset({"folded", "accent"}),
    "exact": frozenset({"folded", "case", "accent", "exact"}),
}
_WITHIN: dict[Region, frozenset[Region]] = {
    "all": frozenset({"all"}),
    "title": frozenset({"all", "title"}),
    "body": frozenset({"all", "body"}),
    "lead": frozenset({"all", "body", "lead"}),
}


class Prover:
    """Compares the clauses of one rule, in bounded time."""

    def __init__(self) -> None:
        self._left = MOST_STEPS
        self._known: dict[tuple[Hashable, Hashable], bool] = {}
        self._readings: dict[str, Reading] = {}
        self._steps: dict[Hashable, Step] = {}

    @property
    def spent(self) -> bool:
        """Whether nothing more is found out."""
        return self._left <= 0

    def implies(self, one: Form, other: Form) -> bool:
        """Whether the one can only be true where the other is."""
        if self.spent:
            return False
        pair = one.key, other.key
        if pair not in self._known:
            self._known[pair] = False  # until it is found out
            self._known[pair] = self._implies(one, other)
        return self._known[pair]

    def _implies(self, one: Form, other: Form) -> bool:
        self._left -= 1
        if one.key == other.key:
            return True
        if isinstance(one, Some):
            return all(self.implies(part, other) for part in one.parts)
        if isinstance(other, All):
            return all(self.implies(one, part) for part in other.parts)
        if isinstance(one, All) and any(self.implies(part, other) for part in one.parts):
            return True
        if isinstance(other, Some):
            return any(self.implies(one, part) for part in other.parts)
        if isinstance(one, Atom) and isinstance(other, Atom):
            return self._atom_implies(one, other)
        return False

    def excludes(self, one: Atom, other: Atom) -> bool:
        """Whether the two can never be true of one article."""
        if one.positive != other.positive:
            positive, negative = (one, other) if one.positive else (other, one)
            return self.implies(positive, negative.denied)
        return one.positive and _disjoint(one.leaf, other.leaf)

    def _atom_implies(self, one: Atom, other: Atom) -> bool:
        if one.positive != other.positive:
            return one.positive and _disjoint(one.leaf, other.leaf)
        if not one.positive:
            one, other = other.denied, one.denied
        if in_text(one.leaf) and other.region not in _WITHIN.get(one.region, ()):
            return False
        return self._leaf_implies(one.leaf, other.leaf)

    def _leaf_implies(self, one: Node, other: Node) -> bool:
        if leaf_key(one) == leaf_key(other):
            return True
        match one, other:
            case Or(), _:
                return all(self._leaf_implies(node, other) for node in one.nodes)
            case Term(), _:
                return self._found_in(one, other)
            case Near(), Near() if _nearer(one, other):
                return True
            case Near(), _:
                return any(self._leaf_implies(node, other) for node in one.nodes)
            case Fuzzy(), Fuzzy():
                return literal(one.text) == literal(other.text) and one.distance <= other.distance
            case Range(), Range():
                return one.field == other.field and _inside(one, other)
            case Meta(), Meta():
                return one.field == other.field and _is_literal(one) and _takes(other, one)
            case _:
                return False

    def _found_in(self, term: Term, other: Node) -> bool:
        """Whether the clause is true of every text that has the term: it is of the term alone."""
        match other:
            case Term() if other.exactness not in _WEAKER[term.exactness]:
                return False
            case Stem() if other.language is None or not term.text.isascii():
                return False  # the stem depends on more than the folded text
            case Term() | Glob() | Fuzzy() | Stem():
                return self.found(other, term.text)
            case _:
                return False

    def found(self, clause: Node, text: str) -> bool:
        """Whether a clause is true of a text of some words."""
        if text not in self._readings:
            self._readings[text] = Reading(Document(text.replace("\n", " "), ""))
        key = leaf_key(clause)
        if key not in self._steps:
            self._steps[key] = step(clause)
        reading = self._readings[text]
        return self._steps[key].find(reading, 0, len(reading.text)) is not None


def empty(leaf: Leaf) -> bool:
    """Whether it is a range with nothing in it."""
    if not isinstance(leaf, Range):
        return False
    low, high = _ends(leaf)
    if low is None or high is None:
        return high is not None and leaf.field != "published" and high < (0, 0)
    return low > high


End = tuple[float, int]
"""A bound and whether it lies just above (1) or just below (-1) the number."""


def _ends(leaf: Range) -> tuple[End | None, End | None]:
    """The bounds in a form that compares."""
    low, high = _number(leaf.low), _number(leaf.high)
    whole = leaf.field == "views"
    if low is not None:
        low = low if leaf.low_included else (low[0] + 1, 0) if whole else (low[0], 1)
    if high is not None:
        high = high if leaf.high_included else (high[0] - 1, 0) if whole else (high[0], -1)
    return low, high


def _number(bound: int | float | datetime | None) -> End | None:
    if bound is None:
        return None
    return (bound.timestamp() if isinstance(bound, datetime) else bound), 0


def _inside(one: Range, other: Range) -> bool:
    (low, high), (lowest, highest) = _ends(one), _ends(other)
    above = lowest is None or (low is not None and low >= lowest)
    below = highest is None or (high is not None and high <= highest)
    return above and below


def _disjoint(one: Leaf, other: Leaf) -> bool:
    """Two things that no article is at once."""
    match one, other:
        case Range(), Range() if one.field == other.field:
            (low, high), (lowest, highest) = _ends(one), _ends(other)
            return _above(low, highest) or _above(lowest, high)
        case Meta(), Meta() if one.field == other.field:
            literals = _is_literal(one), _is_literal(other)
            if all(literals):
                return not _takes(one, other) and not _takes(other, one)
            if one.field == "language" or not any(literals):
                return False  # en also stands for en-GB
            return not (_takes(other, one) if literals[0] else _takes(one, other))
        case _:
            return False


def _above(low: End | None, high: End | None) -> bool:
    return low is not None and high is not None and low > high


def _nearer(one: Near, other: Near) -> bool:
    """The same words, at most as far apart and in an order that the other allows."""
    ours, theirs = [[leaf_key(node) for node in near.nodes] for near in (one, other)]
    same = ours == theirs if other.ordered else Counter(ours) == Counter(theirs)
    return same and one.slop <= other.slop and (one.ordered or not other.ordered)


def _is_literal(meta: Meta) -> bool:
    return all(kind == "text" for kind, _ in meta.parts)


def _takes(meta: Meta, value: Meta) -> bool:
    text = fold("".join(text for _, text in value.parts))
    return MetaFinder(meta).pattern.fullmatch(text) is not None
