"""What a sequence of changes amounts to: the rows to write, each written once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.model import Change, Known, Outcome
from monitor.store.edits import comparison_row
from monitor.store.rows import article_row, evidence_text, revision_row
from monitor.store.types import bounded

Row = tuple[object, ...]  # of all columns, in the table's order


@dataclass(slots=True)
class Plan:
    """Rows by table. An article that is changed twice is written as it ends."""

    fresh: set[int] = field(default_factory=set)  # pks of ``inserted``
    inserted: list[Row] = field(default_factory=list)
    updated: list[Row] = field(default_factory=list)
    rechained: list[int] = field(default_factory=list)  # pks whose revisions are all replaced
    revisions: list[Row] = field(default_factory=list)
    segments: list[Row] = field(default_factory=list)
    matches: list[Row] = field(default_factory=list)
    comparisons: dict[tuple[int, int, int], Row] = field(default_factory=dict)  # the last of each
    features: dict[int, set[int]] = field(default_factory=dict)  # hash -> pks to add
    outcomes: Counter[Outcome] = field(default_factory=Counter)


def plan(dump: int, changes: Sequence[Change]) -> Plan:
    """Turn changes, in the order they were decided, into rows."""
    result = Plan()
    states: dict[int, Known] = {}
    chains: dict[int, dict[int, Row]] = {}
    rechained: set[int] = set()
    for change in changes:
        result.outcomes[change.outcome] += 1
        result.segments.append(_segment_row(dump, change))
        article = change.article
        if article is None:
            continue
        states[article.pk] = article
        if change.is_new:
            result.fresh.add(article.pk)
        if change.replace_chain:
            chains[article.pk] = {}
            if article.pk not in result.fresh:
                rechained.add(article.pk)
        if change.revisions:
            chain = chains.setdefault(article.pk, {})
            for revision in change.revisions:
                chain[revision.number] = revision_row(article.pk, revision)
        for before, after, comparison in change.edits:
            key = article.pk, before, after
            result.comparisons[key] = comparison_row(*key, comparison)
        for feature in change.features:
            result.features.setdefault(feature, set()).add(article.pk)
        if change.matches:
            result.matches += _match_rows(article, change)
    for pk, state in states.items():
        (result.inserted if pk in result.fresh else result.updated).append(article_row(state))
    result.rechained = sorted(rechained)
    result.revisions = [row for chain in chains.values() for row in chain.values()]
    return result


def _segment_row(dump: int, change: Change) -> Row:
    sighting = change.sighting
    return (
        dump,
        change.index,
        change.outcome.value,
        change.article.pk if change.article else None,
        change.reason,
        sighting.order if sighting else None,
        sighting.content if sighting else None,
        bounded(sighting.views) if sighting else None,
        change.confidence,
    )


def _match_rows(article: Known, change: Change) -> list[Row]:
    content = change.sighting.content if change.sighting else article.content
    observed = next(
        (r.observed for r in change.revisions if r.content == content), article.last_seen
    )
    return [
        (article.pk, content, match.rule, place, evidence_text(match.evidence), observed)
        for place, match in enumerate(change.matches)
    ]
