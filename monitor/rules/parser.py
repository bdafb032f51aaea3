"""The query language: text in, tree out.

Lucene's syntax as Kibana has it; docs/rules.md describes it. Parsed by hand rather than by luqum:
every message has its exact column, and 100,000 queries take a tenth of the time.
"""

from __future__ import annotations

import re
from typing import NoReturn

from monitor.rules.clauses import (
    ANYWHERE,
    WORD,
    Scope,
    clause,
    enter,
    fuzzy,
    need_letters,
    refuse_under,
)
from monitor.rules.lexer import Lexer, QueryError, misplaced
from monitor.rules.ranges import parse_range
from monitor.rules.regex import PatternError, compile_regex
from monitor.rules.syntax import (
    And,
    Fuzzy,
    Glob,
    Group,
    In,
    Leaf,
    Near,
    Node,
    Not,
    Or,
    Regex,
    Stem,
    Term,
    positive,
)

__all__ = ["QueryError", "parse_query"]

MAX_LENGTH = 100_000
MAX_DEPTH = 100
MAX_LEAVES = 5_000
MAX_TREE = 120
"""Nodes inside one another: whoever walks, compares or prints a tree needs up to five frames for
each, and Python allows a thousand. A level of brackets makes at most five nodes."""
MAX_SLOP = 1_000

_NUMBER = re.compile(r"\d{1,4}", re.ASCII)


def parse_query(text: str) -> Node:
    """The tree of a query. Raises QueryError, which says what was expected and where."""
    if len(text) > MAX_LENGTH:
        raise QueryError(
            f"a query has at most {MAX_LENGTH:,} characters, this one has {len(text):,}", MAX_LENGTH
        )
    parser = _Parser(text)
    if parser.lexer.kind == "end":
        raise QueryError("the query is empty: expected a word, a phrase or a bracket", 0)
    node = parser.sequence(ANYWHERE)
    if parser.lexer.kind == "close":
        raise QueryError("this bracket was never opened", parser.lexer.start)
    if parser.deepest > MAX_TREE // 5 and _depth(node) > MAX_TREE:
        raise QueryError(
            f"more than {MAX_TREE} operators inside one another: use fewer brackets",
            parser.deepest_column,
        )
    if not positive(node):
        raise QueryError(
            "this would match nearly every article: say what must be there beside what must not"
            " (NOT or - next to OR is not enough)",
            parser.negations[id(_negated(node))],
        )
    return node


