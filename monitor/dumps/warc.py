"""The format ``warc``: crawls (WARC 1.0 and 1.1), and the text of crawls (WET).

What becomes of a record::

    response, resource    a page (HTML), a feed, or JSON: cut as a file of that format would be
    conversion            plain text: an article, its title the first line
    anything else         passed over: requests, metadata, revisits, redirects, errors, images, ...
    damaged, too large    a bad record; its neighbours go on (monitor.dumps.warcfile)

The address of a page is that of the record, its day of crawling the record's, too.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from monitor import log
from monitor.config import SourceSettings
from monitor.config.frozen import nothing
from monitor.dumps.base import HEAD, MAX_RAW, Bytes, Context, DumpFormat
from monitor.dumps.charset import decode
from monitor.dumps.container import Source
from monitor.dumps.flags import confidence
from monitor.dumps.httpbody import BodyError, media_type, read_body, read_response
from monitor.dumps.page import MAX_PAGE, TOO_LARGE, Origin, cut_page
from monitor.dumps.record import Record, article_of
from monitor.dumps.times import read_day
from monitor.dumps.warcfile import Block, Broken, read_blocks
from monitor.errors import DumpError
from monitor.model import Article, BadRecord
from monitor.text import one_line

_PAGES = frozenset(("text/html", "application/xhtml+xml"))
_UNKNOWN = frozenset(("", "application/octet-stream", "unk"))
_READ = frozenset(("response", "resource", "conversion"))
_PASSED_OVER = frozenset(("warcinfo", "request", "metadata", "revisit", "continuation"))
_CODES = (  # WET names languages by ISO 639-3
    "ara:ar bel:be ces:cs deu:de ell:el eng:en fas:fa fra:fr heb:he hin:hi hye:hy ita:it jpn:ja"
    " kat:ka kaz:kk kir:ky kor:ko nld:nl pol:pl por:pt ron:ro rus:ru spa:es tgk:tg tuk:tk tur:tr"
    " ukr:uk uzb:uz zho:zh"
)
_LANGUAGES = {pair[:3]: pair[4:] for pair in _CODES.split()}

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class _Payload:
    """What a record is about: its media type in small letters, the charset that HTTP stated."""

    media: str
    charset: str | None
    data: bytes


class WarcFormat:
    """See the module's text."""

    def __init__(self, *, html: DumpFormat, feed: DumpFormat, json: DumpFormat) -> None:
        """The formats of what may be in a record."""
        self._html, self._feed, self._json = html, feed, json

    def sniff(self, head: bytes) -> bool:
        return head.startswith((b"WARC/1.", b"WARC/0."))

    def parse(
        self, source: Bytes, profile: SourceSettings, context: Context
    ) -> Iterator[Article | BadRecord]:
        """See DumpFormat. Raises DumpError, after all that is whole, for a file that ends early."""
        passed: Counter[str] = Counter()
        index = 0
        for block in read_blocks(source, _is_wanted):
            for segment in self._segments(block, profile, context, passed):
                yield replace(segment, index=index)
                index += 1
        if passed:
            _log.info("dump.records_passed_over", dump=context.name, **passed)

    def _segments(
        self,
        block: Block | Broken,
        profile: SourceSettings,
        context: Context,
        passed: Counter[str],
    ) -> Iterator[Article | BadRecord]:
        """What a record holds, each with any number; where it is nothing, that is counted."""
        if isinstance(block, Broken):
            whole = len(block.data) < MAX_RAW
            yield replace(_bad(block.number, block.reason, block.data), whole=whole)
            return
        try:
            payload = _payload(block)
        except BodyError as error:
            yield _bad(block.number, str(error), block.data)
            return
        if isinstance(payload, str):
            passed[payload] += 1
        elif block.headers["warc-type"] == "conversion":
            yield _plain_text(payload, block, profile, context)
        elif payload.media in _PAGES or self._is_page(payload):
            yield from _page(payload, block, profile, context)
        elif segments := self._records(payload, block, profile, context):
            yield from segments
        else:
            passed["other_media"] += 1

    def _is_page(self, payload: _Payload) -> bool:
        return payload.media in _UNKNOWN and self._html.sniff(payload.data[:HEAD])

    def _records(
        self, payload: _Payload, block: Block, profile: SourceSettings, context: Context
    ) -> list[Article | BadRecord]:
        """The records of a feed or of JSON. JSON without any article is that of a page's scripts,
        and comes to nothing, as do their images."""
        head = payload.data[:HEAD]
        feed = self._feed.sniff(head)
        if not feed and not self._json.sniff(head):
            return []
        inner = self._feed if feed else self._json
        crawled = _crawled(block, profile)
        found: list[Article | BadRecord] = []
        try:
            source = Source(io.BytesIO(payload.data).read)
            for segment in inner.parse(source, profile, context):
                if isinstance(segment, Article):
                    found.append(replace(segment, crawled=segment.crawled or crawled))
                else:
                    found.append(replace(segment, line=block.number))
        except DumpError as error:
            found.append(_bad(block.number, str(error), payload.data))
        return found if feed or any(isinstance(each, Article) for each in found) else []


