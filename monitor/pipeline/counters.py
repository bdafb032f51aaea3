"""How the counters of a transaction's articles grew, for rules that ask for it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from monitor.model import Counted, Sighting
from monitor.pipeline.history import History
from monitor.ports import IngestBatch
from monitor.revisions import grown
from monitor.revisions.counter import LONGEST

MOST_LATER = 4
"""Crawls after one that comes late of which it may change what is known."""

_MARGIN = LONGEST + timedelta(days=2)  # crawl days are local, and times are UTC


class Counters:
    """The sightings with a counter, of the days around those of a batch."""

    def __init__(
        self,
        tx: IngestBatch,
        history: History,
        pks: Collection[int],
        days: Collection[date],
        received: datetime,
    ) -> None:
        """``pks`` are read at once, before anything is decided; ``received``: when the dump
        came."""
        self._tx, self._history, self._received = tx, history, received
        self._between = _order(min(days), -_MARGIN), _order(max(days), _MARGIN)
        stored = tx.counted(pks, self._between) if pks else {}
        self._found = {pk: list(stored.get(pk, ())) for pk in pks}

    def note(self, pk: int, sighting: Sighting, *, new: bool) -> None:
        """Add what was just seen of an article; ``new``: it was never seen before."""
        counted = self._found.setdefault(pk, []) if new else self._of(pk)
        if sighting.views is not None:
            order, content, views = sighting.order, sighting.content, sighting.views
            counted.append(Counted(order, content, views, self._received))

    def latest(self, pk: int) -> float | None:
        """The growth as it is known now."""
        counted = self._of(pk)
        return grown(counted, max(one.order for one in counted)) if counted else None

    def before(self, pk: int, sighting: Sighting) -> float | None:
        """The growth as it was known before a sighting that was noted."""
        counted = [one for one in self._of(pk) if one.order != sighting.order]
        return grown(counted, max(one.order for one in counted)) if counted else None

    def at(self, pk: int, sighting: Sighting) -> list[tuple[int | None, float | None]]:
        """Counter and growth at a sighting that was noted; and, where it came late, at the next
        crawls that showed the same text, of which more is known by it."""
        if sighting.views is None:
            return [(None, None)]
        counted = self._of(pk)
        later = sorted(
            {one for one in counted if one.order > sighting.order}, key=lambda one: one.order
        )
        facts: list[tuple[int | None, float | None]] = [
            (sighting.views, grown(counted, sighting.order))
        ]
        facts += [
            (one.views, grown(counted, one.order))
            for one in later[:MOST_LATER]
            if one.content == sighting.content
        ]
        return facts

    def _of(self, pk: int) -> list[Counted]:
        if pk not in self._found:
            self._history.flush()  # what is noted of it here must be among what is read
            self._found[pk] = list(self._tx.counted([pk], self._between).get(pk, ()))
        return self._found[pk]


def _order(day: date, shift: timedelta) -> str:
    """Where the orders of a day begin (see ``revisions.order_key``), so much later."""
    number = min(max(day.toordinal() + shift.days, date.min.toordinal()), date.max.toordinal())
    return f"{date.fromordinal(number):%Y%m%d}"
