"""The few literals one of which stands in every spelling of a word."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from monitor.rules.names.letters import Measure, Slot
from monitor.rules.reading import Trigger

_ENOUGH = 27.0  # bits; more make candidates hardly rarer
_COMMON_END = 4  # slots; surnames share their ends (-enko, -bayev), which tell half as much
_EDGE = 3.0  # bits that a word's beginning or end tells
_COST = 0.9  # bits that one more literal must bring beside those that it costs
_MOST = 6  # literals of one script, and where those would be too common:
_MOST_OF_SHORT = 12
_COMMON = 9.0  # bits


def rarest(slots: Sequence[Slot], *, cyrillic: bool, declined: bool) -> list[Trigger]:
    """Triggers for a word in one script: some neighbouring sounds in all their spellings.

    At either side of them the letters join in that all spellings of the next sound share: of
    ``yev``, ``ev``, ``iev`` none, of ``ss`` and ``s`` one ``s``.
    """
    declined = declined and cyrillic
    measures = _measures(slots, cyrillic=cyrillic, declined=declined)
    count = len(measures)
    after = 0.0 if declined else _EDGE
    score, first, end = _best(measures, _MOST, after=after)
    if score < _COMMON:
        _, first, end = _best(measures, _MOST_OF_SHORT, after=after, cost=0.1)
    head = measures[first - 1].tail if first else ""
    tail = measures[end].head if end < count else ""
    right = end == count and not declined
    return [
        Trigger(text, first == 0, right)
        for texts in product(*(measure.texts for measure in measures[first:end]))
        if (text := head + "".join(texts) + tail)
    ]


def _best(
    measures: Sequence[Measure], most: int, *, after: float, cost: float = _COST
) -> tuple[float, int, int]:
    """How much the neighbours tell that tell most for the literals that they cost, and which
    they are; ``after``: what the word's end tells."""
    count = len(measures)
    sizes = [len(measure.texts) for measure in measures]
    sizes.append(0)
    gains = [measure.bits - measure.choice for measure in measures]
    best, first, end = -1e9, 0, count
    for start in range(count):
        if start and sizes[start - 1] == 1:
            continue  # to begin a sound earlier tells more and costs nothing
        bits = measures[start - 1].tail_bits if start else _EDGE
        literals = 1
        for place in range(start, count):
            literals *= sizes[place]
            if literals > most and place > start:
                break
            bits += gains[place]
            if sizes[place + 1] == 1:
                continue  # nor does it to go on
            behind = measures[place + 1].head_bits if place + 1 < count else after
            score = min(bits + behind, _ENOUGH) - cost * literals
            if score > best and measures[place].bits + measures[start].bits:
                best, first, end = score, start, place + 1
    return best, first, end


def _measures(slots: Sequence[Slot], *, cyrillic: bool, declined: bool) -> list[Measure]:
    if not cyrillic:
        return [slot.latin_measure for slot in slots]
    made = [slot.cyrillic_measure for slot in slots]
    if made and declined:
        made[-1] = slots[-1].stem_measure
    return made
