"""What an entity is looked for as, and the triggers of that. Cheap: done for all at load."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from monitor.config.settings import EntitySettings
from monitor.rules import neighbours
from monitor.rules.names import phrases
from monitor.rules.names.letters import Slot, slots
from monitor.rules.names.origins import kind_of_place
from monitor.rules.names.pattern import WordPattern, declines
from monitor.rules.names.person import Name, name_of, respelled, run_together, words_of
from monitor.rules.names.phrases import Phrase
from monitor.rules.names.rarest import rarest
from monitor.rules.reading import Trigger
from monitor.rules.scan import in_word
from monitor.text import fold


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
            *phrases.phrase(bare, "name", capitals=phrases.capitals_of(bare)),
            *(p for alias in settings.aliases for p in _alias(settings, alias)),
        ]
        if len(bare.strip()) > 2 and bare.strip().isalpha() and not phrases.is_acronym(bare):
            words = (bare.strip(),)
        return Forms(words=words, phrases=_distinct(made))
    bearers = [(each, False) for each in (name, run_together(name)) if each]
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
    return triggers_of(forms(settings))


def triggers_of(made: Forms) -> tuple[Trigger, ...]:
    """The triggers of forms already made."""
    found: dict[Trigger, None] = {}
    for surname, kind in dict.fromkeys((n.surname, n.surname_kind()) for n, _ in made.bearers):
        sounds = slots(surname, kind)
        found |= dict.fromkeys(_triggers_of_word(sounds, declined=declines(sounds)))
    for word in made.words:
        found |= dict.fromkeys(word_triggers(single_word(word)))
    for phrase in sorted(made.phrases, key=lambda each: len(each.trigger.text)):
        if not any(_within(trigger, phrase.trigger.text) for trigger in found):
            found[phrase.trigger] = None
    return tuple(found)


def word_triggers(pattern: WordPattern) -> list[Trigger]:
    """The triggers of one word, in Latin and in Cyrillic."""
    return _triggers_of_word(pattern.slots, declined=pattern.declined)


def _triggers_of_word(sounds: Sequence[Slot], *, declined: bool) -> list[Trigger]:
    latin = rarest(sounds, cyrillic=False, declined=declined)
    return latin + rarest(sounds, cyrillic=True, declined=declined)


def _within(trigger: Trigger, text: str) -> bool:
    """Whether a trigger occurs wherever a literal does that stands between word boundaries, beside
    letters that may stand there."""
    between = f" {text} "
    start = between.find(trigger.text)
    while start >= 0:
        end = start + len(trigger.text)
        left = start > 1 or in_word(text[0])  # else any letter may stand before the literal
        right = end <= len(text) or in_word(text[-1])
        if left and right and _stands(trigger, between, start, end):
            return True
        start = between.find(trigger.text, start + 1)
    return False


def _stands(trigger: Trigger, text: str, start: int, end: int) -> bool:
    """Whether what is beside a place of a trigger in a text may stand there."""
    return (
        not (trigger.left and in_word(text[start - 1]))
        and not (trigger.right and in_word(text[end]))
        and neighbours.fit(text, start, end, trigger.beside)
    )


def single_word(word: str) -> WordPattern:
    """The pattern of a place or person of one word."""
    return WordPattern.surname(word, kind_of_place(fold(word)))
