"""What it costs to know an article again, and how much of the wording has to be left for it.

    python benchmarks/identity.py [--seen 10000 1000000] [--dumps 400] [--recall 300]

Stores with so many seen articles are filled: the last ones through the pipeline, the others by
SQL, with texts of the same length and lookup keys as random as hashes are. Then listings of 25
articles go through the pipeline, as listings are: mostly what the last ones showed, some new, an
edited one or two, a copy from another source. Times are those inside the pipeline's transactions,
by stage; moving keys from tree to tree is shared out over the articles that made the keys. The
best of the repeats counts.

The second table is the share of edited articles that are found by a lookup key at all, by how
alike their three-word shingles still are (what is found is then compared word by word). The
title is another, the time and source are, so nothing but the text can tell.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from edits import KINDS, Editor
from newsroom import Newsroom

from monitor.config import SourceSettings
from monitor.model import Article, DumpInfo
from monitor.pipeline import Pipeline, Policy, ingest, step
from monitor.revisions import fingerprint, text_keys
from monitor.revisions.resemblance import Resemblance
from monitor.rules import compile_rules
from monitor.store import open_store, shelves

START = datetime(2026, 2, 1, tzinfo=UTC)
LISTING = 25
SHOWN = {"unchanged": 0.68, "new": 0.2, "revised": 0.08, "near-duplicate": 0.04}
SOURCES = tuple(SourceSettings(name=name, zone="UTC") for name in ("norland", "courier"))
STAGES = ("fingerprint", "look up", "identify", "write keys", "move keys")


class Clock:
    """Seconds of this thread's processor, by stage."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()

    def around(self, stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, timed."""

        def timed(*args: Any, **more: Any) -> Any:
            started = time.thread_time()
            try:
                return work(*args, **more)
            finally:
                self.spent[stage] += time.thread_time() - started

        return timed


@contextmanager
def measured(clock: Clock) -> Iterator[None]:
    """Time the stages where the pipeline calls them."""
    places = (
        (ingest, "fingerprint", "fingerprint"),
        (step, "look_up", "look up"),
        (step, "identify", "identify"),
        (shelves.Shelves, "__init__", "look up"),
        (shelves.Shelves, "add", "write keys"),
        (shelves.Shelves, "merge", "move keys"),
    )
    before = [getattr(owner, name) for owner, name, _ in places]
    for owner, name, stage in places:
        setattr(owner, name, clock.around(stage, getattr(owner, name)))
    try:
        yield
    finally:
        for (owner, name, _), work in zip(places, before, strict=True):
            setattr(owner, name, work)


class Desk:
    """A store that takes listings."""

    def __init__(self, file: Path) -> None:
        self.store = open_store(f"sqlite:///{file}")
        self._policy = Policy(compile_rules([]), None, {}, "http://page")
        self._moment = START
        self._pipeline = Pipeline(
            self.store.ingest, clock=lambda: self._moment, keep_bad=lambda dump, bad: None
        )
        self.outcomes: Counter[str] = Counter()

    def take(self, number: int, articles: Iterable[Article], source: SourceSettings) -> None:
        self._moment += timedelta(minutes=1)
        info = DumpInfo(f"{number:064x}", f"{number}.txt", source.name, 1, self._moment)
        segments = [replace(article, index=i) for i, article in enumerate(articles)]
        dump = self._pipeline.ingest(segments, info, source, self._policy).dump
        for outcome in ("new", "revised", "unchanged", "duplicate"):
            self.outcomes[outcome] += getattr(dump, outcome)


class Press:
    """Writes articles and listings, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        newsroom = Newsroom(seed)
        self.chance = random.Random(seed)
        self._editor = Editor(newsroom, seed)
        self._texts = newsroom.articles(10**9)
        self._written = 0

    def write(self, source: str) -> Article:
        title, body = next(self._texts)
        self._written += 1
        published = START + timedelta(minutes=self._written)
        return Article(0, title, tuple(body.split("\n")), source, published, crawled=START.date())

    def listing(self, shown: list[Article], others: list[Article]) -> list[Article]:
        """A listing of the source whose articles are ``shown``, which changes with it; copies are
        of ``others``."""
        wanted = {kind: round(LISTING * share) for kind, share in SHOWN.items()}
        source = shown[0].source
        places = self.chance.sample(range(len(shown)), wanted["unchanged"] + wanted["revised"])
        unchanged = [shown[at] for at in places[wanted["revised"] :]]
        for at in places[: wanted["revised"]]:
            shown[at] = self._editor.edit(shown[at], "stretches", 0.1)
        revised = [shown[at] for at in places[: wanted["revised"]]]
        new = [self.write(source) for _ in range(wanted["new"])]
        copies = [
            replace(
                self._editor.edit(other, "words", 0.05), title=f"{new[0].title} {n}", source=source
            )
            for n, other in enumerate(self.chance.sample(others, wanted["near-duplicate"]))
        ]
        shown += [*new, *copies]
        return [*new, *copies, *revised, *unchanged]


# --------------------------------------------------------------------------- stores


def fill(file: Path, count: int, newsroom: Newsroom) -> None:
    """Add ``count`` articles that no listing shows, as rows."""
    sample = [body for _, body in newsroom.articles(200)]
    print_ = fingerprint(Article(0, "Title", tuple(sample[0].split("\n")), "norland", START), START)
    keys = 2 + len(text_keys(print_))
    rows = sqlite3.connect(file, isolation_level=None)
    rows.execute("PRAGMA synchronous = OFF")
    rows.execute("PRAGMA cache_size = -500000")
    chance = random.Random(count)

    def numbers(amount: int) -> Iterator[int]:
        return (chance.getrandbits(64) - 2**63 for _ in range(amount))

    def articles() -> Iterator[tuple[object, ...]]:
        packed = bytes(8 * len(print_.paragraphs))
        for pk in range(1, count + 1):
            moment = (START - timedelta(minutes=pk)).isoformat(timespec="microseconds")
            order = f"20260101|202601010000|{0:019d}|dump-{pk // LISTING}.txt|{pk:016x}"
            yield (
                pk, f"{chance.getrandbits(128):032x}"[:36].ljust(36, "-"), "norland",
                sample[pk % len(sample)][:70], *numbers(2), packed, moment, order, "2026-01-01",
                "2026-01-01", order, 1, 100, moment, moment, moment, 1.0, None, None, None,
            )  # fmt: skip

    rows.execute("BEGIN")
    names = [row[1] for row in rows.execute("PRAGMA table_info(articles)")]
    rows.executemany(
        f"INSERT INTO articles ({', '.join(names[:21])}) VALUES ({', '.join('?' * 21)})",
        articles(),
    )
    rows.execute("CREATE TEMP TABLE bodies (number INTEGER PRIMARY KEY, body TEXT)")
    rows.executemany("INSERT INTO bodies VALUES (?, ?)", enumerate(sample))
    rows.execute(
        "INSERT INTO revisions"
        " (article, number, content, title, body, paragraphs, sort_key, observed)"
        " SELECT pk, 1, content, title, body, paragraphs, last_order, updated"
        f" FROM articles JOIN bodies ON bodies.number = pk % {len(sample)}"
    )
    dumps = count // LISTING + 1
    rows.executemany(
        "INSERT INTO dumps (sha256, name, source, size, received, state, copies, position, new,"
        " revised, unchanged, duplicate, quarantined)"
        " VALUES (?, ?, 'norland', 1, ?, 'done', 1, 25, 25, 0, 0, 0, 0)",
        ((f"filled-{n}", f"dump-{n}.txt", START.isoformat()) for n in range(dumps)),
    )
    rows.execute(
        "INSERT INTO segments"
        " (dump, place, outcome, article, reason, sort_key, content, views, confidence)"
        f" SELECT 1 + pk / {LISTING}, pk % {LISTING}, 'new', pk, 'new',"
        " last_order, content, views, 1.0 FROM articles"
    )
    rows.execute("COMMIT")
    # A tree that grew key by key is not full; one that is filled in a few rounds is alike.
    recent = min(count // 2, shelves.PARTS * shelves.MERGE_EVERY // 2 // keys)
    for tree, amount, rounds in (("features", count - recent, 5), ("recent_features", recent, 2)):
        for _ in range(rounds):
            rows.execute(
                f"INSERT INTO {tree} WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                f" WHERE i < {amount * keys // rounds}) SELECT random(), i % {count} + 1 FROM n"
                " ORDER BY 1"
            )
    rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    rows.close()


def sizes(file: Path, seen: int) -> tuple[float, float]:
    """Bytes of the file, and of its lookup keys, for each seen article."""
    with sqlite3.connect(file) as rows:
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        whole = file.stat().st_size
        keys = whole
        try:
            (keys,) = rows.execute(
                "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%features%'"
            ).fetchone()
        except sqlite3.OperationalError:  # built without dbstat
            keys = 0
    return whole / seen, keys / seen


def cost(seen: int, dumps: int, repeats: int, folder: Path) -> dict[str, float]:
    """Microseconds an article by stage, and sizes, with so many articles seen before."""
    file = folder / f"{seen}.db"
    press = Press(seed=1)
    Desk(file).store.close()
    each = min(seen // 4, 2_500)
    started = time.perf_counter()
    fill(file, seen - 2 * each, Newsroom(2))
    desk = Desk(file)
    shown = [[press.write(source.name) for _ in range(each)] for source in SOURCES]
    for number, at in enumerate(range(0, each, 500)):
        for which, articles in enumerate(shown):
            desk.take(2 * number + which, articles[at : at + 500], SOURCES[which])
    print(f"  {seen:,} seen: filled in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    whole, keys = sizes(file, seen)
    desk.outcomes.clear()
    best: dict[str, float] = {}
    moved = written = total = 0.0
    number = 10**6
    for _ in range(repeats):
        clock = Clock()
        count = 0
        listings = [
            press.listing(*(shown if n % 2 else shown[::-1])) for n in range(dumps // repeats)
        ]
        with measured(clock):
            started = time.thread_time()
            for n, articles in enumerate(listings):
                desk.take(number, articles, SOURCES[1 - n % 2])
                number += 1
                count += len(articles)
            took = time.thread_time() - started
        moved += clock.spent.pop("move keys")
        written += count
        for stage, seconds in {**clock.spent, "all of the pipeline": took}.items():
            best[stage] = min(best.get(stage, 1e9), seconds / count * 1e6)
        total += took
    best["move keys"] = moved / written * 1e6
    desk.store.close()
    print(f"  outcomes: {dict(desk.outcomes)}", file=sys.stderr)
    best |= {"bytes": whole, "bytes of keys": keys}
    best["moves"] = moved
    return best


def costs(seen: list[int], dumps: int, repeats: int) -> None:
    """The first table."""
    with tempfile.TemporaryDirectory() as folder:
        found = [cost(count, dumps, repeats, Path(folder)) for count in seen]
    for one in found:
        one["together"] = sum(one[stage] for stage in STAGES)
    print(
        f"\nTo know an article again beside cutting, microseconds an article, in {dumps} listings"
    )
    print(f"  {'seen before':<24}{''.join(f'{count:>14,}' for count in seen)}{'ratio':>8}")
    for label in (*STAGES, "together", "all of the pipeline", "bytes", "bytes of keys"):
        values = [one[label] for one in found]
        row = "".join(f"{value:>14,.1f}" for value in values)
        print(f"  {label:<24}{row}{values[-1] / values[0]:>8.2f}")


# --------------------------------------------------------------------------- recall


def recall(count: int) -> None:
    """The second table."""
    newsroom = Newsroom(3)
    editor = Editor(newsroom, 3)
    articles = [
        Article(0, title, tuple(body.split("\n")), "norland", START)
        for title, body in newsroom.articles(count)
    ]
    levels = (0.5, 0.6, 0.7, 0.8, 0.9)
    print(f"\nEdited articles found by a lookup key of their text, of {count} by similarity\n")
    print(f"  {'what was edited':<46}{''.join(f'{level:>8.1f}' for level in levels)}")
    for kind, label in KINDS.items():
        shares = [found_share(articles, editor, kind, level) for level in levels]
        print(f"  {label:<46}{''.join(f'{share:>8.1%}' for share in shares)}")


def found_share(articles: list[Article], editor: Editor, kind: str, level: float) -> float:
    """The share found of those whose Jaccard similarity comes within 0.05 of ``level``."""
    few, most = 0.0, 2.0 if kind == "longer" else 1.0
    for _ in range(12):
        share = (few + most) / 2
        mean = sum(alike(a, editor.edit(a, kind, share)) for a in articles[:25]) / 25
        few, most = (share, most) if mean > level else (few, share)
    found = [
        not set(text_keys(fingerprint(article, START))).isdisjoint(
            text_keys(fingerprint(edited, START))
        )
        for article in articles
        for edited in (editor.edit(article, kind, share),)
        if abs(alike(article, edited) - level) < 0.05
    ]
    return sum(found) / max(1, len(found))


def alike(one: Article, other: Article) -> float:
    return Resemblance((one.title, one.body), ()).to((other.title, other.body)).jaccard


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seen", type=int, nargs="+", default=[2_000, 20_000])
    options.add_argument("--dumps", type=int, default=40)
    options.add_argument("--repeats", type=int, default=4)
    options.add_argument("--recall", type=int, default=50, help="articles; 0: leave it out")
    chosen = options.parse_args()
    costs(chosen.seen, chosen.dumps, chosen.repeats)
    if chosen.recall:
        recall(chosen.recall)


if __name__ == "__main__":
    main()
