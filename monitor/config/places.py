"""Where in a YAML text something stands, looked up when there is something to say of it.

Reading notes no places: of a hundred thousand rules that are right they would be most of the work
and of the memory. Who finds a mistake asks for the places of all mistakes together, and the text
is read once more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import yaml
from yaml.reader import ReaderError

Path = tuple[str | int, ...]
Place = tuple[int, int]  # line and column, from 1

_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
MERGE = "<<"

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")  # an anchor or tag before the value
_ESCAPE = re.compile(r"\\(?:x..|u.{4}|U.{8}|[^\r\n\x85\u2028\u2029])")
_SIGN = re.compile(r"(?!\\[\n\r\x85\u2028\u2029])\S")  # a backslash may end a line
_SIGN_IN_QUOTES = re.compile(r"''|\S")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_BREAKS = frozenset("\n\r\x85\u2028\u2029")


def events(text: str) -> Callable[[], Any]:
    """What gives the parser's next event, or None after the last.

    Raises MarkedYAMLError, ReaderError or UnicodeEncodeError, here or there.
    """
    return _LOADER(text).get_event


def place_of(mark: Any) -> Place:
    """Where a mark of the parser points."""
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value as it is written. ``index`` counts the characters of the text before it (or before
    its anchor); ``style`` is one of ``' " | >``, or empty: plain."""

    value: str
    index: int
    place: Place
    style: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a key or an item of a list starts, and its value if that is a scalar."""

    place: Place
    scalar: Scalar | None = None


# --------------------------------------------------------------------------- keys and items


def locate(text: str, paths: Iterable[Path]) -> dict[Path, Spot]:
    """The spot of each path, or of its nearest parent that is in the text.

    What stands behind an alias is found where it is written. A text that is no YAML is read as
    far as it is. Takes one pass, and one more for each level of aliases.
    """
    found: dict[Path, Spot] = {}
    # What to look for, for which path that was asked for, and how much of it is known to exist.
    asked: list[tuple[Path, Path, int]] = [(path, path, -1) for path in paths]
    while asked:
        finder = _Finder(path for path, _, _ in asked)
        finder.read(text)
        behind: list[tuple[Path, Path, int]] = []
        for path, wanted, known in asked:
            at = path
            while at and at not in finder.spots:
                at = at[:-1]
            if len(at) > known:
                found[wanted] = finder.spots.get(at, Spot((1, 1)))
            if len(at) < len(path) and (anchor := finder.aliases.get(at)) is not None:
                behind.append((anchor + path[len(at) :], wanted, len(anchor)))
        asked = behind
    return found


_Wanted = dict[str | int, Any]  # what is looked for below a container, by key or index


@dataclass(slots=True)
class _Frame:
    """An open container. ``wanted`` is None in what nobody asked for."""

    is_list: bool
    wanted: _Wanted | None
    part: str | int | None  # of a list: the next index; of a mapping: the key that waits
    place: Place = (1, 1)  # of that key
    drop: bool = False  # the key was no good, so that its value was not read


class _Finder:
    """Walks the parser's events and notes the spots of all paths that are wanted."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.spots: dict[Path, Spot] = {}
        self.aliases: dict[Path, Path] = {}  # from where an alias stands to where it leads
        self._wanted: _Wanted = {}
        self._open: list[_Frame] = []
        self._anchors: dict[str, tuple[Path, Scalar | None]] = {}
        for path in paths:
            node = self._wanted
            for part in path:
                node = node.setdefault(part, {})

    def read(self, text: str) -> None:
        """Note what is found before the text's end, or before its first mistake as YAML."""
        try:
            next_event = events(text)
            while (event := next_event()) is not None:
                self._event(event)
        except (yaml.MarkedYAMLError, ReaderError, UnicodeEncodeError):
            return

    def _event(self, event: Any) -> None:
        frame = self._open[-1] if self._open else None
        if isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._done()
        elif isinstance(event, yaml.ScalarEvent):
            if frame is not None and frame.part is None:
                # Of two that are the same the first counts.
                frame.drop = event.value == MERGE or (
                    bool(frame.wanted) and (*self._path(), event.value) in self.spots
                )
                frame.part, frame.place = event.value, place_of(event.start_mark)
                return
            self._node(event, _scalar(event))
            self._done()
        elif isinstance(event, yaml.AliasEvent):
            known = self._anchors.get(event.anchor or "")
            if self._node(event, known[1] if known else None) is not None and known:
                self.aliases[self._path()] = known[0]
            self._done()
        elif isinstance(event, yaml.CollectionStartEvent):
            wanted = self._node(event, None)
            is_list = isinstance(event, yaml.SequenceStartEvent)
            self._open.append(_Frame(is_list, wanted, 0 if is_list else None))

    def _node(self, event: Any, scalar: Scalar | None) -> _Wanted | None:
        """Note where a value starts, if it is wanted; what is wanted inside of it."""
        if event.anchor and not isinstance(event, yaml.AliasEvent):
            self._anchors[event.anchor] = (self._path(), scalar)
        place = place_of(event.start_mark)
        if not self._open:
            self.spots[()] = Spot(place, scalar)
            return self._wanted
        frame = self._open[-1]
        if frame.wanted is None or frame.drop or frame.part not in frame.wanted:
            return None
        self.spots[self._path()] = Spot(place if frame.is_list else frame.place, scalar)
        below: _Wanted = frame.wanted[frame.part]
        return below

    def _done(self) -> None:
        """A value is complete: on to the next item, or to the next key."""
        if not self._open:
            return
        frame = self._open[-1]
        if isinstance(frame.part, int):
            frame.part += 1
        elif frame.part is None:  # a list or a mapping as key
            frame.part, frame.drop = "?", True
        else:
            frame.part, frame.drop = None, False

    def _path(self) -> Path:
        return tuple(frame.part for frame in self._open if frame.part is not None)


