"""Rules from a file or a mapping, with the place of everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monitor.config.yaml import Document
from monitor.rules.cache import Cache
from monitor.rules.library import Library, collector_at_rest
from monitor.rules.ruleset import RuleSet
from monitor.rules.sources import Listed


@collector_at_rest()
def load_rules(source: str | Path | Mapping[str, Any], *, cache: Path | None = None) -> RuleSet:
    """The rules of a YAML file with a ``rules:`` list, or of a mapping ``{"rules": [...]}``.

    The file may be a whole configuration: only its rules are looked at, and those of its
    ``rule_files`` and ``entity_files``. ``cache`` is a folder in which the compiled rules of files
    are kept. Raises ConfigError with every problem as ``file:line:column: key.path: message``
    (for a mapping the file is ``rules`` and the place 1:1), at most ``library.MOST_PROBLEMS``.
    """
    return _gathered(source, cache).rule_set()


def _gathered(source: str | Path | Mapping[str, Any], cache: Path | None) -> Library:
    library = Library(None if cache is None else Cache(cache))
    if isinstance(source, Mapping):
        listed = Listed(Document("rules", dict(source)), Path(), whole=True)
    else:
        listed = Listed.of_file(Path(source), whole=True)
    library.add(listed)
    library.add_files(listed.document, listed.rule_files, listed.entity_files)
    return library
