"""Entries to bytes (Atom), and those bytes to files that change only as a whole."""

from monitor.feeds.atom import render_feed
from monitor.feeds.names import feed_file, feed_url
from monitor.feeds.publisher import Publisher, PublishError

__all__ = ["PublishError", "Publisher", "feed_file", "feed_url", "render_feed"]
