"""Who may send what, and what becomes of it."""

from __future__ import annotations

import threading
from typing import Any

from monitor.model import Claim, DeliveryState, Destination
from monitor.store import Store, open_store


def states(store: Store) -> dict[str, DeliveryState]:
    return {d.destination: d.state for d in store.pages.deliveries()}


def test_a_claim_has_all_a_worker_needs(store: Store, sample: Any) -> None:
    """Key, destination, attempt and message; the delivery is marked as being sent."""
    sample.enqueue(store, *(sample.alert(n) for n in range(5)), due=1)
    (claim,) = sample.claim(store, 1, max_items=3)
    (delivery,) = store.pages.deliveries()
    assert (claim.key, claim.destination) == (delivery.id, sample.destination())
    assert (claim.attempts, claim.created) == (1, sample.t0)
    assert [a.article_id for a in claim.message.alerts] == [sample.id(n) for n in range(3)]
    assert (claim.message.total, claim.message.more) == (5, 2)
    assert (claim.message.receiver, claim.message.created) == ("team", sample.t0)
    assert claim.message.base_url == "http://127.0.0.1:8808"
    assert (delivery.state, delivery.attempts) == (DeliveryState.SENDING, 1)
    assert delivery.next_attempt is None


def test_only_what_is_due_is_claimed(store: Store, sample: Any) -> None:
    """Not a moment early, and not twice."""
    sample.enqueue(store, sample.alert(1), due=1)
    assert sample.claim(store, 0.99) == []
    assert len(sample.claim(store, 1)) == 1
    assert sample.claim(store, 1) == []


def test_the_longest_due_comes_first(store: Store, sample: Any) -> None:
    """Across destinations and within one; the limit cuts the tail."""
    for number, (to, due) in enumerate(
        [("c/slack/0", 3), ("a/slack/0", 2), ("b/slack/0", 0), ("b/slack/0", 1)]
    ):
        sample.enqueue(store, sample.alert(number), to=to, now=due, due=due)
    claims = sample.claim(store, 9, limit=2)
    assert [c.destination.name for c in claims] == ["b/slack/0", "a/slack/0"]
    assert claims[0].message.alerts[0].article_id == sample.id(2)
    assert [c.destination.name for c in sample.claim(store, 9)] == ["c/slack/0"]
    assert sample.claim(store, 9, limit=0) == []


def test_one_delivery_per_destination_at_a_time(store: Store, sample: Any) -> None:
    """A message waits for the one before it, whoever is sending that; then it goes."""
    sample.enqueue(store, sample.alert(1), now=0, due=0)
    sample.enqueue(store, sample.alert(2), now=1, due=1)
    (first,) = sample.claim(store, 2)
    assert sample.claim(store, 2, owner="worker-2") == []
    sample.sent(store, first, 2)
    (second,) = sample.claim(store, 2, owner="worker-2")
    assert second.message.alerts[0].article_id == sample.id(2)


def test_busy_destinations_are_left_alone(store: Store, sample: Any) -> None:
    """The caller knows which of its workers are still at it."""
    sample.enqueue(store, sample.alert(1), to="a/slack/0")
    sample.enqueue(store, sample.alert(1), to="b/slack/0")
    assert [c.destination.name for c in sample.claim(store, 1, busy={"a/slack/0"})] == ["b/slack/0"]


def test_held_destinations_are_left_alone(store: Store, sample: Any) -> None:
    """Until the hold ends; the later of two holds wins; others go on."""
    for number in range(3):
        sample.enqueue(store, sample.alert(number), to="a/slack/0")
    sample.enqueue(store, sample.alert(1), now=9, due=9, to="b/slack/0")
    for claim, until in zip(sample.claim(store, 0, at_once=2), (10, 5), strict=True):
        sample.sent(store, claim, hold_until=sample.at(until))
    assert [c.destination.name for c in sample.claim(store, 9)] == ["b/slack/0"]
    assert [c.destination.name for c in sample.claim(store, 10)] == ["a/slack/0"]


def test_an_expired_lease_is_claimed_again(store: Store, sample: Any) -> None:
    """The worker died: another takes the same key, the attempts count on."""
    sample.enqueue(store, sample.alert(1))
    (first,) = sample.claim(store, 0)
    assert sample.claim(store, 4.99, owner="worker-2") == []
    (second,) = sample.claim(store, 5, owner="worker-2")
    assert (second.key, second.attempts, second.message) == (first.key, 2, first.message)