def _is_wanted(headers: Mapping[str, str]) -> bool:
    return headers["warc-type"] in _READ


def _payload(block: Block) -> _Payload | str:
    """What is in a record, or why it is passed over, in one word. Raises BodyError."""
    headers = block.headers
    if headers["warc-type"] not in _READ:
        return headers["warc-type"] if headers["warc-type"] in _PASSED_OVER else "other_types"
    media, charset = media_type(headers.get("content-type", ""))
    data = block.data
    if media == "application/http":
        response = read_response(data)
        media, charset = response.media, response.charset
        if not 200 <= response.status < 300:
            return "without_success"
        data = read_body(response) if _may_be_read(media) else b""
    if not _may_be_read(media) and headers["warc-type"] != "conversion":
        return "other_media"
    return _Payload(media, charset, data) if data.strip() else "empty"


def _may_be_read(media: str) -> bool:
    return media in _PAGES or media in _UNKNOWN or media.endswith(("xml", "json"))


# ------------------------------------------------------------------ what records become


def _page(
    payload: _Payload, block: Block, profile: SourceSettings, context: Context
) -> Iterator[Article | BadRecord]:
    if len(payload.data) > MAX_PAGE:
        yield _bad(block.number, TOO_LARGE, payload.data)
        return
    origin = Origin(_address(block), _crawled(block, profile), payload.charset)
    cut_short = "warc-truncated" in block.headers
    for segment in cut_page(payload.data, profile, context, line=block.number, origin=origin):
        if cut_short and isinstance(segment, Article):
            flags = (*segment.flags, "cut-short")
            yield replace(segment, flags=flags, confidence=confidence(flags))
        else:
            yield segment


def _plain_text(
    payload: _Payload, block: Block, profile: SourceSettings, context: Context
) -> Article | BadRecord:
    """The text of a page, a paragraph a line, as WET has it: with the page's menus."""
    text = decode(payload.data, declared=profile.encoding, http="utf-8")
    lines = tuple(filter(None, map(one_line, text.splitlines())))
    spoken = block.headers.get("warc-identified-content-language", "").partition(",")[0].strip()
    values = {
        "title": lines[0] if lines else "",
        "body": lines[1:],
        "url": _address(block),
        "language": _LANGUAGES.get(spoken, spoken),
    }
    record = Record(block.number, values, raw=text[:MAX_RAW], flags=("whole-page", "undated"))
    crawled = _crawled(block, profile)
    plain = profile.model_copy(update={"fields": nothing()})  # these are of other formats
    return article_of(record, plain, index=0, crawled=crawled, arrived=context.arrived)


def _bad(number: int, reason: str, data: bytes) -> BadRecord:
    """Of a record without its headers: read alone, it would be taken for something else."""
    raw = decode(data[:MAX_RAW]).replace("\0", "\ufffd")
    return BadRecord(0, number, reason, raw, whole=False)


def _address(block: Block) -> str | None:
    """The address that was asked for; some crawlers put it in angle brackets."""
    return block.headers.get("warc-target-uri", "").strip("<>") or None


def _crawled(block: Block, profile: SourceSettings) -> date | None:
    return read_day(block.headers.get("warc-date"), profile.zone)[0]
