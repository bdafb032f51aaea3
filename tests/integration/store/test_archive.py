"""The archive as a backtest reads it: every article once, in pages."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from monitor.store import Store
from monitor.store.pages import ARCHIVE_CHARACTERS, ARCHIVE_PAGE


def numbers(store: Store, **limits: Any) -> list[int]:
    """The articles given, as the numbers in their titles; ``archived`` must agree."""
    given = [int(entry.title.split()[1]) for entry in store.pages.archive(**limits)]
    assert store.pages.archived(**limits) == len(given)
    return given


def test_an_empty_archive(store: Store) -> None:
    """Nothing is stored: nothing is given."""
    assert numbers(store) == []


def test_every_article_once_over_several_pages(store: Store, sample: Any) -> None:
    """More articles than fill two pages, in the order in which they were stored, whatever their
    times and ids."""
    count = 2 * ARCHIVE_PAGE + 7
    sample.articles(store, *(sample.known(n, updated=sample.at(-n)) for n in range(1, count + 1)))
    assert numbers(store) == list(range(1, count + 1))


def test_a_full_last_page(store: Store, sample: Any) -> None:
    """A number of articles that fills its pages exactly is no special case."""
    sample.articles(store, *(sample.known(n) for n in range(1, ARCHIVE_PAGE + 1)))
    assert numbers(store) == list(range(1, ARCHIVE_PAGE + 1))


def test_gaps_in_the_keys(store: Store, sample: Any) -> None:
    """Keys need not follow one another."""
    wanted = [1, 2, 5000, 2**31 + 5]
    sample.articles(store, *(sample.known(n) for n in wanted))
    assert numbers(store) == wanted


def test_the_current_text_and_what_was_stored_of_it(store: Store, sample: Any) -> None:
    """Of an edited article the text it has now, with this text's rules; a near-duplicate is an
    article too."""
    known = sample.known(1)
    sample.fill(
        store,
        sample.new(0, known, rules=["water"]),
        sample.revised(1, known, rules=["summit", "alpha"]),
        sample.new(2, sample.known(2, duplicate_of=1), rules=["water"]),
    )
    edited, duplicate = store.pages.archive()
    assert edited == store.pages.article(known.id)
    assert (edited.body, edited.rules) == ("Lead 1.\nMore of 1002.", ("summit", "alpha"))
    assert (duplicate.id, duplicate.rules) == (sample.id(2), ("water",))


def test_a_time_is_when_it_was_published_else_first_seen(store: Store, sample: Any) -> None:
    """``since`` is inclusive, ``until`` is not; when it was updated does not matter."""
    sample.articles(
        store,
        sample.known(1, published=sample.at(-30), first_seen=sample.at(90)),
        sample.known(2, published=sample.at(10), updated=sample.at(-99)),
        sample.known(3, published=None, first_seen=sample.at(20)),
        sample.known(4, published=sample.at(30), first_seen=sample.at(-90)),
    )
    assert numbers(store, since=sample.at(10)) == [2, 3, 4]
    assert numbers(store, until=sample.at(20)) == [1, 2]
    assert numbers(store, since=sample.at(10), until=sample.at(30)) == [2, 3]
    assert numbers(store, since=sample.at(10.001), until=sample.at(20.001)) == [3]
    assert numbers(store, since=sample.at(30), until=sample.at(10)) == []


def test_long_articles_make_short_pages(store: Store, sample: Any) -> None:
    """Articles longer than a page may hold come alone, and none is left out."""
    body = "é" * (ARCHIVE_CHARACTERS // 2 + 1)
    bodies = {2: body, 3: body * 2, 5: body}
    sample.fill(
        store, *(sample.new(n - 1, sample.known(n), body=bodies.get(n)) for n in range(1, 7))
    )
    given = list(store.pages.archive())
    assert [entry.title for entry in given] == [f"Title {n}" for n in range(1, 7)]
    assert [len(entry.body) for n, entry in enumerate(given, 1) if n in bodies] == [
        len(text) for text in bodies.values()
    ]


def test_what_comes_while_it_is_read(store: Store, sample: Any) -> None:
    """Articles stored after the start are left for another time; the store can be written
    meanwhile, and what is edited is given as it is by then."""
    count = ARCHIVE_PAGE + 3
    known = [sample.known(n) for n in range(1, count + 1)]
    sample.articles(store, *known)
    reading = store.pages.archive()
    assert next(reading).title == "Title 1"
    sample.fill(
        store,
        sample.new(0, sample.known(count + 1)),
        sample.revised(1, known[-1], title="Title 0, edited"),
        letter="b",
    )
    rest = [entry.title for entry in reading]
    assert len(rest) == count - 1
    assert rest[-1] == "Title 0, edited"


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_no_transaction_is_open_between_articles(store: Store, store_url: str, sample: Any) -> None:
    """The write-ahead log can be emptied while somebody holds the half-read archive."""
    sample.articles(store, *(sample.known(n) for n in range(1, ARCHIVE_PAGE + 2)))
    reading = store.pages.archive()
    next(reading)
    sample.fill(store, sample.new(0, sample.known(ARCHIVE_PAGE + 2)), letter="b")
    with sqlite3.connect(store_url.removeprefix("sqlite:///")) as connection:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.close()
    assert busy == 0
    assert len(list(reading)) == ARCHIVE_PAGE
