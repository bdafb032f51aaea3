"""Whatever the order of the dumps, however they are cut up and how often they come: the same
articles, each with its own history."""

from __future__ import annotations

import hashlib
import random
import tempfile
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.config import RuleSettings, SourceSettings
from monitor.model import DumpInfo
from monitor.pipeline import Pipeline, Policy
from monitor.rules import compile_rules
from monitor.store import open_store

from .newsstand import EDITS, START, Dump, history

SOURCES = {name: SourceSettings(name=name, zone="UTC") for name in ("gazette", "courier")}
POLICY = Policy(
    compile_rules(
        [
            RuleSettings.model_validate({"name": "read", "query": "views:>6000"}),
            RuleSettings.model_validate({"name": "late", "query": "published:[2026-02-02 TO *]"}),
        ]
    ),
    None,
    {},
    "http://page",
)
EXAMPLES = settings().max_examples // 20
ALL = ("times", EDITS, 0.0)
UNTIMED = ("no times", tuple(kind for kind in EDITS if kind != "touch"), 0.3)


@cache
def _empty_store() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "monitor.db"
        open_store(f"sqlite:///{file}").close()
        return file.read_bytes()


def ingest(dumps: Iterable[Dump]) -> Counter[tuple[object, ...]]:
    """Take the dumps in this order; every article with all that must not depend on it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "monitor.db"
        file.write_bytes(_empty_store())
        with open_store(f"sqlite:///{file}") as store:
            moment = START
            pipeline = Pipeline(store.ingest, clock=lambda: moment, keep_bad=lambda d, b: None)
            for dump in dumps:
                moment += timedelta(minutes=1)
                sha256 = hashlib.sha256(repr(dump).encode()).hexdigest()
                info = DumpInfo(sha256, dump.name, dump.source, 1, moment)
                pipeline.ingest(dump.articles, info, SOURCES[dump.source], POLICY)
            return Counter(
                (
                    entry.source,
                    entry.title,
                    entry.body,
                    entry.published,
                    entry.views,
                    tuple(sorted(entry.rules)),
                    tuple((r.title, r.body, r.order) for r in store.pages.chain(entry.id)),
                )
                for entry in store.pages.articles(limit=1000)
            )


@pytest.mark.parametrize(("edits", "untimed"), [ALL[1:], UNTIMED[1:]], ids=[ALL[0], UNTIMED[0]])
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000), data=st.data())
def test_any_order_repetition_and_split(
    edits: tuple[str, ...], untimed: float, seed: int, data: st.DataObject
) -> None:
    """Edited a little or by half, retitled, taken back, two of one title and minute, copied by
    another source: permuted and repeated dumps end in the same texts, chains and matches."""
    dumps = history(seed, edits=edits, untimed=untimed)
    repeated = data.draw(st.lists(st.sampled_from(dumps), max_size=3))
    assert ingest(data.draw(st.permutations([*dumps, *repeated]))) == ingest(dumps)


def test_the_histories_are_worth_it() -> None:
    """They have every kind of edit, articles of one title and minute, long chains and dumps in
    parts."""
    dumps = [dump for seed in range(8) for dump in history(seed)]
    assert any(dump.name.endswith("-b") for dump in dumps)
    assert any(article.published is None for dump in dumps for article in dump.articles)
    states = [ingest(history(seed, untimed=0.0)) for seed in (1, 2)]
    chains = [article[-1] for state in states for article in state]
    assert max(len(chain) for chain in chains) >= 4
    times = Counter((article[0], article[3]) for article in states[0])
    assert max(times.values()) == 2


def test_newest_first_is_an_order_too() -> None:
    """An archive is often read backwards."""
    dumps = history(random.Random(5).randint(0, 99), untimed=0.0)
    assert ingest(reversed(dumps)) == ingest(dumps)
