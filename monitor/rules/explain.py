"""Why a rule matches a text, or why not: its tree, every clause true or false, and near misses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.model import Evidence
from monitor.rules.finders import EntityFinder, Finder, Found, TermFinder
from monitor.rules.program import AllStep, AnyWordStep, InStep, LeafStep, NearStep, Program, Step
from monitor.rules.program import places as places_of
from monitor.rules.program import step as step_of
from monitor.rules.reading import RULE_BUDGET, BudgetExceededError, Reading
from monitor.rules.scan import Span, in_word
from monitor.rules.syntax import And, Group, Meta, Node, Not, Or, Range

MOST_REASONS = 20
"""Of one clause in one field."""


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
class Clause:
    """A node of the rule's tree beside the text.

    ``label`` is a clause as it was written, or a connective (``AND``, ``OR``, ``NOT``, ...);
    ``satisfied`` whether it is true (None: not decided, it would take too long). A leaf has
    ``reasons``, a connective ``parts``.
    """

    label: str
    satisfied: bool | None
    reasons: tuple[Reason, ...] = ()
    parts: tuple[Clause, ...] = ()

    def leaves(self) -> Iterator[Reason]:
        """All reasons, from the first clause to the last."""
        yield from self.reasons
        for part in self.parts:
            yield from part.leaves()


@dataclass(frozen=True, slots=True)
class Explanation:
    """What ``RuleSet.match`` says of one rule, and the reasons, clause by clause."""

    rule: str
    matched: bool
    tree: Clause

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The reasons of all clauses in a row."""
        return tuple(self.tree.leaves())


def explain(program: Program, reading: Reading) -> Explanation:
    """Every clause of the rule, true or false; what is false names what came near."""
    try:
        matched = bool(program.evidence(reading))
    except BudgetExceededError:
        matched = False
    reader = _Reader(reading)
    tree = reader.clause(program.step, None, wanted=True)
    if conditions := tuple(_conditions(program, reading)):
        tree = Clause("AND", matched, parts=(*conditions, tree))
    return Explanation(program.name, matched, tree)


def _conditions(program: Program, reading: Reading) -> Iterator[Clause]:
    """What the rule asks of the article as a whole."""
    settings = program.settings
    if settings.sources:
        yield _condition("sources", settings.sources, reading.document.source, "source")
    if settings.languages:
        language = (reading.language or "").partition("-")[0] or None
        yield _condition("languages", settings.languages, language, "language")
    if settings.min_hits > 1:
        reading.rule_left = RULE_BUDGET
        try:
            hits = program.step.find(reading, 0, len(reading.text))
        except BudgetExceededError:
            hits = None
        count = places_of(hits or (), reading)
        label = f"min_hits: {settings.min_hits}"
        enough = count >= settings.min_hits
        yield Clause(label, enough, (Reason(label, None, enough, f"found in {count} places"),))


def _condition(key: str, wanted: Sequence[str], value: str | None, what: str) -> Clause:
    label = f"{key}: {', '.join(wanted)}"
    said = f"the article's {what} is {value or 'not known'}"
    return Clause(label, value in wanted, (Reason(label, None, value in wanted, said),))


