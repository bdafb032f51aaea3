"""Which stored articles are worth a look: those that share lookup keys."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from monitor.model import Known
from monitor.revisions.kinship import Sought

RARE = 3
"""Articles under a lookup key which are suspected for sharing it alone."""
COMMON = 32
"""Articles under a key that make it common: a disclaimer, the head of a table. It is stored for no
more of them, and what it stands for is not compared."""
MOST_ALIKE = 10


class Index:
    """Lookup keys to articles: what the store knows, and what this batch has added."""

    def __init__(self, features: Mapping[int, Sequence[int]], known: Iterable[Known]) -> None:
        """``features``: pks by key; ``known``: the state of those that ``suspects`` names."""
        self._pks: defaultdict[int, list[int]] = defaultdict(list)
        self._known: dict[int, Known] = {}
        self.extend(features, known)

    def extend(self, features: Mapping[int, Sequence[int]], known: Iterable[Known]) -> None:
        """Add what else the store knows."""
        for feature, pks in features.items():
            self._pks[feature].extend(pks)
        self._known.update((article.pk, article) for article in known)

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

    def common(self, sought: Sought) -> set[int]:
        """Keys of its text that very many articles have. Not all of a disclaimer is a key: where
        some is, its other paragraphs are those that several suspects have."""
        common = self._common_keys(sought)
        if common:
            suspected = self.among(alike(sought, self))
            having = Counter(key for known in suspected for key in set(known.paragraphs))
            common.update(key for key in sought.print.paragraphs if having[key] > RARE)
        return common

    def worth_keeping(self, sought: Sought) -> tuple[int, ...]:
        """The lookup keys to store an article under: not those of its text that are common."""
        common = self._common_keys(sought)
        return tuple(key for key in sought.keys if key not in common)

    def _common_keys(self, sought: Sought) -> set[int]:
        return {key for key in sought.texts if len(self.pks(key)) >= COMMON}


def suspects(sought: Sought, index: Index) -> set[int]:
    """The pks of stored articles that this may be, by its keys alone; a bounded number."""
    print_ = sought.print
    return {*index.pks(print_.moment), *index.pks(print_.title), *alike(sought, index)}


def alike(sought: Sought, index: Index) -> list[int]:
    """Articles that share something telling, the likeliest first: a key that few have, two that
    are not common, or nearly all keys there are."""
    keys = sought.keys[1:]
    under = [found for key in keys if (found := index.pks(key))]
    if not under:
        return []
    shared = Counter(pk for found in under for pk in found)
    telling = Counter(pk for found in under if len(found) < COMMON for pk in found)
    rare = {pk for found in under if len(found) <= RARE for pk in found}
    most = 3 * len(keys) // 4
    chosen = [pk for pk, count in shared.items() if pk in rare or telling[pk] >= 2 or count >= most]
    return sorted(chosen, key=lambda pk: (-telling[pk], -shared[pk], pk))[:MOST_ALIKE]
