"""Is this the article we know? The rules of identity, strongest first.

1. Same source, same folded title, same publication minute (or crawl day): the same article.
2. Same source and title, one of the two without a time stamp, within the source's window.
3. Shared lookup keys, verified on three-word shingles: at least half of the shorter text stands
   in a text that the other had, and title or date agree: the same article, edited.
4. Shared lookup keys and a Jaccard similarity of at least one half: a near-duplicate.
5. Otherwise it is new.

Compared is with every text that a stored article had, not with its current one alone: what an
article is must not depend on which of its editions arrived first.

Articles written after one pattern (an earthquake, a rate of exchange) share half of their wording
too. Within a source it therefore takes a whole paragraph, the title or the very minute to make
such a text a copy or another edition.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from enum import Enum, auto

from monitor.model import Article, Fingerprint, Known, Revision
from monitor.revisions.resemblance import Likeness, Resemblance, Text

SIMILAR = 0.5  # containment and Jaccard; two different articles share at most 0.10
SAME_DATE = timedelta(hours=24)
RARE = 3
"""Articles under a lookup key which are suspected for sharing it alone."""
COMMON = 32
"""Articles under a key that make it common: a disclaimer, the head of a table. It is stored for no
more of them, and what it stands for is not compared."""
MOST_VERIFIED = 5  # articles compared word by word
MOST_REVISIONS = 16  # former texts of one of them


class Relation(Enum):
    """How an article stands to what is stored."""

    SAME = auto()
    NEAR = auto()
    NEW = auto()


@dataclass(frozen=True, slots=True)
class Verdict:
    """``known`` is the stored article (SAME, NEAR); ``reason`` says in words why."""

    relation: Relation
    known: Known | None
    reason: str


@dataclass(frozen=True, slots=True)
class Texts:
    """How stored texts are read: the current one of an article, and all that it had."""

    current: Callable[[int], Text]
    chain: Callable[[int], Sequence[Revision]]


class Index:
    """Lookup keys to articles: what the store knows, and what this batch has added."""

    def __init__(
        self,
        features: Mapping[int, Sequence[int]],
        known: Iterable[Known],
        claimed: Collection[int] = (),
    ) -> None:
        """``features``: pks by key; ``known``: the state of those that ``suspects`` names;
        ``claimed``: pks of articles that stand in this dump with their own title and time."""
        self.claimed = claimed
        self._pks: defaultdict[int, list[int]] = defaultdict(list)
        for feature, pks in features.items():
            self._pks[feature].extend(pks)
        self._known = {article.pk: article for article in known}

    @property
    def known(self) -> Collection[int]:
        """The pks of the articles whose state is known."""
        return self._known.keys()

    def pks(self, feature: int) -> Sequence[int]:
        """The pks under a key."""
        return self._pks.get(feature, ())

    def find(self, feature: int) -> list[Known]:
        """Articles with this lookup key."""
        return self.among(self.pks(feature))

    def among(self, pks: Iterable[int]) -> list[Known]:
        """Those of the articles whose state is known, in the same order."""
        return [self._known[pk] for pk in pks if pk in self._known]

    def put(self, article: Known, features: Iterable[int]) -> None:
        """Add or replace an article and add its lookup keys."""
        self._known[article.pk] = article
        for feature in features:
            if article.pk not in self._pks[feature]:
                self._pks[feature].append(article.pk)

    def worth_keeping(self, print_: Fingerprint) -> tuple[int, ...]:
        """The lookup keys to store an article under: not those of its text that are common."""
        texts = (key for key in print_.texts if len(self.pks(key)) < COMMON)
        return (print_.moment, print_.title, *texts)


def suspects(print_: Fingerprint, pks: Callable[[int], Sequence[int]]) -> set[int]:
    """The pks of articles that may be this one, by their keys alone; a bounded number. ``pks``
    gives those under a key."""
    return {*pks(print_.moment), *pks(print_.title), *_alike(print_, pks)}


def identify(
    article: Article,
    print_: Fingerprint,
    *,
    day: date,
    index: Index,
    texts: Texts,
    window: timedelta,
    namesakes: Sequence[Fingerprint] = (),
) -> Verdict:
    """Find the stored article that this one is. ``day`` is its crawl day.

    ``namesakes`` are other articles of its dump with the same title and time and not a paragraph
    in common: a stored article that shares more with one of them is that one.
    """
    published = article.published
    moment = _unclaimed(index.find(print_.moment), print_, namesakes)
    if moment:
        how = "publication minute" if published else "crawl day"
        return Verdict(Relation.SAME, _best(moment, print_, day), f"same title and {how}")

    titled = [
        known
        for known in _unclaimed(index.find(print_.title), print_, namesakes)
        if (published is None or known.published is None)
        and _distance(article, day, known) <= window
    ]
    if titled:
        best = _best(titled, print_, day)
        return Verdict(Relation.SAME, best, "same title, no time stamp, within the window")

    return _by_text(article, print_, day=day, index=index, texts=texts, window=window)


def _alike(print_: Fingerprint, pks: Callable[[int], Sequence[int]]) -> list[int]:
    """Articles that share something telling, the likeliest first: a key that few have, two that
    are not common, or nearly all keys there are."""
    keys = print_.title, *print_.texts
    under = [found for key in keys if (found := pks(key))]
    if not under:
        return []
    shared = Counter(pk for found in under for pk in found)
    telling = Counter(pk for found in under if len(found) < COMMON for pk in found)
    rare = {pk for found in under if len(found) <= RARE for pk in found}
    most = 3 * len(keys) // 4
    chosen = [pk for pk, count in shared.items() if pk in rare or telling[pk] >= 2 or count >= most]
    return sorted(chosen, key=lambda pk: (-telling[pk], -shared[pk], pk))[: 2 * MOST_VERIFIED]


def _by_text(
    article: Article,
    print_: Fingerprint,
    *,
    day: date,
    index: Index,
    texts: Texts,
    window: timedelta,
) -> Verdict:
    alike = [
        known
        for known in index.among(_alike(print_, index.pks))
        if known.title_key == print_.title_key or known.pk not in index.claimed
    ]
    if not alike:
        return Verdict(Relation.NEW, None, "no stored article shares enough of its wording")
    common = {key for key in print_.texts if len(index.pks(key)) >= COMMON}
    mine = Resemblance((article.title, article.body), common)
    same: list[tuple[float, Known]] = []
    near: list[tuple[float, Known]] = []
    for known in alike[:MOST_VERIFIED]:
        at_home = known.source == article.source
        certain = at_home and (
            known.title_key == print_.title_key or _minute_agrees(article, known)
        )
        dated = at_home and _date_agrees(article, day, known, window)
        for likeness in _likenesses(mine, print_, known, texts):
            if likeness.containment >= SIMILAR and (certain or (dated and likeness.paragraphs)):
                same.append((likeness.containment, known))
                break
            if likeness.jaccard >= SIMILAR and (likeness.paragraphs or not at_home):
                near.append((likeness.jaccard, known))
                break
    if same:
        share, known = min(same, key=_most_then_id)
        return Verdict(Relation.SAME, known, f"shares {share:.0%} of the text; title or date agree")
    if near:
        share, known = min(near, key=_most_then_id)
        return Verdict(Relation.NEAR, known, f"near-duplicate: {share:.0%} of the text is shared")
    return Verdict(Relation.NEW, None, "shares too little with any stored article")


def _likenesses(
    mine: Resemblance, print_: Fingerprint, known: Known, texts: Texts
) -> Iterator[Likeness]:
    """To each text that the article had: the current one, then those that share most paragraphs."""
    yield mine.to(texts.current(known.pk))
    if known.revision > 1:
        paragraphs = set(print_.paragraphs)
        former = [r for r in texts.chain(known.pk) if r.content != known.content]
        former.sort(key=lambda r: (-len(paragraphs.intersection(r.paragraphs)), -r.number))
        for revision in former[:MOST_REVISIONS]:
            yield mine.to((revision.title, revision.body))


def _most_then_id(found: tuple[float, Known]) -> tuple[float, str]:
    share, known = found
    return -share, known.id


def _unclaimed(
    candidates: Sequence[Known], print_: Fingerprint, namesakes: Sequence[Fingerprint]
) -> Sequence[Known]:
    """The candidates without those that a namesake has more in common with."""
    if not candidates or not namesakes:
        return candidates
    mine = set(print_.paragraphs)
    return [
        known
        for known in candidates
        if len(mine.intersection(known.paragraphs))
        >= max(len(set(other.paragraphs).intersection(known.paragraphs)) for other in namesakes)
    ]


def _best(candidates: Sequence[Known], print_: Fingerprint, day: date) -> Known:
    """Most shared paragraphs, then nearest in time, then the smallest id."""
    mine = set(print_.paragraphs)
    return min(
        candidates,
        key=lambda k: (-len(mine.intersection(k.paragraphs)), abs(k.seen_to - day), k.id),
    )


def _distance(article: Article, day: date, known: Known) -> timedelta:
    """Between the article's date and the span of days in which the other is known."""
    mine = article.published.astimezone(UTC).date() if article.published else day
    days = [known.seen_from, known.seen_to]
    if known.published is not None:
        days.append(known.published.astimezone(UTC).date())
    return max(min(days) - mine, mine - max(days), timedelta())


def _minute_agrees(article: Article, known: Known) -> bool:
    if article.published is None or known.published is None:
        return False
    return abs(article.published - known.published) < timedelta(minutes=1)


def _date_agrees(article: Article, day: date, known: Known, window: timedelta) -> bool:
    if article.published is None or known.published is None:
        return _distance(article, day, known) <= window
    return abs(article.published - known.published) <= SAME_DATE
