"""What an explanation is made of: the tree of a rule, each clause with its reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.model import Evidence


@dataclass(frozen=True, slots=True)
class Reason:
    """One clause at one place: ``satisfied`` says whether it speaks for the rule there.

    ``field`` is None where the clause is about no place. Else ``text`` stands in the original
    ``title`` or ``body`` from ``start`` to ``end``, as in ``model.Evidence``.
    """

    clause: str
    field: str | None
    satisfied: bool
    message: str
    start: int | None = None
    end: int | None = None
    text: str | None = None

    @classmethod
    def at(cls, evidence: Evidence, satisfied: bool, message: str) -> Reason:
        """A reason with its place."""
        clause, field, start, end, text = evidence
        return cls(clause, field, satisfied, message, start, end, text)


@dataclass(frozen=True, slots=True)
class Clause:
    """A node of the rule's tree beside the text.

    ``label`` is a clause as it was written, with the ``-`` or ``NOT`` that negates it, or a
    connective (``AND``, ``OR``, ``NOT``, ``+/-``, each perhaps behind a field: ``title: AND``).
    ``satisfied`` is whether it is true (None: not decided, it would take too long). A leaf has
    ``reasons``, a connective ``parts``; a proximity that is not found has both.

    ``wanted`` is False inside a negation, where the rule is better off if the clause is not
    true. ``optional``: nothing depends on it (``b`` in ``+a b``).
    """

    label: str
    satisfied: bool | None
    reasons: tuple[Reason, ...] = ()
    parts: tuple[Clause, ...] = ()
    wanted: bool = True
    optional: bool = False

    def leaves(self) -> Iterator[Reason]:
        """All reasons, from the first clause to the last."""
        yield from self.reasons
        for part in self.parts:
            yield from part.leaves()

    def decisive(self) -> Iterator[Clause]:
        """The clauses by which this one is what it is: of a true OR those that are true, of a
        false AND those that are false."""
        parts = [part for part in self.parts if not part.optional]
        if self.reasons or not parts:
            yield self
            return
        # The only part of a negation is what the negation is not.
        alike = [part for part in parts if part.satisfied is self.satisfied] or parts
        for part in alike:
            yield from part.decisive()


@dataclass(frozen=True, slots=True)
class Explanation:
    """What ``RuleSet.match`` says of one rule, and the reasons, clause by clause."""

    rule: str
    matched: bool
    tree: Clause

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The reasons of all clauses in a row."""
        return tuple(self.tree.leaves())
