"""The format ``json``: records as objects (RFC 8259), in whatever way several stand in a file.

window     the text of the dump, of which a bounded part is held
values     one value after the other, and the way past one that is damaged
layout     where in a dump the records stand
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from monitor.config import SourceSettings
from monitor.dumps.base import Bytes, Context
from monitor.dumps.encoding import as_utf8, detect
from monitor.dumps.json.layout import find_records
from monitor.dumps.json.values import Damage, Value, beginning, records
from monitor.dumps.json.window import Window
from monitor.dumps.record import Record, article_of
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

__all__ = ["JsonFormat"]

_SNIFFED = 4096  # bytes
_OBJECT = r'\{\s*(?:"(?:[^"\\]|\\.)*"\s*:|\}\s*(?:$|[\n\x1e]))'
_START = re.compile(rf"[\s\ufeff\x1e]*(?:{_OBJECT}|\[\s*{_OBJECT}|\[\s*\]\s*$)")


class JsonFormat:
    """JSON Lines, text sequences (RFC 7464), values one behind the other, one list of records, or
    documents that hold one."""

    def sniff(self, head: bytes) -> bool:
        encoding, mark = detect(head, None)
        text = head[mark : mark + _SNIFFED].decode(encoding, "replace")
        return _START.match(text) is not None

    def parse(
        self, source: Bytes, profile: SourceSettings, context: Context
    ) -> Iterator[Article | BadRecord]:
        """See DumpFormat. A record that is damaged, or no object, is a bad record; DumpError is
        raised where what is around the records is damaged or ends early."""
        window = Window(as_utf8(source, profile.encoding))
        path = find_records(beginning(window), profile)
        index = -1
        for index, found in enumerate(records(window, path)):
            yield _segment(found, index, profile, context)
        if window.error is not None:
            raise window.error
        if index < 0:
            raise DumpError("empty: there is no record in it")


def _segment(
    found: Value | Damage, index: int, profile: SourceSettings, context: Context
) -> Article | BadRecord:
    if isinstance(found, Damage):
        return BadRecord(index, found.line, found.reason, found.raw)
    if not isinstance(found.value, Mapping):
        kind = _KINDS.get(type(found.value), "nothing")
        return BadRecord(index, found.line, f"no record but {kind}", found.raw)
    record = Record(found.line, found.value, found.raw)
    return article_of(record, profile, index=index, arrived=context.arrived)


_KINDS = {str: "a text", list: "a list", int: "a number", float: "a number", bool: "true or false"}
