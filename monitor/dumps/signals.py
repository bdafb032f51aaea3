"""What a page says of itself: its titles, its time, its address, its language, what it is.

Read from the Open Graph protocol (https://ogp.me/), schema.org's articles in JSON-LD and microdata,
and HTML's own elements. Each may be missing or wrong; ``page`` weighs them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from monitor.text import fold, one_line

_MAX_DATA = 256 * 1024  # characters of JSON-LD that are read
_MAX_BLOCKS = 20
_MAX_NODES = 500
_HINTS = 20  # elements
_LONGEST_TIME = 60  # characters
_MOST_ITEMS = 100  # article elements that are looked at, and paragraphs of each
_LEAST_TEXT = 400  # characters in paragraphs of an article that stands there as a whole
_ARTICLES = frozenset(("BlogPosting", "LiveBlogPosting", "Report", "SocialMediaPosting"))
_TIME_NAMES = (  # of meta elements, the surest first
    "article:published_time",
    "og:published_time",
    "datepublished",
    "pubdate",
    "publishdate",
    "publish_date",
    "publication_date",
    "published_time",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date",
    "date",
)
_TIMES = (
    ".//*[@itemprop='datePublished']",
    ".//time[@pubdate]",
    ".//article//header//time[@datetime]",
    ".//article//time[@datetime]",
    ".//main//time[@datetime]",
)
_TITLE_PARTS = re.compile(r"\s+[-|–—·•»:]+\s+|::|\s*\|\s*")


@dataclass(frozen=True, slots=True)
class Signals:
    """``titles`` are what metadata call one and what is shown as one (h1), the surest first, the
    same perhaps more than once; ``page_title`` is the title element, with the site's name perhaps.
    ``times`` are as they stand, the surest first; ``hints`` may be times, by the look of their
    elements. ``links`` counts headings that are links to other pages, ``whole`` the elements that
    hold a whole article each."""

    titles: tuple[str, ...] = ()
    page_title: str = ""
    times: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    address: str = ""
    base: str = ""
    language: str = ""
    is_article: bool = False
    links: int = 0
    whole: int = 0


def read_signals(tree: Any, *, url: str | None) -> Signals:
    """All that a page (an ``lxml.html`` element) says; ``url`` is where it was found."""
    metas = _metas(tree)
    data = _article_data(tree)
    heads = [title for element in tree.iterfind(".//h1") if (title := _text(element))]
    titles = (
        metas.get("og:title", ""),
        _plain(data.get("headline")),
        *heads[:1],
        metas.get("twitter:title", ""),
    )
    site = fold(metas.get("og:site_name", ""))
    base = urljoin_safely(url or "", _first(tree, ".//base", "href"))
    canonical = _first(tree, ".//link[@rel='canonical']", "href") or metas.get("og:url", "")
    address = urljoin_safely(base, canonical)
    return Signals(
        titles=tuple(title for title in titles if title and fold(title) != site),
        page_title=_text(tree.find(".//head//title")) or _text(tree.find(".//title")),
        times=tuple(_times(tree, metas, data)),
        hints=tuple(_hints(tree)),
        address=address,
        base=base or address,
        language=_language(tree, metas, data),
        is_article=bool(data) or metas.get("og:type", "") == "article",
        links=_linked_headings(tree),
        whole=_whole_articles(tree),
    )


def best_title(signals: Signals) -> tuple[str, bool]:
    """The title, "" for none, and whether two places agree on it.

    A place agrees with a title where it has the same words, or has them beside a site's name.
    """
    if not signals.titles:
        return max(_parts(signals.page_title), key=len, default=""), False
    places = [{fold(place), *map(fold, _parts(place))} for place in signals.titles]
    places.append({fold(signals.page_title), *map(fold, _parts(signals.page_title))})
    votes = [sum(fold(title) in place for place in places) for title in signals.titles]
    most = max(votes)
    return signals.titles[votes.index(most)], most > 1


def urljoin_safely(base: str, address: str) -> str:
    """An absolute address, "" for one that is none."""
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return ""


def _metas(tree: Any) -> dict[str, str]:
    """The first content of each meta element by its property, name or itemprop, lower case."""
    found: dict[str, str] = {}
    for element in tree.iterfind(".//meta[@content]"):
        content = one_line(element.get("content"))
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if (name := element.get(attribute)) and content:
                found.setdefault(name.strip().lower(), content)
    return found


def _article_data(tree: Any) -> Mapping[str, object]:
    """The first article that the page's JSON-LD describes; empty for none."""
    for number, element in enumerate(tree.iterfind(".//script[@type='application/ld+json']")):
        text = element.text or ""
        if number >= _MAX_BLOCKS or len(text) > _MAX_DATA:
            continue
        try:
            data = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data):
            if any(map(_is_article, _names(node.get("@type")))):
                return node
    return {}


