"""From a file to settings, or to the list of everything that is wrong with it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monitor.config.checks import cross_check
from monitor.config.places import Path as KeyPath
from monitor.config.settings import Origin, Settings
from monitor.config.yaml import Document, Finding, in_order, read_yaml
from monitor.errors import ConfigError, Problem

M = TypeVar("M", bound=BaseModel)

# pydantic's words for what a person who writes YAML calls otherwise.
_SAID = {
    "missing": "this key is needed and missing",
    "string_type": "expected text",
    "string_too_short": "empty",
    "tuple_type": "expected a list",
    "dict_type": "expected keys and values",
    "model_type": "expected keys and values",
    "int_parsing": "expected a whole number",
    "int_type": "expected a whole number",
    "bool_parsing": "expected true or false",
    "bool_type": "expected true or false",
    "path_type": "expected the path of a file or folder",
}


def load_settings(file: Path, env: Mapping[str, str] | None = None) -> Settings:
    """Read and check a configuration file; relative paths start at its folder.

    Raises ConfigError with every problem as ``file:line:column: key.path: message``.
    """
    return parse_settings(read_text(file), str(file), folder=file.absolute().parent, env=env)


def read_text(file: Path) -> str:
    """The text of a configuration file. Raises ConfigError where it is not readable UTF-8."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(
            [Problem(str(file), 1, 1, "", f"cannot be read: {error.strerror or error}")]
        ) from error
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8-sig")
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise ConfigError([Problem(str(file), *place, "", "not UTF-8 text")]) from error


def parse_settings(
    text: str, name: str = "config.yaml", *, folder: Path, env: Mapping[str, str] | None = None
) -> Settings:
    """The same for a text; ``name`` stands for the file in messages."""
    document = read_yaml(text, name, os.environ if env is None else env)
    settings = validate(Settings, document, folder) if document.readable else None
    if settings is not None:
        inbox = settings.inbox.model_copy(update={"path": folder / settings.inbox.path})
        settings = settings.model_copy(update={"inbox": inbox, "state": folder / settings.state})
        settings = settings.from_text(Origin(name, text))
        found = [(path, message, None) for path, message in cross_check(settings, folder)]
        document.problems += document.placed(found)
    if document.problems or settings is None:
        raise ConfigError(in_order(document.problems))
    return settings


def validate(model: type[M], document: Document, folder: Path) -> M | None:
    """The document's data as ``model``, or None with the reasons added to its problems."""
    checked, findings = check(model, {} if document.data is None else document.data, folder)
    document.problems += document.placed(findings)
    return checked


def check(model: type[M], data: Any, folder: Path) -> tuple[M | None, Sequence[Finding]]:
    """Data as ``model``, or None and what is wrong with it."""
    if not isinstance(data, dict):
        return None, [((), "expected keys and values", None)]
    try:
        return model.model_validate(data, context={"folder": str(folder)}), ()
    except ValidationError as error:
        findings: list[Finding] = []
        errors = error.errors(include_url=False, include_input=False, include_context=True)
        for details in errors:
            at = details["loc"]
            if details["type"] == "too_short" and any(
                len(other["loc"]) > len(at) and other["loc"][: len(at)] == at for other in errors
            ):
                continue  # it is not empty: what it has is wrong, and left out
            path = tuple(p for p in details["loc"] if not str(p).startswith("function-"))
            findings.append((path, _message(details, path, model), None))
        return None, findings


def _message(details: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
    kind, said = details["type"], details["msg"]
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]), _keys(model, path[:-1]), n=1)
        return "unknown key" + (f"; did you mean {near[0]}?" if near else "")
    if kind == "too_short":
        return "empty"
    said = _SAID.get(kind) or said.removeprefix("Value error, ")
    return said[:1].lower() + said[1:]


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _keys(model: type[BaseModel], path: KeyPath) -> Sequence[str]:
    """Keys allowed at ``path``, from the JSON Schema."""
    schema = _schema(model)
    node: Any = schema
    for part in path:
        node = _child(_resolve(node, schema), part)
    return list(_resolve(node, schema).get("properties", ()))


def _child(node: dict[str, Any], part: str | int) -> Any:
    if isinstance(part, int):
        return node.get("items", {})
    return node.get("properties", {}).get(part, {})


def _resolve(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while True:
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
        elif "anyOf" in node:
            node = next((n for n in node["anyOf"] if "$ref" in n or "items" in n), {})
        else:
            return node
