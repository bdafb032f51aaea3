"""The few literals one of which stands in every spelling of a word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, product

from monitor.rules.names.endings import ENDINGS, stem
from monitor.rules.names.letters import Measure, Slot
from monitor.rules.neighbours import beside, bits_of
from monitor.rules.reading import Trigger

Spellings = tuple[str, ...]

_PLACE = 2500.0 * 20.0  # places in an article, and microseconds that one with a literal costs
# Microseconds in every article that one literal less is worth. To look for one more takes next to
# no time in an article, but memory, and time to load: of a hundred thousand rules' together.
_LITERAL = 0.25
_CHEAP = 1.1 * _LITERAL  # nothing costs much less
_MOST = 48  # literals of one script
_COMMON_END = 4  # sounds; surnames share their ends (-enko, -bayev), which tell little
# Words begin alike (for-, pre-, con-): so few letters stand oftener than each alone would tell.
_OFTENER = {1: 64.0, 2: 32.0, 3: 16.0, 4: 4.0}  # by letters
_EDGE = 2.0**-3  # share of a run of letters that stands at a word's beginning, or end


def rarest(slots: Sequence[Slot], *, cyrillic: bool, declined: bool) -> list[Trigger]:
    """Triggers for a word in one script: some neighbouring sounds in all their spellings.

    At either side of them the letters join in that all spellings of the next sound share: of
    ``yev``, ``ev``, ``iev`` none, of ``ss`` and ``s`` one ``s``.
    """
    declined = declined and cyrillic
    measures = _measures(slots, cyrillic=cyrillic, declined=declined)
    first, end = _cheapest(measures, after=1.0 if declined else _EDGE)
    head = measures[first - 1].tail if first else ""
    tail = measures[end].head if end < len(measures) else ""
    before = (measure.texts for measure in reversed(measures[:first]))
    behind = chain((measure.texts for measure in measures[end:]), _endings(slots, declined))
    neighbours = beside(_letters(before, -1 - len(head)), _letters(behind, len(tail)))
    left, right = first == 0, end == len(measures) and not declined
    return [
        Trigger(text, left, right, neighbours)
        for texts in product(*(measure.texts for measure in measures[first:end]))
        if (text := head + "".join(texts) + tail)
    ]


def _letters(sounds: Iterable[Spellings], place: int) -> int:
    """The bits of what sounds may have at a place: counted from the beginning of the first sound,
    or below zero from its end, and where it is shorter, the nearest letter of the next one."""
    bits = 0
    for texts in sounds:
        own, every = _bits_at(texts, place)
        bits |= own
        if every:
            break
        place = 0 if place >= 0 else -1
    return bits


@lru_cache(1 << 12)
def _bits_at(texts: Spellings, place: int) -> tuple[int, bool]:
    """Of the letters at a place of these texts, and whether each of them is so long."""
    least = place + 1 if place >= 0 else -place
    long = [text for text in texts if len(text) >= least]
    return bits_of(text[place] for text in long), len(long) == len(texts)


def _endings(slots: Sequence[Slot], declined: bool) -> Iterator[Spellings]:
    """What may stand behind the stem of a declined word."""
    if declined:
        row = slots[-1].row
        yield tuple(
            text for each in slots[-1].cyrillic for text in ENDINGS[stem(each.text, row)[1]]
        )


def _cheapest(measures: Sequence[Measure], *, after: float) -> tuple[int, int]:
    """From which sound to which the literals cost least, by how often they stand by chance and
    by how many they are; ``after``: the share of the words that end so."""
    count = len(measures)
    common = max(1, count - _COMMON_END)
    best, first, end = float("inf"), 0, count
    before = _EDGE
    for start, opening in enumerate(measures):
        if best < _CHEAP:
            break
        chance, before = before, opening.tail_chance
        if not opening.shortest:
            continue
        literals, letters = 1, 0
        for place in range(start, count):
            measure = measures[place]
            literals *= len(measure.texts)
            # So many literals alone cost as much as the best found: so do those of longer runs.
            if _LITERAL * literals >= best or (literals > _MOST and place > start):
                break
            chance *= measure.end_chance if place >= common else measure.chance
            if not measure.shortest:
                continue
            letters += measure.shortest
            behind = measures[place + 1].head_chance if place + 1 < count else after
            cost = _LITERAL * literals + _PLACE * chance * behind * _OFTENER.get(letters, 1.0)
            if cost < best:
                best, first, end = cost, start, place + 1
    return first, end


def _measures(slots: Sequence[Slot], *, cyrillic: bool, declined: bool) -> list[Measure]:
    if not cyrillic:
        return [slot.latin_measure for slot in slots]
    made = [slot.cyrillic_measure for slot in slots]
    if made and declined:
        made[-1] = slots[-1].stem_measure
    return made
