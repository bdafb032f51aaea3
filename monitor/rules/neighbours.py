"""Which letters may stand beside a trigger, as bits: few enough to be kept for each of many.

A letter's bit is that of the lowest six bits of its number, so that some letters share one: what
the bits let pass may still be none, what they turn away never is one. They are kept as 128 bits,
those for the letters before the trigger first, and in columns as four numbers of 32.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from functools import lru_cache

from monitor.rules.reading import Trigger
from monitor.rules.scan import Span

Neighbours = int

_SIDE = 64
_ALL = (1 << _SIDE) - 1
ANY: Neighbours = _ALL << _SIDE | _ALL


def sides(trigger: Trigger) -> tuple[int, int]:
    """What may stand before a trigger, and what behind it, as 64 bits each."""
    return _bits(trigger.before), _bits(trigger.behind)


def of_trigger(trigger: Trigger) -> Neighbours:
    """What may stand beside a trigger."""
    before, behind = sides(trigger)
    return behind << _SIDE | before


@lru_cache(1 << 12)
def _bits(letters: str) -> int:
    if not letters:
        return _ALL
    bits = 0
    for letter in letters:
        bits |= 1 << (ord(letter) & 63)
    return bits


def in_columns(all_of_them: Iterable[Neighbours]) -> Iterator[int]:
    """Four numbers of 32 bits for each, the lowest bits first."""
    for neighbours in all_of_them:
        for shift in (0, 32, 64, 96):
            yield neighbours >> shift & 0xFFFFFFFF


def from_columns(columns: array[int]) -> Iterator[Neighbours]:
    """The other way."""
    for place in range(0, len(columns), 4):
        a, b, c, d = columns[place : place + 4]
        yield a | b << 32 | c << 64 | d << 96


def fit(text: str, span: Span, neighbours: Neighbours) -> bool:
    """Whether what stands beside a span of a text may stand there: one of the letters, or none."""
    start, end = span
    before, behind = text[start - 1], text[end]
    return bool(
        (neighbours >> (ord(before) & 63) & 1 or not before.isalpha())
        and (neighbours >> (_SIDE + (ord(behind) & 63)) & 1 or not behind.isalpha())
    )
