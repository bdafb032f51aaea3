"""YAML with the place of every key and value, so that a message can say where.

Every scalar but null stays text: ``08:00``, ``no``, ``007`` and ``1.10`` reach the settings as
they were written, and the settings' own types make numbers and booleans of them. So a keyword or
a password may look like anything. Duplicate keys are refused; ``${NAME}`` and
``${NAME:-default}`` are expanded in values (``$${`` writes ``${``).

The data is built from parser events (https://yaml.org/spec/1.2.2/#3-processes-and-models), not
from PyYAML's node graph: composing recurses in C and overruns the stack on nested brackets, and
takes several times as long.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.reader import ReaderError

from monitor.errors import Problem

Path = tuple[str | int, ...]
Place = tuple[int, int]  # line and column, from 1
_ENV = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_TEXT_TAGS = frozenset((None, "!", "tag:yaml.org,2002:str"))
_DEEPEST = 64
_SPARE_NODES = 100_000  # a text without aliases has no more nodes than characters
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


@dataclass(slots=True)
class Document:
    """A YAML text as plain data (dict, list, str, None), with where everything stands.

    ``places`` has, for each container in ``data`` (by its ``id``), where its items start: by key
    or by index. What stands behind an alias is shared, so it is found where it is written.
    ``readable`` is False when the text was no YAML and ``data`` is not to be looked at.
    """

    file: str
    data: Any = None
    readable: bool = True
    problems: list[Problem] = field(default_factory=list)
    start: Place = (1, 1)
    places: dict[int, dict[str | int, Place]] = field(default_factory=dict, repr=False)

    def problem(self, path: Path, message: str) -> Problem:
        """A problem at ``path``, or at its nearest parent that is in the text."""
        at, place = self.data, self.start
        for part in path:
            found = self.places.get(id(at), {}).get(part)
            if found is None:
                break
            at, place = at[part], found
        return Problem(self.file, *place, dotted(path), message)


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
        _Builder(document, env, len(text) + _SPARE_NODES).build(text)
    except yaml.MarkedYAMLError as error:
        place, said = _syntax(error, text)
    except ReaderError as error:  # a character that YAML does not allow
        place, said = _nth(text, error.position), f"not valid YAML: {error.reason}"
    except UnicodeEncodeError as error:  # half a surrogate pair
        place, said = _nth(text, error.start), "not valid YAML: not a character"
    except _RefusedError as error:
        place, said = error.place, str(error)
    else:
        return document
    document.readable = False
    document.problems.append(Problem(file, *place, "", said))
    return document


def _nth(text: str, position: int) -> Place:
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


def _syntax(error: yaml.MarkedYAMLError, text: str) -> tuple[Place, str]:
    """Where and what, in the parser's own words only: the text itself may be a secret."""
    line, column = _start(error.problem_mark or error.context_mark)
    lines = text.split("\n")
    if line <= len(lines) and lines[line - 1][column - 1 : column] == "\t":
        return (line, column), "not valid YAML: a tab; indent with spaces"
    said = ", ".join(part for part in (error.problem, error.context) if part)
    if error.context_mark is not None and error.context_mark.line + 1 != line:
        said += f" that starts in line {error.context_mark.line + 1}"
    return (line, column), f"not valid YAML: {said}"


def _start(mark: Any) -> Place:
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


