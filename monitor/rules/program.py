"""A rule made ready to be evaluated: finders for its leaves, connectives between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from monitor.config.settings import RuleSettings
from monitor.model import Evidence, RuleInfo
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
from monitor.rules.reading import (
    RULE_BUDGET,
    Hit,
    Numbers,
    Reading,
    unwatched,
    word_trigger,
)
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
from monitor.rules.tree import tree_of
from monitor.rules.triggers import WATCHED, wakes

MOST_OCCURRENCES = 20
"""Of one clause in one field; more of the same adds nothing to the reason."""

_H = TypeVar("_H", Hit, Evidence)


class Program:
    """One rule, ready."""

    __slots__ = (
        "_conditions",
        "_find",
        "_languages",
        "_min_hits",
        "_needed",
        "_sources",
        "_words",
        "info",
        "name",
        "settings",
        "step",
        "tree",
    )

    def __init__(self, settings: RuleSettings, numbers: Numbers = unwatched) -> None:
        """The settings must have been checked (see ``block.compile_block``). A program with
        numbers is for readings of that automaton."""
        self.name, self.settings = settings.name, settings
        self.info = RuleInfo(
            settings.on, settings.priority, settings.labels, settings.changes, settings.added
        )
        self.tree = tree_of(settings)
        self.step = step(self.tree, numbers)
        self._find = self.step.find
        # Of what the rule needs, what has not made it a candidate.
        self._needed = [
            [(trigger.text, numbers(trigger)) for trigger in found]
            for found in wakes(self.tree)[WATCHED:]
        ]
        self._min_hits = settings.min_hits
        self._languages = frozenset(settings.languages)
        self._sources = frozenset(settings.sources)
        self._conditions = bool(self._languages or self._sources)
        self._words = self._only_words()

    def evidence(self, reading: Reading) -> tuple[Evidence, ...]:
        """Why the rule matches, in reading order; nothing where it does not.

        Raises BudgetExceededError.
        """
        if self._words is not None and (watched := reading.watched) is not None:
            hits = [
                (start, end, label)
                for number, label in self._words
                if number in watched
                for start, end in watched[number]
            ]
            if len(hits) == 1:
                return (reading.evidence(hits[0]),)
            if len(hits) <= MOST_OCCURRENCES:
                return shown(hits, reading)
        elif self._conditions and not self._applies(reading):
            return ()
        text = reading.text
        for alternatives in self._needed:
            if not reading.has_one(alternatives):
                return ()
        reading.rule_left = RULE_BUDGET
        found = self._find(reading, 0, len(text))
        if found is None or (self._min_hits > 1 and places(found, reading) < self._min_hits):
            return ()
        return shown(found, reading)

    def _only_words(self) -> list[tuple[int, str]] | None:
        """Number and label of each word, where any of some words anywhere makes the rule match
        and the automaton looks for all of them: most rules need nothing else."""
        if self._conditions or self._min_hits > 1 or not isinstance(self.step, AnyWordStep):
            return None
        words = [(number, label) for _, number, label in self.step.words if number is not None]
        return words if len(words) == len(self.step.words) else None

    def _applies(self, reading: Reading) -> bool:
        """Whether the rule is for articles of this source and language."""
        if self._sources and reading.document.source not in self._sources:
            return False
        return not self._languages or self._in_language(reading)

    def _in_language(self, reading: Reading) -> bool:
        language = reading.language
        return language is not None and language.partition("-")[0] in self._languages


def places(hits: Found, reading: Reading) -> int:
    """In how many places of the original text they are."""
    found = (hit if isinstance(hit, Evidence) else reading.evidence(hit) for hit in hits)
    return len({(hit.field, hit.start, hit.end) for hit in found if hit.field in _TEXT})


def shown(hits: Found, reading: Reading) -> tuple[Evidence, ...]:
    """The first hits of each clause in each field as evidence, in reading order."""
    if len(hits) <= MOST_OCCURRENCES:
        found = [hit if isinstance(hit, Evidence) else reading.evidence(hit) for hit in hits]
        found.sort(key=_reading_order)
        return tuple(dict.fromkeys(found))
    title_end = reading.title_end
    spans = {hit for hit in hits if not isinstance(hit, Evidence)}
    made = {hit for hit in hits if isinstance(hit, Evidence)}
    first = _first(sorted(spans), lambda hit: (hit[2], hit[0] < title_end))
    found = [reading.evidence(hit) for hit in first]
    found += _first(sorted(made, key=_reading_order), lambda hit: (hit.clause, hit.field))
    found.sort(key=_reading_order)
    return tuple(dict.fromkeys(found))


def _first(hits: Iterable[_H], clause_and_field: Callable[[_H], tuple[str, object]]) -> list[_H]:
    """The first of each clause in each field."""
    counts: Counter[tuple[str, object]] = Counter()
    kept = []
    for hit in hits:
        key = clause_and_field(hit)
        counts[key] += 1
        if counts[key] <= MOST_OCCURRENCES:
            kept.append(hit)
    return kept


def _reading_order(evidence: Evidence) -> tuple[int, int, int, str]:
    field = evidence.field
    return _TEXT.get(field, 2), evidence.start, evidence.end, evidence.clause


_TEXT = {"title": 0, "body": 1}


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

    __slots__ = ("node", "words")

    def __init__(self, node: Node, words: Sequence[Term], numbers: Numbers) -> None:
        self.node = node
        triggers = [word_trigger(literal(word.text)) for word in words]
        self.words = [
            (trigger, numbers(trigger), word.label)
            for trigger, word in zip(triggers, words, strict=True)
        ]

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        hits: list[Hit] = []
        for trigger, number, label in self.words:
            if spans := reading.at(trigger, number):
                reading.spend_on(spans)
                hits += [(start, end, label) for start, end in spans if start >= lo and end <= hi]
        return hits or None


class NearStep:
    """Operands close together."""

    __slots__ = ("near", "node", "operands")

    def __init__(self, node: Near, numbers: Numbers) -> None:
        self.node: Node = node
        self.near = node
        self.operands = tuple(step(part, numbers) for part in node.nodes)

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
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
