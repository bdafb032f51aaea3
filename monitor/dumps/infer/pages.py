"""The profile of an unknown source of HTML: one article a page, or a list of several."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from lxml import etree, html

from monitor.dumps.infer.draft import Draft
from monitor.dumps.infer.samples import Sample
from monitor.errors import DumpError

_LEAST = 3  # entries make a list
_HEADINGS = ("h1", "h2", "h3", "h4")
_ITEMS = ("article", "li", "div", "section", "tr")
_CLASS = re.compile(r"[A-Za-z_][\w-]*")
_VIEWS = re.compile(r"views?|hits|reads|counter", re.IGNORECASE)


def infer_pages(samples: Sequence[Sample], draft: Draft) -> None:
    """Put selectors of a list into the draft where pages have one. Raises DumpError."""
    found = [_listing(sample) for sample in samples]
    usual, count = Counter(found).most_common(1)[0]
    if usual is None or count < len(samples):
        draft.put("listing", None, "Each page is taken for one article, whose text is found out.")
        return
    draft.put("listing", dict(usual), f"In each page several articles stand in {usual[0][1]!r}.")


def _listing(sample: Sample) -> tuple[tuple[str, str], ...] | None:
    """The selectors of the list that a page is; None for a page of one article."""
    try:
        page = html.document_fromstring(sample.data)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise DumpError(f"{sample.name}: no HTML: {error}") from error
    groups: dict[str, list[html.HtmlElement]] = {}
    for element in page.iter(*_ITEMS):
        headings = list(element.iter(*_HEADINGS))
        if len(headings) == 1 and element.find(".//a[@href]") is not None:
            groups.setdefault(_selector(element), []).append(element)
    usual = {item: each for item, each in groups.items() if len(each) >= _LEAST}
    if not usual:
        return None
    # The innermost, or what has the most text: entries, not their headings' boxes.
    item = max(usual, key=lambda key: sum(len(each.text_content()) for each in usual[key]))
    entries = usual[item]
    title = Counter(each.tag for entry in entries for each in entry.iter(*_HEADINGS))
    listing = [("item", item), ("title", title.most_common(1)[0][0])]
    if all(entry.find(".//p") is None for entry in entries):
        return None  # no text but titles
    if all(entry.find(".//time") is None for entry in entries):
        dated = _common(entries, re.compile(r"date|time", re.IGNORECASE))
        listing += [("time", dated)] if dated else []
    if views := _common(entries, _VIEWS):
        listing.append(("views", views))
    return tuple(listing)


def _selector(element: html.HtmlElement) -> str:
    first = next(iter((element.get("class") or "").split()), "")
    return f"{element.tag}.{first}" if _CLASS.fullmatch(first) else str(element.tag)


def _common(entries: Sequence[html.HtmlElement], name: re.Pattern[str]) -> str:
    """A class in most entries that is called so, as a selector; "" without one."""
    seen: Counter[str] = Counter()
    for entry in entries:
        classes = {word for each in entry.iter() for word in (each.get("class") or "").split()}
        seen.update(word for word in classes if name.search(word) and _CLASS.fullmatch(word))
    for word, count in seen.most_common(1):
        if 2 * count >= len(entries):
            return f".{word}"
    return ""
