"""A name cut into sounds, each with every way to write it.

``slots("Tokayev", Kind.EASTERN)`` is t, o, k/q, a, yev/ev/iev/…, in Latin and in Cyrillic.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from monitor.rules.names.cutting import CYRILLIC, LATIN, LOOSE
from monitor.rules.names.endings import stem
from monitor.rules.names.spellings import LOOSE_ROWS, ROWS, Row
from monitor.text import fold


class Kind(StrEnum):
    """How freely a name is respelled."""

    PLAIN = "plain"  # as it is, in Latin; a Cyrillic form letter by letter
    EASTERN = "eastern"  # Slavic, Kazakh, Turkic
    UKRAINIAN = "ukrainian"  # the same, and h is g
    LOOSE = "loose"  # Arabic, Persian: vowels as well


class Spelling(NamedTuple):
    """A spelling of one sound: the letters, the rule that allows it ("": written so), whether
    the text must have a diacritic here."""

    text: str
    rule: str
    marked: bool = False


class Measure(NamedTuple):
    """What a slot is worth in a trigger: its spellings, the letters of the shortest, the chance
    that one of them stands at a place of a text (at a word's end, if they are known to be there:
    ends are alike), and what all of them begin and end with, with the chance of that."""

    texts: tuple[str, ...]
    shortest: int
    chance: float
    end_chance: float
    head: str
    head_chance: float
    tail: str
    tail_chance: float


@dataclass(frozen=True, slots=True)
class Slot:
    """One sound; ``written`` folded, as in the form."""

    row: str
    written: str
    latin: tuple[Spelling, ...]
    cyrillic: tuple[Spelling, ...]
    latin_measure: Measure = field(compare=False)
    cyrillic_measure: Measure = field(compare=False)
    stem_measure: Measure = field(compare=False)  # Cyrillic, at a declined end


_KEPT = dict(zip("šşșśčçćž", "ššššččtž", strict=True)) | {"ć": "č"}
_KEPT |= {letter: letter for letter in "äöüøå"}
KAZAKH_LETTERS = frozenset("әғқңөұүһі")
_ALL = ROWS | LOOSE_ROWS
_MARKED = frozenset("šžčäöüøå")
_APOSTROPHES = frozenset(("'", "~'"))
_UNSURE = frozenset(
    ["c", "w", "x", "ye", "j", "ja", "je", "ju", "iy$", "ou", "sch", "double", "l'"]
)
"""Rows with several Cyrillic spellings even of names that are not respelled otherwise."""
_TO_CYRILLIC = dict(zip("bdfgklmnprstvz", "бдфгклмнпрствз", strict=True))
_TO_LATIN = {cyrillic: latin for latin, cyrillic in _TO_CYRILLIC.items()}


def is_cyrillic(text: str) -> bool:
    """Whether a folded word is written in Cyrillic, by its first letter."""
    return "\u0400" <= text[:1] <= "\u052f"


@lru_cache(maxsize=4096)
def slots(word: str, kind: Kind) -> tuple[Slot, ...]:
    """The sounds of one word of a name, as the form has it. Empty where nothing is left."""
    text = _prepared(word)
    latin = LOOSE if kind is Kind.LOOSE else LATIN
    cutter = CYRILLIC if is_cyrillic(text) else latin
    return tuple(_slot(row, written, kind) for row, written in cutter.cut(text))


def _prepared(word: str) -> str:
    """Folded but for the letters whose mark tells the sound: ``Šabanović`` as ``šabanovič``."""
    if word.isascii():
        return word.lower().replace("`", "'")
    kept = []
    for char in unicodedata.normalize("NFC", word).lower():
        kept.append(_KEPT[char] if char in _KEPT else fold(char))
    return "".join(kept)


@lru_cache(maxsize=4096)
def _slot(name: str, written: str, kind: Kind) -> Slot:
    """The slot of a row; a letter without a row stands for itself."""
    if name in ("double", "~double"):
        row = _double(written, loose=name == "~double")
    elif name == "h" and kind is Kind.UKRAINIAN:
        row = _ALL["h/g"]
    elif name == "o$" and kind is not Kind.UKRAINIAN:
        name, row = "o", _ALL["o"]
    elif name == "g" and kind is Kind.UKRAINIAN and is_cyrillic(written):
        row = Row("H/G", "h g gh", "г ґ")
    elif name in _ALL:
        row = _ALL[name]
    else:
        row = Row("", written, written)
    plain = fold(written)
    own_is_cyrillic = is_cyrillic(written)
    latin = _spellings(row.rule, row.latin, None if own_is_cyrillic else plain)
    cyrillic = _spellings(row.rule, row.cyrillic, plain if own_is_cyrillic else None)
    if kind is Kind.PLAIN and not own_is_cyrillic:
        latin = latin if name in _MARKED | _APOSTROPHES else latin[:1]
        cyrillic = cyrillic if name in _UNSURE | _MARKED | _APOSTROPHES else cyrillic[:1]
    elif row.marked:
        latin += (Spelling(row.marked, f"{row.rule} with a diacritic", marked=True),)
    stems = [stem(spelling.text, name)[0] for spelling in cyrillic]
    texts = [spelling.text for spelling in cyrillic]
    measures = _measure([each.text for each in latin]), _measure(texts), _measure(stems)
    return Slot(name, plain, latin, cyrillic, *measures)


def _double(written: str, *, loose: bool) -> Row:
    """A doubled consonant, or in loose names one that may be doubled."""
    letter = written[0]
    if letter in _TO_CYRILLIC:
        latin, cyrillic = letter, _TO_CYRILLIC[letter]
    else:
        latin, cyrillic = _TO_LATIN[letter], letter
    kinds = f"{latin * 2} {latin}"
    if latin == "k" and not loose:
        kinds += " q qq"
    return Row("single or double", kinds, f"{cyrillic * 2} {cyrillic}")


def _spellings(rule: str, texts: str, written: str | None) -> tuple[Spelling, ...]:
    """The written spelling first. ``-`` stands for none at all."""
    choices = [fold(text) if text != "-" else "" for text in texts.split()]
    if written is None:  # the other script: Kazakh letters alone are worth a word
        made = [
            Spelling(text, "Kazakh letters" if KAZAKH_LETTERS & set(text) else "")
            for text in choices
        ]
    else:
        made = [Spelling(written, "")]
        made += [Spelling(text, rule) for text in choices if text != written]
    return tuple(dict.fromkeys(made))


# Bits a letter tells, after its share in English and in Russian text.
_BITS = {
    **dict.fromkeys("etaoin оеаинт", 3.2),
    **dict.fromkeys("srhldcu слврк", 4.2),
    **dict.fromkeys("mfpgwyb мдпуяыьгзб", 5.2),
}


_END = 0.3  # as little the end of a surname tells


def bits(text: str) -> float:
    """How telling a run of letters is; 20 bits stand about once in a million places."""
    return sum(_BITS.get(char, 7.0) for char in text)


def _measure(spellings: list[str]) -> Measure:
    texts = tuple(dict.fromkeys(spellings))
    head = _common(texts)
    tail = _common(tuple(text[::-1] for text in texts))[::-1]
    chance = sum(map(_chance, texts))
    return Measure(
        texts,
        min(map(len, texts)),
        chance,
        chance**_END,
        head,
        _chance(head),
        tail,
        _chance(tail),
    )


def _chance(text: str) -> float:
    """How often a run of letters stands at a place of a text."""
    chance: float = 2.0 ** -bits(text)
    return chance


def _common(texts: tuple[str, ...]) -> str:
    """What all begin with."""
    first, last = min(texts), max(texts)
    length = next((i for i, c in enumerate(first) if last[i : i + 1] != c), len(first))
    return first[:length]
