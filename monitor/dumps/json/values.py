"""Values of JSON in a window, one after the other, and the way past one that is damaged.

The standard library's decoder reads a value where it stands. Where it cannot, either more text
is needed or the value is damaged; then the next one is looked for: first by the lines, as
records begin on lines of their own in most dumps, at the same indent, else by the brackets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from monitor.dumps.base import MAX_ARTICLE, MAX_RAW
from monitor.dumps.json.window import BEHIND, Window
from monitor.errors import DumpError

MAX_RECORD = MAX_ARTICLE
"""Characters of JSON. A longer record is not held in memory."""
MAX_NESTED = 64
"""Lists and objects in one another; of an article, a few."""
LOOK = 1024 * 1024
"""Characters that are read, where needed, to learn where the records stand."""

_NEAR_END = 16  # characters: a number, a literal or an escape that may be cut off
_LONGEST_NUMBER = 20
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_REST_OF_STRING = re.compile(r'(?:[^"\\]++|\\.)*+', re.DOTALL)
_FIRST_NAME = re.compile(r'\{\s*("[^"\\\n]{1,80}")\s*:')
_NEXT_LINE = re.compile(r"\n[\x1e\ufeff]*(?=\{)")
_END_OF_VALUE = re.compile(r"\s*(?:[,\]]|$)")
_SIGNS = re.compile(r'"|[\[{]+|[\]}]+')
_SIGNS_OR_COMMA = re.compile(r'["\],}]|[\[{]+')


@dataclass(frozen=True, slots=True)
class Value:
    """A value, the line it begins in, and (the beginning of) its text."""

    value: object
    line: int
    raw: str


@dataclass(frozen=True, slots=True)
class Damage:
    """Text that should be a value, and why it is none."""

    reason: str
    line: int
    raw: str


def _integer(digits: str) -> object:
    """Python refuses to read integers of thousands of digits; no article has such ones."""
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


_decode: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder(
    strict=False,  # line breaks in strings are wrong, and common
    parse_int=_integer,
    parse_constant=lambda name: None,  # NaN and Infinity: what programs write that have no value
).raw_decode


def records(window: Window, path: str | None) -> Iterator[Value | Damage]:
    """All records: the values of a dump, those in a list of its own taken one by one; with a
    ``path``, the elements of the list at that path in each of them.

    Raises DumpError where the dump ends inside a list or object, or is damaged around them.
    """
    while sign := window.next():
        if sign == "[":
            for _ in _elements(window):
                yield from _records_at(window, path)
        else:
            yield from _records_at(window, path)


def _records_at(window: Window, path: str | None) -> Iterator[Value | Damage]:
    if path is None or window.next() != "{":
        yield read_value(window)
    else:
        yield from _walk(window, path)


def _walk(window: Window, path: str) -> Iterator[Value | Damage]:
    """The records of the list at ``path`` in the value that comes next."""
    sign, line = window.next(), window.line
    if not path:
        if sign != "[":
            yield read_value(window)
            return
        for _ in _elements(window):
            yield read_value(window)
        return
    found = False
    for name in _names(window) if sign == "{" else map(str, _elements(window)):
        if not found and (name == path or path.startswith(name + ".")):
            found = True
            yield from _walk(window, path[len(name) + 1 :])
        else:
            _pass_over(window)
    if not found:
        yield Damage(f"there is no {path!r} in it", line, "")


def _elements(window: Window) -> Iterator[int]:
    """Their numbers; before the next is asked for, the element must be passed over."""
    window.advance(1)
    number = 0
    while True:
        sign = window.next()
        if sign == "]":
            window.advance(1)
            return
        if sign == ",":
            window.advance(1)
        elif not sign:
            raise _ends_early(window)
        else:
            yield number
            number += 1


def _names(window: Window) -> Iterator[str]:
    """Those of an object's members; before the next is asked for, its value must be passed over."""
    window.advance(1)
    while True:
        sign = window.next()
        if sign == "}":
            window.advance(1)
            return
        if sign == ",":
            window.advance(1)
            continue
        name = read_value(window)
        if not sign or isinstance(name, Damage):
            raise _ends_early(window)
        if not isinstance(name.value, str) or window.next() != ":":
            raise DumpError(f"not JSON: no name with a colon at {window.place}")
        window.advance(1)
        yield name.value


