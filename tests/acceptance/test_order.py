"""Dumps may come in any order and any number of times: the end state is the same."""

from __future__ import annotations

import hashlib
import io
import random
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.config import RuleSettings, SourceSettings
from monitor.dumps import parse
from monitor.model import DumpInfo, DumpState
from monitor.pipeline import Pipeline, Policy
from monitor.rules import compile_rules
from monitor.store import open_store

PROFILE = SourceSettings.model_validate({"name": "gazette", "boilerplate": ["Images"]})
RULES = compile_rules(
    [
        RuleSettings.model_validate({"name": "tariff", "any": ["tariff"]}),
        RuleSettings.model_validate({"name": "storm", "any": ["storm"], "none": ["calm"]}),
        RuleSettings.model_validate({"name": "read", "query": "tariff AND views:>3000"}),
        RuleSettings.model_validate(
            {"name": "moved", "query": "published:[2026-02-02T09:30:00Z TO *]"}
        ),
    ]
)
POLICY = Policy(RULES, None, {}, "http://page")
START = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
TOPICS = ("harbour", "library", "railway", "orchard", "theatre", "lighthouse")


@dataclass(frozen=True)
class Text:
    """One state of an article."""

    title: str
    paragraphs: tuple[str, ...]


def write(topic: str, edition: int) -> Text:
    """The article on a topic, edited ``edition`` times; each edit keeps most of the text."""
    paragraphs = [
        f"The {topic} committee of Vellmark met on Monday and heard a report on the {topic},"
        " the Vellmark Gazette reports.",
        *(
            f"Speaker {name} of the {topic} board said that the {topic} {matter} would be decided"
            f" before the summer, and that the {topic} {name} had been asked for advice."
            for name, matter in (
                ("Ostrander", "budget"),
                ("Pellworth", "roof"),
                ("Quillfeather", "tariff"),
                ("Rosewater", "staff"),
                ("Silverlake", "garden"),
            )
        ),
    ]
    for step in range(1, edition + 1):
        at = 1 + step % 5
        paragraphs[at] = (
            f"In its edition number {step} the Gazette adds that a storm over the {topic} had"
            f" broken {step + 3} windows, and that nobody was hurt in the {topic} itself."
        )
    title = f"Vellmark {topic.capitalize()} Committee Hears Report"
    return Text(f"{title} Again" if edition >= 2 else title, tuple(paragraphs))


@dataclass(frozen=True)
class Listing:
    """One crawl: which articles it shows in which edition, with or without time lines."""

    day: int
    shown: tuple[tuple[int, int], ...]  # (topic, edition)
    timed: bool
    images: bool
    corrected: tuple[int, ...] = (0,) * len(TOPICS)  # minutes by which a time was moved, by topic
    dated: bool = True  # it has its crawl date

    def text(self) -> bytes:
        lines = []
        for topic, edition in self.shown:
            article = write(TOPICS[topic], edition)
            published = START + timedelta(hours=7 * topic, minutes=self.corrected[topic])
            if self.timed:
                lines.append(f"{published:%d.%m.%Y, %H:%M} {1000 * (self.day + 1) + topic}")
            lines.append(article.title)
            if self.images:
                lines.append("Images")
            lines += article.paragraphs
        crawled = (START + timedelta(days=3 + self.day)).date()
        if self.dated:
            lines.insert(0, f" date {crawled}")
        return ("\n".join(lines) + "\n").encode()


State = dict[object, dict[str, object]]


@cache
def _empty_store() -> bytes:
    """A migrated database without rows, so that migrations run once and not per example."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "monitor.db"
        open_store(f"sqlite:///{file}").close()
        return file.read_bytes()


def ingest(listings: Iterable[Listing], *, batch: int = 500) -> State:
    """Take the dumps in the order given; returns everything that must not depend on it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "monitor.db"
        file.write_bytes(_empty_store())
        store = open_store(f"sqlite:///{file}")
        try:
            moment = START

            def clock() -> datetime:
                nonlocal moment
                moment += timedelta(seconds=1)
                return moment

            pipeline = Pipeline(store.ingest, clock=clock, keep_bad=lambda d, b: None, batch=batch)
            for listing in listings:
                data = listing.text()
                sha256 = hashlib.sha256(data).hexdigest()
                info = DumpInfo(sha256, f"{sha256[:6]}.txt", PROFILE.name, len(data), clock())
                stream = io.BytesIO(data)
                done = pipeline.ingest(parse(stream, PROFILE, name="x"), info, PROFILE, POLICY)
                assert done.dump.state is DumpState.DONE
                counts = done.dump
                assert counts.articles == (
                    counts.new
                    + counts.revised
                    + counts.unchanged
                    + counts.duplicate
                    + counts.quarantined
                )
            articles = store.pages.articles(limit=1000)
            return {
                (entry.title, entry.published): {
                    "text": (entry.title, entry.body),
                    "views": entry.views,
                    "revision": entry.revision,
                    "rules": sorted(entry.rules),
                    "chain": [
                        (r.number, r.title, r.body, r.order) for r in store.pages.chain(entry.id)
                    ],
                }
                for entry in articles
            }
        finally:
            store.close()


def listings(seed: int, *, days: int = 6, untimed: bool = True) -> list[Listing]:
    """A history: every day shows some topics; editions only grow, times are corrected, some days
    are crawled twice or lack their crawl date."""
    chance = random.Random(seed)
    editions = [0] * len(TOPICS)
    corrected = [0] * len(TOPICS)
    history = []
    day = 0
    for _ in range(days):
        for topic in range(len(TOPICS)):
            editions[topic] = min(3, editions[topic] + (chance.random() < 0.5))
            corrected[topic] += chance.randint(1, 90) * (chance.random() < 0.1)
        shown = sorted(chance.sample(range(len(TOPICS)), chance.randint(2, len(TOPICS))))[::-1]
        timed = not untimed or chance.random() < 0.7
        history.append(
            Listing(
                day,
                tuple((topic, editions[topic]) for topic in shown),
                timed=timed,
                images=chance.random() < 0.5,
                corrected=tuple(corrected),
                dated=not timed or chance.random() < 0.85,
            )
        )
        day += chance.random() < 0.8
    return history


def test_the_history_has_edits() -> None:
    """The generated history is worth testing: it has revisions and articles without time."""
    state = ingest(listings(1))
    chains = [article["revision"] for article in state.values()]
    assert max(chains) >= 3
    assert len(state) == len(TOPICS)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 999), data=st.data())
def test_any_order_and_repetition(seed: int, data: st.DataObject) -> None:
    """Permuted and repeated dumps end in the same texts, chains, counters and matches."""
    history = listings(seed)
    repeated = history + [history[i] for i in data.draw(st.lists(st.integers(0, 5), max_size=3))]
    shuffled = data.draw(st.permutations(repeated))
    assert ingest(shuffled) == ingest(history)


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_batches_do_not_matter(batch: int) -> None:
    """However a dump is cut into transactions, the same comes out."""
    history = listings(7, untimed=False)
    assert ingest(history, batch=batch) == ingest(history)
