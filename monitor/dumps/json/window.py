"""The text of a dump, of which only a part is held: from the value that is read to what is known
of what follows."""

from __future__ import annotations

import re

from monitor.dumps.base import Bytes
from monitor.dumps.encoding import Decoder
from monitor.errors import DumpError

BLOCK = 256 * 1024
"""Bytes read at once, at least."""

BEHIND = 256
"""Characters before ``at`` that are kept."""

# Line feeds, separators of RFC 7464, and marks of files that were joined.
_SPACE = re.compile("[ \t\n\r\x1e\ufeff]*")


class Window:
    """``text`` from ``at`` on is what comes next; ``line`` is that of ``at``, from 1.

    ``error`` is why the dump breaks off, once ``more`` has come to that place.
    """

    def __init__(self, source: Bytes) -> None:
        self._source = source
        self._decoder = Decoder()
        self._left = b""
        self._dropped = 0
        self.text = ""
        self.at = 0
        self.line = 1
        self.ended = False
        self.error: DumpError | None = None

    @property
    def ahead(self) -> int:
        """How many characters are known of what follows."""
        return len(self.text) - self.at

    @property
    def place(self) -> str:
        """Where ``at`` is, for messages."""
        return f"line {self.line} (character {self._dropped + self.at + 1} of the dump)"

    @property
    def line_so_far(self) -> str | None:
        """What stands before ``at`` in its line; None if that is more than ``BEHIND``."""
        before = self.text[max(self.at - BEHIND, 0) : self.at]
        _, feed, line = before.rpartition("\n")
        return line if feed or len(before) == self.at + self._dropped else None

    def more(self) -> bool:
        """Read on, at least as much again as is held; False at the end."""
        wanted, known = max(BLOCK, self.ahead), self.ahead
        dropped = max(self.at - BEHIND, 0)
        parts = [self.text[dropped:]]
        while wanted > 0 and not self.ended:
            part = self._block()
            parts.append(part)
            wanted -= len(part)
        self.text = "".join(parts)
        self.at -= dropped
        self._dropped += dropped
        return self.ahead > known

    def _block(self) -> str:
        try:
            chunk = self._source.read(BLOCK)
        except DumpError as error:
            self.error, chunk = error, b""
        block = self._left + chunk
        self.ended = not chunk
        cut = len(block) if self.ended else block.rfind(b"\n") + 1 or _whole(block)
        self._left = block[cut:]
        return self._decoder.decode(block[:cut])

    def advance(self, size: int) -> None:
        """Pass over so many characters of ``text``."""
        self.line += self.text.count("\n", self.at, self.at + size)
        self.at += size

    def next(self) -> str:
        """The next character that is no white space, which is passed over; "" at the end."""
        while True:
            space = _SPACE.match(self.text, self.at)
            if space is not None and space.end() > self.at:
                self.advance(space.end() - self.at)
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""


def _whole(block: bytes) -> int:
    """How much of it ends with a whole character of UTF-8; of a code page, any byte is one."""
    for back in range(1, min(4, len(block)) + 1):
        if block[-back] & 0xC0 == 0xC0:
            return len(block) - back
        if block[-back] < 0x80:
            break
    return len(block)
