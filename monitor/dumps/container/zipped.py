"""ZIP archives (PKWARE's APPNOTE 6.3), read from front to back by their local headers.

So they are read in a stream, without a temporary file and with memory that does not grow with
the number of members, and what is whole of a truncated one is found; the directory at the end is
not asked. Where a writer did not know a member's size in advance, the packed data tells its end,
or the descriptor behind it does.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from monitor.dumps.container.limits import Budget, ExhaustedError
from monitor.dumps.container.member import Member
from monitor.dumps.container.source import CHUNK, Part, Source
from monitor.dumps.container.streams import BZIP2, DEFLATE, XZ, ZSTD, Packing, Unpacker
from monitor.errors import DumpError

LOCAL = b"PK\x03\x04"
_DESCRIPTOR = b"PK\x07\x08"
_BEHIND = (b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x08")  # no member follows these
_SPLIT = (_DESCRIPTOR, b"PK00")  # before the first member of what was meant for several disks

_HEADER = struct.Struct("<4x2xHH4xIIIHH")  # section 4.3.7, without the version and the time
_EXTRA = struct.Struct("<HH")
_UNKNOWN = 0xFFFFFFFF  # the size stands in the extra field
_ZIP64 = 1
_WHAT = "the ZIP archive"

_ENCRYPTED = 1 << 0
_STREAMED = 1 << 3
_UTF8 = 1 << 11
_STORED = 0
_PACKINGS: dict[int, Packing] = {8: DEFLATE, 12: BZIP2, 93: ZSTD, 95: XZ}
_UNREAD = {9: "Deflate64", 14: "LZMA", 97: "WavPack", 98: "PPMd"}
_OTHER_FILES = ("[content_types].xml", "mimetype", "_rels/", "word/", "xl/", "ppt/", "meta-inf/")


def is_zip(head: bytes) -> bool:
    """Whether these bytes begin a ZIP archive, an empty one included."""
    return head.startswith((LOCAL, b"PK\x05\x06")) or (
        head.startswith(_SPLIT) and head[4:8] == LOCAL
    )


def zip_members(archive: Source, budget: Budget) -> Iterator[Member]:
    """What the archive holds, each to be read before the next is asked for.

    Behind damaged bytes the next header is looked for. Raises DumpError where the archive ends
    early, after all that is whole, and for a document of an office program.
    """
    if archive.peek(4) in _SPLIT:
        archive.read(4)
    name = ""
    while True:
        signature = archive.peek(4)
        if signature in _BEHIND:
            return
        if signature == LOCAL:
            header = _read_header(archive)
            if not name and header.name.lower().startswith(_OTHER_FILES):
                raise DumpError("not a dump: it looks like an office document, a book or a program")
            name = header.name
            yield from _member(archive, header, budget)
        elif not signature:
            archive.read(1)  # raises where the bytes do not end but break off
            raise DumpError(f"truncated: {_WHAT} ends early")
        else:
            skipped = _resync(archive)
            if not archive.peek(1):
                continue
            reason = f"damaged: no ZIP header; {skipped} bytes skipped"
            yield Member(f"behind {name}", None, reason)


@dataclass(frozen=True, slots=True)
class _Header:
    """A local header. ``packed`` is the size in the archive, None where it is not known yet."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int | None
    unpacked: int
    wide: bool  # sizes of the descriptor are of eight bytes

    @property
    def unread(self) -> str:
        """Why the member cannot be read; "" if it can."""
        if self.flags & _ENCRYPTED or self.method == 99:
            return "encrypted"
        if self.method != _STORED and self.method not in _PACKINGS:
            return f"packed in a way that is not read ({_UNREAD.get(self.method, self.method)})"
        return ""


def _read_header(archive: Source) -> _Header:
    fixed = _whole(archive, _HEADER.size)
    flags, method, crc, packed, unpacked, name_size, extra_size = _HEADER.unpack(fixed)
    raw_name, extra = _whole(archive, name_size), _whole(archive, extra_size)
    wide = _extra(extra, _ZIP64)
    if wide is not None:
        large = [int.from_bytes(wide[at : at + 8], "little") for at in range(0, len(wide) - 7, 8)]
        if unpacked == _UNKNOWN and large:
            unpacked = large.pop(0)
        if packed == _UNKNOWN and large:
            packed = large.pop(0)
    return _Header(
        name=_name(raw_name, utf8=bool(flags & _UTF8)),
        flags=flags,
        method=method,
        crc=crc,
        packed=None if flags & _STREAMED and packed in (0, _UNKNOWN) else packed,
        unpacked=unpacked,
        wide=wide is not None,
    )


def _whole(archive: Source, size: int) -> bytes:
    data = archive.read(size)
    if len(data) < size:
        raise DumpError(f"truncated: {_WHAT} ends early")
    return data


