"""Forgetting what deliveries told. That they were sent stays: nobody is told a thing twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, delete, exists, or_, select, update

from monitor.model import DeliveryState
from monitor.store.engine import Database
from monitor.store.schema import alerts, attempts, deliveries, threads

AT_ONCE = 500  # deliveries of one transaction


def forget_deliveries(
    database: Database, *, before: datetime, after: str
) -> tuple[int, str | None]:
    """Forget contents and attempts of the next deliveries with an id greater than ``after`` that
    were sent, or made and then dropped, before a moment. How many, and the ``after`` of the next
    call (None: that was all)."""
    told = exists().where(alerts.c.delivery == deliveries.c.key, alerts.c.payload != "")
    over = or_(
        and_(deliveries.c.state == DeliveryState.SENT.value, deliveries.c.sent_at < before),
        and_(
            deliveries.c.state == DeliveryState.DEAD.value,
            deliveries.c.dropped,
            deliveries.c.created < before,
        ),
    )
    with database.read() as connection:  # not while others wait: it looks at all that are older
        keys = (
            connection.execute(
                select(deliveries.c.key)
                .where(deliveries.c.key > after, over, told)
                .order_by(deliveries.c.key)
                .limit(AT_ONCE)
            )
            .scalars()
            .all()
        )
    with database.write(alone=True) as connection:
        connection.execute(delete(threads).where(threads.c.at < before))
        if not keys:
            return 0, None
        still = (  # one may have been replayed since
            connection.execute(
                select(deliveries.c.key)
                .where(database.among(deliveries.c.key, keys), over)
                .with_for_update()
            )
            .scalars()
            .all()
        )
        connection.execute(
            update(alerts).where(database.among(alerts.c.delivery, still)).values(payload="")
        )
        connection.execute(delete(attempts).where(database.among(attempts.c.delivery, still)))
    return len(still), keys[-1]
