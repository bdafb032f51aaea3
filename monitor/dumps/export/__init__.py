"""The format ``export``: many articles in one text, as LexisNexis and Factiva hand them out.

documents   the lines of an export, from one document to the next
nexis       a document of LexisNexis or Nexis Uni
factiva     a document of Factiva
dates       as they print them
words       languages and numbers of words, likewise

Cover sheets, lists of what was found and closing lines are left out; other text that belongs to no
document is a bad record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from monitor.config import SourceSettings
from monitor.dumps.base import Bytes, Context
from monitor.dumps.encoding import Decoder, as_utf8, binary_kind, detect
from monitor.dumps.export.documents import Document, End, Splitter, UnreadableError
from monitor.dumps.export.factiva import is_coded, is_header, read_coded, read_plain
from monitor.dumps.export.nexis import read_numbered, read_uni
from monitor.dumps.export.words import has_other_length, language_of_name
from monitor.dumps.lines import TOO_LONG, read_lines
from monitor.dumps.record import Record, article_of
from monitor.dumps.shape import is_prose
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

__all__ = ["ExportFormat"]

_COVER = re.compile(
    r"(?:Download Request|Time Of Request|Date and Time|Job Number|Search Summary|Search Terms"
    r"|Send To|Terms|Client/Matter|Project ID|Documents \(\d+\)|©|\(c\)|Copyright)",
    re.IGNORECASE,
)
_LABELS = re.compile(
    r"^(?:LENGTH|LÄNGE|LONGUEUR|LOAD-DATE|BYLINE|SECTION|HEADLINE|BODY|LANGUAGE|SPRACHE|LANGUE"
    r"|PUBLICATION-TYPE|DATELINE):",
    re.MULTILINE,
)
_UNI = re.compile(
    r"^[ \t]*(?:Length|Länge|Longueur):[ \t]*[\d.,]{1,9}[ \t]\w+(?:[^\n]*\n){1,12}?"
    r"[ \t]*(?:Body|Volltext|Corps)[ \t]*\r?$",
    re.MULTILINE,
)


class ExportFormat:
    """See the module's text."""

    def sniff(self, head: bytes) -> bool:
        """Whether there is a line between documents, with labels or codes around it."""
        if binary_kind(head) is not None:
            return False
        encoding, mark = detect(head, None)
        data = head[mark:]
        text = Decoder().decode(data) if encoding == "utf-8" else data.decode(encoding, "replace")
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        if _UNI.search("\n".join(lines)):
            return True
        splitter = Splitter()
        for document in (*splitter.feed(lines), *splitter.finish()):
            if document.end is End.NUMBERED and _LABELS.search("\n".join(document.lines)):
                return True
            if is_coded(document.lines) or (
                document.end is End.FACTIVA and _has_header(document.lines)
            ):
                return True
        return False

    def parse(
        self, source: Bytes, profile: SourceSettings, context: Context
    ) -> Iterator[Article | BadRecord]:
        splitter, reader = Splitter(), _Reader(profile, context)
        try:
            for block in read_lines(as_utf8(source, profile.encoding)):
                for document in splitter.feed(block):
                    yield from reader.read(document)
        except DumpError as error:
            for document in splitter.finish():
                document.reason = f"the dump breaks off in it: {error}"
                yield from reader.read(document)
            raise
        for document in splitter.finish():
            yield from reader.read(document)
        if not reader.index:
            raise DumpError("empty: there is no document in it")


class _Reader:
    """From documents to segments, numbered through."""

    def __init__(self, profile: SourceSettings, context: Context) -> None:
        self._profile = profile
        self._context = context
        self.index = 0

    def read(self, document: Document) -> Iterator[Article | BadRecord]:
        """The document's segment; none of a cover sheet or the like."""
        try:
            if document.reason:
                raise UnreadableError(document.reason)
            values = _values(document)
        except UnreadableError as error:
            yield self._bad(document, str(error))
            return
        if values is None:
            return
        flags = _flags(values, self._profile)
        values["language"] = language_of_name(str(values.get("language", "")))
        record = Record(document.line, values, raw=document.raw, flags=flags)
        yield article_of(record, self._profile, index=self.index, arrived=self._context.arrived)
        self.index += 1

    def _bad(self, document: Document, reason: str) -> BadRecord:
        self.index += 1
        whole = not document.reason.endswith(TOO_LONG)
        return BadRecord(self.index - 1, document.line, reason, document.raw, whole=whole)


def _values(document: Document) -> dict[str, object] | None:
    """What a document says, None if it is none but a cover sheet; raises UnreadableError."""
    lines = document.lines
    if document.end is End.NUMBERED:
        values = read_numbered(lines)
    elif document.end is End.NEXIS:
        values = read_uni(lines)
    elif document.end is End.FACTIVA:
        values = read_coded(lines) if is_coded(lines) else read_plain(lines)
    elif is_coded(lines) or _has_header(lines) or _UNI.search("\n".join(lines)):
        raise UnreadableError("the dump ends in this document")
    elif not any(map(_COVER.match, map(str.strip, lines))) and any(map(is_prose, lines)):
        raise UnreadableError("text that belongs to no document")
    else:
        return None
    if document.number:
        values["number"] = document.number
    return values


def _has_header(lines: Sequence[str]) -> bool:
    return any(is_header(lines, at) for at in range(len(lines)))


def _flags(values: Mapping[str, object], profile: SourceSettings) -> tuple[str, ...]:
    flags = []
    if values.get("date_only") and "published" not in profile.fields:
        flags.append("date-only")
    body = values.get("body")
    if isinstance(body, tuple) and has_other_length(str(values.get("length", "")), body):
        flags.append("word-count")
    return tuple(flags)
