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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import islice
from typing import Protocol

from monitor.alerts import Planned, Routing, make_alerts
from monitor.config import SourceSettings
from monitor.errors import DumpError
from monitor.model import (
    Article,
    BadRecord,
    Change,
    Clock,
    Destination,
    Dump,
    DumpInfo,
    DumpState,
    Fingerprint,
    Known,
    Match,
    Outcome,
    Revision,
    Sighting,
)
from monitor.ports import IngestBatch, IngestStore
from monitor.revisions import (
    Index,
    Relation,
    article_id,
    fingerprint,
    identify,
    order_key,
    place,
)

BATCH = 500  # segments committed at once
BATCH_CHARACTERS = 4_000_000  # ... or fewer, where they are long

Segment = Article | BadRecord


class Rules(Protocol):
    """What the pipeline needs of a compiled rule set."""

    def match(self, *, title: str, body: str) -> list[Match]: ...


@dataclass(frozen=True, slots=True)
class Policy:
    """What the configuration says, compiled; replaced whole on reload."""

    rules: Rules
    routing: Routing | None
    destinations: Mapping[str, Sequence[Destination]]  # by receiver
    base_url: str


@dataclass(slots=True)
class Ingested:
    """What became of one dump."""

    dump: Dump
    seen_before: bool = False
    interrupted: bool = False
    matches: int = 0
    alerts: int = 0
    rules: set[str] = field(default_factory=set)  # whose feeds may have changed
    bad: int = 0


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
        self._store = store
        self._clock = clock
        self._keep_bad = keep_bad
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
        dump = self._store.open_dump(info)
        result = Ingested(dump)
        if dump.state is not DumpState.INGESTING:
            result.seen_before = True
            return result
        run = _Run(self, dump, info, profile, policy, result)
        failure: str | None = None
        batches = _batches(segments, self._batch)
        while True:
            if stop is not None and stop.is_set():
                result.interrupted = True
                return result
            batch, error = next(batches)
            if batch:
                run.commit(batch)
                progress(run.position)
            if error is not None:
                failure = str(error)
            if error is not None or not batch:
                break
        result.dump = self._store.close_dump(dump.id, *_final_state(run, failure))
        return result


def _final_state(run: _Run, failure: str | None) -> tuple[DumpState, str | None]:
    if run.usable == 0 and (failure or run.result.bad):
        return DumpState.QUARANTINED, failure or "no usable article"
    if run.usable == 0:
        return DumpState.QUARANTINED, "holds no article"
    return (DumpState.PARTIAL, failure) if failure else (DumpState.DONE, None)


def _batches(
    segments: Iterable[Segment], size: int
) -> Iterator[tuple[list[Segment], DumpError | None]]:
    """Lists of at most ``size`` segments, ending with an empty list or the error that ended it."""
    source = iter(segments)
    while True:
        batch: list[Segment] = []
        characters = 0
        error: DumpError | None = None
        try:
            for segment in islice(source, size):
                batch.append(segment)
                characters += _length(segment)
                if characters >= BATCH_CHARACTERS:
                    break
        except DumpError as caught:
            error = caught
        yield batch, error


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
        info: DumpInfo,
        profile: SourceSettings,
        policy: Policy,
        result: Ingested,
    ) -> None:
        self.pipeline = pipeline
        self.store = pipeline._store
        self.dump = dump
        self.info = info
        self.profile = profile
        self.policy = policy
        self.result = result
        self.position = 0
        self.usable = 0
        self.head: tuple[date, datetime | None] | None = None
        self.seen: set[int] = set()  # pks met in this dump

    def commit(self, batch: Sequence[Segment]) -> None:
        """One transaction for those segments of the batch that are not stored yet."""
        day, newest = self._head(batch)
        self.usable += sum(isinstance(segment, Article) for segment in batch)
        prints = {
            segment.index: fingerprint(segment, segment.crawled or day)
            for segment in batch
            if isinstance(segment, Article)
        }
        now = self.pipeline._clock()
        with self.store.batch(self.dump.id) as tx:
            todo = [segment for segment in batch if segment.index >= tx.position]
            for bad in todo:
                if isinstance(bad, BadRecord):
                    self.pipeline._keep_bad(self.dump, bad)
            step = _Step(self, tx, now, day, newest, prints)
            for segment in todo:
                step.take(segment)
            step.flush()
            step.enqueue()
        self.position = batch[-1].index + 1
        step.report(self.result)

    def _head(self, batch: Sequence[Segment]) -> tuple[date, datetime | None]:
        """Crawl day and newest publication time, both of the dump's first batch."""
        if self.head is None:
            articles = [segment for segment in batch if isinstance(segment, Article)]
            newest = max((a.published for a in articles if a.published), default=None)
            crawled = next((a.crawled for a in articles if a.crawled), None)
            if crawled is not None:
                self.store.set_crawled(self.dump.id, replace(self.info, crawled=crawled))
            day = crawled or (newest.date() if newest else None)
            self.head = day or self.info.received.astimezone(self.profile.zone).date(), newest
        return self.head


