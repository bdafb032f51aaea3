"""What a dump format is, and the bytes it reads from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from monitor.config import SourceSettings
from monitor.model import Article, BadRecord

MAX_ARTICLE = 8 * 1024 * 1024
"""Characters; a longer article is a bad record and is not held in memory."""

HEAD = 64 * 1024
"""How many bytes a format may look at before it says whether the dump is its own."""

MAX_RAW = 64 * 1024
"""A bad record keeps at most this many characters of the text that was rejected."""


class Bytes(Protocol):
    """Bytes in order, unpacked. ``monitor.dumps.container.Source`` is the one implementation."""

    def read(self, size: int) -> bytes:
        """Exactly ``size`` bytes, fewer only at the end, none after it.

        Raises DumpError where the bytes end early or are damaged, after all those before.
        """
        ...

    def peek(self, size: int) -> bytes:
        """What the next ``read(size)`` would return, without taking it."""
        ...

    def recover(self) -> bool:
        """After ``read`` raised: whether it can go on behind the damage.

        What is read then begins with a packed stream of its own, as each record of a
        ``.warc.gz`` is one. Only for formats that find their way again from anywhere.
        """
        ...


class Recall(Protocol):
    """What the monitor has seen before, of one source, for cutters that are in doubt."""

    def titles(self, lines: Collection[str]) -> Set[str]:
        """Those of these lines that are titles of stored articles."""
        ...

    def paragraphs(self, lines: Collection[str]) -> Set[str]:
        """Those of these lines that are paragraphs of stored articles."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a dump besides its bytes: its ``name``, when it ``arrived`` (aware UTC),
    and what was seen before. With nothing of it, a dump is cut by its bytes alone."""

    name: str = ""
    arrived: datetime | None = None
    recall: Recall | None = None


class DumpFormat(Protocol):
    """One way in which a dump may be written."""

    def sniff(self, head: bytes) -> bool:
        """Whether a dump that starts with ``head`` (up to ``HEAD`` bytes) is of this format."""
        ...

    def parse(
        self, source: Bytes, profile: SourceSettings, context: Context
    ) -> Iterator[Article | BadRecord]:
        """Cut the dump, in its own order, in bounded memory; raises DumpError.

        Articles and bad records are numbered from 0 without a gap.
        """
        ...
