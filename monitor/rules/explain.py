"""Why a rule matches a text, or why not: its tree, every clause true or false, and near misses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from monitor.model import Evidence
from monitor.rules.finders import EntityFinder, Finder, Found
from monitor.rules.near_misses import NOWHERE, NearMisses, where
from monitor.rules.program import MOST_OCCURRENCES, Program, places
from monitor.rules.reading import BUDGET, RULE_BUDGET, BudgetExceededError, Reading
from monitor.rules.reasons import Clause, Explanation, Reason
from monitor.rules.steps import NearStep, Step, finder, step
from monitor.rules.syntax import And, Group, In, Meta, Near, Node, Not, Or, Range

__all__ = ["Clause", "Explanation", "Reason", "explain"]

_TOO_LONG = "not decided: it would take too long in an article of this length"


def explain(program: Program, reading: Reading) -> Explanation:
    """Every clause of the rule, true or false; what is false names what came near.

    ``matched`` is what ``RuleSet.match`` says where the rule is alone. Each clause has the whole
    of a rule's budget here, so clauses may be decided of a rule that is not.
    """
    whole: bool | None
    try:
        whole = bool(program.evidence(reading))
    except BudgetExceededError:
        whole = None
    tree = _Reader(reading).clause(program.tree, None, wanted=True)
    if conditions := tuple(_conditions(program, reading)):
        tree = Clause("AND", whole, parts=(*conditions, tree))
    if whole is None:
        undecided = Reason(tree.label, None, False, _TOO_LONG)
        tree = replace(tree, satisfied=None, reasons=(undecided, *tree.reasons))
    return Explanation(program.name, bool(whole), tree)


# ------------------------------------------------------------------ what is asked of the whole


def _conditions(program: Program, reading: Reading) -> Iterator[Clause]:
    """What the rule asks of the article as a whole."""
    settings = program.settings
    if settings.sources:
        source = reading.document.source
        said = _fact("source", source, reading)
        yield _condition("sources", settings.sources, source in settings.sources, said)
    if settings.languages:
        language = (reading.language or "").partition("-")[0]
        said = _fact("language", reading.language, reading)
        yield _condition("languages", settings.languages, language in settings.languages, said)
    if settings.min_hits > 1:
        label = f"min_hits: {settings.min_hits}"
        hits = _found(program.step, reading, None)
        if hits is _UNDECIDED:
            yield _undecided(label, wanted=True)
            return
        count = places(hits or (), reading)
        enough = count >= settings.min_hits
        said = f"found in {count} place{'' if count == 1 else 's'}"
        yield Clause(label, enough, (Reason(label, None, enough, said),))


def _condition(key: str, wanted: Sequence[str], true: bool, said: str) -> Clause:
    label = f"{key}: {', '.join(wanted)}"
    return Clause(label, true, (Reason(label, None, true, said),))


def _fact(field: str, value: object, reading: Reading) -> str:
    """What is known of the article beside its text."""
    match value:
        case None if field == "published":
            return "when it was published is not known"
        case None:
            return f"its {field} {'are' if field == 'views' else 'is'} not known"
        case int() | float() if field == "growth":
            return f"it gains {value:,.1f} views an hour"
        case int():
            return f"it has {value:,} views"
        case datetime():
            return f"it was published {value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        case _ if field == "language" and reading.document.language is None:
            return f"its language is {value}, by its text"
        case _:
            return f"its {field} is {value}"


# ------------------------------------------------------------------------------- the tree


class _Reader:
    """Lays the tree of one rule beside one article."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def clause(self, node: Node, field: str | None, *, wanted: bool) -> Clause:
        """A node in a field (None: anywhere). ``wanted`` False: it is better not true."""
        match node:
            case In():
                inner = self.clause(node.node, _narrower(field, node.field), wanted=wanted)
                if _is_leaf(node.node) or isinstance(node.node, In):
                    return inner
                return replace(inner, label=f"{node.field}: {inner.label}")
            case And():
                parts = [self.clause(part, field, wanted=wanted) for part in node.nodes]
                return Clause("AND", _all(parts), parts=tuple(parts), wanted=wanted)
            case Or():
                parts = [self.clause(part, field, wanted=wanted) for part in node.nodes]
                return Clause("OR", _any(parts), parts=tuple(parts), wanted=wanted)
            case Not():
                return self._negation("NOT ", node.node, field, wanted)
            case Group():
                return self._group(node, field, wanted)
            case Near():
                return self._near(node, field, wanted)
            case _:
                return self._leaf(node, field, wanted)

    def _group(self, node: Group, field: str | None, wanted: bool) -> Clause:
        must = [self.clause(part, field, wanted=wanted) for part in node.must]
        must = [replace(part, label=f"+{part.label}") for part in must]
        must_not = [self._negation("-", part, field, wanted) for part in node.must_not]
        should = [self.clause(part, field, wanted=wanted) for part in node.should]
        decisive = [*must, *must_not]
        if should and not must:
            decisive.append(Clause("OR", _any(should)))
        else:
            should = [replace(part, optional=True) for part in should]
        return Clause("+/-", _all(decisive), parts=(*must, *should, *must_not), wanted=wanted)

    def _negation(self, sign: str, node: Node, field: str | None, wanted: bool) -> Clause:
        inner = self.clause(node, field, wanted=not wanted)
        truth = None if inner.satisfied is None else not inner.satisfied
        if not _is_leaf(node):
            return Clause("NOT", truth, parts=(inner,), wanted=wanted)
        label = inner.label
        if not label.startswith("none: "):  # which says so by itself
            label = sign + label
        return replace(inner, label=label, satisfied=truth, wanted=wanted)

    def _near(self, node: Near, field: str | None, wanted: bool) -> Clause:
        label = node.label
        ready = step(node)
        found = _found(ready, self.reading, field)
        if found is _UNDECIDED:
            return _undecided(label, wanted)
        if found is not None:
            reasons = self._places(found, label, wanted)
            return Clause(label, True, tuple(reasons), wanted=wanted)
        if not wanted:
            return Clause(label, False, (_rightly_absent(label, field),), wanted=wanted)
        parts = tuple(self.clause(operand, field, wanted=wanted) for operand in node.nodes)
        if _all(parts):
            assert isinstance(ready, NearStep)
            misses = NearMisses(self.reading, field)
            return Clause(label, False, (misses.too_far(ready),), parts, wanted)
        return Clause(label, False, (), parts, wanted)

    def _leaf(self, node: Node, field: str | None, wanted: bool) -> Clause:
        ready = finder(node)
        label = ready.label
        found = _found(ready, self.reading, field)
        if found is _UNDECIDED:
            return _undecided(label, wanted)
        true = found is not None
        if isinstance(node, Range | Meta):
            return self._of_fact(node, true, wanted)
        reasons = list(self._places(found or (), label, wanted))
        if isinstance(ready, EntityFinder):
            reasons += self._refused(ready, field)
        if not true and not wanted:
            reasons.append(_rightly_absent(label, field))
        elif not true:
            reasons += self._not_there(node, ready, field, bool(reasons))
        return Clause(label, true, tuple(reasons), wanted=wanted)

    def _of_fact(self, node: Range | Meta, true: bool, wanted: bool) -> Clause:
        reading = self.reading
        known = reading.language if node.field == "language" else None
        value = known or getattr(reading.document, node.field)
        reason = Reason(node.label, None, true is wanted, _fact(node.field, value, reading))
        return Clause(node.label, true, (reason,), wanted=wanted)

    def _places(self, hits: Found, label: str, wanted: bool) -> Iterator[Reason]:
        """Where it is found."""
        said = "found" if wanted else "stands here, so the rule does not match"
        placed = (h if isinstance(h, Evidence) else self.reading.evidence(h) for h in hits)
        return _bounded(label, wanted, ((each, said) for each in dict.fromkeys(placed)))

    def _refused(self, ready: EntityFinder, field: str | None) -> Iterator[Reason]:
        """Where a name stands and does not count."""
        reading = self.reading
        lo, hi = _region(reading, field)
        _fresh_budget(reading)
        try:
            refused = ready.matcher.find(reading, lo, hi).refused
        except BudgetExceededError:
            return iter(())
        return _bounded(ready.label, False, ((reading.evidence(hit), why) for hit, why in refused))

    def _not_there(
        self, node: Node, ready: Finder, field: str | None, said_where: bool
    ) -> Iterator[Reason]:
        label = ready.label
        if isinstance(ready, EntityFinder):
            form = "no other form of the name" if said_where else "no form of the name"
            yield Reason(label, None, False, f"{form} counts in {where(field)}")
            return
        _fresh_budget(self.reading)
        try:
            near = list(NearMisses(self.reading, field).of(node, ready))
        except BudgetExceededError:
            near = []
        yield from near or [Reason(label, None, False, f"not in {where(field)}")]


