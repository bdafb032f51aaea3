"""What it costs to know an article again, and how much of the wording has to be left for it.

    python benchmarks/identity.py [--seen 10000 1000000] [--dumps 400] [--recall 300]

Stores with so many seen articles are filled: the last ones through the pipeline, the others by
SQL, with texts of the same length and lookup keys as random as hashes are. Then listings of 25
articles go through the pipeline, two thirds of them unchanged, the others new, edited, or copies
of the other source's. Times are those of this thread's processor inside the pipeline's
transactions, by stage, of the stores in turns; the best of the repeats counts. Moving keys from
tree to tree is measured apart and shared out over the articles that make so many.

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

from monitor.app.app import calm_collector
from monitor.config import SourceSettings
from monitor.model import Article, DumpInfo
from monitor.pipeline import Pipeline, Policy, ingest, step
from monitor.revisions import fingerprint, text_keys
from monitor.revisions.fingerprint import MOST_PARAGRAPHS, MOST_WINDOWS, normal_lines
from monitor.revisions.resemblance import Resemblance
from monitor.rules import compile_rules
from monitor.store import open_store, shelves
from monitor.text import fold

START = datetime(2026, 2, 1, tzinfo=UTC)
LISTING = 25
KEYS = 2 + MOST_PARAGRAPHS + MOST_WINDOWS  # of an article of this length
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
        (step, "recognise", "identify"),
        (shelves.Shelves, "__init__", "look up"),
        (shelves.Shelves, "add", "write keys"),
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
        self._number = 10**6
        self._pipeline = Pipeline(
            self.store.ingest, clock=lambda: self._moment, keep_bad=lambda dump, bad: None
        )

    def take(self, articles: Iterable[Article], source: SourceSettings) -> None:
        self._moment += timedelta(minutes=1)
        self._number += 1
        number = self._number
        info = DumpInfo(f"{number:064x}", f"{number}.txt", source.name, 1, self._moment)
        segments = [replace(article, index=i) for i, article in enumerate(articles)]
        self._pipeline.ingest(segments, info, source, self._policy)


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
    packed = bytes(8 * len(sample[0].split("\n")))
    rows = sqlite3.connect(file, isolation_level=None)
    rows.execute("PRAGMA synchronous = OFF")
    rows.execute("PRAGMA cache_size = -500000")
    chance = random.Random(count)

    def numbers(amount: int) -> Iterator[int]:
        return (chance.getrandbits(64) - 2**63 for _ in range(amount))

    def articles() -> Iterator[tuple[object, ...]]:
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
    recent = min(count // 2, shelves.PARTS * shelves.MERGE_EVERY // 2)
    for tree, amount, rounds in (("features", count - recent, 5), ("recent_features", recent, 2)):
        for _ in range(rounds):
            rows.execute(
                f"INSERT INTO {tree} WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                f" WHERE i < {amount * KEYS // rounds}) SELECT random(), i % {count} + 1 FROM n"
                " ORDER BY 1"
            )
    rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    rows.close()


def fill_fresh(file: Path, seen: int) -> None:
    """Bring the keys that are written one after another to the number at which they are moved."""
    with sqlite3.connect(file) as rows:
        first, last = rows.execute("SELECT min(seq), max(seq) FROM fresh_features").fetchone()
        chance = random.Random(last)
        rows.executemany(
            "INSERT INTO fresh_features VALUES (?, ?, ?)",
            (
                (seq, chance.randint(1, seen), chance.randbytes(8 * KEYS))
                for seq in range(last + 1, first + shelves.MERGE_EVERY)
            ),
        )
    rows.close()


def sizes(file: Path, seen: int) -> tuple[float, float]:
    """Bytes of the file, and of its lookup keys, for each seen article."""
    with sqlite3.connect(file) as rows:
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        whole = file.stat().st_size
        try:
            (keys,) = rows.execute(
                "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%features%'"
            ).fetchone()
        except sqlite3.OperationalError:  # built without dbstat
            keys = 0
    return whole / seen, keys / seen


class Case:
    """A store with so many seen articles, and what it takes to know again those of listings."""

    def __init__(self, seen: int, folder: Path) -> None:
        self.seen = seen
        self.file = folder / f"{seen}.db"
        self._press = Press(seed=1)
        started = time.perf_counter()
        open_store(f"sqlite:///{self.file}").close()
        each = min(seen // 4, 2_500)
        fill(self.file, seen - 2 * each, Newsroom(2))
        self._desk = Desk(self.file)
        self._shown = [[self._press.write(source.name) for _ in range(each)] for source in SOURCES]
        for at in range(0, each, 500):
            for source, shown in zip(SOURCES, self._shown, strict=True):
                self._desk.take(shown[at : at + 500], source)
        self.bytes, self.bytes_of_keys = sizes(self.file, seen)
        self.best: dict[str, float] = {}
        self._made = self._articles = 0
        took = time.perf_counter() - started
        print(f"  {seen:,} articles stored in {took:.0f} s", file=sys.stderr)

    def measure(self, dumps: int) -> None:
        """Take listings; of each stage the best measure so far is kept."""
        clock = Clock()
        listings = [self._listing(n) for n in range(dumps)]
        before = self._keys()
        with measured(clock):
            clock.around("all of the pipeline", self._take)(listings)
        count = sum(len(articles) for articles, _ in listings)
        self._made += self._keys() - before
        self._articles += count
        for stage, seconds in clock.spent.items():
            self.best[stage] = min(self.best.get(stage, 1e9), seconds / count * 1e6)

    def measure_moves(self, times: int = 3) -> None:
        """Fill up the keys that are written one after another, and take the listing that moves
        them: what it takes longer than another one, checkpoint included, is the price of all."""
        spent = []
        for n in range(times):
            fill_fresh(self.file, self.seen)
            self._desk.store.ingest.known_features([0])  # reads what others wrote, once
            one, other = [self._listing(n)], [self._listing(n + 1)]
            clock = Clock()
            clock.around("moving", self._take)(one)
            clock.around("not moving", self._take)(other)
            spent.append(clock.spent["moving"] - clock.spent["not moving"])
        a_row = sum(spent) / times / shelves.MERGE_EVERY
        self.best["move keys"] = a_row * self._made / self._articles * 1e6
        self._desk.store.close()

    def _listing(self, number: int) -> tuple[list[Article], SourceSettings]:
        at = number % 2
        return self._press.listing(self._shown[at], self._shown[1 - at]), SOURCES[at]

    def _take(self, listings: Iterable[tuple[list[Article], SourceSettings]]) -> None:
        for articles, source in listings:
            self._desk.take(articles, source)

    def _keys(self) -> int:
        """How many rows of keys were ever made."""
        with sqlite3.connect(self.file) as rows:
            (last,) = rows.execute("SELECT coalesce(max(seq), 0) FROM fresh_features").fetchone()
        return int(last)


def costs(seen: list[int], dumps: int, repeats: int) -> None:
    """The first table."""
    with tempfile.TemporaryDirectory() as folder:
        cases = [Case(count, Path(folder)) for count in seen]
        for _ in range(repeats):
            for case in cases:  # in turns: the machine's mood is the same for all
                case.measure(dumps // repeats)
        for case in cases:
            case.measure_moves()
    found = []
    for case in cases:
        together = sum(case.best[stage] for stage in STAGES)
        sizes_ = {"bytes": case.bytes, "bytes of lookup keys": case.bytes_of_keys}
        found.append({**case.best, "together": together, **sizes_})
    print(f"\nTo know an article again beside cutting, by articles seen before; {dumps} listings\n")
    print(f"  {'us/article':<24}{''.join(f'{count:>14,}' for count in seen)}{'ratio':>8}")
    for label in (*STAGES, "together", "all of the pipeline"):
        print(_row(label, [one[label] for one in found]))
    print("\n  a seen article")
    for label in ("bytes", "bytes of lookup keys"):
        print(_row(label, [one[label] for one in found]))
    press = Press(seed=1)
    texts = [press.write("norland").body for _ in range(200)]
    folding = min(_seconds(lambda: [fold(text) for text in texts]) for _ in range(20))
    print(f"\n  for scale: folding a body alone takes {folding / len(texts) * 1e6:.1f} us here")


def _row(label: str, values: list[float]) -> str:
    columns = "".join(f"{value:>14,.1f}" for value in values)
    return f"  {label:<24}{columns}{values[-1] / values[0]:>8.2f}"


def _seconds(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return time.thread_time() - started


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
    lines = normal_lines(f"{one.title}\n{one.body}")
    return Resemblance(lines, ()).to((other.title, other.body)).jaccard


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seen", type=int, nargs="+", default=[2_000, 20_000])
    options.add_argument("--dumps", type=int, default=40)
    options.add_argument("--repeats", type=int, default=4)
    options.add_argument("--recall", type=int, default=50, help="articles; 0: leave it out")
    chosen = options.parse_args()
    calm_collector()  # as the program does
    costs(chosen.seen, chosen.dumps, chosen.repeats)
    if chosen.recall:
        recall(chosen.recall)


if __name__ == "__main__":
    main()
