"""A profile as it is inferred: settings, each with its evidence, and their YAML."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor.config import SourceSettings

_WIDTH = 96
_PLAIN = re.compile(r"[A-Za-z][\w /+.-]*(?<! )")
_WORDS_OF_YAML = re.compile(r"(?i:y|n|yes|no|on|off|true|false|null|nan|inf)")
_ORDER = (
    "name",
    "match",
    "folder",
    "content",
    "format",
    "items",
    "fields",
    "listing",
    "zone",
    "header",
    "time_line",
    "time_format",
    "crawl_prefix",
    "banner",
    "boilerplate",
    "boilerplate_patterns",
    "attribution",
    "encoding",
    "language",
)


@dataclass(slots=True)
class Draft:
    """``settings`` are plain values as YAML has them; ``evidence`` says of each key why, also of
    keys that are left at their defaults. ``doubts`` are for whoever reads the profile."""

    settings: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    def put(self, key: str, value: object, why: str = "") -> None:
        """Set a key; None leaves it at its default."""
        if value is not None:
            self.settings[key] = value
        if why:
            self.evidence[key] = why

    def profile(self) -> SourceSettings:
        """The profile in force. Raises pydantic's ValidationError, which would be our fault."""
        return SourceSettings(**self.settings)

    def yaml(self) -> str:
        """Ready to stand below ``sources:``."""
        lines: list[str] = []
        for doubt in self.doubts:
            lines += _comment(f"Look here: {doubt}")
        for key in _ORDER:
            lines += _comment(self.evidence[key]) if key in self.evidence else []
            if key in self.settings:
                lines += _entry(key, self.settings[key])
        name = next(place for place, line in enumerate(lines) if line.startswith("name:"))
        head = lines[:name]
        body = lines[name:]
        text = [*(f"  {line}" for line in head), f"  - {body[0]}"]
        return "\n".join([*text, *(f"    {line}" for line in body[1:])]) + "\n"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent="# ", subsequent_indent="#   ", break_long_words=False
    )


def _entry(key: str, value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{key}:", *(f"  {name}: {scalar(each)}" for name, each in value.items())]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [f"{key}:", *(f"  - {scalar(each)}" for each in value)]
    return [f"{key}: {scalar(value)}"]


def scalar(value: object) -> str:
    """A string as YAML reads it again: plain, in single quotes, or escaped in double ones."""
    text = str(value)
    if _PLAIN.fullmatch(text) and not _WORDS_OF_YAML.fullmatch(text):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text)
