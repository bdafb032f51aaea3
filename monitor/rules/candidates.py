"""Which rules to look at closely, by the triggers that stand in an article."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence, Set
from itertools import pairwise

from monitor.rules.block import Block
from monitor.rules.near import may_be_near
from monitor.rules.scan import Span


class Candidates:
    """The rules of a block by their triggers. Immutable.

    With a hundred thousand rules nearly every number is looked up in memory that is in no cache
    of the processor, which takes ten times as long as what is done with it. So all that is asked
    of a trigger stands in one place: its rules, each with the triggers of which it needs one more.
    """

    __slots__ = ("_always", "_at", "_rows", "_together")

    def __init__(self, block: Block) -> None:
        self._always = frozenset(block.always)
        guards = {
            rule: block.guards[start:end]
            for rule, (start, end) in zip(block.guarded, pairwise(block.guard_starts), strict=True)
        }
        self._together = frozenset(block.together)
        none = array("I")
        # Rule, how many others it needs one of, and these; ``_at``: where those of a trigger are.
        rows, at = array("I"), array("I", (0,))
        waiting = block.waiting
        for start, end in pairwise(block.starts):
            for rule in waiting[start:end]:
                others = guards.get(rule, none)
                rows.append(rule)
                rows.append(len(others))
                rows.extend(others)
            at.append(len(rows))
        self._rows, self._at = rows, at

    def where(self, watched: Mapping[int, Sequence[Span]], text: str) -> Set[int]:
        """The rules to evaluate where triggers stand at these places of a text."""
        if not watched:
            return self._always
        rules = set(self._always)
        rows, at, together = self._rows, self._at, self._together
        for number in watched:
            place, end = at[number], at[number + 1]
            while place < end:
                rule, other = rows[place], place + 2
                place = other + rows[place + 1]
                if other == place:
                    rules.add(rule)
                while other < place:
                    if rows[other] in watched and (
                        rule not in together
                        or may_be_near(text, watched[number], watched[rows[other]], None)
                    ):
                        rules.add(rule)
                        break
                    other += 1
        return rules
