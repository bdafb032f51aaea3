"""What a transaction has to know of the stored articles before it can identify its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from monitor.pipeline.crawl import Seen
from monitor.ports import IngestBatch
from monitor.revisions import (
    Index,
    Lost,
    Relation,
    Sought,
    Verdict,
    identify,
    settle,
    suspects,
)


def look_up(tx: IngestBatch, index: Index, batch: Sequence[Sought]) -> Lost:
    """Read into ``index`` the stored articles that those of the batch may be; returns which of
    them each is not.

    Most articles of a listing are those of the last one, and are known by title and time: the
    many keys of a text are looked up for the others only.
    """
    found = tx.look_up({sought.print.moment for sought in batch})
    index.extend(found, tx.articles({pk for pks in found.values() for pk in pks}))
    _look_further(tx, index, [sought for sought in batch if sought.print.moment not in found])
    lost = settle(batch, index)
    if lost:
        _look_further(tx, index, [sought for sought in batch if sought.article.index in lost])
    return lost


def recognise(
    tx: IngestBatch,
    index: Index,
    sought: Sought,
    others: Collection[int],
    seen: Seen,
) -> Verdict:
    """What the article is, given what others of its dump are. ``others``: pks of those that it is
    not; ``seen``: what was met in this dump.

    An article may be an edition of one that stands in its listing already; a neighbour it is not.
    """
    excluded = set(others)
    while True:
        verdict = identify(sought, index, others=excluded)
        known = verdict.known
        if (
            known is None
            or verdict.relation is not Relation.SAME
            or seen.get((known.pk, sought.day), sought.print.content) == sought.print.content
            or not sought.stands_beside(known)
        ):
            return verdict
        excluded.add(known.pk)
        _look_further(tx, index, [sought])


def _look_further(tx: IngestBatch, index: Index, batch: Sequence[Sought]) -> None:
    """Look up all the keys of these articles, which are not what title and time told."""
    wanted = {key for sought in batch for key in sought.keys if not index.pks(key)}
    if not wanted:
        return
    index.extend(tx.look_up(wanted), ())
    pks = {pk for sought in batch for pk in suspects(sought, index)}
    index.extend({}, tx.articles({pk for pk in pks if not index.among([pk])}))
