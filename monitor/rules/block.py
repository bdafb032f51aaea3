"""The rules of one file, compiled as far as can be kept: plain values only.

A block holds each rule as ``marshal`` bytes (its settings, from which what evaluates it is made
when it is first a candidate) and the triggers of all of them. 100,000 rules take some 30 MB so,
and are read back in a fraction of a second.
"""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from monitor.config.settings import RuleSettings
from monitor.config.yaml import Path as KeyPath
from monitor.rules import names
from monitor.rules.parser import QueryError
from monitor.rules.reading import Trigger
from monitor.rules.scan import in_word, literal
from monitor.rules.syntax import positive
from monitor.rules.tree import tree_of
from monitor.rules.triggers import triggers

Report = Callable[[int, KeyPath, str, int | None], None]
"""Told of a problem: index of the rule, key in it, message, offset in its query if it is there."""


@dataclass(slots=True)
class Block:
    """``names[i]`` and ``rows[i]`` are of rule ``i``. The triggers ``texts[n]`` (with
    ``edges[n]``: 1 left, 2 right) wake the rules ``waiting[starts[n]:starts[n + 1]]``;
    ``always`` are the rules without any."""

    names: list[str] = field(default_factory=list)
    rows: list[bytes] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    edges: bytearray = field(default_factory=bytearray)
    starts: array[int] = field(default_factory=lambda: array("I", (0,)))
    waiting: array[int] = field(default_factory=lambda: array("I"))
    always: array[int] = field(default_factory=lambda: array("I"))
    without_feed: array[int] = field(default_factory=lambda: array("I"))

    def __len__(self) -> int:
        return len(self.names)

    def dump(self) -> bytes:
        """The block as bytes, for this version of Python on this kind of machine."""
        return marshal.dumps(
            (
                self.names,
                self.rows,
                self.texts,
                bytes(self.edges),
                *(part.tobytes() for part in self._numbers()),
            )
        )

    @classmethod
    def load(cls, data: bytes) -> Block:
        """The other way. Raises ValueError where that is not what ``dump`` gave.

        ``marshal`` makes nothing but plain values, but is not made for hostile bytes: whoever
        keeps them checks that they are whole.
        """
        try:
            names, rows, texts, edges, *numbers = marshal.loads(data)  # noqa: S302
            starts, waiting, always, without_feed = (
                array("I", memoryview(part).cast("I")) for part in numbers
            )
        except (EOFError, TypeError, ValueError) as error:
            raise ValueError("not a block of rules") from error
        if len(rows) != len(names) or len(starts) != len(texts) + 1 or len(edges) != len(texts):
            raise ValueError("not a whole block of rules")
        return cls(names, rows, texts, bytearray(edges), starts, waiting, always, without_feed)

    def _numbers(self) -> Sequence[array[int]]:
        return self.starts, self.waiting, self.always, self.without_feed


def compile_block(rules: Iterable[RuleSettings], report: Report) -> Block:
    """Check and compile rules, one after the other; those with problems are told and left out."""
    block = Block()
    woken: dict[Trigger, list[int]] = {}
    for index, rule in enumerate(rules):
        number = len(block.names)
        try:
            wakes = _checked(index, rule, report)
        except _BadRuleError:
            continue
        block.names.append(rule.name)
        block.rows.append(marshal.dumps(_row(rule)))
        if not rule.feed:
            block.without_feed.append(number)
        if wakes is None:
            block.always.append(number)
        for trigger in wakes or ():
            if trigger in woken:
                woken[trigger].append(number)
            else:
                woken[trigger] = [number]
    for trigger, numbers in woken.items():
        block.texts.append(trigger.text)
        text, left, right = trigger
        left, right = left and in_word(text[0]), right and in_word(text[-1])
        block.edges.append(left | right << 1)
        block.waiting.extend(numbers)
        block.starts.append(len(block.waiting))
    return block


def joined(blocks: Sequence[Block]) -> Block:
    """The rules of all blocks as one, in their order."""
    if len(blocks) == 1:
        return blocks[0]
    whole = Block()
    woken: dict[tuple[str, int], list[int]] = {}
    for block in blocks:
        base = len(whole.names)
        whole.names += block.names
        whole.rows += block.rows
        whole.always.extend(base + number for number in block.always)
        whole.without_feed.extend(base + number for number in block.without_feed)
        for text, edge, (start, end) in zip(
            block.texts, block.edges, pairwise(block.starts), strict=True
        ):
            numbers = [base + number for number in block.waiting[start:end]]
            woken.setdefault((text, edge), []).extend(numbers)
    for (text, edge), numbers in woken.items():
        whole.texts.append(text)
        whole.edges.append(edge)
        whole.waiting.extend(numbers)
        whole.starts.append(len(whole.waiting))
    return whole


def settings_of(row: bytes) -> RuleSettings:
    """The settings of a rule from its row."""
    return RuleSettings.model_validate(marshal.loads(row))  # noqa: S302 - our own


def labels_of(rows: Iterable[bytes]) -> Iterator[str]:
    """The names of the rules' own labels, from their rows, some more than once."""
    for row in rows:
        if b"labels" in row:
            yield from marshal.loads(row).get("labels", ())  # noqa: S302 - our own


def asks_for_counters(row: bytes) -> bool:
    """Whether the rule may ask for views or time; its query has them as they are written."""
    return b"views:" in row or b"published:" in row


class _BadRuleError(Exception):
    """The rule has problems, which are reported."""


def _checked(index: int, rule: RuleSettings, report: Report) -> tuple[Trigger, ...] | None:
    """The rule's triggers."""
    problems: list[tuple[KeyPath, str, int | None]] = []
    for key in ("any", "all", "none"):
        for place, word in enumerate(getattr(rule, key)):
            if not any(map(str.isalnum, literal(word))):
                problems.append(
                    ((key, place), f"{word!r} has no letter or digit to look for", None)
                )
    if rule.entity is not None:
        problems += [(("entity", *path), said, None) for path, said in names.problems(rule.entity)]
    if not problems:
        try:
            tree = tree_of(rule)
            if not positive(tree):
                said = "needs something to look for: what only rules out would match nearly all"
                problems.append((("query",), said, 0))
        except QueryError as error:
            problems.append((("query",), error.message, error.column))
    for path, said, offset in problems:
        report(index, path, said, offset)
    if problems:
        raise _BadRuleError
    return triggers(tree)


def _row(rule: RuleSettings) -> dict[str, Any]:
    """What the rule sets, as plain values."""
    row = {key: getattr(rule, key) for key in rule.model_fields_set}
    if rule.entity is not None:
        row["entity"] = {key: getattr(rule.entity, key) for key in rule.entity.model_fields_set}
    if "labels" in row:
        row["labels"] = dict(row["labels"])
    return row
