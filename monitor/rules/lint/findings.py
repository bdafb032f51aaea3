"""What lint says of a rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from monitor.config.yaml import Path as KeyPath

Check = Literal[
    "unreachable",
    "regex-backspace",
    "repeated",
    "redundant",
    "operator-case",
    "query-syntax",
    "acronym",
    "common-word",
    "common-alias",
    "every-article",
    "duplicate",
    "duplicate-entity",
    "ambiguous",
    "ambiguous-initial",
    "share",
    "never",
]
"""What was checked; docs/rules.md says what each finds."""

Severity = Literal["error", "warning", "note"]
"""error: the rule, or what the finding is about, can never match. warning: most likely not what
was meant. note: worth a look, often right as it is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One objection to one rule.

    ``path`` leads from the rule to the key,
    ``offset`` counts the characters of the text there before what is meant, if that is known.
    """

    check: Check
    severity: Severity
    rule: str
    path: KeyPath
    message: str
    offset: int | None = None
