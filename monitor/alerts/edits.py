"""Which edits a rule wants to be told of, and why it is not told of the others. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from monitor.model import Comparison, Match, RuleInfo


@dataclass(frozen=True, slots=True)
class Edit:
    """What made one text of another: as alerts show it, and whether a span of a field (``title``
    or ``body``) of the text after has anything that the edit added."""

    shown: Comparison
    added: Callable[[str, int, int], bool]


def why_not(edit: Edit, rule: RuleInfo, match: Match, *, began: bool, goes_on: bool) -> str | None:
    """Why the rule is not told of the edit; None: it is.

    ``began``: it matches since this edit, which is told however little the edit changed: nobody
    heard of the article before. ``goes_on``: it matches the text after, so that what it matches
    may be asked to have been added.
    """
    kinds = edit.shown.kinds
    if rule.changes:
        if not set(rule.changes).intersection(kinds):
            return f"no change of {' or '.join(rule.changes)}"
    elif edit.shown.cosmetic and goes_on and not began:
        return "cosmetic edit"
    if (
        rule.added
        and goes_on
        and not any(edit.added(e.field, e.start, e.end) for e in match.evidence)
    ):
        return "nothing that it matches was added"
    return None