def _nodes(data: object) -> Iterator[Mapping[str, object]]:
    waiting = [data]
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting[:0] = node[:_MAX_NODES]
        elif isinstance(node, dict):
            yield node
            waiting.append(node.get("@graph"))
            waiting.append(node.get("mainEntity"))


def _is_article(name: str) -> bool:
    return name.endswith("Article") or name in _ARTICLES


def _names(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


def _times(tree: Any, metas: Mapping[str, str], data: Mapping[str, object]) -> Iterator[str]:
    if stated := _plain(data.get("datePublished")):
        yield stated
    yield from (metas[name] for name in _TIME_NAMES if name in metas)
    for path in _TIMES:
        element = tree.find(path)
        if element is not None and (
            stated := element.get("datetime") or element.get("content") or _text(element)
        ):
            yield one_line(stated)


def _hints(tree: Any) -> Iterator[str]:
    for element in tree.xpath("//*[contains(@class, 'date') or contains(@class, 'time')]")[:_HINTS]:
        text = _text(element)
        if 0 < len(text) <= _LONGEST_TIME:
            yield text


def _language(tree: Any, metas: Mapping[str, str], data: Mapping[str, object]) -> str:
    stated = (
        tree.get("lang"),
        tree.get("{http://www.w3.org/XML/1998/namespace}lang") or tree.get("xml:lang"),
        _plain(data.get("inLanguage")),
        metas.get("og:locale"),
        metas.get("content-language"),
    )
    return next(filter(None, stated), "")


def _linked_headings(tree: Any) -> int:
    """How many headings below the first level lead to a page of their own."""
    targets = set()
    for level in ("h2", "h3", "h4"):
        for heading in tree.iterfind(f".//{level}"):
            link = heading.find(".//a[@href]")
            if link is None and (parent := heading.getparent()) is not None and parent.tag == "a":
                link = parent
            if link is not None and not link.get("href", "#").startswith("#"):
                targets.add(link.get("href"))
    return len(targets)


def _whole_articles(tree: Any) -> int:
    """How many ``article`` elements, none within another, have a heading and a text of their own:
    teasers and comments have not both."""
    count = 0
    for element in islice(tree.iterfind(".//article"), _MOST_ITEMS):
        if next(element.iterancestors("article"), None) is not None:
            continue
        headed = any(element.find(f".//{level}") is not None for level in ("h1", "h2", "h3"))
        texts = islice(element.iterfind(".//p"), _MOST_ITEMS)
        if headed and sum(len(_text(paragraph)) for paragraph in texts) >= _LEAST_TEXT:
            count += 1
    return count


def _parts(title: str) -> list[str]:
    """A title and a site's name, where both stand in one text."""
    return list(filter(None, map(str.strip, _TITLE_PARTS.split(title))))


def _first(tree: Any, path: str, attribute: str) -> str:
    element = tree.find(path)
    return (element.get(attribute) or "") if element is not None else ""


def _text(element: Any) -> str:
    return one_line(element.text_content()) if element is not None else ""


def _plain(value: object) -> str:
    return one_line(value) if isinstance(value, str) else ""
