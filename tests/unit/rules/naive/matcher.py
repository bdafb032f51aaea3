"""Which evidence a rule has in a document, clause by clause as the language defines them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise, product
from typing import NamedTuple

from monitor.config.settings import RuleSettings
from monitor.language import detect
from monitor.rules.parser import parse_query
from monitor.rules.reading import Document
from monitor.rules.syntax import (
    And,
    Entity,
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
)
from monitor.text import fold

from .page import Page, keyword
from .spans import Span, agrees, fuzzy_spans, phrase_spans, stem_spans

FIRST = 20  # of one clause in one field


class Hit(NamedTuple):
    """Evidence: field (title, body, views, source, ...), offsets in it, clause."""

    field: str
    start: int
    end: int
    label: str


Found = set[Hit] | None  # None: not true
Spans = set[tuple[int, int, str]]  # in cells, with the label


def matches(rule: RuleSettings, document: Document) -> Found:
    """The evidence of a rule that is no entity's, or None where it does not match."""
    if rule.sources and document.source not in rule.sources:
        return None
    if rule.languages:
        language = _language(document) or ""
        if not any(_is_language(language, wanted) for wanted in rule.languages):
            return None
    found = _evidence(_tree(rule), Page(document), frozenset())
    if found is None:
        return None
    places = {hit[:3] for hit in found if hit.field in ("title", "body")}
    if rule.min_hits > 1 and len(places) < rule.min_hits:
        return None
    return _first(found)


def _tree(rule: RuleSettings) -> Node:
    """What the rule asks for. Keywords that read the same are one clause, named by the first."""
    if rule.query is not None:
        node = parse_query(rule.query)
    else:
        all_, any_, none = (
            tuple({keyword(w): Term(w, f"{name}: {w}") for w in reversed(words)}.values())
            for name, words in (("all", rule.all), ("any", rule.any), ("none", rule.none))
        )
        node = And(all_ + ((Or(any_),) if any_ else ()) + ((Not(Or(none)),) if none else ()))
    return node if rule.scope == "both" else In(rule.scope, node)


def _first(found: set[Hit]) -> set[Hit]:
    return {
        hit
        for hit in found
        if sum(
            other < hit for other in found if (other.field, other.label) == (hit.field, hit.label)
        )
        < FIRST
    }


def _evidence(node: Node, page: Page, fields: frozenset[str]) -> Found:
    """What makes the node true. ``fields``: all those that it stands in."""
    match node:
        case And():
            return _all([_evidence(one, page, fields) for one in node.nodes])
        case Or():
            return _some([_evidence(one, page, fields) for one in node.nodes])
        case Not():
            return set() if _evidence(node.node, page, fields) is None else None
        case Group():
            must = [_evidence(one, page, fields) for one in node.must]
            should = [_evidence(one, page, fields) for one in node.should]
            must_not = [_evidence(one, page, fields) for one in node.must_not]
            if _some(must_not) is not None:
                return None
            if node.must or not node.should:
                return _all([*must, _some(should) or set()])
            return _some(should)
        case In():
            return _evidence(node.node, page, fields | {node.field})
        case Range():
            return _range(node, page.document)
        case Meta():
            return _meta(node, page.document)
        case Regex():
            return set(_regex(node, page, fields)) or None
        case Entity():
            raise NotImplementedError("entities have tests of their own")
        case _:
            return {_hit(page, *span) for span in _spans(node, page, fields)} or None


def _all(found: list[Found]) -> Found:
    return None if None in found else set().union(*(one for one in found if one is not None))


def _some(found: list[Found]) -> Found:
    true = [one for one in found if one is not None]
    return set().union(*true) if true else None


def _hit(page: Page, start: int, end: int, label: str) -> Hit:
    title = len(page.document.title)
    first, behind = page.cells[start].start, page.cells[end - 1].end
    if first < title:
        return Hit("title", first, behind, label)
    return Hit("body", first - title - 1, behind - title - 1, label)


# --------------------------------------------------------------------------- clauses of the text


