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
from monitor.rules import names, neighbours
from monitor.rules.neighbours import Neighbours
from monitor.rules.parser import QueryError
from monitor.rules.reading import LEFT, RIGHT
from monitor.rules.scan import literal
from monitor.rules.syntax import Node
from monitor.rules.tree import tree_of
from monitor.rules.triggers import WATCHED, Triggers, wakes

Report = Callable[[int, KeyPath, str, int | None], None]
"""Told of a problem: index of the rule, key in it, message, offset in its query if it is there."""


@dataclass(slots=True)
class Block:
    """``names[i]`` and ``rows[i]`` are of rule ``i``. The triggers ``texts[n]`` (with
    ``edges[n]``: 1 left, 2 right) wake the rules ``waiting[starts[n]:starts[n + 1]]``;
    ``always`` are the rules without any. Rule ``guarded[g]`` needs one of the triggers
    ``guards[guard_starts[g]:guard_starts[g + 1]]`` as well; the rules ``together`` need it in the
    same paragraph, not overlapping. Which letters may stand beside the trigger ``texts[n]`` say the
    four numbers from ``neighbours[4 * beside[n]]`` on (see ``neighbours.py``)."""

    names: list[str] = field(default_factory=list)
    rows: list[bytes] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    edges: bytearray = field(default_factory=bytearray)
    starts: array[int] = field(default_factory=lambda: array("I", (0,)))
    waiting: array[int] = field(default_factory=lambda: array("I"))
    always: array[int] = field(default_factory=lambda: array("I"))
    without_feed: array[int] = field(default_factory=lambda: array("I"))
    guarded: array[int] = field(default_factory=lambda: array("I"))
    guard_starts: array[int] = field(default_factory=lambda: array("I", (0,)))
    guards: array[int] = field(default_factory=lambda: array("I"))
    together: array[int] = field(default_factory=lambda: array("I"))
    beside: array[int] = field(default_factory=lambda: array("I"))
    neighbours: array[int] = field(default_factory=lambda: neighbours.in_columns([neighbours.ANY]))

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
            block = cls(
                names,
                rows,
                texts,
                bytearray(edges),
                *(array("I", memoryview(part).cast("I")) for part in numbers),
            )
        except (EOFError, TypeError, ValueError) as error:
            raise ValueError("not a block of rules") from error
        if (
            len(rows) != len(names)
            or len(block.starts) != len(texts) + 1
            or len(edges) != len(texts)
            or len(block.guard_starts) != len(block.guarded) + 1
            or len(block.beside) != len(texts)
        ):
            raise ValueError("not a whole block of rules")
        return block

    def _numbers(self) -> Sequence[array[int]]:
        return (
            self.starts,
            self.waiting,
            self.always,
            self.without_feed,
            self.guarded,
            self.guard_starts,
            self.guards,
            self.together,
            self.beside,
            self.neighbours,
        )


def compile_block(rules: Iterable[RuleSettings], report: Report) -> Block:
    """Check and compile rules, one after the other; those with problems are told and left out."""
    block = Block()
    index = _Index()
    keep_name, keep_row = block.names.append, block.rows.append
    for place, rule in enumerate(rules):
        number = len(block.names)
        words = _keywords(rule)
        if words is not None:
            index.add(number, _WHOLE, words)
        else:
            try:
                tree = _checked(place, rule, report)
            except _BadRuleError:
                continue
            needs = wakes(tree)
            if needs.triggers:
                index.wait(number, needs.triggers[0])
                for others in needs.triggers[1:WATCHED]:
                    index.guards[number] = [(other.text, other.edges) for other in others]
                if needs.together:
                    block.together.append(number)
            else:
                block.always.append(number)
        keep_name(rule.name)
        keep_row(marshal.dumps(_row(rule)))
        if not rule.feed:
            block.without_feed.append(number)
    index.put(block)
    return block


