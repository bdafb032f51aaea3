"""Planned alerts into deliveries: those of a dump together, each when its route says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from monitor.alerts import Planned, Storm
from monitor.alerts.timing import (
    BACKFILL_FREE,
    BACKFILL_GROUP,
    BACKFILL_WINDOW,
    STORM_GROUP,
    Company,
    Refused,
    Wish,
    asks_for_last,
    first_wish,
    held_group,
    pause,
    slot,
    storm_slot,
)
from monitor.model import DeliveryKind, Destination, Grouped, Slot, Suppression
from monitor.pipeline.policy import Policy
from monitor.ports import DeliveryBatch, IngestBatch, WithholdingBatch

GATHER = timedelta(seconds=30)
"""The longest that alerts wait for the end of the dump that made them."""

Key = tuple[DeliveryKind, str]
"""Kind and grouping: of each a destination has one delivery that takes alerts."""


class Batch(DeliveryBatch, WithholdingBatch, Protocol):
    """What is asked of a transaction in which somebody is told something."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """What of a dump waits for its end: by which wish, not before when (None: at any time), and
    the ``last`` delivery before it (see ``slot``) as the dump began."""

    wish: Wish
    floor: datetime | None
    last: datetime | None

    def slot(self, now: datetime, least: timedelta) -> Slot:
        """When it is due now that the dump has ended."""
        due = now + pause(self.wish, now, least, self.last)
        due = due if self.floor is None else max(due, self.floor)
        kind, grouping = self.wish.kind, self.wish.grouping
        return Slot(kind, grouping, due, remembered=asks_for_last(self.wish))


Gatherings = dict[str, dict[Key, Gathering]]
"""By destination what of a dump gathers."""


def enqueue(
    tx: IngestBatch,
    alerts: Iterable[Planned],
    policy: Policy,
    gatherings: Gatherings,
    *,
    now: datetime,
    more: bool,
) -> None:
    """Put planned alerts into their destinations' deliveries.

    While there is ``more`` of the dump to come they are gathered, at most for ``GATHER``, so that a
    long dump is one message and not one for each transaction. ``gatherings`` says what has gathered
    so far; it is added to.
    """
    tell(tx, alerts, policy, now=now, more=GATHER if more else timedelta(0), gatherings=gatherings)
    if more:
        return
    for destination, waiting in gatherings.items():
        if waiting:
            tx.hasten(destination, [one.slot(now, policy.least_wait) for one in waiting.values()])


def tell(
    tx: Batch,
    alerts: Iterable[Planned],
    policy: Policy,
    *,
    now: datetime,
    more: timedelta = timedelta(0),
    gatherings: Gatherings | None = None,
) -> None:
    """Put planned alerts into their destinations' deliveries, or record why they are not told.

    ``more``: how long more may come of what made them.
    """
    company = Company(more, policy.least_wait)
    by_receiver: dict[str, list[Planned]] = {}
    for planned in alerts:
        by_receiver.setdefault(planned.receiver, []).append(planned)
    for receiver, mine in by_receiver.items():
        wishes: list[tuple[Wish, Grouped]] = []
        refused: list[Suppression] = []
        for one in mine:
            wish = first_wish(one.timings, one.group, one.since, now)
            if isinstance(wish, Refused):
                refused.append(_suppression(one, wish, now))
            else:
                wishes.append((wish, Grouped(one.alert, one.group)))
        if refused:
            tx.withhold(refused)
        storm = policy.storms.get(receiver)
        for destination in policy.destinations.get(receiver, ()):
            waiting = {} if gatherings is None else gatherings.setdefault(destination.name, {})
            desk = _Desk(tx, destination, storm, company, now, waiting)
            desk.place(wishes)


def _suppression(planned: Planned, refused: Refused, now: datetime) -> Suppression:
    alert = planned.alert
    return Suppression(
        at=now,
        article_id=alert.article_id,
        revision=alert.revision,
        kind=alert.kind,
        rules=alert.rules,
        receiver=planned.receiver,
        reason=refused.reason,
        detail=refused.detail,
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    """Finds the deliveries of one destination for the alerts of one transaction."""

    tx: Batch
    destination: Destination
    storm: Storm | None
    company: Company
    now: datetime
    waiting: dict[Key, Gathering]

    def place(self, wishes: Sequence[tuple[Wish, Grouped]]) -> None:
        """Write what the destination was not told of yet."""
        left = self.tx.untold(self.destination.name, [told for _, told in wishes])
        buckets: dict[Key, tuple[Wish, list[Grouped]]] = {}
        for (wish, (_, group)), alert in zip(wishes, left, strict=True):
            if alert is None:
                continue
            key = wish.kind, wish.grouping
            first, alerts = buckets.get(key, (wish, []))
            alerts.append(Grouped(alert, group))
            buckets[key] = min(first, wish, key=lambda one: one.moment(self.now)), alerts
        if buckets:
            self.tx.enqueue(self.destination, self._filled([*buckets.values()]), now=self.now)

    def _filled(
        self, buckets: Sequence[tuple[Wish, list[Grouped]]]
    ) -> list[tuple[Slot, list[Grouped]]]:
        name, now = self.destination.name, self.now
        groupings = {STORM_GROUP}.union(*(_groupings(wish) for wish, _ in buckets))
        open_ = {
            (one.kind, one.grouping): one
            for one in reversed(self.tx.open_deliveries(name, groupings, now=now))
        }
        asking = [wish.grouping for wish, _ in buckets if asks_for_last(wish)]
        last = {**self.tx.last_due(name, asking)} if asking else {}
        if any(wish.kind is DeliveryKind.BACKFILL for wish, _ in buckets):
            imported = self._opened(DeliveryKind.BACKFILL, BACKFILL_WINDOW, BACKFILL_FREE)
            if len(imported) == BACKFILL_FREE:
                last[BACKFILL_GROUP] = imported[-1]
        recent: list[datetime] | None = None
        filled: dict[Key, tuple[Slot, list[Grouped]]] = {}
        for wish, alerts in buckets:
            key = wish.kind, wish.grouping
            gathering = self.waiting.pop(key, None)
            before = gathering.last if gathering else last.get(wish.grouping)
            found = slot(wish, now, self.company, open_.get(key), before)
            if isinstance(found, Wish):
                wish, key = found, (found.kind, found.grouping)
                found = slot(wish, now, self.company, open_.get(key), None)
                assert isinstance(found, Slot)
            if self.storm and found.into is None and found.kind is DeliveryKind.ALERTS:
                if recent is None:
                    recent = self._recent(self.storm)
                until = self.storm.until(recent, now)
                if until is None:
                    recent.insert(0, now)
                else:
                    found = storm_slot(wish, until, open_.get((DeliveryKind.STORM, STORM_GROUP)))
            if self.company.more and found.kind in (DeliveryKind.ALERTS, DeliveryKind.BACKFILL):
                self.waiting[key] = Gathering(wish, found.not_before, before)
            known = filled.setdefault((found.kind, found.grouping), (found, []))
            known[1].extend(alerts)
        return [*filled.values()]

    def _recent(self, storm: Storm) -> list[datetime]:
        """The messages that count for a storm, the newest first: single ones from when they were
        opened, those of the rest from when they are due."""
        since, most = self.now - storm.per, storm.max_messages
        singles = self._opened(DeliveryKind.ALERTS, storm.per, most)
        rests = self.tx.storms_due(self.destination.name, since=since - storm.per, until=self.now)
        counted = (due for due in rests if since < due <= self.now + storm.per)
        return sorted([*singles, *counted], reverse=True)[:most]

    def _opened(self, kind: DeliveryKind, within: timedelta, most: int) -> list[datetime]:
        name, now = self.destination.name, self.now
        return [*self.tx.opened(name, kind, since=now - within, until=now, most=most)]


def _groupings(wish: Wish) -> set[str]:
    """Those of the deliveries that a wish may end in, but for that of a storm."""
    quiet = wish.timing.quiet
    return {wish.grouping} if quiet is None else {wish.grouping, held_group(quiet)}
