"""From a file to settings, or to the list of everything that is wrong with it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monitor.config.settings import RouteSettings, Settings
from monitor.config.yaml import Document, read_yaml
from monitor.config.yaml import Path as KeyPath
from monitor.errors import ConfigError, Problem

M = TypeVar("M", bound=BaseModel)


def load_settings(file: Path, env: Mapping[str, str] | None = None) -> Settings:
    """Read and check a configuration file; relative paths start at its folder.

    Raises ConfigError with every problem as ``file:line:column: key.path: message``.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(
            [Problem(str(file), 1, 1, "", f"cannot be read: {error.strerror or error}")]
        ) from error
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        column = error.start - (before.rfind(b"\n") + 1) + 1
        raise ConfigError(
            [Problem(str(file), before.count(b"\n") + 1, column, "", "not UTF-8 text")]
        ) from error
    return parse_settings(text, str(file), folder=file.absolute().parent, env=env)


def parse_settings(
    text: str, name: str = "config.yaml", *, folder: Path, env: Mapping[str, str] | None = None
) -> Settings:
    """The same for a text; ``name`` stands for the file in messages."""
    document = read_yaml(text, name, os.environ if env is None else env)
    settings = validate(Settings, document, folder) if document.places else None
    problems = list({p.path: p for p in reversed(document.problems)}.values())
    if settings is not None:
        problems += [document.problem(path, message) for path, message in _cross_check(settings)]
    if problems or settings is None:
        raise ConfigError(sorted(problems, key=lambda p: (p.line, p.column)))
    inbox = settings.inbox.model_copy(update={"path": folder / settings.inbox.path.expanduser()})
    return settings.model_copy(
        update={"inbox": inbox, "state": folder / settings.state.expanduser()}
    )


def validate(model: type[M], document: Document, folder: Path) -> M | None:
    """The document's data as ``model``, or None with the reasons added to its problems."""
    data = {} if document.data is None else document.data
    if not isinstance(data, dict):
        document.problems.append(document.problem((), "expected keys and values"))
        return None
    try:
        return model.model_validate(data, context={"folder": str(folder)})
    except ValidationError as error:
        for details in error.errors(include_url=False):
            path = tuple(p for p in details["loc"] if not str(p).startswith("function-"))
            document.problems.append(document.problem(path, _message(details, path, model)))
        return None


def _message(details: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
    kind, said = details["type"], details["msg"]
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]), _keys(model, path[:-1]), n=1)
        return "unknown key" + (f"; did you mean {near[0]}?" if near else "")
    if kind == "missing":
        return "this key is needed and missing"
    if kind == "value_error":
        return said.removeprefix("Value error, ")
    return said[:1].lower() + said[1:]


def _keys(model: type[BaseModel], path: KeyPath) -> Sequence[str]:
    """Keys allowed at ``path``, from the JSON Schema."""
    schema: dict[str, Any] = model.model_json_schema()
    node: Any = schema
    for part in path:
        node = _child(_resolve(node, schema), part, schema)
    return list(_resolve(node, schema).get("properties", ()))


def _child(node: dict[str, Any], part: str | int, schema: dict[str, Any]) -> Any:
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


def _cross_check(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    """What one key alone cannot show: names used twice, names that lead nowhere."""
    for key in ("sources", "rules", "receivers"):
        first: dict[str, int] = {}
        for i, item in enumerate(getattr(settings, key)):
            if item.name in first:
                yield (
                    (key, i, "name"),
                    f"the name {item.name!r} is taken by {key}[{first[item.name]}]",
                )
            first.setdefault(item.name, i)
    receivers = {receiver.name for receiver in settings.receivers}

    def routes(route: RouteSettings, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
        if route.receiver not in receivers:
            near = difflib.get_close_matches(route.receiver, receivers, n=1)
            yield (
                (*path, "receiver"),
                f"there is no receiver {route.receiver!r}"
                + (f"; did you mean {near[0]}?" if near else ""),
            )
        for i, child in enumerate(route.routes):
            yield from routes(child, (*path, "routes", i))

    if settings.route is not None:
        yield from routes(settings.route, ("route",))
        if settings.route.matchers:
            yield ("route", "matchers"), "the top route takes every alert; matchers go below it"
    if settings.delivery.max_retry < settings.delivery.first_retry:
        yield ("delivery", "max_retry"), "shorter than first_retry"
    if settings.feeds.max_entries < settings.feeds.min_entries:
        yield ("feeds", "max_entries"), "less than min_entries"