def _spans(node: Node, page: Page, fields: frozenset[str]) -> Spans:
    """Of the clauses that Near takes, and of Near itself."""

    def inside(spans: Iterator[Span], label: str) -> Spans:
        return {
            (start, end, label)
            for start, end in spans
            if all(fields <= cell.parts for cell in page.cells[start:end])
        }

    match node:
        case Term():
            spans = phrase_spans(page, [("text", node.text)])
            right = (s for s in spans if agrees(page.written(*s), node.text, node.exactness))
            return inside(right, node.label)
        case Glob():
            return inside(phrase_spans(page, node.parts), node.label)
        case Fuzzy():
            return inside(fuzzy_spans(page, node.text, node.distance), node.label)
        case Stem():
            language = node.language or _language(page.document)
            return inside(stem_spans(page, node.text, language), node.label)
        case Near():
            return _near(node, page, fields)
        case Or():
            return set().union(*(_spans(one, page, fields) for one in node.nodes))
        case _:
            raise TypeError(f"{type(node).__name__} has no place in NEAR")


def _near(node: Near, page: Page, fields: frozenset[str]) -> Spans:
    """All spans of all combinations, one span of each operand, that stand near each other."""
    words = page.words()
    near: Spans = set()
    for chosen in product(*(_spans(one, page, fields) for one in node.nodes)):
        placed = sorted(chosen)
        if node.ordered and placed != list(chosen):
            continue
        gaps = [(one[1], other[0]) for one, other in pairwise(placed)]
        if any(start > end for start, end in gaps):
            continue
        if "\n" in page.text(placed[0][0], placed[-1][1]):
            continue
        between = sum(gap[0] <= w[0] and w[1] <= gap[1] for w in words for gap in gaps)
        if between <= node.slop:
            near |= {(start, end, node.label) for start, end, _ in chosen}
    return near


def _regex(node: Regex, page: Page, fields: frozenset[str]) -> Iterator[Hit]:
    """By Python's own ``re``: only for expressions that mean the same to it and to RE2."""
    pattern = node.pattern.replace("$", r"\Z")  # to Python, $ is before a line feed too
    for line in page.lines:
        if not fields <= line.parts:
            continue
        for found in re.finditer(pattern, line.text, 0 if node.case else re.IGNORECASE):
            if found[0]:
                start, end = line.start + found.start(), line.start + found.end()
                behind = len(page.document.title) + 1
                if line.parts == {"title"}:
                    yield Hit("title", start, end, node.label)
                else:
                    yield Hit("body", start - behind, end - behind, node.label)


# --------------------------------------------------------------------------- clauses of the rest


def _range(node: Range, document: Document) -> Found:
    value = getattr(document, node.field)
    if value is None:
        return None
    above = node.low is None or value > node.low or (node.low_included and value == node.low)
    below = node.high is None or value < node.high or (node.high_included and value == node.high)
    if not (above and below):
        return None
    if node.field == "growth":
        return {_whole(node, f"{value:.1f}")}
    return {_whole(node, str(value) if node.field == "views" else value.isoformat())}


def _meta(node: Meta, document: Document) -> Found:
    value = _language(document) if node.field == "language" else getattr(document, node.field)
    if value is None:
        return None
    pattern = "".join(
        re.escape(fold(text)) if kind == "text" else {"one": ".", "many": ".*"}[kind]
        for kind, text in node.parts
    )
    values = [value]
    if node.field == "language":
        values += [value[:at] for at, char in enumerate(value) if char == "-"]
    if any(re.fullmatch(pattern, fold(one), re.DOTALL) for one in values):
        return {_whole(node, value)}
    return None


def _whole(node: Range | Meta, text: str) -> Hit:
    return Hit(node.field, 0, len(text), node.label)


def _language(document: Document) -> str | None:
    return document.language or detect(f"{document.title}\n{document.body}")


def _is_language(language: str, wanted: str) -> bool:
    return language.lower() == wanted or language.lower().startswith(f"{wanted}-")