def _ends_early(window: Window) -> DumpError:
    return window.error or DumpError(
        f"truncated: the JSON ends early, or is damaged, at {window.place}"
    )


# ------------------------------------------------------------------ one value


def read_value(window: Window) -> Value | Damage:
    """The value that comes next; of one that is damaged, all up to where the next one begins."""
    window.next()
    while True:
        text, start, ended = window.text, window.at, window.ended
        try:
            value, end = _decode(text, start)
        except RecursionError:
            return _damage(window, _TOO_DEEP)
        except json.JSONDecodeError as error:
            if not _is_cut_off(text, error.pos, ended=ended):
                place = error.pos - start
                damage = _damage(window, f"not JSON: {error.msg}, at character {place + 1} of it")
                if len(damage.raw) <= place < MAX_RAW:  # found in what is the next one's already
                    return replace(damage, reason=_ENDLESS)
                return damage
        else:
            if isinstance(value, str) and "\n" in text[start:end]:  # a stray quotation mark
                return _damage(window, _ENDLESS)
            if end < len(text) or ended or not isinstance(value, int | float):
                return _checked(window, value, end - start)
        if window.ahead > MAX_RECORD:
            reason = f"a record of more than {MAX_RECORD >> 20} MiB"
            return _damage(window, reason, by_name=False)
        window.more()
        if ended:
            why = f": {window.error}" if window.error is not None else ""
            return _damage(window, f"the dump breaks off in it{why}")


def _is_cut_off(text: str, at: int, *, ended: bool) -> bool:
    """Whether what is wrong there may be no more than that the text, so far, ends."""
    if text[at : at + 1] == '"':
        return _STRING.match(text, at) is None
    return at >= (len(text.rstrip()) if ended else len(text) - _NEAR_END)


def _checked(window: Window, value: object, size: int) -> Value | Damage:
    text, start, line = window.text, window.at, window.line
    raw = text[start : start + min(size, MAX_RAW)]
    window.advance(size)
    brackets = text.count("{", start, start + size) + text.count("[", start, start + size)
    if brackets > MAX_NESTED and _is_too_deep(value):
        return Damage(_TOO_DEEP, line, raw)
    return Value(value, line, raw)


_ENDLESS = "not JSON: a text in it does not end"
_TOO_DEEP = f"nested more than {MAX_NESTED} deep"


def _is_too_deep(value: object) -> bool:
    level = [value]
    for _ in range(MAX_NESTED + 1):
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


# ------------------------------------------------------------------ what cannot be read


def _damage(window: Window, reason: str, *, by_name: bool = True) -> Damage:
    """What comes next is no value: the way past it."""
    line = window.line
    next_one = _next_of_its_kind(window, by_name=by_name)
    brackets = _Brackets()
    offset = 1  # the value itself is not the next one
    raw = ""
    while True:
        text, at = window.text, window.at
        if next_one is None:
            end = brackets.end(text, at)
            if end == at and not raw:
                end = at + 1  # a stray bracket or comma, where a value should begin
            stop = len(text)
        else:
            found = next_one.search(text, at + offset)
            end = found.start() if found is not None else None
            # The last characters may be the beginning of what is looked for.
            stop = len(text) if window.ended else max(len(text) - BEHIND, at)
        stop = stop if end is None else end
        offset = 0 if stop > at else 1
        raw += text[at : min(stop, at + MAX_RAW - len(raw))]
        window.advance(stop - at)
        if end is not None or not (window.more() or window.ahead):
            return Damage(reason, line, raw)


def _pass_over(window: Window) -> None:
    """Go to the end of a value of any size that nobody wants; raises DumpError."""
    if window.next() not in ("{", "["):
        value = read_value(window)
        if isinstance(value, Damage):
            raise DumpError(f"line {value.line}: {value.reason}")
        return
    brackets = _Brackets()
    while True:
        end = brackets.end(window.text, window.at)
        window.advance(window.ahead if end is None else end - window.at)
        if end is not None:
            return
        if not window.more():
            raise _ends_early(window)