def joined(blocks: Sequence[Block]) -> Block:
    """The rules of all blocks as one, in their order."""
    blocks = [block for block in blocks if len(block)] or blocks[:1]
    if len(blocks) == 1:
        return blocks[0]
    whole = Block()
    index = _Index()
    for block in blocks:
        base = len(whole.names)
        whole.names += block.names
        whole.rows += block.rows
        whole.always.extend(base + number for number in block.always)
        whole.without_feed.extend(base + number for number in block.without_feed)
        whole.together.extend(base + number for number in block.together)
        expected = list(neighbours.from_columns(block.neighbours))
        triggers = list(zip(block.texts, block.edges, strict=True))
        for (text, edges), which in zip(triggers, block.beside, strict=True):
            if edges != _WHOLE:
                beside = index.beside[edges]
                beside[text] = beside.get(text, 0) | expected[which]
        for (text, edges), (start, end) in zip(triggers, pairwise(block.starts), strict=True):
            for number in block.waiting[start:end]:
                index.add(base + number, edges, (text,))
        for number, (start, end) in zip(block.guarded, pairwise(block.guard_starts), strict=True):
            index.guards[base + number] = [triggers[guard] for guard in block.guards[start:end]]
    index.put(whole)
    return whole


_Edged = tuple[str, int]
"""A trigger and its edges (see ``Block``)."""

_WHOLE = LEFT | RIGHT
"""The edges of a trigger beside which no word may go on."""


class _Index:
    """Who waits for which trigger, and who needs others as well, while a block is made.

    ``first[edges][text]`` is the number of a rule, ``others[edges][text]`` are those of further
    ones: nearly every trigger has one rule alone. None: it is only a guard. One mapping for each
    kind of edges, so that texts alone are keys and the block's columns are made of whole mappings.
    ``beside[edges][text]`` are the neighbours that any of the rules expects.
    """

    __slots__ = ("beside", "first", "guards", "others")

    def __init__(self) -> None:
        self.first: tuple[dict[str, int | None], ...] = ({}, {}, {}, {})
        self.others: tuple[dict[str, list[int]], ...] = ({}, {}, {}, {})
        self.beside: tuple[dict[str, Neighbours], ...] = ({}, {}, {}, {})
        self.guards: dict[int, Sequence[_Edged]] = {}

    def add(self, number: int, edges: int, texts: Iterable[str]) -> None:
        """Rule ``number``, the highest so far, waits for triggers of such edges."""
        first = self.first[edges]
        for text in texts:
            if first.setdefault(text, number) != number:
                self.others[edges].setdefault(text, []).append(number)

    def wait(self, number: int, triggers: Triggers) -> None:
        """The same for triggers of any kind."""
        for trigger in triggers:
            text, _, _, expected = trigger
            edges = trigger.edges
            if self.first[edges].setdefault(text, number) != number:
                self.others[edges].setdefault(text, []).append(number)
            if edges != _WHOLE:  # beside which no letter stands
                beside = self.beside[edges]
                beside[text] = beside.get(text, 0) | expected

    def put(self, block: Block) -> None:
        """Write it down in the columns of a block that has none of it yet.

        Words come before phrases: those are what is found in most articles, and what is known of
        them is close together in memory.
        """
        guards: tuple[set[str], ...] = (set(), set(), set(), set())
        for wanted in self.guards.values():
            for text, edges in wanted:
                guards[edges].add(text)
                if edges != _WHOLE:
                    self.beside[edges][text] = neighbours.ANY
        places: list[dict[str, int]] = []  # of the guards
        kinds: dict[Neighbours, int] = {neighbours.ANY: 0}
        for edges, (first, others) in enumerate(zip(self.first, self.others, strict=True)):
            asked = guards[edges]
            first |= dict.fromkeys(asked - first.keys())
            texts = [text for text in first if " " not in text]
            texts += [text for text in first if " " in text]
            numbered = enumerate(texts, len(block.texts))
            places.append({text: place for place, text in numbered if text in asked})
            block.texts += texts
            block.edges += bytes((edges,)) * len(texts)
            beside = self.beside[edges]
            if beside:
                which = [kinds.setdefault(beside[text], len(kinds)) for text in texts]
                block.beside.fromlist(which)
            else:
                block.beside.frombytes(bytes(4 * len(texts)))
            _put_waiting(block, texts, first, others)
        for number, wanted in self.guards.items():
            block.guarded.append(number)
            block.guards.extend([places[edges][text] for text, edges in wanted])
            block.guard_starts.append(len(block.guards))
        block.neighbours = neighbours.in_columns(kinds)