class _Reader:
    """Lays the steps of one rule beside one article."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def clause(self, step: Step, field: str | None, *, wanted: bool) -> Clause:
        """A step in a field (None: anywhere). ``wanted`` False: it is better not there."""
        match step:
            case InStep():
                inner = _narrower(field, step.field)
                return self.clause(step.inner, inner, wanted=wanted)
            case LeafStep():
                return self._leaf(step.finder, step.node, field, wanted)
            case NearStep():
                return self._near(step, field, wanted)
            case AnyWordStep() | AllStep():
                return self._connective(step, field, wanted)
            case _:
                raise TypeError(f"not a step: {step}")

    def _connective(self, step: AllStep | AnyWordStep, field: str | None, wanted: bool) -> Clause:
        node = step.node
        found = self._found(step, field)
        truth = None if found is _UNDECIDED else found is not None
        if isinstance(node, Not):
            part = self._part(node.node, field, not wanted)
            return Clause("NOT", truth, parts=(part,))
        parts: list[Clause] = []
        if isinstance(node, Group):
            parts += [self._signed("+", part, field, wanted) for part in node.must]
            parts += [self._part(part, field, wanted) for part in node.should]
            parts += [self._signed("-", part, field, not wanted) for part in node.must_not]
            return Clause("+/-", truth, parts=tuple(parts))
        assert isinstance(node, And | Or)
        parts = [self._part(part, field, wanted) for part in node.nodes]
        return Clause("AND" if isinstance(node, And) else "OR", truth, parts=tuple(parts))

    def _signed(self, sign: str, node: Node, field: str | None, wanted: bool) -> Clause:
        part = self._part(node, field, wanted)
        label = part.label if part.label in ("AND", "OR") else f"{sign}{part.label}"
        return Clause(label, part.satisfied, part.reasons, part.parts)

    def _part(self, node: Node, field: str | None, wanted: bool) -> Clause:
        return self.clause(step_of(node, ()), field, wanted=wanted)

    def _near(self, step: NearStep, field: str | None, wanted: bool) -> Clause:
        label = step.near.label
        found = self._found(step, field)
        if found is _UNDECIDED:
            return _undecided(label)
        parts = tuple(self.clause(operand, field, wanted=wanted) for operand in step.operands)
        if found is None and all(part.satisfied for part in parts):
            words = "word" if step.near.slop == 1 else "words"
            order = " in this order" if step.near.ordered else ""
            said = (
                f"all are there, but nowhere in one paragraph{order} with at most"
                f" {step.near.slop} other {words} between"
            )
            return Clause(label, False, (Reason(label, None, not wanted, said),), parts)
        reasons = self._places(found or (), label, wanted)
        return Clause(label, found is not None, tuple(reasons), parts if found is None else ())

    def _leaf(self, finder: Finder, node: Node, field: str | None, wanted: bool) -> Clause:
        label = finder.label
        found = self._found(finder, field)
        if found is _UNDECIDED:
            return _undecided(label)
        if isinstance(node, Range | Meta):
            return self._fact(node, found, wanted)
        reasons: list[Reason]
        if isinstance(finder, EntityFinder):
            reasons = list(self._entity(finder, found, field, wanted))
        elif found is not None:
            reasons = list(self._places(found, label, wanted))
        elif wanted:
            near = list(self._near_misses(finder, field))
            reasons = near or [Reason(label, None, False, f"not in {_where(field)}")]
        else:
            reasons = [Reason(label, None, True, f"not in {_where(field)}, as it must be")]
        return Clause(label, found is not None, tuple(reasons))

    def _found(self, step: Step | Finder, field: str | None) -> Found | None:
        """What is found, None, or ``_UNDECIDED``."""
        lo, hi = self._region(field)
        self.reading.rule_left = RULE_BUDGET
        try:
            return step.find(self.reading, lo, hi)
        except BudgetExceededError:
            return _UNDECIDED

    def _region(self, field: str | None) -> Span:
        return (1, 0) if field == _NOWHERE else self.reading.region(field)

    def _places(self, hits: Found, label: str, wanted: bool) -> Iterator[Reason]:
        said = "found" if wanted else "stands here, so the rule does not match"
        counts: dict[str, int] = {}
        placed = [h if isinstance(h, Evidence) else self.reading.evidence(h) for h in hits]
        for evidence in placed:
            counts[evidence.field] = counts.get(evidence.field, 0) + 1
            if counts[evidence.field] <= MOST_REASONS:
                yield _at(evidence, wanted, said)

    def _fact(self, node: Range | Meta, found: Found | None, wanted: bool) -> Clause:
        document = self.reading.document
        value = self.reading.language if node.field == "language" else getattr(document, node.field)
        true = found is not None
        said = f"{node.field} is {'not known' if value is None else value}"
        return Clause(node.label, true, (Reason(node.label, None, true is wanted, said),))

    def _entity(
        self, finder: EntityFinder, found: Found | None, field: str | None, wanted: bool
    ) -> Iterator[Reason]:
        lo, hi = self._region(field)
        if found:
            yield from self._places(found, finder.label, wanted)
        refused = finder.matcher.find(self.reading, lo, hi).refused
        counts: dict[bool, int] = {}
        for hit, why in refused:
            in_title = hit[0] < self.reading.title_end
            counts[in_title] = counts.get(in_title, 0) + 1
            if counts[in_title] <= MOST_REASONS:
                yield _at(self.reading.evidence(hit), False, why)
        if not found:
            said = f"no form of the name counts in {_where(field)}"
            if not wanted:
                said = f"not in {_where(field)}, as it must be"
            yield Reason(finder.label, None, not wanted, said)

    def _near_misses(self, finder: Finder, field: str | None) -> Iterator[Reason]:
        """Where it stands and does not count: other field, longer word, two paragraphs."""
        label = finder.label
        if field is not None:
            elsewhere = self._found(finder, None)
            said = f"the rule looks at {_where(field)} only"
            for evidence in self._evidence(elsewhere):
                yield _at(evidence, False, said)
        if not isinstance(finder, TermFinder):
            return
        if finder.exactness != "folded":
            for span in _few(self.reading.find(finder.trigger)):
                evidence = self.reading.evidence((*span, label))
                if self._inside(span, field):
                    yield _at(evidence, False, f"{_KEPT[finder.exactness]} must agree")
        text, title_end = self.reading.text, self.reading.title_end
        pattern = re.escape(finder.trigger.text).replace(r"\ ", r"[ \n]+")
        hits = [hit.span() for hit in re.finditer(pattern, text)]
        for span in _few([hit for hit in hits if self._inside(hit, field)]):
            longer = self._widened(span)
            if span[0] < title_end < span[1]:
                yield Reason(label, None, False, "begins in the title and ends in the body")
            elif longer != span:
                evidence = self.reading.evidence((*longer, label))
                yield _at(evidence, False, "only as a part of a longer word")
            elif "\n" in text[slice(*span)]:
                evidence = self.reading.evidence((*span, label))
                yield _at(evidence, False, "goes on in another paragraph")

    def _evidence(self, hits: Found | None) -> list[Evidence]:
        placed = [h if isinstance(h, Evidence) else self.reading.evidence(h) for h in hits or ()]
        return placed[:MOST_REASONS]

    def _inside(self, span: Span, field: str | None) -> bool:
        lo, hi = self._region(field)
        return lo <= span[0] and span[1] <= hi

    def _widened(self, span: Span) -> Span:
        """The span with the rest of the words that it cuts."""
        text, (start, end) = self.reading.text, span
        if in_word(text[start]):
            start = self.reading.word_at(start)[0]
        if in_word(text[end - 1]):
            end = self.reading.word_at(end - 1)[1]
        return start, end


_UNDECIDED: Found = ((-1, -1, ""),)
_NOWHERE = "no field"
_KEPT = {"case": "capitals", "accent": "accents", "exact": "capitals and accents"}


def _narrower(outer: str | None, inner: str) -> str:
    """The part of the article that lies in both."""
    fields = {outer or inner, inner}
    if len(fields) == 1:
        return inner
    return "lead" if fields == {"lead", "body"} else _NOWHERE


def _undecided(label: str) -> Clause:
    said = "not decided: it would take too long in an article of this length"
    return Clause(label, None, (Reason(label, None, False, said),))


def _where(field: str | None) -> str:
    if field is None:
        return "title or body"
    return "two fields at once" if field == _NOWHERE else f"the {field}"


def _at(evidence: Evidence, satisfied: bool, message: str) -> Reason:
    clause, field, start, end, text = evidence
    return Reason(clause, field, satisfied, message, start, end, text)


def _few(spans: Iterable[Span]) -> list[Span]:
    return list(spans)[:MOST_REASONS]
