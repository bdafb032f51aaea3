"""Entities in FollowTheMoney's JSON lines, the format of OpenSanctions' ``entities.ftm.json``.

https://followthemoney.tech/explorer/ names schemata and properties; what OpenSanctions adds is in
https://www.opensanctions.org/docs/entities/. Each line is an object with ``id``, ``schema``,
``caption`` and ``properties``, whose values are lists of texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from monitor.config.yaml import Path as KeyPath
from monitor.config.yaml import dotted
from monitor.errors import Problem
from monitor.rules.entity_files.entry import Entry
from monitor.rules.entity_files.lines import control_character, read_lines
from monitor.rules.scan import literal
from monitor.text import fold

KINDS: Mapping[str, str] = {
    "Person": "person",
    "Company": "organisation",
    "LegalEntity": "organisation",
    "Organization": "organisation",
    "PublicBody": "organisation",
}
"""What becomes a rule. The other schemata are left out: sanctions, documents and relations have no
names, vessels and assets are called like persons, places and words, addresses are not printed."""

# Not weakAlias: "should not be used for matching", says the data dictionary.
_NAMES = ("name", "alias", "previousName")
_ONLY_ORGANISATIONS = ("abbreviation",)


class Stream:
    """A file of JSON lines."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self._path = path
        self._problems = problems

    def entries(self) -> Iterator[Entry]:
        number, lines, before = -1, 0, len(self._problems)
        for line, text in read_lines(self._path, self._problems):
            lines += 1
            entity = self._object(line, text)
            if entity is None:
                continue
            kind = KINDS.get(entity["schema"])
            if kind is not None and (data := self._data(line, entity, kind)) is not None:
                number += 1
                yield Entry(number, line, data)
        if lines and number < 0 and len(self._problems) == before:
            said = f"no entity of a schema that has a name to look for: {', '.join(KINDS)}"
            self._problem(1, 1, (), said)

    def tell(self, entry: Entry, path: KeyPath, message: str) -> None:
        self._problem(entry.line, 1, path, message)

    def _problem(self, line: int, column: int, path: KeyPath, message: str) -> None:
        self._problems.append(Problem(str(self._path), line, column, dotted(path), message))

    def _object(self, line: int, text: str) -> dict[str, Any] | None:
        """The object of a line, if it is an entity."""
        try:
            entity = json.loads(text, parse_constant=_refuse)
        except json.JSONDecodeError as error:
            self._problem(line, error.pos + 1, (), f"not JSON: {_lower(error.msg)}")
        except ValueError as error:
            self._problem(line, 1, (), f"not JSON: {error}")
        except RecursionError:
            self._problem(line, 1, (), "not an entity: nested too deep")
        else:
            if not isinstance(entity, dict):
                said = "expected one entity a line: {...}, without brackets or commas around it"
                self._problem(line, 1, (), said)
            elif not isinstance(entity.get("schema"), str):
                self._problem(line, 1, ("schema",), "expected the name of a schema, as Person")
            else:
                return entity
        return None

    def _data(self, line: int, entity: dict[str, Any], kind: str) -> dict[str, Any] | None:
        identity, properties = entity.get("id"), entity.get("properties")
        if not isinstance(identity, str) or not identity.strip():
            self._problem(line, 1, ("id",), "expected text")
            return None
        if not isinstance(properties, dict):
            self._problem(line, 1, ("properties",), "expected keys and values")
            return None
        keys = _NAMES if kind == "person" else (*_NAMES, *_ONLY_ORGANISATIONS)
        try:
            texts = {key: _texts(properties, key) for key in (*keys, "firstName", "lastName")}
        except TypeError as error:
            self._problem(line, 1, ("properties", str(error)), "expected a list of texts")
            return None
        caption = entity.get("caption")
        name = caption if caption in texts["name"] else next(iter(texts["name"]), "")
        if not name and kind == "person":
            name = " ".join(part for key in ("firstName", "lastName") for part in texts[key][:1])
        if not name:
            self._problem(line, 1, ("properties", "name"), "the entity has no name")
            return None
        data: dict[str, Any] = {"id": identity, "kind": kind}
        if kind == "person":
            name = _given_first(name)
            name, surname = _with_surname(name, texts["lastName"])
            if surname:
                data["surname"] = surname
        data["name"] = name
        others = (text for key in keys for text in texts[key])
        data["aliases"] = list(_distinct(name, others, kind))
        return data


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no value")


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _texts(properties: Mapping[str, Any], key: str) -> list[str]:
    """The values of a property. Raises TypeError with the key where it is no list of texts."""
    values = properties.get(key, ())
    if not isinstance(values, list | tuple) or not all(isinstance(v, str) for v in values):
        raise TypeError(key)
    return [value.strip() for value in values if value.strip()]


def _given_first(name: str) -> str:
    """``Askarova, Zeinep`` as ``Zeinep Askarova``."""
    surname, comma, given = name.partition(",")
    if comma and given.strip() and "," not in given:
        return f"{given.strip()} {surname.strip()}"
    return name


def _with_surname(name: str, surnames: Iterable[str]) -> tuple[str, str]:
    """The name with its surname behind the given names, and the surname if it is in the name."""
    words = name.split()
    folded = [fold(word) for word in words]
    for surname in surnames:
        wanted = [fold(word) for word in surname.split()]
        count = len(wanted)
        if not 0 < count < len(words):
            continue
        if folded[-count:] == wanted:
            return name, " ".join(words[-count:])
        if folded[:count] == wanted:
            return " ".join((*words[count:], *words[:count])), " ".join(words[:count])
    return name, ""


def _distinct(name: str, others: Iterable[str], kind: str) -> Iterator[str]:
    """The names that are written otherwise than the first and than each other.

    Case, diacritics and dashes make no difference, nor does the order of a person's names. What
    cannot be looked for is left out, and so is a single word as name of a person: lists call
    everybody by the given name.
    """
    person = kind == "person"
    seen = {_key(literal(name), person)}
    for other in dict.fromkeys(others):
        alias = _given_first(other) if person else other
        text = literal(alias)
        key = _key(text, person)
        if key in seen or sum(map(str.isalnum, text)) < 2 or "*" in alias:
            continue
        if control_character(alias) or (person and _single_word(text)):
            continue
        seen.add(key)
        yield alias


def _key(text: str, person: bool) -> str:
    return " ".join(sorted(text.replace(",", "").split())) if person else text


def _single_word(text: str) -> bool:
    """Whether a name is one word, in a script that parts words."""
    return " " not in text and max(text) < "\u2e80"
