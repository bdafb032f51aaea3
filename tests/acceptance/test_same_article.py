"""What makes it hard to know an article again, from the dump's text to the store."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest

from monitor.config import SourceSettings
from monitor.dumps import parse
from monitor.model import Dump, DumpInfo, Entry
from monitor.pipeline import Pipeline, Policy
from monitor.rules import compile_rules
from monitor.store import Store, open_store

GAZETTE = SourceSettings(name="gazette", zone="Europe/Berlin")
ARRIVED = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
POLICY = Policy(compile_rules([]), None, {}, "http://page")
TITLE = "Vellmark Harbour Committee Hears Report"
BODY = tuple(
    f"Member number {n} of the harbour board said on Monday that line {7 * n} of the budget would"
    f" be decided before summer, once committee {n} had been heard by the council of the town."
    for n in range(6)
)
OTHER = tuple(
    f"Fisherman number {n} of the northern isles told the reporters of Oddness that his net {n}"
    f" had come back empty again, and that quota {3 * n} was to blame for that since winter."
    for n in range(6)
)
THIRD = tuple(
    f"Teacher {n} of the school in Upper Vale wrote to the parents that class {n} will go on a"
    f" journey to the lake in week {n + 20}, with boots, a raincoat and bread for {n + 2} days."
    for n in range(6)
)

Shown = tuple[str, str, tuple[str, ...]]
"""Time line, title and paragraphs."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'monitor.db'}") as opened:
        yield opened


def take(store: Store, day: str, *articles: Shown) -> Dump:
    """Ingest a listing crawled on ``day``."""
    lines = [f" date {day}"]
    for time, title, body in articles:
        lines += [time, title, *body]
    data = "\n".join(lines).encode()
    name = f"{day}.txt"
    info = DumpInfo(hashlib.sha256(data).hexdigest(), name, "gazette", len(data), ARRIVED)
    pipeline = Pipeline(store.ingest, clock=lambda: ARRIVED, keep_bad=lambda dump, bad: None)
    segments = parse(io.BytesIO(data), GAZETTE, name=name, arrived=ARRIVED)
    return pipeline.ingest(segments, info, GAZETTE, POLICY).dump


def entries(store: Store) -> list[Entry]:
    """By first words of the text."""
    return sorted(store.pages.articles(), key=lambda entry: entry.body)


def touched(body: tuple[str, ...], word: str) -> tuple[str, ...]:
    """Every paragraph with another word."""
    return tuple(line.replace(" that ", f" {word} that ", 1) for line in body)


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_two_articles_with_one_title_in_one_minute(store: Store, order: tuple[int, ...]) -> None:
    """Shown together, edited in every paragraph, in any order of the dumps: two articles, each
    with its own editions."""
    time = "01.11.2026, 09:00 10"
    dumps = [
        ("2026-11-01", (time, TITLE, BODY), (time, TITLE, OTHER)),
        ("2026-11-02", (time, TITLE, touched(OTHER, "once")), (time, TITLE, touched(BODY, "once"))),
        (
            "2026-11-03",
            (time, TITLE, touched(BODY, "twice")),
            (time, TITLE, touched(OTHER, "once")),
        ),
    ]
    for at in order:
        day, *articles = dumps[at]
        assert take(store, day, *articles).duplicate == 0
    chains = [
        [revision.body for revision in store.pages.chain(entry.id)] for entry in entries(store)
    ]
    assert chains == [
        ["\n".join(OTHER), "\n".join(touched(OTHER, "once"))],
        ["\n".join(BODY), "\n".join(touched(BODY, "once")), "\n".join(touched(BODY, "twice"))],
    ]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_title_edited_together_with_half_its_body(store: Store, backwards: bool) -> None:
    """One article with two editions; its neighbours are themselves."""
    edited = (*BODY[:3], *THIRD[3:])
    dumps = [
        ("2026-11-01", ("01.11.2026, 09:00 10", TITLE, BODY), ("01.11.2026, 08:00", "Nets", OTHER)),
        (
            "2026-11-02",
            ("01.11.2026, 09:00 90", "Council Puts Harbour Off", edited),
            ("01.11.2026, 08:00 5", "Nets", OTHER),
        ),
    ]
    for day, *articles in dumps[::-1] if backwards else dumps:
        take(store, day, *articles)
    nets, harbour = entries(store)
    assert (nets.title, nets.revision) == ("Nets", 1)
    assert (harbour.title, harbour.body) == ("Council Puts Harbour Off", "\n".join(edited))
    assert [revision.title for revision in store.pages.chain(harbour.id)] == [
        TITLE,
        "Council Puts Harbour Off",
    ]


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("24.12.2031, 18:00", datetime(2031, 12, 24, 17, 0, tzinfo=UTC)),
        ("29.03.2026, 02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("25.10.2026, 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("01.01.1970, 01:00", None),
    ],
    ids=["future", "skipped hour", "doubled hour", "1970"],
)
def test_an_impossible_time_makes_no_article_twice(
    store: Store, line: str, published: datetime | None, backwards: bool
) -> None:
    """Seen three times and edited once, with that time, beside an article with a good one: it is
    one article with two editions, and the other is untouched."""
    good = "01.11.2026, 09:00 10", TITLE, BODY
    dumps = [
        ("2026-11-01", good, (f"{line} 10", "Nets Are Empty", OTHER)),
        ("2026-11-02", good, (f"{line} 20", "Nets Are Empty", OTHER)),
        ("2026-11-03", good, (f"{line} 30", "Nets Are Empty", touched(OTHER, "again"))),
    ]
    for day, *articles in dumps[::-1] if backwards else dumps:
        dump = take(store, day, *articles)
        assert (dump.articles, dump.quarantined) == (2, 0)
    nets, harbour = entries(store)
    assert (nets.title, nets.published, nets.views) == ("Nets Are Empty", published, 30)
    assert (nets.revision, nets.body) == (2, "\n".join(touched(OTHER, "again")))
    assert (harbour.title, harbour.revision) == (TITLE, 1)


def test_a_wrong_year_moves_no_article(store: Store) -> None:
    """The time is corrected, from a year ahead and from 1970: the same article."""
    for day, line in (
        ("2026-11-01", "01.11.2027, 09:00"),
        ("2026-11-02", "01.01.1970, 01:00"),
        ("2026-11-03", "01.11.2026, 09:00"),
    ):
        take(store, day, (f"{line} 10", TITLE, BODY), ("31.10.2026, 20:00 9", "Nets", OTHER))
    nets, harbour = entries(store)
    assert (harbour.title, harbour.revision) == (TITLE, 1)
    assert harbour.published == datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
    assert nets.title == "Nets"
