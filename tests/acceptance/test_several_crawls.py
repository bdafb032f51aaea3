"""What a dump becomes does not depend on how its articles came: several crawls in one file, or a
file that was broken off and taken up again."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.config import SourceSettings
from monitor.dumps import parse
from monitor.model import Dump, DumpInfo, DumpState
from monitor.pipeline import Ingested, Pipeline, Policy
from monitor.rules import compile_rules
from monitor.store import Store, open_store

from .test_same_article import BODY, OTHER, THIRD, touched

GAZETTE = SourceSettings(name="gazette", zone="Europe/Berlin")
ARRIVED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
POLICY = Policy(compile_rules([]), None, {}, "http://page")

Record = dict[str, object]


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'monitor.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("emptied_postgres")
    with open_store(url) as opened:
        yield opened


def record(title: str, body: Sequence[str], day: int, time: str = "09:00") -> Record:
    """Published on the first of the month, crawled on ``day``."""
    return {
        "title": title,
        "body": list(body),
        "published": f"2026-11-01T{time}:00+01:00",
        "crawled": f"2026-11-{day:02}",
    }


def take(
    store: Store, records: Sequence[Record], *, until: int | None = None, batch: int = 500
) -> Ingested:
    """Ingest one JSON Lines dump; ``until`` so many transactions are through."""
    data = "\n".join(map(json.dumps, records)).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    info = DumpInfo(sha256, f"{sha256[:6]}.jsonl", "gazette", len(data), ARRIVED)
    stop, done = threading.Event(), 0

    def progress(segments: int) -> None:
        nonlocal done
        done += 1
        if done == until:
            stop.set()

    keep_nothing = Pipeline(
        store.ingest, clock=lambda: ARRIVED, keep_bad=lambda dump, bad: None, batch=batch
    )
    segments = parse(io.BytesIO(data), GAZETTE, name=info.name, arrived=ARRIVED)
    return keep_nothing.ingest(segments, info, GAZETTE, POLICY, stop=stop, progress=progress)


def texts(store: Store) -> list[list[str]]:
    """By article the texts that it had, in order."""
    articles = store.pages.articles()
    return sorted([r.body for r in store.pages.chain(article.id)] for article in articles)


def counts(dump: Dump) -> tuple[int, ...]:
    return dump.new, dump.revised, dump.unchanged, dump.duplicate


EDITED = touched(BODY, "later")


@pytest.mark.parametrize("backwards", [False, True])
def test_several_crawls_in_one_dump(store: Store, backwards: bool) -> None:
    """An export or a crawl of several days holds an article several times: edited, it has both
    texts, in the order of the crawls, as if each crawl had been a dump; the same again is no
    repetition."""
    crawls = [
        record("Harbour Report", BODY, 1),
        record("School Journey", THIRD, 1),
        record("Harbour Report", EDITED, 2),
        record("School Journey", THIRD, 2),
    ]
    dump = take(store, crawls[::-1] if backwards else crawls).dump
    assert counts(dump) == (2, 1, 1, 0)
    assert texts(store) == sorted([["\n".join(BODY), "\n".join(EDITED)], ["\n".join(THIRD)]])


def test_an_edition_far_from_the_first_in_one_dump(store: Store) -> None:
    """Title and minute tell an article from one crawl to the next, whatever became of its text."""
    crawls = [record("Harbour Report", BODY, 1), record("Harbour Report", OTHER, 2)]
    assert counts(take(store, crawls).dump) == (1, 1, 0, 0)


@pytest.mark.parametrize("until", [1, 2, 3])
def test_a_dump_that_was_broken_off_is_as_one_that_was_not(store: Store, until: int) -> None:
    """An edited copy that stands beside its article in one listing counts as a duplicate, also
    where the program was stopped between the two."""
    listing = [
        record("Harbour Report", BODY, 1),
        record("School Journey", THIRD, 1),
        record("Empty Nets", OTHER, 1),
        record("Harbour Report", EDITED, 1),
        record("School Journey", THIRD, 1),
    ]
    first = take(store, listing, until=until, batch=1 if until == 3 else 2)
    assert first.interrupted
    done = take(store, listing, batch=2)
    assert done.dump.state is DumpState.DONE
    assert counts(done.dump) == (3, 0, 0, 2)
    assert texts(store) == sorted(["\n".join(body)] for body in (BODY, THIRD, OTHER))
