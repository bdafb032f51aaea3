"""How alerts become deliveries."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from monitor.model import AlertKind, DeliveryState
from monitor.store import Store


def test_alerts_open_a_delivery(store: Store, sample: Any) -> None:
    """One delivery, pending until due, with the articles and the rules of all its alerts."""
    sample.enqueue(
        store, sample.alert(1), sample.alert(2, rules=("summit", "tokayev")), now=0, due=5
    )
    (delivery,) = store.pages.deliveries()
    assert delivery.id.startswith("dlv_")
    assert len(delivery.id) == 36
    assert (delivery.receiver, delivery.channel) == ("team", "slack")
    assert delivery.destination == "team/slack/0"
    assert delivery.rules == ("water", "summit", "tokayev")
    assert delivery.articles == (sample.id(1), sample.id(2))
    assert (delivery.total, delivery.state, delivery.attempts) == (2, DeliveryState.PENDING, 0)
    assert (delivery.created, delivery.next_attempt) == (sample.t0, sample.at(5))
    assert delivery.last_error is None


def test_nothing_to_tell_opens_nothing(store: Store, sample: Any) -> None:
    """No alerts, no delivery."""
    sample.enqueue(store)
    assert store.pages.deliveries() == []


def test_an_open_delivery_takes_more(store: Store, sample: Any) -> None:
    """What comes before it is due travels in the same message, in order; a later due time
    changes nothing."""
    sample.enqueue(store, sample.alert(1), now=0, due=5)
    sample.enqueue(store, sample.alert(2), sample.alert(3), now=2, due=7)
    (delivery,) = store.pages.deliveries()
    assert delivery.articles == (sample.id(1), sample.id(2), sample.id(3))
    assert (delivery.total, delivery.next_attempt) == (3, sample.at(5))
    (claim,) = sample.claim(store, 5)
    assert [a.article_id for a in claim.message.alerts] == [sample.id(n) for n in (1, 2, 3)]


def test_the_earlier_due_time_stands(store: Store, sample: Any) -> None:
    """An urgent alert is not kept waiting by the delivery it joins."""
    sample.enqueue(store, sample.alert(1), now=0, due=9)
    sample.enqueue(store, sample.alert(2), now=1, due=2)
    assert [(d.total, d.next_attempt) for d in store.pages.deliveries()] == [(2, sample.at(2))]


def test_a_due_delivery_is_closed(store: Store, sample: Any) -> None:
    """A worker may be taking it this moment: later alerts open another one."""
    sample.enqueue(store, sample.alert(1), now=0, due=5)
    sample.enqueue(store, sample.alert(2), now=5, due=10)
    assert sorted(d.total for d in store.pages.deliveries()) == [1, 1]


@pytest.mark.parametrize("undo", ["failed", "release", "retry", "replay"])
def test_a_delivery_once_tried_is_closed(store: Store, sample: Any, undo: str) -> None:
    """Its key stands for one content from the first attempt on: neither waiting for another
    attempt, nor released, nor set back by hand does it take more."""
    sample.enqueue(store, sample.alert(1))
    (claim,) = sample.claim(store, 0)
    if undo == "release":
        assert store.outbox.release("worker-1", lease=sample.lease) == 1
    elif undo == "replay":
        sample.sent(store, claim, 2)
        assert store.outbox.replay(sample.t0, now=sample.at(3)) == 1
    else:
        sample.failed(store, claim, 2, again=9)
    if undo == "retry":
        assert store.outbox.retry([claim.key], now=sample.at(3)) == 1
    sample.enqueue(store, sample.alert(2), now=-1, due=1)
    assert sorted((d.total, d.articles) for d in store.pages.deliveries()) == [
        (1, (sample.id(1),)),
        (1, (sample.id(2),)),
    ]


def test_destinations_are_apart(store: Store, sample: Any) -> None:
    """Each gets its own delivery with its own key of the same alerts."""
    sample.enqueue(store, sample.alert(1), to="team/slack/0", due=5)
    sample.enqueue(store, sample.alert(1), to="team/email/0/a@example.org", due=5)
    first, second = store.pages.deliveries()
    assert first.id != second.id
    assert {first.channel, second.channel} == {"slack", "email"}


def test_a_destination_is_told_once(store: Store, sample: Any) -> None:
    """The same article, revision and kind again, in one call or in a later dump, is not added;
    another revision, another kind or another destination is."""
    alert = sample.alert(1)
    sample.enqueue(store, alert, alert, now=0, due=5)
    sample.enqueue(store, alert, sample.alert(2), replace(alert, title="renamed"), now=1, due=5)
    sample.enqueue(store, alert, now=20, due=25)
    (delivery,) = store.pages.deliveries()
    assert (delivery.total, delivery.articles) == (2, (sample.id(1), sample.id(2)))
    sample.enqueue(
        store,
        replace(alert, revision=2, kind=AlertKind.REVISED),
        replace(alert, kind=AlertKind.REVISED),
        now=20,
        due=25,
    )
    assert sorted(d.total for d in store.pages.deliveries()) == [2, 2]


def test_a_delivered_alert_is_not_told_again(store: Store, sample: Any) -> None:
    """A replayed dump finds the alert told, though its delivery is long gone."""
    sample.enqueue(store, sample.alert(1))
    (claim,) = sample.claim(store, 0)
    sample.sent(store, claim)
    sample.enqueue(store, sample.alert(1), now=1, due=2)
    assert [d.state for d in store.pages.deliveries()] == [DeliveryState.SENT]


def test_the_key_depends_on_contents_only(store: Store, sample: Any) -> None:
    """A replay from the same dumps makes the same keys: this one is written down here."""
    sample.enqueue(store, sample.alert(1), sample.alert(2), now=3, due=4)
    (delivery,) = store.pages.deliveries()
    assert delivery.id == "dlv_a93f263f96bb46d498ae9c270f841290"


def test_an_alert_is_a_snapshot(store: Store, sample: Any) -> None:
    """What a worker gets is the alert as it was made, to the last field."""
    alert = sample.alert(1, published=None, views=None, title_marks=(), excerpt="„Обзор“ 🙂")
    sample.enqueue(store, alert, sample.alert(2))
    (claim,) = sample.claim(store, 0)
    assert claim.message.alerts == (alert, sample.alert(2))
