"""An HTML page that is held as a whole, as one article or as those that it lists.

How sure an article is follows from how well what the page says of itself agrees::

    its title stands in one place only, or nowhere twice     title-unsure
    no time, none that can be read, or a day alone           undated, bad-time, date-only
    hardly any text                                          short-text
    no main part found, or too much markup to look for one   whole-page: all text, with menus
    more headings that lead away than text                   listing: the page of a section?
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from monitor.config import SourceSettings
from monitor.config.frozen import nothing
from monitor.dumps.base import MAX_RAW, Context
from monitor.dumps.charset import decode
from monitor.dumps.listing import cut_listing
from monitor.dumps.mainpart import main_text
from monitor.dumps.markup import html_paragraphs, is_hidden
from monitor.dumps.record import Record, article_of
from monitor.dumps.signals import Signals, best_title, read_signals
from monitor.dumps.times import read_stamp
from monitor.model import Article, BadRecord
from monitor.text import fold, xml_safe

MAX_PAGE = 4 * 1024 * 1024
"""Bytes; a larger page is a bad record."""
MAX_TAGS = 200_000
"""A page with more of them is a bad record."""
MAX_SEARCHED = (40_000, 1024 * 1024)
"""Tags, and characters of text. A page with more is not searched for its main part: all its text
counts."""
TOO_LARGE = f"a page of more than {MAX_PAGE >> 20} MiB"

_SHORT = 200  # characters of a text
_A_HEADING = 200  # characters of text that a heading with a link stands for, of a listing
_MIN_LINKS = 5
# Character references to what XML cannot hold: trafilatura gives up a page that has one.
_CONTROLS = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])(?!\d)|x0*(?:[0-8bcef]|1[\da-f])(?![\da-f]));?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]")
_DATA = "application/ld+json"
_UNREAD = ("style", "noscript", "template", "svg", "iframe", "object", "canvas")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a page was found, and when; the ``charset`` that HTTP said it has."""

    url: str | None = None
    crawled: date | None = None
    charset: str | None = None


def cut_page(
    data: bytes,
    profile: SourceSettings,
    context: Context,
    *,
    index: int = 0,
    line: int = 1,
    origin: Origin = Origin(),
) -> Iterator[Article | BadRecord]:
    """The articles of one page of up to ``MAX_PAGE`` bytes, numbered from ``index``; never raises.

    With ``profile.listing``, one for each item; a page of a crawl that has none is one article. A
    page without a text is one bad record.
    ``line`` stands in bad records, and in those of an item where the item begins.
    """
    text = decode(data, declared=profile.encoding, http=origin.charset)
    text = xml_safe(_CONTROLS.sub("\ufffd", text.replace("\0", "\ufffd")))
    if not text.strip():
        yield BadRecord(index, line, "an empty page", "")
        return
    if text.count("<") > MAX_TAGS:
        yield BadRecord(index, line, f"a page of more than {MAX_TAGS:,} tags", text[:MAX_RAW])
        return
    tree = _tree(text)
    records: list[Record | str] = []
    if profile.listing is not None and tree is None:
        records.append("a listing with too much markup, or nested too deeply")
    elif profile.listing is not None:
        signals = read_signals(tree, url=origin.url)
        records += cut_listing(tree, profile.listing, base=signals.base, language=signals.language)
        if not records and origin.url is None:
            records.append(f"nothing on the page is an item: {profile.listing.item}")
    if not records:  # among the pages of a crawl, few are listings
        records.append(_record(text, tree, profile, line=line, origin=origin))
    plain = profile.model_copy(update={"fields": nothing()})  # these are of other formats
    for record in records:
        if isinstance(record, str):
            yield BadRecord(index, line, record, text[:MAX_RAW])
        else:
            yield article_of(
                record, plain, index=index, crawled=origin.crawled, arrived=context.arrived
            )
        index += 1


def _tree(text: str) -> Any | None:
    """The page as a tree of what readers see; None where there is none, or too much of it."""
    if text.count("<") > MAX_SEARCHED[0]:
        return None
    from lxml import etree, html

    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False
    )
    try:
        tree = html.document_fromstring(text.encode(), parser=parser)
    except etree.LxmlError:
        return None
    if any("depth" in entry.message for entry in parser.error_log):
        return None  # the parser stopped there
    _prune(tree)
    return tree


def _prune(tree: Any) -> None:
    """Drop what readers do not see. What hides the page's own heading is only waiting for a
    script to show it."""
    for element in list(tree.iter(*_UNREAD, "script")):
        if element.tag != "script" or element.get("type") != _DATA:
            _drop(element)
    for element in tree.xpath("//*[@hidden or @style]"):
        if is_hidden(element.tag, element.attrib) and element.find(".//h1") is None:
            _drop(element)


def _drop(element: Any) -> None:
    if element.getparent() is not None:
        element.drop_tree()  # its tail stays


def _record(
    text: str,
    tree: Any | None,
    profile: SourceSettings,
    *,
    line: int,
    origin: Origin,
) -> Record | str:
    """The one article of a page, or why there is none."""
    signals = Signals()
    paragraphs: tuple[str, ...] = ()
    flags: list[str] = []
    if tree is not None:
        signals = read_signals(tree, url=origin.url)
        if len(tree.text_content()) <= MAX_SEARCHED[1]:
            paragraphs = main_text(tree)
    if not paragraphs:
        paragraphs, flags = html_paragraphs(text), ["whole-page"]
    title, sure = best_title(signals)
    if title and not sure:
        flags.append("title-unsure")
    if title and paragraphs and fold(paragraphs[0]) == fold(title):
        paragraphs = paragraphs[1:]
    if not any(map(_WORD.search, paragraphs)):
        return "a page without a text"
    address = origin.url or signals.address
    published, odd = _published(signals, profile)
    flags += odd
    size = sum(map(len, paragraphs))
    if size < _SHORT:
        flags.append("short-text")
    if _looks_like_listing(signals, size):
        flags.append("listing")
    elif signals.whole > 1 and not signals.is_article:
        flags.append("several-articles")
    values = {
        "title": title,
        "body": paragraphs,
        "published": published,
        "url": address,
        "language": signals.language,
    }
    return Record(line, values, raw=text[:MAX_RAW], flags=tuple(flags))


def _published(signals: Signals, profile: SourceSettings) -> tuple[object, tuple[str, ...]]:
    """The first time that can be read, else the first day; what is stated otherwise."""
    day = None
    for text in (*signals.times, *signals.hints):
        stamp = read_stamp(text, profile.zone, time_format=profile.time_format)
        if stamp.moment is not None and "date-only" not in stamp.flags:
            return text, ()
        if stamp.moment is not None and day is None:
            day = text
    stated = day or next(iter(signals.times), "")
    return stated, () if stated else ("undated",)


def _looks_like_listing(signals: Signals, size: int) -> bool:
    """Whether a page is rather that of a section: it has little text beside links to others."""
    return (
        not signals.is_article and signals.links >= _MIN_LINKS and size < _A_HEADING * signals.links
    )
