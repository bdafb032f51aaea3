"""What is wrong with an entity's settings."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.config.settings import EntitySettings
from monitor.rules.names.person import words_of
from monitor.rules.scan import literal
from monitor.text import fold

Path = tuple[str | int, ...]
Problem = tuple[Path, str]


def problems(settings: EntitySettings) -> list[Problem]:
    """Each with the path of the key in the entity, from its top."""
    return list(_problems(settings))


def _problems(settings: EntitySettings) -> Iterator[Problem]:
    names: list[tuple[Path, str]] = [(("name",), settings.name)]
    names += [(("aliases", place), alias) for place, alias in enumerate(settings.aliases)]
    for path, name in names:
        if why := _too_little(name, literal(name)):
            yield path, why
    for place, phrase in enumerate(settings.exclude):
        if not any(map(str.isalnum, literal(phrase))):
            yield ("exclude", place), _nothing(phrase)
    yield from _surname(settings)


def _too_little(name: str, text: str) -> str:
    """Why a name is too little to look for, or nothing."""
    if not any(map(str.isalnum, text)):
        return _nothing(name)
    if len(text.strip(".,'()")) == 1:
        return f"{name!r} is one letter or digit: it would be found everywhere"
    return ""


def _nothing(name: str) -> str:
    return f"{name!r} has no letter or digit to look for"


def _surname(settings: EntitySettings) -> Iterator[Problem]:
    if settings.surname_alone and settings.kind != "person":
        yield ("surname_alone",), f"only a person has a surname, not a {settings.kind}"
    if settings.surname is None:
        return
    if settings.kind != "person":
        yield ("surname",), f"only a person has a surname, not a {settings.kind}"
        return
    surname = [fold(word) for word in words_of(settings.surname)]
    name = [fold(word) for word in words_of(settings.name)]
    if not surname:
        yield ("surname",), _nothing(settings.surname)
    elif name[-len(surname) :] != surname and name[: len(surname)] != surname:
        yield (
            ("surname",),
            f"the name {settings.name!r} neither ends nor begins with {settings.surname!r}",
        )
    elif len(name) == len(surname):
        yield ("surname",), "is the whole name, which leaves no given name"
