"""All that one rule's own text shows."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from monitor.config.settings import RuleSettings
from monitor.config.yaml import Path as KeyPath
from monitor.rules.lint.clauses import Remark, check_clauses
from monitor.rules.lint.findings import Finding
from monitor.rules.lint.forms import Form, atoms, flat, form_of, show
from monitor.rules.lint.wording import check_keywords, check_names, check_wording
from monitor.rules.syntax import Meta, MetaField, Node, Or, Regex
from monitor.rules.tree import tree_of
from monitor.rules.triggers import triggers


def lint_rule(rule: RuleSettings) -> tuple[list[Finding], Hashable]:
    """The findings, and a key that is equal for rules that match the same articles.

    Raises QueryError where the rule's query is none.
    """
    tree = tree_of(rule)
    form = form_of(tree)
    demands = _demands(rule)
    remarks = [
        *check_clauses(form, min_hits=rule.min_hits, demands=demands),
        *check_wording(form),
        *_everywhere(tree, form),
    ]
    places = _places(rule)
    findings = []
    for remark in remarks:
        path, offset = _place(remark.about, places, rule)
        if remark.path is not None:
            path, offset = remark.path, None
        findings.append(
            Finding(remark.check, remark.severity, rule.name, path, remark.message, offset)
        )
    findings += check_keywords(rule)
    findings += check_names(rule)
    return findings, (flat((form, *demands), every=True).key, rule.min_hits)


def _demands(rule: RuleSettings) -> list[Form]:
    """What the rule's languages and sources say, as clauses."""
    fields: tuple[tuple[MetaField, tuple[str, ...], str], ...] = (
        ("language", rule.languages, "languages"),
        ("source", rule.sources, "sources"),
    )
    return [
        form_of(Or(tuple(Meta(field, (("text", value),), f"{key}: {value}") for value in values)))
        for field, values, key in fields
        if values
    ]


def _everywhere(tree: Node, form: Form) -> Iterator[Remark]:
    if triggers(tree) is not None:
        return
    regex = next((a for a in atoms(form) if a.positive and isinstance(a.leaf, Regex)), None)
    which = "the rule" if regex is None else show(regex)
    message = f"{which} has no letters that must be there, so it is evaluated for every article"
    yield Remark("every-article", "note", regex or form, message)


def _places(rule: RuleSettings) -> dict[str, KeyPath]:
    """Where a clause is written, by its label."""
    places: dict[str, KeyPath] = {}
    for key in ("any", "all", "none"):
        for place, word in enumerate(getattr(rule, key)):
            places[f"{key}: {word}"] = (key, place)
    for key in ("languages", "sources"):
        for place, word in enumerate(getattr(rule, key)):
            places[f"{key}: {word}"] = (key, place)
    return places


def _place(
    about: Form, places: dict[str, KeyPath], rule: RuleSettings
) -> tuple[KeyPath, int | None]:
    """Where a form is written: the path of a key, and the offset in a query."""
    labels = [atom.leaf.label for atom in atoms(about)]
    for label in labels:
        if label in places:
            return places[label], None
    if rule.query is not None:
        once = [label for label in labels if rule.query.count(label) == 1]
        return ("query",), rule.query.index(once[0]) if once else None
    return (("entity",) if rule.entity is not None else ()), None
