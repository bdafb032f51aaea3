"""The main text of a page, by trafilatura. Days it would tell too, but articles need the minute.

https://trafilatura.readthedocs.io/en/latest/corefunctions.html
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache
from typing import Any

from monitor.text import one_line

# Elements of trafilatura's own output that begin and end a line; a row's cells stay on one.
_BREAKS = frozenset(("body", "code", "div", "head", "item", "lb", "list", "p", "quote", "row"))
_LONG = 16 * 1024  # characters; the library keeps the last thousand lines that it saw


def main_text(tree: Any) -> tuple[str, ...]:
    """The paragraphs that a page is about, none if there is no telling.

    ``tree`` is an ``lxml.html`` element; it stays as it is.
    """
    trafilatura, reset_caches = _library()
    try:
        document = trafilatura.bare_extraction(tree, include_comments=False)
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError):
        return ()  # a page that nobody foresaw, and all other pages of the dump behind it
    if max(map(len, tree.itertext()), default=0) > _LONG:
        reset_caches()
    return tuple(_lines(document.body)) if document is not None else ()


def _lines(body: Any) -> Iterator[str]:
    from lxml import etree

    parts: list[str] = []
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if element.tag in _BREAKS:
            if line := one_line("".join(parts)):
                yield line
            parts.clear()
        elif element.tag == "cell":
            parts.append(" ")
        parts.append((element.text if event == "start" else element.tail) or "")
    if line := one_line("".join(parts)):
        yield line


@cache
def _library() -> tuple[Any, Any]:
    """Half a second to load. What it says of odd pages is of no use to operators."""
    import trafilatura
    from trafilatura.meta import reset_caches

    for name in ("trafilatura", "htmldate", "courlan", "charset_normalizer"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return trafilatura, reset_caches
