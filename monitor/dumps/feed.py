"""The format ``feed``: RSS 0.9x, 1.0 and 2.0, Atom (feedparser), JSON Feed 1.x.

https://feedparser.readthedocs.io/ reads a feed as a whole, so an XML feed has a greatest size;
JSON Feed streams. A feed that is not well-formed is repaired by lxml first: feedparser's own parser
for such feeds takes quadratic time on hostile ones. What can be read is kept, and one bad record at
the end names the error; an entry in which the feed ends is a bad record too.

DOCTYPE and its entities are dropped before any parser sees them.
"""

from __future__ import annotations

import io
import re
import sys
from calendar import timegm
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html.entities import html5
from typing import Any
from urllib.parse import urljoin
from xml.parsers import expat

from monitor.config import SourceSettings
from monitor.dumps.base import MAX_RAW, Bytes, Context
from monitor.dumps.charset import decode
from monitor.dumps.html import read_whole
from monitor.dumps.jsonfeed import cut_json_feed, is_json_feed
from monitor.dumps.markup import html_paragraphs
from monitor.dumps.record import Record, article_of
from monitor.dumps.times import read_stamp
from monitor.errors import DumpError
from monitor.model import Article, BadRecord
from monitor.text import xml_safe

MAX_FEED = 8 * 1024 * 1024
"""Bytes; a larger feed (of XML) is a bad record."""
MAX_ELEMENTS = 300_000
"""Of XML; a feed with more of them is a bad record."""

_SNIFFED = 16 * 1024  # bytes
_PROLOGUE = re.compile(
    r"(?:[\s\ufeff]+|<\?[^>]*>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*", re.DOTALL
)
_ROOT = re.compile(r"<(?:\w+:)?(?:(?P<rdf>RDF)|rss|feed|channel)\b")
_ENTRY = re.compile(r"<(/?)(?:[\w.-]+:)?(?:item|entry)\b[^<>]*?(/?)>")
_REFERENCE = re.compile(r"&(?:#(\d{1,7});|#x([\da-fA-F]{1,6});|(\w{1,40});)?")
_XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))
_NAME = re.compile(r"(?:\{[^{}]*\})?[A-Za-z_][\w.-]*", re.ASCII)
_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*):")
_NAMESPACES = {  # of elements that feeds often use without saying what they are
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
}
_MAX_PREFIXES = 50
_AROUND = 2000  # characters of the text around an error


class FeedFormat:
    """See the module's text."""

    def sniff(self, head: bytes) -> bool:
        if is_json_feed(head):
            return True
        text = decode(head[:_SNIFFED])
        root = _ROOT.match(text, _prologue(text))
        return root is not None and (root["rdf"] is None or "purl.org/" in text)

    def parse(
        self, source: Bytes, profile: SourceSettings, context: Context
    ) -> Iterator[Article | BadRecord]:
        if is_json_feed(source.peek(_SNIFFED)):
            yield from cut_json_feed(source, profile, context)
            return
        data, damage = read_whole(source, MAX_FEED)
        if len(data) > MAX_FEED:
            raw = decode(data[:MAX_RAW]).replace("\0", "\ufffd")
            reason = f"a feed of more than {MAX_FEED >> 20} MiB"
            yield BadRecord(0, 1, reason, raw, whole=False)
        else:
            yield from _segments(decode(data, declared=profile.encoding), profile, context)
        if damage is not None:
            raise damage


def _segments(
    text: str, profile: SourceSettings, context: Context
) -> Iterator[Article | BadRecord]:
    text = xml_safe(text.replace("\0", "\ufffd"))
    start = _prologue(text)
    if _ROOT.match(text, start) is None and (root := _ROOT.search(text)) is not None:
        start = root.start()  # what stands above it is damaged
    text = text[start:]
    try:
        feed = _well_formed(text)
    except _TooManyError:
        yield BadRecord(0, 1, f"a feed of more than {MAX_ELEMENTS:,} elements", text[:MAX_RAW])
        return
    parsed = _parse(feed.text)
    entries = parsed.entries
    cut_off = _cut_off(text) if feed.error else None
    if cut_off is not None:
        entries = entries[:-1]
    index = -1
    for index, entry in enumerate(entries):
        record = _record(dict(entry), index + 1, dict(parsed.feed), profile)
        yield article_of(record, profile, index=index, arrived=context.arrived)
    if cut_off is not None:
        line = text.count("\n", 0, cut_off) + 1
        reason = f"the feed ends in it: {feed.error}"
        yield BadRecord(index + 1, line, reason, text[cut_off : cut_off + MAX_RAW])
    elif feed.error:
        at = max(feed.place - _AROUND // 2, 0)
        reason = f"the feed is not well-formed: {feed.error}"
        yield BadRecord(index + 1, feed.line, reason, text[at : at + _AROUND], whole=False)
    elif index < 0:
        raise DumpError("empty: there is no entry in the feed")


class _TooManyError(Exception):
    """The feed has more than ``MAX_ELEMENTS``."""


@dataclass(frozen=True, slots=True)
class _Feed:
    """``text`` is well-formed XML; ``error`` says what was not, "" for nothing, and where."""

    text: str
    error: str = ""
    line: int = 1
    place: int = 0


def _well_formed(text: str) -> _Feed:
    """The feed as it is if that is well-formed; else with HTML's character references, loose
    ampersands and undeclared prefixes put right; else as much as lxml makes of it."""
    if _error(text) is None:
        return _Feed(text)
    referenced = _declare(_REFERENCE.sub(_reference, text))
    found = _error(referenced)
    if found is None:
        return _Feed(referenced)
    from lxml import etree

    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, huge_tree=True, encoding="utf-8"
    )
    try:
        tree: Any = etree.fromstring(referenced.encode(), parser)
    except etree.XMLSyntaxError:
        tree = None
    repaired = "" if tree is None else etree.tostring(_plainly_named(tree), encoding="unicode")
    if _error(repaired) is not None:
        repaired = ""
    message, line, place = found
    return _Feed(repaired, message, line, place)


