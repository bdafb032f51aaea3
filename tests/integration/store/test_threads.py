"""One store, used by the whole program at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from monitor.errors import StoreError
from monitor.store import Store
from tests.integration.telling import put


def test_all_clients_at_once(store: Store, sample: Any) -> None:
    """While dumps are stored, workers send, readers read and the health check writes; in the
    end every alert was sent once and the counts add up."""
    dumps, size = 6, 20
    errors: list[BaseException] = []
    stored = threading.Event()
    sent: list[str] = []

    def guarded(work: Any) -> Any:
        def run(*arguments: object) -> None:
            try:
                work(*arguments)
            except BaseException as error:
                errors.append(error)
                stored.set()

        return run

    @guarded
    def ingest() -> None:
        for number in range(dumps):
            dump = store.ingest.open_dump(sample.info(f"{number}"))
            with store.ingest.batch(dump.id) as batch:
                pks = batch.next_pks(size)
                known = [sample.known(pk, updated=sample.at(pk)) for pk in pks]
                batch.look_up(pks)
                batch.write(
                    [
                        sample.new(i, k, rules=["water"], features=[k.pk])
                        for i, k in enumerate(known)
                    ]
                )
                put(
                    batch,
                    sample.destination(f"d{number % 2}/slack/0"),
                    [sample.alert(pk) for pk in pks],
                    now=sample.at(number),
                    due=sample.at(number + 1),
                )
        stored.set()

    @guarded
    def send(owner: str) -> None:
        while not stored.is_set() or store.outbox.next_due(busy=()) is not None:
            for claim in sample.claim(store, 99, owner=owner, limit=1, max_items=1000):
                sent.extend(alert.article_id for alert in claim.message.alerts)
                sample.sent(store, claim, owner=owner)

    @guarded
    def read() -> None:
        while not stored.is_set():
            entries = store.feeds.entries("water", since=sample.t0, at_least=0, at_most=1000)
            assert len(entries) % size == 0  # a batch is seen whole or not at all
            assert all(entry.body and entry.rules for entry in entries)
            counts = store.pages.counts()
            assert counts.articles == counts.revisions == counts.matches
            store.pages.ping()

    threads = [
        threading.Thread(target=ingest),
        *(threading.Thread(target=send, args=(f"worker-{n}",)) for n in range(3)),
        *(threading.Thread(target=read) for _ in range(2)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert errors == []
    assert sorted(sent) == sorted(sample.id(pk) for pk in range(1, dumps * size + 1))
    counts = store.pages.counts()
    assert (counts.articles, counts.dumps) == (dumps * size, dumps)


def test_batches_come_one_after_another(store: Store, sample: Any) -> None:
    """While one is open no other begins, so what it looked up stays true."""
    first = store.ingest.open_dump(sample.info("a"))
    second = store.ingest.open_dump(sample.info("b"))
    began, order = threading.Event(), []

    def other() -> None:
        began.set()
        with store.ingest.batch(second.id) as batch:
            order.append("other")
            assert batch.look_up([7]) == {7: [1]}
            assert batch.next_pks(1) == range(2, 3)

    with store.ingest.batch(first.id) as batch:
        thread = threading.Thread(target=other)
        thread.start()
        assert began.wait(10)
        assert batch.look_up([7]) == {}
        batch.write([sample.new(0, sample.known(1), features=[7])])
        thread.join(0.2)  # it must not end; long enough for a wrong one to get in
        order.append("first")
    thread.join(30)
    assert order == ["first", "other"]


def test_readers_do_not_wait_for_a_batch(store: Store, sample: Any) -> None:
    """They see what was committed before it."""
    dump = store.ingest.open_dump(sample.info())
    with store.ingest.batch(dump.id) as batch:
        batch.write([sample.new(0, sample.known(1))])
        assert batch.text(1)
        assert store.pages.articles() == []
        assert store.pages.counts().articles == 0
    assert len(store.pages.articles()) == 1


def test_a_write_inside_a_batch(tmp_path: Any, sample: Any) -> None:
    """On SQLite it would wait for itself; it fails at once and says why."""
    from monitor.store import open_store

    with open_store(f"sqlite:///{tmp_path}/monitor.db") as store:
        dump = store.ingest.open_dump(sample.info())
        with store.ingest.batch(dump.id), pytest.raises(StoreError, match="inside another"):
            store.pages.ping()
        store.pages.ping()
