"""The query language as a tree: what a query says, nothing of how it is found.

``monitor.rules.parser`` makes these of text, ``any``/``all``/``none``/``entity`` rules are turned
into the same nodes. Nodes are frozen and compare by value. Every node but the connectives bears
``label``: the clause as its author wrote it, which evidence and explanations show.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from monitor.config.settings import EntitySettings

TextField = Literal["title", "body", "lead"]
MetaField = Literal["source", "language", "url"]
Exactness = Literal["folded", "case", "accent", "exact"]
"""What must agree beside the letters: nothing, case, diacritics, or both."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase: every whole-word occurrence of its folded text."""

    text: str
    label: str
    exactness: Exactness = "folded"


@dataclass(frozen=True, slots=True)
class Glob:
    """A word or phrase with wildcards. ``parts``: literal text, ``"?"`` (one word character) and
    ``"*"`` (any number of them, none included), told apart by their place: literal text is
    wrapped as ``("text", ...)``, wildcards as ``("one", "?")`` and ``("many", "*")``."""

    parts: tuple[tuple[Literal["text", "one", "many"], str], ...]
    label: str


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Words within ``distance`` edits (1 or 2) of ``text``: optimal string alignment, in which
    swapping two neighbours is one edit."""

    text: str
    distance: int
    label: str


@dataclass(frozen=True, slots=True)
class Stem:
    """Words with the stem of ``text``'s words; language None: that of the article."""

    text: str
    language: str | None
    label: str


@dataclass(frozen=True, slots=True)
class Regex:
    """An RE2 expression, searched in the article as it was written."""

    pattern: str
    label: str
    case: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """A person, organisation or place, in all its spellings."""

    settings: EntitySettings
    label: str


@dataclass(frozen=True, slots=True)
class Near:
    """One occurrence of each operand, with at most ``slop`` other words between them in all, in
    one paragraph; ``ordered``: in the order of the operands."""

    nodes: tuple[Node, ...]  # Term, Glob, Fuzzy, Stem, Entity, Near, or an Or of such
    slop: int
    ordered: bool
    label: str


@dataclass(frozen=True, slots=True)
class Range:
    """``views`` (whole numbers), ``growth`` (views per hour) or ``published`` (aware UTC) between
    two bounds; None: open."""

    field: Literal["views", "growth", "published"]
    low: int | float | datetime | None
    high: int | float | datetime | None
    low_included: bool
    high_included: bool
    label: str


@dataclass(frozen=True, slots=True)
class Meta:
    """The article's source, language or address: the whole of it, folded, wildcards allowed.

    ``parts`` as in ``Glob`` (here ``*`` and ``?`` stand for any character). A language also
    matches its regional forms: ``en`` is ``en-GB`` too.
    """

    field: MetaField
    parts: tuple[tuple[Literal["text", "one", "many"], str], ...]
    label: str


@dataclass(frozen=True, slots=True)
class In:
    """The node, looked for in one part of the article only."""

    field: TextField
    node: Node


@dataclass(frozen=True, slots=True)
class And:
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    node: Node


@dataclass(frozen=True, slots=True)
class Group:
    """``+must should -must_not`` side by side: all of ``must``, none of ``must_not``, and where
    there is no ``must`` at least one of ``should``."""

    must: tuple[Node, ...]
    should: tuple[Node, ...]
    must_not: tuple[Node, ...]


Leaf = Term | Glob | Fuzzy | Stem | Regex | Entity | Near | Range | Meta
Node = Leaf | In | And | Or | Not | Group


def positive(node: Node) -> bool:
    """Whether the node needs something to be there.

    A rule of a node that does not (``NOT war``, ``peace OR NOT war``) would match nearly every
    article, and is refused.
    """
    match node:
        case In():
            return positive(node.node)
        case And():
            return any(map(positive, node.nodes))
        case Or():
            return all(map(positive, node.nodes))
        case Not():
            return False
        case Group():
            if node.must:
                return any(map(positive, node.must))
            return bool(node.should) and all(map(positive, node.should))
        case _:
            return True
