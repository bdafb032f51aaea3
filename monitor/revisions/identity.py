"""Is this the article we know? The rules of identity, strongest first.

1. Same source, same folded title, same publication minute (or crawl day): the same article.
2. Same source and title, one of the two without a time stamp, within the source's window.
3. Shared paragraphs, verified on three-word shingles: at least half of the shorter text
   contained, and title or date agree: the same article, edited.
4. Shared paragraphs and Jaccard similarity of at least one half: a near-duplicate.
5. Otherwise it is new.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from enum import Enum, auto

from monitor.model import Article, Fingerprint, Known
from monitor.revisions.fingerprint import moment_feature, title_feature, words

SIMILAR = 0.5  # containment and Jaccard; two different articles share at most 0.10
FEWEST_SHINGLES = 30  # shorter texts prove nothing by what they share
SAME_DATE = timedelta(hours=24)
MOST_VERIFIED = 5  # candidates compared word by word

TextOf = Callable[[int], tuple[str, str]]


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


class Index:
    """Lookup keys to articles: what the store knows, and what this batch has added."""

    def __init__(self, features: Mapping[int, Sequence[int]], known: Iterable[Known]) -> None:
        self._pks: defaultdict[int, list[int]] = defaultdict(list)
        for feature, pks in features.items():
            self._pks[feature].extend(pks)
        self._known = {article.pk: article for article in known}

    def find(self, feature: int) -> list[Known]:
        """Articles with this lookup key."""
        pks = self._pks.get(feature)
        return [self._known[pk] for pk in pks if pk in self._known] if pks else []

    def put(self, article: Known, features: Iterable[int]) -> None:
        """Add or replace an article and add its lookup keys."""
        self._known[article.pk] = article
        for feature in features:
            if article.pk not in self._pks[feature]:
                self._pks[feature].append(article.pk)


def identify(
    article: Article,
    print_: Fingerprint,
    *,
    day: date,
    index: Index,
    text_of: TextOf,
    window: timedelta,
) -> Verdict:
    """Find the stored article that this one is. ``day`` is its crawl day."""
    source, published = article.source, article.published
    moment = index.find(moment_feature(source, print_.title_key, published, day))
    if moment:
        how = "publication minute" if published else "crawl day"
        return Verdict(Relation.SAME, _best(moment, print_, day), f"same title and {how}")

    titled = [
        known
        for known in index.find(title_feature(source, print_.title_key))
        if (published is None or known.published is None)
        and _distance(article, day, known) <= window
    ]
    if titled:
        best = _best(titled, print_, day)
        return Verdict(Relation.SAME, best, "same title, no time stamp, within the window")

    return _by_text(article, print_, day=day, index=index, text_of=text_of, window=window)


def _by_text(
    article: Article,
    print_: Fingerprint,
    *,
    day: date,
    index: Index,
    text_of: TextOf,
    window: timedelta,
) -> Verdict:
    shared: Counter[int] = Counter()
    found: dict[int, Known] = {}
    for feature in print_.features[1:]:  # the title alone, and paragraphs
        for known in index.find(feature):
            shared[known.pk] += 1
            found[known.pk] = known
    if not shared:
        return Verdict(Relation.NEW, None, "no stored article shares its title or a paragraph")

    mine = _shingles(f"{article.title}\n{article.body}")
    near: tuple[float, Known] | None = None
    for pk, _ in sorted(shared.items(), key=lambda item: (-item[1], found[item[0]].id))[
        :MOST_VERIFIED
    ]:
        known = found[pk]
        theirs = _shingles("\n".join(text_of(pk)))
        if min(len(mine), len(theirs)) < FEWEST_SHINGLES:
            continue
        common = len(mine & theirs)
        containment = common / min(len(mine), len(theirs))
        jaccard = common / len(mine | theirs)
        if (
            known.source == article.source
            and containment >= SIMILAR
            and (known.title_key == print_.title_key or _date_agrees(article, day, known, window))
        ):
            return Verdict(
                Relation.SAME, known, f"shares {containment:.0%} of the text; title or date agree"
            )
        if jaccard >= SIMILAR and (near is None or jaccard > near[0]):
            near = jaccard, known
    if near is not None:
        return Verdict(
            Relation.NEAR, near[1], f"near-duplicate: {near[0]:.0%} of the text is shared"
        )
    return Verdict(Relation.NEW, None, "shares too little with any stored article")


def _best(candidates: list[Known], print_: Fingerprint, day: date) -> Known:
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


def _date_agrees(article: Article, day: date, known: Known, window: timedelta) -> bool:
    if article.published is None or known.published is None:
        return _distance(article, day, known) <= window
    return abs(article.published - known.published) <= SAME_DATE


def _shingles(text: str) -> set[tuple[str, ...]]:
    """The set of three-word sequences of a text."""
    found = words(text)
    return set(zip(found, found[1:], found[2:], strict=False))
