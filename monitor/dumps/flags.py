"""What makes a cut less sure: flags of an article, and the most confidence that each leaves.

Of text the confidence is ``agreement``, as far as the flags leave it; of all else, all they leave.
"""

from __future__ import annotations

from collections.abc import Iterable

FLAGS = {
    "bad-time": 0.8,  # its time cannot be; published is None
    "date-only": 0.9,  # a day without an hour; published is its first minute
    "gap-time": 0.9,  # a local time that the clocks skipped, or showed twice where that matters
    "future-time": 0.8,  # a time after the dump arrived
    "bad-views": 0.9,  # the counter is no number we can hold
    "bad-crawl-date": 0.9,  # the crawl date cannot be; crawled is None
    "no-time": 0.99,  # no time line: the title was found by its shape
    "no-boilerplate": 0.97,  # ... and no boilerplate stands by it
    "no-attribution": 0.95,  # ... and its lead names no agency
    "shape-only": 0.9,  # ... neither of the two
    "no-title-shape": 0.7,  # below a time line, but it reads like a paragraph
    "no-lead": 0.85,  # what stands right below the title is no paragraph
    "two-in-one": 0.65,  # a line in it could be the title of another article, or its lead
    "shared-line": 0.85,  # its first or last line stands in other articles of the dump too
    "no-title": 0.6,  # a record without a title: the beginning of its text serves as one
    "no-body": 0.6,  # a title alone
    "word-count": 0.7,  # a document with far fewer or more words than it says it has
    "undated": 0.8,  # a page that does not say when it was published
    "title-unsure": 0.8,  # ... whose title stands in one place only, or nowhere twice
    "short-text": 0.6,  # ... with less than 200 characters of text
    "whole-page": 0.4,  # ... without a main part: all its text, with the menus
    "cut-short": 0.7,  # ... of which the crawler kept the beginning only
    "several-articles": 0.5,  # ... on which several stand as a whole, and no profile cuts it
    "listing": 0.3,  # ... that looks like a list of articles, and no profile cuts it
    "unrecognised": 0.2,  # no title found at all; the first line serves as one
}


def confidence(flags: Iterable[str]) -> float:
    """How sure an article with these flags is: 1 without any."""
    return min(map(FLAGS.__getitem__, flags), default=1.0)
