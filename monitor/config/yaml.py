"""YAML as plain data, whole or item by item, with the place of whatever is wrong with it.

Every scalar but null stays text: ``08:00``, ``no``, ``007`` and ``1.10`` reach the settings as
they were written, and the settings' own types make numbers and booleans of them. So a keyword or
a password may look like anything. Duplicate keys are refused; ``${NAME}`` and
``${NAME:-default}`` are expanded in values (``$${`` writes ``${``).

The data is built from parser events (https://yaml.org/spec/1.2.2/#3-processes-and-models), not
from PyYAML's node graph: composing recurses in C and overruns the stack on nested brackets, takes
several times as long, and gives nothing before it has everything.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.reader import ReaderError

from monitor.config.places import MERGE, Path, Place, Spot, character, events, locate, place_of
from monitor.errors import Problem

__all__ = ["Document", "Finding", "Path", "Place", "dotted", "in_order", "read_items", "read_yaml"]

_ENV = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_TEXT_TAGS = frozenset((None, "!", "tag:yaml.org,2002:str"))
_DEEPEST = 64
_SPARE_NODES = 100_000  # a text without aliases has no more nodes than characters


Finding = tuple[Path, str, int | None]
"""A path in the data, what is wrong there, and at which character of the text that stands there
(from 0) if that is known."""


@dataclass(slots=True)
class Document:
    """A YAML text as plain data (dict, list, str, None), and what is wrong with it.

    ``problems`` are at first those of the reader. ``readable`` is False when the text was no YAML
    and ``data`` is not to be looked at.
    """

    file: str
    data: Any = None
    readable: bool = True
    problems: list[Problem] = field(default_factory=list)
    text: str = field(default="", repr=False)
    _spots: dict[Path, Spot] | None = field(default=None, repr=False)

    def problem(self, path: Path, message: str) -> Problem:
        """A problem at ``path``, or at its nearest parent that is in the text.

        The first call looks up the place of everything; ``placed`` is for large texts.
        """
        if self._spots is None:
            self._spots = locate(self.text, _paths(self.data))
        at = path
        while at and at not in self._spots:
            at = at[:-1]
        return Problem(self.file, *self._spots[at].place, dotted(path), message)

    def placed(self, findings: Sequence[Finding]) -> list[Problem]:
        """The same for many at once, each at its very character where that can be told; else
        at the start of the value, with the character's number in the message."""
        if not findings:
            return []
        spots = locate(self.text, {path for path, _, _ in findings})
        problems = []
        for path, message, offset in findings:
            spot = spots[path]
            place = spot.place
            if offset is not None:
                exact = None
                if spot.scalar is not None:
                    place = spot.scalar.place
                    exact = character(self.text, spot.scalar, offset)
                if exact is None:
                    message += f" (at character {offset + 1})"
                else:
                    place = exact
            problems.append(Problem(self.file, *place, dotted(path), message))
        return problems


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """In the order of the text, one problem a key: the first, which explains the others."""
    first: dict[object, Problem] = {}
    for problem in problems:
        first.setdefault(problem.path or (problem.line, problem.column), problem)
    return sorted(first.values(), key=lambda p: (p.line, p.column))


def _paths(data: Any, path: Path = ()) -> Iterator[Path]:
    """Every key and item of nested containers."""
    yield path
    if isinstance(data, dict | list):
        for part, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _paths(value, (*path, part))


