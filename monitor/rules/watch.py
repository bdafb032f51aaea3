"""The one pass over an article: where the triggers of all rules stand."""

from __future__ import annotations

from collections.abc import Sequence

from ahocorasick_rs import AhoCorasick, Implementation

from monitor.rules.scan import Scan, Span, in_word

LEFT, RIGHT = 1, 2
"""Edges of a trigger at which no word may go on."""

_LONG = 4  # only its beginning is in the automaton
_MOST = 20  # characters of a trigger in the automaton
_DFA_CHARACTERS = 200_000  # of all triggers together
_FEW = 20  # hits
_LARGE = 100_000  # characters of an article
_IS_LEFT = bytes(LEFT * chr(code).isalnum() for code in range(128)) + bytes(128)
_IS_RIGHT = bytes(RIGHT * chr(code).isalnum() for code in range(128)) + bytes(128)


class Watch:
    """Finds all triggers at once. Immutable.

    Long triggers stand in the automaton with their first characters only, and the rest is
    compared at a hit: a third of the states, which are what a large automaton's time goes into.
    """

    __slots__ = ("_blanks", "_edges", "_find", "_quick", "_texts")

    def __init__(self, texts: Sequence[str], edges: bytes) -> None:
        """``edges[n]``: where no word may go on beside ``texts[n]``, ``LEFT | RIGHT``."""
        self._texts, self._edges = texts, edges
        self._quick = bytes(
            edge if len(text) <= _MOST else edge & LEFT | _LONG
            for text, edge in zip(texts, edges, strict=True)
        ) + bytes(1)
        # Two spaces are looked for as well: where they stand, the text must be squeezed first.
        self._blanks = len(texts)
        patterns = [text[:_MOST] for text in texts]
        self._find = automaton_over([*patterns, "  "]).find_matches_as_indexes

    def find(self, scan: Scan) -> dict[int, list[Span]]:
        """By their number, from left to right, where the triggers stand in ``scan.text``, which
        is squeezed if need be."""
        if len(scan.text) > _LARGE:
            scan.squeeze()  # or megabytes of blanks are as many hits
        text, quick, texts = scan.text, self._quick, self._texts
        found: dict[int, list[Span]] = {}
        for number, start, end in whole_words(text, self._find(text, overlapping=True), quick):
            if quick[number] & _LONG:
                trigger = texts[number]
                if not text.startswith(trigger, start):
                    continue
                end = start + len(trigger)
                if self._edges[number] & RIGHT and in_word(text[end]):
                    continue
            if number in found:
                found[number].append((start, end))
            elif number != self._blanks:
                found[number] = [(start, end)]
            else:
                scan.squeeze()
                return self.find(scan)
        return found


def whole_words(
    text: str, hits: Sequence[tuple[int, int, int]], edges: bytes
) -> list[tuple[int, int, int]]:
    """The hits (number, start, end) beside which no word goes on at an edge of ``edges[number]``.

    ``text`` ends with a line feed.
    """
    if len(hits) > _FEW and text.isascii():
        # Most triggers are short and most hits in the middle of words: one look-up for each.
        plain = text.encode("ascii")
        left, right = plain.translate(_IS_LEFT), plain.translate(_IS_RIGHT)
        return [
            (number, start, end)
            for number, start, end in hits
            if not edges[number] & (left[start - 1] | right[end])
        ]
    return [
        (number, start, end)
        for number, start, end in hits
        if not (edges[number] & RIGHT and in_word(text[end]))
        and not (edges[number] & LEFT and in_word(text[start - 1]))
    ]


def automaton_over(literals: Sequence[str]) -> AhoCorasick:
    """A DFA scans a quarter faster than an NFA, and takes three times the memory (90 bytes a
    character)."""
    small = sum(map(len, literals)) <= _DFA_CHARACTERS
    kind = Implementation.DFA if small else Implementation.ContiguousNFA
    return AhoCorasick(literals, implementation=kind, store_patterns=False)
