"""Rules and matches, as all but the engine see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Evidence(NamedTuple):
    """Why a rule matched: ``text == field_value[start:end]`` in the original ``title``/``body``.

    A tuple, as are matches: they are made by the hundred for an article, and a dataclass takes
    three times as long. A clause about ``views``, ``published``, ``source``, ``language`` or
    ``url`` has that for its field and the whole value for its text.
    """

    clause: str
    field: str
    start: int
    end: int
    text: str


class Match(NamedTuple):
    """A rule that matched one text, with at least one piece of evidence."""

    rule: str
    evidence: tuple[Evidence, ...]


class Matches(list[Match]):
    """The matches of one article. ``undecided``: rules that would have taken too long for it; of
    them nothing is known."""

    __slots__ = ("undecided",)

    def __init__(self) -> None:
        super().__init__()
        self.undecided: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """What alerts need to know of a rule: when it tells, and its labels for routes.

    ``on`` names the events that alert: new, revised, started, dropped. Of edits, only those of
    one of the kinds ``changes`` do (``EditKind``; none named: all but cosmetic ones), with
    ``added`` only where what matches is text that the edit added.
    """

    on: tuple[str, ...] = ("new", "revised")
    priority: str = "normal"
    labels: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    added: bool = False
