"""Articles as feeds and pages show them: the current revision and the rules that match it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, and_, select

from monitor.model import Entry, Match
from monitor.revisions import growth as growth_of
from monitor.revisions import history
from monitor.store.copies import load_copies
from monitor.store.counters import load_counted
from monitor.store.edits import last_edits
from monitor.store.engine import Database
from monitor.store.rows import entry_of, evidence_of
from monitor.store.schema import articles, matches, revisions

current_matches = and_(matches.c.article == articles.c.pk, matches.c.content == articles.c.content)
"""Matches of the text an article has now; those of earlier texts are history."""

current_text = and_(revisions.c.article == articles.c.pk, revisions.c.number == articles.c.revision)
"""The revision an article stands at."""


def load_entries(
    database: Database,
    connection: Connection,
    pks: Sequence[int],
    *,
    edits: bool = False,
    growth: bool = False,
) -> list[Entry]:
    """The entries of these articles, in the order of ``pks``; with ``edits`` what the last edit
    of each changed, with ``growth`` how fast its counter grows."""
    if not pks:
        return []
    found: defaultdict[int, list[Match]] = defaultdict(list)
    for pk, rule, evidence in connection.execute(
        select(matches.c.article, matches.c.rule, matches.c.evidence)
        .join(articles, current_matches)
        .where(database.among(articles.c.pk, pks))
        .order_by(matches.c.article, matches.c.place, matches.c.rule)
    ):
        found[pk].append(Match(rule, evidence_of(evidence)))
    rows = {}
    originals = {}
    for row in connection.execute(
        select(articles, revisions.c.body, revisions.c.pruned)
        .join(revisions, current_text)
        .where(database.among(articles.c.pk, pks))
    ):
        rows[row.pk] = entry_of(row, found[row.pk])
        originals[row.pk] = row.duplicate_of or row.pk
    for pk, (copies, left) in load_copies(database, connection, originals).items():
        rows[pk] = replace(rows[pk], copies=copies, copies_left=left)
    if edits and (edited := [pk for pk, entry in rows.items() if entry.revision > 1]):
        for pk, (number, edit) in last_edits(database, connection, edited).items():
            rows[pk] = replace(rows[pk], edit=edit, edit_number=number)
    if growth and (counters := [pk for pk, entry in rows.items() if entry.views is not None]):
        for pk, counted in load_counted(database, connection, counters).items():
            rows[pk] = replace(rows[pk], growth=growth_of(history(counted)))
    return [rows[pk] for pk in pks if pk in rows]
