"""The outbox: who may send what, and what became of it.

A worker holds deliveries by a lease with its name on it. What it reports counts only while a
delivery is still its own, so that a worker that slept past its lease changes nothing.

On PostgreSQL every transaction locks destinations before deliveries, in the order of their names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    update,
)

from monitor.model import Claim, DeliveryState, Exchange, Settlement
from monitor.store.attempts import first_tried, record_lost
from monitor.store.claims import claim_of
from monitor.store.engine import Database
from monitor.store.enqueue import remember_sooner
from monitor.store.revive import drop, replay, retry
from monitor.store.schema import deliveries, destinations
from monitor.store.settle import settle
from monitor.store.threads import known_threads
from monitor.store.types import clean

_Row = Row[*tuple[Any, ...]]

PENDING, SENDING = DeliveryState.PENDING.value, DeliveryState.SENDING.value

# next_attempt is asked for beside the state so that the partial index is used.
_here = and_(
    deliveries.c.destination == destinations.c.name, deliveries.c.next_attempt.is_not(None)
)
_pending = and_(_here, deliveries.c.state == PENDING)
_sending = and_(_here, deliveries.c.state == SENDING)
_waiting = (
    select(deliveries.c.next_attempt)
    .where(_pending)
    .order_by(deliveries.c.next_attempt)
    .limit(1)
    .scalar_subquery()
)
_leased = select(func.max(deliveries.c.lease_until)).where(_sending).scalar_subquery()
_LOOK = select(
    destinations.c.name,
    destinations.c.held_until,
    destinations.c.failures,
    destinations.c.gone,
    _waiting.label("pending"),
    _leased.label("leased"),
)
_now = bindparam("now", type_=deliveries.c.created.type)
_due_by = bindparam("due_by_", type_=deliveries.c.created.type)
_name = bindparam("name_", type_=deliveries.c.destination.type)
_of_one = and_(deliveries.c.destination == _name, deliveries.c.next_attempt.is_not(None))
_IN_FLIGHT = select(deliveries.c.key).where(
    _of_one, deliveries.c.state == SENDING, deliveries.c.lease_until > _now
)
_EXPIRED = (
    select(deliveries)
    .where(_of_one, deliveries.c.state == SENDING, deliveries.c.lease_until <= _now)
    .order_by(deliveries.c.next_attempt, deliveries.c.created, deliveries.c.key)
    .limit(bindparam("limit_"))
    .with_for_update(skip_locked=True)
)
_DUE = (
    select(deliveries)
    .where(_of_one, deliveries.c.state == PENDING, deliveries.c.next_attempt <= _due_by)
    .order_by(deliveries.c.next_attempt, deliveries.c.created, deliveries.c.key)
    .limit(bindparam("limit_"))
    .with_for_update(skip_locked=True)
)


class SqlOutboxStore:
    """``monitor.ports.OutboxStore`` over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ----------------------------------------------------------------------- sending

    def exchange(
        self,
        settled: Sequence[Settlement] = (),
        returned: Collection[str] = (),
        *,
        now: datetime,
        owner: str,
        lease: timedelta,
        limit: int,
        busy: Collection[str],
        max_items: int,
        base_url: str,
        failing: int | None = None,
        at_once: int = 1,
        singly: Collection[str] = (),
        due_by: datetime | None = None,
    ) -> Exchange:
        """Write what became of deliveries and take others, in one transaction; see the protocol."""
        claims: list[Claim] = []
        failing = limit if failing is None else failing
        passed_over, alone = set(map(clean, busy)), set(map(clean, singly))
        with self._database.write() as connection:
            buried = settle(self._database, connection, settled, returned, owner=owner, now=now)
            looked = ((row, _due(row, due_by)) for row in connection.execute(_LOOK))
            rows = [(row, due) for row, due in looked if due and row.name not in passed_over]
            chosen = _chosen(rows, now, limit, failing)
            if not self._database.is_sqlite:
                chosen = _locked(self._database, connection, chosen)
            for row in chosen:
                count = 1 if row.failures or row.name in alone else at_once
                taken = self._take(
                    connection,
                    row.name,
                    count,
                    now=now,
                    due_by=min(now, due_by or now),
                    owner=owner,
                    lease=lease,
                )
                claims += self._claims(connection, taken, row.failures, max_items, base_url)
        taken_from = {claim.destination.name for claim in claims}
        room = failing - sum(row.failures > 0 for row in chosen)
        rest = [
            due
            for row, due in rows
            if row.name not in taken_from and (room > 0 or not row.failures)
        ]
        return Exchange(claims, min(rest, default=None), buried)

    def settle(
        self,
        settled: Sequence[Settlement],
        returned: Collection[str] = (),
        *,
        owner: str,
        now: datetime,
    ) -> None:
        """Write what became of deliveries; see the protocol."""
        with self._database.write() as connection:
            settle(self._database, connection, settled, returned, owner=owner, now=now)

    def _take(
        self,
        connection: Connection,
        name: str,
        count: int,
        *,
        now: datetime,
        due_by: datetime,
        owner: str,
        lease: timedelta,
    ) -> list[_Row]:
        """The destination's first ``count`` due deliveries, made ours.

        Asks again whether somebody is sending: on PostgreSQL another claimer may have committed
        between our look at the destination and our lock on it.
        """
        here = {"name_": name, "now": now}
        if connection.execute(_IN_FLIGHT, here).first() is not None:
            return []
        lost = connection.execute(_EXPIRED, here | {"limit_": count}).all()
        record_lost(self._database, connection, lost, lease)
        pending = {"name_": name, "due_by_": due_by, "limit_": count - len(lost)}
        due = connection.execute(_DUE, pending).all()
        found = [*lost, *due]
        if not found:
            return []
        rows = connection.execute(
            update(deliveries)
            .where(self._database.among(deliveries.c.key, [row.key for row in found]))
            .values(
                state=SENDING,
                taken=True,
                attempts=deliveries.c.attempts + 1,
                owner=owner,
                lease_until=now + lease,
            )
            .returning(deliveries)
        )
        return sorted(rows, key=lambda row: (row.next_attempt, row.created, row.key))

    def _claims(
        self,
        connection: Connection,
        rows: Sequence[_Row],
        failures: int,
        max_items: int,
        base_url: str,
    ) -> list[Claim]:
        if not rows:
            return []
        again = [row.key for row in rows if row.attempts > 1]
        since = first_tried(self._database, connection, again) if again else {}
        claims = [claim_of(connection, row, max_items, base_url) for row in rows]
        threads = known_threads(
            self._database,
            connection,
            rows[0].destination,
            {alert.article_id for claim in claims for alert in claim.message.alerts},
        )
        if threads:
            claims = [_with_threads(claim, threads) for claim in claims]
        return [replace(one, since=since.get(one.key), failures=failures) for one in claims]

    # ----------------------------------------------------------------------- life

    def release(self, owner: str, *, lease: timedelta) -> int:
        """Give back what this owner held when it died; returns how many. Their attempts count:
        what was in flight may have arrived."""
        held = _held_by(owner)
        with self._database.write() as connection:
            lost = connection.execute(select(deliveries).where(held).with_for_update()).all()
            record_lost(self._database, connection, lost, lease)
            connection.execute(
                update(deliveries).where(held).values(state=PENDING, owner=None, lease_until=None)
            )
        return len(lost)

    def readmit(self, marks: Mapping[str, str]) -> Sequence[str]:
        """Let destinations that are gone be tried again where their settings are others now, or
        where there are none; see the protocol."""
        with self._database.write() as connection:
            rows = connection.execute(
                select(destinations.c.name, destinations.c.gone)
                .where(destinations.c.gone.is_not(None))
                .order_by(destinations.c.name)
                .with_for_update()
            ).all()
            now = {clean(name): mark for name, mark in marks.items()}
            changed = [row.name for row in rows if now.get(row.name) != row.gone]
            if changed:
                connection.execute(
                    update(destinations)
                    .where(self._database.among(destinations.c.name, changed))
                    .values(gone=None, held_until=None)
                )
        return changed

    # ----------------------------------------------------------------------- timing

    def next_due(self, *, busy: Collection[str], due_by: datetime | None = None) -> datetime | None:
        """When the earliest claim becomes possible, or None: per destination the end of the
        lease that is out, else its first pending delivery, and no earlier than its hold ends."""
        with self._database.read() as connection:
            rows = connection.execute(_LOOK).all()
        passed_over = set(map(clean, busy))
        found = (_due(row, due_by) for row in rows if row.name not in passed_over)
        return min((due for due in found if due), default=None)

    def left(self, *, now: datetime) -> int:
        """How many deliveries are due, or were tried and are to be tried again."""
        with self._database.read() as connection:
            return connection.execute(
                select(func.count())
                .select_from(deliveries)
                .where(
                    deliveries.c.next_attempt.is_not(None),
                    or_(deliveries.c.taken, deliveries.c.next_attempt <= now),
                )
            ).scalar_one()

    # ----------------------------------------------------------------------- by hand

    def due_now(self, *, now: datetime) -> int:
        """Deliveries still gathering alerts become due: what waits for company waits no more. What
        is held until a certain time, by a digest, a mute or a pause of its group, is due then. The
        pauses of their groups count from when they are due now."""
        at_once = literal(now, deliveries.c.not_before.type)
        with self._database.write() as connection:
            moved = connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.state == PENDING,
                    deliveries.c.taken.is_(False),
                    deliveries.c.next_attempt > now,
                    or_(
                        deliveries.c.not_before.is_(None),
                        deliveries.c.not_before < deliveries.c.next_attempt,
                    ),
                )
                .values(
                    next_attempt=case(
                        (deliveries.c.not_before > now, deliveries.c.not_before), else_=at_once
                    )
                )
                .returning(
                    deliveries.c.destination, deliveries.c.grouping, deliveries.c.next_attempt
                )
            ).all()
            remember_sooner(connection, [tuple(row) for row in moved])
        return len(moved)

    def retry(
        self,
        keys: Collection[str] | None,
        *,
        now: datetime,
        receiver: str | None = None,
    ) -> int:
        """Make dead (or waiting) deliveries due now; see the protocol."""
        with self._database.write(alone=True) as connection:
            return retry(self._database, connection, keys, receiver, now)

    def replay(self, since: datetime, *, now: datetime) -> int:
        """Send what was sent since then once more, with the same keys; returns how many."""
        with self._database.write(alone=True) as connection:
            return replay(connection, since, now)

    def drop(self, keys: Collection[str], *, reason: str) -> int:
        """Give up deliveries that wait or are dead; returns how many."""
        with self._database.write(alone=True) as connection:
            return drop(self._database, connection, keys, reason)


