"""Names that are looked for as words and phrases: organisations, places, aliases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from monitor.config.settings import EntitySettings
from monitor.rules.names.legal import without_legal_form
from monitor.rules.reading import Trigger
from monitor.rules.scan import literal
from monitor.text import fold

NONE, FIRST, ALL = 0, 1, -1
_LONGEST_ACRONYM = 6


class Phrase(NamedTuple):
    """A literal that is a name of the entity. ``capitals``: how many of its letters must be
    capitals in the text, from the first: none, one, or all (-1)."""

    trigger: Trigger
    rules: tuple[str, ...]
    capitals: int = NONE


def is_acronym(name: str) -> bool:
    """Whether a name is an abbreviation in capitals: WHO, UN, ТОО; in small letters it would be
    another word."""
    bare = name.strip()
    return 2 <= len(bare) <= _LONGEST_ACRONYM and bare.isalpha() and bare.isupper()


def phrase(name: str, *rules: str, capitals: int = NONE) -> Iterator[Phrase]:
    """A name as written; none where nothing is left to look for."""
    text = literal(name)
    if any(map(str.isalnum, text)):
        yield Phrase(Trigger(text), rules, ALL if is_acronym(name) else capitals)


def capitals_of(name: str) -> int:
    """How many capitals a name asks for: one where it is a single word that has one. ``Apple``
    is no apple, ``Chad`` no chad."""
    bare = name.strip()
    return FIRST if " " not in literal(bare) and bare[:1].isupper() else NONE


def without_the(name: str) -> str:
    """``The Water Council`` as ``Water Council``."""
    head, _, rest = name.strip().partition(" ")
    return rest.strip() if head.casefold() == "the" and rest.strip() else name


def organisation(settings: EntitySettings) -> Iterator[Phrase]:
    """The name and the aliases, each with and without its legal form, with & or and.

    A name of a single word, be it without its form, must begin with a capital: ``Water LLP`` is
    not meant by every water. Aliases are taken as they are.
    """
    for number, name in enumerate((settings.name, *settings.aliases)):
        form = "alias" if number else "name"
        bare = without_the(name)
        yield from phrase(bare, form, capitals=NONE if number else capitals_of(bare))
        shorter = "" if is_acronym(bare) else _without_form(bare)
        capitals = NONE if " " in shorter else FIRST
        yield from phrase(shorter, form, "legal form left out", capitals=capitals)
        yield from phrase(_other_and(bare), form, "&/and")
        yield from phrase(_other_and(shorter), form, "legal form left out", "&/and")


def _without_form(name: str) -> str:
    """The folded name without its legal form; empty where it has none."""
    words = tuple(literal(name).split())
    shorter = without_legal_form(words) if words else words
    return "" if shorter == words else " ".join(shorter)


def _other_and(name: str) -> str:
    folded = fold(name)
    if " & " in folded:
        return folded.replace(" & ", " and ")
    if " and " in folded:
        return folded.replace(" and ", " & ")
    return ""
