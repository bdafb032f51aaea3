"""Which letters may stand beside a trigger, as bits: few enough to be kept for each of many.

A letter's bit is that of the lowest six bits of its number, so that some letters share one: what
the bits let pass may still be none, what they turn away never is one. They are kept as 128 bits,
those for the letters before the trigger first, and in columns as four numbers of 32.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator

Neighbours = int

_SIDE = 64
_ALL = (1 << _SIDE) - 1
ANY: Neighbours = _ALL << _SIDE | _ALL


def bits_of(letters: Iterable[str]) -> int:
    """The 64 bits of some letters."""
    bits = 0
    for letter in letters:
        bits |= 1 << (ord(letter) & 63)
    return bits


def beside(before: int, behind: int) -> Neighbours:
    """Of the bits for either side; none: any letter may stand there."""
    return (behind or _ALL) << _SIDE | (before or _ALL)


def sides(neighbours: Neighbours) -> tuple[int, int]:
    """The other way."""
    return neighbours & _ALL, neighbours >> _SIDE


def fit(text: str, start: int, end: int, neighbours: Neighbours) -> bool:
    """Whether what stands beside a span of a text may stand there: one of the letters, or none."""
    before, behind = text[start - 1], text[end]
    return bool(
        (neighbours >> (ord(before) & 63) & 1 or not before.isalpha())
        and (neighbours >> (_SIDE + (ord(behind) & 63)) & 1 or not behind.isalpha())
    )


def in_columns(all_of_them: Iterable[Neighbours]) -> array[int]:
    """Four numbers of 32 bits for each, the lowest bits first."""
    columns = array("I", b"".join([each.to_bytes(16, "little") for each in all_of_them]))
    if sys.byteorder == "big":
        columns.byteswap()
    return columns


def from_columns(columns: array[int]) -> Iterator[Neighbours]:
    """The other way."""
    for place in range(0, len(columns), 4):
        a, b, c, d = columns[place : place + 4]
        yield a | b << 32 | c << 64 | d << 96