def _plainly_named(tree: Any) -> Any:
    """Elements and attributes with names that expat takes; lxml takes more, of later XML."""
    for element in tree.iter("*"):
        if _NAME.fullmatch(element.tag) is None:
            element.tag = "unnamed"
        for name in filter(lambda name: _NAME.fullmatch(name) is None, list(element.attrib)):
            del element.attrib[name]
    return tree


def _declare(text: str) -> str:
    """With a declaration, at the root, for each prefix that has none anywhere."""
    missing = sorted(
        prefix for prefix in set(_PREFIX.findall(text)) if f"xmlns:{prefix}" not in text
    )
    added = "".join(
        f' xmlns:{prefix}="{_NAMESPACES.get(prefix, f"urn:x-undeclared:{prefix}")}"'
        for prefix in missing[:_MAX_PREFIXES]
    )
    root = _ROOT.match(text)
    return text[: root.end()] + added + text[root.end() :] if root is not None else text


def _error(text: str) -> tuple[str, int, int] | None:
    """What feedparser's parser would stumble over: a message, the line, the character."""
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    elements = 0

    def count(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal elements
        elements += 1
        if elements > MAX_ELEMENTS:
            raise _TooManyError

    parser.StartElementHandler = count
    data = text.encode()
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        place = len(data[: max(parser.ErrorByteIndex, 0)].decode("utf-8", "ignore"))
        return expat.ErrorString(error.code), error.lineno, place
    return None


def _reference(found: re.Match[str]) -> str:
    """What may stand in XML for a reference, or for a bare ampersand."""
    decimal, hexadecimal, name = found.groups()
    if name is not None:
        if name in _XML_NAMES:
            return found[0]
        return html5.get(f"{name};", "&amp;" + found[0][1:])
    if decimal is None and hexadecimal is None:
        return "&amp;"
    code = int(decimal) if decimal is not None else int(hexadecimal, 16)
    return found[0] if code <= sys.maxunicode and xml_safe(chr(code)) else "\ufffd"


def _parse(text: str) -> Any:
    """What feedparser makes of well-formed text; no entries of an empty one."""
    import feedparser

    data = io.BytesIO(text.encode())  # a text alone might be taken for an address
    return feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)


def _prologue(text: str) -> int:
    """Where the root element begins, white space, comments and DOCTYPE left behind."""
    found = _PROLOGUE.match(text)
    return found.end() if found is not None else 0


def _cut_off(text: str) -> int | None:
    """Where the last entry begins, if the feed ends before that does."""
    begin = None
    for tag in _ENTRY.finditer(text):
        if tag[1]:
            begin = None
        elif not tag[2]:
            begin = tag.start()
    return begin


# ------------------------------------------------------------------ entries


def _record(
    entry: Mapping[str, Any], number: int, feed: Mapping[str, Any], profile: SourceSettings
) -> Record:
    """An entry under feedparser's names, for ``fields``, with what is usual beside them."""
    values: dict[str, object] = dict(entry)
    content = _content(entry)
    values["title"] = " ".join(_paragraphs(entry.get("title_detail", {})))
    values["body"] = _paragraphs(content)
    values["published"] = _published(entry, profile)
    values["url"] = _joined(feed.get("link"), entry.get("link"))
    values["language"] = content.get("language") or feed.get("language")
    return Record(number, values, raw=str(content.get("value", "")))


def _content(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The longest of the entry's contents; its summary where it has none; empty without either."""
    contents: list[Mapping[str, Any]] = [
        each for each in entry.get("content", ()) if each.get("value")
    ]
    summary: Mapping[str, Any] = entry.get("summary_detail", {})
    return max(contents, key=lambda each: len(each["value"]), default=summary)


def _paragraphs(detail: Mapping[str, Any]) -> tuple[str, ...]:
    text = str(detail.get("value") or "")
    return tuple(text.splitlines()) if detail.get("type") == "text/plain" else html_paragraphs(text)


def _published(entry: Mapping[str, Any], profile: SourceSettings) -> object:
    """The time as it stands where that can be read, so that its zone is kept; else as feedparser
    understood it, in UTC."""
    for name in ("published", "updated", "created"):
        if stated := entry.get(name):
            stamp = read_stamp(stated, profile.zone, time_format=profile.time_format)
            parsed = entry.get(f"{name}_parsed")
            if stamp.moment is None and parsed is not None:
                return datetime.fromtimestamp(timegm(parsed), UTC)
            return stated
    return None


def _joined(base: object, address: object) -> str:
    try:
        return urljoin(str(base or ""), str(address or "").strip())
    except ValueError:
        return ""
