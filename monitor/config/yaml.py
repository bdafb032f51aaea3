"""YAML with the place of every key and value, so that a message can say where.

YAML 1.2's core types (only ``true`` and ``false`` are booleans, ``08:00`` is text), duplicate
keys refused, ``${NAME}`` and ``${NAME:-default}`` expanded in values (``$${`` writes ``${``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import yaml

from monitor.errors import Problem

Path = tuple[str | int, ...]
_ENV = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_MOST_NODES = 5_000_000  # aliases of aliases ("billion laughs") end here


class _Loader(yaml.CSafeLoader):
    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}",
        re.compile(f"^(?:{_pattern})$"),
        ["" if c == "\0" else c for c in _first],
    )


@dataclass(slots=True)
class Document:
    """A YAML text as plain data, with where each path stands (1-based line and column)."""

    file: str
    data: Any = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: Path, message: str) -> Problem:
        """A problem at ``path``, or at its nearest parent that is in the text."""
        at = path
        while at and at not in self.places:
            at = at[:-1]
        line, column = self.places.get(at, (1, 1))
        return Problem(self.file, line, column, dotted(path), message)


def dotted(path: Path) -> str:
    """``("rules", 2, "any")`` as ``rules[2].any``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_yaml(text: str, file: str, env: Mapping[str, str]) -> Document:
    """Parse ``text``; what is wrong with it is in ``problems``, never raised."""
    document = Document(file)
    try:
        node = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = error.problem or error.context or "not YAML"
        document.problems.append(Problem(file, line, column, "", f"not valid YAML: {said}"))
        return document
    except yaml.YAMLError as error:  # a character YAML does not allow: has no mark
        position = getattr(error, "position", 0) or 0
        line = text.count("\n", 0, position) + 1
        column = position - (text.rfind("\n", 0, position) + 1) + 1
        document.problems.append(
            Problem(file, line, column, "", f"not valid YAML: {getattr(error, 'reason', error)}")
        )
        return document
    document.places[()] = (1, 1) if node is None else _place(node)
    if node is not None:
        document.data = _Reader(document, env).value(node, ())
    return document


class _Reader:
    def __init__(self, document: Document, env: Mapping[str, str]) -> None:
        self.document = document
        self.env = env
        self.left = _MOST_NODES
        self.open: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.left -= 1
        if self.left < 0:
            if self.left == -1:
                self._problem(node, path, "too large once its aliases are expanded")
            return None
        self.document.places.setdefault(path, _place(node))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if id(node) in self.open:
            self._problem(node, path, "an alias that contains itself")
            return None
        self.open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self.open.discard(id(node))

    def _mapping(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._problem(key, path, "a key must be plain text")
                continue
            name = str(key.value)
            at = (*path, name)
            if name in data:
                self._problem(key, at, "this key stands here twice")
                continue
            self.document.places[at] = _place(key)
            data[name] = self.value(value, at)
        return data

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        kind, text = node.tag.rpartition(":")[2], str(node.value)
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            return int(text, 0) if text[:2] in ("0x", "0o") else int(text)
        if kind == "float":
            return float(text)
        if kind != "str":
            self._problem(node, path, f"the tag {node.tag} is not supported")
            return None
        return self._expand(text, node, path) if "${" in text else text

    def _expand(self, text: str, node: yaml.Node, path: Path) -> str:
        def replace(found: re.Match[str]) -> str:
            name, default = found.groups()
            if name is None:
                return "${"
            value = self.env.get(name, default)
            if value is None:
                self._problem(node, path, f"the environment variable {name} is not set")
            return value or ""

        return _ENV.sub(replace, text)

    def _problem(self, node: yaml.Node, path: Path, message: str) -> None:
        line, column = _place(node)
        self.document.problems.append(
            Problem(self.document.file, line, column, dotted(path), message)
        )


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
