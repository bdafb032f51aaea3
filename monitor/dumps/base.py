"""What a dump format is, and the bytes it reads from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from monitor.config import SourceSettings
from monitor.model import Article, BadRecord

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


class DumpFormat(Protocol):
    """One way in which a dump may be written."""

    def sniff(self, head: bytes) -> bool:
        """Whether a dump that starts with ``head`` (up to ``HEAD`` bytes) is of this format."""
        ...

    def parse(self, source: Bytes, profile: SourceSettings) -> Iterator[Article | BadRecord]:
        """Cut the dump, in its own order, in bounded memory; raises DumpError."""
        ...
