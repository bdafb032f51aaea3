"""A set of compiled rules: which of them match a text, and why or why not."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.config.settings import RuleSettings
from monitor.config.yaml import dotted
from monitor.errors import ConfigError, MonitorError
from monitor.model import Evidence, Match, RuleInfo
from monitor.rules.compiled import Automaton, Compiler, Found, Rule
from monitor.rules.evaluate import evaluate, in_scope
from monitor.rules.explain import Explanation, explain
from monitor.rules.scan import Scan


class UnknownRuleError(MonitorError):
    """There is no rule of this name; the message suggests the nearest."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RuleSet:
    """Compiled rules. Immutable: share one between threads, replace it to reload."""

    names: tuple[str, ...]
    _rules: tuple[Rule, ...]
    _triggers: tuple[tuple[int, ...], ...]
    _automaton: Automaton

    @classmethod
    def of(cls, compiler: Compiler) -> RuleSet:
        """The rules added to a compiler, which must have found no problems."""
        rules = tuple(compiler.rules)
        names = tuple(rule.settings.name for rule in rules)
        return cls(names, rules, compiler.triggers(), compiler.automaton())

    def __len__(self) -> int:
        return len(self._rules)

    @property
    def feeds(self) -> tuple[str, ...]:
        """Names of the rules that have a feed of their own, in order."""
        return tuple(rule.settings.name for rule in self._rules if rule.settings.feed)

    def info(self, name: str) -> RuleInfo:
        """When a rule alerts, and its labels. Raises UnknownRuleError."""
        settings = self.settings(name)
        return RuleInfo(settings.on, settings.priority, settings.labels)

    def settings(self, name: str) -> RuleSettings:
        """The rule as it was configured. Raises UnknownRuleError."""
        if name not in self.names:
            near = difflib.get_close_matches(name, self.names, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UnknownRuleError(f"there is no rule {name!r}{hint}")
        return self._rules[self.names.index(name)].settings

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
    ) -> list[Match]:
        """The rules that match, in their own order, with evidence in reading order.

        Offsets count characters of ``title`` and ``body`` as given; a clause shows at most
        ``MOST_OCCURRENCES`` occurrences in each.
        """
        scan = Scan(title, body)
        found = self._automaton.find(scan.text)
        triggers = self._triggers
        candidates = {index for number in found for index in triggers[number]}
        if not candidates:
            return []
        scopes: dict[str, Found] = {"both": found}
        matches = []
        for index in sorted(candidates):
            rule = self._rules[index]
            scope = rule.settings.scope
            if scope not in scopes:
                scopes[scope] = in_scope(found, scope, scan.title_end())
            if occurrences := evaluate(rule, scopes[scope], scan):
                evidence = tuple(
                    [Evidence(label, *scan.place(start, end)) for start, end, label in occurrences]
                )
                matches.append(Match(rule.settings.name, evidence))
        return matches

    def explain(self, name: str, *, title: str, body: str) -> Explanation:
        """Every clause of one rule with its reason, also where it is not satisfied.

        Raises UnknownRuleError.
        """
        if name not in self.names:
            near = difflib.get_close_matches(name, self.names, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UnknownRuleError(f"there is no rule {name!r}{hint}")
        rule = self._rules[self.names.index(name)]
        return explain(rule, self._automaton, title=title, body=body)


def compile_rules(settings: Sequence[RuleSettings]) -> RuleSet:
    """The rules of a checked configuration.

    Raises ConfigError for a name used twice or a keyword of which folding leaves nothing.
    """
    compiler = Compiler()
    for rule in settings:
        compiler.add(rule)
    if compiler.problems:
        said = [f"{dotted(path)}: {message}" for path, message in compiler.problems]
        raise ConfigError("\n".join(said))
    return RuleSet.of(compiler)
