"""Trees as queries, in any of the ways in which they can be written."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

from monitor.rules.syntax import (
    And,
    Fuzzy,
    Glob,
    Group,
    In,
    Meta,
    Near,
    Node,
    Not,
    Or,
    Range,
    Regex,
    Stem,
    Term,
    TextField,
)

SPECIAL = '+-!(){}[]^"~*?:\\/&|'
OPERATOR = re.compile(r"AND|OR|NOT|O?NEAR/\d+|[<>].*")  # words that would be read as one


def normal(node: Node, field: TextField | None = None) -> Node:
    """The tree without its labels, and with one form for what can be written in several:
    connectives of one kind are not nested, and fields stand at the clauses."""
    match node:
        case And() | Or():
            kind = type(node)
            nodes = [normal(one, field) for one in node.nodes]
            flat = [
                inner for one in nodes for inner in (one.nodes if type(one) is kind else (one,))
            ]
            return flat[0] if len(flat) == 1 else kind(tuple(flat))
        case Not():
            return Not(normal(node.node, field))
        case Group() if not node.should:
            return normal(And(node.must + tuple(map(Not, node.must_not))), field)
        case Group() if not node.must and not node.must_not:
            return normal(Or(node.should), field)
        case Group():
            parts = (node.must, node.should, node.must_not)
            return Group(*(tuple(normal(one, field) for one in part) for part in parts))
        case In():
            return normal(node.node, "lead" if "lead" in (field, node.field) else node.field)
        case Range():
            low, high = (
                node.low_included or node.low is None,
                node.high_included or node.high is None,
            )
            return replace(node, low_included=low, high_included=high, label="")
        case Meta():
            return replace(node, label="")
        case Regex():
            node = replace(node, pattern=node.pattern.replace("\\/", "/"), label="")
        case Near():
            nodes = tuple(normal(one) for one in node.nodes)
            node = Near(nodes, node.slop, node.ordered, "")
        case _:
            node = replace(node, label="")
    return In(field, node) if field else node


class Spelling:
    """Writes a tree as a query; where there is a choice, ``random`` makes it."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def query(self, node: Node) -> str:
        """The whole query."""
        match node:
            case And():
                joint = self._one_of(" AND ", " && ")
                return joint.join(self._inside(one, Not, Near) for one in node.nodes)
            case Or():
                looser = not any(isinstance(one, Not) for one in node.nodes)
                joint = self._one_of(" OR ", " || ", *([" "] if looser else []))
                return joint.join(self._inside(one, Not, Near, And) for one in node.nodes)
            case Not():
                return self._one_of("NOT ", "!", "NOT  ") + self._inside(node.node)
            case Group():
                clauses = [
                    *(("+", one) for one in node.must),
                    *(("", one) for one in node.should),
                    *((self._one_of("-", "!", "NOT "), one) for one in node.must_not),
                ]
                return " ".join(sign + self._inside(one) for sign, one in clauses)
            case In():
                written = self._inside(node.node)
                prefixed = re.match(r"[a-z.]+:", written)
                return f"{node.field}:({written})" if prefixed else f"{node.field}:{written}"
            case _:
                return self._leaf(node)

    def _one_of(self, *spellings: str) -> str:
        return self._random.choice(spellings)

    def _inside(self, node: Node, *bare: type[Node]) -> str:
        """As an operand; in parentheses if it binds looser and is none of ``bare``."""
        written = self.query(node)
        loose = isinstance(node, And | Or | Not | Group) or (
            isinstance(node, Near) and "NEAR/" in written
        )
        if loose and not isinstance(node, bare):
            return f"({written})"
        return self._one_of(*[written] * 5, f"({written})", f"( {written} )")

    def _leaf(self, node: Node) -> str:
        match node:
            case Term():
                prefix = "" if node.exactness == "folded" else f"{node.exactness}:"
                return prefix + self._text((("text", node.text),))
            case Glob():
                return self._text(node.parts)
            case Fuzzy():
                usual = 1 if len(node.text) <= 5 else 2
                digit = self._one_of(*([""] if node.distance == usual else []), str(node.distance))
                return f"{_escaped(node.text)}~{digit}"
            case Stem():
                language = f".{node.language}" if node.language else ""
                return f"stem{language}:{self._text((('text', node.text),))}"
            case Regex():
                pattern = node.pattern.replace("/", "\\/")
                return f"case:/{pattern}/" if node.case else f"/{pattern}/"
            case Near():
                return self._near(node)
            case Range():
                return self._range(node)
            case Meta():
                return f"{node.field}:{self._text(node.parts)}"
            case _:
                raise TypeError(f"{type(node).__name__} has no spelling")

    def _text(self, parts: tuple[tuple[str, str], ...]) -> str:
        """A word, or a phrase in quotes."""
        plain = "".join(text for _, text in parts)
        phrase = any(map(str.isspace, plain)) or OPERATOR.fullmatch(plain)
        if phrase or self._one_of("", "", "quoted"):
            return '"' + _written(parts, '"\\*?') + '"'
        return _written(parts, SPECIAL)

    def _near(self, node: Near) -> str:
        words = [one.text for one in node.nodes if one == Term(getattr(one, "text", ""), "")]
        sign = "~>" if node.ordered else "~"
        if len(words) == len(node.nodes) and all(map(str.isalpha, words)) and self._one_of("", "p"):
            return f'"{" ".join(words)}"{sign}{node.slop}'
        operator = f" {'O' if node.ordered else ''}NEAR/{node.slop} "
        return operator.join(
            f"({self.query(one)})" if isinstance(one, Or | Near) else self._leaf(one)
            for one in node.nodes
        )

    def _range(self, node: Range) -> str:
        low, high = map(_bound, (node.low, node.high))
        opening = "[" if node.low_included else "{"
        closing = "]" if node.high_included else "}"
        spellings = [f"{opening}{low} TO {high}{closing}"]
        if node.high is None:
            spellings.append(f">{'=' if node.low_included else ''}{low}")
        if node.low is None:
            spellings.append(f"<{'=' if node.high_included else ''}{high}")
        if node.low == node.high and node.low_included and node.high_included:
            spellings.append(low)
        return f"{node.field}:{self._one_of(*spellings)}"


def _bound(value: int | datetime | None) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return "*" if value is None else str(value)


def _written(parts: tuple[tuple[str, str], ...], special: str) -> str:
    return "".join(_escaped(text, special) if kind == "text" else text for kind, text in parts)


def _escaped(text: str, special: str = SPECIAL) -> str:
    return "".join(f"\\{char}" if char in special else char for char in text)
