"""Two paragraphs compared word by word.

Words decide what belongs together; punctuation and blanks are compared between two words that
stay and nowhere else, so that no comma ties two sentences together. What stays must be worth
reading: a short stretch between two longer changes goes with them, and where hardly anything
stays the paragraph is shown as exchanged.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from monitor.model import Run
from monitor.revisions.anchors import Pair, anchors
from monitor.revisions.steps import Steps
from monitor.revisions.tokens import Token, tokens

LEAST_KEPT = 0.2
"""The share of the longer text's letters that must stay, or all of it counts as exchanged."""

LONGEST = 100_000
"""Characters of two texts up to which they are cut into words; of longer ones only what they
begin and end with is taken for unchanged."""

_FARTHEST = 30  # words by which an added passage may be shifted to begin with a sentence
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*\s*\Z")


def runs(before: str, after: str, steps: Steps) -> tuple[Run, ...]:
    """The comparison of two texts; the runs of op "=" and "-" joined are ``before``, those of "="
    and "+" are ``after``. None where both are the same."""
    if before == after:
        return ()
    size = len(before) + len(after)
    if size > LONGEST or not steps.take(size):
        return tuple(_joined(_ends(before, after)))
    one, other = _Words(before), _Words(after)
    kept = anchors(one.keys, other.keys, steps)
    kept = _whole_sentences(one, other, kept)
    kept = _worth_reading(one, other, kept)
    return tuple(_joined(_pieces(one, other, kept)))


