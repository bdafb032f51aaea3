"""A set of compiled rules: which of them match a text, and why or why not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import Indel

from monitor import log
from monitor.config.settings import RuleSettings
from monitor.config.yaml import Path as KeyPath
from monitor.config.yaml import dotted
from monitor.errors import ConfigError, MonitorError
from monitor.model import Match, Matches, RuleInfo
from monitor.rules.block import (
    Block,
    asks_for_counters,
    asks_for_growth,
    compile_block,
    joined,
    labels_of,
    settings_of,
)
from monitor.rules.explain import Explanation, explain
from monitor.rules.index import MakeIndex, index_over
from monitor.rules.program import Program
from monitor.rules.reading import BudgetExceededError, Document, Reading
from monitor.rules.scan import Scan

_MOST_NAMED = 10  # rules in one line of the log

_log = log.get(__name__)


class UnknownRuleError(MonitorError):
    """There is no rule of this name; the message suggests the nearest."""


class RuleSet:
    """Compiled rules. Share one between threads, replace it to reload.

    What evaluates a rule is made when the rule is first a candidate, and kept.
    """

    def __init__(self, block: Block, index: MakeIndex = index_over) -> None:
        self._names = tuple(block.names)
        self._rows = block.rows
        self._without_feed = frozenset(block.without_feed)
        self._programs: list[Program | None] = [None] * len(block)
        self._index = index(block)

    @classmethod
    def of(cls, blocks: Sequence[Block], index: MakeIndex = index_over) -> RuleSet:
        """The rules of all blocks, in their order; no name may be there twice."""
        return cls(joined(blocks), index)

    def __len__(self) -> int:
        return len(self._names)

    @property
    def names(self) -> tuple[str, ...]:
        """The rules' names, in the order in which the rules were given."""
        return self._names

    @cached_property
    def feeds(self) -> tuple[str, ...]:
        """Names of the rules that have a feed of their own, in order."""
        without = self._without_feed
        return tuple(name for number, name in enumerate(self._names) if number not in without)

    @cached_property
    def labels(self) -> frozenset[str]:
        """Names of the labels that rules have of their own."""
        return frozenset(labels_of(self._rows))

    @cached_property
    def by_sighting(self) -> bool:
        """Whether a rule may ask for views, growth or time, which differ between two sightings of
        one text; all else is the same for both."""
        return any(map(asks_for_counters, self._rows))

    @cached_property
    def by_growth(self) -> bool:
        """Whether a rule may ask for growth."""
        return any(map(asks_for_growth, self._rows))

    def info(self, name: str) -> RuleInfo:
        """When a rule alerts, and its labels. Raises UnknownRuleError."""
        return self._program(self._number(name)).info

    def settings(self, name: str) -> RuleSettings:
        """The rule as it was configured. Raises UnknownRuleError."""
        return settings_of(self._rows[self._number(name)])

    def match(
        self,
        *,
        title: str,
        body: str,
        source: str | None = None,
        language: str | None = None,
        url: str | None = None,
        views: int | None = None,
        published: datetime | None = None,
        growth: float | None = None,
    ) -> Matches:
        """The rules that match, in their own order, with evidence in reading order.

        Offsets count characters of ``title`` and ``body`` as given; a clause shows at most
        ``MOST_OCCURRENCES`` occurrences in each. ``published`` is aware, ``growth`` in views per
        hour; ``language`` is detected if a rule asks for it and it is None. A rule that would take
        too long for this article (``reading.RULE_BUDGET``) is left out and named in ``undecided``;
        the log has one line for all of them, ``rules.not_decided``.
        """
        scan = Scan(title, body)
        watched, candidates = self._index.look(scan.text)
        if more := self._by_names_without_apostrophes(scan):
            candidates = sorted({*candidates, *more})
        matches = Matches()
        if not candidates:
            return matches
        document = Document(title, body, source, language, url, views, published, growth)
        reading = Reading(document, scan, watched)
        programs = self._programs
        undecided: list[str] = []
        for number in candidates:
            program = programs[number] or self._program(number)
            try:
                if evidence := program.evidence(reading):
                    matches.append(Match(program.name, evidence))
            except BudgetExceededError:
                undecided.append(program.name)
        if undecided:
            matches.undecided = frozenset(undecided)
            _log.warning(
                "rules.not_decided",
                rules=undecided[:_MOST_NAMED],
                count=len(undecided),
                characters=len(reading.text),
            )
        return matches

    def _by_names_without_apostrophes(self, scan: Scan) -> Sequence[int]:
        """Rules to evaluate as well, for names into which the text puts an apostrophe."""
        if not self._has_names or not scan.words_with_apostrophes:
            return ()
        text = scan.text
        words = [text[start:end].replace("'", "") for start, end in scan.words_with_apostrophes]
        return self._index.look(" ".join(words) + "\n")[1]

    @cached_property
    def _has_names(self) -> bool:
        """Whether a rule may look for a name."""
        return any(b"entity" in row for row in self._rows)

    def explain(
        self,
        name: str,
        *,
        title: str,
        body: str,
        source: str | None = None,
        language: str | None = None,
        url: str | None = None,
        views: int | None = None,
        published: datetime | None = None,
        growth: float | None = None,
    ) -> Explanation:
        """Every clause of one rule with its reason, also where it is not true.

        Raises UnknownRuleError.
        """
        document = Document(title, body, source, language, url, views, published, growth)
        return explain(self.program(name), Reading(document))

    def program(self, name: str) -> Program:
        """What evaluates a rule. Raises UnknownRuleError."""
        return self._program(self._number(name))

    def _program(self, number: int) -> Program:
        program = self._programs[number]
        if program is None:
            program = self._programs[number] = Program(
                settings_of(self._rows[number]), self._index.number
            )
        return program

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self._names)}

    def _number(self, name: str) -> int:
        if name not in self._numbers:
            near = _nearest(name, self.names)
            hint = f"; did you mean {near}?" if near else ""
            raise UnknownRuleError(f"there is no rule {name!r}{hint}")
        return self._numbers[name]


def _nearest(name: str, names: Sequence[str]) -> str | None:
    """The name most like this one; None where none is much like it."""
    found = process.extractOne(name, names, scorer=Indel.normalized_similarity, score_cutoff=0.6)
    return None if found is None else found[0]


def compile_rules(settings: Iterable[RuleSettings], index: MakeIndex = index_over) -> RuleSet:
    """The rules of a checked configuration.

    Raises ConfigError for a name used twice, a keyword of which folding leaves nothing, a query
    that cannot be read, an entity that cannot be looked for.
    """
    said: list[str] = []

    def report(index: int, path: KeyPath, message: str, offset: int | None) -> None:
        at = "" if offset is None else f" (at character {offset + 1})"
        said.append(f"{dotted(('rules', index, *path))}: {message}{at}")

    block = compile_block(settings, report)
    first: dict[str, int] = {}
    for number, name in enumerate(block.names):
        if first.setdefault(name, number) != number:
            report(number, ("name",), f"the name {name!r} is taken by rules[{first[name]}]", None)
    if said:
        raise ConfigError("\n".join(said))
    return RuleSet.of([block], index)
