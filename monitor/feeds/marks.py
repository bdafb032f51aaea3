"""Text with its matched words, cut into pieces that a template or a feed can escape one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.model import Match
from monitor.text import xml_safe

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text, all of it matched or none of it. Holds nothing XML cannot hold."""

    text: str
    marked: bool


def spans(matches: Iterable[Match], field: str, length: int) -> tuple[Span, ...]:
    """The evidence in ``field`` (``title`` or ``body``), sorted, merged, within ``0..length``."""
    found = sorted(
        (max(evidence.start, 0), min(evidence.end, length))
        for match in matches
        for evidence in match.evidence
        if evidence.field == field
    )
    merged: list[Span] = []
    for start, end in found:
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def pieces(
    text: str, marked: Sequence[Span], start: int = 0, end: int | None = None
) -> tuple[Piece, ...]:
    """``text[start:end]`` as pieces; ``marked`` as from ``spans``, offsets in the whole text."""
    end = len(text) if end is None else end
    cut: list[tuple[str, bool]] = []
    position = start
    for first, last in marked:
        first, last = max(first, position), min(last, end)
        if first >= last:
            continue
        cut += [(text[position:first], False), (text[first:last], True)]
        position = last
    cut.append((text[position:end], False))
    return tuple(Piece(safe, hit) for raw, hit in cut if (safe := xml_safe(raw)))


def paragraphs(body: str, marked: Sequence[Span]) -> Iterator[tuple[Piece, ...]]:
    """The body's paragraphs as pieces, blank ones left out. A mark may cross paragraphs."""
    start, index = 0, 0
    for line in body.split("\n"):
        end = start + len(line)
        while index < len(marked) and marked[index][1] <= start:
            index += 1
        last = index
        while last < len(marked) and marked[last][0] < end:
            last += 1
        if line.strip() and (cut := pieces(body, marked[index:last], start, end)):
            yield cut
        start = end + 1
