"""Dumps: from the bytes of a file to its articles, in a stream.

selection   of which source a file is
container   the files in it: packed, archived, or itself
encoding    which characters
lines       which lines; none is longer than a stated maximum
FORMATS     one module for each way to write a dump; see below
record      from named values, as structured formats have them, to an article
times       what they say of time
flags       what makes a cut less sure
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from monitor.config import SourceSettings
from monitor.dumps.base import HEAD, Context, DumpFormat, Recall
from monitor.dumps.container import ExhaustedError, Member, Source, open_members
from monitor.dumps.encoding import binary_kind, known_kind
from monitor.dumps.export import ExportFormat
from monitor.dumps.feed import FeedFormat
from monitor.dumps.html import HtmlFormat
from monitor.dumps.json import JsonFormat
from monitor.dumps.leftovers import Leftovers, kind_by_name
from monitor.dumps.mail import MailFormat
from monitor.dumps.selection import beginning, select_source
from monitor.dumps.text import TextFormat
from monitor.dumps.warc import WarcFormat
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

__all__ = ["FORMATS", "beginning", "parse", "select_source"]

_FEED, _HTML, _JSON = FeedFormat(), HtmlFormat(), JsonFormat()

FORMATS: dict[str, DumpFormat] = {
    "warc": WarcFormat(html=_HTML, feed=_FEED, json=_JSON),
    "feed": _FEED,
    "html": _HTML,
    "json": _JSON,
    "mail": MailFormat(),
    "export": ExportFormat(),
    "text": TextFormat(),  # takes whatever is text
}
"""By name, in the order in which they are asked; the first that takes the dump has it."""


def parse(
    stream: BinaryIO,
    profile: SourceSettings,
    *,
    name: str,
    arrived: datetime | None = None,
    recall: Recall | None = None,
) -> Iterator[Article | BadRecord]:
    """Cut the dump in ``stream`` into articles, in its order, as they are read.

    Memory does not grow with the dump. A piece that cannot be an article (too large, holding a
    line that is too long or binary, ...) comes as BadRecord in its place; a dump of one line of
    200 MB is one BadRecord and no error. So does a file in an archive that cannot be read, and
    the others go on. ``name`` is for messages; ``arrived`` and ``recall`` are as in ``Context``.

    Raises DumpError, on the first ``next``, for a dump that is empty or binary; and where packed
    data or an archive is truncated or corrupt, after all that is whole above it and a BadRecord
    with the rest.
    """
    try:
        yield from _segments(stream, profile, Context(name, arrived, recall))
    except DumpError as error:
        raise DumpError(f"{name}: {error}") from error


def _segments(
    stream: BinaryIO, profile: SourceSettings, context: Context
) -> Iterator[Article | BadRecord]:
    """The segments of all files in a dump, numbered through; raises DumpError."""
    index = 0
    leftovers = Leftovers()
    for member in open_members(stream):
        if member.name and (kind := _no_dump(member, profile)):
            leftovers.add(member.name, kind)
            continue
        for segment in _member_segments(member, profile, context):
            yield _placed(segment, index, member.name) if member.name else segment
            index += 1
    yield from leftovers.segments(index)
    if not index and not leftovers:
        raise DumpError("empty: there is no file in it")


def _no_dump(member: Member, profile: SourceSettings) -> str:
    """What a file in an archive is if it is certainly no dump; else ""."""
    if member.source is None:
        return ""
    if kind := kind_by_name(member.name):
        return kind
    found = _format(member.source.peek(HEAD), profile)
    return found if isinstance(found, str) else ""


def _member_segments(
    member: Member, profile: SourceSettings, context: Context
) -> Iterator[Article | BadRecord]:
    """The segments of one file, numbered from 0; of one in an archive, its error as the last."""
    segment: Article | BadRecord | None = None
    index = 0
    try:
        if member.source is None:
            raise DumpError(member.reason)
        if member.name:
            context = replace(context, name=f"{context.name}/{member.name}")
        for segment in _cut(member.source, profile, context):
            yield segment
            index += 1
    except ExhaustedError:
        raise
    except DumpError as error:
        if not member.name:
            raise
        if not isinstance(segment, BadRecord) or str(error) not in segment.reason:
            yield BadRecord(index, 1, str(error), "", whole=False)


def _cut(
    source: Source, profile: SourceSettings, context: Context
) -> Iterator[Article | BadRecord]:
    head = source.peek(HEAD)
    if not head:
        source.read(1)  # tells a damaged file from an empty one
        raise DumpError("empty: there is no text in it")
    found = _format(head, profile)
    if isinstance(found, str):
        raise DumpError(f"not a dump: it looks like {found}")
    yield from found.parse(source, profile, context)


def _format(head: bytes, profile: SourceSettings) -> DumpFormat | str:
    """The format of a dump that starts with ``head``; if it is none, what it is."""
    named = FORMATS.get(profile.format)
    if named is not None:
        # Some binary data in the beginning of a dump of a known format costs what it stands in.
        text = profile.format == "text"
        kind = binary_kind(head, declared=True) if text else known_kind(head)
        return kind or named
    for dump_format in FORMATS.values():
        if dump_format.sniff(head):
            return dump_format
    return binary_kind(head) or "no known format"


def _placed(segment: Article | BadRecord, index: int, member: str) -> Article | BadRecord:
    """A segment of a file in an archive, as one of the whole dump."""
    if isinstance(segment, BadRecord):
        return replace(segment, index=index, reason=f"{member}: {segment.reason}")
    return replace(segment, index=index) if segment.index != index else segment
