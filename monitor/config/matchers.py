"""Alertmanager's matchers: ``label op "value"`` with ``=``, ``!=``, ``=~`` and ``!~``.

Source: https://prometheus.io/docs/alerting/latest/configuration/#matcher (regular expressions
are RE2's and anchored at both ends; a label that is not there is the empty text). RE2 takes time in
proportion to the text: none that somebody types, in a silence say, can hold up a transaction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import re2

_MATCHER = re.compile(
    r"""\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"""
    r"""(?:"((?:[^"\\]|\\.)*)"|((?:[^"\s=~][^"\s]*)?))\s*"""
)

_MEMORY = 1 << 20
"""Bytes that an expression's program may take."""


class _Program(Protocol):
    """What is used of google-re2's compiled expression (it has no type hints)."""

    def fullmatch(self, text: bytes) -> object | None: ...


@dataclass(frozen=True, slots=True)
class Matcher:
    """One comparison of one label."""

    label: str
    op: str
    value: str

    def matches(self, actual: str) -> bool:
        """Whether the label's actual value satisfies the comparison."""
        if self.op in ("=", "!="):
            return (actual == self.value) == (self.op == "=")
        found = _compiled(self.value).fullmatch(_encoded(actual))
        return (found is not None) == (self.op == "=~")


@lru_cache(maxsize=4_096)
def _compiled(pattern: str) -> _Program:
    """Raises re2.error."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    program: _Program = re2.compile(_encoded(pattern), options)
    return program


def _encoded(text: str) -> bytes:
    """As RE2 takes it, which takes halves of surrogate pairs too (of an argument in another
    encoding, say)."""
    return text.encode("utf-8", "surrogatepass")


def parse_matcher(text: str) -> Matcher:
    """Read one matcher. Raises ValueError that says what is wrong.

    Whether there is such a label is not asked here: rules bring labels of their own.
    """
    found = _MATCHER.fullmatch(text)
    if found is None:
        raise ValueError(f'not a matcher: {text!r} (like rule="water" or source=~"kt.*")')
    label, op, quoted, bare = found.groups()
    value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None and "~" not in op else quoted
    matcher = Matcher(label, op, bare if value is None else value)
    if "~" in op:
        try:
            _compiled(matcher.value)
        except re2.error as error:
            (reason,) = error.args
            said = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
            raise ValueError(f"not a regular expression: {matcher.value!r}: {said}") from error
    return matcher