class _Parser:
    """One query being read. A bracket costs three Python frames, so the limit on brackets keeps
    well below the interpreter's."""

    __slots__ = ("deepest", "deepest_column", "depth", "leaves", "lexer", "negations")

    def __init__(self, text: str) -> None:
        self.lexer = Lexer(text)
        self.depth = self.deepest = self.deepest_column = 0
        self.leaves = 0
        self.negations: dict[int, int] = {}  # where a node's sign or NOT stands, by its id

    # ------------------------------------------------------------------- operators

    def sequence(self, scope: Scope) -> Node:
        """Clauses side by side, up to a closing bracket or the end of the query."""
        lexer = self.lexer
        must: list[Node] = []
        should: list[Node] = []
        must_not: list[Node] = []
        while True:
            required: int | None = None  # where a plus sign stands in this clause
            either: list[Node] = []
            all_of: list[Node] = []
            before: str | None = None
            while True:
                begun = lexer.start
                negated = False
                if lexer.kind == "not" or lexer.kind == "sign":
                    sign, negated = self._signs(before)
                    if sign == "+":
                        required = lexer.behind - 1
                start = lexer.start
                node = self._operand(scope, before)
                if lexer.kind == "near":
                    node = self._near(node, start, scope)
                if negated:
                    self.negations[id(node)] = begun
                all_of.append(Not(node) if negated else node)
                if lexer.kind == "and":
                    before = lexer.text
                    lexer.advance()
                    continue
                either.append(_joined(And, all_of))
                if lexer.kind == "or":
                    before = lexer.text
                    all_of = []
                    lexer.advance()
                    continue
                break
            if required is not None:
                if len(either) > 1:
                    raise QueryError("+ beside OR says nothing: use brackets", required)
                must.append(either[0])
            elif negated and len(either) == len(all_of) == 1:
                must_not.append(node)
            else:
                should.append(_joined(Or, either))
            if lexer.kind == "end" or lexer.kind == "close":
                return _grouped(must, should, must_not)

    def _signs(self, before: str | None) -> tuple[str | None, bool]:
        """A sign before a clause, and whether the clause is negated by it or by NOT."""
        lexer = self.lexer
        sign: str | None = None
        negated = False
        while lexer.kind == "not" or lexer.kind == "sign":
            if sign is not None:
                self._expected(f"directly behind {sign}")
            if lexer.text != "+":
                negated = not negated
            if lexer.kind == "sign":
                sign = lexer.text
                here = lexer.start
                lexer.advance()
                if lexer.start != here + 1 or lexer.kind == "end":
                    raise QueryError(
                        f"expected a word, a phrase or a bracket directly behind {sign}; where the"
                        f" sign itself is meant, write \\{sign} or use quotes",
                        here + 1,
                    )
            else:
                lexer.advance()
                if lexer.kind in ("end", "close", "and", "or"):
                    self._expected("behind NOT")
        return sign, negated

    def _near(self, first: Node, start: int, scope: Scope) -> Node:
        """The operand that begins at ``start`` and those with NEAR behind it."""
        lexer = self.lexer
        operator, _, number = lexer.text.partition("/")
        slop = _slop(number, lexer.end - len(number), f"how many words apart, as in {operator}/5")
        operands = [_nearable(first, start)]
        chain = lexer.text
        while lexer.kind == "near":
            if lexer.text != chain:
                raise QueryError(
                    f"expected {chain} again: one chain has one operator and one number",
                    lexer.start,
                )
            lexer.advance()
            start_of_next = lexer.start
            operands.append(_nearable(self._operand(scope, chain), start_of_next))
        return Near(tuple(operands), slop, operator == "ONEAR", self._label(start))

    # -------------------------------------------------------------------- operands

    def _operand(self, scope: Scope, before: str | None) -> Node:
        """A word, phrase, regex, range or bracket, with the prefixes before it."""
        lexer = self.lexer
        start = lexer.start
        inner = scope
        while lexer.kind == "field":
            name = lexer.text
            inner = enter(inner, name, lexer.start)
            lexer.values = inner.range is not None
            lexer.advance()
            before = f"{name}:"
        node: Node
        match lexer.kind:
            case "word" | "rough":
                node = self._word(inner, start)
            case "phrase":
                node = self._phrase(inner, start)
            case "open":
                node = self._bracket(inner, scope)
            case "regex":
                node = self._regex(inner, start)
            case "value" if inner.range is not None:
                written, column = lexer.text, lexer.start
                lexer.values = scope.range is not None
                lexer.advance()
                node = self._leaf(parse_range(inner.range, written, column, self._label(start)))
            case _:
                self._expected(f"behind {before}" if before else None)
        if inner.text is not None and inner.text != scope.text:
            return In(inner.text, node)
        return node

    def _bracket(self, inner: Scope, outer: Scope) -> Node:
        lexer = self.lexer
        opened = lexer.start
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise QueryError(f"more than {MAX_DEPTH} brackets inside one another", opened)
        if self.depth > self.deepest:
            self.deepest, self.deepest_column = self.depth, opened
        lexer.advance()
        node = self.sequence(inner)
        if lexer.kind == "end":
            raise QueryError("this bracket is never closed", opened)
        self.depth -= 1
        lexer.values = outer.range is not None
        lexer.advance()
        return node

    def _word(self, scope: Scope, start: int) -> Node:
        lexer = self.lexer
        written, column, plain = lexer.text, lexer.start, lexer.kind == "word"
        lexer.advance()
        if lexer.kind == "tilde" and lexer.start == lexer.behind:
            sign, place = lexer.text, lexer.start
            lexer.advance()
            return self._leaf(fuzzy(scope, written, column, sign, place, self._label(start)))
        if plain and scope is ANYWHERE:
            need_letters(written, column)
            return self._leaf(Term(written, written))
        return self._leaf(clause(scope, written, column, self._label(start)))

    def _phrase(self, scope: Scope, start: int) -> Node:
        lexer = self.lexer
        inside, column = lexer.text[1:-1], lexer.start + 1
        lexer.advance()
        if lexer.kind != "tilde" or lexer.start != lexer.behind:
            return self._leaf(clause(scope, inside, column, self._label(start)))
        if scope.meta is not None:
            refuse_under(scope, "proximity", lexer.start)
        ordered = lexer.text.startswith("~>")
        number = lexer.text[2 if ordered else 1 :]
        slop = _slop(number, lexer.end - len(number), 'how many words apart, as in "a b"~5')
        words = [
            self._leaf(clause(scope, word[0], column + word.start(), word[0]))
            for word in WORD.finditer(inside)
            if any(map(str.isalnum, word[0])) or "*" in word[0] or "?" in word[0]
        ]
        if len(words) < 2:
            raise QueryError("proximity needs at least two words in the quotation marks", column)
        lexer.advance()
        return Near(tuple(words), slop, ordered, self._label(start))

    def _regex(self, scope: Scope, start: int) -> Node:
        lexer = self.lexer
        if scope.meta is not None or scope.stem is not None:
            refuse_under(scope, "a regular expression", lexer.start)
        pattern, column = lexer.text[1:-1], lexer.start + 1
        case = scope.exactness in ("case", "exact")
        try:
            compile_regex(pattern, case=case)
        except PatternError as error:
            raise QueryError(error.message, column + error.column) from None
        lexer.advance()
        if lexer.start == lexer.behind and lexer.kind in ("word", "rough", "field", "tilde"):
            raise QueryError(
                "expected a blank behind the regular expression: flags stand in it, as in /(?s)a/",
                lexer.start,
            )
        return self._leaf(Regex(pattern, self._label(start), case))

    # ------------------------------------------------------------------ small things

    def _leaf(self, leaf: Leaf) -> Leaf:
        self.leaves += 1
        if self.leaves > MAX_LEAVES:
            raise QueryError(f"a query has at most {MAX_LEAVES:,} clauses", self.lexer.behind)
        return leaf

    def _label(self, start: int) -> str:
        """The clause as written, of which the last token has just been passed."""
        return self.lexer.query[start : self.lexer.behind]

    def _expected(self, where: str | None) -> NoReturn:
        """Say what is wrong with the token where an operand should begin."""
        lexer = self.lexer
        sign, column = lexer.text, lexer.start
        message = None
        if lexer.kind == "other":
            message = misplaced(sign)
        elif lexer.kind == "tilde":
            message = "~ stands directly behind a word or a phrase"
        elif lexer.kind == "close" and not self.depth:
            message = "this bracket was never opened"
        elif lexer.kind in ("and", "or", "near") and where is None:
            where = f"before {sign[:20]}"
        elif lexer.kind == "close" and where is None:
            where = "in the brackets"
        wanted = "a number or a time" if lexer.values else "a word, a phrase or a bracket"
        raise QueryError(message or f"expected {wanted} {where or 'here'}", column)