class _Step:
    """One transaction's decisions; what is decided is visible to the next segment."""

    def __init__(
        self,
        run: _Run,
        tx: IngestBatch,
        now: datetime,
        day: date,
        newest: datetime | None,
        prints: Mapping[int, Fingerprint],
    ) -> None:
        self.run, self.tx, self.now, self.day, self.newest = run, tx, now, day, newest
        self.prints = prints
        wanted = {feature for print_ in prints.values() for feature in print_.features}
        self.index = Index(*tx.candidates(wanted))
        self.pks = iter(tx.next_pks(len(prints)))
        self.changes: list[Change] = []
        self.texts: dict[int, tuple[str, str]] = {}  # of articles not yet written
        self.planned: list[Planned] = []
        self.matches = self.bad = 0
        self.rules: set[str] = set()

    def take(self, segment: Segment) -> None:
        """Decide what the segment becomes."""
        if isinstance(segment, BadRecord):
            self.bad += 1
            self.changes.append(
                Change(segment.index, Outcome.QUARANTINED, segment.reason, confidence=0.0)
            )
            return
        print_ = self.prints[segment.index]
        day = segment.crawled or self.day
        sighting = Sighting(
            order_key(day, self.newest, segment.views, self.run.info.name, print_.content),
            print_.content,
            segment.views,
        )
        verdict = identify(
            segment,
            print_,
            day=day,
            index=self.index,
            text_of=self.text_of,
            window=self.run.profile.window,
        )
        if verdict.relation is Relation.SAME and verdict.known is not None:
            change = self._again(segment, print_, sighting, verdict.known, verdict.reason, day)
        else:
            change = self._first(segment, print_, sighting, verdict.known, verdict.reason, day)
        self.changes.append(change)
        if change.article is not None:
            self.index.put(change.article, change.features)
            self.run.seen.add(change.article.pk)

    def _first(
        self,
        article: Article,
        print_: Fingerprint,
        sighting: Sighting,
        original: Known | None,
        reason: str,
        day: date,
    ) -> Change:
        known = Known(
            pk=next(self.pks),
            id=article_id(article, print_.title_key, day),
            source=article.source,
            title=article.title,
            title_key=print_.title_key,
            content=print_.content,
            paragraphs=print_.paragraphs,
            published=_utc(article.published),
            published_order=sighting.order if article.published else None,
            seen_from=day,
            seen_to=day,
            last_order=sighting.order,
            revision=1,
            views=article.views,
            first_seen=self.now,
            last_seen=self.now,
            updated=self.now,
            confidence=article.confidence,
            duplicate_of=original.pk if original else None,
        )
        revision = Revision(
            1,
            print_.content,
            article.title,
            article.body,
            print_.paragraphs,
            sighting.order,
            self.now,
        )
        matches = self._match(article)
        told: set[str] = set()
        if original is not None and matches:  # a copy: tell only what the original did not say
            title, body = self.text_of(original.pk)
            told = {m.rule for m in self.run.policy.rules.match(title=title, body=body)}
        self._alert(known, article.body, Outcome.NEW, [m for m in matches if m.rule not in told])
        self.texts[known.pk] = article.title, article.body
        return Change(
            article.index,
            Outcome.DUPLICATE if original else Outcome.NEW,
            reason,
            article=known,
            is_new=True,
            sighting=sighting,
            revisions=(revision,),
            features=print_.features,
            matches=matches,
            confidence=article.confidence,
        )

    def _again(
        self,
        article: Article,
        print_: Fingerprint,
        sighting: Sighting,
        known: Known,
        reason: str,
        day: date,
    ) -> Change:
        placed = place(
            article,
            print_,
            sighting,
            known,
            now=self.now,
            sightings_of=self.sightings_of,
            revisions_of=self.revisions_of,
        )
        state = _seen_again(known, article, print_, sighting, day, self.now)
        matches: tuple[Match, ...] = ()
        if placed.outcome is Outcome.REVISED:
            matches = self._match(article)
        if placed.forward:
            current = placed.revisions[-1]
            state = replace(
                state,
                title=current.title,
                title_key=print_.title_key,
                content=print_.content,
                paragraphs=print_.paragraphs,
                updated=self.now,
            )
            self._alert(
                replace(state, revision=placed.number), current.body, Outcome.REVISED, matches
            )
            self.texts[known.pk] = current.title, current.body
        elif placed.replace_chain:
            state = replace(state, title=placed.revisions[-1].title)
        outcome = placed.outcome
        if outcome is Outcome.UNCHANGED and known.pk in self.run.seen:
            outcome, reason = Outcome.DUPLICATE, f"stands twice in this dump; {reason}"
        return Change(
            article.index,
            outcome,
            f"{reason}; {placed.reason}",
            article=replace(state, revision=placed.number),
            sighting=sighting,
            revisions=placed.revisions,
            replace_chain=placed.replace_chain,
            features=print_.features
            if print_.content != known.content or article.published
            else (),
            matches=matches,
            confidence=article.confidence,
        )

    def _match(self, article: Article) -> tuple[Match, ...]:
        matches = tuple(self.run.policy.rules.match(title=article.title, body=article.body))
        self.matches += len(matches)
        self.rules.update(match.rule for match in matches)
        return matches

    def _alert(self, known: Known, body: str, kind: Outcome, matches: Sequence[Match]) -> None:
        policy = self.run.policy
        if policy.routing is not None and matches:
            self.planned += make_alerts(
                known, body, kind, matches, policy.routing, now=self.now, base_url=policy.base_url
            )

    # --- history, written first where it is still waiting in this transaction

    def text_of(self, pk: int) -> tuple[str, str]:
        if pk not in self.texts:
            self.texts[pk] = self.tx.text(pk)
        return self.texts[pk]

    def sightings_of(self, pk: int) -> Sequence[Sighting]:
        self.flush()
        return self.tx.sightings(pk)

    def revisions_of(self, pk: int) -> Sequence[Revision]:
        self.flush()
        return self.tx.revisions(pk)

    def flush(self) -> None:
        """Write the changes decided so far."""
        if self.changes:
            self.tx.write(self.changes)
            self.changes = []

    def enqueue(self) -> None:
        """Put the planned alerts into their destinations' deliveries."""
        grouped: dict[str, list[Planned]] = {}
        for planned in self.planned:
            grouped.setdefault(planned.receiver, []).append(planned)
        for receiver, mine in grouped.items():
            due = self.now + min(planned.group_wait for planned in mine)
            for destination in self.run.policy.destinations.get(receiver, ()):
                self.tx.enqueue(
                    destination, [planned.alert for planned in mine], now=self.now, due=due
                )

    def report(self, result: Ingested) -> None:
        """Add this transaction's counts, once it is committed."""
        result.matches += self.matches
        result.alerts += len(self.planned)
        result.rules |= self.rules
        result.bad += self.bad


def _seen_again(
    known: Known,
    article: Article,
    print_: Fingerprint,
    sighting: Sighting,
    day: date,
    now: datetime,
) -> Known:
    """The article's state after one more sighting, the text apart; the same in any order."""
    state = replace(
        known,
        seen_from=min(known.seen_from, day),
        seen_to=max(known.seen_to, day),
        last_order=max(known.last_order, sighting.order),
        last_seen=now,
        views=max((v for v in (known.views, article.views) if v is not None), default=None),
        confidence=max(known.confidence, article.confidence),
    )
    if article.published is not None and sighting.order >= (known.published_order or ""):
        state = replace(state, published=_utc(article.published), published_order=sighting.order)
    return state


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment is not None else None
