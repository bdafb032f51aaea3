"""What became of deliveries, written together: one transaction for all that has come in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, func, or_, update

from monitor.model import AttemptOutcome, DeliveryState, Settlement
from monitor.store.attempts import record
from monitor.store.engine import Database
from monitor.store.schema import deliveries, destinations
from monitor.store.threads import remember_threads

PENDING, SENDING, SENT, DEAD = (state.value for state in DeliveryState)
LONGEST_NOTE = 1_000  # characters kept of an error or an answer

_STATES = {AttemptOutcome.SENT: SENT, AttemptOutcome.RETRY: PENDING, AttemptOutcome.DEAD: DEAD}


def _time(name: str) -> Any:
    return bindparam(name, type_=deliveries.c.created.type)


_ours = and_(
    deliveries.c.next_attempt.is_not(None),
    deliveries.c.state == SENDING,
    deliveries.c.owner == bindparam("owner_"),
    deliveries.c.key == bindparam("key_"),
)
_SETTLE = (
    update(deliveries)
    .where(_ours)
    .values(
        owner=None,
        lease_until=None,
        state=bindparam("state_"),
        next_attempt=_time("retry_at_"),
        sent_at=func.coalesce(_time("sent_at_"), deliveries.c.sent_at),
        detail=func.coalesce(bindparam("detail_"), deliveries.c.detail),
        last_error=bindparam("error_"),
    )
)
_RETURN = (
    update(deliveries)
    .where(_ours)
    .values(owner=None, lease_until=None, state=PENDING, attempts=deliveries.c.attempts - 1)
)
_here = destinations.c.name == bindparam("name_")
_WORKS = (
    update(destinations)
    .where(_here)
    .values(failures=0, failing_since=None, last_error=None, gone=None, last_sent=_time("at_"))
)
_FAILS = (
    update(destinations)
    .where(_here)
    .values(
        failures=bindparam("failures_"),
        failing_since=func.coalesce(destinations.c.failing_since, _time("at_")),
        last_error=bindparam("error_"),
        gone=bindparam("gone_"),
    )
)
_until = _time("until_")
_HOLD = (
    update(destinations)
    .where(_here, or_(destinations.c.held_until.is_(None), destinations.c.held_until < _until))
    .values(held_until=_until)
)
_BURY = (
    update(deliveries)
    .where(
        deliveries.c.destination == bindparam("name_"),
        deliveries.c.state == PENDING,
        deliveries.c.next_attempt <= _time("before_"),
    )
    .values(
        state=DEAD,
        next_attempt=None,
        last_error=case(
            (deliveries.c.last_error.is_(None), bindparam("error_")),
            else_=deliveries.c.last_error,
        ),
    )
)


def settle(
    database: Database,
    connection: Connection,
    settled: Sequence[Settlement],
    returned: Collection[str],
    *,
    owner: str,
    now: datetime,
) -> int:
    """Write outcomes in the order given, and give back what was not tried (``returned``). Returns
    how many deliveries were given up that no attempt was settled of.

    A delivery that is no longer the owner's stays as it is; the attempt was made all the same,
    and is recorded.
    """
    buried = 0
    if settled:
        _settle_destinations(connection, settled)
        connection.execute(_SETTLE, [_row(one, owner, now) for one in settled])
        record(database, connection, settled, longest=LONGEST_NOTE)
        remember_threads(database, connection, settled, now)
        for one in settled:
            if one.bury_before is not None:
                buried += connection.execute(
                    _BURY,
                    {
                        "name_": one.destination,
                        "before_": one.bury_before,
                        "error_": one.attempt.answer[:LONGEST_NOTE],
                    },
                ).rowcount
    if returned:
        connection.execute(_RETURN, [{"owner_": owner, "key_": key} for key in returned])
    return buried


def _row(one: Settlement, owner: str, now: datetime) -> dict[str, object]:
    answer = one.attempt.answer[:LONGEST_NOTE]
    sent = one.attempt.outcome == AttemptOutcome.SENT
    return {
        "owner_": owner,
        "key_": one.key,
        "state_": _STATES[AttemptOutcome(one.attempt.outcome)],
        "retry_at_": one.retry_at,
        "sent_at_": now if sent else None,
        "detail_": answer if sent else None,
        "error_": None if sent else answer,
    }


def _settle_destinations(connection: Connection, settled: Sequence[Settlement]) -> None:
    """Of each destination the last that worked, what failed since, and how long it is held."""
    for name in sorted({one.destination for one in settled}):
        own = [one for one in settled if one.destination == name and one.failures is not None]
        worked = [place for place, one in enumerate(own) if one.failures == 0]
        if worked:
            last = own[worked[-1]].attempt
            connection.execute(_WORKS, {"name_": name, "at_": last.started})
        failed = own[worked[-1] + 1 :] if worked else own
        if failed:
            last_failed = failed[-1]
            connection.execute(
                _FAILS,
                {
                    "name_": name,
                    "at_": failed[0].attempt.started,
                    "failures_": last_failed.failures,
                    "error_": last_failed.attempt.answer[:LONGEST_NOTE],
                    "gone_": last_failed.gone,
                },
            )
        holds = [
            one.hold_until
            for one in settled
            if one.destination == name and one.hold_until is not None
        ]
        if holds:
            connection.execute(_HOLD, {"name_": name, "until_": max(holds)})
