"""Names of persons, organisations and places in all the spellings that newspapers print.

``spellings`` holds the variant rules as data, ``letters`` cuts a name into sounds by them,
``pattern`` compares single words, ``mentions`` reads a surname with the words beside it, and
``matcher`` puts it together. See docs/rules.md for the rules by example.
"""

from __future__ import annotations

from monitor.config.settings import EntitySettings
from monitor.rules.names.matcher import EntityFinding, EntityMatcher, triggers
from monitor.rules.names.problems import problems

__all__ = ["EntityFinding", "EntityMatcher", "compile_entity", "problems", "triggers"]


def compile_entity(settings: EntitySettings) -> EntityMatcher:
    """What finds one entity; takes some tenths of a millisecond."""
    return EntityMatcher(settings)
