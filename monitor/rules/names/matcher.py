"""Where an entity is named in an article."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import itemgetter

from monitor.config.settings import EntitySettings
from monitor.rules.names import context, phrases
from monitor.rules.names.forenames import fit_at
from monitor.rules.names.forms import forms, single_word, triggers_of, word_triggers
from monitor.rules.names.mentions import Bearer, Mention, Named, Rules
from monitor.rules.reading import Hit, Literals, Numbers, Reading, Trigger, unwatched
from monitor.rules.scan import Span, literal

_STEPS = 8_000  # of looking at one word and what stands beside it
_MOST_WORDS = 2_000
"""Words of one article that may be the name. One that has more is found by these as well."""
_MOST_KEPT = 512  # words whose answer one entity remembers
_RANK = {named: rank for rank, named in enumerate(Named)}
_SPAN = itemgetter(0, 1)
_ALONE = "the surname alone does not count"


_Place = tuple[int, int, Rules]
"""Start and end of a place in ``Reading.text``, and the rules by which it is the name."""


@dataclass(slots=True)
class EntityFinding:
    """Where the entity is named, and what looked so but does not count, with the reason."""

    counted: list[Hit] = field(default_factory=list)
    refused: list[tuple[Hit, str]] = field(default_factory=list)


class EntityMatcher:
    """Finds one entity. Made for articles in which one of its triggers occurs."""

    __slots__ = (
        "_bearers",
        "_excluded",
        "_known",
        "_patterns",
        "_phrases",
        "_settings",
        "_word_literals",
        "_words",
        "triggers",
    )

    def __init__(self, settings: EntitySettings, numbers: Numbers = unwatched) -> None:
        made = forms(settings)
        self.triggers = triggers_of(made)
        self._settings = settings
        self._bearers = [Bearer(name, alias=alias) for name, alias in made.bearers]
        self._words = [single_word(word) for word in made.words]
        self._phrases = made.phrases
        self._patterns = [*(bearer.surname for bearer in self._bearers), *self._words]
        self._word_literals = Literals(
            dict.fromkeys(
                trigger for pattern in self._patterns for trigger in word_triggers(pattern)
            ),
            numbers,
        )
        self._known: dict[str, bool] = {}  # words, whether they may be the name
        self._excluded = [
            (Trigger(text), phrase) for phrase in settings.exclude if (text := literal(phrase))
        ]

    def find(self, reading: Reading, lo: int, hi: int) -> EntityFinding:
        """All places in ``reading.text[lo:hi]`` where the entity is named, from left to right.

        Of forms that overlap the longest counts; an excluded phrase takes away every form that
        it touches. A surname alone counts by the whole article, so names outside of the region
        are read too. Raises BudgetExceededError.
        """
        refused = _Refused(reading)
        counted = self._counted(reading, lo, hi, refused)
        return EntityFinding(
            counted,
            sorted(
                (hit, why)
                for hit, why in refused.found
                if lo <= hit[0] and hit[1] <= hi and not _covered(hit, counted)
            ),
        )

    def counted(self, reading: Reading, lo: int, hi: int) -> list[Hit] | None:
        """The places of ``find`` that count; None: there are none. Raises BudgetExceededError."""
        return self._counted(reading, lo, hi, None) or None

    def _counted(self, reading: Reading, lo: int, hi: int, refused: _Refused | None) -> list[Hit]:
        """``refused`` None: nobody asks for what does not count."""
        candidates = self._candidates(reading)
        if not candidates and not self._phrases:
            return []
        literals = list(self._literals(reading, candidates))
        mentions = self._mentions(reading, candidates)
        if refused is None:  # what names nobody tells nothing about the others either
            mentions = [mention for mention in mentions if mention.named is not Named.NOTHING]
        if not literals and not mentions:
            return []
        banned = self._banned(reading)
        found: list[_Place] = []
        for named in literals:
            if why := banned.touch(named[0], named[1]):
                if refused is not None:
                    refused.add(*named, why)
            else:
                found.append(named)
        found += self._persons(mentions, banned, refused)
        hits = [_hit(reading, *named) for named in found]
        return [hit for hit in _longest(hits) if lo <= hit[0] and hit[1] <= hi]

    # ------------------------------------------------------------------ literals and words

    def _literals(self, reading: Reading, candidates: Sequence[Span]) -> Iterator[_Place]:
        for phrase in self._phrases:
            for start, end in reading.find(phrase.trigger):
                if phrase.capitals != phrases.NONE:
                    reading.spend(_STEPS // 4)
                    letters = end if phrase.capitals == phrases.ALL else start + 1
                    if not context.is_capitals(reading, start, letters):
                        continue
                yield start, end, phrase.rules
        if not self._words:
            return
        for start, end in candidates:
            for pattern in self._words:
                fit = fit_at(pattern, reading, start, end)
                if fit and fit.rules and context.has_capital(reading, start):
                    yield start, end, fit.rules

    def _candidates(self, reading: Reading) -> list[Span]:
        """The words in which a trigger stands, or would without apostrophes, and that may be a
        surname; those with apostrophes in them whole and in pieces."""
        places = self._word_literals.places(reading)
        text = reading.text
        found: set[Span] = set()
        if joined := reading.scan.words_with_apostrophes:
            reading.spend(_STEPS // 16 * len(joined))
            found.update(span for span in joined if self._fits(text[span[0] : span[1]]))
        seen = -1
        if len(places) > 1:
            places.sort()
        for place, _ in places:
            if place < seen:
                continue
            if len(found) >= _MOST_WORDS:
                break
            reading.spend(_STEPS)
            plain = reading.word_at(place)
            start, end = plain
            seen = end
            if text[start - 1] != "'" and text[end] != "'":
                if self._fits(text[start:end]):
                    found.add(plain)
                continue
            start, end = context.name_word(reading, place)
            found.add((start, end))
            if plain != (start, end):
                found.add(plain)
                found.add((start, text.rindex("'", start, end)))
        return sorted(found)

    def _fits(self, word: str) -> bool:
        """Whether a word may be a surname of the entity."""
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            known = any(pattern.fit(word) for pattern in self._patterns)
            self._known[word] = known
        return known

    # ------------------------------------------------------------------ persons

    def _persons(
        self, mentions: Sequence[Mention], banned: _Banned, refused: _Refused | None
    ) -> Iterator[_Place]:
        """Those mentions that count: by themselves, or by what else the article has."""
        ours = []
        for mention in mentions:
            start, end, _, rules, _ = mention
            if not (why := banned.touch(start, end)):
                ours.append(mention)
            elif refused is not None:
                refused.add(start, end, rules, why)
        named = any(mention.named is Named.FULL for mention in ours)
        bearer = None  # whose surname was read last, at the beginning: will be read first
        if not self._settings.surname_alone:
            bearer = next((m.named for m in ours if m.named in _BEARERS), None)
        for start, end, what, rules, why in ours:
            if what is Named.ALONE:
                if not named and not self._settings.surname_alone:
                    why = _ALONE
                elif bearer is Named.OTHER:
                    why = "somebody else of that surname was named before"
            if not why:
                yield start, end, rules
            elif refused is not None:
                refused.add(start, end, rules, why)
            if what in _BEARERS:
                bearer = what

    def _mentions(self, reading: Reading, candidates: Sequence[Span]) -> list[Mention]:
        """Every surname, each as the best that any of the entity's names makes of it."""
        best: dict[int, Mention] = {}
        for start, end in candidates:
            for bearer in self._bearers:
                mention = bearer.mention(reading, start, end)
                if mention is None:
                    continue
                known = best.get(end)
                if known is None or _RANK[mention.named] < _RANK[known.named]:
                    best[end] = mention
        return sorted(best.values(), key=_SPAN)

    def _banned(self, reading: Reading) -> _Banned:
        if not self._excluded:
            return _NOTHING_BANNED
        return _Banned(
            sorted(
                (*span, phrase)
                for trigger, phrase in self._excluded
                for span in reading.find(trigger)
            )
        )


