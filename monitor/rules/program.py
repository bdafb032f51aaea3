"""A rule made ready: whether it matches an article, and what shows it."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from monitor.config.settings import RuleSettings
from monitor.model import Evidence, RuleInfo
from monitor.rules.finders import Found
from monitor.rules.reading import RULE_BUDGET, Hit, Literals, Numbers, Reading, unwatched
from monitor.rules.steps import literals_of, only_words, step
from monitor.rules.syntax import Node
from monitor.rules.tree import tree_of
from monitor.rules.triggers import WATCHED, wakes

MOST_OCCURRENCES = 20
"""Of one clause in one field; more of the same adds nothing to the reason."""

_H = TypeVar("_H", Hit, Evidence)


class Program:
    """One rule, ready.

    With many rules hardly anything of one is in a cache of the processor when it is looked at.
    So what most rules need stands here, and what few need behind one more reference.
    """

    __slots__ = (
        "_labels",
        "_limits",
        "_numbers",
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
        self._limits = _limits(settings, self.tree, numbers)
        # Any of some words anywhere: most rules need nothing else.
        self._numbers: array[int] | None = None
        self._labels: tuple[str, ...] = ()
        if self._limits is None and (words := only_words(self.tree)):
            self._numbers = literals_of(words, numbers).numbers
            self._labels = tuple(word.label for word in words)

    def evidence(self, reading: Reading) -> tuple[Evidence, ...]:
        """Why the rule matches, in reading order; nothing where it does not.

        Raises BudgetExceededError.
        """
        watched, numbers = reading.watched, self._numbers
        if numbers is not None and watched is not None:
            hits: list[Hit] = []
            for number, label in zip(numbers, self._labels, strict=True):
                if number in watched:
                    for start, end in watched[number]:
                        hits.append((start, end, label))
            if len(hits) == 1:
                return (reading.evidence(hits[0]),)
            if len(hits) <= MOST_OCCURRENCES:  # more are to be accounted for
                return shown(hits, reading)
        limits = self._limits
        if limits is not None and not limits.may_match(reading):
            return ()
        reading.rule_left = RULE_BUDGET
        found = self.step.find(reading, 0, len(reading.text))
        if found is None or (limits is not None and not limits.are_enough(found, reading)):
            return ()
        return shown(found, reading)


class _Limits(NamedTuple):
    """What a rule asks for beside its clauses."""

    languages: frozenset[str]
    sources: frozenset[str]
    needed: tuple[Literals, ...]  # of what the rule needs, what has not made it a candidate
    min_hits: int

    def may_match(self, reading: Reading) -> bool:
        """Whether the rule is for articles of this source and language, and what it needs is
        there."""
        if self.sources and reading.document.source not in self.sources:
            return False
        for literals in self.needed:
            if not literals.may_stand(reading):
                return False
        return not self.languages or self._in_language(reading)

    def _in_language(self, reading: Reading) -> bool:
        language = reading.language
        return language is not None and language.partition("-")[0] in self.languages

    def are_enough(self, hits: Found, reading: Reading) -> bool:
        """Whether the rule has as many hits as it asks for."""
        return self.min_hits <= 1 or places(hits, reading) >= self.min_hits


def _limits(settings: RuleSettings, tree: Node, numbers: Numbers) -> _Limits | None:
    """None: the rule asks for nothing, as most do."""
    limits = _Limits(
        frozenset(settings.languages),
        frozenset(settings.sources),
        tuple(Literals(found, numbers) for found in wakes(tree).triggers[WATCHED:]),
        settings.min_hits,
    )
    none = limits == (frozenset(), frozenset(), (), 1)
    return None if none else limits


def places(hits: Found, reading: Reading) -> int:
    """In how many places of the original text they are."""
    found = (hit if isinstance(hit, Evidence) else reading.evidence(hit) for hit in hits)
    return len({(hit.field, hit.start, hit.end) for hit in found if hit.field in _TEXT})


def shown(hits: Found, reading: Reading) -> tuple[Evidence, ...]:
    """The first hits of each clause in each field as evidence, in reading order."""
    if len(hits) == 1:
        hit = hits[0]
        return (hit if isinstance(hit, Evidence) else reading.evidence(hit),)
    if len(hits) <= MOST_OCCURRENCES:
        plain = [hit for hit in hits if not isinstance(hit, Evidence)]
        if len(plain) == len(hits) and reading.scan.one_to_one:
            # As nearly always: then the order of the hits is that of the evidence.
            return tuple(map(reading.evidence, sorted(set(plain))))
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