def _negated(node: Node) -> Node:
    """The first negated node that keeps a tree from being positive."""
    while not isinstance(node, Not):
        match node:
            case And(nodes) | Or(nodes):
                node = next(child for child in nodes if not positive(child))
            case Group(must, should):
                node = next(child for child in must or should if not positive(child))
            case In(_, child):
                node = child
            case _:
                raise AssertionError("the tree is positive")
    return node.node


def _depth(node: Node) -> int:
    """How many nodes are inside one another, the outermost and the innermost counted."""
    depth = 0
    level: list[Node] = [node]
    while level:
        depth += 1
        level = [child for parent in level for child in _children(parent)]
    return depth


def _children(node: Node) -> tuple[Node, ...]:
    match node:
        case And(nodes) | Or(nodes) | Near(nodes):
            return nodes
        case Not(child) | In(_, child):
            return (child,)
        case Group(must, should, must_not):
            return must + should + must_not
        case _:
            return ()


def _slop(number: str, column: int, wanted: str) -> int:
    if not _NUMBER.fullmatch(number) or int(number) > MAX_SLOP:
        raise QueryError(
            f"expected {wanted} (at most {MAX_SLOP:,}), not {number[:20] or 'nothing'}", column
        )
    return int(number)


def _nearable(node: Node, column: int) -> Node:
    """The node, if it may stand beside NEAR."""
    waiting = [node]
    while waiting:
        match waiting.pop():
            case Or(nodes):
                waiting += nodes
            case Term() | Glob() | Fuzzy() | Stem():
                pass
            case In(field):
                raise QueryError(f"write {field}:(a NEAR/5 b), not {field}:a NEAR/5 b", column)
            case _:
                raise QueryError(
                    "beside NEAR stand words, phrases, or brackets with OR between such", column
                )
    return node


# ----------------------------------------------------------------------------- connectives


def _joined(connective: type[And | Or], nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else connective(tuple(nodes))


def _grouped(must: list[Node], should: list[Node], must_not: list[Node]) -> Node:
    """Clauses side by side as one node."""
    if must or (should and must_not):
        if len(must) == 1 and not should and not must_not:
            return must[0]
        return Group(tuple(must), tuple(should), tuple(must_not))
    if must_not:
        return _joined(And, [Not(node) for node in must_not])
    return _joined(Or, should)
