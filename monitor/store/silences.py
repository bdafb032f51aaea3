"""Silences: what people want to hear nothing of for a while."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from monitor.errors import StoreError
from monitor.model import Silence
from monitor.store.engine import Database
from monitor.store.schema import silences
from monitor.store.types import clean, to_json

ID_BYTES = 4
"""Of an id, which people type; it is taken only where it is free."""


class SqlSilenceStore:
    """``monitor.ports.SilenceStore`` over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        matchers: Sequence[str],
        *,
        starts: datetime,
        until: datetime,
        comment: str,
        creator: str,
        now: datetime,
    ) -> Silence:
        """Store a silence; with the id that it has been given."""
        with self._database.write() as connection:
            while True:
                id_ = secrets.token_hex(ID_BYTES)
                made = connection.execute(
                    self._database.insert(silences)
                    .values(
                        id=id_,
                        matchers=to_json(list(matchers)),
                        starts=starts,
                        until=until,
                        comment=comment,
                        created=now,
                        creator=creator,
                    )
                    .on_conflict_do_nothing()
                    .returning(silences)
                ).one_or_none()
                if made is not None:
                    return _silence_of(made)

    def silences(self, *, now: datetime, expired: bool = False) -> Sequence[Silence]:
        """Those that are in force at ``now`` or will be, the first to end first; with ``expired``
        those that were as well, the last to have ended last of all."""
        chosen = select(silences).order_by(silences.c.until, silences.c.id)
        if not expired:
            chosen = chosen.where(silences.c.until > now)
        with self._database.read() as connection:
            found = [_silence_of(row) for row in connection.execute(chosen)]
        over = [silence for silence in found if silence.until <= now]
        return [silence for silence in found if silence.until > now] + over[::-1]

    def expire(self, ids: Collection[str], *, now: datetime) -> Sequence[Silence]:
        """End the silences with these ids, or beginnings of ids, at ``now``: all or none.

        One that has not begun never will. Raises StoreError for an id that none has, or several
        have, and for a silence that is over.
        """
        with self._database.write(alone=True) as connection:
            rows = connection.execute(select(silences).order_by(silences.c.id))
            known = [_silence_of(row) for row in rows]
            chosen = {one.id: one for wanted in ids for one in [_meant(clean(wanted), known)]}
            for silence in chosen.values():
                if silence.until <= now:
                    raise StoreError(f"the silence {silence.id} is over already")
            ended = [replace(s, starts=min(s.starts, now), until=now) for s in chosen.values()]
            for silence in ended:
                connection.execute(
                    update(silences)
                    .where(silences.c.id == silence.id)
                    .values(starts=silence.starts, until=silence.until)
                )
        return ended


def active(connection: Connection, now: datetime) -> Sequence[Silence]:
    """The silences in force at a moment, the first to end first."""
    rows = connection.execute(
        select(silences)
        .where(silences.c.starts <= now, silences.c.until > now)
        .order_by(silences.c.until, silences.c.id)
    )
    return [_silence_of(row) for row in rows]


def forget(connection: Connection, *, before: datetime) -> None:
    """Forget silences that were over before a moment."""
    connection.execute(delete(silences).where(silences.c.until < before))


def _meant(wanted: str, known: Sequence[Silence]) -> Silence:
    """The silence with this id, or the only one whose id begins so."""
    exact = [silence for silence in known if silence.id == wanted]
    found = exact or [silence for silence in known if wanted and silence.id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise StoreError(f"there is no silence {wanted!r}; see: monitor silence list --all")
    ids = ", ".join(silence.id for silence in found[:5])
    raise StoreError(f"{wanted!r} begins the ids of several silences: {ids}")


def _silence_of(row: Row[Any]) -> Silence:
    return Silence(
        id=row.id,
        matchers=tuple(json.loads(row.matchers)),
        starts=row.starts,
        until=row.until,
        comment=row.comment,
        created=row.created,
        creator=row.creator,
    )
