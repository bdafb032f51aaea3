"""Page and feeds over the real store: what is written to SQLite is what readers see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import feedparser
import pytest
import requests

from monitor.feeds import Publisher
from monitor.model import (
    Change,
    DumpInfo,
    DumpState,
    Evidence,
    Known,
    Match,
    Outcome,
    Revision,
    Sighting,
)
from monitor.store import Store, open_store
from monitor.web import Health, ReloadResult, Server, WebDeps, create_app

from .samples import NOW, config

ARTICLE = "3f0e8c52-1b1d-4f3e-9a57-6f6f1d0c2b11"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'monitor.db'}") as opened:
        yield opened


def sighting(store: Store, number: int, title: str, body: str, word: str) -> None:
    """One dump with one article: its text number ``number``, matched by the rule water."""
    seen = NOW - timedelta(hours=3 - number)
    info = DumpInfo(f"{number:064x}", f"{number}.txt", "wire", 99, seen, date(2026, 3, 2))
    known = Known(
        pk=1,
        id=ARTICLE,
        source="wire",
        title=title,
        title_key=7,
        content=number,
        paragraphs=(number,),
        published=NOW - timedelta(hours=5),
        published_order="1",
        seen_from=date(2026, 3, 2),
        seen_to=date(2026, 3, 2),
        last_order=str(number),
        revision=number,
        views=number * 10,
        first_seen=NOW - timedelta(hours=2),
        last_seen=seen,
        updated=seen,
        confidence=1.0,
        duplicate_of=None,
    )
    start = body.index(word)
    evidence = Evidence("any[0]", "body", start, start + len(word), word)
    change = Change(
        0,
        Outcome.NEW if number == 1 else Outcome.REVISED,
        "as the test wants it",
        article=known,
        is_new=number == 1,
        sighting=Sighting(str(number), number, known.views),
        revisions=(Revision(number, number, title, body, (number,), str(number), seen),),
        matches=(Match("water", (evidence,)),),
    )
    dump = store.ingest.open_dump(info)
    with store.ingest.batch(dump.id) as batch:
        if number == 1:
            assert list(batch.next_pks(1)) == [known.pk]
        batch.write([change])
    store.ingest.close_dump(dump.id, DumpState.DONE)


def test_from_the_database_to_the_reader(store: Store, tmp_path: Path) -> None:
    """A revision in SQLite moves the feeds' entry and shows both texts on its page."""
    settings = config()
    folder = tmp_path / "feeds"
    server = Server()
    deps = WebDeps(
        pages=store.pages,
        feeds_folder=folder,
        settings=lambda: settings,
        rules=lambda: {rule.name: rule.feed for rule in settings.rules},
        undecided=lambda: 0,
        health=lambda: Health(True, True),
        reload=lambda: ReloadResult(True),
        clock=lambda: NOW,
        version="1",
    )
    server.start(create_app(deps), "127.0.0.1", 0, 2)
    try:
        url = f"http://127.0.0.1:{server.port}"
        rules = [rule.name for rule in settings.rules]
        publisher = Publisher(store.feeds, folder, settings.feeds, url, rules, lambda: NOW)

        sighting(store, 1, "The plan", "Clean water by June.\nMore follows.", "water")
        assert publisher.publish() == 4
        first = feedparser.parse(f"{url}/feeds/rules/water.atom")
        assert [one.title for one in first.entries] == ["The plan"]
        assert feedparser.parse(f"{url}/feeds/rules/ulba.atom").entries == []

        sighting(store, 2, "The plan, later", "Clean water by July.\nMore follows.", "water")
        assert publisher.publish(["water"]) == 2
        second = feedparser.parse(f"{url}/feeds/rules/water.atom")
        assert [one.title for one in second.entries] == ["The plan, later"]
        assert second.entries[0].id == first.entries[0].id
        assert second.entries[0].updated > first.entries[0].updated
        assert second.entries[0].published == first.entries[0].published

        page = requests.get(second.entries[0].link, timeout=10)
        assert page.status_code == 200
        assert 'class="added">Clean <mark>water</mark> by July.<' in page.text
        assert 'class="gone">Clean water by June.<' in page.text
        overview = requests.get(url, timeout=10).text
        assert "revised · 2" in overview
        assert "2.txt" in overview
        status = requests.get(f"{url}/api/status", timeout=10).json()
        assert status["counts"] | {"articles": 1, "revisions": 2, "dumps": 2} == status["counts"]
        assert status["last_dump"]["revised"] == 1
        assert "press_monitor_articles 1.0" in requests.get(f"{url}/metrics", timeout=10).text
    finally:
        server.stop()
