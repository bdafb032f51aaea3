"""Proximity: which spans of several operands stand close enough together. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from monitor.rules.scan import Span, count_words

_FEW = 16  # pairs of spans

Costs = dict[int, int]
"""The least number of words in the gaps of a chain of spans, by the set of operands in it."""


def near(
    text: str,
    operands: Sequence[Sequence[Span]],
    slop: int,
    *,
    ordered: bool,
    spend: Callable[[int], None] = lambda steps: None,
) -> list[set[Span]]:
    """For each operand the spans that take part in a combination.

    A combination has one span of each operand, none overlapping another, in one paragraph (no
    line feed from the first to the last), with at most ``slop`` words in the gaps between
    neighbours; ``ordered``: in the order of the operands. ``spend`` is told of steps (about a
    nanosecond each) before they are done.
    """
    spend(1000 * sum(map(len, operands)))
    spans = sorted((*span, number) for number, own in enumerate(operands) for span in own)
    links = _links(text, spans, slop, ordered, spend)
    behind: list[Costs] = [{1 << number: 0} for _, _, number in spans]
    ahead: list[Costs] = [{1 << number: 0} for _, _, number in spans]
    for place in reversed(range(len(spans))):
        for other, gap in links[place]:
            _extend(ahead[place], 1 << spans[place][2], ahead[other], gap, slop, spend)
    for place in range(len(spans)):
        for other, gap in links[place]:
            _extend(behind[other], 1 << spans[other][2], behind[place], gap, slop, spend)
    every = (1 << len(operands)) - 1
    taking_part: list[set[Span]] = [set() for _ in operands]
    for place, (start, end, number) in enumerate(spans):
        for used, cost in behind[place].items():
            rest = ahead[place].get((every ^ used) | 1 << number)
            if rest is not None and cost + rest <= slop:
                taking_part[number].add((start, end))
                break
    return taking_part


def may_be_near(text: str, one: Sequence[Span], other: Sequence[Span], slop: int | None) -> bool:
    """Whether some span of one and some of the other, not overlapping, stand in one paragraph with
    few enough words between them (None: any number). Most do not, and that is told quickly where
    there are few of either; where there are many, it is most likely."""
    if len(one) * len(other) > _FEW:
        return True
    for start, end in one:
        for first, last in other:
            left, right = (end, first) if end <= first else (last, start)
            if left > right or text.find("\n", left, right) >= 0:
                continue
            if slop is None or right - left < 2:
                return True
            if count_words(text, left, right, slop + 1) <= slop:
                return True
    return False


def _links(
    text: str,
    spans: Sequence[tuple[int, int, int]],
    slop: int,
    ordered: bool,
    spend: Callable[[int], None],
) -> list[list[tuple[int, int]]]:
    """For each span those that may come next, with the number of words between."""
    links: list[list[tuple[int, int]]] = []
    for place, (_, end, number) in enumerate(spans):
        next_ones: list[tuple[int, int]] = []
        counted, words = end, 0
        for other in range(place + 1, len(spans)):
            start, _, follower = spans[other]
            if start < end:
                continue
            # Spans begin and end where words do, so words may be counted piece by piece.
            spend(1000 + 100 * slop)
            words += count_words(text, counted, start, slop - words + 1)
            if words > slop or "\n" in text[counted:start]:
                break
            counted = start
            if follower == number + 1 if ordered else follower != number:
                next_ones.append((other, words))
        links.append(next_ones)
    return links


def _extend(
    costs: Costs, own: int, others: Costs, gap: int, slop: int, spend: Callable[[int], None]
) -> None:
    """Put one more span at the end of the chains of ``others``."""
    spend(200 * len(others))
    for used, cost in others.items():
        longer = cost + gap
        if not used & own and longer <= slop and longer < costs.get(used | own, slop + 1):
            costs[used | own] = longer