# ------------------------------------------------------------------------------- small things

_UNDECIDED: Found = ((-1, -1, ""),)


def _found(what: Step | Finder, reading: Reading, field: str | None) -> Found | None:
    """What is found, None, or ``_UNDECIDED``."""
    lo, hi = _region(reading, field)
    _fresh_budget(reading)
    try:
        return what.find(reading, lo, hi)
    except BudgetExceededError:
        return _UNDECIDED


def _fresh_budget(reading: Reading) -> None:
    """As if the clause were alone with the article."""
    reading.left, reading.rule_left = BUDGET, RULE_BUDGET


def _region(reading: Reading, field: str | None) -> tuple[int, int]:
    return (1, 0) if field == NOWHERE else reading.region(field)


def _narrower(outer: str | None, inner: str) -> str:
    """The part of the article that lies in both."""
    fields = {outer or inner, inner}
    if len(fields) == 1:
        return inner
    return "lead" if fields == {"lead", "body"} else NOWHERE


def _is_leaf(node: Node) -> bool:
    while isinstance(node, In):
        node = node.node
    return not isinstance(node, And | Or | Not | Group)


def _all(parts: Iterable[Clause]) -> bool | None:
    """Kleene's conjunction: one that is false decides, even beside one that is not decided."""
    truths = {part.satisfied for part in parts}
    return False if False in truths else None if None in truths else True


def _any(parts: Iterable[Clause]) -> bool | None:
    """Kleene's disjunction."""
    truths = {part.satisfied for part in parts}
    return True if True in truths else None if None in truths else False


def _undecided(label: str, wanted: bool) -> Clause:
    return Clause(label, None, (Reason(label, None, False, _TOO_LONG),), wanted=wanted)


def _rightly_absent(label: str, field: str | None) -> Reason:
    return Reason(label, None, True, f"not in {where(field)}, as it must be")


def _bounded(
    label: str, satisfied: bool, found: Iterable[tuple[Evidence, str]]
) -> Iterator[Reason]:
    """The first in each field with their places, the others as a number."""
    counts: Counter[str] = Counter()
    for evidence, said in found:
        counts[evidence.field] += 1
        if counts[evidence.field] <= MOST_OCCURRENCES:
            yield Reason.at(evidence, satisfied, said)
    for field, count in counts.items():
        if count > MOST_OCCURRENCES:
            said = f"{count - MOST_OCCURRENCES:,} more in {where(field)}"
            yield Reason(label, None, satisfied, said)
