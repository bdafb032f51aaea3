"""The one pass over an article: where the triggers of all rules stand."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from ahocorasick_rs import AhoCorasick, Implementation

from monitor.rules.reading import LEFT, RIGHT, Trigger
from monitor.rules.scan import Span, in_word

_PHRASE = 4  # of letters, digits and spaces: a hit may have signs where these are
_COMPARE = 8  # a hit says little
_ENDS = LEFT | RIGHT
# Of a long trigger the automaton has these characters and no less than the first letters of its
# second word: the first alone would stand in many an article.
_MOST = 10
_SECOND = 3
_MOST_OF_ONE = 20  # characters of a single word
_FEW = 10_000  # characters of all triggers together
_DFA_CHARACTERS = 200_000  # of all triggers together
_ASCII = "".join(char if char.isalnum() else " " for char in map(chr, range(128)))
_SIGN = re.compile(r"[^\w \n]")


class Watch(ABC):
    """Finds all triggers at once. Immutable."""

    _find: Callable[..., list[tuple[int, int, int]]]  # number of the pattern, start, end

    def __init__(self, texts: Sequence[str], edges: bytes) -> None:
        """``edges[n]``: where no word may go on beside ``texts[n]``, ``LEFT | RIGHT``."""
        self._texts = texts
        self._edges = edges
        self._by_edges: Sequence[dict[str, int]] | None = None

    @abstractmethod
    def find(self, text: str) -> dict[int, list[Span]]:
        """By their number, from left to right, where the triggers stand in a ``Scan.text``."""

    def number(self, trigger: Trigger) -> int | None:
        """Which of the triggers it is; None: none of them."""
        return self._numbers[trigger.edges].get(trigger.text)

    @property
    def _numbers(self) -> Sequence[dict[str, int]]:
        """By edges and text, the numbers. Made when a rule is a candidate for the first time."""
        if self._by_edges is None:
            found: tuple[dict[str, int], ...] = ({}, {}, {}, {})
            for number, (text, edge) in enumerate(zip(self._texts, self._edges, strict=True)):
                found[edge & _ENDS][text] = number
            self._by_edges = found
        return self._by_edges


def watch_over(texts: Sequence[str], edges: bytes) -> Watch:
    """The watch that is quickest for so many triggers."""
    few = sum(map(len, texts)) <= _FEW
    return FewWatch(texts, edges) if few else ManyWatch(texts, edges)


class FewWatch(Watch):
    """Looks for the triggers in the text as it is: a few do not stand in many words."""

    def __init__(self, texts: Sequence[str], edges: bytes) -> None:
        super().__init__(texts, edges)
        self._find = automaton_over(texts).find_matches_as_indexes

    def find(self, text: str) -> dict[int, list[Span]]:
        edges, texts = self._edges, self._texts
        found: dict[int, list[Span]] = {}
        for number, start, end in self._find(text, overlapping=True):
            if _stands(text, texts[number], edges[number], start, end):
                found.setdefault(number, []).append((start, end))
        return found


class ManyWatch(Watch):
    """The automaton reads the text with a blank for every sign, and triggers have a blank where a
    word must begin or end. So nearly all of the text is passed over in the automaton's first
    states: a hit in the middle of a word, which most would be, does not come up, nor does what
    begins like one. Triggers with signs or of many words are compared with the text itself.
    """

    def __init__(self, texts: Sequence[str], edges: bytes) -> None:
        # All at once: there may be some hundred thousand. No trigger has a line feed.
        blanked = _SIGN.sub(" ", "\n".join(texts)).replace("_", " ").split("\n") if texts else []
        flagged = bytes(
            edge
            | (
                _COMPARE
                if text != blank or len(text) > (_MOST if " " in text else _MOST_OF_ONE)
                else _PHRASE * (" " in text)
            )
            for text, blank, edge in zip(texts, blanked, edges, strict=True)
        )
        super().__init__(texts, flagged)
        self._find = automaton_over(list(map(_pattern, blanked, edges))).find_matches_as_indexes

    def find(self, text: str) -> dict[int, list[Span]]:
        edges = self._edges
        plain = text.isascii()  # then letters and digits are all that stands in words
        blanked = _blanked(text, plain)
        found: dict[int, list[Span]] = {}
        for number, start, end in self._find(blanked, overlapping=True):
            edge = edges[number]
            # From the blanked text, which has a blank more, without the blanks of the pattern.
            if not edge & LEFT:
                start -= 1
            end -= 2 if edge & RIGHT else 1
            if edge > _ENDS or not plain:
                if edge & _COMPARE or not plain:
                    trigger = self._texts[number]
                    end = start + len(trigger)
                    if not _stands(text, trigger, edge, start, end):
                        continue
                elif text[start:end] != blanked[start + 1 : end + 1]:
                    continue
            if number in found:
                found[number].append((start, end))
            else:
                found[number] = [(start, end)]
        return found


def _stands(text: str, trigger: str, edge: int, start: int, end: int) -> bool:
    return (
        text.startswith(trigger, start)
        and not (edge & LEFT and in_word(text[start - 1]))
        and not (edge & RIGHT and in_word(text[end]))
    )


def _pattern(blank: str, edge: int) -> str:
    """A trigger without signs, or the beginning of a long one, with blanks at its edges."""
    second = blank.find(" ") + 1
    most = max(_MOST, second + _SECOND) if second else _MOST_OF_ONE
    right = " " if edge & RIGHT and len(blank) <= most else ""
    return f" {blank[:most]}{right}" if edge & LEFT else f"{blank[:most]}{right}"


def _blanked(text: str, plain: bool) -> str:
    """A blank, then the text with a blank for every sign; ``plain``: it is ASCII."""
    if plain:
        return " " + text.translate(_ASCII)
    return " " + _SIGN.sub(" ", text).replace("_", " ").replace("\n", " ")


def automaton_over(literals: Sequence[str]) -> AhoCorasick:
    """A DFA scans a quarter faster than an NFA, and takes three times the memory (90 bytes a
    character)."""
    small = sum(map(len, literals)) <= _DFA_CHARACTERS
    kind = Implementation.DFA if small else Implementation.ContiguousNFA
    return AhoCorasick(literals, implementation=kind, store_patterns=False)
