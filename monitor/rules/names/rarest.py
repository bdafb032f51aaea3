"""The few literals one of which stands in every spelling of a word."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from monitor.rules.names.letters import Measure, Slot
from monitor.rules.reading import Trigger

_ENOUGH = 20.0  # bits; more make candidates no rarer
_EDGE = 3.0  # bits that a word's beginning or end tells
_COST = 1.5  # bits that one more literal must bring
_MOST = 6  # literals of one script


def rarest(slots: Sequence[Slot], *, cyrillic: bool, declined: bool) -> list[Trigger]:
    """Triggers for a word in one script: some neighbouring sounds in all their spellings.

    At either side of them the letters join in that all spellings of the next sound share: of
    ``yev``, ``ev``, ``iev`` none, of ``ss`` and ``s`` one ``s``.
    """
    declined = declined and cyrillic
    measures = _measures(slots, cyrillic=cyrillic, declined=declined)
    count = len(measures)
    best, first, end = -1e9, 0, count
    for start in range(count):
        told = _EDGE if start == 0 else measures[start - 1].tail_bits
        literals, own = 1, 0.0
        for place in range(start, count):
            here = measures[place]
            literals *= len(here.texts)
            if literals > _MOST and place > start:
                break
            own += here.bits
            if place + 1 < count:
                behind = measures[place + 1].head_bits
            else:
                behind = 0.0 if declined else _EDGE
            score = min(told + own + behind, _ENOUGH) - _COST * literals
            if own and score > best:
                best, first, end = score, start, place + 1
    head = measures[first - 1].tail if first else ""
    tail = measures[end].head if end < count else ""
    right = end == count and not declined
    return [
        Trigger(text, first == 0, right)
        for texts in product(*(measure.texts for measure in measures[first:end]))
        if (text := head + "".join(texts) + tail)
    ]


def _measures(slots: Sequence[Slot], *, cyrillic: bool, declined: bool) -> list[Measure]:
    if not cyrillic:
        return [slot.latin_measure for slot in slots]
    made = [slot.cyrillic_measure for slot in slots]
    if made and declined:
        made[-1] = slots[-1].stem_measure
    return made
