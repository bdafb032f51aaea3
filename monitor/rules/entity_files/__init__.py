"""Lists of persons, organisations and places, each of which becomes a rule.

An entry has the keys of an entity (``name``, ``kind``, ``aliases``, ``exclude``, ``surname``,
``surname_alone``), those of a rule that a list may set for it (``on``, ``priority``, ``labels``,
``languages``, ``sources``, ``feed``), and ``rule`` or ``id``, of which the rule's name is made;
else it is made of the entity's. In YAML (``listing``) the file is a list of such mappings, in CSV
(``table``) they are columns; FollowTheMoney's JSON lines (``ftm``) have names of their own.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from monitor.config.loader import check
from monitor.config.settings import EntityFileSettings, RuleSettings
from monitor.config.yaml import Path as KeyPath
from monitor.errors import Problem
from monitor.rules.entity_files.entry import ENTITY_KEYS, KEYS, NAME_KEYS, RULE_KEYS, Entry, Reader
from monitor.rules.entity_files.ftm import Stream
from monitor.rules.entity_files.lines import control_character, named, read_lines
from monitor.rules.entity_files.listing import Listing
from monitor.rules.entity_files.naming import LONGEST_PREFIX, Names
from monitor.rules.entity_files.shared import SharedAlias, aliases_of_several
from monitor.rules.entity_files.table import Table

__all__ = ["SharedAlias", "aliases_of_several", "read_entities"]

MOST_PROBLEMS = 1_000
"""Then the rest of a file is not read: it is of another kind altogether."""

_FORMATS: dict[str, type[Listing] | type[Table] | type[Stream]] = {
    "yaml": Listing,
    "csv": Table,
    "ftm": Stream,
}
_SUFFIXES = {
    ".yaml": "yaml",
    ".yml": "yaml",
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "ftm",
    ".jsonl": "ftm",
    ".ndjson": "ftm",
    ".ftm": "ftm",
}


def read_entities(
    settings: EntityFileSettings, problems: list[Problem]
) -> Iterator[tuple[int, RuleSettings]]:
    """The line and the rule of each entry of a file, one by one.

    What is wrong with an entry or with the file is added to ``problems``, and the entry left out.
    Whether a name is enough to look for is not asked here but where rules are compiled.
    """
    before = len(problems)
    file = str(settings.path)
    if said := _bad_prefix(settings.prefix):
        problems.append(Problem(file, 1, 1, "", said))
        return
    reader: Reader = _FORMATS[_format(settings)](settings.path, problems)
    names = Names(settings.prefix)
    entry = None
    for entry in reader.entries():
        found = list(_wrong(entry, names))
        rule, findings = check(RuleSettings, _rule(entry, settings, names), settings.path.parent)
        told = {path for path, _ in found}
        found += [(at, said) for path, said, _ in findings if (at := _flat(path)) not in told]
        if rule is not None and not found:
            yield entry.line, rule
        for path, message in found:
            reader.tell(entry, path, message)
        if len(problems) - before >= MOST_PROBLEMS:
            said = f"{MOST_PROBLEMS:,} mistakes; the rest of the file is not read"
            problems.append(Problem(file, entry.line, 1, "", said))
            return
    if entry is None and len(problems) == before:
        problems.append(Problem(file, 1, 1, "", "there is no entity in the file"))


def _bad_prefix(prefix: str) -> str:
    if len(prefix) > LONGEST_PREFIX:
        return f"the prefix of this file's rules has more than {LONGEST_PREFIX} characters"
    if prefix and not prefix[0].isalnum():
        return f"the prefix {prefix!r} does not begin with a letter or digit, as names of rules do"
    return ""


def _format(settings: EntityFileSettings) -> str:
    if settings.format != "auto":
        return settings.format
    if settings.path.suffix.lower() in _SUFFIXES:
        return _SUFFIXES[settings.path.suffix.lower()]
    _, first = next(read_lines(settings.path, []), (1, ""))
    if first.lstrip().startswith("{"):
        return "ftm"
    return "yaml" if re.match(r"- |---|#|%|\[", first) else "csv"


def _wrong(entry: Entry, names: Names) -> Iterator[tuple[KeyPath, str]]:
    """What is wrong with an entry that its settings cannot know."""
    data = entry.data
    for key in data:
        if key not in KEYS:
            near = difflib.get_close_matches(str(key), KEYS, n=1)
            yield (str(key),), "unknown key" + (f"; did you mean {near[0]}?" if near else "")
    for key in ("name", "surname", "aliases", "exclude"):
        yield from _control_characters((key,), data.get(key))
    for key in NAME_KEYS:
        given = data.get(key)
        if given is None:
            continue
        if not isinstance(given, str):
            yield (key,), "expected text"
        elif (line := names.first_line(f"{key} {given}", entry.line)) is not None:
            yield (key,), f"{given!r} is given twice (first in line {line})"


def _control_characters(path: KeyPath, value: Any) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _control_characters((*path, place), item)
    elif isinstance(value, str) and (found := control_character(value)):
        yield path, f"a control character ({named(found[0])})"


def _rule(entry: Entry, settings: EntityFileSettings, names: Names) -> dict[str, Any]:
    """The entry as data of a rule; what it does not say is as in the file's settings."""
    data = entry.data
    rule: dict[str, Any] = {key: getattr(settings, key) for key in RULE_KEYS}
    for key in RULE_KEYS:
        if data.get(key) is not None:
            rule[key] = data[key]
    if isinstance(rule["labels"], Mapping):
        rule["labels"] = {**settings.labels, **rule["labels"]}
    given = next((data[key] for key in (*NAME_KEYS, "name") if data.get(key) is not None), "")
    rule["name"] = names.name(given if isinstance(given, str) else "")
    rule["entity"] = {key: data[key] for key in ENTITY_KEYS if data.get(key) is not None}
    return rule


def _flat(path: KeyPath) -> KeyPath:
    """The path of a key in the entry, which has no ``entity`` around a part of its keys."""
    return path[1:] if path[:1] == ("entity",) else path
