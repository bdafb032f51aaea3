"""From a name to all the ways a newspaper writes it. Pure functions, no automaton.

A person ``Barlybay Sadykov`` is also ``Sadykov Barlybay``, ``B.Sadykov``, ``B. Sadykov``,
``B Sadykov`` and ``Sadykov B.``; the surname alone is not enough. Case, diacritics, dashes and
blanks need no variants: they are folded when variants become literals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import product
from typing import Literal

from monitor.config.settings import EntitySettings
from monitor.text import fold

Form = Literal["name", "alias", "swapped", "initial"]
Words = tuple[str, ...]

# One Cyrillic letter, two or more Latin ones: newspapers abbreviate Zhandos to "Zh." and to "Z.".
DIGRAPHS = ("shch", "dzh", "zh", "sh", "kh", "gh", "ch", "ts", "ye", "yo", "yu", "ya")
_HYPHENS = re.compile("[-‐‑–]")
_AFTER_INITIAL = re.compile(r"\.(?=\w)")
_MOST_INITIALS = 3
_NEAR = 0.75  # Toqaev and Tokayev: 0.77; Emberdiyev and Yemberdiyev: 0.95


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to write a name.

    ``initial``: it begins with an initial, so other initials before it make it another person
    (``K. Sadykov`` in ``B. K. Sadykov``). ``capital``: its initials have no dots and must be
    capitals in the text, or ``a Sadykov`` would be read as ``A Sadykov``.
    """

    text: str
    form: Form
    initial: bool = False
    capital: bool = False


def variants(entity: EntitySettings) -> tuple[Variant, ...]:
    """All forms that count, the most literal first; several may fold to the same literal."""
    if entity.kind != "person":
        return (
            Variant(_without_the(entity.name), "name"),
            *(Variant(_without_the(alias), "alias") for alias in entity.aliases),
        )
    found = [Variant(entity.name, "name"), *(Variant(a, "alias") for a in entity.aliases)]
    name = _words(entity.name)
    if len(name) > 1:
        found += _person(name)
        for alias in entity.aliases:
            if spelled := _respelled(_words(alias), name):
                found += _person(spelled)
    return tuple(dict.fromkeys(found))


def _without_the(name: str) -> str:
    head, _, rest = name.strip().partition(" ")
    return rest.strip() if head.casefold() == "the" and rest.strip() else name


def _words(name: str) -> Words:
    """``"B.Sadykov"`` as ``("B.", "Sadykov")``."""
    words = _AFTER_INITIAL.sub(". ", name).split()
    return tuple(word for word in words if any(map(str.isalnum, fold(word))))


def _respelled(alias: Words, name: Words) -> Words | None:
    """The alias, given name first, where it is the person's own name spelled otherwise.

    That is the case when both its ends are near the name's (an initial is near every given
    name), in this or in the swapped order, or when the given name is the same and only the rest
    differs. ``Head of State`` and ``President Tokayev`` are names of another kind: initials made
    of them would be nonsense.
    """
    if len(alias) < 2:
        return None
    given, surname = fold(name[0]), fold(name[-1])
    first, last = fold(alias[0]), fold(alias[-1])
    if _near(last, surname) and (_is_initial(alias[0]) or _near(first, given)):
        return alias
    if _near(first, surname) and (_is_initial(alias[-1]) or _near(last, given)):
        return (*alias[1:], alias[0])
    if first == given and not any(word[0].islower() for word in alias):
        return alias
    return None


def _near(one: str, other: str) -> bool:
    if one == other:
        return True
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= _NEAR and matcher.ratio() >= _NEAR


def _is_initial(word: str) -> bool:
    bare = fold(word).rstrip(".")
    return len(bare) == 1 or (word.endswith(".") and bare in DIGRAPHS)


def _person(name: Words) -> Iterator[Variant]:
    """The forms of a name of two words or more, given name first."""
    for given, surname in _splits(name):
        if not any(map(_is_initial, given)):
            full = " ".join(given)
            if (*given, surname) != name:
                yield Variant(f"{full} {surname}", "name")
            yield Variant(f"{surname} {full}", "swapped")
        for initials, hyphen in _initials(given):
            yield from _abbreviated(initials, hyphen, surname)
        if len(given) > 1 and not _is_initial(given[0]):
            rest = " ".join(f"{_letters(word)[0]}." for word in given[1:])
            yield Variant(f"{given[0]} {rest} {surname}", "initial")


def _splits(name: Words) -> Iterator[tuple[Words, str]]:
    """Where the surname may begin: at a word in lower case (``von``, ``bin``), else anywhere.

    A middle name may also be left out.
    """
    for place, word in enumerate(name[1:], 1):
        if word[0].islower():
            yield name[:place], " ".join(name[place:])
            return
    for place in range(len(name) - 1, 0, -1):
        yield name[:place], " ".join(name[place:])
    if len(name) > 2:
        yield name[:1], name[-1]


def _initials(given: Words) -> Iterator[tuple[Words, bool]]:
    """Initials of the first given name, then of all; whether a hyphen joins them."""
    parts = [part for word in given for part in _HYPHENS.split(word) if part][:_MOST_INITIALS]
    hyphen = len(parts) > len(given)
    for count in sorted({1, len(parts)} if parts else set()):
        for letters in product(*map(_letters, parts[:count])):
            yield letters, hyphen


def _letters(word: str) -> Words:
    """How a given name is abbreviated, without the dot: ``("Zh", "Z")`` for Zhandos."""
    if _is_initial(word):
        return (word.rstrip("."),)
    digraph = next((d for d in DIGRAPHS if word.casefold().startswith(d)), "")
    return (word[: len(digraph)], word[0]) if digraph else (word[0],)


def _abbreviated(initials: Words, hyphen: bool, surname: str) -> Iterator[Variant]:
    joint = "-" if hyphen else " "
    dotted = dict.fromkeys(
        (
            ".".join(initials) + ".",  # K.J.
            f".{joint}".join(initials) + ".",  # K.-J. or K. J.
            joint.join(initials) + ".",  # K-J.
        )
    )
    for head in dotted:
        yield Variant(f"{head}{surname}", "initial", initial=True)
        yield Variant(f"{head} {surname}", "initial", initial=True)
    for head in dict.fromkeys((joint.join(initials), "".join(initials))):
        yield Variant(f"{head} {surname}", "initial", initial=True, capital=True)
    for head in dotted:
        yield Variant(f"{surname} {head}", "initial")


def surnames(entity: EntitySettings) -> Sequence[str]:
    """The last words of a person's name: not enough to count, but worth a word in explanations."""
    words = _words(entity.name)
    return words[-1:] if entity.kind == "person" and len(words) > 1 else ()
