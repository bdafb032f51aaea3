"""Which article of a dump a stored one is, where it may be several of them.

Two articles may have one title and one minute, and articles written after one pattern are alike.
But a listing shows an article once: what stands in it beside the article itself is another one.
A dump may hold several listings, one for each crawl day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from monitor.model import Known
from monitor.revisions.keys import Index, suspects
from monitor.revisions.kinship import SIMILAR, Sought

MOST_CLAIMS = 32  # articles of one dump that one stored article is compared with

Lost = Mapping[int, set[int]]
"""By segment index the pks of stored articles that are another article of the dump."""


def settle(batch: Sequence[Sought], index: Index) -> Lost:
    """Compare the claims on every stored article that several segments may be.

    One that is close in its text and has the title or the minute wins over one that is only
    close, and that over one that has title and minute but another text. Segments without a claim
    on anybody else's article are absent; editions of one article claim alike, and none loses.
    """
    claims: defaultdict[tuple[int, date], dict[int, Sought]] = defaultdict(dict)
    for sought in batch:
        for pk in index.pks(sought.print.moment) or suspects(sought, index):
            claims[pk, sought.day].setdefault(sought.print.content, sought)
    contested = sorted(place for place, claimants in claims.items() if len(claimants) > 1)
    known = {one.pk: one for one in index.among({pk for pk, _ in contested})}
    lost: defaultdict[int, set[int]] = defaultdict(set)
    for pk, day in contested:
        if pk not in known:
            continue
        ranks = _ranks(known[pk], [*claims[pk, day].values()][:MOST_CLAIMS], index)
        best = max(ranks.values())
        for sought in batch:
            if sought.day == day and ranks.get(sought.print.content, best) < best:
                lost[sought.article.index].add(pk)
    return lost


def _ranks(known: Known, claimants: Iterable[Sought], index: Index) -> dict[int, int]:
    """By content how good a claim is: 2, 1 or 0."""
    ranks = {}
    for sought in claimants:
        by_name = known.title_key == sought.print.title_key or known.pk in index.pks(
            sought.print.moment
        )
        if by_name:
            ranks[sought.print.content] = 2 if sought.closeness(known) >= SIMILAR else 0
        else:
            edition = any(sought.is_edition_of(known, one) for one in sought.likenesses(known))
            ranks[sought.print.content] = 1 if edition else 0
    return ranks
