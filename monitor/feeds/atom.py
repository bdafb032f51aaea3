"""Atom (RFC 4287) through feedgen, with feedgen's gaps closed.

feedgen 1.0 drops ``rel`` and ``type`` from an entry's links, prepends entries, stamps what is
not set with the present, and raises for a whole feed when one entry is unfit; see below for each.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from monitor import log
from monitor.config.settings import FeedSettings
from monitor.feeds.content import html_content, plain_title
from monitor.feeds.names import feed_id, feed_url
from monitor.model import Entry

_log = log.get(__name__)

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # an empty feed must have a date, and always the same


class _Alternate(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """Gives the entry its one link, with the ``rel`` and ``type`` feedgen would drop."""

    url = ""

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        """Add ``<link rel="alternate" type="text/html" href=…/>`` to the entry element."""
        etree.SubElement(entry, "link", rel="alternate", type="text/html", href=self.url)
        return entry


def render_feed(
    entries: Sequence[Entry], *, rule: str | None, settings: FeedSettings, base_url: str
) -> bytes:
    """The feed document of a rule, or the main feed; same arguments, same bytes.

    Entries keep their order (newest first). One that cannot be rendered is left out and logged:
    the others must not suffer. ``base_url`` has no trailing slash. Raises ValueError for a name
    that is no rule's.
    """
    title = settings.title if rule is None else f"{settings.title}: {rule}"
    feed = FeedGenerator()
    feed.id(feed_id(rule))
    feed.title(plain_title(title))
    feed.author(name=plain_title(settings.author))
    feed.generator("press-monitor")
    feed.link(href=feed_url(base_url, rule), rel="self", type="application/atom+xml")
    feed.link(href=f"{base_url}/", rel="alternate", type="text/html")
    updated = _NEVER
    for entry in entries:
        try:
            built = _entry(entry, base_url)
            etree.tostring(built.atom_entry())  # all that can fail fails here, not in the feed
        except Exception as error:  # the boundary between one entry and the feed
            _log.error("feed.entry_left_out", feed=rule, article=entry.id, error=repr(error))
            continue
        feed.add_entry(built, order="append")
        updated = max(updated, entry.updated)
    feed.updated(updated.astimezone(UTC))
    document: bytes = feed.atom_str(pretty=True)
    return document


def _entry(entry: Entry, base_url: str) -> FeedEntry:
    """One article. Raises what feedgen and lxml raise for values they cannot take."""
    identity = uuid.UUID(entry.id)
    url = f"{base_url}/articles/{identity}"
    built = FeedEntry()
    built.id(identity.urn)
    built.title(plain_title(entry.title))
    built.updated(_utc(entry.updated))
    if entry.published is not None:
        built.published(_utc(entry.published))
    built.author(name=plain_title(entry.source))
    for rule in dict.fromkeys(entry.rules):
        built.category(term=rule, label=rule)
    built.content(html_content(entry, url), type="html")
    built.register_extension("alternate", _Alternate)
    built.alternate.url = url
    return built


def _utc(time: datetime) -> datetime:
    """In UTC, so that the same moment is the same bytes. Raises ValueError without a zone."""
    if time.tzinfo is None:
        raise ValueError(f"a time without a zone: {time}")
    return time.astimezone(UTC)
