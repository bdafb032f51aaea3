"""A rule as a tree: what its keywords, entity or query say, in the nodes of ``syntax``."""

from __future__ import annotations

from monitor.config.settings import RuleSettings
from monitor.rules.parser import parse_query
from monitor.rules.scan import literal
from monitor.rules.syntax import And, Entity, In, Node, Not, Or, Term


def tree_of(rule: RuleSettings) -> Node:
    """The whole rule, its scope included. Raises QueryError for its query."""
    node = _looked_for(rule)
    return node if rule.scope == "both" else In(rule.scope, node)


def _looked_for(rule: RuleSettings) -> Node:
    if rule.query is not None:
        return parse_query(rule.query)
    wanted: list[Node] = []
    if rule.entity is not None:
        wanted.append(Entity(rule.entity, f"entity: {rule.entity.name}"))
    wanted += _terms("all", rule.all)
    if rule.any:
        wanted.append(_one_of(_terms("any", rule.any)))
    wanted += [Not(term) for term in _terms("none", rule.none)]
    return wanted[0] if len(wanted) == 1 else And(tuple(wanted))


def _terms(key: str, words: tuple[str, ...]) -> list[Node]:
    """The first of those that read the same."""
    first: dict[str, Node] = {}
    for word in words:
        first.setdefault(literal(word), Term(word, f"{key}: {word}"))
    return list(first.values())


def _one_of(terms: list[Node]) -> Node:
    return terms[0] if len(terms) == 1 else Or(tuple(terms))
