"""A rule made ready to be evaluated: finders for its leaves, connectives between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from itertools import chain
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
from monitor.rules.reading import RULE_BUDGET, Hit, Reading, Trigger, word_trigger
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


Watched = Container[Trigger]
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
        "info",
        "name",
        "settings",
        "step",
        "tree",
    )

    def __init__(self, settings: RuleSettings) -> None:
        """The settings must have been checked (see ``block.compile_block``)."""
        self.name, self.settings = settings.name, settings
        self.info = RuleInfo(
            settings.on, settings.priority, settings.labels, settings.changes, settings.added
        )
        self.tree = tree_of(settings)
        needed = wakes(self.tree)
        self.step = step(self.tree, frozenset(chain.from_iterable(needed[:WATCHED])))
        self._needed = [[trigger.text for trigger in found] for found in needed[WATCHED:]]
        self._find = self.step.find
        self._min_hits = settings.min_hits
        self._languages = frozenset(settings.languages)
        self._sources = frozenset(settings.sources)
        self._conditions = bool(self._languages or self._sources)

    def evidence(self, reading: Reading) -> tuple[Evidence, ...]:
        """Why the rule matches, in reading order; nothing where it does not.

        Raises BudgetExceededError.
        """
        if self._conditions and not self._applies(reading):
            return ()
        text = reading.text
        for literals in self._needed:
            if not any(literal in text for literal in literals):
                return ()
        reading.rule_left = RULE_BUDGET
        hits = self._find(reading, 0, len(text))
        if hits is None or (self._min_hits > 1 and places(hits, reading) < self._min_hits):
            return ()
        if len(hits) == 1:
            hit = hits[0]
            return (hit if isinstance(hit, Evidence) else reading.evidence(hit),)
        return shown(hits, reading)

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

    def __init__(self, node: Node, watched: Watched) -> None:
        self.node = node
        self.finder = finder(node, watched)
        self.find = self.finder.find


class InStep:
    """A node, looked for in one field."""

    __slots__ = ("field", "inner", "node")

    def __init__(self, node: In, watched: Watched) -> None:
        self.node: Node = node
        self.field: TextField = node.field
        self.inner = step(node.node, watched)

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
        watched: Watched,
        must: Sequence[Node] = (),
        should: Sequence[Node] = (),
        must_not: Sequence[Node] = (),
    ) -> None:
        self.node = node
        self.must = _ready(must, watched)
        self.should = tuple(step(part, watched) for part in should)
        self.must_not = _ready(must_not, watched)

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
    """One of several words or phrases that the automaton looks for: what most rules are."""

    __slots__ = ("node", "words")

    def __init__(self, node: Or) -> None:
        self.node: Node = node
        self.words = [
            (word_trigger(literal(term.text)), term.label)
            for term in node.nodes
            if isinstance(term, Term)
        ]

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        if (watched := reading.watched) is None:  # no automaton has been over this text
            watched = {trigger: reading.find(trigger) for trigger, _ in self.words}
        hits: list[Hit] = []
        for trigger, label in self.words:
            if trigger in watched:
                reading.spend_on(watched[trigger])
                hits += [
                    (start, end, label)
                    for start, end in watched[trigger]
                    if start >= lo and end <= hi
                ]
        return hits or None


class NearStep:
    """Operands close together."""

    __slots__ = ("near", "node", "operands")

    def __init__(self, node: Near, watched: Watched) -> None:
        self.node: Node = node
        self.near = node
        self.operands = tuple(step(part, watched) for part in node.nodes)

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


def step(node: Node, watched: Watched) -> Step:
    """The node made ready; ``watched``: the literals for which the automaton looks."""
    match node:
        case In():
            return InStep(node, watched)
        case And():
            negated = [part.node for part in node.nodes if isinstance(part, Not)]
            must = [part for part in node.nodes if not isinstance(part, Not)]
            return AllStep(node, watched, must=must, must_not=negated)
        case Or():
            if all(_watched_word(part, watched) for part in node.nodes):
                return AnyWordStep(node)
            return AllStep(node, watched, should=node.nodes)
        case Not():
            return AllStep(node, watched, must_not=(node.node,))
        case Group():
            return AllStep(node, watched, node.must, node.should, node.must_not)
        case Near():
            return NearStep(node, watched)
        case _:
            return LeafStep(node, watched)


def _watched_word(node: Node, watched: Watched) -> bool:
    return (
        isinstance(node, Term)
        and node.exactness == "folded"
        and word_trigger(literal(node.text)) in watched
    )


def finder(leaf: Node, watched: Watched) -> Finder:
    """What looks for a leaf; not for a ``Near``, which is made of leaves."""
    match leaf:
        case Term():
            return TermFinder(leaf, watched)
        case Glob():
            return GlobFinder(leaf, watched)
        case Fuzzy():
            return FuzzyFinder(leaf)
        case Stem():
            return StemFinder(leaf)
        case Regex():
            return RegexFinder(leaf)
        case Entity():
            return EntityFinder(leaf)
        case Range():
            return RangeFinder(leaf)
        case Meta():
            return MetaFinder(leaf)
        case _:
            raise TypeError(f"not a leaf: {leaf}")


_DEAR = (Glob, Fuzzy, Stem, Regex, Entity, Near)


def _ready(nodes: Sequence[Node], watched: Watched) -> tuple[Step, ...]:
    """Cheap ones first: the first that is not true spares the others."""
    return tuple(step(node, watched) for node in sorted(nodes, key=dear))


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
