"""What a feed says of an entry: its title as plain text, its content as HTML."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from html import escape

from monitor.feeds.marks import Piece, paragraphs, spans
from monitor.model import Entry
from monitor.text import cut, one_line, xml_safe

TITLE_LIMIT = 300
"""Characters. Readers show one line; a longer title is a dump that was cut wrongly."""

BODY_LIMIT = 100_000
"""Characters. Many readers refuse a text node over 10 MB (libxml2), and 500 entries add up."""

UNTITLED = "(untitled)"

# C1 controls; embeddings, overrides and isolates, which would turn the text around the title.
_UNWELCOME = re.compile("[\x80-\x9f\u202a-\u202e\u2066-\u2069]")


def plain_title(title: str) -> str:
    """The title on one line, safe in XML, never empty and at most ``TITLE_LIMIT`` long."""
    text = one_line(title[: TITLE_LIMIT * 20])
    text = cut(xml_safe(_UNWELCOME.sub("", text)).strip(), TITLE_LIMIT)
    return text if any(map(_visible, text)) else UNTITLED


def html_content(entry: Entry, url: str) -> str:
    """The entry as an HTML fragment: a line about it, then its paragraphs, matched words marked.

    ``url`` is the entry's page, named where the body is too long for a feed. What moves without
    a revision (the view counter) is left out, or every crawl would change the feed.
    """
    body = entry.body[:BODY_LIMIT]
    marked = spans(entry.matches, "body", len(body))
    parts = [f"<p><small>{_text(xml_safe(_about(entry)))}</small></p>"]
    # dir=auto: each paragraph finds its own direction and cannot turn its neighbours
    parts += [f'<p dir="auto">{_html(line)}</p>' for line in paragraphs(body, marked)]
    if len(body) < len(entry.body):
        link = f'<a href="{escape(url)}">the whole article</a>'
        parts.append(f"<p>… cut after {len(body):,} characters: {link}</p>")
    return "\n".join(parts)


def _about(entry: Entry) -> str:
    parts = [one_line(entry.source)]
    if entry.published is not None:
        parts.append(_minute(entry.published))
    if entry.revision > 1:
        parts.append(f"revision {entry.revision}")
    if entry.rules:
        parts.append(", ".join(entry.rules))
    return " · ".join(parts)


def _minute(time: datetime) -> str:
    return f"{time.astimezone(UTC).replace(tzinfo=None).isoformat(' ', 'minutes')} UTC"


def _html(line: tuple[Piece, ...]) -> str:
    # Readers that clean content by an older list of elements (feedparser's has no mark) drop the
    # mark and keep the b.
    return "".join(
        f"<b><mark>{_text(piece.text)}</mark></b>" if piece.marked else _text(piece.text)
        for piece in line
    )


def _text(text: str) -> str:
    return escape(text, quote=False)


def _visible(char: str) -> bool:
    """Not a control, format, space, or combining character alone."""
    return unicodedata.category(char)[0] not in "CZM"
