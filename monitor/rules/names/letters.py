"""A name cut into sounds, each with every way to write it.

``slots("Tokayev", Kind.EASTERN)`` is t, o, k/q, a, yev/ev/iev/…, in Latin and in Cyrillic.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from math import log2
from typing import NamedTuple

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
    """What a slot is worth in a trigger: how many spellings, information in bits of the least
    telling one, what all of them begin and end with."""

    texts: tuple[str, ...]
    choice: float  # bits that it takes to say which of them
    bits: float
    head: str
    head_bits: float
    tail: str
    tail_bits: float


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
KAZAKH_LETTERS = frozenset("әғқңөұүһі")
_V = "aeiouy"
_CV = "аеиоуыэюяәөұүіє"

_LATIN_TOKENS = (
    # ends of surnames, also of women's
    ("(?<=[aeou])[iyj]?ev(?=a?$)", "ev/v"),
    ("a(?=[iyj]?ev(?:a?$))", "a!"),
    ("(?:i[yji]|yy|i)ev(?=a?$)", "iev"),
    ("'?[yj]ev(?=a?$)", "yev"),
    ("(?<=[csz]h)ev(?=a?$)", "ev/sh"),
    ("ev(?=a?$)|eff$", "ev"),
    ("[iyj]ov(?=a?$)", "yov"),
    ("ov(?=a?$)|off$", "ov"),
    ("(?<=..)(?:uly|uli)$", "uly"),
    ("(?<=..)(?:[kq]yzy|[kq]izi)$", "kyzy"),
    ("s'?k(?=(?:iy|yi|yy|ij|ii|yj|y|i|aya|aia|aja|a)$)", "sk"),
    ("(?<=sk)(?:aya|aia|aja|a)$", "aya$"),
    (f"(?<=[^{_V}'])(?:iy|yi|yy|ij|ii|yj|y|i)$", "iy$"),
    # vowels with a glide
    ("iye|ije", "iye"),
    ("iyo", "iyo"),
    ("i[yj]a", "iya"),
    ("iyu", "yu"),
    ("(?:^|(?<=[aeou]))(?:ye|ie)|^e|(?<=[aou])e", "ye"),
    ("'?ye|'e|ie", "'ye"),
    ("(?<!^)ja", "ja"),
    ("(?<!^)je", "je"),
    ("(?<!^)ju", "ju"),
    ("'?ya|(?<=[aeou])ia|^ia", "ya"),
    ("ia", "iya"),
    ("'?you|'?yu|iu", "yu"),
    ("'?yo", "yo"),
    (f"(?:^|(?<=[{_V}]))yi", "yi"),
    (f"(?<=[aeou])[yij](?![{_V}])", "y/v"),
    ("ou|oo|u", "u"),
    # consonants
    ("shch|šč", "shch"),
    ("sch", "sch"),
    ("dzh|dj", "dzh"),
    ("zh", "zh"),
    ("kh", "kh"),
    ("gh", "gh"),
    ("gu?(?=[ei])", "g/e"),
    ("tsch|tch|ch", "ch"),
    ("sh", "sh"),
    ("ts|tz", "ts"),
    ("ph", "ph"),
    ("ks", "ks"),
    ("[kc]t", "kt"),
    ("ng", "ng"),
    ("^t[iy]?l(?=e)", "tl"),
    ("[bdfgklmnprstvz]&", "double"),
    (f"(?<=[{_V}])s(?=[{_V}])", "s/v"),
    (f"l'|l(?=[^{_V}']|$)", "l'"),
    ("r'|r$", "r'"),
    ("z'?(?=m)", "z'"),
    ("v$", "v$"),
)
_CYRILLIC_TOKENS = (
    (f"(?<=[{_CV}])(?<!и)ев(?=а?$)", "ev/v"),
    ("а(?=ева?$)", "a!"),
    ("иев(?=а?$)", "iev"),
    ("[ьъ]ев(?=а?$)", "yev"),
    ("(?<=[чшщж])ев(?=а?$)", "ev/sh"),
    ("ев(?=а?$)", "ev"),
    ("ов(?=а?$)", "ov"),
    ("(?<=..)[ұу]лы$", "uly"),
    ("(?<=..)[қк]ызы$", "kyzy"),
    ("сь?к(?=(?:[ииыі]и|ая|[аиі])$)", "sk"),
    ("(?<=[сь]к)(?:ая|а)$", "aya$"),
    (f"(?<=[^{_CV}ьъ'])(?:[иыі]и|и|ы|і)$", "iy$"),
    (f"(?:^|(?<=[{_CV}]))[еэє]", "ye"),
    ("[ьъ]е", "'ye"),
    ("ие", "iye"),
    ("ия", "iya"),
    ("ь?[яй]а|ь?я", "ya"),
    ("[иь]?ю", "yu"),
    (f"(?<=[{_CV}])и(?![{_CV}])", "y/v"),
    ("[уұү]", "u"),
    ("[еэє]", "e"),
    ("[аә]", "a"),
    ("[оө]", "o"),
    ("ы", "y"),
    ("[иі]", "i"),
    ("дж", "dzh"),
    ("ж", "zh"),
    ("[хһ]", "kh"),
    ("щ", "shch"),
    ("ш", "sh"),
    ("ч", "ch"),
    ("ц", "ts"),
    ("кс", "ks"),
    ("кт", "kt"),
    ("нг|ң", "ng"),
    ("ғ", "gh"),
    ("[гґ]", "g"),
    ("қ", "q"),
    ("[бдзклмнпрстф]&", "double"),
    ("к", "k"),
    (f"(?<=[{_CV}])с(?=[{_CV}])", "s/v"),
    (f"ль|л(?=[^{_CV}']|$)", "l'"),
    ("рь|р$", "r'"),
    ("зь?(?=м)", "z'"),
    ("в$", "v$"),
    ("нь?", "n"),
    ("[ьъ']", "'"),
    *((c, n) for c, n in zip("бвдлмпрстзф", "bvdlmprstzf", strict=True)),
)
_LOOSE_TOKENS = (
    ("^abd(?:oo|ou|[uae])[lr]?|^abd$", "~abdul"),
    ("iyya|iya|ia|ya", "~ya"),
    ("(?:ah|eh|a|e)$", "~ah"),
    ("a[iy](?![aeou])|e[iy](?![aeou])", "~ay"),
    ("ou|oo|u|o", "~u"),
    ("ee|i", "~i"),
    ("aa|a|e", "~a"),
    ("yy|y(?=[aeou])", "~y"),
    ("y", "~i"),
    ("sh", "sh"),
    ("kh|x", "~kh"),
    ("gh", "~gh"),
    ("dh", "~dh"),
    ("th", "~th"),
    ("ch", "ch"),
    ("dj|j", "~j"),
    (f"[bdflmnrstzp]&|(?<=[{_V}])[bdflmnrstzp](?=[{_V}])", "~double"),
    ("q", "~q"),
    ("kk?", "~k"),
    ("h", "~h"),
    ("w|v", "~w"),
    ("'", "~'"),
)


class _Cutter:
    """Cuts a word by a table of expressions, of which the first that fits counts.

    Only those are tried that can begin with the letter that stands there: for each letter one
    expression is made of them when it is first needed.
    """

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = [(text, row, _first_letters(text)) for text, row in tokens]
        self._made: dict[str, tuple[re.Pattern[str], list[str]]] = {}

    def cut(self, word: str) -> Iterator[tuple[str, str]]:
        """The rows and what is written for each; a letter of no row is one of its own."""
        place = 0
        while place < len(word):
            letter = word[place]
            if letter not in self._made:
                self._made[letter] = self._expression(letter)
            expression, rows = self._made[letter]
            found = expression.match(word, place)
            number = found.lastindex if found else None
            if found is None or number is None:
                yield letter, letter
                place += 1
            else:
                yield rows[number - 1], found[0]
                place = found.end()

    def _expression(self, letter: str) -> tuple[re.Pattern[str], list[str]]:
        parts: list[str] = []
        rows: list[str] = []
        for text, row, first in self._tokens:
            if letter in first:
                # A doubled letter is known here, so the tables need no back references.
                parts.append("(" + text.replace("&", re.escape(letter)) + ")")
                rows.append(row)
        return re.compile("|".join(parts or ["(?!)"])), rows


def _first_letters(expression: str) -> frozenset[str]:
    """With which letters a match can begin; knows the little that the tables use."""
    letters: set[str] = set()
    for choice in _choices(expression):
        rest = choice
        while rest:
            if rest[0] == "^":
                rest = rest[1:]
                continue
            end = _atom(rest)
            atom, rest = rest[:end], rest[end:]
            if atom.startswith(("(?<", "(?=", "(?!")):
                continue
            if atom.startswith("(?:"):
                inner = atom[3:-1]
                looks_only = all(
                    part in ("^",) or part.startswith("(?<") for part in _choices(inner)
                )
                if looks_only:
                    continue
                letters |= _first_letters(inner)
            else:
                letters |= set(atom.strip("[]"))
            if not rest.startswith("?"):
                break
            rest = rest[1:]
    return frozenset(letters)


def _choices(expression: str) -> list[str]:
    """What stands between the bars that are in no group."""
    found, depth, start = [], 0, 0
    for place, char in enumerate(expression):
        depth += (char in "([") - (char in ")]")
        if char == "|" and not depth:
            found.append(expression[start:place])
            start = place + 1
    return [*found, expression[start:]]


def _atom(expression: str) -> int:
    """How long the first group, class or letter is."""
    depth = 0
    for place, char in enumerate(expression):
        depth += (char in "([") - (char in ")]")
        if not depth:
            return place + 1
    return len(expression)


_LATIN = _Cutter(_LATIN_TOKENS)
_CYRILLIC = _Cutter(_CYRILLIC_TOKENS)
_LOOSE = _Cutter(_LOOSE_TOKENS)
_ALL = ROWS | LOOSE_ROWS
_CARONS = frozenset("šžč")
_UNSURE = frozenset(["c", "w", "x", "ye", "j", "double", "l'"])
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
    latin = _LOOSE if kind is Kind.LOOSE else _LATIN
    cutter = _CYRILLIC if is_cyrillic(text) else latin
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
        latin = latin if name in _CARONS else latin[:1]
        cyrillic = cyrillic if name in _UNSURE else cyrillic[:1]
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


def bits(text: str) -> float:
    """How telling a run of letters is; 20 bits stand about once in a million places."""
    return sum(_BITS.get(char, 7.0) for char in text)


def _measure(spellings: list[str]) -> Measure:
    texts = tuple(dict.fromkeys(spellings))
    head = _common(texts)
    tail = _common(tuple(text[::-1] for text in texts))[::-1]
    return Measure(
        texts, log2(len(texts)), min(map(bits, texts)), head, bits(head), tail, bits(tail)
    )


def _common(texts: tuple[str, ...]) -> str:
    """What all begin with."""
    first, last = min(texts), max(texts)
    length = next((i for i, c in enumerate(first) if last[i : i + 1] != c), len(first))
    return first[:length]
