"""From a file to its bytes: plain or gzip, told apart by the magic number.

gzip is RFC 1952: several members may follow each other, zero bytes may pad the end. The
unpacked size is capped, because a few kilobytes can unpack to any size.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import BinaryIO

from monitor import log
from monitor.errors import DumpError

GZIP_MAGIC = b"\x1f\x8b\x08"
MAX_UNPACKED = 8 * 1024**3
"""Bytes; more than this is not unpacked."""
MAX_RATIO = 500
"""Unpacked to packed bytes, once ``RATIO_FROM`` are unpacked. Text comes to 3-50."""
RATIO_FROM = 64 * 1024**2
_CHUNK = 64 * 1024
_MAX_SALVAGE = 16 * 1024**2

_log = log.get(__name__)


class Source:
    """Bytes in full helpings, however the stream below delivers them, with a look ahead.

    An error of ``pull`` is kept back until all bytes before it are read.
    """

    def __init__(self, pull: Callable[[int], bytes]) -> None:
        """``pull(size)`` returns 1 to ``size`` bytes, none at the end; may raise DumpError."""
        self._pull = pull
        self._ahead = b""
        self._error: DumpError | None = None
        self._ended = False

    def read(self, size: int) -> bytes:
        data = self.peek(size)
        self._ahead = self._ahead[len(data) :]
        if not data and size and self._error is not None:
            raise self._error
        return data

    def peek(self, size: int) -> bytes:
        missing = size - len(self._ahead)
        parts = [self._ahead]
        while missing > 0 and not self._ended:
            try:
                part = self._pull(missing)
            except DumpError as error:
                self._error, part = error, b""
            parts.append(part)
            missing -= len(part)
            self._ended = not part
        if len(parts) > 1:
            self._ahead = b"".join(parts)
        return self._ahead[:size]


class Gunzip:
    """Unpacks gzip as a stream. Nothing that could be unpacked is lost before an error."""

    def __init__(self, packed: Source) -> None:
        self._packed = packed
        self._member = zlib.decompressobj(wbits=31)
        self._input = b""
        self._taken = 0
        self._given = 0
        self._damage: DumpError | None = None

    def pull(self, size: int) -> bytes:
        """1 to ``size`` bytes, none at the end.

        Raises DumpError: truncated, damaged (zlib's words), or beyond the caps.
        """
        if self._damage is not None:
            raise self._damage
        while True:
            if self._member.eof and not self._next_member():
                return b""
            if not self._input:
                self._input = self._packed.read(_CHUNK)
                self._taken += len(self._input)
            ended = not self._input
            before = self._member.copy()
            try:
                data = self._member.decompress(self._input, size)
            except zlib.error as error:
                self._damage = DumpError(f"the gzip data is corrupt: {error}")
                if data := _salvage(before, self._input):
                    return data
                raise self._damage from error
            self._input = self._member.unconsumed_tail
            if data:
                self._given += len(data)
                self._check_size()
                return data
            if ended and not self._member.eof:
                raise DumpError(
                    f"truncated: the gzip data ends early, after {self._given} unpacked bytes"
                )

    def _next_member(self) -> bool:
        """Whether a further member follows the one that ended."""
        rest = self._member.unused_data.lstrip(b"\0")
        while len(rest) < len(GZIP_MAGIC):
            more = self._packed.read(_CHUNK)
            if not more:
                break
            self._taken += len(more)
            rest = (rest + more).lstrip(b"\0")
        if rest.startswith(GZIP_MAGIC):
            self._member, self._input = zlib.decompressobj(wbits=31), rest
            return True
        if rest:  # gunzip ignores it too; all members before it were whole
            _log.warning("dump.trailing_bytes", packed=self._taken)
        return False

    def _check_size(self) -> None:
        if self._given > MAX_UNPACKED:
            raise DumpError(f"unpacks to more than {MAX_UNPACKED >> 30} GiB")
        if self._given > RATIO_FROM and self._given > MAX_RATIO * self._taken:
            raise DumpError(
                f"unpacks to more than {MAX_RATIO} times its size: a decompression bomb?"
            )


def _salvage(member: zlib._Decompress, packed: bytes) -> bytes:
    """What ``packed`` unpacks to before the place where it is damaged.

    zlib drops all it unpacked in a call that fails, so here it gets one byte at a time.
    """
    parts: list[bytes] = []
    size = 0
    for at in range(len(packed)):
        try:
            part = member.decompress(packed[at : at + 1])
        except zlib.error:
            break
        parts.append(part)
        size += len(part)
        if size > _MAX_SALVAGE:
            break
    return b"".join(parts)


def open_container(stream: BinaryIO) -> Source:
    """The unpacked bytes of a dump file. Raises nothing; reading raises DumpError."""
    plain = Source(stream.read)
    if not plain.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC):
        return plain
    return Source(Gunzip(plain).pull)
