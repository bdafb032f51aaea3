"""What counts as the same text, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from monitor.model import Article
from monitor.revisions import article_id, fingerprint, key_of_paragraph, key_of_title, text_keys
from monitor.revisions.fingerprint import MOST_PARAGRAPHS, MOST_WINDOWS

DAY = date(2026, 2, 20)
ARTICLE = Article(
    index=0,
    title="Harbour Council Adopts New Tariff",
    paragraphs=(
        "The Harbour Council adopted a new tariff on Tuesday, the Port Gazette reports.",
        'It is a "fair" step, said the council\'s chair, Ms. Odegård.',
    ),
    source="gazette",
    published=datetime(2026, 2, 19, 9, 30, tzinfo=UTC),
    views=120,
)


@pytest.mark.parametrize(
    "change",
    [
        {"views": 999},
        {"index": 7},
        {"crawled": date(2026, 3, 1)},
        {"confidence": 0.4},
        {"title": "HARBOUR  COUNCIL Adopts new tariff"},
        {
            "paragraphs": (
                "The Harbour Council adopted a new tariff on Tuesday, the Port Gazette reports.",
                "It is a fair” step, said the council’s chair, Ms. Odegard.",
            )
        },
    ],
)
def test_cosmetics_do_not_count(change: dict[str, object]) -> None:
    """Counters, case, diacritics, apostrophes and lost quotation marks leave the content alone."""
    assert fingerprint(replace(ARTICLE, **change), DAY).content == fingerprint(ARTICLE, DAY).content


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Harbour Council Rejects New Tariff"},
        {"paragraphs": ARTICLE.paragraphs[:1]},
        {"paragraphs": ARTICLE.paragraphs[::-1]},
        {"paragraphs": (ARTICLE.paragraphs[0].replace("a new", "no new"), ARTICLE.paragraphs[1])},
    ],
)
def test_edits_count(change: dict[str, object]) -> None:
    """An edited title, a lost, moved or edited paragraph is other content."""
    assert fingerprint(replace(ARTICLE, **change), DAY).content != fingerprint(ARTICLE, DAY).content


def test_a_dollar_is_not_a_euro() -> None:
    """Only quotation marks are dropped; other signs are text."""
    dollars = replace(
        ARTICLE, paragraphs=("The tariff rises to $5 a tonne from the first of May.",)
    )
    euros = replace(ARTICLE, paragraphs=("The tariff rises to €5 a tonne from the first of May.",))
    assert fingerprint(dollars, DAY).content != fingerprint(euros, DAY).content


def test_hashes_fit_both_databases_and_are_bounded() -> None:
    """Every hash is a signed 64-bit integer; an article has a bounded number of lookup keys."""
    many = tuple(
        f"Paragraph number {i} says something long enough to identify it." for i in range(99)
    )
    found = fingerprint(replace(ARTICLE, paragraphs=many), DAY)
    assert len(found.paragraphs) == 99
    keys = text_keys(found)
    assert len(keys) == MOST_PARAGRAPHS + MOST_WINDOWS
    hashes = (*keys, *found.paragraphs, found.content, found.moment, found.title)
    assert all(-(2**63) <= h < 2**63 for h in hashes)


def test_the_id_is_permanent() -> None:
    """The id depends on source, minute and folded title only, in whatever zone the time is."""
    key = fingerprint(ARTICLE, DAY).title_key
    mine = article_id(ARTICLE, key, DAY)
    assert ARTICLE.published is not None
    elsewhere = ARTICLE.published.astimezone(timezone(timedelta(hours=5)))
    assert article_id(replace(ARTICLE, published=elsewhere, views=1), key, date(2030, 1, 1)) == mine
    assert article_id(replace(ARTICLE, source="other"), key, DAY) != mine
    assert article_id(replace(ARTICLE, published=None), key, DAY) != mine


def test_surrogates_do_not_break_hashing() -> None:
    """A lone surrogate in a title is hashed like any other character."""
    broken = replace(ARTICLE, title="Harbour \udc80 Council")
    assert fingerprint(broken, DAY).content != fingerprint(ARTICLE, DAY).content


def test_a_line_gives_the_key_its_article_is_stored_under() -> None:
    """Title and paragraph lines of a dump find their article, whatever the looks; a short line
    is nobody's key."""
    found = fingerprint(ARTICLE, DAY)
    keys = found.title, *text_keys(found)
    assert key_of_title("gazette", "  HARBOUR council ADOPTS New\u00a0Tariff ") in keys
    assert key_of_title("herald", ARTICLE.title) not in keys
    assert key_of_paragraph(ARTICLE.paragraphs[0].upper()) in keys
    assert key_of_paragraph("Photo: Port Gazette") is None
