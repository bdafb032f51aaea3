"""Rules that say the same, and names that stand for two."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence

from monitor.config.settings import EntitySettings, RuleSettings
from monitor.config.yaml import Path as KeyPath
from monitor.rules.lint.findings import Check, Finding, Severity
from monitor.rules.scan import literal

_AFTER_INITIAL = re.compile(r"(?<=\.)(?=\w)")  # B.Sadykov is two words
MOST_NAMED = 3  # other rules that a message names

Claims = dict[Hashable, dict[str, KeyPath]]
"""For each key the rules that have it, in order, and where they say so."""


class Comparison:
    """Gathers what the rules say, one after the other, and finds what several say.

    ``key`` of ``add`` is equal for rules that match the same articles.
    """

    def __init__(self) -> None:
        self._same: Claims = defaultdict(dict)
        self._entities: Claims = defaultdict(dict)
        self._names: Claims = defaultdict(dict)
        self._initials: Claims = defaultdict(dict)
        self._surnames: Claims = defaultdict(dict)
        self._unmistakable: dict[str, str] = {}  # surname by rule
        self._said: dict[Hashable, str] = {}

    def add(self, rule: RuleSettings, key: Hashable) -> None:
        """One more rule."""
        self._same[key].setdefault(rule.name, ())
        if rule.entity is not None:
            self._add_entity(rule.name, rule.entity)

    def findings(self) -> Iterator[Finding]:
        """All that several rules say; each finding is about the later rule."""
        duplicates = set()
        for claims in self._same.values():
            for finding in _shared(claims, "duplicate", "warning", "looks for the same as {}"):
                duplicates.add(finding.rule)
                yield finding
        for key, claims in self._entities.items():
            said = f"{self._said[key]!r} is the entity of {{}} too"
            for finding in _shared(claims, "duplicate-entity", "warning", said):
                if finding.rule not in duplicates:
                    yield finding
        for key, claims in self._names.items():
            same = list(self._entities.get(key, {}))[1:]  # told above
            said = f"{self._said[key]!r} is a name of the entity of {{}} too"
            for finding in _shared(claims, "ambiguous", "warning", said):
                if finding.rule not in duplicates and finding.rule not in same:
                    yield finding
        yield from self._people()

    def _add_entity(self, rule: str, entity: EntitySettings) -> None:
        name = literal(entity.name)
        self._said.setdefault(name, entity.name)
        self._entities[name].setdefault(rule, ("entity", "name"))
        self._names[name].setdefault(rule, ("entity", "name"))
        for place, alias in enumerate(entity.aliases):
            key = literal(alias)
            self._said.setdefault(key, alias)
            self._names[key].setdefault(rule, ("entity", "aliases", place))
        if entity.kind == "person" and (parts := _person(entity)):
            given, surname = parts
            initial = given[0], literal(surname)
            self._said.setdefault(initial, f"{given[0].upper()}. {surname}")
            if len(self._entities[name]) == 1:  # else the whole names are the same already
                self._initials[initial].setdefault(rule, ("entity", "name"))
            self._surnames[literal(surname)].setdefault(rule, ("entity", "name"))
            if entity.surname_alone:
                self._unmistakable[rule] = surname

    def _people(self) -> Iterator[Finding]:
        """Persons that a newspaper's short forms do not tell apart."""
        for key, claims in self._initials.items():
            said = f"{self._said[key]!r} may also be the person of {{}}"
            yield from _shared(claims, "ambiguous-initial", "note", said)
        for rule, surname in self._unmistakable.items():
            others = [name for name in self._surnames[literal(surname)] if name != rule]
            if others:
                message = (
                    f"surname_alone, but the person of {_named(others)} has the surname"
                    f" {surname!r} too"
                )
                yield Finding("ambiguous", "warning", rule, ("entity", "surname_alone"), message)


def _shared(
    claims: dict[str, KeyPath], check: Check, severity: Severity, said: str
) -> Iterator[Finding]:
    """A finding on each rule but the first; ``{}`` in ``said`` stands for those before it."""
    names = list(claims)
    for number, (rule, path) in enumerate(claims.items()):
        if number:
            yield Finding(check, severity, rule, path, said.replace("{}", _named(names[:number])))


def _named(rules: Sequence[str]) -> str:
    named = ", ".join(rules[:MOST_NAMED])
    return f"{named} and {len(rules) - MOST_NAMED} more" if len(rules) > MOST_NAMED else named


def _person(entity: EntitySettings) -> tuple[str, str] | None:
    """First given name, folded, and surname; None where the name is one word."""
    words = _AFTER_INITIAL.sub(" ", entity.name).split()
    start = next((n for n, word in enumerate(words) if n and word[0].islower()), len(words) - 1)
    surname = entity.surname or " ".join(words[start:])
    given = literal(" ".join(words)).replace(literal(surname), " ", 1).split()
    return (given[0], surname) if given else None
