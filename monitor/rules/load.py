"""Rules from a file or a mapping, with the place of everything that is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ConfigDict

from monitor.config.loader import read_text, validate
from monitor.config.settings import RuleSettings
from monitor.config.types import Model
from monitor.config.yaml import Document, in_order, read_yaml
from monitor.config.yaml import Path as KeyPath
from monitor.errors import ConfigError
from monitor.rules.block import Block, compile_block
from monitor.rules.ruleset import RuleSet


class _RulesFile(Model):
    model_config = ConfigDict(extra="ignore")

    rules: tuple[RuleSettings, ...]


def load_rules(source: str | Path | Mapping[str, Any]) -> RuleSet:
    """The rules of a YAML file with a ``rules:`` list, or of a mapping ``{"rules": [...]}``.

    The file may be a whole configuration: only its rules are looked at. Raises ConfigError with
    every problem as ``file:line:column: key.path: message`` (for a mapping the file is
    ``rules`` and the place 1:1).
    """
    if isinstance(source, Mapping):
        folder, document = Path(), Document("rules", dict(source))
    else:
        file = Path(source)
        folder, document = file.parent, read_yaml(read_text(file), str(file), os.environ)
    document.problems = [p for p in document.problems if not p.path or p.path.startswith("rules")]
    blocks: list[Block] = []

    def report(index: int, path: KeyPath, message: str, offset: int | None) -> None:
        document.problems.append(document.problem(("rules", index, *path), message))

    if document.readable and (checked := validate(_RulesFile, document, folder)):
        blocks.append(compile_block(checked.rules, report))
        seen: dict[str, int] = {}
        for index, rule in enumerate(checked.rules):
            if seen.setdefault(rule.name, index) != index:
                taken = f"the name {rule.name!r} is taken by rules[{seen[rule.name]}]"
                report(index, ("name",), taken, None)
    if document.problems:
        raise ConfigError(in_order(document.problems))
    return RuleSet.of(blocks)
