"""An article's history, made of its sightings and of nothing else.

Sort the sightings by ``order``, collapse neighbours with one content: what is left are the
revisions. That is a function of the set of sightings, so any order of dumps and any repetition
gives the same chain, and a late, older dump can add history but never changes the current text.
The text kept for a content is that of its first sighting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache

from monitor.model import Article, Fingerprint, Known, Outcome, Revision, Sighting

_NO_TIME = datetime(1, 1, 1, tzinfo=UTC)


def order_key(
    day: date, newest: datetime | None, views: int | None, name: str, content: int
) -> str:
    """A text that sorts sightings of one article by when the source showed them.

    Crawl day first; then the newest publication time of the dump's head and the counter, which
    both only grow from crawl to crawl; then the dump's name and the content, so that the order
    is total. Nothing in it depends on when the dump reached us.
    """
    crawl = _crawl_key(day, newest.astimezone(UTC) if newest else _NO_TIME)
    count = 0 if views is None else views + 1
    return f"{crawl}|{count:019d}|{name}|{content & 0xFFFFFFFFFFFFFFFF:016x}"


@lru_cache(maxsize=16)  # the same for all articles of a dump
def _crawl_key(day: date, head: datetime) -> str:
    """``head`` is in UTC: in another zone the two hours that are one on a clock are equal."""
    stamp = head.strftime("%Y%m%d%H%M").rjust(12, "0")
    return f"{day:%Y%m%d}|{stamp}"


@dataclass(frozen=True, slots=True)
class Placement:
    """What a sighting does to an article's history.

    ``revisions`` are rows to write, the whole chain where ``replace_chain``. ``forward`` is
    true where the current text changed. ``number`` is the current revision's.
    """

    outcome: Outcome
    reason: str
    number: int
    forward: bool = False
    revisions: tuple[Revision, ...] = ()
    replace_chain: bool = False


def place(
    article: Article,
    print_: Fingerprint,
    sighting: Sighting,
    known: Known,
    *,
    now: datetime,
    sightings_of: Callable[[int], Sequence[Sighting]],
    revisions_of: Callable[[int], Sequence[Revision]],
) -> Placement:
    """Put a sighting into the known article's history.

    History is read only where needed: the chain where the sighting is not the latest, and all
    sightings, which grow by one with every crawl, only where it shows another text than those
    before it did.
    """
    if sighting.order >= known.last_order and sighting.content == known.content:
        return Placement(Outcome.UNCHANGED, "same paragraphs", known.revision)
    mine = Revision(
        number=known.revision + 1,
        content=print_.content,
        title=article.title,
        body=article.body,
        paragraphs=print_.paragraphs,
        order=sighting.order,
        observed=now,
    )
    if sighting.order > known.last_order:
        before = _text_of(revisions_of(known.pk), sighting.content)
        if before is not None and not before.pruned:
            # an edit taken back: the text of its first sighting stays
            mine = replace(mine, title=before.title, body=before.body)
        return Placement(
            Outcome.REVISED, "text edited", mine.number, forward=True, revisions=(mine,)
        )
    chain = revisions_of(known.pk)
    run = max((r for r in chain if r.order <= mine.order), key=lambda r: r.order, default=None)
    if run is not None and run.content == mine.content and not run.pruned:
        return Placement(Outcome.UNCHANGED, "an older crawl with a known text", known.revision)
    if chain and run is None and chain[0].content == mine.content:
        runs = [(mine.content, mine.order), *((r.content, r.order) for r in chain[1:])]
        return _rebuild(mine, runs, known, chain)
    sightings = sightings_of(known.pk)
    if any(s.order == sighting.order for s in sightings):
        return Placement(Outcome.UNCHANGED, "this very sighting is known", known.revision)
    return _rebuild(mine, _runs([*sightings, sighting]), known, chain)


def _rebuild(
    mine: Revision, runs: Sequence[tuple[int, str]], known: Known, chain: Sequence[Revision]
) -> Placement:
    """The chain made anew of ``runs``, contents with the order of their first sightings."""
    first = min((r.order for r in chain if r.content == mine.content), default=None)
    text = mine if first is None or mine.order < first else _text_of(chain, mine.content)
    if text is not None and text.pruned:  # here it is again
        text = mine
    observed = {(r.content, r.order): r.observed for r in chain}
    rebuilt = []
    for number, (content, order) in enumerate(runs, 1):
        base = text if content == mine.content else _text_of(chain, content)
        if base is None:  # the store lost a text: keep what it has rather than guess
            return Placement(Outcome.UNCHANGED, "history is incomplete; left alone", known.revision)
        seen = observed.get((content, order), base.observed)
        rebuilt.append(replace(base, number=number, order=order, observed=seen))
    if rebuilt == list(chain):
        return Placement(Outcome.UNCHANGED, "an older crawl with a known text", known.revision)
    longer = [r.content for r in rebuilt] != [r.content for r in chain]
    return Placement(
        Outcome.REVISED if longer else Outcome.UNCHANGED,
        "an older text from an older crawl; the current one stays"
        if longer
        else "an older crawl with a known text",
        len(rebuilt),
        revisions=tuple(rebuilt),
        replace_chain=True,
    )


def _runs(sightings: Iterable[Sighting]) -> list[tuple[int, str]]:
    """Content and order of the first sighting of each run of one content, in order."""
    runs: list[tuple[int, str]] = []
    for sighting in sorted(sightings, key=lambda s: s.order):
        if not runs or runs[-1][0] != sighting.content:
            runs.append((sighting.content, sighting.order))
    return runs


def _text_of(chain: Sequence[Revision], content: int) -> Revision | None:
    return next((revision for revision in chain if revision.content == content), None)
