"""A rule made ready: whether it matches an article, and what shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeVar

from monitor.config.settings import RuleSettings
from monitor.model import Evidence, RuleInfo
from monitor.rules.finders import Found
from monitor.rules.reading import RULE_BUDGET, Hit, Literals, Numbers, Reading, unwatched
from monitor.rules.steps import AnyWordStep, step
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
        "_only_words",
        "_sources",
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
        self._needed = [Literals(found, numbers) for found in wakes(self.tree)[WATCHED:]]
        self._min_hits = settings.min_hits
        self._languages = frozenset(settings.languages)
        self._sources = frozenset(settings.sources)
        self._conditions = bool(self._languages or self._sources)
        # Any of some words anywhere: most rules need nothing else.
        plain = isinstance(self.step, AnyWordStep) and not self._conditions
        self._only_words = plain and self._min_hits == 1

    def evidence(self, reading: Reading) -> tuple[Evidence, ...]:
        """Why the rule matches, in reading order; nothing where it does not.

        Raises BudgetExceededError.
        """
        if not self._only_words:
            if self._conditions and not self._applies(reading):
                return ()
            for literals in self._needed:
                if not literals.may_stand(reading):
                    return ()
        reading.rule_left = RULE_BUDGET
        found = self._find(reading, 0, len(reading.text))
        if found is None or (self._min_hits > 1 and places(found, reading) < self._min_hits):
            return ()
        return shown(found, reading)

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
    if len(hits) == 1:
        hit = hits[0]
        return (hit if isinstance(hit, Evidence) else reading.evidence(hit),)
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
