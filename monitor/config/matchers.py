"""Alertmanager's matchers: ``label op "value"`` with ``=``, ``!=``, ``=~`` and ``!~``.

Source: https://prometheus.io/docs/alerting/latest/configuration/#matcher (regular expressions
are anchored at both ends; a label that is not there is the empty text).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MATCHER = re.compile(
    r"""\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"""
    r"""(?:"((?:[^"\\]|\\.)*)"|((?:[^"\s=~][^"\s]*)?))\s*"""
)


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
        return (re.fullmatch(self.value, actual) is not None) == (self.op == "=~")


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
            re.compile(matcher.value)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"not a regular expression: {matcher.value!r}: {error}") from error
    return matcher
