"""A rule's tree ready to be evaluated: connectives over the finders of its leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from monitor.model import Evidence
from monitor.rules.finders import (
    EntityFinder,
    Finder,
    Found,
    FuzzyFinder,
    GlobFinder,
    MetaFinder,
    RangeFinder,
    RegexFinder,
    StemFinder,
    TermFinder,
)
from monitor.rules.near import beside, may_be_near, near
from monitor.rules.reading import Hit, Literals, Numbers, Reading, unwatched, word_trigger
from monitor.rules.scan import Span, literal
from monitor.rules.syntax import (
    And,
    Entity,
    Fuzzy,
    Glob,
    Group,
    In,
    Meta,
    Near,
    Node,
    Not,
    Or,
    Range,
    Regex,
    Stem,
    Term,
    TextField,
)
from monitor.rules.triggers import triggers


class Step(Protocol):
    """A node ready to be evaluated."""

    node: Node

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        """All hits in a region of the text; None: the node is not true.

        Raises BudgetExceededError.
        """


class LeafStep:
    """One clause."""

    __slots__ = ("find", "finder", "node")

    def __init__(self, node: Node, numbers: Numbers) -> None:
        self.node = node
        self.finder = finder(node, numbers)
        self.find = self.finder.find


class InStep:
    """A node, looked for in one field."""

    __slots__ = ("field", "inner", "node")

    def __init__(self, node: In, numbers: Numbers) -> None:
        self.node: Node = node
        self.field: TextField = node.field
        self.inner = step(node.node, numbers)

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        start, end = reading.region(self.field)
        return self.inner.find(reading, max(lo, start), min(hi, end))


class AllStep:
    """All of ``must``, none of ``must_not``; of ``should`` one, or any number if there is a
    ``must``. So it serves AND, OR, NOT and +/- alike."""

    __slots__ = ("must", "must_not", "node", "should")

    def __init__(
        self,
        node: Node,
        numbers: Numbers,
        must: Sequence[Node] = (),
        should: Sequence[Node] = (),
        must_not: Sequence[Node] = (),
    ) -> None:
        self.node = node
        self.must = _ready(must, numbers)
        self.should = tuple(step(part, numbers) for part in should)
        self.must_not = _ready(must_not, numbers)

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        hits: list[Hit | Evidence] = []
        for part in self.must:
            if (found := part.find(reading, lo, hi)) is None:
                return None
            hits += found
        for part in self.must_not:
            if part.find(reading, lo, hi) is not None:
                return None
        one = bool(self.must) or not self.should
        for part in self.should:
            if (found := part.find(reading, lo, hi)) is not None:
                one = True
                hits += found
        return hits if one else None


class AnyWordStep:
    """One of several words or phrases: what most rules are."""

    __slots__ = ("_triggers", "labels", "node", "numbers")

    def __init__(self, node: Node, words: Sequence[Term], numbers: Numbers) -> None:
        literals = Literals((word_trigger(literal(word.text)) for word in words), numbers)
        self.node = node
        self.labels = tuple(word.label for word in words)
        self.numbers = literals.numbers
        self._triggers = literals.triggers

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        hits: list[Hit] = []
        for label, spans in self._found(reading, lo, hi):
            reading.spend_on(spans)
            hits += [(start, end, label) for start, end in spans if start >= lo and end <= hi]
        return hits or None

    def _found(self, reading: Reading, lo: int, hi: int) -> list[tuple[str, list[Span]]]:
        """The label and all places of each that may stand in the region."""
        watched, numbers = reading.watched, self.numbers
        if watched is not None and numbers is not None:
            return [
                (label, watched[number])
                for number, label in zip(numbers, self.labels, strict=True)
                if number in watched
            ]
        text = reading.text
        return [
            (label, reading.find(trigger))
            for trigger, label in zip(self._triggers, self.labels, strict=True)
            if text.find(trigger.text, lo, hi) >= 0
        ]


class NearStep:
    """Operands close together."""

    __slots__ = ("_within", "near", "node", "operands")

    def __init__(self, node: Near, numbers: Numbers) -> None:
        self.node: Node = node
        self.near = node
        self.operands = tuple(step(part, numbers) for part in node.nodes)
        # Of the first two operands: in every place of theirs stands one of these.
        within = [Literals(found, numbers) for part in node.nodes if (found := triggers(part))]
        self._within = [literals for literals in within if literals.watched][:2]

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        if len(self._within) > 1 and reading.watched is not None:
            one, other = self._within
            if not beside(reading.text, one.places(reading), other.places(reading)):
                return None
        found: list[list[Span]] = []
        for operand in self.operands:
            if (hits := operand.find(reading, lo, hi)) is None:
                return None
            found.append([(hit[0], hit[1]) for hit in hits if len(hit) == 3])
        text, slop = reading.text, self.near.slop
        if len(found) == 2 and not may_be_near(text, found[0], found[1], slop):
            return None
        found = [sorted(set(spans)) for spans in found]
        taking_part = near(text, found, slop, ordered=self.near.ordered, spend=reading.spend)
        label = self.near.label
        return [(*span, label) for span in sorted(set().union(*taking_part))] or None


def step(node: Node, numbers: Numbers = unwatched) -> Step:
    """The node made ready."""
    match node:
        case In():
            return InStep(node, numbers)
        case And():
            negated = [part.node for part in node.nodes if isinstance(part, Not)]
            must = [part for part in node.nodes if not isinstance(part, Not)]
            return AllStep(node, numbers, must=must, must_not=negated)
        case Term(exactness="folded"):
            return AnyWordStep(node, (node,), numbers)
        case Or():
            words = [part for part in node.nodes if isinstance(part, Term)]
            if len(words) == len(node.nodes) and all(w.exactness == "folded" for w in words):
                return AnyWordStep(node, words, numbers)
            return AllStep(node, numbers, should=node.nodes)
        case Not():
            return AllStep(node, numbers, must_not=(node.node,))
        case Group():
            return AllStep(node, numbers, node.must, node.should, node.must_not)
        case Near():
            return NearStep(node, numbers)
        case _:
            return LeafStep(node, numbers)


def finder(leaf: Node, numbers: Numbers = unwatched) -> Finder:
    """What looks for a leaf; not for a ``Near``, which is made of leaves."""
    match leaf:
        case Term():
            return TermFinder(leaf, numbers)
        case Glob():
            return GlobFinder(leaf, numbers)
        case Fuzzy():
            return FuzzyFinder(leaf)
        case Stem():
            return StemFinder(leaf)
        case Regex():
            return RegexFinder(leaf)
        case Entity():
            return EntityFinder(leaf, numbers)
        case Range():
            return RangeFinder(leaf)
        case Meta():
            return MetaFinder(leaf)
        case _:
            raise TypeError(f"not a leaf: {leaf}")


_DEAR = (Glob, Fuzzy, Stem, Regex, Entity, Near)


def _ready(nodes: Sequence[Node], numbers: Numbers) -> tuple[Step, ...]:
    """Cheap ones first: the first that is not true spares the others."""
    return tuple(step(node, numbers) for node in sorted(nodes, key=dear))


def dear(node: Node) -> int:
    """1: some clause scans words or characters; 0: none does."""
    match node:
        case In():
            return dear(node.node)
        case And() | Or():
            return max(map(dear, node.nodes))
        case Not():
            return dear(node.node)
        case Group():
            return max(map(dear, (*node.must, *node.should, *node.must_not)))
        case _:
            return int(isinstance(node, _DEAR))
