"""From a piece of HTML to its paragraphs: no tree is built, so hostile nesting costs nothing.

What starts a new line in a browser starts a paragraph; scripts, styles and hidden elements say
nothing. Cells of a table row stay on one line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from monitor.text import one_line

_BREAKS = (
    "address article aside blockquote body br caption center dd details dialog dir div dl dt"
    " fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main"
    " menu nav ol optgroup option p pre section summary table tbody tfoot thead tr ul"
)
_SILENT = (
    "applet audio canvas embed head iframe math noembed noframes noscript object script select"
    " style svg template textarea title video"
)
BREAKS = frozenset(_BREAKS.split())
"""Elements that begin and end a line."""
SILENT = frozenset(_SILENT.split())
"""Elements whose text is not for readers, or is no text of the article."""
MAX_NESTED = 1000
"""Elements; markup nested more deeply is stripped of its tags instead of being read."""

_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!(?:--|doctype)", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>")
_INVISIBLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_CELLS = frozenset(("td", "th"))


def html_paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a piece of HTML, each on one line, none empty; never raises.

    A text without tags is no HTML but for its character references: a line is a paragraph.
    """
    if "<" not in text or _TAG.search(text) is None:
        return _lines(unescape(text) if "&" in text else text)
    from lxml import etree

    reader = _Reader()
    target: Any = reader  # lxml's stubs ask for methods that lxml does not need
    parser = etree.HTMLParser(target=target, encoding="utf-8")
    try:
        etree.fromstring(text.replace("\0", "\ufffd").encode("utf-8", "replace"), parser)
    except _TooDeepError:
        return _lines(unescape(_ANY_TAG.sub("\n", text)))
    except etree.XMLSyntaxError:  # nothing but comments, or the like
        pass
    return tuple(reader.paragraphs)


def is_hidden(tag: str, attributes: Mapping[str, str]) -> bool:
    """Whether an element is kept from readers by its own attributes."""
    if tag in ("html", "body"):  # hidden until a script of the page shows them
        return False
    return "hidden" in attributes or _INVISIBLE.search(attributes.get("style", "")) is not None


class _TooDeepError(Exception):
    """More than ``MAX_NESTED`` elements are open."""


class _Reader:
    """Takes the parser's events; see https://lxml.de/parsing.html#the-target-parser-interface."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self._parts: list[str] = []
        self._open = 0
        self._silent = 0  # how many elements were open where silence began; 0: no silence

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._open += 1
        if self._open > MAX_NESTED:
            raise _TooDeepError
        if not self._silent and (tag in SILENT or is_hidden(tag, attributes)):
            self._silent = self._open
        self._break(tag)

    def end(self, tag: str) -> None:
        if self._silent == self._open:
            self._silent = 0
        self._open -= 1
        self._break(tag)

    def data(self, data: str) -> None:
        if not self._silent:
            self._parts.append(data)

    def close(self) -> None:
        self._flush()

    def _break(self, tag: str) -> None:
        if tag in BREAKS:
            self._flush()
        elif tag in _CELLS:
            self._parts.append(" ")

    def _flush(self) -> None:
        if self._parts:
            if line := one_line("".join(self._parts)):
                self.paragraphs.append(line)
            self._parts.clear()


def _lines(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(one_line, text.splitlines())))
