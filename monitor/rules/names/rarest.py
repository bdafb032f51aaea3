"""The few literals one of which stands in every spelling of a word."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from monitor.rules.names.letters import Measure, Slot
from monitor.rules.reading import Trigger

_PLACES = 2500.0  # in an article where a literal may stand
_CANDIDATE = 20.0  # microseconds that a place costs where it stands
_LITERAL = 0.5  # microseconds that one more literal costs every article
_MOST = 48  # literals of one script
_COMMON_END = 4  # sounds; surnames share their ends (-enko, -bayev), which tell a third as much
_SHARED = 0.3
# Words begin alike (for-, pre-, con-): so few letters stand oftener than each alone would tell.
_OFTENER = (64.0, 64.0, 32.0, 16.0, 4.0)  # by letters
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
    right = end == len(measures) and not declined
    return [
        Trigger(text, first == 0, right)
        for texts in product(*(measure.texts for measure in measures[first:end]))
        if (text := head + "".join(texts) + tail)
    ]


def _cheapest(measures: Sequence[Measure], *, after: float) -> tuple[int, int]:
    """From which sound to which the literals cost least, by how often they stand by chance and
    by how many they are; ``after``: the share of the words that end so."""
    count = len(measures)
    sizes = [len(measure.texts) for measure in measures]
    shortest = [min(map(len, measure.texts)) for measure in measures]
    chances = [measure.chance for measure in measures]
    for place in range(max(1, count - _COMMON_END), count):
        chances[place] **= _SHARED
    behind = [*(2.0**-measure.head_bits for measure in measures[1:]), after]
    best, first, end = float("inf"), 0, count
    for start in range(count):
        if not shortest[start]:
            continue
        chance = 2.0 ** -measures[start - 1].tail_bits if start else _EDGE
        literals, letters = 1, 0
        for place in range(start, count):
            literals *= sizes[place]
            # So many literals alone cost as much as the best found: so do those of longer runs.
            if _LITERAL * literals >= best or (literals > _MOST and place > start):
                break
            chance *= chances[place]
            letters += shortest[place]
            if not shortest[place]:
                continue
            common = _PLACES * chance * behind[place]
            if letters < len(_OFTENER):
                common *= _OFTENER[letters]
            cost = _CANDIDATE * common + _LITERAL * literals
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
