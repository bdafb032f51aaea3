"""From the bytes of an mbox (RFC 4155) to its messages, one held at a time.

A message begins at a line "From address date" above a header. Such a line in a text is quoted by
"mboxo" and "mboxrd" (">From "); where it is not, its date or what stands below it tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.dumps.base import MAX_RAW, Bytes
from monitor.errors import DumpError

MAX_MESSAGE = 16 * 1024 * 1024
"""Bytes of a message with its attachments; a larger one is a bad record and is not held."""

_CHUNK = 256 * 1024
_AHEAD = 1024  # bytes that tell whether a line begins a message
_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_TIME = rb"\d{1,2}:\d\d(?::\d\d)?"
_ZONES = rb"(?:[ ]+(?:[A-Z]{1,5}|[+-]\d{4}))*"
# As ctime(3) writes it, with zones before or after the year; or as in a Date field.
_DATE = (
    rb"(?:" + _DAY + rb" +" + _MONTH + rb" +\d{1,2} +" + _TIME + _ZONES + rb" +\d{4}" + _ZONES
    + rb"|" + _DAY + rb", +\d{1,2} +" + _MONTH + rb" +\d{4} +" + _TIME + _ZONES + rb")"
)  # fmt: skip
_FIELD = rb"(?=>?From |[!-9;-~]{1,100}[ \t]*:)"
_DATED = re.compile(rb"From [^\r\n]{0,300}?\b" + _DATE + rb"[ \t]*\r?\n" + _FIELD)
# Of Thunderbird; below an empty line alone
_BARE = re.compile(rb"From[ ]-?[ \t]*\r?\n" + _FIELD)
_QUOTED = re.compile(rb"\n>(>*From )")


@dataclass(frozen=True, slots=True)
class Piece:
    """A message with the line that begins it, or the beginning of one that cannot be read."""

    line: int
    data: bytes
    reason: str = ""


def begins_message(data: bytes) -> bool:
    """Whether ``data`` begins with the line that begins a message in an mbox."""
    return _DATED.match(data) is not None or _BARE.match(data) is not None


def without_separator(data: bytes) -> bytes:
    """A message as it was before it was put into an mbox."""
    return _QUOTED.sub(rb"\n\1", data.partition(b"\n")[2])


def split_mbox(source: Bytes) -> Iterator[Piece]:
    """The messages in their order; raises the DumpError of ``source``, the open message given."""
    data, begin, seek = b"", 0, 0
    line = first = 1  # where ``begin`` is, and where the open message begins
    dropped = b""  # the beginning of one that is too large to be held
    error, ended = None, False
    while True:
        at = _next(data, max(seek, begin + 1), ended)
        seek = at.place
        if at.found:
            yield from _piece(first, dropped, data[begin:seek], "")
            line += data.count(b"\n", begin, seek)
            begin, first, dropped = seek, line, b""
            continue
        if ended:
            break
        if seek - begin > MAX_MESSAGE:
            dropped = dropped or data[begin : begin + MAX_RAW]
            line += data.count(b"\n", begin, seek)
            begin = seek
        try:
            chunk = source.read(_CHUNK)
        except DumpError as failure:
            chunk, error = b"", failure
        data, seek, begin = data[begin:] + chunk, seek - begin, 0
        ended = not chunk
    broken = f"the dump breaks off in it: {error}" if error is not None else ""
    yield from _piece(first, dropped, data[begin:], broken)
    if error is not None:
        raise error


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the next message begins, or from where to look on once more is read."""

    place: int
    found: bool


def _next(data: bytes, seek: int, ended: bool) -> _Place:
    while True:
        before = data.find(b"\nFrom ", seek - 1)
        if before < 0:
            return _Place(max(seek, len(data) - len("\nFrom")), found=False)
        at = before + 1
        if len(data) - at < _AHEAD and not ended:
            return _Place(at, found=False)
        if _DATED.match(data, at) or (
            data[max(before - 2, 0) : before].endswith((b"\n", b"\n\r")) and _BARE.match(data, at)
        ):
            return _Place(at, found=True)
        seek = at + 1


def _piece(line: int, dropped: bytes, data: bytes, reason: str) -> Iterator[Piece]:
    if dropped or len(data) > MAX_MESSAGE:
        reason = reason or f"a message of more than {MAX_MESSAGE >> 20} MiB"
        data = (dropped or data)[:MAX_RAW]
    if data.strip() or reason:
        text = data.lstrip(b"\r\n")
        yield Piece(line + data[: len(data) - len(text)].count(b"\n"), text, reason)