def _extra(extra: bytes, wanted: int) -> bytes | None:
    """The content of an extra field (section 4.5), None where there is none of this kind."""
    while len(extra) >= _EXTRA.size:
        kind, size = _EXTRA.unpack_from(extra)
        if kind == wanted:
            return extra[_EXTRA.size : _EXTRA.size + size]
        extra = extra[_EXTRA.size + size :]
    return None


def _name(raw: bytes, *, utf8: bool) -> str:
    """UTF-8 where it is, said or not; else the code page of DOS, as the standard has it."""
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        name = raw.decode("utf-8", "replace") if utf8 else raw.decode("cp437")
    return name.replace("\\", "/")


def _member(archive: Source, header: _Header, budget: Budget) -> Iterator[Member]:
    """One member; what its reader left of it is passed over."""
    body = _Body(archive, header, budget)
    if not header.name.endswith("/"):
        reason = header.unread
        yield Member(header.name, None if reason else Source(body.pull), reason)
    try:
        body.finish()
    except ExhaustedError:
        raise
    except DumpError:
        if body.known or not archive.peek(1):
            raise
        # Its reader was told. Where it ends is not known: zip_members looks for the next header.


class _Body:
    """The bytes of one member, whose size and checksum (CRC-32) are compared at its end."""

    def __init__(self, archive: Source, header: _Header, budget: Budget) -> None:
        self._archive = archive
        self._header = header
        self.known = header.packed is not None
        self._part: Part | None = None
        self._crc = 0
        self._given = 0
        self._ended = False
        self._inner = self._open(budget)

    def _open(self, budget: Budget) -> Callable[[int], bytes]:
        header, packed = self._header, self._archive
        if header.packed is not None:
            self._part = Part(packed, header.packed, _WHAT)
            packed = Source(self._part.pull)
        if header.method == _STORED or header.unread:
            return packed.read if self.known else self._until_descriptor
        return Unpacker(packed, _PACKINGS[header.method], budget, alone=True).pull

    def pull(self, size: int) -> bytes:
        """For a Source. Raises DumpError, at the end also where the checksum is not right."""
        data = self._inner(size)
        if data:
            self._crc = zlib.crc32(data, self._crc)
            self._given += len(data)
        elif not self._ended:
            self._finish_packed()
            if (self._crc, self._given & _UNKNOWN) != self._expected():
                raise DumpError("damaged: its checksum is wrong")
        return data

    def finish(self) -> None:
        """Go to the member's end; raises DumpError where that is not found."""
        if self._ended:
            return
        if self.known:
            self._finish_packed()
            self._expected()
            return
        while self.pull(4 * CHUNK):
            pass

    def _finish_packed(self) -> None:
        self._ended = True
        if self._part is not None:
            self._part.finish()

    def _expected(self) -> tuple[int, int]:
        """``(CRC-32, size modulo 2**32)`` as the archive has them.

        Reads the descriptor if there is one, with its mark or without, of 32 or 64 bits.
        """
        header = self._header
        if not header.flags & _STREAMED:
            return header.crc, header.unpacked & _UNKNOWN
        mark = len(_DESCRIPTOR) if self._archive.peek(4) == _DESCRIPTOR else 0
        wide = header.wide
        if not wide and self._archive.peek(mark + 20)[mark + 12 :][:2] != b"PK":
            wide = self._archive.peek(mark + 24)[mark + 20 :][:2] == b"PK"
        descriptor = self._archive.read(mark + (20 if wide else 12))[mark:]
        width = 8 if wide else 4
        return (
            int.from_bytes(descriptor[:4], "little"),
            int.from_bytes(descriptor[4 + width :], "little") & _UNKNOWN,
        )

    def _until_descriptor(self, size: int) -> bytes:
        """Stored data whose size nobody said: up to a descriptor that has just this size."""
        ahead = self._archive.peek(max(size, CHUNK))
        at = ahead.find(_DESCRIPTOR)
        if at == 0:
            if self._is_own_descriptor(ahead):
                return b""
            at = 1
        elif at < 0:
            at = len(ahead) - len(_DESCRIPTOR) + 1
            if at <= 0:
                raise DumpError(f"truncated: {_WHAT} ends early")
        return self._archive.read(min(at, size))

    def _is_own_descriptor(self, ahead: bytes) -> bool:
        crc, packed = struct.unpack_from("<II", ahead + bytes(8), 4)
        if packed != self._given & _UNKNOWN:
            return False
        return crc == self._crc or ahead[16:18] == b"PK" or ahead[24:26] == b"PK"


def _resync(archive: Source) -> int:
    """Go to the next header; returns how many bytes were passed over."""
    skipped = 0
    while ahead := archive.peek(4 * CHUNK):
        places = [ahead.find(mark, 1) for mark in (LOCAL, *_BEHIND[:2])]
        at = min((place for place in places if place > 0), default=-1)
        if at > 0:
            archive.read(at)
            return skipped + at
        passed = max(len(ahead) - 3, 1)
        archive.read(passed)
        skipped += passed
    return skipped
