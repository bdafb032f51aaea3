"""A person's canonical name (or an alias that spells it otherwise), taken apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from monitor.config.settings import EntitySettings
from monitor.rules.names import given as given_names
from monitor.rules.names.letters import Kind
from monitor.rules.names.origins import kind_of, slavic
from monitor.rules.names.pattern import WordPattern
from monitor.rules.names.spellings import ARTICLES, PARTICLES, PATRONYMICS, SAME_GIVEN_NAMES
from monitor.rules.names.titles import (
    CAPITAL_PARTICLES,
    INITIALS,
    PATRONYMIC_WORDS,
    SUFFIXES,
    TITLES,
)
from monitor.rules.scan import literal
from monitor.text import fold

Words = tuple[str, ...]

_AFTER_INITIAL = re.compile(r"\.(?=\w)")
_HYPHENS = re.compile("[-‐‑–]")
_WORD = re.compile(r"[^\W\d_]+(?:['`‘’ʻʼ′][^\W\d_]+)*['’]?")
_NEAR = 0.75  # Toqaev and Tokayev: 0.77; Emberdiyev and Yemberdiyev: 0.95
_PATRONYMIC = re.compile(f"(?:{'|'.join(map(fold, PATRONYMICS))})(?:а|у|ем|ом|е|ы|ои)?$")


@dataclass(frozen=True, slots=True)
class Name:
    """A name in words as the form has them: given names, then the words of the surname before
    the last (``bin``, ``von der``, ``García``), then the last."""

    given: Words
    before: Words
    surname: str
    kind: Kind
    first: int = 1  # how many of ``given`` a hyphen joins at the beginning
    family_first: bool = False  # Xi Jinping
    hyphens: int = 0  # in the surname
    joined: bool = False  # where they are left out

    def surname_kind(self) -> Kind:
        """How freely the surname is respelled."""
        firm = self.kind is Kind.LOOSE and slavic(fold(self.surname))
        return Kind.EASTERN if firm else self.kind

    def surname_pattern(self) -> WordPattern:
        """What the last word of the surname is compared with."""
        return WordPattern.surname(self.surname, self.surname_kind())


def name_of(settings: EntitySettings) -> Name | None:
    """The canonical name of a person of two words or more; None: it is looked for as it is."""
    if settings.kind != "person":
        return None
    return taken_apart(words_of(settings.name), words_of(settings.surname or ""))


def words_of(name: str) -> Words:
    """``"B.Sadykov"`` as ``("B.", "Sadykov")``; ``"Sadykov, Barlybay"`` given name first."""
    words = tuple(_AFTER_INITIAL.sub(". ", name).split() if "." in name else name.split())
    if not all(map(str.isalpha, words)):
        words = tuple(word for word in words if any(map(str.isalnum, fold(word))))
    if len(words) > 1 and words[0].endswith(",") and name.count(",") == 1:
        words = (*words[1:], words[0])
    words = tuple(word.rstrip(",") for word in words)
    while len(words) > 2 and fold(words[-1]).rstrip(".") in SUFFIXES:
        words = words[:-1]
    while len(words) > 2 and not is_initial(words[0]) and fold(words[0]).rstrip(".") in TITLES:
        words = words[1:]
    return words


def taken_apart(words: Words, surname: Words = ()) -> Name | None:
    """The parts of a name, given names first, or as ``surname`` says. None where it is of one
    word or of what is no word (a number, an initial for a surname)."""
    words, family_first = _ordered(_with_patronymic(words), surname)
    if len(words) < 2 or not all(_is_word(word) for word in words):
        return None
    if is_initial(words[-1]) or not _is_long(words[-1]):
        return None
    parts, last = list(words[:-1]), words[-1]
    article, _, rest = last.partition("-")
    if rest and fold(article) in ARTICLES and _is_word(rest):
        parts, last = [*parts, article.lower()], rest
    hyphened = _hyphened(last)
    parts, last = [*parts, *hyphened[:-1]], hyphened[-1]
    if surname and not family_first:
        begins = len(words) - len(surname)
    elif len(hyphened) > 1:
        begins = len(words) - 1
    else:
        begins = next((i for i, w in enumerate(parts) if i and _is_particle(w)), len(parts))
    folded = [fold(word) for word in (*parts, last)]
    given = tuple(part for word in parts[:begins] for part in _hyphened(word))
    if not given or not _is_long(last):
        return None
    first = len(_hyphened(parts[0]))
    hyphens = len(hyphened) - 1
    return Name(given, tuple(parts[begins:]), last, kind_of(folded), first, family_first, hyphens)


def _hyphened(word: str) -> list[str]:
    """The words that hyphens join."""
    if word.isalpha():
        return [word]
    return [part for part in _HYPHENS.split(word) if part]


def run_together(name: Name) -> Name | None:
    """``Amir-Abdollahian`` as ``Amirabdollahian``, as Arabic and Persian surnames are written;
    None for all others."""
    if not name.hyphens or name.kind is not Kind.LOOSE:
        return None
    kept = len(name.before) - name.hyphens
    surname = "".join((*name.before[kept:], name.surname)).lower()
    return replace(name, before=name.before[:kept], surname=surname, hyphens=0, joined=True)


def _is_particle(word: str) -> bool:
    """Whether a word in the middle of a name begins the surname."""
    return word[0].islower() or fold(word) in CAPITAL_PARTICLES


def _with_patronymic(words: Words) -> Words:
    """``Ilham Heydar oglu Aliyev`` with the two words in the middle as one."""
    joined: list[str] = []
    for word in words:
        if len(joined) > 1 and fold(word) in PATRONYMIC_WORDS:
            joined[-1] += word.lower()
        else:
            joined.append(word)
    return tuple(joined)


def _ordered(words: Words, surname: Words) -> tuple[Words, bool]:
    """Given names first; whether the form had them last."""
    size = len(surname)
    if not size or size >= len(words):
        return words, False
    wanted = [fold(word) for word in surname]
    folded = [fold(word) for word in words]
    if folded[-size:] != wanted and folded[:size] == wanted:
        return words[size:] + words[:size], True
    return words, False


def respelled(alias: Words, name: Name) -> Name | None:
    """The alias taken apart, where it is the person's own name spelled otherwise.

    That is the case when both its ends are near the name's (an initial is near every given
    name), in this or in the swapped order, in this or the other script, or when the given name
    is the same and only the rest differs. ``Head of State`` and ``President Tokayev`` are names
    of another kind: initials made of them would be nonsense.
    """
    if len(alias) < 2:
        return None
    given, surname = name.given[0], name.surname
    first, last = _HYPHENS.split(alias[0])[0], alias[-1]
    if _near(last, surname) and (is_initial(alias[0]) or _near(first, given)):
        return taken_apart(alias)
    other = _HYPHENS.split(alias[-1])[0]
    if _near(alias[0], surname) and (is_initial(alias[-1]) or _near(other, given)):
        return taken_apart((*alias[1:], alias[0]))
    if fold(first) == fold(given) and not any(word[0].islower() for word in alias):
        return taken_apart(alias)
    return None


def _near(one: str, other: str) -> bool:
    """Whether two words may be the same name, letter by letter or by their rough forms."""
    return any(
        a == b
        or (
            (m := SequenceMatcher(None, a, b, autojunk=False)).quick_ratio() >= _NEAR
            and m.ratio() >= _NEAR
        )
        for a, b in ((fold(one), fold(other)), (given_names.key(one), given_names.key(other)))
    )


def is_initial(word: str) -> bool:
    """Whether a word of a name is an initial: ``B.``, ``B``, ``Zh.``"""
    if len(word) > 1 and word.isascii() and word.isalpha():
        return False
    bare = fold(word).rstrip(".")
    return len(bare) == 1 or (word.endswith(".") and bare in INITIALS)


def is_patronymic(folded: str) -> bool:
    """Whether a word ends like a patronymic, declined or not."""
    return len(folded) > 5 and _PATRONYMIC.search(folded) is not None


def _is_long(word: str) -> bool:
    """Whether it is more than one letter."""
    return len(word if word.isascii() and word.isalpha() else literal(word)) > 1


def _is_word(word: str) -> bool:
    """Whether a word of a name is of letters only, as the patterns can read."""
    if word.isalpha() and word.isascii():
        return True
    return all(
        _WORD.fullmatch(part) is not None for part in _HYPHENS.split(word.rstrip("."))
    ) and all(char.isalpha() or char in " '" for char in literal(word.rstrip(".")))


class GivenName:
    """One given name: its full spellings, what begins them, whether it is a patronymic."""

    def __init__(self, word: str, kind: Kind) -> None:
        self.word = word
        self.initial_only = is_initial(word)
        bare = word.rstrip(".")
        self.pattern = WordPattern.given(bare, kind)
        self.patronymic = is_patronymic(fold(bare))
        self.others = tuple(
            WordPattern.given(other, kind) for other in _same(bare) if not self.initial_only
        )
        # Oleksiy is A. in Russian, but nobody writes a Russian Aleksey O.
        abbreviated = self.others if kind is Kind.UKRAINIAN else ()
        self.initials = frozenset(
            initial for pattern in (self.pattern, *abbreviated) for initial in _initials(pattern)
        )
        self.letters = frozenset(initial[0] for initial in self.initials if initial)


def _same(word: str) -> Sequence[str]:
    """The given name in the language of the other passport."""
    rough = given_names.key(word)
    return [
        other
        for pair in SAME_GIVEN_NAMES
        for one, other in (pair, pair[::-1])
        if given_names.key(one) == rough
    ]


def _initials(pattern: WordPattern) -> set[str]:
    """Zh, J, Ж, … of Zhandos, and Z, for newspapers abbreviate it in both ways; Y of Erlan too,
    who is also Yerlan."""
    if not pattern.slots:
        return set()
    first = pattern.slots[0]
    spellings = {each.text.strip("'") for each in (*first.latin, *first.cyrillic)}
    written = "y" if "ye" in spellings else first.written.strip("'")
    cyrillic = first.cyrillic[0].text[:1]
    return {text for text in spellings if len(text) <= 4} | {written[:1], cyrillic} - {""}


def patterns_before(name: Name) -> list[tuple[WordPattern, bool]]:
    """The surname's words before the last, and whether each may be left out."""
    return [(WordPattern.surname(word, name.kind), fold(word) in ARTICLES) for word in name.before]


def same_particle(one: str, other: str) -> bool:
    """Whether two folded words are the same particle: al, el, ash."""
    return one in PARTICLES and PARTICLES[one] == PARTICLES.get(other)
