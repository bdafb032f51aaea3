"""What a delivery shows, by its kind."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from sqlalchemy import insert, update

from monitor.model import PRIORITIES, AlertKind, DeliveryKind, Earlier, Message
from monitor.store import Store
from monitor.store.schema import alerts, deliveries

ARRANGED = (DeliveryKind.DIGEST, DeliveryKind.HELD, DeliveryKind.STORM, DeliveryKind.BACKFILL)


def claimed(store: Store, sample: Any, kind: DeliveryKind, **options: Any) -> Message:
    """The one delivery there is, as one of this kind."""
    with store._database.write() as connection:
        connection.execute(update(deliveries).values(kind=kind.value))
    (claim,) = sample.claim(store, 1, **options)
    return claim.message


def rank(store: Store, sample: Any, **priorities: str) -> None:
    """Give the alerts about articles (``a1``) priorities."""
    with store._database.write() as connection:
        for article, priority in priorities.items():
            connection.execute(
                update(alerts)
                .where(alerts.c.article_id == sample.id(int(article[1:])))
                .values(rank=PRIORITIES.index(priority))
            )


@pytest.mark.parametrize("kind", ARRANGED)
def test_what_is_read_later_is_arranged(store: Store, sample: Any, kind: DeliveryKind) -> None:
    """By priority, then the newest first; an article once, at the place of its best."""
    sample.enqueue(
        store,
        *(sample.alert(number) for number in (1, 2, 3)),
        sample.alert(2, revision=2, kind=AlertKind.REVISED, observed=sample.at(1)),
        sample.alert(4),
    )
    rank(store, sample, a4="low", a1="urgent")
    message = claimed(store, sample, kind)
    assert message.kind is kind
    assert [alert.article_id for alert in message.alerts] == list(map(sample.id, (1, 2, 3, 4)))
    assert [alert.priority for alert in message.alerts] == ["urgent", "normal", "normal", "low"]
    assert [alert.earlier for alert in message.alerts] == [
        (),
        (Earlier(AlertKind.NEW, 1, sample.t0),),
        (),
        (),
    ]
    assert (message.total, message.more) == (5, 0)


def test_alerts_of_a_moment_stand_as_they_came(store: Store, sample: Any) -> None:
    """None is joined."""
    sample.enqueue(store, sample.alert(1), sample.alert(2), sample.alert(1, revision=2))
    rank(store, sample, a2="urgent")
    message = claimed(store, sample, DeliveryKind.ALERTS)
    assert [(one.article_id, one.revision) for one in message.alerts] == [
        (sample.id(1), 1),
        (sample.id(2), 1),
        (sample.id(1), 2),
    ]


def test_what_is_cut_is_counted(store: Store, sample: Any) -> None:
    """What is joined is shown; what is not is "more", and one poor in priority goes first."""
    sample.enqueue(
        store,
        *(sample.alert(number, revision=revision) for revision in (1, 2) for number in (1, 2, 3)),
    )
    rank(store, sample, a3="urgent", a2="low")
    message = claimed(store, sample, DeliveryKind.DIGEST, max_items=2)
    assert [alert.article_id for alert in message.alerts] == [sample.id(3), sample.id(1)]
    assert (message.total, message.more) == (6, 2)


def test_an_article_that_matches_and_was_dropped_is_no_more_than_there_is_room_for(
    store: Store, sample: Any
) -> None:
    """Two statements about it are two items."""
    drop = sample.alert(1, revision=2, kind=AlertKind.DROPPED, rules=("water",))
    sample.enqueue(store, sample.alert(1), drop, sample.alert(2))
    rank(store, sample, a1="high")
    message = claimed(store, sample, DeliveryKind.DIGEST, max_items=1)
    assert [(alert.kind, alert.rules) for alert in message.alerts] == [(AlertKind.NEW, ("summit",))]
    assert message.more == 2


def test_a_digest_of_very_many_is_not_read_whole(store: Store, sample: Any) -> None:
    """Of 30,000 alerts, half of them about one article, only those that are shown are read."""
    sample.enqueue(store, sample.alert(1))
    with store._database.write() as connection:
        ((row,),) = [connection.execute(alerts.select()).mappings().all()]
        many = [
            dict(row) | {"place": n, "revision": n, "article_id": sample.id(1 + n % 2 * n)}
            for n in range(2, 30_002)
        ]
        connection.execute(insert(alerts), many)
        connection.execute(update(deliveries).values(total=30_001))
    del many
    tracemalloc.start()
    try:
        message = claimed(store, sample, DeliveryKind.DIGEST, max_items=5)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3_000_000
    assert len(message.alerts) == 5
    assert message.more == 30_001 - 5 - sum(len(one.earlier) for one in message.alerts)
    assert len(message.alerts[1].earlier) == 10
