"""The beginnings of the dumps that a profile is inferred from."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from monitor.config import SourceSettings
from monitor.dumps import FORMATS, parse
from monitor.dumps.base import HEAD
from monitor.dumps.container import Member, Source, open_members
from monitor.dumps.encoding import Decoder, as_utf8, binary_kind, detect
from monitor.dumps.leftovers import kind_by_name
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

MOST = 8 * 1024 * 1024
"""Bytes of a file that are looked at, unpacked: some thousand articles. Of an archive, files are
looked at until there are so many."""
MOST_FILES = 200
"""Of an archive."""

_LEGACY = ("windows-1251", "kz1048", "windows-1252")


@dataclass(frozen=True, slots=True)
class Sample:
    """A dump, or a file of one that is an archive. ``data`` is unpacked and cut to ``MOST``."""

    name: str
    format: str
    data: bytes
    whole: bool

    @property
    def text(self) -> str:
        """Decoded as the cutter does it, lines ended by LF."""
        return _decoded(self.data)

    @property
    def lines(self) -> list[str]:
        """Lines with their white space; empty ones left out."""
        return [line for line in self.text.split("\n") if line.strip()]

    def cut(self, profile: SourceSettings) -> Iterator[Article | BadRecord]:
        """What the profile makes of it. Raises DumpError."""
        return parse(io.BytesIO(self.data), profile, name=self.name)


def read_samples(name: str, stream: BinaryIO) -> list[Sample]:
    """What there is in a dump file. Raises DumpError for one that is empty, damaged or binary.

    Of an archive what can be read counts, as for the cutter: it may hold pictures, say, too.
    """
    found: list[Sample] = []
    refused = "empty: there is no text in it"
    size = 0
    try:
        for member in open_members(stream):
            try:
                if kind_by_name(member.name) is None:
                    found.append(_sample(name, member))
                    size += len(found[-1].data)
            except DumpError as error:
                if not member.name:
                    raise
                refused = f"{member.name}: {error}"
            if size >= MOST or len(found) == MOST_FILES:
                break
    except DumpError as error:
        if not found:
            raise DumpError(f"{name}: {error}") from error
    if not found:
        raise DumpError(f"{name}: {refused}")
    return found


def _sample(name: str, member: Member) -> Sample:
    """The beginning of a file. Raises DumpError for one that is empty, damaged or binary."""
    source = member.source
    if source is None:
        raise DumpError(member.reason)
    data = source.read(MOST)
    if not data.strip():
        source.read(1)  # tells a damaged file from an empty one
        raise DumpError("empty: there is no text in it")
    head = data[:HEAD]
    kind = next((key for key, one in FORMATS.items() if one.sniff(head)), None)
    if kind is None:
        raise DumpError(f"not a dump: it looks like {binary_kind(head) or 'no known format'}")
    whole = not source.peek(1)
    if not whole and kind == "text":
        data = data[: data.rfind(b"\n") + 1] or data
    return Sample(f"{name}/{member.name}" if member.name else name, kind, data, whole)


def _decoded(data: bytes) -> str:
    source = as_utf8(Source(io.BytesIO(data).read), None)
    text = Decoder().decode(source.read(4 * MOST))
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")


def told_encoding(data: bytes) -> tuple[str | None, str]:
    """``(encoding, evidence)``; None where the cutter finds it out by a mark or by UTF-8."""
    found, mark = detect(data[:HEAD], None)
    if found != "utf-8" or mark:
        return None, f"{found}, by {'its byte order mark' if mark else 'its zero bytes'}"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)  # the end may be cut
    except UnicodeDecodeError:
        text = Decoder().decode(data)
        for name in _LEGACY:
            if data.decode(name, "replace") == text:
                return name, "by its letters"
        return None, "mixed: some lines are UTF-8, some are not"
    return None, "ASCII" if data.isascii() else "UTF-8"
