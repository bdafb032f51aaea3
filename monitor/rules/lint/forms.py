"""Queries in a form that can be reasoned about: fields and negations pushed down to the clauses.

``All`` and ``Some`` are flat (no ``All`` directly in an ``All``), and only an ``Atom`` may be
negative: ``NOT (a OR b)`` is ``NOT a AND NOT b``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from monitor.rules.scan import exact_form, literal, loose
from monitor.rules.syntax import (
    And,
    Entity,
    Fuzzy,
    Glob,
    Group,
    In,
    Leaf,
    Meta,
    Near,
    Node,
    Not,
    Or,
    Range,
    Regex,
    Stem,
    Term,
)
from monitor.text import fold

Region = str
"""all, title, body, lead, or nowhere (``title:(body:x)``)."""

_LONGEST = 60  # characters of a clause that messages show


@dataclass(frozen=True, eq=False)
class Atom:
    """One clause in one part of the article, or that it must not be there.

    ``key`` is equal for what looks for the same, however it is written; so it is in ``All`` and
    ``Some``, whatever the order of their parts.
    """

    leaf: Leaf
    region: Region
    positive: bool = True

    @cached_property
    def key(self) -> Hashable:
        return self.positive, self.region if in_text(self.leaf) else "all", leaf_key(self.leaf)

    @cached_property
    def denied(self) -> Atom:
        return Atom(self.leaf, self.region, not self.positive)


@dataclass(frozen=True, eq=False)
class All:
    """Every part. ``optional`` ones make no difference to whether it is true, only to what is
    found (``should`` beside ``must``)."""

    parts: tuple[Form, ...]
    optional: tuple[Form, ...] = ()

    @cached_property
    def key(self) -> Hashable:
        return "all", frozenset(part.key for part in self.parts)


@dataclass(frozen=True, eq=False)
class Some:
    """At least one part."""

    parts: tuple[Form, ...]

    @cached_property
    def key(self) -> Hashable:
        return "some", frozenset(part.key for part in self.parts)


Form = Atom | All | Some


def form_of(node: Node, region: Region = "all", *, positive: bool = True) -> Form:
    """A tree in this form."""
    match node:
        case In():
            return form_of(node.node, _meet(region, node.field), positive=positive)
        case Not():
            return form_of(node.node, region, positive=not positive)
        case And():
            return _joined(node.nodes, region, every=positive, positive=positive)
        case Or():
            return _joined(node.nodes, region, every=not positive, positive=positive)
        case Group():
            return _of_group(node, region, positive)
        case _:
            return Atom(node, region, positive)


def _of_group(group: Group, region: Region, positive: bool) -> Form:
    needed = [form_of(node, region, positive=positive) for node in group.must]
    if not group.must:
        needed = [_joined(group.should, region, every=not positive, positive=positive)]
    refused = [form_of(node, region, positive=not positive) for node in group.must_not]
    whole = flat((*needed, *refused), every=positive)
    if isinstance(whole, All) and positive and group.must:
        return All(whole.parts, tuple(form_of(node, region) for node in group.should))
    return whole


def _joined(nodes: Iterable[Node], region: Region, *, every: bool, positive: bool) -> Form:
    return flat([form_of(node, region, positive=positive) for node in nodes], every=every)


def flat(parts: Iterable[Form], *, every: bool) -> Form:
    """All or some of these, without another of the same kind directly in it."""
    kind = All if every else Some
    found: list[Form] = []
    optional: list[Form] = []
    for part in parts:
        found += part.parts if isinstance(part, kind) else (part,)
        optional += part.optional if isinstance(part, All) and every else ()
    if len(found) == 1 and not optional:
        return found[0]
    return All(tuple(found), tuple(optional)) if every else Some(tuple(found))


def _meet(outer: Region, inner: Region) -> Region:
    """The part of an article that is in both fields."""
    if outer == inner or outer == "all":
        return inner
    if inner == "all" or (outer, inner) == ("lead", "body"):
        return outer
    return "lead" if (outer, inner) == ("body", "lead") else "nowhere"


def atoms(form: Form) -> Iterator[Atom]:
    """Every clause, the optional ones too."""
    if isinstance(form, Atom):
        yield form
        return
    for part in form.parts:
        yield from atoms(part)
    if isinstance(form, All):
        for part in form.optional:
            yield from atoms(part)


def in_text(leaf: Leaf) -> bool:
    """Whether a clause is about words, not about views, dates, sources."""
    return not isinstance(leaf, Range | Meta)


def leaf_key(leaf: Node) -> Hashable:
    """Equal for clauses that find the same, however they are written."""
    match leaf:
        case Term(text, _, "folded"):
            return "term", literal(text)
        case Term(text, _, exactness):
            return "term", exactness, exact_form(text, exactness)
        case Glob():
            return "glob", loose(leaf.parts)
        case Fuzzy():
            return "fuzzy", literal(leaf.text), leaf.distance
        case Stem():
            return "stem", literal(leaf.text), leaf.language
        case Regex():
            return "regex", leaf.pattern, leaf.case
        case Near():
            operands = tuple(leaf_key(node) for node in leaf.nodes)
            in_any_order = frozenset(Counter(operands).items())
            return "near", operands if leaf.ordered else in_any_order, leaf.slop
        case Entity(settings):
            return (
                "entity",
                settings.kind,
                literal(settings.name),
                frozenset(map(literal, settings.aliases)),
                frozenset(map(literal, settings.exclude)),
                literal(settings.surname or ""),
                settings.surname_alone,
            )
        case Range():
            bounds = leaf.low, leaf.high, leaf.low_included, leaf.high_included
            return "range", leaf.field, bounds
        case Meta():
            return "meta", leaf.field, tuple((kind, fold(text)) for kind, text in leaf.parts)
        case _:  # alternatives in a Near
            return form_of(leaf).key


def show(form: Form) -> str:
    """The form as a query, for messages; long ones cut."""
    text = _shown(form, outermost=True)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def _shown(form: Form, *, outermost: bool = False) -> str:
    if isinstance(form, Atom):
        label = form.leaf.label
        return label if form.positive or label.startswith("none: ") else f"NOT {label}"
    joint = " AND " if isinstance(form, All) else " OR "
    text = joint.join(map(_shown, form.parts[:5]))  # more would be cut anyway
    return text if outermost else f"({text})"