def _next_of_its_kind(window: Window, *, by_name: bool) -> re.Pattern[str] | None:
    """What the next record, or the end of the list, looks like; None: go by the brackets.

    Where the damaged value begins a line, the next one stands at the same indent, and what is in
    them further in. Else, ``by_name``: if its brackets do not end where a value ends, the next one
    begins with the same name, or a line.
    """
    line = window.line_so_far
    if line is not None and not line.strip(" \t,\x1e\ufeff"):
        line = line.lstrip("\x1e\ufeff")
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        outer = rf"[ \t]{{0,{len(indent) - 1}}}[\]}}]" if indent else r"\]"
        return re.compile(rf"\n(?:[\x1e\ufeff]*{re.escape(indent)}(?:,[ \t]*)?\{{|{outer})")
    if not by_name:
        return None
    text, at = window.text, window.at
    end, feed = _Brackets().end(text, at), _NEXT_LINE.search(text, at)
    if feed is not None and text[at : at + 1] not in ("{", "["):  # a stray sign
        end = end if end is not None and end < feed.start() else None
    if end is not None and _END_OF_VALUE.match(text, end):
        return None
    name = _FIRST_NAME.match(text, at)
    if name is None:
        return _NEXT_LINE if feed is not None else None
    same_name = rf"(?<=\}})\s*,?\s*(?=\{{\s*{re.escape(name[1])}\s*:)"
    return re.compile(f"{same_name}|{_NEXT_LINE.pattern}")


class _Brackets:
    """Finds the end of a list or object, or of something else in a list, in pieces of text."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._skip = 0

    def end(self, text: str, at: int) -> int | None:
        """Where it ends; None if not in this piece, and then the next one is to be given."""
        at += self._skip
        self._skip = 0
        while True:
            if self._in_string:
                rest = _REST_OF_STRING.match(text, at)
                at = rest.end() if rest is not None else at
                if at >= len(text) or text[at] != '"':
                    self._skip = 1 if text[at:] else 0  # a backslash, and what it stands before
                    return None
                self._in_string = False
                at += 1
            found = (_SIGNS if self._depth else _SIGNS_OR_COMMA).search(text, at)
            if found is None:
                return None
            signs, at = found[0], found.end()
            if signs == '"':
                self._in_string = True
            elif signs == ",":
                return found.start()
            elif signs[0] in "{[":
                self._depth += len(signs)
            elif len(signs) >= self._depth:
                return found.start() + self._depth
            else:
                self._depth -= len(signs)


# ------------------------------------------------------------------ a first look


def beginning(window: Window) -> object:
    """The first value, or as much of it as stands in the first ``LOOK`` characters; None if there
    is none. Nothing is passed over but white space."""
    window.next()
    while True:
        try:
            return _decode(window.text, window.at)[0]
        except (json.JSONDecodeError, RecursionError):
            if window.ahead >= LOOK or not window.more():
                return _so_far(window.text, window.at, 0)


def _so_far(text: str, at: int, depth: int) -> object:
    """A list or object that does not end, or is damaged, up to there."""
    is_object = text[at : at + 1] == "{"
    if depth > MAX_NESTED or not (is_object or text[at : at + 1] == "["):
        return None
    members: dict[str, object] = {}
    elements: list[object] = []
    at += 1
    whole = True
    while whole:
        at = _skip(text, at, ",")
        name = ""
        try:
            if is_object:
                name, at = _decode(text, at)
                at = _skip(text, at, ":")
            value, at = _decode(text, at)
        except (json.JSONDecodeError, RecursionError):
            value, whole = _so_far(text, at, depth + 1), False
        if is_object:
            members[str(name)] = value
        else:
            elements.append(value)
    return members if is_object else elements


def _skip(text: str, at: int, sign: str) -> int:
    while at < len(text) and (text[at].isspace() or text[at] == sign):
        at += 1
    return at
