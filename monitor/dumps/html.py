"""The format ``html``: a page of one article, or with ``listing`` in the profile of several."""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.config import SourceSettings
from monitor.dumps.base import MAX_RAW, Bytes, Context
from monitor.dumps.charset import decode
from monitor.dumps.page import MAX_PAGE, TOO_LARGE, cut_page
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

_CHUNK = 256 * 1024
_SNIFFED = 16 * 1024  # bytes
# White space, XML and processing instructions, comments: what may stand above the first tag.
_PROLOGUE = re.compile(r"(?:\s+|<\?[^>]*>|<!--.*?(?:-->|\Z))*", re.DOTALL)
_DOCUMENT = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
# https://mimesniff.spec.whatwg.org/#rule-for-identifying-an-unknown-mime-type, without those tags
# that may well begin a line of text
_FRAGMENT = re.compile(
    r"<(?:article|section|main|div|table|ul|ol|p|h[1-6]|title|meta|link|style|script|iframe)\b",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-z][a-z0-9]*\b[^<>]*>", re.IGNORECASE)


class HtmlFormat:
    """See the module's text."""

    def sniff(self, head: bytes) -> bool:
        text = decode(head[:_SNIFFED])
        start = _PROLOGUE.match(text)
        at = start.end() if start is not None else 0
        if _DOCUMENT.match(text, at):
            return True
        return bool(_FRAGMENT.match(text, at)) and len(_TAG.findall(text, at, at + 4096)) > 2

    def parse(
        self, source: Bytes, profile: SourceSettings, context: Context
    ) -> Iterator[Article | BadRecord]:
        data, damage = read_whole(source, MAX_PAGE)
        if damage is not None:
            yield _bad(f"the dump breaks off in it: {damage}", data)
            raise damage
        if len(data) > MAX_PAGE:
            yield _bad(TOO_LARGE, data)
        else:
            yield from cut_page(data, profile, context)


def read_whole(source: Bytes, limit: int) -> tuple[bytes, DumpError | None]:
    """All bytes, and the error that they end with if any.

    Of more than ``limit`` bytes the first ``limit`` + 1; the others are read past.
    """
    parts: list[bytes] = []
    size = 0
    try:
        while chunk := source.read(_CHUNK):
            if size <= limit:
                parts.append(chunk[: limit + 1 - size])
            size += len(chunk)
    except DumpError as error:
        return b"".join(parts), error
    return b"".join(parts), None


def _bad(reason: str, data: bytes) -> BadRecord:
    raw = decode(data[:MAX_RAW]).replace("\0", "\ufffd")
    return BadRecord(0, 1, reason, raw, whole=len(data) < MAX_RAW)
