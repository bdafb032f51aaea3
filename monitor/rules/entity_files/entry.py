"""What every format of entity file gives, and how mistakes in it are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from monitor.config.yaml import Path as KeyPath

ENTITY_KEYS = ("name", "kind", "aliases", "exclude", "surname", "surname_alone")
RULE_KEYS = ("on", "priority", "labels", "languages", "sources", "feed")
NAME_KEYS = ("rule", "id")
"""Of these the first that is given becomes the rule's name, else the entity's name does."""

KEYS = (*ENTITY_KEYS, *NAME_KEYS, *RULE_KEYS)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entity as its file has it. ``number`` counts from 0, ``line`` from 1; ``data`` has some
    of ``KEYS``; ``raw`` is the line, where entries are lines."""

    number: int
    line: int
    data: dict[str, Any]
    raw: str = ""


class Reader(Protocol):
    """A file of entities, read one by one. Problems go to the list it was made with, at the
    latest when ``entries`` ends."""

    def entries(self) -> Iterator[Entry]:
        """Every entry that can be read; of the rest it is told what is wrong."""

    def tell(self, entry: Entry, path: KeyPath, message: str) -> None:
        """Something is wrong with an entry that ``entries`` has given."""
