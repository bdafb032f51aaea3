"""The same store twice, on SQLite and on PostgreSQL, and samples to put into it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from monitor.model import (
    Alert,
    AlertKind,
    Change,
    Claim,
    Destination,
    Dump,
    DumpInfo,
    Evidence,
    Known,
    Match,
    Outcome,
    Revision,
    Settlement,
    Sighting,
)
from monitor.store import Store, open_store
from tests.integration.telling import put


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without rows, to copy: migrations have tests of their own."""
    file = tmp_path_factory.mktemp("store") / "migrated.db"
    open_store(f"sqlite:///{file}").close()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database; migrated already where the test asks for ``store``."""
    migrated = "store" in request.fixturenames
    if request.param == "sqlite":
        file = tmp_path / "monitor.db"
        if migrated:
            shutil.copyfile(request.getfixturevalue("migrated_sqlite"), file)
        return f"sqlite:///{file}"
    url: str = request.getfixturevalue("emptied_postgres" if migrated else "postgres_url")
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An empty store."""
    with open_store(store_url) as opened:
        yield opened


class Sample:
    """Makes small, valid domain objects; every argument that does not matter has a default."""

    t0 = datetime(2026, 3, 1, 9, 30, 0, 250_000, tzinfo=UTC)
    minute = timedelta(minutes=1)
    lease = timedelta(minutes=5)

    def at(self, minutes: float) -> datetime:
        return self.t0 + minutes * self.minute

    def info(self, letter: str = "a", **changes: object) -> DumpInfo:
        info = DumpInfo(
            letter * 64, f"dump-{letter}.txt", "kt", 1234, self.t0, crawled=date(2026, 3, 1)
        )
        return replace(info, **changes)

    def id(self, pk: int) -> str:
        return str(UUID(int=(pk << 96) + pk, version=5))

    def known(self, pk: int, **changes: object) -> Known:
        known = Known(
            pk=pk,
            id=self.id(pk),
            source="kt",
            title=f"Title {pk}",
            title_key=-pk,
            content=1000 * pk + 1,
            paragraphs=(pk, -pk, 2**63 - 1, -(2**63)),
            published=self.at(-60),
            published_order=f"order-{pk}",
            seen_from=date(2026, 2, 28),
            seen_to=date(2026, 3, 1),
            last_order=f"order-{pk}",
            revision=1,
            views=10,
            first_seen=self.t0,
            last_seen=self.t0,
            updated=self.t0,
            confidence=0.75,
            duplicate_of=None,
        )
        return replace(known, **changes)

    def revision(self, known: Known, **changes: object) -> Revision:
        revision = Revision(
            number=known.revision,
            content=known.content,
            title=known.title,
            body=f"Lead {known.pk}.\nMore of {known.content}.",
            paragraphs=known.paragraphs,
            order=known.last_order,
            observed=known.updated,
        )
        return replace(revision, **changes)

    def match(self, rule: str, text: str = "Lead") -> Match:
        return Match(rule, (Evidence("any[0]", "body", 0, len(text), text),))

    def new(
        self,
        index: int,
        known: Known,
        *,
        rules: Sequence[str] = (),
        features: Sequence[int] = (),
        body: str | None = None,
    ) -> Change:
        """A first sighting."""
        revision = self.revision(known)
        return Change(
            index,
            Outcome.DUPLICATE if known.duplicate_of else Outcome.NEW,
            "nothing like it is stored",
            article=known,
            is_new=True,
            sighting=Sighting(known.last_order, known.content, known.views),
            revisions=(revision if body is None else replace(revision, body=body),),
            features=tuple(features),
            matches=tuple(self.match(rule) for rule in rules),
            confidence=known.confidence,
        )

    def revised(
        self, index: int, before: Known, *, rules: Sequence[str] = (), **changes: object
    ) -> Change:
        """A later sighting with another text."""
        state = replace(
            before,
            revision=before.revision + 1,
            content=before.content + 1,
            last_order=f"{before.last_order}+",
            updated=before.updated + self.minute,
            **changes,
        )
        return Change(
            index,
            Outcome.REVISED,
            "text edited",
            article=state,
            sighting=Sighting(state.last_order, state.content, state.views),
            revisions=(self.revision(state),),
            matches=tuple(self.match(rule) for rule in rules),
        )

    def bad(self, index: int) -> Change:
        return Change(index, Outcome.QUARANTINED, "not text", confidence=0.0)

    def destination(self, name: str = "team/slack/0") -> Destination:
        receiver, channel, *_ = name.split("/")
        return Destination(name, receiver, channel)

    def alert(self, number: int, **changes: object) -> Alert:
        alert = Alert(
            article_id=self.id(number),
            revision=1,
            kind=AlertKind.NEW,
            source="kt",
            title=f"Title {number}",
            published=self.at(-60),
            observed=self.t0,
            views=7,
            rules=("water", "summit"),
            excerpt=f"Lead {number}.",
            title_marks=((0, 5),),
            excerpt_marks=((0, 4), (5, 6)),
            url=f"http://127.0.0.1:8808/articles/{number}",
        )
        return replace(alert, **changes)

    # --- into the store

    def fill(self, store: Store, *changes: Change, letter: str = "a") -> Dump:
        """One dump, stored and left open."""
        dump = store.ingest.open_dump(self.info(letter))
        with store.ingest.batch(dump.id) as batch:
            batch.write(changes)
        return dump

    def articles(self, store: Store, *known: Known, **options: object) -> Dump:
        """A dump of new articles."""
        return self.fill(store, *(self.new(i, k, **options) for i, k in enumerate(known)))

    def enqueue(
        self,
        store: Store,
        *alerts: Alert,
        to: str = "team/slack/0",
        now: float = 0,
        due: float = 0,
        **options: Any,
    ) -> None:
        """Alerts for one destination; times in minutes after ``t0``."""
        dump = store.ingest.open_dump(self.info("e"))
        with store.ingest.batch(dump.id) as batch:
            put(
                batch,
                self.destination(to),
                alerts,
                now=self.at(now),
                due=self.at(due),
                **options,
            )

    def claim(self, store: Store, at: float, **options: object) -> list[Claim]:
        """Claim at so many minutes after ``t0``."""
        arguments: dict[str, object] = {
            "owner": "worker-1",
            "lease": self.lease,
            "limit": 10,
            "busy": (),
            "max_items": 10,
            "base_url": "http://127.0.0.1:8808",
        }
        return list(store.outbox.exchange(now=self.at(at), **(arguments | options)).claims)

    def sent(
        self, store: Store, claim: Claim, at: float = 0, *, owner: str = "worker-1", **more: object
    ) -> None:
        """The claim arrived, at so many minutes after ``t0``."""
        settled = replace(Settlement.sent(claim, self.at(at), answer="ok"), **more)
        store.outbox.settle([settled], owner=owner, now=self.at(at))

    def failed(
        self,
        store: Store,
        claim: Claim,
        at: float = 0,
        *,
        again: float | None = None,
        error: str = "503",
        owner: str = "worker-1",
        **more: object,
    ) -> None:
        """The claim did not arrive; it is tried again ``again`` minutes after ``t0``, or never."""
        retry_at = None if again is None else self.at(again)
        settled = Settlement.failed(claim, self.at(at), error=error, retry_at=retry_at)
        store.outbox.settle([replace(settled, **more)], owner=owner, now=self.at(at))


@pytest.fixture(scope="session")
def sample() -> Sample:
    """Makes samples."""
    return Sample()
