"""Names of persons, organisations and places in all the spellings that newspapers print.

``spellings`` holds the variant rules as data, ``letters`` turns a name into sounds by them (cut by
``cutting``), ``pattern`` compares single words, ``forms`` says what an entity is looked for as,
``forenames`` reads given names, ``mentions`` a surname with the words beside it, and ``matcher``
puts it together.
"""

from __future__ import annotations

from monitor.config.settings import EntitySettings
from monitor.rules.names.forms import triggers
from monitor.rules.names.matcher import EntityFinding, EntityMatcher
from monitor.rules.names.problems import problems
from monitor.rules.reading import Numbers, unwatched

__all__ = ["EntityFinding", "EntityMatcher", "compile_entity", "problems", "triggers"]


def compile_entity(settings: EntitySettings, numbers: Numbers = unwatched) -> EntityMatcher:
    """What finds one entity; takes a few tenths of a millisecond."""
    return EntityMatcher(settings, numbers)
