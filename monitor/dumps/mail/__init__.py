"""The format ``mail``: one message (EML, RFC 5322) or an mbox of them.

mbox     one message after the other, in bounded memory
mime     the header, the parts, the characters of a message
letter   from a message to records
"""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_tz

from monitor.config import SourceSettings
from monitor.dumps.base import HEAD, MAX_RAW, Bytes, Context
from monitor.dumps.encoding import as_utf8
from monitor.dumps.html import read_whole
from monitor.dumps.mail.letter import raw_text, read_message
from monitor.dumps.mail.mbox import MAX_MESSAGE, Piece, begins_message, split_mbox
from monitor.dumps.mail.mime import MimeError, split_header
from monitor.dumps.record import article_of
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

__all__ = ["MAX_MESSAGE", "MailFormat"]

_BLANK = b"\xef\xbb\xbf\r\n"
_FIELDS = frozenset(("from", "date", "subject", "received", "message-id", "return-path"))
_CARRIED = ("received", "message-id", "mime-version", "return-path", "dkim-signature")


class MailFormat:
    """See the module's text."""

    def sniff(self, head: bytes) -> bool:
        """A From line with its date above a header; or a header with a sender's address and a
        date or what carriers leave. A text may well begin with "From " or "Date:"."""
        data = head.lstrip(_BLANK)
        is_mbox = begins_message(data)
        if is_mbox:
            data = data.partition(b"\n")[2]
        try:
            header, _ = split_header(data.replace(b"\r\n", b"\n"))
        except MimeError:
            return False
        if is_mbox:
            return any(name.lower() in _FIELDS for name in header)
        if "@" not in str(header.get("from", header.get("sender", ""))):
            return False
        dated = parsedate_tz(str(header.get("date", ""))[:100]) is not None
        return dated or any(name in header for name in _CARRIED)

    def parse(
        self, source: Bytes, profile: SourceSettings, context: Context
    ) -> Iterator[Article | BadRecord]:
        source = as_utf8(source, None)  # UTF-16; else each part says how it is written
        index = 0
        is_mbox = source.peek(HEAD).lstrip(_BLANK).startswith(b"From ")
        for piece in split_mbox(source) if is_mbox else _single(source):
            if piece.reason:
                yield _bad(index, piece, piece.reason)
                index += 1
                continue
            for found in read_message(piece, profile):
                if isinstance(found, str):
                    yield _bad(index, piece, found)
                else:
                    yield article_of(found, profile, index=index, arrived=context.arrived)
                index += 1
        if not index:
            raise DumpError("empty: there is no message in it")


def _bad(index: int, piece: Piece, reason: str) -> BadRecord:
    whole = len(piece.data) < MAX_RAW
    return BadRecord(index, piece.line, reason, raw_text(piece.data), whole=whole)


def _single(source: Bytes) -> Iterator[Piece]:
    data, damage = read_whole(source, MAX_MESSAGE)
    text = data.lstrip(_BLANK)
    line = 1 + data[: len(data) - len(text)].count(b"\n")
    reason = f"a message of more than {MAX_MESSAGE >> 20} MiB" if len(data) > MAX_MESSAGE else ""
    if damage is not None:
        reason = f"the dump breaks off in it: {damage}"
    if text:
        yield Piece(line, text, reason)
    if damage is not None:
        raise damage
