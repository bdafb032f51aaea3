"""What the tests of names share: an article, an entity, and what was found."""

from __future__ import annotations

from monitor.config.settings import EntitySettings
from monitor.rules.names import EntityFinding, compile_entity
from monitor.rules.reading import Document, Reading


def look(text: str, title: str = "", **entity) -> tuple[Reading, EntityFinding]:
    """The finding over a whole article."""
    reading = Reading(Document(title=title, body=text))
    finding = compile_entity(EntitySettings(**entity)).find(reading, 0, len(reading.text))
    return reading, finding


def found(text: str, title: str = "", **entity) -> list[str]:
    """What counts, as the author wrote it."""
    reading, finding = look(text, title, **entity)
    return [reading.original(start, end) for start, end, _ in finding.counted]


def labels(text: str, **entity) -> list[str]:
    """The labels of what counts."""
    return [label for _, _, label in look(text, **entity)[1].counted]


def refused(text: str, **entity) -> list[tuple[str, str]]:
    """What does not count, and why."""
    reading, finding = look(text, **entity)
    return [(reading.original(start, end), why) for (start, end, _), why in finding.refused]
