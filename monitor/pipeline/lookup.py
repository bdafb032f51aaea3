"""What a transaction has to know of the stored articles before it can identify its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from monitor.model import Fingerprint
from monitor.ports import IngestBatch
from monitor.revisions import Index, suspects

MOST_COMPARED = 16  # namesakes of one article; very many end as duplicates anyway

Namesakes = Mapping[int, Sequence[Fingerprint]]


def look_up(tx: IngestBatch, prints: Mapping[int, Fingerprint], namesakes: Namesakes) -> Index:
    """The stored articles that the segments (fingerprints by segment index) may be.

    Most articles of a listing are those of the last one, and are known by title and time: the
    many keys of a text are looked up for the others only.
    """
    found = dict(tx.look_up({print_.moment for print_ in prints.values()}))
    claimed = {pk for under in found.values() for pk in under}
    pks = set(claimed)
    doubtful = [
        print_
        for index, print_ in prints.items()
        if print_.moment not in found or index in namesakes
    ]
    found.update(tx.look_up({key for print_ in doubtful for key in print_.features}))
    for print_ in doubtful:
        pks |= suspects(print_, lambda key: found.get(key, ()))
    return Index(found, tx.articles(pks), claimed)


def find_namesakes(prints: Mapping[int, Fingerprint]) -> Namesakes:
    """By segment index the others with the same title and time and no paragraph in common; most
    have none and are absent."""
    together: defaultdict[int, dict[int, Fingerprint]] = defaultdict(dict)
    for print_ in prints.values():
        together[print_.moment][print_.content] = print_
    if len(together) == len(prints):
        return {}
    found = {}
    for index, print_ in prints.items():
        mine = set(print_.paragraphs)
        others = [o for o in together[print_.moment].values() if mine.isdisjoint(o.paragraphs)]
        if others:
            found[index] = others[:MOST_COMPARED]
    return found
