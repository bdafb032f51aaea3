"""Knowing an article again: what identifies it, what it was before, which text is current.

Pure: no input or output, no clock. ``fingerprint`` reduces an article to hashes, ``identify``
finds the stored article it is (or that there is none), ``place`` puts the sighting into that
article's history, in the same place whatever the order in which the dumps arrived.
"""

from monitor.revisions.chain import Placement, order_key, place
from monitor.revisions.fingerprint import (
    article_id,
    fingerprint,
    key_of_paragraph,
    key_of_title,
)
from monitor.revisions.identity import Index, Relation, Verdict, identify

__all__ = [
    "Index",
    "Placement",
    "Relation",
    "Verdict",
    "article_id",
    "fingerprint",
    "identify",
    "key_of_paragraph",
    "key_of_title",
    "order_key",
    "place",
]
