"""Dumps: from the bytes of a file to its articles, in a stream.

selection   of which source it is
container   gzip or plain
encoding    which characters
lines       which lines; none is longer than a stated maximum
landmarks   the lines a source profile knows: time lines, crawl date, boilerplate, banner
shape       title lines where no time line says so
stretch     the lines between two time lines
text        the format that puts these together
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from monitor.config import SourceSettings
from monitor.dumps.base import HEAD, Context, DumpFormat, Recall
from monitor.dumps.container import open_container
from monitor.dumps.encoding import binary_kind
from monitor.dumps.selection import beginning, select_source
from monitor.dumps.text import TextFormat
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

__all__ = ["FORMATS", "beginning", "parse", "select_source"]

FORMATS: dict[str, DumpFormat] = {"text": TextFormat()}
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
    200 MB is one BadRecord and no error. ``name`` is for messages; ``arrived`` and ``recall`` are
    as in ``Context``.

    Raises DumpError, on the first ``next``, for a dump that is empty or binary; and where gzip
    data is truncated or corrupt, after all that is whole above it and a BadRecord with the rest.
    """
    try:
        source = open_container(stream)
        head = source.peek(HEAD)
        if not head:
            source.read(1)  # tells a damaged file from an empty one
            raise DumpError("empty: there is no text in it")
        for dump_format in FORMATS.values():
            if dump_format.sniff(head):
                yield from dump_format.parse(source, profile, Context(name, arrived, recall))
                return
        raise DumpError(f"not a dump: it looks like {binary_kind(head) or 'no known format'}")
    except DumpError as error:
        raise DumpError(f"{name}: {error}") from error
