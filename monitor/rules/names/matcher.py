"""Where an entity is named in an article."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from monitor.config.settings import EntitySettings
from monitor.rules.names import context, phrases
from monitor.rules.names.letters import Kind
from monitor.rules.names.mentions import Bearer, Mention, Named
from monitor.rules.names.origins import kind_of_place
from monitor.rules.names.pattern import WordPattern
from monitor.rules.names.person import Name, name_of, respelled, words_of
from monitor.rules.names.phrases import Phrase
from monitor.rules.names.rarest import rarest
from monitor.rules.reading import Hit, Reading, Trigger
from monitor.rules.scan import Span, in_word, literal
from monitor.text import fold

_STEPS = 8_000  # of looking at one word and what stands beside it
_MOST_WORDS = 2_000
"""Words of one article that may be the name. One that has more is found by these as well."""
_RANK = (Named.FULL, Named.INITIAL, Named.ALONE, Named.OTHER, Named.NOTHING)
_ALONE = "the surname alone does not count"


@dataclass(slots=True)
class EntityFinding:
    """Where the entity is named, and what looked so but does not count, with the reason."""

    counted: list[Hit] = field(default_factory=list)
    refused: list[tuple[Hit, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Forms:
    """What an entity is looked for as: surnames with given names, single words, literals."""

    bearers: tuple[tuple[Name, bool], ...] = ()  # and whether it is an alias
    words: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] = ()


def forms(settings: EntitySettings) -> Forms:
    """The forms of an entity, nothing made of them yet."""
    if settings.kind == "organisation":
        return Forms(phrases=_distinct(phrases.organisation(settings)))
    name = name_of(settings)
    words: tuple[str, ...] = ()
    if name is None:
        bare = phrases.without_the(settings.name) if settings.kind == "place" else settings.name
        made = [
            *phrases.phrase(bare, "name"),
            *(p for alias in settings.aliases for p in _alias(settings, alias)),
        ]
        if len(bare.strip()) > 2 and bare.strip().isalpha() and not phrases.is_acronym(bare):
            words = (bare.strip(),)
        return Forms(words=words, phrases=_distinct(made))
    bearers = [(name, False)]
    for alias in settings.aliases:
        other = respelled(words_of(alias), name)
        if other is not None:
            bearers.append((_same_surname(name, other), True))
    aliases = (p for alias in settings.aliases for p in phrases.phrase(alias, "alias"))
    return Forms(tuple(dict.fromkeys(bearers)), (), _distinct(aliases))


def _same_surname(name: Name, alias: Name) -> Name:
    """The alias with the surname as the name has it, where that is a spelling of the same:
    then one pattern does for both."""
    fit = name.surname_pattern().fit(fold(alias.surname))
    same = fit is not None and not fit.marked
    return replace(alias, surname=name.surname, kind=name.kind) if same else alias


def _alias(settings: EntitySettings, alias: str) -> Iterator[Phrase]:
    bare = phrases.without_the(alias) if settings.kind == "place" else alias
    return phrases.phrase(bare, "alias")


def _distinct(made: Iterable[Phrase]) -> tuple[Phrase, ...]:
    known: dict[Trigger, Phrase] = {}
    for phrase in made:
        first = known.setdefault(phrase.trigger, phrase)
        if first.capitals != phrases.NONE and phrase.capitals == phrases.NONE:
            known[phrase.trigger] = phrase
    return tuple(known.values())


def triggers(settings: EntitySettings) -> tuple[Trigger, ...]:
    """Literals one of which occurs wherever the entity is found. Cheap."""
    return _triggers(forms(settings), settings)


def _triggers(made: Forms, settings: EntitySettings) -> tuple[Trigger, ...]:
    found: dict[Trigger, None] = {}
    for surname, kind in dict.fromkeys((n.surname, n.surname_kind()) for n, _ in made.bearers):
        found |= dict.fromkeys(_of_word(WordPattern.surname(surname, kind)))
    for word in made.words:
        found |= dict.fromkeys(_of_word(WordPattern.surname(word, _kind_of_word(word))))
    for phrase in sorted(made.phrases, key=lambda each: len(each.trigger.text)):
        if not any(_within(trigger, phrase.trigger.text) for trigger in found):
            found[phrase.trigger] = None
    return tuple(found)


def _of_word(pattern: WordPattern) -> Iterator[Trigger]:
    for cyrillic in (False, True):
        yield from rarest(pattern.slots, cyrillic=cyrillic, declined=pattern.declined)


def _kind_of_word(word: str) -> Kind:
    return kind_of_place(fold(word))


def _within(trigger: Trigger, text: str) -> bool:
    """Whether a trigger occurs wherever a literal does that stands between word boundaries."""
    start = text.find(trigger.text)
    while start >= 0:
        end = start + len(trigger.text)
        left = not trigger.left or start == 0 or not in_word(text[start - 1])
        right = not trigger.right or end == len(text) or not in_word(text[end])
        if left and right:
            return True
        start = text.find(trigger.text, start + 1)
    return False


class EntityMatcher:
    """Finds one entity. Made for articles in which one of its triggers occurs."""

    def __init__(self, settings: EntitySettings) -> None:
        made = forms(settings)
        self.triggers = _triggers(made, settings)
        self._settings = settings
        self._bearers = [Bearer(name, alias=alias) for name, alias in made.bearers]
        self._words = [WordPattern.surname(word, _kind_of_word(word)) for word in made.words]
        self._phrases = made.phrases
        self._word_triggers = tuple(
            dict.fromkeys(
                trigger
                for pattern in (*(bearer.surname for bearer in self._bearers), *self._words)
                for trigger in _of_word(pattern)
            )
        )
        self._excluded = [
            (Trigger(text), phrase) for phrase in settings.exclude if (text := literal(phrase))
        ]

    def find(self, reading: Reading, lo: int, hi: int) -> EntityFinding:
        """All places in ``reading.text[lo:hi]`` where the entity is named, from left to right.

        Of forms that overlap the longest counts; an excluded phrase takes away every form that
        it touches. A surname alone counts by the whole article, so names outside of the region
        are read too. Raises BudgetExceededError.
        """
        banned = self._banned(reading)
        finding = EntityFinding()
        counted: list[Hit] = []
        for start, end, rules in self._literals(reading):
            hit = _hit(reading, start, end, rules)
            if why := _touched(hit, banned):
                finding.refused.append((hit, why))
            else:
                counted.append(hit)
        self._persons(reading, banned, counted, finding.refused)
        finding.counted = [hit for hit in _longest(counted) if lo <= hit[0] and hit[1] <= hi]
        finding.refused = sorted(
            (hit, why)
            for hit, why in finding.refused
            if lo <= hit[0] and hit[1] <= hi and not _covered(hit, finding.counted)
        )
        return finding

    # ------------------------------------------------------------------ literals and words

    def _literals(self, reading: Reading) -> Iterator[tuple[int, int, tuple[str, ...]]]:
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
        for start, end in self._candidates(reading):
            for pattern in self._words:
                fit = pattern.fit(reading.text[start:end])
                if fit and fit.rules and not fit.marked and context.has_capital(reading, start):
                    yield start, end, fit.rules

    def _candidates(self, reading: Reading) -> list[Span]:
        """The words in which a trigger stands, with the apostrophes in them and without."""
        found: set[Span] = set()
        seen = -1
        places = sorted(place for trigger in self._word_triggers for place in reading.find(trigger))
        for place, _ in places:
            if place < seen:
                continue
            if len(found) >= _MOST_WORDS:
                break
            reading.spend(_STEPS)
            start, end = context.name_word(reading, place)
            found.add((start, end))
            plain = reading.word_at(place)
            if plain != (start, end):
                text = reading.text
                found.add(plain)
                found.add((start, text.rindex("'", start, end)))
            seen = plain[1]
        return sorted(found)

    # ------------------------------------------------------------------ persons

    def _persons(
        self,
        reading: Reading,
        banned: Sequence[Hit],
        counted: list[Hit],
        refused: list[tuple[Hit, str]],
    ) -> None:
        if not self._bearers:
            return
        mentions = []
        for mention in self._mentions(reading):
            hit = _hit(reading, mention.start, mention.end, mention.rules)
            if why := _touched(hit, banned):
                refused.append((hit, why))
            else:
                mentions.append((mention, hit))
        named = any(mention.named is Named.FULL for mention, _ in mentions)
        bearer = None  # whose surname was read last, at the beginning: will be read first
        if not self._settings.surname_alone:
            bearer = next((m.named for m, _ in mentions if m.named in _BEARERS), None)
        for mention, hit in mentions:
            if mention.named in (Named.OTHER, Named.NOTHING):
                refused.append((hit, mention.why))
            elif mention.named is not Named.ALONE:
                counted.append(hit)
            elif not named and not self._settings.surname_alone:
                refused.append((hit, _ALONE))
            elif bearer is Named.OTHER:
                refused.append((hit, "somebody else of that surname was named before"))
            else:
                counted.append(hit)
            if mention.named in _BEARERS:
                bearer = mention.named

    def _mentions(self, reading: Reading) -> list[Mention]:
        """Every surname, each as the best that any of the entity's names makes of it."""
        best: dict[int, Mention] = {}
        for start, end in self._candidates(reading):
            for bearer in self._bearers:
                mention = bearer.mention(reading, start, end)
                if mention is None:
                    continue
                known = best.get(end)
                if known is None or _RANK.index(mention.named) < _RANK.index(known.named):
                    best[end] = mention
        return sorted(best.values())

    def _banned(self, reading: Reading) -> list[Hit]:
        return sorted(
            (*span, phrase) for trigger, phrase in self._excluded for span in reading.find(trigger)
        )


_BEARERS = (Named.FULL, Named.INITIAL, Named.OTHER)


def _hit(reading: Reading, start: int, end: int, rules: tuple[str, ...]) -> Hit:
    shown = " ".join(reading.original(start, end).split())
    return start, end, f"entity: {shown} ({', '.join(rules)})" if rules else f"entity: {shown}"


def _touched(hit: Hit, banned: Sequence[Hit]) -> str:
    """The reason, where a place overlaps an excluded phrase."""
    if not banned:
        return ""
    before = bisect_left(banned, (hit[1], 0, ""))
    reach = max(banned[:before], key=lambda each: each[1], default=None)
    if reach is not None and reach[1] > hit[0]:
        return f"touches an excluded phrase ({reach[2]})"
    return ""


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