def _held_by(owner: str) -> ColumnElement[bool]:
    return and_(
        deliveries.c.next_attempt.is_not(None),
        deliveries.c.state == SENDING,
        deliveries.c.owner == owner,
    )


def _chosen(
    rows: Sequence[tuple[_Row, datetime]], now: datetime, limit: int, failing: int
) -> list[_Row]:
    """Of destinations and when they are due those to send to now, the longest due first: those that
    work, then up to ``failing`` of those that fail."""
    ready = sorted(
        ((due, row.name, row) for row, due in rows if due <= now),
        key=lambda one: (min(one[2].pending or one[0], one[0]), one[1]),
    )
    working = [row for _, _, row in ready if not row.failures][:limit]
    poor = [row for _, _, row in ready if row.failures][: max(0, failing)]
    return working + poor[: limit - len(working)]


def _due(row: _Row, due_by: datetime | None) -> datetime | None:
    """When the destination's next claim becomes possible; None: nothing waits, or nothing that is
    due by then, or it is gone."""
    first: datetime | None = row.leased or row.pending
    if first is None or row.gone is not None:
        return None
    if row.leased is None and due_by is not None and first > due_by:
        return None
    held: datetime | None = row.held_until
    return first if held is None else max(first, held)


def _locked(database: Database, connection: Connection, rows: Sequence[_Row]) -> list[_Row]:
    """Those of the destinations that nobody else claims from at the moment; ours until the end of
    the transaction."""
    free = set(
        connection.execute(
            select(destinations.c.name)
            .where(database.among(destinations.c.name, [row.name for row in rows]))
            .order_by(destinations.c.name)
            .with_for_update(key_share=True, skip_locked=True)
        ).scalars()
    )
    return [row for row in rows if row.name in free]


def _with_threads(claim: Claim, threads: dict[str, str]) -> Claim:
    own = {
        alert.article_id: threads[alert.article_id]
        for alert in claim.message.alerts
        if alert.article_id in threads
    }
    return replace(claim, message=replace(claim.message, threads=own)) if own else claim
