"""tar archives, read from front to back: POSIX ustar and pax (IEEE 1003.1), GNU, and old V7.

The standard library decodes a header; the way from one to the next is here, because ``tarfile``
keeps all headers in memory, reads extended ones of any size, and takes a damaged header for the
end of the archive.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.dumps.container.limits import MAX_NAME
from monitor.dumps.container.member import Member
from monitor.dumps.container.source import Part, Source
from monitor.errors import DumpError

BLOCK = tarfile.BLOCKSIZE
_ZEROS = bytes(BLOCK)
_WHAT = "the tar archive"
_ABOUT_NEXT = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME)
_SILENT = (  # hold nothing to read, or nothing about one member
    tarfile.DIRTYPE,
    tarfile.XGLTYPE,
    tarfile.GNUTYPE_LONGLINK,
    b"V",  # GNU: the name of the volume
    b"D",  # GNU: the list of a folder
)
_NO_DATA = (
    tarfile.DIRTYPE,
    tarfile.LNKTYPE,
    tarfile.SYMTYPE,
    tarfile.CHRTYPE,
    tarfile.BLKTYPE,
    tarfile.FIFOTYPE,
)
_UNREAD = {
    tarfile.LNKTYPE: "a link to another member; not followed",
    tarfile.SYMTYPE: "a symbolic link; not followed",
    tarfile.CHRTYPE: "a device, not a file",
    tarfile.BLKTYPE: "a device, not a file",
    tarfile.FIFOTYPE: "a pipe, not a file",
    tarfile.GNUTYPE_SPARSE: "a sparse file; pack it without --sparse",
    b"M": "the rest of a file of another volume",
}


def is_tar(head: bytes) -> bool:
    """Whether these bytes, ``BLOCK`` or more, begin a tar archive: its checksum must be right."""
    return len(head) >= BLOCK and _header(head[:BLOCK]) is not None


def tar_members(tape: Source) -> Iterator[Member]:
    """What the archive holds, each to be read before the next is asked for.

    Of a damaged header the next good one is looked for. Raises DumpError where the archive ends
    early, after all that is whole.
    """
    about = _About()
    name = "its beginning"
    while len(block := tape.read(BLOCK)) == BLOCK:
        if block == _ZEROS:
            if _at_end(tape):
                return
            continue
        header = _header(block)
        if header is None:
            reason = f"damaged: no tar header; {_resync(tape) + 1} blocks skipped"
            yield Member(f"behind {name}", None, reason)
            about = _About()
            continue
        has_data = header.type not in _NO_DATA
        size = about.size if about.size is not None else header.size
        part = Part(tape, size if has_data else 0, _WHAT)
        if header.type in _ABOUT_NEXT:
            about = _read_about(header, Source(part.pull), about)
        elif header.type not in _SILENT:
            name = about.name or header.name
            reason = "a sparse file" if about.sparse else _UNREAD.get(header.type, "")
            yield Member(name, None if reason else Source(part.pull), reason)
            about = _About()
        part.finish()
        Part(tape, -size % BLOCK if has_data else 0, _WHAT).finish()
    raise DumpError(f"truncated: {_WHAT} ends without its end mark")


@dataclass(frozen=True, slots=True)
class _About:
    """What extended headers say of the member that follows them."""

    name: str = ""
    size: int | None = None
    sparse: bool = False


def _header(block: bytes) -> tarfile.TarInfo | None:
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return None
    return header if header.size >= 0 else None


def _at_end(tape: Source) -> bool:
    """Whether nothing but zeros follow; joined archives have further headers behind them."""
    while (block := tape.peek(BLOCK)) == _ZEROS:
        tape.read(BLOCK)
    return _header(block) is None if len(block) == BLOCK else True


def _resync(tape: Source) -> int:
    """Go to the next header that is beyond doubt; returns how many blocks were passed over."""
    skipped = 0
    while len(block := tape.peek(BLOCK)) == BLOCK:
        if block[257:262] == b"ustar" and _header(block) is not None:
            break
        tape.read(BLOCK)
        skipped += 1
    return skipped


def _read_about(header: tarfile.TarInfo, data: Source, about: _About) -> _About:
    """What an extended header adds to what others said; one that is too large says nothing."""
    if header.size > MAX_NAME:
        return about
    text = data.read(header.size)
    if header.type == tarfile.GNUTYPE_LONGNAME:
        name = text.partition(b"\0")[0].decode("utf-8", "surrogateescape")
        return _About(name, about.size, about.sparse)
    records = _pax(text)
    size = records.get(b"size", b"")
    return _About(
        name=records.get(b"path", b"").decode("utf-8", "surrogateescape") or about.name,
        size=int(size) if size.isdigit() and len(size) < 20 else about.size,
        sparse=about.sparse or any(key.startswith(b"GNU.sparse.") for key in records),
    )


def _pax(text: bytes) -> dict[bytes, bytes]:
    """The records ``length key=value\\n`` of a pax header, as far as they are well formed."""
    records = {}
    while text:
        length, space, _ = text.partition(b" ")
        if not space or not length.isdigit() or len(length) > 6:
            break
        record = text[len(length) + 1 : int(length)]
        key, equals, value = record.partition(b"=")
        if not equals or not value.endswith(b"\n"):
            break
        records[key] = value[:-1]
        text = text[int(length) :]
    return records