class _RefusedError(Exception):
    """Well-formed YAML that is not read further."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


@dataclass(slots=True)
class _Frame:
    """A container that is being filled. ``size`` counts its nodes, aliases written out."""

    into: dict[str, Any] | list[Any]
    place: Place
    anchor: str | None
    places: dict[str | int, Place] = field(default_factory=dict)
    size: int = 1
    key: str | None = None  # of a mapping: the key that waits for its value
    drop: bool = False  # that key was no good; its value is read and forgotten

    @property
    def wants_key(self) -> bool:
        return self.key is None and isinstance(self.into, dict)


class _Builder:
    """Makes data of parser events, with a stack of its own instead of recursion."""

    def __init__(self, document: Document, env: Mapping[str, str], most: int) -> None:
        self.document = document
        self.env = env
        self.most = most
        self.open: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, int] | None] = {}  # None: not closed yet

    def build(self, text: str) -> None:
        documents = 0
        for event in yaml.parse(text, _LOADER):
            place = _start(event.start_mark)
            if isinstance(event, yaml.ScalarEvent):
                if self.open and self.open[-1].wants_key:
                    self._key(event.value, place)
                else:
                    self._scalar(event, place)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._open(event, place)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event.anchor, place)
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _RefusedError("a second document (---) is not supported", place)

    def _key(self, name: str, place: Place) -> None:
        frame = self.open[-1]
        frame.key, frame.drop = name, name == "<<" or name in frame.into
        if name == "<<":
            self._problem(place, "merge keys (<<) are not supported")
        elif frame.drop:
            line = frame.places[name][0]
            self._problem(place, f"this key stands here twice (first in line {line})")
        else:
            frame.places[name] = place

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> None:
        value: str | None = event.value
        if event.tag not in _TEXT_TAGS:
            # Not named: an unquoted password may start with an exclamation mark.
            self._problem(place, "text that starts with ! needs quotes (else it is a tag)")
            value = None
        elif event.implicit[0] and value in _NULL:
            value = None
        elif value and "${" in value:
            value = self._expand(value, place)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        self._put(value, 1, place)

    def _open(self, event: yaml.CollectionStartEvent, place: Place) -> None:
        if len(self.open) >= _DEEPEST:
            raise _RefusedError(f"nested more than {_DEEPEST} levels deep", place)
        if event.tag is not None:
            self._problem(place, "text that starts with ! needs quotes (else it is a tag)")
        if event.anchor:
            self.anchors[event.anchor] = None
        into: dict[str, Any] | list[Any] = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        self.open.append(_Frame(into, place, event.anchor))

    def _close(self) -> None:
        frame = self.open.pop()
        self.document.places[id(frame.into)] = frame.places
        if frame.anchor:
            self.anchors[frame.anchor] = (frame.into, frame.size)
        self._put(frame.into, frame.size, frame.place)

    def _alias(self, anchor: str | None, place: Place) -> None:
        value, size = None, 1
        if anchor is None or anchor not in self.anchors:
            # Not named either: an unquoted password may start with an asterisk.
            self._problem(place, "text that starts with * needs quotes (else it is an alias)")
        elif (known := self.anchors[anchor]) is None:
            self._problem(place, "an alias that contains itself")
        else:
            value, size = known
        if sum(frame.size for frame in self.open) + size > self.most:
            raise _RefusedError("too large once its aliases are written out", place)
        self._put(value, size, place)

    def _put(self, value: Any, size: int, place: Place) -> None:
        if not self.open:
            self.document.data, self.document.start = value, place
            return
        frame = self.open[-1]
        frame.size += size
        if isinstance(frame.into, list):
            frame.places[len(frame.into)] = place
            frame.into.append(value)
        elif frame.key is None:
            self._problem(place, "a key must be plain text")
            frame.key, frame.drop = "?", True
        else:
            if not frame.drop:
                frame.into[frame.key] = value
            frame.key = None

    def _expand(self, text: str, place: Place) -> str:
        def replace(found: re.Match[str]) -> str:
            name, default = found.groups()
            if name is None:
                return "${"
            value = self.env.get(name, default)
            if value is None:
                self._problem(place, f"the environment variable {name} is not set")
            return value or ""

        return _ENV.sub(replace, text)

    def _problem(self, place: Place, message: str) -> None:
        path: list[str | int] = []
        for frame in self.open:
            if isinstance(frame.into, list):
                path.append(len(frame.into))
            elif frame.key is not None:
                path.append(frame.key)
        self.document.problems.append(
            Problem(self.document.file, *place, dotted(tuple(path)), message)
        )
