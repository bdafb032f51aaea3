"""Names of persons, organisations and places in all the spellings that newspapers print."""

from __future__ import annotations

from monitor.rules.names.interim import (
    EntityFinding,
    EntityMatcher,
    compile_entity,
    problems,
    triggers,
)

__all__ = ["EntityFinding", "EntityMatcher", "compile_entity", "problems", "triggers"]
