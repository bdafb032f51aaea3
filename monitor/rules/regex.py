"""Regular expressions in queries: google-re2, in linear time, with Unicode's words and digits.

RE2 works on UTF-8. Its Python wrapper gives spans in characters for ``str``, at 2.5 times the cost
of bytes; so bytes are searched here and offsets counted only where something was found.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import re2

from monitor.rules.regex_syntax import WORD, Outline, PatternError, outline
from monitor.rules.scan import Span

__all__ = ["Expression", "PatternError", "compile_regex"]

MAX_MEMORY = 2 << 20
"""Bytes that an expression's program and its table of states may take. Without limit RE2 takes
8 MiB; 2 are enough for sixty repetitions of a Unicode letter."""

_MATCH_STEPS = 2000  # what a match costs in Python, in nanoseconds, about
_FREE_WEIGHT = 20  # up to here RE2 mostly gets by with its table of states
_SURROGATES = re.compile("[\ud800-\udfff]")
_REASON = re.compile(r"([^:]+)(?:: (.*))?", re.DOTALL)
_NAMED_LAST = ("missing ]", "invalid repetition size")
"""What RE2 finds in the last of several places that look the same."""
_LONGEST_QUOTE = 40
_LINEAR = "is not supported, since a search must take time in proportion to the text"


class _Match(Protocol):
    def span(self, group: int) -> Span: ...


class _Program(Protocol):
    """What is used of google-re2's compiled expression (it has no type hints)."""

    def search(self, text: bytes, pos: int) -> _Match | None: ...


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled regular expression."""

    _program: _Program
    _outline: Outline

    def required(self) -> str | None:
        """A folded literal (see ``scan.literal``), perhaps within a longer word, that the folded
        text holds wherever there is a match; None where none is certain."""
        return self._outline.required

    def spans(self, text: str, spend: Callable[[int], None] = lambda steps: None) -> list[Span]:
        """Matches from left to right, not overlapping, in characters of ``text``.

        ``spend`` is told of steps, about a nanosecond each, before they are done: each search may
        read to the end of the text before it settles for a match at its start.
        """
        data = _encoded(text)
        wide = len(data) != len(text)
        group = int(self._outline.left or self._outline.right)
        longest, weight = self._outline.longest, self._outline.weight
        rate = 1 + 4 * max(0, weight - _FREE_WEIGHT)  # nanoseconds a byte, about
        spend(rate * len(data))
        found: list[Span] = []
        at = counted = characters = 0
        while match := self._program.search(data, at):
            start, end = match.span(group)
            if wide:
                start_in_text = characters + len(data[counted:start].decode())
                characters = start_in_text + len(data[start:end].decode())
                counted = end
                found.append((start_in_text, characters))
            else:
                found.append((start, end))
            left = len(data) - end
            spend(_MATCH_STEPS + rate * (left if longest is None else min(left, 4 * longest)))
            # The expression takes the character before a word too: let it see the last one. At
            # the start of the text there is none, and what was found there began a word.
            at = (_character_before(data, end) or end) if self._outline.left else end
        return found


def compile_regex(pattern: str, *, case: bool) -> Expression:
    """Compile an expression; ``case``: capitals must agree. Raises PatternError."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_MEMORY
    options.case_sensitive = case
    try:
        # As written first: its mistakes are the author's, not those of what is made of it.
        re2.compile(pattern.encode(), options)
    except UnicodeEncodeError as error:
        raise PatternError(
            "half a character (a lone surrogate) has no place here", error.start
        ) from None
    except re2.error as error:
        raise _explained(pattern, _reason(error)) from error
    read = outline(pattern)
    if read.nullable:
        raise PatternError("this matches the empty text, so it would be found everywhere")
    expression = read.expression
    if read.left or read.right:
        before = rf"(?:\A|[^{WORD}])" if read.left else ""
        behind = rf"(?:\z|[^{WORD}])" if read.right else ""
        expression = f"{before}({expression}){behind}"
    try:
        return Expression(re2.compile(expression.encode(), options), read)
    except re2.error as error:
        raise _explained(pattern, _reason(error)) from error


def _encoded(text: str) -> bytes:
    """UTF-8, in which halves of surrogate pairs, which have none, are U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", text).encode()


def _character_before(data: bytes, end: int) -> int:
    """Where the UTF-8 character before an offset starts (RFC 3629: not at a byte 10xxxxxx)."""
    at = end - 1
    while at > 0 and data[at] & 0xC0 == 0x80:
        at -= 1
    return at


def _reason(error: re2.error) -> str:
    reason = error.args[0]
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)


def _explained(pattern: str, reason: str) -> PatternError:
    """In plain words what RE2 says (its texts: ``kErrorStrings`` in re2/regexp.cc)."""
    parts = _REASON.fullmatch(reason)
    what, where = (parts[1], parts[2] or "") if parts else (reason, "")
    column = max(0, pattern.rfind(where) if what in _NAMED_LAST else pattern.find(where))
    where = where if len(where) <= _LONGEST_QUOTE else f"{where[:_LONGEST_QUOTE]}..."
    if what == "invalid perl operator" and where[:3] in ("(?=", "(?!", "(?<"):
        kind = "look-behind" if where[2] == "<" else "look-ahead"
        message = f"{kind}, {where}...), {_LINEAR}"
    elif what == "invalid escape sequence" and where[1:2].isdigit():
        message = f"a back-reference, {where}, {_LINEAR}"
    elif what == "invalid escape sequence":
        message = f"{where} means nothing here; where the sign itself is meant, take the \\ away"
    elif what == "missing )":
        message, column = "a bracket ( is never closed", len(pattern)
    elif what == "unexpected )":
        message, column = "a bracket ) was never opened", _unopened(pattern)
    elif what == "missing ]":
        message = "a bracket [ is never closed"
    elif what == "no argument for repetition operator":
        message = f"nothing stands before {where} that it could repeat"
    elif what == "bad repetition operator":
        message = f"two repetitions stand behind one another: {where}"
    elif what == "invalid repetition size":
        message = f"{where} repeats too often: at most 1,000 times in all"
    elif what.startswith("pattern too large"):
        message = "the expression is too large: repeat fewer times ({1,20}), or without limit (+)"
    else:
        message = f"RE2 refuses this: {what}{': ' if where else ''}{where}"
    return PatternError(message, column)


def _unopened(pattern: str) -> int:
    """Where the closing bracket stands for which RE2 found no opening one (it does not say)."""
    options = re2.Options()
    options.log_errors = False

    def refused(end: int) -> bool:
        try:
            re2.compile(pattern[:end].encode(), options)
        except re2.error as error:
            return _reason(error).startswith("unexpected )")
        return False

    ends = [bracket.end() for bracket in re.finditer(r"\)", pattern)]
    first = bisect_left(
        ends, True, key=refused
    )  # every longer part is refused for the same bracket
    return ends[first] - 1 if first < len(ends) else 0