def test_who_lost_the_lease_changes_nothing(store: Store, sample: Any) -> None:
    """A worker that slept past its lease reports in vain, and without an error."""
    sample.enqueue(store, sample.alert(1))
    (claim,) = sample.claim(store, 0)
    sample.claim(store, 5, owner="worker-2")
    sample.sent(store, claim, 6)
    sample.failed(store, claim, 6, error="late")
    store.outbox.settle([], [claim.key], owner="worker-1", now=sample.at(6))
    (delivery,) = store.pages.deliveries()
    assert (delivery.state, delivery.last_error) == (DeliveryState.SENDING, None)
    sample.sent(store, claim, 6, owner="worker-2")
    sample.failed(store, claim, 6, error="again", again=7, owner="worker-2")
    (delivery,) = store.pages.deliveries()
    assert (delivery.state, delivery.last_error) == (DeliveryState.SENT, None)


def test_a_failure_waits_for_the_next_attempt(store: Store, sample: Any) -> None:
    """Pending again with its error, not before the time, attempts counting."""
    sample.enqueue(store, sample.alert(1))
    (claim,) = sample.claim(store, 0)
    sample.failed(store, claim, error="503 " + "x" * 5000, again=3)
    (delivery,) = store.pages.deliveries()
    assert (delivery.state, delivery.next_attempt) == (DeliveryState.PENDING, sample.at(3))
    assert delivery.last_error is not None
    assert delivery.last_error.startswith("503 x")
    assert len(delivery.last_error) == 1000
    assert sample.claim(store, 2.9) == []
    (again,) = sample.claim(store, 3)
    assert (again.key, again.attempts) == (claim.key, 2)


def test_a_permanent_failure_is_dead(store: Store, sample: Any) -> None:
    """It is not tried again, and holds up nothing behind it."""
    sample.enqueue(store, sample.alert(1), now=0, due=0)
    sample.enqueue(store, sample.alert(2), now=1, due=1)
    (claim,) = sample.claim(store, 1)
    sample.failed(store, claim, error="410")
    (dead,) = store.pages.deliveries(state=DeliveryState.DEAD)
    assert (dead.id, dead.last_error, dead.next_attempt) == (claim.key, "410", None)
    (other,) = sample.claim(store, 1)
    assert other.key != claim.key


def test_release_gives_back_what_an_owner_held(store: Store, sample: Any) -> None:
    """At a restart: due at once, the attempt counts; other owners keep theirs."""
    for name in "abc":
        sample.enqueue(store, sample.alert(1), to=f"{name}/slack/0")
    sample.claim(store, 0, limit=2)
    sample.claim(store, 0, owner="worker-2")
    assert store.outbox.release("worker-1", lease=sample.lease) == 2
    assert store.outbox.release("worker-1", lease=sample.lease) == 0
    claims = sample.claim(store, 0.1, owner="worker-3")
    assert [(c.destination.name, c.attempts) for c in claims] == [
        ("a/slack/0", 2),
        ("b/slack/0", 2),
    ]


def test_next_due_is_when_a_claim_becomes_possible(store: Store, sample: Any) -> None:
    """Pending times, holds, leases and busy destinations, all taken into account."""
    assert store.outbox.next_due(busy=()) is None
    sample.enqueue(store, sample.alert(1), to="a/slack/0", now=0, due=1)
    sample.enqueue(store, sample.alert(2), to="a/slack/0", now=1, due=2)
    sample.enqueue(store, sample.alert(3), to="a/slack/0", now=2, due=3)
    sample.enqueue(store, sample.alert(1), to="b/slack/0", now=0, due=30)
    assert store.outbox.next_due(busy=()) == sample.at(1)
    assert store.outbox.next_due(busy=["a/slack/0"]) == sample.at(30)
    assert store.outbox.next_due(busy=["a/slack/0", "b/slack/0"]) is None
    (claim,) = sample.claim(store, 1)
    sample.sent(store, claim, 1, hold_until=sample.at(4))
    assert store.outbox.next_due(busy=()) == sample.at(4)
    (claim,) = sample.claim(store, 4)
    assert store.outbox.next_due(busy=()) == sample.at(9)  # the lease's end
    assert sample.claim(store, 8.9, owner="worker-2") == []
    (late,) = sample.claim(store, 9)
    assert late.key == claim.key
    sample.sent(store, claim, 9)
    assert store.outbox.next_due(busy=()) == sample.at(4)  # the third one, held until then
    (claim,) = sample.claim(store, 9)
    sample.failed(store, claim, 9, again=10, hold_until=sample.at(50))
    assert store.outbox.next_due(busy=()) == sample.at(30)


