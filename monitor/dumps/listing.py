"""A page that lists several articles, cut by the CSS selectors of a profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from monitor.config.sources import ListingSettings
from monitor.dumps.markup import html_paragraphs
from monitor.dumps.record import Record
from monitor.dumps.signals import urljoin_safely
from monitor.text import fold, one_line


def cut_listing(
    tree: Any, listing: ListingSettings, *, base: str, language: str
) -> Iterator[Record]:
    """The records of the page's items, in its order.

    ``tree`` is an ``lxml.html`` element, ``base`` what its links are relative to. Of several items
    inside each other the outermost counts.
    """
    taken: set[Any] = set()
    for item in _select(listing.item)(tree):
        if any(above in taken for above in item.iterancestors()):
            continue
        taken.add(item)
        yield _record(item, listing, base=base, language=language)


def _record(item: Any, listing: ListingSettings, *, base: str, language: str) -> Record:
    title = next(filter(None, map(_text, _select(listing.title)(item))), "")
    link = next(iter(_select(listing.link)(item)), None)
    if link is None and item.get("href"):
        link = item  # the item is the link
    values = {
        "title": title,
        "body": _body(item, listing.body, title),
        "published": _time(item, listing.time),
        "views": _text(next(iter(_select(listing.views)(item)), None)) if listing.views else "",
        "url": urljoin_safely(base, link.get("href") or "") if link is not None else "",
        "language": language,
    }
    return Record(item.sourceline or 1, values, raw=_markup(item))


def _body(item: Any, selector: str, title: str) -> tuple[str, ...]:
    """The paragraphs below all that is selected, each once; the title is none."""
    taken: set[Any] = set()
    paragraphs: list[str] = []
    for element in _select(selector)(item):
        if not any(above in taken for above in element.iterancestors()):
            taken.add(element)
            paragraphs += html_paragraphs(_markup(element))
    return tuple(line for line in paragraphs if fold(line) != fold(title))


def _time(item: Any, selector: str) -> str:
    element = next(iter(_select(selector)(item)), None)
    if element is None:
        return ""
    return one_line(element.get("datetime") or "") or _text(element)


def _text(element: Any) -> str:
    return one_line(element.text_content()) if element is not None else ""


def _markup(element: Any) -> str:
    from lxml import etree

    text: str = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    return text


@cache
def _select(selector: str) -> Callable[[Any], list[Any]]:
    """The elements below another that a selector names. Selectors are those of the configuration:
    few, and known to be right."""
    from lxml.cssselect import CSSSelector

    chosen: Any = CSSSelector(selector, translator="html")
    return lambda element: list(chosen(element))