_BEARERS = (Named.FULL, Named.INITIAL, Named.OTHER)


def _hit(reading: Reading, start: int, end: int, rules: Rules) -> Hit:
    shown = " ".join(reading.original(start, end).split())
    return start, end, f"entity: {shown} ({', '.join(rules)})" if rules else f"entity: {shown}"


class _Refused:
    """What looked like the name but does not count."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.found: list[tuple[Hit, str]] = []

    def add(self, start: int, end: int, rules: Rules, why: str) -> None:
        self.found.append((_hit(self._reading, start, end, rules), why))


class _Banned:
    """Where excluded phrases stand."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._starts = [start for start, _, _ in hits]
        self._reach: list[Hit] = list(accumulate(hits, _farther))

    def touch(self, start: int, end: int) -> str:
        """The reason, where a place overlaps an excluded phrase; else nothing."""
        before = bisect_left(self._starts, end)
        if before and self._reach[before - 1][1] > start:
            return f"touches an excluded phrase ({self._reach[before - 1][2]})"
        return ""


def _farther(one: Hit, other: Hit) -> Hit:
    return other if other[1] > one[1] else one


_NOTHING_BANNED = _Banned(())


def _longest(hits: list[Hit]) -> list[Hit]:
    """From left to right, of two that overlap the longer."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda each: (each[0], -each[1])):
        if not kept or hit[0] >= kept[-1][1]:
            kept.append(hit)
        elif hit[1] - hit[0] > kept[-1][1] - kept[-1][0]:
            kept[-1] = hit
    return kept


def _covered(hit: Hit, counted: Sequence[Hit]) -> bool:
    """Whether a place that was refused counts by another form."""
    at = bisect_left(counted, (hit[0] + 1, 0, "")) - 1
    return at >= 0 and counted[at][1] >= hit[1]
