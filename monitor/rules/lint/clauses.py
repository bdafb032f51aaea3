"""Clauses that can never be true, and clauses that make no difference."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from monitor.config.settings import EntitySettings
from monitor.config.yaml import Path as KeyPath
from monitor.rules.lint.findings import Check, Severity
from monitor.rules.lint.forms import All, Atom, Form, Some, atoms, flat, in_text, show
from monitor.rules.lint.proof import Prover, empty
from monitor.rules.syntax import Entity, Term

MOST_COMPARED = 150
"""Alternatives that are compared one by one; of more only the equal ones are found."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding without its rule: ``about`` is the clause that it should point at, ``path`` the
    key where that is more exact."""

    check: Check
    severity: Severity
    about: Form
    message: str
    path: KeyPath | None = None


def check_clauses(form: Form, *, min_hits: int, demands: Sequence[Form] = ()) -> Iterator[Remark]:
    """What is wrong with how the clauses of one rule go together.

    ``demands`` must be true besides: the rule's other settings.
    """
    prover = Prover()
    found = list(_contradictions(flat((form, *demands), every=True), prover))
    yield from found
    yield from _entities(form, prover)
    if min_hits > 1 and not any(a.positive and in_text(a.leaf) for a in atoms(form)):
        message = f"min_hits: {min_hits} words are wanted, and no clause looks for words"
        yield Remark("unreachable", "error", form, message)
    if not any(remark.severity == "error" for remark in found) and min_hits == 1:
        yield from _redundancies(form, prover)


# --------------------------------------------------------------------------- contradictions


@dataclass(frozen=True, slots=True)
class _Dead:
    """A form that can never be true, and why."""

    form: Form
    why: str


_Facts = dict[Hashable, Atom]
"""Clauses that are true, by their keys."""


def _contradictions(form: Form, prover: Prover) -> Iterator[Remark]:
    branches: list[_Dead] = []
    dead = _dead(form, {}, prover, branches)
    if dead is not None:
        yield Remark("unreachable", "error", dead.form, f"the rule can never match: {dead.why}")
        return
    for branch in branches:
        message = f"{show(branch.form)} can never be true here: {branch.why}"
        yield Remark("unreachable", "warning", branch.form, message)


def _dead(form: Form, facts: _Facts, prover: Prover, branches: list[_Dead]) -> _Dead | None:
    """Why the form cannot be true where all ``facts`` are; None: it may be.

    Alternatives that cannot, beside others that can, are added to ``branches``.
    """
    if isinstance(form, Atom):
        return _dead_atom(form, facts, prover)
    if isinstance(form, Some):
        return _dead_some(form, facts, prover, branches)
    facts = dict(facts)
    for part in sorted(form.parts, key=lambda part: not isinstance(part, Atom)):
        if found := _dead(part, facts, prover, branches):
            return found
        if isinstance(part, Atom):
            facts[part.key] = part
    for part in form.optional:
        if found := _dead(part, facts, prover, branches):
            branches.append(_Dead(part, found.why))
    return None


def _dead_atom(atom: Atom, facts: _Facts, prover: Prover) -> _Dead | None:
    if atom.positive and atom.region == "nowhere" and in_text(atom.leaf):
        return _Dead(atom, f"{show(atom)} is looked for in two fields that have nothing in common")
    if atom.positive and empty(atom.leaf):
        return _Dead(atom, f"there is nothing in the range {show(atom)}")
    fact = facts.get(atom.denied.key)
    if fact is None and not prover.spent:
        fact = next((fact for fact in facts.values() if prover.excludes(fact, atom)), None)
    if fact is None:
        return None
    first, second = (fact, atom) if fact.positive else (atom, fact)
    return _Dead(atom, f"{show(first)} and {show(second)} exclude each other")


def _dead_some(form: Some, facts: _Facts, prover: Prover, branches: list[_Dead]) -> _Dead | None:
    below: list[_Dead] = []
    dead = []
    for part in form.parts:
        if found := _dead(part, facts, prover, below):
            dead.append(_Dead(part, found.why))
    if len(dead) == len(form.parts):
        others = len(dead) - 1
        more = (
            "" if not others else ", and so for " + (f"{others} more" if others > 1 else "one more")
        )
        return _Dead(form, dead[0].why + more)
    branches += [*dead, *below]
    return None


# --------------------------------------------------------------------------- entities


def _entities(form: Form, prover: Prover) -> Iterator[Remark]:
    """Names that the rule itself rules out: by its ``none``, or by the entity's ``exclude``."""
    parts = form.parts if isinstance(form, All) else (form,)
    refused = [
        part.leaf
        for part in parts
        if isinstance(part, Atom) and not part.positive and isinstance(part.leaf, Term)
    ]
    for part in parts:
        if isinstance(part, Atom) and part.positive and isinstance(part.leaf, Entity):
            yield from _ruled_out(part, part.leaf.settings, refused, prover)


def _ruled_out(
    about: Atom, entity: EntitySettings, refused: Sequence[Term], prover: Prover
) -> Iterator[Remark]:
    excluded = [Term(text, f"exclude: {text}") for text in entity.exclude]
    found: list[Remark] = []
    names = [entity.name, *entity.aliases]
    for number, name in enumerate(names):
        within = (term for term in (*refused, *excluded) if prover.found(term, name))
        if (term := next(within, None)) is not None:
            path = ("entity", "aliases", number - 1) if number else ("entity", "name")
            message = f"{name!r} never counts: {term.label} is in it"
            found.append(Remark("unreachable", "warning", about, message, path))
    if len(found) == len(names) and entity.kind != "person":  # whose short forms may count
        message = f"the rule can never match: {found[0].message}"
        yield replace(found[0], severity="error", message=message)
    else:
        yield from found


# --------------------------------------------------------------------------- redundancies


def _redundancies(form: Form, prover: Prover) -> Iterator[Remark]:
    if isinstance(form, Atom):
        return
    kept: dict[object, Form] = {}
    for part in form.parts:
        first = kept.setdefault(part.key, part)
        if first is not part:
            again = show(part) == show(first)
            said = "stands here twice" if again else f"says the same as {show(first)}"
            yield Remark("repeated", "warning", part, f"{show(part)} {said}")
    parts = list(kept.values())
    if len(parts) <= MOST_COMPARED:
        yield from _implied(parts, isinstance(form, All), prover)
    for part in parts:
        yield from _redundancies(part, prover)


def _implied(parts: Sequence[Form], every: bool, prover: Prover) -> Iterator[Remark]:
    told: set[int] = set()
    for pair in combinations(range(len(parts)), 2):
        for one, other in (pair, pair[::-1]):
            if told & {one, other} or not prover.implies(parts[one], parts[other]):
                continue
            # Of two that must be there the weaker one is spare, of alternatives the stronger.
            spare, enough = (other, one) if every else (one, other)
            told.add(spare)
            message = f"{show(parts[spare])} makes no difference beside {show(parts[enough])}"
            yield Remark("redundant", "note", parts[spare], message)
