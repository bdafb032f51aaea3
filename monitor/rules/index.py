"""The one pass over an article: where the triggers of all rules stand, and which rules they wake.

There are two, which find the same: one in C, and one in Python for where nothing could be
compiled (see ``hatch_build.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from monitor import log
from monitor.rules import neighbours
from monitor.rules.block import Block
from monitor.rules.candidates import Candidates
from monitor.rules.reading import Trigger, Watched
from monitor.rules.scan import in_word
from monitor.rules.watch import Watch, watch_over

_log = log.get(__name__)

_VERSION = 1  # of the module in C, see ``c/module.c``

try:
    from monitor.rules import _index
except ImportError:  # installed without a C compiler
    NATIVE, _OUTDATED = False, False
else:
    # In a checkout there may be one that was compiled of older sources.
    NATIVE = getattr(_index, "VERSION", 0) == _VERSION
    _OUTDATED = not NATIVE

MakeWatch = Callable[[Sequence[str], bytes], Watch]
"""Makes what finds triggers, of their texts and edges."""


class Index(Protocol):
    """Of the triggers of a block. Immutable; threads share it."""

    def look(self, text: str) -> tuple[Watched, Sequence[int]]:
        """Where triggers stand in a ``Scan.text``, beside letters that may stand there, and the
        numbers of the rules to evaluate, each once, in their order."""

    def number(self, trigger: Trigger) -> int | None:
        """Which of the block's triggers it is; None: none of them, or one that is only looked for
        beside fewer letters."""


MakeIndex = Callable[[Block], Index]


class PlainIndex:
    """In Python, over an automaton."""

    def __init__(self, block: Block, watch: MakeWatch = watch_over) -> None:
        self._watch = watch(block.texts, bytes(block.edges))
        expected = list(neighbours.from_columns(block.neighbours))
        self._beside = {
            number: expected[which] for number, which in enumerate(block.beside) if which
        }
        self._candidates = Candidates(block)

    def look(self, text: str) -> tuple[Watched, Sequence[int]]:
        found = self._watch.find(text)
        for number in found.keys() & self._beside.keys():
            expected = self._beside[number]
            kept = [span for span in found[number] if neighbours.fit(text, *span, expected)]
            if kept:
                found[number] = kept
            else:
                del found[number]
        return found, sorted(self._candidates.where(found, text))

    def number(self, trigger: Trigger) -> int | None:
        number = self._watch.number(trigger)
        if number is not None and number in self._beside:
            return number if not trigger.beside & ~self._beside[number] else None
        return number


class NativeIndex:
    """In C; see the folder ``c``."""

    def __init__(self, block: Block) -> None:
        self._index = _index.Index(
            block.texts,
            bytes(block.edges),
            rules=len(block),
            starts=block.starts,
            waiting=block.waiting,
            always=block.always,
            guarded=block.guarded,
            guard_starts=block.guard_starts,
            guards=block.guards,
            together=block.together,
            beside=block.beside,
            neighbours=block.neighbours,
            in_word=in_word,
        )
        self.look = self._index.look

    def number(self, trigger: Trigger) -> int | None:
        return self._index.number(trigger.text, trigger.edges, *neighbours.sides(trigger.beside))


def index_over(block: Block) -> Index:
    """The quickest there is."""
    if _OUTDATED:
        _log.warning("rules.index_outdated", in_use="Python", remedy="pip install again")
    return NativeIndex(block) if NATIVE else PlainIndex(block)