def test_retry_revives_the_dead(store: Store, sample: Any) -> None:
    """All of them, or those named; attempts start from zero, holds are lifted, keys stay."""
    keys = {}
    for name in "abc":
        sample.enqueue(store, sample.alert(1), to=f"{name}/slack/0")
    for claim in sample.claim(store, 0):
        keys[claim.destination.name[0]] = claim.key
        sample.failed(store, claim, hold_until=sample.at(60))
    assert store.outbox.retry([keys["a"], "dlv_unknown"], now=sample.at(1)) == 1
    (claim,) = sample.claim(store, 1)
    assert (claim.key, claim.attempts) == (keys["a"], 1)
    assert store.outbox.retry([], now=sample.at(1)) == 0
    assert store.outbox.retry(None, now=sample.at(1)) == 2
    assert {c.key for c in sample.claim(store, 1)} == {keys["b"], keys["c"]}


def test_retry_hurries_what_waits_and_leaves_the_rest(store: Store, sample: Any) -> None:
    """A waiting delivery goes now; one that is being sent or was sent is left alone."""
    for name in "abc":
        sample.enqueue(store, sample.alert(1), to=f"{name}/slack/0")
    waiting, sending, sent = sample.claim(store, 0)
    sample.failed(store, waiting, again=600)
    sample.sent(store, sent)
    keys = [waiting.key, sending.key, sent.key]
    assert store.outbox.retry(keys, now=sample.at(1)) == 1
    assert states(store) == {
        "a/slack/0": DeliveryState.PENDING,
        "b/slack/0": DeliveryState.SENDING,
        "c/slack/0": DeliveryState.SENT,
    }
    assert [c.key for c in sample.claim(store, 1)] == [waiting.key]


def test_replay_sends_again_with_the_same_keys(store: Store, sample: Any) -> None:
    """What was sent since then, and nothing else; messages are the same to the last field."""
    messages = {}
    for minute, name in enumerate("abc"):
        sample.enqueue(store, sample.alert(1), to=f"{name}/slack/0")
        (claim,) = sample.claim(store, minute)
        messages[claim.key] = claim.message
        sample.sent(store, claim, minute)
    assert store.outbox.replay(sample.at(1), now=sample.at(9)) == 2
    assert store.pages.counts().oldest_pending == sample.at(9)  # nobody waited for it before
    claims = sample.claim(store, 9)
    assert [c.destination.name[0] for c in claims] == ["b", "c"]
    assert all(c.message == messages[c.key] and c.attempts == 1 for c in claims)
    assert {one.oldest for one in store.pages.destinations()} == {None, sample.at(9)}


def test_many_claimers_never_take_the_same(store: Store, sample: Any, store_url: str) -> None:
    """Eight workers, half of them in another process's store, take everything exactly once and
    never two of one destination at a time."""
    destinations = [f"d{n}/slack/0" for n in range(6)]
    for to in destinations:
        for number in range(5):
            sample.enqueue(store, sample.alert(number), to=to, now=number, due=number)
    expected = {d.id for d in store.pages.deliveries()}
    taken: list[str] = []
    in_flight: set[Destination] = set()
    wrong: list[str] = []
    guard = threading.Lock()

    def work(mine: Store, owner: str) -> None:
        while store.outbox.next_due(busy=()) is not None:
            claims: list[Claim] = sample.claim(mine, 100, owner=owner, limit=2)
            with guard:
                for claim in claims:
                    if claim.destination in in_flight:
                        wrong.append(claim.destination.name)
                    in_flight.add(claim.destination)
                    taken.append(claim.key)
            for claim in claims:
                with guard:
                    in_flight.discard(claim.destination)
                sample.sent(mine, claim, 100, owner=owner)

    with open_store(store_url) as other:
        threads = [
            threading.Thread(target=work, args=((store, other)[n % 2], f"worker-{n}"))
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert not wrong
    assert sorted(taken) == sorted(expected)
    assert set(states(store).values()) == {DeliveryState.SENT}
