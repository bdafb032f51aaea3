"""The settings as a JSON Schema for editors, and as the tables of the reference.

``python -m monitor.config.schema`` writes ``config.schema.json`` and the tables between the
markers of ``docs/configuration.md``; a test fails while either is behind the models.

Source: https://json-schema.org/draft/2020-12
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from monitor.config.settings import Settings
from monitor.config.types import DURATION_PATTERN, format_duration

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MARKERS = re.compile(r"(<!-- keys of (\w+) -->\n).*?(<!-- end of keys -->)", re.DOTALL)
_ENV = r"\$\{"


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a configuration file."""
    schema = _models()
    schema["properties"]["inbox"] = {
        "anyOf": [{"type": "string", "format": "path"}, {"$ref": "#/$defs/InboxSettings"}],
        "description": schema["properties"]["inbox"]["description"],
    }
    allowed: dict[str, Any] = _with_variables(schema)
    return {"$schema": _DIALECT, **allowed, "title": "Press monitor: config.yaml"}


def reference(text: str) -> str:
    """``text`` with the table of each model, anew, between its two markers.

    Raises ValueError where a model has no markers or markers have no model.
    """
    schema = _models()
    models = {"Settings": schema, **schema["$defs"]}
    named = [found[2] for found in _MARKERS.finditer(text)]
    if sorted(named) != sorted(models):
        raise ValueError(f"markers for {sorted(named)}, models {sorted(models)}")
    return _MARKERS.sub(
        lambda m: m[1] + "\n".join(_table(models[m[2]], models)) + "\n" + m[3], text
    )


class _Generator(GenerateJsonSchema):
    """Durations among the defaults in our notation, not ISO 8601."""

    def encode_default(self, dft: Any) -> Any:
        return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def _models() -> dict[str, Any]:
    """pydantic's schema, without the defaults of whole sections (their keys have their own)."""
    schema = Settings.model_json_schema(schema_generator=_Generator)
    for node in schema["properties"].values():
        if isinstance(node.get("default"), dict):
            del node["default"]
    return schema


def _with_variables(node: Any) -> Any:
    """``${NAME}`` may stand in any value: numbers, choices and patterns give way to it."""
    if isinstance(node, list):
        return [_with_variables(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") in ("integer", "boolean"):
        return node | {"type": [node["type"], "string"], "pattern": _ENV}
    if "enum" in node:
        told = {key: node[key] for key in ("title", "description", "default") if key in node}
        choice = {key: value for key, value in node.items() if key not in told}
        return told | {"anyOf": [choice, {"type": "string", "pattern": _ENV}]}
    if isinstance(node.get("pattern"), str):
        return node | {"pattern": f"{node['pattern']}|{_ENV}"}
    return {key: _with_variables(value) for key, value in node.items()}


# --------------------------------------------------------------------------- tables


def _table(model: dict[str, Any], models: Mapping[str, Any]) -> Iterator[str]:
    yield from ("| Key | Value | Default | Meaning |", "|---|---|---|---|")
    needed = model.get("required", ())
    for key, node in model["properties"].items():
        default = "needed" if key in needed else _default(node.get("default"))
        section = models.get(node.get("$ref", "").rpartition("/")[2], {})
        meaning = node.get("description") or section.get("description", "")
        cells = (f"`{key}`", _kind(node), default, meaning)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _default(value: Any) -> str:
    if value in (None, [], {}):
        return ""
    return f"`{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}`"


def _kind(node: dict[str, Any]) -> str:
    """What may stand as the value, in a few words."""
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return f"[{_heading(name)}](#{_heading(name)})"
    if "anyOf" in node:
        return next(_kind(n) for n in node["anyOf"] if n.get("type") != "null")
    if "enum" in node:
        return ", ".join(f"`{choice}`" for choice in node["enum"])
    if node.get("pattern") == DURATION_PATTERN:
        return "duration"
    kind = node.get("type")
    if kind == "integer":
        return f"whole number{_limits(node)}"
    if kind == "boolean":
        return "`true`, `false`"
    if kind == "object":
        return "names and values"
    if kind == "array":
        item = _kind(node["items"])
        return f"list of {item if item.startswith('[') else item + 's'}"
    if isinstance(kind, list):
        return "text or list of texts" if "array" in kind else "text"
    formats = {"password": "secret", "regex": "pattern", "path": "path", "file-path": "path"}
    return formats.get(node.get("format", ""), "text")


def _limits(node: dict[str, Any]) -> str:
    low, high = node.get("minimum"), node.get("maximum")
    if low is None:
        return ""
    return f", {low} or more" if high is None else f", {low} to {high}"


def _heading(model: str) -> str:
    """``WebhookSettings`` has the heading ``webhook``, ``EntityFileSettings`` ``entity_file``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", model.removesuffix("Settings")).lower()


def main(root: Path) -> None:
    """Write both files under ``root``, the repository."""
    document = root / "docs" / "configuration.md"
    document.write_text(reference(document.read_text("utf-8")), "utf-8")
    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    (root / "config.schema.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main(Path(__file__).resolve().parents[2])
