"""Entries to make feeds of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from monitor.model import Entry, Evidence, Match

MakeEntry = Callable[..., Entry]


def _match(rule: str, field: str, text: str, *words: str) -> Match:
    found = []
    for word in words:
        start = text.index(word)
        found.append(Evidence(f'any: "{word}"', field, start, start + len(word), word))
    return Match(rule, tuple(found))


@pytest.fixture
def match() -> Callable[..., Match]:
    """``match(rule, field, text, *words)``: a match of those words of the text."""
    return _match


@pytest.fixture(scope="session")
def make_entry() -> MakeEntry:
    """``make_entry(**changes)``: an ordinary entry, changed."""

    def make(**changes: object) -> Entry:
        values: dict[str, object] = {
            "id": "0b5c3a52-9a7d-4c61-8f0e-1f2d3c4b5a69",
            "source": "steppe-wire",
            "title": "Bridge over the Ulba opens a month early",
            "body": "The bridge opened on Monday.\nTraffic moves again.",
            "published": datetime(2026, 3, 2, 4, 30, tzinfo=UTC),
            "first_seen": datetime(2026, 3, 2, 5, 0, tzinfo=UTC),
            "last_seen": datetime(2026, 3, 2, 6, 0, tzinfo=UTC),
            "updated": datetime(2026, 3, 2, 5, 0, tzinfo=UTC),
            "revision": 1,
            "views": 17,
            "confidence": 1.0,
            "matches": (),
        }
        return Entry(**(values | changes))  # type: ignore[arg-type]

    return make