def dotted(path: Path) -> str:
    """``("rules", 2, "any")`` as ``rules[2].any``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_yaml(text: str, file: str, env: Mapping[str, str]) -> Document:
    """Parse ``text``; what is wrong with it is in ``problems``, never raised."""
    document = Document(file, text=text)
    for _ in _read(document, env, None):
        pass  # nothing is handed over
    return document


def read_items(document: Document, env: Mapping[str, str], key: str) -> Iterator[Any]:
    """The same for the text of ``document``, but the items of the list at ``key`` of the top
    level are handed over, each as soon as it is complete, and forgotten: the list stays empty.

    ``document`` is complete once the iterator is exhausted.
    """
    yield from _read(document, env, key)
    if document.readable and isinstance(document.data, dict):
        whole = document.data.get(key)  # one with an anchor, or from an alias
        if isinstance(whole, list):
            yield from whole


def _read(document: Document, env: Mapping[str, str], streamed: str | None) -> Iterator[Any]:
    text = document.text
    try:
        yield from _Builder(document, env, streamed).build()
    except yaml.MarkedYAMLError as error:
        place, said = _syntax(error, text)
    except ReaderError as error:  # a character that YAML does not allow
        place, said = _nth(text, error.position), f"not valid YAML: {error.reason}"
    except UnicodeEncodeError as error:  # half a surrogate pair
        place, said = _nth(text, error.start), "not valid YAML: not a character"
    except _RefusedError as error:
        place, said = error.place, str(error)
    else:
        return
    document.readable = False
    document.problems.append(Problem(document.file, *place, "", said))


def _nth(text: str, position: int) -> Place:
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


def _syntax(error: yaml.MarkedYAMLError, text: str) -> tuple[Place, str]:
    """Where and what, in the parser's own words only: the text itself may be a secret."""
    line, column = place_of(error.problem_mark or error.context_mark)
    lines = text.split("\n")
    if line <= len(lines) and lines[line - 1][column - 1 : column] == "\t":
        return (line, column), "not valid YAML: a tab; indent with spaces"
    said = ", ".join(part for part in (error.problem, error.context) if part)
    if error.context_mark is not None and error.context_mark.line + 1 != line:
        said += f" that starts in line {error.context_mark.line + 1}"
    return (line, column), f"not valid YAML: {said}"


