"""Comparisons as rows: one for two neighbours in an article's chain, by the hashes of their
texts. Once the chain has another text between them nobody asks for it any more."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from monitor.model import Comparison, EditKind, ParagraphEdit, Run
from monitor.store.engine import Database
from monitor.store.schema import articles, comparisons, revisions
from monitor.store.types import to_json

_SEPARATOR = ","
_earlier = revisions.alias("earlier")
_NEIGHBOURS = revisions.join(
    _earlier,
    and_(_earlier.c.article == revisions.c.article, _earlier.c.number == revisions.c.number - 1),
).join(
    comparisons,
    and_(
        comparisons.c.article == revisions.c.article,
        comparisons.c.before == _earlier.c.content,
        comparisons.c.after == revisions.c.content,
    ),
)


def comparison_row(pk: int, before: int, after: int, found: Comparison) -> tuple[object, ...]:
    """The columns of ``comparisons``, in order."""
    kinds = _SEPARATOR.join(found.kinds)
    return pk, before, after, kinds, found.materiality, to_json(_detail(found))


def comparison_of(row: Row[Any]) -> Comparison:
    """The way back."""
    kinds = tuple(map(EditKind, row.kinds.split(_SEPARATOR)))
    return _comparison(kinds, row.materiality, json.loads(row.detail))


def edit_document(found: Comparison) -> dict[str, Any]:
    """A comparison as part of an alert's JSON."""
    return {"kinds": found.kinds, "materiality": found.materiality, **_detail(found)}


def edit_of(told: Mapping[str, Any]) -> Comparison:
    """The way back from ``edit_document``."""
    return _comparison(tuple(map(EditKind, told["kinds"])), told["materiality"], told)


FORGOTTEN = to_json({"title": [], "paragraphs": [], "left_out": 0})
"""The detail of a comparison whose texts are no longer kept: kinds and materiality stay."""


def _detail(found: Comparison) -> dict[str, Any]:
    """Paragraphs as ``[op, before, after, runs]``, those that are the same as ``["same", before,
    after, how many]``."""
    rows: list[list[Any]] = []
    for op, before, after, runs in (
        (edit.op, edit.before, edit.after, edit.runs) for edit in found.paragraphs
    ):
        if op != "same":
            rows.append([op, before, after, runs])
        elif rows and rows[-1][0] == "same" and _follows(rows[-1], before, after):
            rows[-1][3] += 1
        else:
            rows.append([op, before, after, 1])
    return {"title": found.title, "paragraphs": rows, "left_out": found.left_out}


def _follows(same: Sequence[Any], before: int | None, after: int | None) -> bool:
    _, first, second, count = same
    return (before, after) == (first + count, second + count)


def _comparison(
    kinds: tuple[EditKind, ...], materiality: float, told: Mapping[str, Any]
) -> Comparison:
    edits: list[ParagraphEdit] = []
    for op, before, after, runs in told["paragraphs"]:
        if op == "same":
            edits += [ParagraphEdit(op, before + n, after + n) for n in range(runs)]
        else:
            edits.append(ParagraphEdit(op, before, after, _runs(runs)))
    return Comparison(
        _runs(told["title"]), tuple(edits), kinds, materiality, told.get("left_out", 0)
    )


def _runs(told: Sequence[Sequence[str]]) -> tuple[Run, ...]:
    return tuple(Run(op, text) for op, text in told)


# --------------------------------------------------------------------------- reading


def last_edits(
    database: Database, connection: Connection, pks: Sequence[int]
) -> dict[int, tuple[int, Comparison]]:
    """Of each article the last edit that changed more than its looks, with the number of the
    revision it made; articles without one are absent."""
    last = (
        select(revisions.c.article, func.max(revisions.c.number).label("number"))
        .select_from(_NEIGHBOURS)
        .where(
            database.among(revisions.c.article, pks),
            revisions.c.number > 1,
            comparisons.c.kinds != EditKind.COSMETIC.value,
        )
        .group_by(revisions.c.article)
        .subquery()
    )
    rows = connection.execute(
        select(revisions.c.article, revisions.c.number, comparisons)
        .select_from(_NEIGHBOURS)
        .join(
            last,
            and_(last.c.article == revisions.c.article, last.c.number == revisions.c.number),
        )
    )
    return {row.article: (row.number, comparison_of(row)) for row in rows}


def load_comparison(
    connection: Connection, article_id: str, before: int, after: int
) -> Comparison | None:
    """The stored comparison of two texts of an article, by their hashes; None also where the texts
    are no longer kept."""
    row = connection.execute(
        select(comparisons)
        .join(articles, articles.c.pk == comparisons.c.article)
        .where(
            articles.c.id == article_id,
            comparisons.c.before == before,
            comparisons.c.after == after,
        )
    ).one_or_none()
    return None if row is None or row.detail == FORGOTTEN else comparison_of(row)


def load_edits(
    connection: Connection, article_id: str
) -> dict[int, tuple[tuple[EditKind, ...], float]]:
    """Kinds and materiality of what made each revision of an article but the first, by number;
    those that were never compared are absent."""
    rows = connection.execute(
        select(revisions.c.number, comparisons.c.kinds, comparisons.c.materiality)
        .select_from(_NEIGHBOURS)
        .join(articles, articles.c.pk == revisions.c.article)
        .where(articles.c.id == article_id)
    )
    return {
        number: (tuple(map(EditKind, kinds.split(_SEPARATOR))), materiality)
        for number, kinds, materiality in rows
    }
