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
from monitor.rules.near import may_be_near, near
from monitor.rules.reading import Hit, Literals, Numbers, Reading, standing, unwatched, word_trigger
from monitor.rules.scan import Span, literal, words_of
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
    """A node ready to be evaluated; of a leaf, its finder."""

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        """All hits in a region of the text; None: the node is not true.

        Raises BudgetExceededError.
        """


class InStep:
    """A node, looked for in one field."""

    __slots__ = ("field", "inner")

    def __init__(self, node: In, numbers: Numbers) -> None:
        self.field: TextField = node.field
        self.inner = step(node.node, numbers)

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        start, end = reading.region(self.field)
        return self.inner.find(reading, lo if lo > start else start, hi if hi < end else end)


class AllStep:
    """All of ``must``, none of ``must_not``; of ``should`` one, or any number if there is a
    ``must``. So it serves AND, OR, NOT and +/- alike."""

    __slots__ = ("must", "must_not", "should")

    def __init__(
        self,
        numbers: Numbers,
        must: Sequence[Node] = (),
        should: Sequence[Node] = (),
        must_not: Sequence[Node] = (),
    ) -> None:
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

    __slots__ = ("_triggers", "labels", "numbers")

    def __init__(self, words: Sequence[Term], numbers: Numbers) -> None:
        literals = literals_of(words, numbers)
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


def only_words(node: Node) -> tuple[Term, ...]:
    """The words and phrases, one of which is all that a node asks for; empty where it asks for
    something else."""
    nodes = node.nodes if isinstance(node, Or) else (node,)
    words = tuple(part for part in nodes if isinstance(part, Term) and part.exactness == "folded")
    return words if len(words) == len(nodes) else ()


def literals_of(words: Sequence[Term], numbers: Numbers) -> Literals:
    """What stands in the text where words or phrases do."""
    return Literals((word_trigger(literal(word.text)) for word in words), numbers)


class NearStep:
    """Operands close together."""

    __slots__ = ("_one", "_other", "_reach", "near", "operands")

    def __init__(self, node: Near, numbers: Numbers) -> None:
        self.near = node
        self.operands = tuple(step(part, numbers) for part in node.nodes)
        # Of two operands: in every place of theirs stands one of these, ...
        within = [Literals(found, numbers) for part in node.nodes if (found := triggers(part))]
        watched = [literals.numbers for literals in within if literals.numbers is not None]
        self._one = watched[0] if len(watched) > 1 else None
        self._other = watched[1] if len(watched) > 1 else None
        # ... with no more words between them than this.
        self._reach = _reach(node)

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        watched, one, other = reading.watched, self._one, self._other
        if one is not None and other is not None and watched is not None:
            ones, others = standing(watched, one), standing(watched, other)
            if not may_be_near(reading.text, ones, others, self._reach):
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


def _reach(near: Near) -> int | None:
    """How many words there may be between the triggers of two operands, those of the operands
    themselves included; None: any number."""
    if len(near.nodes) > 2:  # another may stand between the two
        return None
    words = near.slop
    for node in near.nodes:
        beside = _words_beside_trigger(node)
        if beside is None:
            return None
        words += beside
    return words


def _words_beside_trigger(node: Node) -> int | None:
    """At most how many words, whole or in part, of a place of a node stand beside its trigger;
    None: not known."""
    match node:
        case Term():
            return 0
        case Glob():
            return sum(len(words_of(text)) if kind == "text" else 1 for kind, text in node.parts)
        case Or():
            each = [_words_beside_trigger(part) for part in node.nodes]
            known = [words for words in each if words is not None]
            return max(known) if len(known) == len(each) else None
        case _:
            return None


def step(node: Node, numbers: Numbers = unwatched) -> Step:
    """The node made ready."""
    match node:
        case In():
            return InStep(node, numbers)
        case And():
            negated = [part.node for part in node.nodes if isinstance(part, Not)]
            must = [part for part in node.nodes if not isinstance(part, Not)]
            return AllStep(numbers, must=must, must_not=negated)
        case Or():
            if words := only_words(node):
                return AnyWordStep(words, numbers)
            return AllStep(numbers, should=node.nodes)
        case Not():
            return AllStep(numbers, must_not=(node.node,))
        case Group():
            return AllStep(numbers, node.must, node.should, node.must_not)
        case Near():
            return NearStep(node, numbers)
        case _:
            return finder(node, numbers)


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
