"""The way of a dump: segments in, committed changes out.

    for each batch of segments:
        one transaction:
            look up what is known of their titles and paragraphs
            for each segment, in order:
                identify it, place it in its history
                if its text is new to the article: match the rules
                if the current text is new: plan alerts
            write changes, alerts, deliveries, and how far the dump has come
    close the dump in the ledger

A crash between two batches resumes where the ledger says; a crash inside one leaves nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from monitor.config import SourceSettings
from monitor.errors import DumpError
from monitor.model import Article, BadRecord, Clock, Dump, DumpInfo, DumpState
from monitor.pipeline.crawl import Crawl, Seen, Segment
from monitor.pipeline.gather import Gatherings, enqueue
from monitor.pipeline.policy import Policy
from monitor.pipeline.quality import quality_of
from monitor.pipeline.step import Step
from monitor.ports import IngestStore
from monitor.revisions import fingerprint

BATCH = 500  # segments committed at once
BATCH_CHARACTERS = 2_000_000  # ... or fewer, where they are long
MOST_SEEN = 10_000  # articles of a dump remembered, to know what stands in it twice


@dataclass(slots=True)
class Ingested:
    """What became of one dump."""

    dump: Dump
    seen_before: bool = False
    interrupted: bool = False
    matches: int = 0
    undecided: int = 0  # rules not decided for an article: it would have taken too long
    alerts: int = 0
    rules: set[str] = field(default_factory=set)  # whose feeds may have changed
    first_bad: str | None = None  # why the first rejected segment was


class Pipeline:
    """Takes dumps through, one at a time."""

    def __init__(
        self,
        store: IngestStore,
        *,
        clock: Clock,
        keep_bad: Callable[[Dump, BadRecord], None],
        batch: int = BATCH,
    ) -> None:
        """``keep_bad`` puts a rejected segment into quarantine; it may be called again with the
        same segment after a crash and must then change nothing."""
        self.store = store
        self.clock = clock
        self.keep_bad = keep_bad
        self._batch = batch

    def ingest(
        self,
        segments: Iterable[Segment],
        info: DumpInfo,
        profile: SourceSettings,
        policy: Policy,
        *,
        stop: threading.Event | None = None,
        progress: Callable[[int], None] = lambda count: None,
    ) -> Ingested:
        """Store one dump and say what became of it.

        ``progress`` is told after each commit how many segments are stored. With ``stop`` set,
        ends after the running batch with ``interrupted``; the dump is then resumed later.
        Raises StoreError; a DumpError of ``segments`` closes the dump as partial or quarantined.
        """
        dump = self.store.open_dump(info)
        result = Ingested(dump)
        if dump.state is not DumpState.INGESTING:
            result.seen_before = True
            return result
        run = _Run(self, dump, profile, policy, result)
        failure: str | None = None
        batches = _batches(segments, self._batch)
        while True:
            if stop is not None and stop.is_set():
                result.interrupted = True
                return result
            batch, more, error = next(batches)
            if batch:
                run.commit(batch, more=more)
                progress(run.position)
            if error is not None:  # the ledger has the dump's name beside it
                failure = str(error).removeprefix(f"{info.name}: ")
            if not more:
                break
        result.dump = self.store.close_dump(dump.id, *_final_state(run, failure))
        return result

    def give_up(self, info: DumpInfo, reason: str) -> Dump:
        """Close a dump that broke off and is not tried again, with what is stored of it.

        Raises StoreError.
        """
        dump = self.store.open_dump(info)
        if dump.state is not DumpState.INGESTING:
            return dump
        stored = dump.articles > dump.quarantined
        state = DumpState.PARTIAL if stored else DumpState.QUARANTINED
        return self.store.close_dump(dump.id, state, reason)


def _final_state(run: _Run, failure: str | None) -> tuple[DumpState, str | None]:
    if run.usable == 0:
        return DumpState.QUARANTINED, failure or run.result.first_bad or "holds no article"
    return (DumpState.PARTIAL, failure) if failure else (DumpState.DONE, None)


def _batches(
    segments: Iterable[Segment], size: int
) -> Iterator[tuple[list[Segment], bool, DumpError | None]]:
    """``(segments, whether there are more, the error that ended them)``, again and again."""
    source = iter(segments)
    ahead: list[Segment] = []  # the one segment read to know whether there are more
    while True:
        batch, ahead = ahead, []
        characters = sum(map(_length, batch))
        error: DumpError | None = None
        try:
            for segment in source:
                if len(batch) >= size or characters >= BATCH_CHARACTERS:
                    ahead.append(segment)
                    break
                batch.append(segment)
                characters += _length(segment)
        except DumpError as caught:
            error = caught
        yield batch, bool(ahead), error


def _length(segment: Segment) -> int:
    if isinstance(segment, BadRecord):
        return len(segment.raw)
    return sum(map(len, segment.paragraphs))


class _Run:
    """One dump on its way."""

    def __init__(
        self,
        pipeline: Pipeline,
        dump: Dump,
        profile: SourceSettings,
        policy: Policy,
        result: Ingested,
    ) -> None:
        self.pipeline = pipeline
        self.dump = dump
        self.profile = profile
        self.policy = policy
        self.result = result
        self.position = 0
        self.usable = 0
        self.crawl: Crawl | None = None
        self.seen: Seen = {}  # what was met lately in this dump
        self.gathering: Gatherings = {}  # what waits for its end

    def commit(self, batch: Sequence[Segment], *, more: bool) -> None:
        """One transaction for those segments of the batch that are not stored yet.

        ``more``: this is not the dump's last."""
        if self.crawl is None:
            self.crawl = self._crawl(batch)
        if len(self.seen) > MOST_SEEN:
            self.seen.clear()
        self.usable += sum(isinstance(segment, Article) for segment in batch)
        prints = [
            (segment, fingerprint(segment, segment.crawled or self.crawl.day))
            for segment in batch
            if isinstance(segment, Article)
        ]
        days = {s.crawled or self.crawl.day for s in batch if isinstance(s, Article)}
        with self.pipeline.store.batch(self.dump.id) as tx:
            if self.position == 0 and self.crawl.told is not None:
                tx.set_crawled(self.crawl.told)
            todo = [segment for segment in batch if segment.index >= tx.position]
            for bad in todo:
                if isinstance(bad, BadRecord):
                    self.pipeline.keep_bad(self.dump, bad)
                    self.result.first_bad = self.result.first_bad or bad.reason
            now = self.pipeline.clock()
            step = Step(tx, self.policy, self.crawl, prints, self.seen, now, days)
            if len(todo) < len(batch):
                step.remember()
            for segment in todo:
                step.take(segment)
            step.flush()
            enqueue(tx, step.planned, self.policy, self.gathering, now=step.now, more=more)
            tx.withhold(step.withheld)
            tx.measure(quality_of(todo, self.dump.received))
        self.position = batch[-1].index + 1
        self.result.matches += step.matches
        self.result.undecided += step.undecided
        self.result.alerts += len(step.planned)
        self.result.rules |= step.rules

    def _crawl(self, batch: Sequence[Segment]) -> Crawl:
        """Crawl day and newest publication time, both of the dump's first batch.

        Name and day of arrival are those in the ledger: a dump that is resumed under another
        name, or on another day, is still the same.
        """
        articles = [segment for segment in batch if isinstance(segment, Article)]
        newest = max((a.published for a in articles if a.published), default=None)
        told = next((a.crawled for a in articles if a.crawled), None)
        day = told or (newest.date() if newest else None)
        return Crawl(
            name=self.dump.name,
            day=day or self.dump.received.astimezone(self.profile.zone).date(),
            told=told,
            newest=newest,
            window=self.profile.window,
            received=self.dump.received,
        )
