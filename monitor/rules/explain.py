"""Why a rule matches a text, or why not: every clause with its occurrences and near misses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.rules.compiled import Automaton, Found, Rule
from monitor.rules.entities import surnames
from monitor.rules.evaluate import Occurrence, entity_occurrences, evaluate, few, in_scope
from monitor.rules.scan import Scan, Span, in_word, literal


@dataclass(frozen=True, slots=True)
class Reason:
    """One clause at one place: ``satisfied`` says whether it speaks for the rule there.

    ``field`` is None where the clause is about no place. Else ``text`` stands in the original
    ``title`` or ``body`` from ``start`` to ``end``, as in ``model.Evidence``.
    """

    clause: str
    field: str | None
    satisfied: bool
    message: str
    start: int | None = None
    end: int | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What ``RuleSet.match`` says of one rule, and the reasons, clause by clause."""

    rule: str
    matched: bool
    reasons: tuple[Reason, ...]


def explain(rule: Rule, automaton: Automaton, *, title: str, body: str) -> Explanation:
    """Every clause of the rule, true or false; what is false names what came near."""
    scan = Scan(title, body)
    anywhere = automaton.find(scan.text)
    title_end = scan.title_end()
    found = in_scope(anywhere, rule.settings.scope, title_end)
    reading = _Reading(rule, automaton.literals, scan, title_end, found, anywhere)
    return Explanation(
        rule.settings.name, bool(evaluate(rule, found, scan)), tuple(reading.reasons())
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """One rule laid beside one text."""

    rule: Rule
    literals: Sequence[str]
    scan: Scan
    title_end: int
    found: Found  # in the rule's scope
    anywhere: Found

    def reasons(self) -> Iterator[Reason]:
        rule = self.rule
        for clauses in (rule.all, rule.any):
            for number, label in clauses.items():
                yield from self._keyword(number, label)
        if rule.entity:
            yield from self._entity()
        for number, label in rule.none.items():
            for span in few(self.found.get(number, ()), self.scan):
                yield self._at(span, label, False, "stands here, so the rule does not match")
            if number not in self.found:
                yield Reason(label, None, True, f"not in {self._where()}, as it must be")

    def _keyword(self, number: int, label: str) -> Iterator[Reason]:
        for span in few(self.found.get(number, ()), self.scan):
            yield self._at(span, label, True, "found")
        if number not in self.found:
            near = list(self._near_misses(number, label))
            yield from near or [Reason(label, None, False, f"not in {self._where()}")]

    def _entity(self) -> Iterator[Reason]:
        rule, entity = self.rule, self.rule.settings.entity
        assert entity is not None
        counted, refused = entity_occurrences(rule, self.found, self.scan)
        for start, end, label in self._first(counted):
            yield self._at((start, end), label, True, "found")
        why = dict(refused)
        for start, end, label in self._first(why):
            yield self._at((start, end), label, False, why[start, end, label])
        if counted:
            return
        for number, form in rule.entity.items():
            yield from self._near_misses(number, form.label)
        whole = f"entity: {entity.name}"
        for surname in surnames(entity):
            for span in few(self._words(literal(surname)), self.scan):
                if not any(start <= span[0] < end for start, end, _ in why):
                    yield self._at(span, whole, False, "the surname alone does not count")
        message = f"none of {len(rule.entity)} forms of the name counts in {self._where()}"
        yield Reason(whole, None, False, message)

    def _first(self, occurrences: Iterable[Occurrence]) -> list[Occurrence]:
        occurrences = sorted(occurrences)
        kept = set(few([(start, end) for start, end, _ in occurrences], self.scan))
        return [occurrence for occurrence in occurrences if occurrence[:2] in kept]

    def _near_misses(self, number: int, label: str) -> Iterator[Reason]:
        """Where the words stand and do not count: other field, longer word, two paragraphs."""
        for span in few(self.anywhere.get(number, ()), self.scan):
            if number not in self.found:
                yield self._at(span, label, False, f"the rule looks at {self._where()} only")
        text, pattern = self.scan.text, re.escape(self.literals[number]).replace(r"\ ", r"[ \n]+")
        hits = [hit.span() for hit in re.finditer(pattern, text)]
        for span in few([hit for hit in hits if self._here(hit)], self.scan):
            longer = _widened(text, span)
            if span[0] < self.title_end < span[1]:
                yield Reason(label, None, False, "begins in the title and ends in the body")
            elif longer != span:
                yield self._at(longer, label, False, "only as a part of a longer word")
            elif "\n" in text[slice(*span)]:
                yield self._at(span, label, False, "goes on in another paragraph")

    def _words(self, wanted: str) -> list[Span]:
        """Whole-word occurrences of a text that need not be among the literals."""
        text = self.scan.text
        hits = [hit.span() for hit in re.finditer(re.escape(wanted), text)]
        return [hit for hit in hits if _widened(text, hit) == hit and self._here(hit)]

    def _here(self, span: Span) -> bool:
        """Whether it stands in the rule's scope from its first to its last character."""
        if self.rule.settings.scope == "title":
            return span[1] <= self.title_end
        return self.rule.settings.scope == "both" or span[0] > self.title_end

    def _at(self, span: Span, label: str, satisfied: bool, message: str) -> Reason:
        field, start, end, text = self.scan.place(*span)
        return Reason(label, field, satisfied, message, start, end, text)

    def _where(self) -> str:
        scope = self.rule.settings.scope
        return "title or body" if scope == "both" else f"the {scope}"


def _widened(text: str, span: Span) -> Span:
    """The span with the rest of the words that it cuts."""
    start, end = span
    if in_word(text[start]):
        while start > 0 and in_word(text[start - 1]):
            start -= 1
    if in_word(text[end - 1]):
        while in_word(text[end]):
            end += 1
    return start, end
