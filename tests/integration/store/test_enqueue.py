"""How alerts become deliveries."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from monitor.model import (
    PRIORITIES,
    AlertKind,
    Copy,
    DeliveryKind,
    DeliveryState,
    Grouped,
    Slot,
)
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


# --------------------------------------------------------------------------- kinds and groups


def test_each_kind_and_group_has_its_own(store: Store, sample: Any) -> None:
    """Nothing joins a delivery of another kind or group, whatever is due first."""
    options = (
        {"group": 'source="kt"'},
        {"group": 'source="courier"'},
        {},
        {"kind": DeliveryKind.DIGEST, "group": "digest 08:00 UTC"},
        {"kind": DeliveryKind.STORM, "group": "storm"},
    )
    for round_ in range(2):
        for number, option in enumerate(options):
            alert = sample.alert(10 * round_ + number)
            sample.enqueue(store, alert, now=round_, due=9 + number, **option)
    found = sorted((d.kind.value, d.grouping, d.total) for d in store.pages.deliveries())
    assert found == [
        ("alerts", "", 2),
        ("alerts", 'source="courier"', 2),
        ("alerts", 'source="kt"', 2),
        ("digest", "digest 08:00 UTC", 2),
        ("storm", "storm", 2),
    ]


def test_an_alert_is_told_once_in_each_group(store: Store, sample: Any) -> None:
    """Of rules of its own each time; how a route groups is no news, and neither is a kind."""
    water = sample.alert(1, rules=("water",))
    sample.enqueue(store, water, now=0, due=5, group='rule="water"')
    sample.enqueue(store, replace(water, rules=("dam",)), now=0, due=5, group='rule="dam"')
    for option in ({}, {"group": 'rule="water"'}, {"kind": DeliveryKind.HELD, "group": "held x"}):
        sample.enqueue(store, water, now=1, due=5, **option)
    assert sorted((d.grouping, d.rules) for d in store.pages.deliveries()) == [
        ('rule="dam"', ("dam",)),
        ('rule="water"', ("water",)),
    ]
    assert len({d.id for d in store.pages.deliveries()}) == 2


def test_risen_counters_in_groups(store: Store, sample: Any) -> None:
    """Of a counter that rose each rule is told once, whatever its group."""
    risen = sample.alert(1, kind=AlertKind.RISEN, rules=("read",))
    sample.enqueue(store, risen, now=0, due=5, group='rule="read"')
    sample.enqueue(store, replace(risen, rules=("read", "fast")), now=1, due=5)
    sample.enqueue(store, replace(risen, rules=("fast",)), now=2, due=5, group='rule="fast"')
    assert sorted((d.grouping, d.rules) for d in store.pages.deliveries()) == [
        ("", ("fast",)),
        ('rule="read"', ("read",)),
    ]


def test_health_in_groups(store: Store, sample: Any) -> None:
    """An alert without rules is told once in each group."""
    alert = sample.alert(1, kind=AlertKind.HEALTH, rules=())
    for _ in range(2):
        sample.enqueue(store, alert, now=0, due=5)
        sample.enqueue(store, alert, now=0, due=5, group='check="few"')
    assert sorted(d.total for d in store.pages.deliveries()) == [1, 1]


def test_a_copy_is_added_in_each_group(store: Store, sample: Any) -> None:
    """Whoever is told of the article in two messages finds the copy in both."""
    for rule in ("water", "dam"):
        alert = sample.alert(1, rules=(rule,))
        sample.enqueue(store, alert, now=0, due=5, group=f'rule="{rule}"')
    dump = store.ingest.open_dump(sample.info("e"))
    copy = Copy(sample.id(2), "courier", "The same", None, None)
    with store.ingest.batch(dump.id) as batch:
        assert batch.add_copy("team/slack/0", sample.id(1), copy)
        assert not batch.add_copy("team/slack/0", sample.id(3), copy)
    claims = sample.claim(store, 5, at_once=2)
    assert [alert.copies for claim in claims for alert in claim.message.alerts] == [(copy,)] * 2


def test_priorities_are_kept(store: Store, sample: Any) -> None:
    """The alert that a worker gets has the one it was made with."""
    alerts = [sample.alert(n, priority=priority) for n, priority in enumerate(PRIORITIES)]
    sample.enqueue(store, *alerts)
    (claim,) = sample.claim(store, 0)
    assert [alert.priority for alert in claim.message.alerts] == list(PRIORITIES)


def test_what_is_remembered_of_groups(store: Store, sample: Any) -> None:
    """When the last delivery of each was due, sooner where it was hastened; forgotten
    once it is long ago."""
    dump = store.ingest.open_dump(sample.info("e"))
    desk = sample.destination()
    slot = Slot(DeliveryKind.ALERTS, "g", sample.at(5), remembered=True)
    with store.ingest.batch(dump.id) as batch:
        assert batch.last_due(desk.name, ["g"]) == {}
        batch.enqueue(desk, [(slot, [Grouped(sample.alert(1), "g")])], now=sample.t0)
        other = replace(slot, grouping="h", remembered=False)
        batch.enqueue(desk, [(other, [Grouped(sample.alert(2), "h")])], now=sample.t0)
    with store.ingest.batch(dump.id) as batch:
        assert batch.last_due(desk.name, ["g", "h"]) == {"g": sample.at(5)}
        batch.hasten(desk.name, [replace(slot, due=sample.at(7)), replace(other, due=sample.at(3))])
        assert batch.last_due(desk.name, ["g"]) == {"g": sample.at(5)}
        batch.hasten(desk.name, [replace(slot, due=sample.at(2))])
        assert batch.last_due(desk.name, ["g"]) == {"g": sample.at(2)}
        assert batch.last_due("other/slack/0", ["g"]) == {}
    due = {d.grouping: d.next_attempt for d in store.pages.deliveries()}
    assert due == {"g": sample.at(2), "h": sample.at(3)}
    for before, left in ((sample.at(2), {"g": sample.at(2)}), (sample.at(3), {})):
        store.prune.forget_suppressions(before=before)
        with store.ingest.batch(dump.id) as batch:
            assert batch.last_due(desk.name, ["g"]) == left


def test_the_deliveries_opened_lately(store: Store, sample: Any) -> None:
    """Of one kind, the newest first, those to come left out: the clock was set back."""
    alerts = DeliveryKind.ALERTS
    for number in range(5):
        sample.enqueue(store, sample.alert(number), now=number, due=number)
    sample.enqueue(store, sample.alert(7), now=4, due=9, kind=DeliveryKind.DIGEST, group="digest")
    sample.enqueue(store, sample.alert(8), to="other/slack/0", now=4, due=9)
    dump = store.ingest.open_dump(sample.info("e"))
    with store.ingest.batch(dump.id) as batch:
        found = batch.opened("team/slack/0", alerts, since=sample.at(0), until=sample.at(3), most=2)
        assert found == [sample.at(3), sample.at(2)]
        found = batch.opened("team/slack/0", alerts, since=sample.at(0), until=sample.at(3), most=9)
        assert found == [sample.at(3), sample.at(2), sample.at(1)]


def test_when_the_rest_of_a_storm_is_due(store: Store, sample: Any) -> None:
    """Of each message that was opened lately, whether it went out or not."""
    for number in range(4):
        sample.enqueue(
            store,
            sample.alert(number),
            now=number,
            due=number + 5,
            not_before=sample.at(number + 5),
            kind=DeliveryKind.STORM,
            group=f"storm {number}",
        )
    sample.enqueue(store, sample.alert(7), now=2, due=9)
    dump = store.ingest.open_dump(sample.info("e"))
    with store.ingest.batch(dump.id) as batch:
        found = batch.storms_due("team/slack/0", since=sample.at(0), until=sample.at(2))
        assert sorted(found) == [sample.at(6), sample.at(7)]


def test_what_is_held_is_not_made_due(store: Store, sample: Any) -> None:
    """``due_now`` ends the waiting for company; what waits for a time waits on, and is counted."""
    held = {"kind": DeliveryKind.DIGEST, "group": "digest", "not_before": sample.at(60)}
    sample.enqueue(store, sample.alert(1), now=0, due=60, **held)
    sample.enqueue(store, sample.alert(2), now=0, due=30)
    paused = {"group": "paused", "not_before": sample.at(20)}
    sample.enqueue(store, sample.alert(3), now=0, due=50, **paused)
    assert store.outbox.due_now(now=sample.at(1)) == 2
    due = {d.grouping: d.next_attempt for d in store.pages.deliveries()}
    assert due == {"digest": sample.at(60), "": sample.at(1), "paused": sample.at(20)}
    counts = store.pages.counts()
    assert (counts.held, counts.held_until) == (2, sample.at(20))
    assert counts.oldest_pending == sample.at(1)
    assert store.outbox.due_now(now=sample.at(60)) == 0
