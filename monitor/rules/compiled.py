"""Rules made ready: keywords as numbers of shared literals, and the automaton over all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ahocorasick_rs import AhoCorasick, Implementation

from monitor.config.settings import RuleSettings
from monitor.config.yaml import Path as KeyPath
from monitor.rules.entities import Variant, variants
from monitor.rules.scan import Span, in_word, literal

_DFA_CHARACTERS = 200_000  # of all literals together

Found = Mapping[int, Sequence[Span]]
"""The whole-word occurrences of each literal that has any, from left to right."""


@dataclass(frozen=True, slots=True)
class NameForm:
    """A variant of an entity's name with the label its evidence bears."""

    label: str
    variant: Variant


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; literals by their number, labels as evidence shows them."""

    settings: RuleSettings
    all: Mapping[int, str]
    any: Mapping[int, str]
    none: Mapping[int, str]
    entity: Mapping[int, NameForm]
    exclude: Mapping[int, str]


def automaton_over(literals: Sequence[str]) -> AhoCorasick:
    """A DFA scans a quarter faster than an NFA, and takes three times the memory (90 bytes a
    character)."""
    small = sum(map(len, literals)) <= _DFA_CHARACTERS
    kind = Implementation.DFA if small else Implementation.ContiguousNFA
    return AhoCorasick(literals, implementation=kind, store_patterns=False)


class Automaton:
    """All literals of all rules, found in one pass. Immutable, safe to share between threads."""

    __slots__ = ("_edges", "_find", "literals")

    def __init__(self, literals: Sequence[str]) -> None:
        self.literals = tuple(literals)
        self._edges = tuple((in_word(text[0]), in_word(text[-1])) for text in literals)
        self._find: Callable[..., list[tuple[int, int, int]]] = automaton_over(
            self.literals
        ).find_matches_as_indexes

    def find(self, text: str) -> dict[int, list[Span]]:
        """Whole-word occurrences in a ``Scan.text``: where a literal begins or ends with a letter
        or digit, no other may stand next to it."""
        found: dict[int, list[Span]] = {}
        edges = self._edges
        for number, start, end in self._find(text, overlapping=True):
            left, right = edges[number]
            if (right and in_word(text[end])) or (left and in_word(text[start - 1])):
                continue
            if number in found:
                found[number].append((start, end))
            else:
                found[number] = [(start, end)]
        return found


@dataclass(slots=True)
class _Literals:
    """Numbers texts in the order in which they first come."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        return self.numbers.setdefault(text, len(self.numbers))


class Compiler:
    """Turns settings into rules; what is wrong with them gathers in ``problems``."""

    def __init__(self) -> None:
        self.problems: list[tuple[KeyPath, str]] = []
        self.rules: list[Rule] = []
        self._names: dict[str, int] = {}
        self._literals = _Literals()

    def add(self, settings: RuleSettings) -> None:
        """Compile one more rule."""
        index = len(self.rules)
        if settings.name in self._names:
            taken = self._names[settings.name]
            self._problem(
                index, ("name",), f"the name {settings.name!r} is taken by rules[{taken}]"
            )
        self._names.setdefault(settings.name, index)
        entity = settings.entity
        forms: dict[int, NameForm] = {}
        if entity is not None:
            self._check(index, ("entity", "name"), entity.name)
            for place, alias in enumerate(entity.aliases):
                self._check(index, ("entity", "aliases", place), alias)
            for variant in variants(entity):
                if any(map(str.isalnum, text := literal(variant.text))):
                    label = f"entity: {variant.text} ({variant.form})"
                    forms.setdefault(self._literals.number(text), NameForm(label, variant))
        self.rules.append(
            Rule(
                settings,
                self._keywords(index, ("all",), settings.all),
                self._keywords(index, ("any",), settings.any),
                self._keywords(index, ("none",), settings.none),
                forms,
                self._keywords(index, ("entity", "exclude"), entity.exclude if entity else ()),
            )
        )

    def automaton(self) -> Automaton:
        """The automaton over the literals of all rules added so far."""
        return Automaton(tuple(self._literals.numbers))

    def triggers(self) -> tuple[tuple[int, ...], ...]:
        """For each literal the rules to evaluate when it occurs.

        A rule that needs several keywords waits for the longest, most likely the rarest.
        """
        texts = tuple(self._literals.numbers)
        waiting: list[list[int]] = [[] for _ in texts]
        for index, rule in enumerate(self.rules):
            if rule.all:
                waiting[max(rule.all, key=lambda number: len(texts[number]))].append(index)
            else:
                for number in (*rule.any, *rule.entity):
                    waiting[number].append(index)
        return tuple(map(tuple, waiting))

    def _keywords(self, index: int, key: KeyPath, keywords: Sequence[str]) -> dict[int, str]:
        """Numbers and labels, the first of those that fold to the same text."""
        found: dict[int, str] = {}
        for place, keyword in enumerate(keywords):
            if text := self._check(index, (*key, place), keyword):
                found.setdefault(self._literals.number(text), f"{key[-1]}: {keyword}")
        return found

    def _check(self, index: int, key: KeyPath, keyword: str) -> str | None:
        """The keyword as it is scanned for, or None and a problem."""
        text = literal(keyword)
        if any(map(str.isalnum, text)):
            return text
        self._problem(index, key, f"{keyword!r} has no letter or digit to look for")
        return None

    def _problem(self, index: int, key: KeyPath, message: str) -> None:
        self.problems.append((("rules", index, *key), message))