class _RefusedError(Exception):
    """Well-formed YAML that is not read further."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


@dataclass(slots=True)
class _Frame:
    """A container that is being filled."""

    into: Any  # a dict or a list
    keys: dict[str, Any] | None  # of a mapping: its keys so far and the marks where they stand
    start: yaml.CollectionStartEvent
    before: int  # nodes of the text before it
    key: str | None = None  # of a mapping: the key that waits for its value
    drop: bool = False  # that key was no good; its value is read and forgotten


class _Builder:
    """Makes data of parser events, with a stack of its own instead of recursion.

    ``build`` is the hot loop: it does what nearly every node needs, the methods do the rest.
    """

    def __init__(self, document: Document, env: Mapping[str, str], streamed: str | None) -> None:
        self.document = document
        self.env = env
        self.streamed = streamed
        self.stream: _Frame | None = None  # the list at that key
        self.given = 0  # items of it that were handed over
        self.documents = 0
        self.nodes = 0  # so far, what stands behind aliases counted at each
        self.most = len(document.text) + _SPARE_NODES
        self.open: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, int] | None] = {}  # None: not closed yet

    def build(self) -> Iterator[Any]:
        next_event = events(self.document.text)
        # Looked up a million times; and the types are compared, which are those of the parser.
        scalar, mapping, sequence, mapping_end, sequence_end = (
            yaml.ScalarEvent,
            yaml.MappingStartEvent,
            yaml.SequenceStartEvent,
            yaml.MappingEndEvent,
            yaml.SequenceEndEvent,
        )
        intern, null, opened = sys.intern, _NULL, self.open
        frame: _Frame | None = None
        keys: dict[str, Any] | None = None  # those of the frame
        while (event := next_event()) is not None:
            kind = type(event)
            if kind is scalar:
                value = event.value
                if keys is not None and frame is not None and frame.key is None:
                    if value in keys or value == MERGE:
                        self._bad_key(frame, value, event)
                    else:
                        keys[value] = event.start_mark
                        frame.key = intern(value)
                    continue
                if event.anchor or event.tag is not None or value in null or "${" in value:
                    value = self._odd_scalar(event)
                self.nodes += 1
            elif kind is mapping or kind is sequence:
                if event.anchor or event.tag is not None or len(opened) >= _DEEPEST:
                    self._odd_start(event)
                self.nodes += 1
                if kind is mapping:
                    keys = {}
                    frame = _Frame({}, keys, event, self.nodes)
                else:
                    keys = None
                    frame = _Frame([], keys, event, self.nodes)
                    if len(opened) == 1 and self._is_streamed(event):
                        self.stream = frame
                opened.append(frame)
                continue
            elif kind is mapping_end or kind is sequence_end:
                closed = opened.pop()
                event, value = closed.start, closed.into
                if event.anchor:
                    self.anchors[event.anchor] = (value, self.nodes - closed.before + 1)
                frame = opened[-1] if opened else None
                keys = None if frame is None else frame.keys
            elif kind is yaml.AliasEvent:
                value = self._alias(event)
            else:
                self._other(event)
                continue
            if frame is None:
                self.document.data = value
            elif keys is None:
                if frame is self.stream:
                    yield value
                    self.given += 1
                else:
                    frame.into.append(value)
            elif frame.key is None:
                self._problem(event, "a key must be plain text")
                frame.key, frame.drop = "?", True
            else:
                if not frame.drop:
                    frame.into[frame.key] = value
                frame.key, frame.drop = None, False

    def _bad_key(self, frame: _Frame, name: str, event: yaml.Event) -> None:
        frame.key, frame.drop = name, True
        if name == MERGE:
            self._problem(event, "merge keys (<<) are not supported")
        else:
            assert frame.keys is not None
            line, _ = place_of(frame.keys[name])
            self._problem(event, f"this key stands here twice (first in line {line})")

    def _odd_scalar(self, event: yaml.ScalarEvent) -> str | None:
        value: str | None = event.value
        if event.tag not in _TEXT_TAGS:
            # Not named: an unquoted password may start with an exclamation mark.
            self._problem(event, "text that starts with ! needs quotes (else it is a tag)")
            value = None
        elif event.implicit[0] and value in _NULL:
            value = None
        elif value and "${" in value:
            value = self._expand(value, event)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        return value

    def _odd_start(self, event: yaml.CollectionStartEvent) -> None:
        if len(self.open) >= _DEEPEST:
            raise _RefusedError(
                f"nested more than {_DEEPEST} levels deep", place_of(event.start_mark)
            )
        if event.tag is not None:
            self._problem(event, "text that starts with ! needs quotes (else it is a tag)")
        if event.anchor:
            self.anchors[event.anchor] = None

    def _is_streamed(self, event: yaml.SequenceStartEvent) -> bool:
        """Of a list at the top level: whether its items are handed over. What an alias may ask
        for again is kept."""
        top = self.open[0]
        return top.key == self.streamed is not None and not (top.drop or event.anchor)

    def _alias(self, event: yaml.AliasEvent) -> Any:
        anchor, value, size = event.anchor, None, 1
        if anchor is None or anchor not in self.anchors:
            # Not named either: an unquoted password may start with an asterisk.
            self._problem(event, "text that starts with * needs quotes (else it is an alias)")
        elif (known := self.anchors[anchor]) is None:
            self._problem(event, "an alias that contains itself")
        else:
            value, size = known
        self.nodes += size
        if self.nodes > self.most:
            raise _RefusedError(
                "too large once its aliases are written out", place_of(event.start_mark)
            )
        return value

    def _other(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _RefusedError(
                    "a second document (---) is not supported", place_of(event.start_mark)
                )

    def _expand(self, text: str, event: yaml.Event) -> str:
        def replace(found: re.Match[str]) -> str:
            name, default = found.groups()
            if name is None:
                return "${"
            value = self.env.get(name, default)
            if value is None:
                self._problem(event, f"the environment variable {name} is not set")
            return value or ""

        return _ENV.sub(replace, text)

    def _problem(self, event: yaml.Event, message: str) -> None:
        path: list[str | int] = []
        for frame in self.open:
            if frame.keys is None:
                path.append(self.given if frame is self.stream else len(frame.into))
            elif frame.key is not None:
                path.append(frame.key)
        place = place_of(event.start_mark)
        self.document.problems.append(
            Problem(self.document.file, *place, dotted(tuple(path)), message)
        )
