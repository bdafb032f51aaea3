"""JSON Feed 1.0 and 1.1: https://www.jsonfeed.org/version/1.1/."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from monitor.config import SourceSettings
from monitor.dumps.base import Bytes, Context
from monitor.dumps.encoding import as_utf8, detect
from monitor.dumps.json.values import Damage, Value, records
from monitor.dumps.json.window import Window
from monitor.dumps.markup import html_paragraphs
from monitor.dumps.record import Record, article_of
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

_SNIFFED = 16 * 1024  # bytes
_VERSION = re.compile(
    r'[\s\ufeff]*\{.*?"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org', re.S
)
_LANGUAGE = re.compile(r'"language"\s*:\s*"([A-Za-z-]{2,20})"')


def is_json_feed(head: bytes) -> bool:
    """By the version, which stands first or nearly so."""
    return _VERSION.match(_text(head)) is not None


def cut_json_feed(
    source: Bytes, profile: SourceSettings, context: Context
) -> Iterator[Article | BadRecord]:
    """Its items, as they are read; raises DumpError where the feed is damaged around them."""
    top = _text(source.peek(_SNIFFED)).partition('"items"')[0]
    language = found[1] if (found := _LANGUAGE.search(top)) else None
    window = Window(as_utf8(source, profile.encoding))
    index = -1
    for index, item in enumerate(records(window, "items")):
        yield _segment(item, index, language, profile, context)
    if window.error is not None:
        raise window.error
    if index < 0:
        raise DumpError("empty: there is no item in the feed")


def _segment(
    item: Value | Damage,
    index: int,
    language: str | None,
    profile: SourceSettings,
    context: Context,
) -> Article | BadRecord:
    if isinstance(item, Damage):
        return BadRecord(index, item.line, item.reason, item.raw)
    if not isinstance(item.value, Mapping):
        return BadRecord(index, item.line, "an item that is no object", item.raw)
    values = _values(item.value, language)
    record = Record(item.line, values, raw=item.raw)
    return article_of(record, profile, index=index, arrived=context.arrived)


def _values(item: Mapping[str, object], language: str | None) -> dict[str, object]:
    """The item under its own names, for ``fields``, with what is usual beside them."""
    values = dict(item)
    html, text = item.get("content_html"), item.get("content_text")
    values["body"] = html_paragraphs(html) if isinstance(html, str) else text or item.get("summary")
    values["published"] = item.get("date_published") or item.get("date_modified")
    values["url"] = item.get("url") or item.get("external_url")
    values["language"] = item.get("language") or language
    return values


def _text(head: bytes) -> str:
    encoding, mark = detect(head, None)
    return head[mark:_SNIFFED].decode(encoding, "replace")
