"""Packed streams: gzip (RFC 1952), bzip2, xz and zstd (RFC 8878), told by their first bytes.

Of each, several streams may follow one another, and zero bytes may pad the end. What could be
unpacked before a damage is given before its error; of bzip2 and xz up to ``_STEP`` bytes less,
because their libraries drop what the failing call unpacked. Behind it, the next stream may be
looked for.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from monitor import log
from monitor.dumps.container.limits import MAX_MEMORY, Budget, check_ratio
from monitor.dumps.container.source import CHUNK, Source
from monitor.errors import DumpError

_STEP = 4096
_TRIAL = 4096
_LONGEST_BEGIN = 10  # bytes
_MAX_SALVAGE = 16 * 1024**2

_log = log.get(__name__)


class Stream(Protocol):
    """One packed stream, with the interface of ``bz2.BZ2Decompressor``."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Up to about ``max_length`` bytes, perhaps none. Raises one of ``_DAMAGE``."""
        ...


_DAMAGE = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)


@dataclass(frozen=True, slots=True)
class Packing:
    """One way to pack: how its streams begin, how one is unpacked, how much at once."""

    name: str
    begin: re.Pattern[bytes]
    stream: Callable[[], Stream]
    step: int = 4 * CHUNK


class Unpacker:
    """Unpacks a stream, and those that follow it."""

    def __init__(
        self, packed: Source, packing: Packing, budget: Budget, *, alone: bool = False
    ) -> None:
        """``alone``: one stream only; what is behind it is left in ``packed``."""
        self._packed = packed
        self._packing = packing
        self._budget = budget
        self._alone = alone
        self._stream = packing.stream()
        self._ended = False
        self._damage: DumpError | None = None
        self._chunk = b""  # read last; the stream that was damaged began no later
        self._at_next = False  # behind damage that was told already
        self._taken = 0
        self._given = 0

    def pull(self, size: int) -> bytes:
        """For a Source. Raises DumpError: truncated, damaged (the library's words), too much."""
        if self._damage is not None:  # the libraries are not to be asked again
            raise self._damage
        while not self._ended:
            if self._stream.eof:
                self._next()
                continue
            data = self._packed.read(CHUNK) if self._stream.needs_input else b""
            ended = not data and self._stream.needs_input
            self._chunk = data or self._chunk
            self._taken += len(data)
            try:
                unpacked = self._stream.decompress(data, min(size, self._packing.step))
            except _DAMAGE as error:
                self._damage = DumpError(f"the {self._packing.name} data is corrupt: {error}")
                raise self._damage from error
            if unpacked:
                self._given += len(unpacked)
                self._budget.unpack(len(unpacked))
                check_ratio(self._given, self._taken)
                return unpacked
            if ended and not self._stream.eof:
                raise DumpError(
                    f"truncated: the {self._packing.name} data ends early,"
                    f" after {self._given} unpacked bytes"
                )
        return b""

    def resume(self) -> bool:
        """After damage: go to the next stream that can be unpacked; False if there is none."""
        if self._damage is None or self._alone:
            return False
        try:
            found = self._at_next or self._seek(self._chunk)
        except DumpError:  # of what is below; the damage is told already
            return False
        if found:
            self._stream = self._packing.stream()
            self._damage, self._at_next = None, False
        return found

    def _seek(self, chunk: bytes) -> bool:
        """Whether a stream begins behind the first byte of ``chunk``, or of what follows it; then
        that is what ``_packed`` gives next."""
        start = 1
        while chunk:
            found = self._packing.begin.search(chunk, start)
            if found is None:
                more = self._packed.read(CHUNK)
                chunk, start = (chunk[-_LONGEST_BEGIN:] + more if more else b""), 1
                continue
            start = found.start() + 1
            if self._can_unpack(chunk[found.start() :] + self._packed.peek(_TRIAL)):
                self._packed.give_back(chunk[found.start() :])
                return True
        return False

    def _can_unpack(self, beginning: bytes) -> bool:
        """Whether these bytes, cut off perhaps, begin a stream, or only look like it."""
        stream = self._packing.stream()
        try:
            return bool(stream.decompress(beginning[:_TRIAL], _TRIAL)) or not stream.eof
        except _DAMAGE:
            return False

    def _next(self) -> None:
        """A stream ended: on to the next one, if one follows."""
        self._taken -= len(self._stream.unused_data)
        self._packed.give_back(self._stream.unused_data)
        if self._alone:
            self._ended = True
            return
        while (padding := self._packed.peek(CHUNK)) and not padding[0]:
            self._packed.read(len(padding) - len(padding.lstrip(b"\0")))
        if self._packing.begin.match(padding):
            self._stream = self._packing.stream()
            return
        if padding and self._seek(self._packed.read(CHUNK)):
            self._at_next = True
            self._damage = DumpError(f"the {self._packing.name} data is corrupt: no stream begins")
            raise self._damage
        self._ended = True
        if padding:  # gunzip ignores it too; all streams before it were whole
            _log.warning("dump.trailing_bytes", packed=self._taken)
        else:
            self._packed.read(1)  # raises where the bytes do not end but break off


