"""When an alert is told, and in which delivery. Pure.

of the moments that routes give for an alert, the first:
    about something old: backfill, a few messages that say so
    the route has a digest: at its next instant
    the route is quiet then: when it no longer is, in one message
    else after ``group_wait``, no sooner than ``group_interval`` after the group's last
into the delivery of that kind and group that is still open, else into a new one
too many new ones within the receiver's window: one for all the rest, at its end
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.alerts.intervals import Quiet
from monitor.alerts.schedule import Schedule
from monitor.config.types import format_duration
from monitor.model import DeliveryKind, OpenDelivery, Slot, Withheld

BACKFILL_FREE = 3
"""Messages of old articles that go out as any other, within ..."""
BACKFILL_WINDOW = timedelta(minutes=15)
"""... this; with more an import is on, and the next ones wait ..."""
BACKFILL_LULL = timedelta(seconds=30)
"""... until nothing came for so long ..."""
BACKFILL_LONGEST = timedelta(minutes=5)
"""... but at most this from when they were opened."""
BACKFILL_GROUP = "backfill"
STORM_GROUP = "storm"
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Timing:
    """When a route tells. ``max_age`` None: nothing is too old."""

    group_wait: timedelta
    group_interval: timedelta = timedelta(0)
    max_age: timedelta | None = None
    drop_old: bool = False
    quiet: Quiet | None = None
    drop_muted: bool = False
    digest: Schedule | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """When an alert is to be told, the deliveries that there are left out of account: after the
    route's ``group_wait``, and not before ``floor``."""

    kind: DeliveryKind
    grouping: str
    timing: Timing
    floor: datetime | None = None

    def moment(self, now: datetime) -> datetime:
        """When that is."""
        soon = now + self.timing.group_wait
        return soon if self.floor is None else max(soon, self.floor)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a route does not tell at all, in words too."""

    reason: Withheld
    detail: str


@dataclass(frozen=True, slots=True)
class Company:
    """How long to wait for more: ``more`` while the dump goes on, ``least`` in any case."""

    more: timedelta = timedelta(0)
    least: timedelta = timedelta(0)


def first_wish(
    timings: Iterable[Timing], group: str, since: datetime | None, now: datetime
) -> Wish | Refused:
    """Of several routes to one receiver the one that tells first counts, and not at all only what
    none tells. ``since``: when what is told of happened (None: just now)."""
    wishes = (_wish(timing, group, since, now) for timing in timings)
    return min(wishes, key=lambda wish: precedence(wish, now))


def precedence(wish: Wish | Refused, now: datetime) -> tuple[datetime, bool]:
    """The least is what is told first; what is not told is the greatest."""
    if isinstance(wish, Refused):
        return _NEVER, True
    return wish.moment(now), wish.kind is DeliveryKind.BACKFILL


def _wish(timing: Timing, group: str, since: datetime | None, now: datetime) -> Wish | Refused:
    old = timing.max_age is not None and since is not None and now - since > timing.max_age
    if old and timing.drop_old:
        assert timing.max_age is not None
        return Refused(Withheld.OLD, f"older than {format_duration(timing.max_age)}")
    quiet, soon = timing.quiet, now + timing.group_wait
    muted = quiet is not None and not quiet.allows(soon)
    if quiet is not None and muted and timing.drop_muted:
        return Refused(Withheld.MUTED, quiet.name)
    floor = timing.digest.after(now) if timing.digest is not None else None
    if quiet is not None and (muted or floor is not None):
        floor = quiet.passes(floor or soon)
    if old:
        return Wish(DeliveryKind.BACKFILL, BACKFILL_GROUP, timing, floor)
    if timing.digest is not None:
        return Wish(DeliveryKind.DIGEST, f"digest {timing.digest.name}", timing, floor)
    if quiet is not None and muted:
        return _held(timing, quiet, soon)
    return Wish(DeliveryKind.ALERTS, group, timing)


def _held(timing: Timing, quiet: Quiet, moment: datetime) -> Wish:
    return Wish(DeliveryKind.HELD, held_group(quiet), timing, quiet.passes(moment))


def held_group(quiet: Quiet) -> str:
    """The grouping of what is held back while a route is quiet."""
    return f"held {quiet.name}"


def asks_for_last(wish: Wish) -> bool:
    """Whether it matters to a wish when the last delivery of its grouping was due."""
    return wish.kind is DeliveryKind.ALERTS and bool(wish.timing.group_interval)


def slot(
    wish: Wish,
    now: datetime,
    company: Company,
    opened: OpenDelivery | None,
    last: datetime | None,
) -> Slot | Wish:
    """The delivery for a wish, given the open one of its kind and grouping; another wish, where
    that falls into a time that is quiet.

    ``last``: when the last delivery of its grouping was due, of backfill when the last but
    ``BACKFILL_FREE`` was opened (None: there is none, or it does not matter).
    """
    match wish.kind:
        case DeliveryKind.ALERTS:
            return _gathered(wish, now, company, opened, last)
        case DeliveryKind.BACKFILL:
            return _backfill(wish, now, company, opened, last)
        case _:
            due = wish.moment(now)
            if opened is not None:
                due = min(due, opened.due)
            return Slot(wish.kind, wish.grouping, due, due, opened)


def _gathered(
    wish: Wish,
    now: datetime,
    company: Company,
    opened: OpenDelivery | None,
    last: datetime | None,
) -> Slot | Wish:
    timing = wish.timing
    due = now + max(timing.group_wait, company.least, company.more)
    if opened is not None:  # the earlier of two due times stands: nothing waits longer than meant
        due = min(opened.due, max(due, opened.not_before or due))
        return Slot(wish.kind, wish.grouping, due, opened.not_before, opened)
    if not timing.group_interval or last is None:
        return Slot(wish.kind, wish.grouping, due, remembered=bool(timing.group_interval))
    floor = min(last, now) + timing.group_interval  # the clock may have been set back since
    if floor <= now:
        return Slot(wish.kind, wish.grouping, due, remembered=True)
    if timing.quiet is not None and not timing.quiet.allows(max(floor, now + timing.group_wait)):
        return _held(timing, timing.quiet, floor)
    return Slot(wish.kind, wish.grouping, max(due, floor), floor, remembered=True)


def _backfill(
    wish: Wish,
    now: datetime,
    company: Company,
    opened: OpenDelivery | None,
    last: datetime | None,
) -> Slot:
    wait = pause(wish, now, company.least, last)
    end = (opened.created if opened else now) + max(BACKFILL_LONGEST, wait)
    due = min(now + max(wait, company.more), end)
    floor = wish.floor
    if opened is not None and opened.not_before is not None:
        floor = min(floor or opened.not_before, opened.not_before)
    due = due if floor is None else max(due, floor)
    return Slot(wish.kind, wish.grouping, due, floor, opened)


def pause(wish: Wish, now: datetime, least: timedelta, last: datetime | None) -> timedelta:
    """How long what gathers waits for company, once nothing more is known to come. A few old dumps
    are told as soon as any other."""
    wait = max(wish.timing.group_wait, least)
    if wish.kind is DeliveryKind.BACKFILL and last is not None and now - last < BACKFILL_WINDOW:
        return max(wait, BACKFILL_LULL)
    return wait


def storm_slot(wish: Wish, until: datetime, opened: OpenDelivery | None) -> Slot:
    """The delivery for all that is too much before ``until``."""
    if opened is not None:
        return Slot(DeliveryKind.STORM, STORM_GROUP, opened.due, opened.not_before, opened)
    quiet = wish.timing.quiet
    due = until if quiet is None else quiet.passes(until)
    return Slot(DeliveryKind.STORM, STORM_GROUP, due, due)
