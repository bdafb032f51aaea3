"""What a feed says of an entry: its title as plain text, its content as HTML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html import escape

from monitor.feeds.marks import Piece, paragraphs, spans
from monitor.model import Comparison, Entry, Run
from monitor.revisions import shortened, shown
from monitor.text import cut, one_line, xml_safe

TITLE_LIMIT = 300
"""Characters. Readers show one line; a longer title is a dump that was cut wrongly."""

BODY_LIMIT = 100_000
"""Characters. Many readers refuse a text node over 10 MB (libxml2), and 500 entries add up."""

EDIT_LIMIT = 6_000
"""Characters of what an edit changed, above the text."""

COPIES = 10
"""Articles with the same text that an entry names."""

UNTITLED = "(untitled)"

# C1 controls; embeddings, overrides and isolates, which would turn the text around the title.
_UNWELCOME = re.compile("[\x80-\x9f\u202a-\u202e\u2066-\u2069]")


def plain_title(title: str) -> str:
    """The title on one line, safe in XML, never empty and at most ``TITLE_LIMIT`` long."""
    text = one_line(title[: TITLE_LIMIT * 20])
    text = cut(xml_safe(_UNWELCOME.sub("", text)).strip(), TITLE_LIMIT)
    return text if any(map(_visible, text)) else UNTITLED


def html_content(entry: Entry, url: str) -> str:
    """The entry as an HTML fragment: a line about it, who else has its text, what its last edit
    changed, then its paragraphs, matched words marked.

    ``url`` is the entry's page, named where the body is too long for a feed. What moves without
    a revision (the view counter) is left out, or every crawl would change the feed.
    """
    body = entry.body[:BODY_LIMIT]
    marked = spans(entry.matches, "body", len(body))
    parts = [f"<p><small>{_text(xml_safe(_about(entry)))}</small></p>"]
    if entry.copies:
        parts.append(_also(entry, url))
    if entry.edit is not None:
        parts += _what_changed(entry.edit, entry.edit_number)
    # dir=auto: each paragraph finds its own direction and cannot turn its neighbours
    parts += [f'<p dir="auto">{_html(line)}</p>' for line in paragraphs(body, marked)]
    if entry.pruned:
        parts.append("<p>The text is no longer kept.</p>")
    if len(body) < len(entry.body):
        link = f'<a href="{escape(url)}">the whole article</a>'
        parts.append(f"<p>… cut after {len(body):,} characters: {link}</p>")
    return "\n".join(parts)


def _also(entry: Entry, url: str) -> str:
    """Links to the pages of the articles with the same text."""
    base = url.rpartition("/")[0]
    links = [
        f'<a href="{escape(f"{base}/{copy.id}")}">{_text(xml_safe(one_line(copy.source)))}: '
        f"{_text(plain_title(copy.title))}</a>"
        for copy in entry.copies[:COPIES]
    ]
    if left := len(entry.copies) - len(links) + entry.copies_left:
        links.append(f"{left:,} more")
    return f"<p>Also in {' · '.join(links)}</p>"


def _what_changed(edit: Comparison, number: int) -> Iterator[str]:
    """The paragraphs that changed, between two rules."""
    short = shortened(edit, EDIT_LIMIT)
    yield "<hr>"
    yield f"<p><b>What changed in revision {number}:</b> {_text(shown.summary(short))}</p>"
    if short.title:
        yield _edited("Title", short.title)
    for paragraph in short.paragraphs:
        if any(run.text.strip() for run in paragraph.runs):
            yield _edited(shown.heading(paragraph), paragraph.runs)
    if more := shown.left_out(short):
        yield f"<p>… {_text(more)}</p>"
    yield "<hr>"


def _edited(heading: str, runs: Iterable[Run]) -> str:
    # With the marks in the text: some readers know neither element, and show what went as there.
    tags = {"=": "{}", "-": "<del>[-{}-]</del>", "+": "<ins>{{+{}+}}</ins>"}
    changed = "".join(tags[op].format(_text(xml_safe(text))) for op, text in runs)
    return f'<p dir="auto"><i>{heading}:</i> {changed}</p>'


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
