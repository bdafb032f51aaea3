"""The outbox: who may send what, and what became of it.

A worker holds a delivery by a lease with its name on it. What it reports counts only while the
delivery is still its own, so that a worker that slept past its lease changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)

from monitor.model import Claim, DeliveryState
from monitor.store.claims import claim_of
from monitor.store.engine import Database
from monitor.store.schema import deliveries, destinations

PENDING, SENDING, SENT, DEAD = (state.value for state in DeliveryState)
LONGEST_NOTE = 1_000  # characters kept of an error or an answer

_now = bindparam("now", type_=deliveries.c.created.type)

# next_attempt is asked for beside the state so that the partial index is used.
_due = and_(
    deliveries.c.next_attempt.is_not(None),
    or_(
        and_(deliveries.c.state == PENDING, deliveries.c.next_attempt <= _now),
        and_(deliveries.c.state == SENDING, deliveries.c.lease_until <= _now),
    ),
)
_here = deliveries.c.destination == destinations.c.name
_others = deliveries.alias("others")
_sending = exists().where(
    _others.c.destination == destinations.c.name,
    _others.c.next_attempt.is_not(None),
    _others.c.state == SENDING,
    _others.c.lease_until > _now,
)
_first_due = select(func.min(deliveries.c.next_attempt)).where(_here, _due).scalar_subquery()


class SqlOutboxStore:
    """``monitor.ports.OutboxStore`` over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ----------------------------------------------------------------------- taking

    def claim(
        self,
        *,
        now: datetime,
        owner: str,
        lease: timedelta,
        limit: int,
        busy: Collection[str],
        max_items: int,
        base_url: str,
    ) -> Sequence[Claim]:
        """Take due deliveries, the longest due first, at most one per destination; see the
        protocol. A destination another worker is sending to, here or elsewhere, is left alone.
        """
        if limit < 1:
            return []
        claims = []
        with self._database.write() as connection:
            for name in self._ready(connection, now, limit, busy):
                row = self._take(connection, name, now=now, owner=owner, until=now + lease)
                if row is not None:
                    claims.append(claim_of(connection, row, max_items, base_url))
        return claims

    def _ready(
        self, connection: Connection, now: datetime, limit: int, busy: Collection[str]
    ) -> Sequence[str]:
        """Destinations with something due. Their rows are locked: one claimer at a time."""
        found = connection.execute(
            select(destinations.c.name)
            .where(
                or_(destinations.c.held_until.is_(None), destinations.c.held_until <= _now),
                not_(self._database.among(destinations.c.name, busy)),
                exists().where(_here, _due),
                not_(_sending),
            )
            .order_by(_first_due, destinations.c.name)
            .limit(limit)
            .with_for_update(key_share=True, skip_locked=True),
            {"now": now},
        )
        return found.scalars().all()

    def _take(
        self, connection: Connection, name: str, *, now: datetime, owner: str, until: datetime
    ) -> Row[Any] | None:
        """The destination's first due delivery, made ours.

        Asks again whether somebody is sending: on PostgreSQL another claimer may have committed
        between our look at the destination and our lock on it.
        """
        row = connection.execute(
            select(deliveries)
            .join(destinations, _here)
            .where(destinations.c.name == name, _due, not_(_sending))
            .order_by(deliveries.c.next_attempt, deliveries.c.created, deliveries.c.key)
            .limit(1)
            .with_for_update(of=deliveries, skip_locked=True),
            {"now": now},
        ).one_or_none()
        if row is None:
            return None
        return connection.execute(
            update(deliveries)
            .where(deliveries.c.key == row.key)
            .values(
                state=SENDING,
                taken=True,
                attempts=deliveries.c.attempts + 1,
                owner=owner,
                lease_until=until,
            )
            .returning(deliveries)
        ).one()

    # ----------------------------------------------------------------------- settling

    def sent(self, key: str, *, owner: str, now: datetime, detail: str) -> None:
        """It arrived. Changes nothing where the delivery is no longer the owner's."""
        self._settle(
            key,
            owner,
            state=SENT,
            next_attempt=None,
            sent_at=now,
            detail=detail[:LONGEST_NOTE],
            last_error=None,
        )

    def failed(
        self, key: str, *, owner: str, now: datetime, error: str, retry_at: datetime | None
    ) -> None:
        """Back to pending at ``retry_at``, or dead where that is None; as ``sent`` otherwise."""
        self._settle(
            key,
            owner,
            state=DEAD if retry_at is None else PENDING,
            next_attempt=retry_at,
            last_error=error[:LONGEST_NOTE],
        )

    def _settle(self, key: str, owner: str, **values: object) -> None:
        with self._database.write() as connection:
            connection.execute(
                update(deliveries)
                .where(_held_by(owner), deliveries.c.key == key)
                .values(owner=None, lease_until=None, **values)
            )

    def release(self, owner: str) -> int:
        """Give back what this owner held when it died; returns how many. Their attempts count:
        what was in flight may have arrived."""
        with self._database.write() as connection:
            return connection.execute(
                update(deliveries)
                .where(_held_by(owner))
                .values(state=PENDING, owner=None, lease_until=None)
            ).rowcount

    # ----------------------------------------------------------------------- timing

    def hold(self, destination: str, until: datetime) -> None:
        """No claim for the destination before ``until`` (a later hold wins)."""
        insert = self._database.insert(destinations).values(name=destination, held_until=until)
        with self._database.write() as connection:
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=[destinations.c.name],
                    set_={"held_until": insert.excluded.held_until},
                    where=or_(
                        destinations.c.held_until.is_(None),
                        destinations.c.held_until < insert.excluded.held_until,
                    ),
                )
            )

    def next_due(self, *, busy: Collection[str]) -> datetime | None:
        """When the earliest claim becomes possible, or None: per destination the end of the
        lease that is out, else its first pending delivery, and no earlier than its hold ends."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(
                    deliveries.c.destination,
                    destinations.c.held_until,
                    func.min(deliveries.c.next_attempt).label("pending"),
                    func.max(deliveries.c.lease_until).label("leased"),
                )
                .join(destinations, _here)
                .where(
                    deliveries.c.next_attempt.is_not(None),
                    not_(self._database.among(deliveries.c.destination, busy)),
                )
                .group_by(deliveries.c.destination, destinations.c.held_until)
            ).all()
        times = [
            max(row.leased or row.pending, row.held_until or row.leased or row.pending)
            for row in rows
        ]
        return min(times, default=None)

    # ----------------------------------------------------------------------- by hand

    def due_now(self, *, now: datetime) -> int:
        """Deliveries still gathering alerts become due: what waits for company waits no more."""
        with self._database.write() as connection:
            return connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.state == PENDING,
                    deliveries.c.taken.is_(False),
                    deliveries.c.next_attempt > now,
                )
                .values(next_attempt=now)
            ).rowcount

    def retry(self, keys: Collection[str] | None, *, now: datetime) -> int:
        """Make dead (or waiting) deliveries due now, attempts from zero, holds lifted; None: all
        dead ones."""
        if keys is None:
            chosen: ColumnElement[bool] = deliveries.c.state == DEAD
        else:
            chosen = and_(
                deliveries.c.state.in_([DEAD, PENDING]),
                self._database.among(deliveries.c.key, keys),
            )
        return self._again(chosen, now, lift=True)

    def replay(self, since: datetime, *, now: datetime) -> int:
        """Send what was sent since then once more, with the same keys; returns how many."""
        chosen = and_(deliveries.c.state == SENT, deliveries.c.sent_at >= since)
        return self._again(chosen, now, lift=False)

    def _again(self, chosen: ColumnElement[bool], now: datetime, *, lift: bool) -> int:
        with self._database.write(alone=True) as connection:
            if lift:  # before the deliveries, in the order in which claims lock them
                connection.execute(
                    update(destinations)
                    .where(
                        destinations.c.held_until.is_not(None),
                        destinations.c.name.in_(select(deliveries.c.destination).where(chosen)),
                    )
                    .values(held_until=None)
                )
            return connection.execute(
                update(deliveries).where(chosen).values(state=PENDING, attempts=0, next_attempt=now)
            ).rowcount


def _held_by(owner: str) -> ColumnElement[bool]:
    return and_(
        deliveries.c.next_attempt.is_not(None),
        deliveries.c.state == SENDING,
        deliveries.c.owner == owner,
    )