def _put_waiting(
    block: Block, texts: Iterable[str], first: dict[str, int | None], others: dict[str, list[int]]
) -> None:
    """The rules that wait for each of these triggers, in the order of the texts."""
    waiting: list[int] = []
    starts: list[int] = []
    before = len(block.waiting)
    for text in texts:
        number = first[text]
        if number is not None:
            waiting.append(number)
            if text in others:
                waiting += others[text]
        starts.append(before + len(waiting))
    block.waiting.fromlist(waiting)
    block.starts.fromlist(starts)


def _keywords(rule: RuleSettings) -> Iterable[str] | None:
    """The triggers of a rule of nothing but ``any``, as most are, where all is well with it; all
    stand between words.

    They are what ``_checked`` would give; but to make a tree of a few words, and to look for the
    rarest in it, takes five times as long.
    """
    if not rule.any or rule.all or rule.none or rule.entity is not None:
        return None
    found: dict[str, None] = {}
    for word in rule.any:
        text = literal(word)
        if not (text and text[0].isalnum() and text[-1].isalnum()):
            return None
        found[text] = None
    return found


def settings_of(row: bytes) -> RuleSettings:
    """The settings of a rule from its row."""
    return RuleSettings.model_validate(marshal.loads(row))  # noqa: S302 - our own


def labels_of(rows: Iterable[bytes]) -> Iterator[str]:
    """The names of the rules' own labels, from their rows, some more than once."""
    for row in rows:
        if b"labels" in row:
            yield from marshal.loads(row).get("labels", ())  # noqa: S302 - our own


def asks_for_counters(row: bytes) -> bool:
    """Whether the rule may ask for views, their growth or time; its query has them as they are
    written."""
    return b"views:" in row or b"published:" in row or asks_for_growth(row)


def asks_for_growth(row: bytes) -> bool:
    """Whether the rule may ask how fast views grow."""
    return b"growth:" in row


class _BadRuleError(Exception):
    """The rule has problems, which are reported."""


def _checked(index: int, rule: RuleSettings, report: Report) -> Node:
    """The rule's tree. Raises _BadRuleError, after telling of each problem."""
    problems: list[tuple[KeyPath, str, int | None]] = []
    if rule.query is None:  # else there is nothing of all this
        for key in ("any", "all", "none"):
            for place, word in enumerate(getattr(rule, key)):
                if not any(map(str.isalnum, literal(word))):
                    said = f"{word!r} has no letter or digit to look for"
                    problems.append(((key, place), said, None))
        if rule.entity is not None:
            found = names.problems(rule.entity)
            problems += [(("entity", *path), said, None) for path, said in found]
    if not problems:
        try:
            tree = tree_of(rule)
        except QueryError as error:
            problems.append((("query",), error.message, error.column))
    for path, said, offset in problems:
        report(index, path, said, offset)
    if problems:
        raise _BadRuleError
    return tree


def _row(rule: RuleSettings) -> dict[str, Any]:
    """What the rule sets, as plain values."""
    values = rule.__dict__  # its fields; to ask the model for each takes twice as long
    row = {key: values[key] for key in rule.model_fields_set}
    if rule.entity is not None:
        row["entity"] = {key: getattr(rule.entity, key) for key in rule.entity.model_fields_set}
    if "labels" in row:
        row["labels"] = dict(row["labels"])
    return row
