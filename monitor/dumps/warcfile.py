"""From the bytes of a WARC file to its records, past those that are damaged.

WARC 1.1 (https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/) frames a
record by its Content-Length and two line ends. Where what follows is no record, the length is wrong
or the next header is; then the next line ``WARC/1.x`` is looked for, first inside the block. warcio
reads the headers; its own iterator stops at the first damage, and would hold lines of any length.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from monitor.dumps.base import MAX_RAW, Bytes
from monitor.errors import DumpError

MAX_BLOCK = 16 * 1024 * 1024
"""Bytes; of a record with a larger block nothing is held."""
MAX_HEADER = 64 * 1024

_CHUNK = 256 * 1024
_VERSION = re.compile(rb"WARC/(?:0\.\d{1,2}|1\.[01])\r?\n")
_NAMES = (b"WARC-", b"Content-")  # what the headers of records begin with
_LONGEST_MARKER = 32
_HEADER_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Block:
    """A record: its ``number`` in the file from 1, its headers by name in small letters, its
    block, empty where that is not wanted."""

    number: int
    headers: dict[str, str]
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Broken:
    """What is no record, or none that can be read, and why; ``data`` is its beginning."""

    number: int
    reason: str
    data: bytes


def read_blocks(
    source: Bytes, wanted: Callable[[dict[str, str]], bool]
) -> Iterator[Block | Broken]:
    """All records, in bounded memory; the blocks of those that are ``wanted`` by their headers.

    Raises DumpError at the end, where the file ends early.
    """
    ahead = _Ahead(source)
    number = 0
    while ahead.skip_line_ends():
        number += 1
        yield _read_block(ahead, number, wanted)
    if ahead.error is not None:
        raise ahead.error


def _read_block(
    ahead: _Ahead, number: int, wanted: Callable[[dict[str, str]], bool]
) -> Block | Broken:
    ahead.fill(MAX_HEADER)
    if not ahead.starts_with_version():
        raw = ahead.skip_to_marker()
        return Broken(number, ahead.recovered(raw) or "no WARC record", raw)
    first = ahead.find_header_end(MAX_HEADER)
    if first is None:
        raw = ahead.skip_to_marker()
        if not ahead.held:
            return Broken(number, ahead.breaks_off(), raw)
        return Broken(number, "a header that does not end", raw)
    headers = _headers(ahead.slice(0, first))
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdecimal() and len(length) < 16):
        return Broken(number, "a record without its length", ahead.skip_to_marker())
    if "warc-type" not in headers:
        return Broken(number, "a record without its type", ahead.skip_to_marker())
    last = first + int(length)
    if int(length) > MAX_BLOCK:
        return _skip_large(ahead, number, headers, first, told=wanted(headers))
    ahead.fill(last + _LONGEST_MARKER)
    if broken := _misframed(ahead, number, first, last):
        return broken
    data = ahead.slice(first, last) if wanted(headers) else b""
    ahead.take(last)
    return Block(number, headers, data)


def _misframed(ahead: _Ahead, number: int, first: int, last: int) -> Broken | None:
    """Whether the block ends elsewhere than its length says; if so, it is passed over."""
    behind = ahead.slice(last, last + _LONGEST_MARKER)
    rest = behind.lstrip(b"\r\n")
    if ahead.held >= last and (rest.startswith(b"WARC/") or not rest):
        return None
    inner = ahead.find_marker(first, last + _LONGEST_MARKER)  # it may end in the next header
    if inner is not None and inner < last:
        raw = ahead.slice(0, min(inner, MAX_RAW))
        ahead.take(inner)
        return Broken(number, "its length is wrong: another record begins in it", raw)
    if ahead.held < last:
        raw = ahead.slice(0, MAX_RAW)
        ahead.take(ahead.held)
        return Broken(number, ahead.breaks_off(), raw)
    if len(rest) < len(behind):
        return None  # the damage is behind it
    return Broken(number, "its length is wrong: it goes on behind its end", ahead.skip_to_marker())


def _skip_large(
    ahead: _Ahead, number: int, headers: dict[str, str], first: int, *, told: bool
) -> Block | Broken:
    """Pass over a block that is not held. A record that begins in it shows that its length, absurd
    perhaps, is wrong."""
    raw = ahead.slice(0, MAX_RAW)
    ahead.take(first)
    left = int(headers["content-length"])
    while left > 0:
        ahead.fill(_CHUNK)
        if not ahead.held:
            return Broken(number, ahead.breaks_off(), raw)
        inner = ahead.find_marker(0, min(left, ahead.held))
        if inner is not None:
            ahead.take(inner)
            return Broken(number, "its length is wrong: another record begins in it", raw)
        size = min(left, ahead.held)
        if size == ahead.held and not ahead.ended:
            size -= _LONGEST_MARKER  # perhaps the beginning of a marker
        ahead.take(size)
        left -= size
    if told:
        return Broken(number, f"a record of more than {MAX_BLOCK >> 20} MiB", raw)
    return Block(number, headers)


def _headers(head: bytes) -> dict[str, str]:
    """By name in small letters; of several with one name the first."""
    parser: Any = _parser()
    found: dict[str, str] = {}
    for name, value in parser.parse(io.BytesIO(head)).headers:
        found.setdefault(name.strip().lower(), value.strip())
    if "warc-type" in found:
        found["warc-type"] = found["warc-type"].lower()
    return found


@cache
def _parser() -> Any:
    from warcio.statusandheaders import StatusAndHeadersParser

    return StatusAndHeadersParser(["WARC/"])


class _Ahead:
    """The next bytes of a file, as many as were asked for; offsets count from the next one.

    ``error`` is why the file ends early, known once its end is reached.
    """

    def __init__(self, source: Bytes) -> None:
        self._source = source
        self._data = b""
        self._at = 0
        self._recovered = ""
        self.ended = False
        self.error: DumpError | None = None

    @property
    def held(self) -> int:
        return len(self._data) - self._at

    def fill(self, size: int) -> None:
        """Hold so many bytes, fewer at the end only."""
        if self.held >= size or self.ended:
            return
        # Half as much again: however little is taken each time, copying stays in proportion.
        missing = max(size - self.held, self.held // 2, _CHUNK)
        parts = [self._data[self._at :]]
        while missing > 0 and not self.ended:
            try:
                part = self._source.read(min(missing, _CHUNK))
            except DumpError as error:
                if self._source.recover():
                    self._recovered = str(error)
                    part = f"\n\n{error}\n".encode()  # no record, and told as such
                else:
                    self.error, part = error, b""
            parts.append(part)
            missing -= len(part)
            self.ended = not part
        self._data, self._at = b"".join(parts), 0

    def take(self, size: int) -> None:
        self._at += min(size, self.held)

    def slice(self, first: int, last: int) -> bytes:
        return self._data[self._at + first : self._at + last]

    def starts_with_version(self) -> bool:
        return _VERSION.match(self._data, self._at) is not None

    def find_header_end(self, last: int) -> int | None:
        """Where the block begins; None if there is no empty line above ``last``."""
        found = _HEADER_END.search(self._data, self._at, self._at + last)
        return found.end() - self._at if found is not None else None

    def find_marker(self, first: int, last: int) -> int | None:
        """Where a record begins: on a line of its own, or glued to what is damaged."""
        for found in _VERSION.finditer(self._data, self._at + first, self._at + last):
            start, end = found.span()
            if self._data[start - 1 : start] == b"\n" or self._data.startswith(_NAMES, end):
                return start - self._at
        return None

    def skip_line_ends(self) -> bool:
        """Go to the next byte that is no line end; False at the end of the file."""
        while True:
            self.fill(_CHUNK)
            rest = len(self._data[self._at :].lstrip(b"\r\n"))
            self._at = len(self._data) - rest
            if rest or self.ended:
                return rest > 0

    def skip_to_marker(self) -> bytes:
        """Go to where the next record begins, past the first byte at least; the beginning of what
        was passed over."""
        raw = self.slice(0, 1)
        self.take(1)
        while True:
            self.fill(_CHUNK)
            found = self.find_marker(0, self.held)
            size = self.held if found is None else found
            if found is None and not self.ended:
                size -= min(_LONGEST_MARKER, size)
            raw += self.slice(0, min(size, MAX_RAW - len(raw)))
            self.take(size)
            if found is not None or self.ended:
                return raw

    def recovered(self, raw: bytes) -> str:
        """The damage behind which reading went on, where ``raw`` is what stands in its place."""
        error = self._recovered
        return error if error and raw.startswith(error.encode()) else ""

    def breaks_off(self) -> str:
        """The reason of a record in which the file ends, which is an error of the file."""
        self.error = self.error or DumpError("truncated: it ends inside a record")
        return f"the dump breaks off in it: {self.error}"
