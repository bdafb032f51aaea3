"""Which paragraph of one text is which of another: the same, edited, moved, added or removed.

First those that are the same, then among what lies between them those that are alike, in order;
at last those that stand elsewhere. All of it takes a bounded number of steps; past that, what
is not settled counts as removed and added.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from monitor.revisions.anchors import Pair, anchors
from monitor.revisions.steps import Steps
from monitor.revisions.tokens import tokens

ALIKE = 0.45  # of two paragraphs between the same neighbours, see ``_likeness``
ALIKE_ALONE = 0.25  # where there is nothing else that it could have become
ALIKE_ELSEWHERE = 0.7
FEWEST_ELSEWHERE = 3  # words of a paragraph that is found elsewhere although it was edited
FEWEST_CONTAINED = 6  # words of one that was lengthened or shortened
CONTAINED = 0.75  # of the shorter one's words: then it was lengthened or shortened
AHEAD = 8  # paragraphs among which the next one that is alike is looked for
READ = 4_000  # characters of a paragraph by which its likeness is judged


class Aligned(NamedTuple):
    """A paragraph's places, None where it is not there; ``moved``: past others that stayed."""

    before: int | None
    after: int | None
    moved: bool = False


def align(before: Sequence[str], after: Sequence[str], steps: Steps) -> list[Aligned]:
    """Every paragraph of both texts once, in the order of the text after; what was removed
    comes where it stood, ahead of what was added there."""
    stay = anchors(before, after, steps)
    words = _Words(before, after)
    end = len(before), len(after)
    for old, new in list(_gaps(stay, end)):
        stay += words.in_order(old, new, steps)
    stay.sort()
    gone = [i for old, _ in _gaps(stay, end) for i in old]
    came = [j for _, new in _gaps(stay, end) for j in new]
    moved = dict(words.elsewhere(gone, came, steps))
    origin = {j: i for i, j in moved.items()}
    order: list[Aligned] = []
    for (a, b), (next_a, next_b) in pairwise([(-1, -1), *stay, end]):
        order += [Aligned(i, None) for i in range(a + 1, next_a) if i not in moved]
        order += [Aligned(origin.get(j), j, j in origin) for j in range(b + 1, next_b)]
        if (next_a, next_b) != end:
            order.append(Aligned(next_a, next_b))
    return order


def _gaps(stay: Sequence[Pair], end: Pair) -> Iterator[tuple[range, range]]:
    """What lies between the pairs, in both texts."""
    for (a, b), (next_a, next_b) in pairwise([(-1, -1), *sorted(stay), end]):
        if next_a > a + 1 or next_b > b + 1:
            yield range(a + 1, next_a), range(b + 1, next_b)


class _Words:
    """How alike paragraphs of the two texts are, by the words they have in common."""

    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        self._before, self._after = before, after
        self._bags: dict[tuple[int, int], Counter[str]] = {}

    def in_order(self, old: Sequence[int], new: Sequence[int], steps: Steps) -> list[Pair]:
        """The pairs that are alike, ascending in both, with the greatest sum of likeness; of too
        many paragraphs each with the next one that is alike, not far ahead."""
        if not (old and new):
            return []
        if not self._affordable(old, new, steps):
            return (
                list(self._next_alike(old, new))
                if self._affordable(old, new[:AHEAD], steps)
                else []
            )
        least = ALIKE_ALONE if len(old) == len(new) == 1 else ALIKE
        # best[i][j]: the greatest sum for old[i:] and new[j:]
        best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
        alike: dict[Pair, float] = {}
        for i in reversed(range(len(old))):
            for j in reversed(range(len(new))):
                best[i][j] = max(best[i + 1][j], best[i][j + 1])
                likeness = self._likeness(old[i], new[j])
                if likeness >= least:
                    alike[i, j] = likeness
                    best[i][j] = max(best[i][j], likeness + best[i + 1][j + 1])
        pairs: list[Pair] = []
        i = j = 0
        while i < len(old) and j < len(new):
            if (i, j) in alike and best[i][j] == alike[i, j] + best[i + 1][j + 1]:
                pairs.append((old[i], new[j]))
                i, j = i + 1, j + 1
            elif best[i][j] == best[i + 1][j]:
                i += 1
            else:
                j += 1
        return pairs

    def _next_alike(self, old: Sequence[int], new: Sequence[int]) -> Iterator[Pair]:
        done = 0
        for i in old:
            for place in range(done, min(done + AHEAD, len(new))):
                if self._likeness(i, new[place]) >= ALIKE:
                    yield i, new[place]
                    done = place + 1
                    break

    def elsewhere(self, gone: Sequence[int], came: Sequence[int], steps: Steps) -> list[Pair]:
        """What went from one place and came in another: the same, or long enough to be told."""
        places: defaultdict[str, list[int]] = defaultdict(list)
        for j in reversed(came):
            places[self._after[j]].append(j)
        pairs = [
            (i, places[self._before[i]].pop())
            for i in gone
            if self._before[i].strip() and places.get(self._before[i])
        ]
        taken = {i for i, _ in pairs}, {j for _, j in pairs}
        gone = [
            i for i in gone if i not in taken[0] and len(self._before[i]) > 2 * FEWEST_ELSEWHERE
        ]
        came = [j for j in came if j not in taken[1] and len(self._after[j]) > 2 * FEWEST_ELSEWHERE]
        if not (gone and came) or not self._affordable(gone, came, steps):
            return pairs
        found = sorted(
            ((self._likeness(i, j, FEWEST_ELSEWHERE), -i, -j) for i in gone for j in came),
            reverse=True,
        )
        for likeness, i, j in found:
            if likeness < ALIKE_ELSEWHERE:
                break
            if -i not in taken[0] and -j not in taken[1]:
                pairs.append((-i, -j))
                taken[0].add(-i)
                taken[1].add(-j)
        return pairs

    def _affordable(self, old: Sequence[int], new: Sequence[int], steps: Steps) -> bool:
        """Whether all pairs may be compared: each takes about a step for each of its words."""
        characters = sum(
            min(len(text[place]), READ)
            for text, places in ((self._before, old), (self._after, new))
            for place in places
        )
        return steps.take(characters * (1 + min(len(old), len(new)) // 8))

    def _likeness(self, i: int, j: int, fewest: int = 1) -> float:
        """The share of common words in both; or, a little less, in the shorter one where that
        has hardly others."""
        one, other = self._bag(0, i), self._bag(1, j)
        sizes = one.total(), other.total()
        if min(sizes) < fewest:
            return 0.0
        common = sum(min(one[word], other[word]) for word in one.keys() & other.keys())
        likeness = 2 * common / sum(sizes)
        contained = common / min(sizes)
        if contained >= CONTAINED and min(sizes) >= FEWEST_CONTAINED:
            likeness = max(likeness, 0.8 * contained)
        return likeness

    def _bag(self, side: int, place: int) -> Counter[str]:
        bag = self._bags.get((side, place))
        if bag is None:
            text = (self._before, self._after)[side][place]
            bag = self._bags[side, place] = Counter(token.key for token in tokens(text[:READ]))
        return bag
