"""From bytes to lines, a block at a time, with a bound on the length of a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.dumps.base import MAX_RAW, Bytes
from monitor.dumps.encoding import Decoder
from monitor.errors import DumpError

MAX_LINE = 1024 * 1024
"""Bytes (of UTF-8). A longer line is never held in memory."""
BLOCK = 256 * 1024
TOO_LONG = f"is longer than {MAX_LINE >> 20} MiB"
"""The reason of a line of which only the beginning is known."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot stand in an article, and why. ``text`` is its beginning."""

    text: str
    reason: str


def read_lines(source: Bytes) -> Iterator[list[str | BadLine]]:
    """The lines of a text, without their ends, in blocks; the blocks depend on the bytes alone.

    Lines end with LF, CR LF or CR. A line of more than ``MAX_LINE`` bytes, or with a NUL, comes
    as BadLine. Raises the DumpError of ``source`` after the lines (and the piece of one) before it.
    """
    decoder = Decoder()
    head = source.peek(BLOCK)
    end = b"\n" if b"\n" in head or b"\r" not in head else b"\r"
    left = b""
    while True:
        try:
            chunk = source.read(BLOCK)
        except DumpError:
            if left:
                yield _split(left, decoder)
            raise
        if not chunk:
            break
        left += chunk
        cut = left.rfind(end) + 1
        if cut:
            block, left = left[:cut], left[cut:]
            yield _split(block, decoder)
        if len(left) > MAX_LINE:
            head, left = left[:MAX_RAW], _skip_line(source, end)
            yield [_too_long(head, decoder)]
    if left:
        yield _split(left, decoder)


def _skip_line(source: Bytes, end: bytes) -> bytes:
    """Read to the end of the line and drop it; returns what was read of the next lines.

    An error of ``source`` is left for the next read to raise again.
    """
    while True:
        try:
            chunk = source.read(BLOCK)
        except DumpError:
            return b""
        if not chunk:
            return b""
        _, found, rest = chunk.partition(end)
        if found:
            return rest


def _split(block: bytes, decoder: Decoder) -> list[str | BadLine]:
    text = decoder.decode(block)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\ufeff" in text:  # marks of dumps that were joined
        text = text.replace("\ufeff", "")
    lines = text.removesuffix("\n").split("\n")
    if len(block) > MAX_LINE or "\0" in text:
        return [_checked(line) for line in lines]
    return list[str | BadLine](lines)


def _checked(line: str) -> str | BadLine:
    if len(line) > MAX_LINE // 4 and len(line.encode()) > MAX_LINE:
        return BadLine(_printable(line[:MAX_RAW]), TOO_LONG)
    if "\0" in line:
        return BadLine(_printable(line[:MAX_RAW]), "holds NUL bytes: binary data?")
    return line


def _too_long(head: bytes, decoder: Decoder) -> BadLine:
    return BadLine(_printable(decoder.decode(head)), TOO_LONG)


def _printable(text: str) -> str:
    """Without NULs, which databases refuse."""
    return text.replace("\0", "\ufffd")
