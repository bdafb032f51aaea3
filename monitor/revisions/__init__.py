"""Knowing an article again: what identifies it, what it was before, which text is current.

Pure: no input or output, no clock. ``fingerprint`` reduces an article to hashes, ``identify``
finds the stored article it is (or that there is none), ``place`` puts the sighting into that
article's history, in the same place whatever the order in which the dumps arrived, ``compare``
says what an edit changed.
"""

from monitor.revisions.chain import Placement, order_key, place
from monitor.revisions.claims import Lost, settle
from monitor.revisions.compare import compare
from monitor.revisions.counter import grown, growth, history
from monitor.revisions.fingerprint import (
    article_id,
    fingerprint,
    hashed,
    key_of_paragraph,
    key_of_title,
    text_keys,
)
from monitor.revisions.identity import Relation, Verdict, identify
from monitor.revisions.keys import Index, suspects
from monitor.revisions.kinship import SIMILAR, Sought, Texts
from monitor.revisions.shorten import Added, added, shortened

__all__ = [
    "SIMILAR",
    "Added",
    "Index",
    "Lost",
    "Placement",
    "Relation",
    "Sought",
    "Texts",
    "Verdict",
    "added",
    "article_id",
    "compare",
    "fingerprint",
    "grown",
    "growth",
    "hashed",
    "history",
    "identify",
    "key_of_paragraph",
    "key_of_title",
    "order_key",
    "place",
    "settle",
    "shortened",
    "suspects",
    "text_keys",
]