class Deflate:
    """A zlib stream with the interface of the others."""

    def __init__(self, wbits: int) -> None:
        self._zlib = zlib.decompressobj(wbits)
        self._error: zlib.error | None = None

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    @property
    def needs_input(self) -> bool:
        return self._error is None and not self._zlib.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        if self._error is not None:
            raise self._error
        data = self._zlib.unconsumed_tail + data
        before = self._zlib.copy()
        try:
            return self._zlib.decompress(data, max_length)
        except zlib.error as error:
            self._error = error
            if salvaged := _salvage(before, data):
                return salvaged
            raise


def _salvage(stream: zlib._Decompress, packed: bytes) -> bytes:
    """What ``packed`` unpacks to before the place where it is damaged.

    zlib drops all it unpacked in a call that fails, so here it gets one byte at a time.
    """
    parts: list[bytes] = []
    size = 0
    for at in range(len(packed)):
        try:
            part = stream.decompress(packed[at : at + 1])
        except zlib.error:
            break
        parts.append(part)
        size += len(part)
        if size > _MAX_SALVAGE:
            break
    return b"".join(parts)


class Zstd:
    """One frame of zstd, unpacked block by block; a skippable frame unpacks to nothing.

    The library does not bound what a call gives, and a block of four bytes may stand for 128 KiB,
    so blocks are told apart here (RFC 8878, section 3.1) and handed over one at a time.
    """

    def __init__(self) -> None:
        import zstandard  # costs 50 ms, and most dumps do without

        self._frame = zstandard.ZstdDecompressor(max_window_size=MAX_MEMORY).decompressobj()
        self._error = zstandard.ZstdError
        self._packed = bytearray()
        self._next: Literal["header", "block", "checksum", "skip"] = "header"
        self._checksum = False
        self._skip = 0
        self.eof = False

    @property
    def unused_data(self) -> bytes:
        return bytes(self._packed) if self.eof else b""

    @property
    def needs_input(self) -> bool:
        return not self.eof and len(self._packed) < self._wanted()

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """The next block, of at most 128 KiB, whatever ``max_length`` says."""
        self._packed += data
        size = self._wanted()
        if self.eof or len(self._packed) < size:
            return b""
        if self._next == "skip":
            size = min(self._skip, len(self._packed))
        piece = bytes(self._packed[:size])
        del self._packed[:size]
        if self._next == "skip" or _skippable(piece, self._next):
            self._pass_over(piece)
            return b""
        try:
            unpacked = self._frame.decompress(piece)
        except self._error as error:
            raise ValueError(str(error)) from error
        if self._next == "header":
            self._checksum = bool(piece[4] & 4)
            self._next = "block"
        elif self._next == "checksum" or piece[0] & 1:  # the last block
            self.eof = self._next == "checksum" or not self._checksum
            self._next = "checksum"
        return unpacked

    def _wanted(self) -> int:
        """The size of the next piece, or of what tells it."""
        packed = self._packed
        if self._next == "header":
            if len(packed) < 8 or _skippable(packed, "header"):
                return 8
            single, size, dictionary = packed[4] >> 5 & 1, packed[4] >> 6, packed[4] & 3
            return 5 + (1 - single) + (0, 1, 2, 4)[dictionary] + (single, 2, 4, 8)[size]
        if self._next == "block":
            if len(packed) < 3:
                return 3
            head = int.from_bytes(packed[:3], "little")
            return 3 + (1 if head >> 1 & 3 == 1 else head >> 3)  # 1: one byte, repeated
        return 4 if self._next == "checksum" else 1

    def _pass_over(self, piece: bytes) -> None:
        if self._next == "header":
            self._skip, self._next = int.from_bytes(piece[4:8], "little"), "skip"
        else:
            self._skip -= len(piece)
        self.eof = not self._skip


def _skippable(packed: bytes | bytearray, part: str) -> bool:
    return part == "header" and packed[1:4] == b"\x2a\x4d\x18"


def _xz() -> Stream:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_MEMORY)


GZIP = Packing("gzip", re.compile(rb"\x1f\x8b\x08(?:[\x00-\x1f]|\Z)"), lambda: Deflate(31))
BZIP2 = Packing(
    "bzip2", re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), bz2.BZ2Decompressor, _STEP
)
XZ = Packing("xz", re.compile(rb"\xfd7zXZ\x00"), _xz, _STEP)
ZSTD = Packing("zstd", re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), Zstd)
DEFLATE = Packing("deflate", re.compile(rb""), lambda: Deflate(-15))
"""Without a header, as it stands in ZIP archives."""

PACKINGS = (GZIP, BZIP2, XZ, ZSTD)
