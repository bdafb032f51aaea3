"""Alertmanager's matchers: ``label op "value"`` with ``=``, ``!=``, ``=~`` and ``!~``.

Source: https://prometheus.io/docs/alerting/latest/configuration/#matcher (regular expressions
are anchored at both ends).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.config.types import RESERVED_LABELS

LABELS = RESERVED_LABELS
_MATCHER = re.compile(
    r"""\s*(\w+)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|((?:[^"\s=~][^"\s]*)?))\s*"""
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
    """Read one matcher. Raises ValueError that says what is wrong."""
    found = _MATCHER.fullmatch(text)
    if found is None:
        raise ValueError(f'not a matcher: {text!r} (like rule="water" or source=~"kt.*")')
    label, op, quoted, bare = found.groups()
    if label not in LABELS:
        raise ValueError(f"no such label: {label!r} (there are {', '.join(LABELS)})")
    value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None and "~" not in op else quoted
    matcher = Matcher(label, op, bare if value is None else value)
    if "~" in op:
        try:
            re.compile(matcher.value)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"not a regular expression: {matcher.value!r}: {error}") from error
    return matcher