class _Words:
    """A text and its words."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words: Sequence[Token] = tokens(text)
        self.keys = [word.key for word in self.words]
        # letters before each word, and of all at the end
        self.letters = list(accumulate((w.end - w.start for w in self.words), initial=0))

    def between(self, start: int, end: int) -> tuple[str, int, int]:
        """The text between two words (-1 and the number of words: its ends), and which part of
        it is words and what lies between them; an empty part at its end where it has none."""
        first = self.words[start].end if start >= 0 else 0
        last = self.words[end].start if end < len(self.words) else len(self.text)
        text = self.text[first:last]
        if start + 1 == end:
            return text, len(text), len(text)
        return text, self.words[start + 1].start - first, self.words[end - 1].end - first

    def begins_sentence(self, place: int) -> bool:
        """Whether the word at ``place`` is the first of a sentence."""
        if place == 0:
            return True
        gap = self.text[self.words[place - 1].end : self.words[place].start]
        return _SENTENCE_END.search(gap) is not None


def _pieces(one: _Words, other: _Words, kept: Sequence[Pair]) -> Iterator[Run]:
    end = len(one.words), len(other.words)
    for (a, b), (next_a, next_b) in pairwise([(-1, -1), *kept, end]):
        yield from _gap(one.between(a, next_a), other.between(b, next_b))
        if (next_a, next_b) != end:
            old, new = one.words[next_a], other.words[next_b]
            yield from _exchange(one.text[old.start : old.end], other.text[new.start : new.end])


def _exchange(before: str, after: str) -> tuple[Run, ...]:
    return (Run("=", before),) if before == after else (Run("-", before), Run("+", after))


def _gap(one: tuple[str, int, int], other: tuple[str, int, int]) -> Iterator[Run]:
    """What lies between two words that stay: the signs that both begin and end with stay too."""
    (before, one_first, _), (after, other_first, _) = one, other
    if before == after:
        yield Run("=", before)
        return
    head, most = 0, min(one_first, other_first)
    while head < most and before[head] == after[head]:
        head += 1
    tail = 0
    most = min(len(before) - _tail_from(one, head), len(after) - _tail_from(other, head))
    while tail < most and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    yield Run("=", before[:head])
    yield Run("-", before[head : len(before) - tail])
    yield Run("+", after[head : len(after) - tail])
    yield Run("=", before[len(before) - tail :])


def _tail_from(gap: tuple[str, int, int], head: int) -> int:
    """Where the part begins that may be the common end: behind the words and the common head."""
    _, first, last = gap
    return max(last, head) if first < last else head


def _ends(before: str, after: str) -> Iterator[Run]:
    """Only what both begin and end with stays, in whole words."""
    head = _common(before, after)
    while head > 0 and before[head - 1].isalnum() and _goes_on(before, after, head):
        head -= 1
    rest, other_rest = before[head:], after[head:]
    tail = _common(rest[::-1], other_rest[::-1])
    while tail > 0 and before[-tail].isalnum() and _comes_from(rest, other_rest, tail):
        tail -= 1
    yield Run("=", before[:head])
    yield Run("-", rest[: len(rest) - tail])
    yield Run("+", other_rest[: len(other_rest) - tail])
    yield Run("=", rest[len(rest) - tail :])


def _goes_on(before: str, after: str, at: int) -> bool:
    return any(text[at : at + 1].isalnum() for text in (before, after))


def _comes_from(before: str, after: str, tail: int) -> bool:
    return any(len(text) > tail and text[-tail - 1].isalnum() for text in (before, after))


def _common(one: str, other: str) -> int:
    """How many characters both begin with; halves of slices are compared, not characters."""
    lengths = range(min(len(one), len(other)))
    return bisect_right(lengths, 0, key=lambda at: int(one[: at + 1] != other[: at + 1]))


# --------------------------------------------------------------------------- what reads well


class _Stretch(NamedTuple):
    """Words that stay, one after the other: ``size`` of them, from ``a`` and from ``b`` on."""

    a: int
    b: int
    size: int


def _worth_reading(one: _Words, other: _Words, kept: Sequence[Pair]) -> list[Pair]:
    """Without the stretches that have no more letters than were exchanged on either side of them.

    The "semantic cleanup" of diff-match-patch, but for one thing: what only came or only went
    takes no neighbour with it.
    """

    def changed(left: _Stretch, right: _Stretch) -> int:
        """Letters exchanged between two stretches: in the shorter side of the change."""
        return min(
            one.letters[right.a] - one.letters[left.a + left.size],
            other.letters[right.b] - other.letters[left.b + left.size],
        )

    start = _Stretch(0, 0, 0)
    left: list[_Stretch] = []
    for stretch in [*_stretches(kept), _Stretch(len(one.words), len(other.words), 0)]:
        while left:
            middle = left[-1]
            letters = one.letters[middle.a + middle.size] - one.letters[middle.a]
            aside = changed(left[-2] if len(left) > 1 else start, middle), changed(middle, stretch)
            if letters > min(aside):
                break
            left.pop()
        left.append(stretch)
    pairs = [(s.a + n, s.b + n) for s in left for n in range(s.size)]
    stay = sum(one.letters[a + 1] - one.letters[a] for a, _ in pairs)
    return pairs if stay >= LEAST_KEPT * max(one.letters[-1], other.letters[-1]) else []


def _stretches(kept: Iterable[Pair]) -> list[_Stretch]:
    found: list[_Stretch] = []
    for a, b in kept:
        if found and (a, b) == (found[-1].a + found[-1].size, found[-1].b + found[-1].size):
            found[-1] = found[-1]._replace(size=found[-1].size + 1)
        else:
            found.append(_Stretch(a, b, 1))
    return found


def _whole_sentences(one: _Words, other: _Words, kept: Sequence[Pair]) -> list[Pair]:
    """The same, but a passage that only one text has begins where a sentence does, if it can.

    Of ``The dam broke. The dam held. The end.`` the second sentence was added, not ``dam held.
    The``.
    """
    pairs = list(kept)
    for place in range(1, len(pairs)):
        (a, b), (next_a, next_b) = pairs[place - 1], pairs[place]
        if next_a == a + 1 and next_b > b + 1:
            text, side, first, last = other, 1, b + 1, next_b
        elif next_b == b + 1 and next_a > a + 1:
            text, side, first, last = one, 0, a + 1, next_a
        else:
            continue
        shift = _shift(text, side, first, last, pairs[:place])
        for back in range(1, shift + 1):
            pair = list(pairs[place - back])
            pair[side] += last - first
            pairs[place - back] = pair[0], pair[1]
    return pairs


def _shift(text: _Words, side: int, first: int, last: int, before: Sequence[Pair]) -> int:
    """By how many words the passage must begin earlier; 0 where it cannot or need not."""
    for shift in range(min(_FARTHEST, len(before)) + 1):
        if text.begins_sentence(first - shift):
            return shift
        if shift == len(before) or before[-1 - shift][side] != first - shift - 1:
            return 0
        if text.keys[first - shift - 1] != text.keys[last - shift - 1]:
            return 0
    return 0


# --------------------------------------------------------------------------- runs


def _joined(pieces: Iterable[Run]) -> Iterator[Run]:
    """Neighbours of one kind as one; of a change first what went, then what came. Blanks between
    two changes belong to both."""
    stays = gone = came = ""
    for op, text in pieces:
        if op == "=":
            stays += text
            continue
        if not text:
            continue
        if stays:
            if (gone or came) and stays.isspace():
                gone, came = gone + stays, came + stays
            else:
                yield from _change(gone, came)
                yield Run("=", stays)
                gone = came = ""
            stays = ""
        if op == "-":
            gone += text
        else:
            came += text
    yield from _change(gone, came)
    if stays:
        yield Run("=", stays)


def _change(gone: str, came: str) -> Iterator[Run]:
    if gone:
        yield Run("-", gone)
    if came:
        yield Run("+", came)
