"""Names that are listed for two entities, so that an article with them has both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from monitor.config.settings import RuleSettings
from monitor.rules.scan import literal

Path = tuple[str | int, ...]


class SharedAlias(NamedTuple):
    """``alias`` of ``rule``, at ``path`` in it, is a name or an alias in ``first`` too."""

    alias: str
    rule: str
    path: Path
    first: str


def aliases_of_several(rules: Iterable[RuleSettings]) -> Iterator[SharedAlias]:
    """Every alias that is a name or an alias of another entity in an earlier rule, and every name
    that is an alias there. Folded: ``WHO`` and ``who`` are the same.

    Two rules for one name and kind are two rules for one entity, not two entities.
    """
    first: dict[str, tuple[str, str, bool]] = {}  # by literal: the rule, the entity, an alias?
    for rule in rules:
        if rule.entity is None:
            continue
        entity = rule.entity
        who = f"{entity.kind} {literal(entity.name)}"
        names: list[tuple[Path, str]] = [(("entity", "name"), entity.name)]
        names += [(("entity", "aliases", n), alias) for n, alias in enumerate(entity.aliases)]
        for path, name in names:
            is_alias = len(path) > 2
            known = first.setdefault(literal(name), (rule.name, who, is_alias))
            if known[1] != who and (is_alias or known[2]):
                yield SharedAlias(name, rule.name, path, known[0])
