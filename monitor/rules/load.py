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
from monitor.errors import ConfigError
from monitor.rules.compiled import Compiler
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
    compiler = Compiler()
    if document.readable and (checked := validate(_RulesFile, document, folder)):
        for rule in checked.rules:
            compiler.add(rule)
    document.problems += [document.problem(*problem) for problem in compiler.problems]
    if document.problems:
        raise ConfigError(in_order(document.problems))
    return RuleSet.of(compiler)