def _scalar(event: Any) -> Scalar:
    mark = event.start_mark
    return Scalar(event.value, mark.index, place_of(mark), event.style or "")


# --------------------------------------------------------------------------- inside a value


def character(text: str, scalar: Scalar, offset: int) -> Place | None:
    """Line and column of the character at ``offset`` of a value (its length: just behind it).

    None where it cannot be told: with ``${NAME}`` in the value, and where that is over several
    lines between double quotes with escapes.
    """
    if "${" in scalar.value:
        return None
    if scalar.style == "|":
        return _in_block(text, scalar, offset)
    properties = _PROPERTIES.match(text, scalar.index)
    index = scalar.index if properties is None else properties.end()
    start = index
    if scalar.style == ">":
        return _in_folded(text, scalar, start, offset)
    if scalar.style in ("'", '"'):
        index += 1
        for _ in range(offset):
            index = _behind(text, index, scalar.style)
    elif text.startswith(scalar.value, index):
        index += offset
    else:
        return _in_folded(text, scalar, start, offset)
    if not _BREAKS.isdisjoint(text[start : index + 1]):
        return _in_folded(text, scalar, start, offset)
    if not _BREAKS.isdisjoint(text[scalar.index : start]):
        return None
    return scalar.place[0], scalar.place[1] + index - scalar.index


def _behind(text: str, index: int, quote: str) -> int:
    """Where the next character of a quoted value starts."""
    if quote == "'":
        return index + (2 if text.startswith("''", index) else 1)
    escape = _ESCAPE.match(text, index)
    return index + 1 if escape is None else escape.end()


def _in_folded(text: str, scalar: Scalar, index: int, offset: int) -> Place | None:
    """A value over several lines: folding changes nothing but blanks and line ends, so as many
    other characters stand before the one at ``offset`` as in the value."""
    value = scalar.value
    if scalar.style == ">":
        header = _BREAK.search(text, index)
        index = len(text) if header is None else header.end()
    elif scalar.style:
        index += 1
    blank = offset >= len(value) or value[offset].isspace()
    before = sum(not char.isspace() for char in value[:offset])
    signs = (_SIGN if scalar.style != "'" else _SIGN_IN_QUOTES).finditer(text, index)
    last = None
    for last in islice(signs, before + (not blank)):
        if scalar.style == '"' and last[0] == "\\":
            return None
    if last is None or not (blank or last[0].startswith(value[offset])):
        return None
    at = last.end() if blank else last.start()
    lines = list(_BREAK.finditer(text, scalar.index, at))
    if not lines:
        return scalar.place[0], scalar.place[1] + at - scalar.index
    return scalar.place[0] + len(lines), at - lines[-1].end() + 1


def _in_block(text: str, scalar: Scalar, offset: int) -> Place | None:
    """Each line of a literal block is the end of a line of the text."""
    before = scalar.value[: min(offset, len(scalar.value.rstrip()))].split("\n")
    begin = scalar.index
    for _ in before:
        if (line_end := _BREAK.search(text, begin)) is None:
            return None
        begin = line_end.end()
    end = len(text) if (line_end := _BREAK.search(text, begin)) is None else line_end.start()
    shown = scalar.value.split("\n")[len(before) - 1]
    if not text.endswith(shown, begin, end):
        return None
    return scalar.place[0] + len(before), end - len(shown) - begin + len(before[-1]) + 1
