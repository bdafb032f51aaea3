"""What two sequences have in common, as a reader would say it.

A longest common subsequence is not it: that ties the "of" of one sentence to the "of" of
another. Here the longest stretches come first (Ratcliff and Obershelp, ``difflib``), and where
that would take too long, what stands once in either sequence (Bram Cohen's patience diff).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from monitor.revisions.steps import Steps

MOST_PAIRS = 10_000
"""Equal pairs in two stretches up to which these are compared by longest stretches."""

SEARCHES = 4
"""How often all pairs are looked at, about: once for each level of longest stretches."""

Pair = tuple[int, int]
_Area = tuple[int, int, int, int]  # [start, end) in the one and in the other sequence


def anchors(before: Sequence[Hashable], after: Sequence[Hashable], steps: Steps) -> list[Pair]:
    """Places of equal elements, ascending in both. Fewer than there might be once ``steps`` are
    used up; what both begin and end with is always found."""
    found: list[Pair] = []
    areas: list[_Area] = [(0, len(before), 0, len(after))]
    while areas:
        a, a_end, b, b_end = areas.pop()
        while a < a_end and b < b_end and before[a] == after[b]:
            found.append((a, b))
            a, b = a + 1, b + 1
        while a < a_end and b < b_end and before[a_end - 1] == after[b_end - 1]:
            a_end, b_end = a_end - 1, b_end - 1
            found.append((a_end, b_end))
        if a == a_end or b == b_end or not steps.take(a_end - a + b_end - b):
            continue
        one, other = before[a:a_end], after[b:b_end]
        counts = Counter(one), Counter(other)
        pairs = sum(count * counts[1][element] for element, count in counts[0].items())
        if not pairs:
            continue
        if pairs <= MOST_PAIRS:
            if steps.take(SEARCHES * pairs):
                found += [(a + i, b + j) for i, j in _longest_first(one, other)]
            continue
        unique = _patient(one, other, counts)
        found += [(a + i, b + j) for i, j in unique]
        edges = [(-1, -1), *unique, (len(one), len(other))]
        if unique:
            areas += [
                (a + i + 1, a + next_i, b + j + 1, b + next_j)
                for (i, j), (next_i, next_j) in pairwise(edges)
            ]
    return sorted(found)


def increasing(pairs: Sequence[Pair]) -> list[Pair]:
    """The most of the pairs, sorted by their first places, that ascend in the second as well."""
    tails: list[int] = []  # of chains of each length the smallest last place
    ends: list[int] = []  # ... and which pair that is
    previous: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(tails, place)
        previous.append(ends[length - 1] if length else -1)
        if length == len(tails):
            tails.append(place)
            ends.append(number)
        else:
            tails[length], ends[length] = place, number
    chain: list[Pair] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append(pairs[at])
        at = previous[at]
    return chain[::-1]


def _longest_first(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[Pair]:
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return [(a + k, b + k) for a, b, size in blocks for k in range(size)]


def _patient(
    before: Sequence[Hashable],
    after: Sequence[Hashable],
    counts: tuple[Counter[Hashable], Counter[Hashable]],
) -> list[Pair]:
    places = {element: place for place, element in enumerate(after) if counts[1][element] == 1}
    return increasing(
        [
            (place, places[element])
            for place, element in enumerate(before)
            if counts[0][element] == 1 and element in places
        ]
    )
