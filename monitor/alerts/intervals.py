"""Times at which nothing is told, and when they end. Exact, across changes to and from summer time.

An interval is what a clock on a wall shows: it holds both of the hours that a clock shows twice in
autumn, and nothing of the hour that it leaves out in spring. So the answer can change only where
the wall's clock passes a bound of a range or midnight, or where it is set; between two such
instants nothing has to be looked at.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.config.intervals import (
    DAY,
    PeriodSettings,
    TimeIntervalSettings,
    days_of,
    minute_of,
    months_of,
    weekdays_of,
    years_of,
)

HORIZON = timedelta(days=5 * 366)
"""What does not come within this never comes."""
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def set_at(zone: ZoneInfo, after: datetime, until: datetime) -> datetime | None:
    """The instant in ``(after, until]`` from which on the zone's offset is another than at
    ``after``; None: it is the same at ``until``. Times are UTC, at most some days apart: two
    changes that undo each other are not seen."""
    offset = after.astimezone(zone).utcoffset()
    if until.astimezone(zone).utcoffset() == offset:
        return None
    low, high = after.replace(microsecond=0), until.replace(microsecond=0)  # whole seconds, as set
    while high - low > _SECOND:
        middle = low + ((high - low) // _SECOND // 2) * _SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high


class Period:
    """A compiled part of an interval. All its conditions hold at once."""

    def __init__(self, settings: PeriodSettings) -> None:
        self._zone = settings.location
        self._times = tuple(
            (minute_of(times.start_time), minute_of(times.end_time)) for times in settings.times
        ) or ((0, DAY),)
        self._bounds = sorted({bound for times in self._times for bound in times} | {DAY})
        self._weekdays = weekdays_of(settings.weekdays) or frozenset(range(7))
        self._months = months_of(settings.months) or frozenset(range(1, 13))
        self._days = days_of(settings.days_of_month)
        self._years = years_of(settings.years)

    def contains(self, moment: datetime) -> bool:
        """Whether the wall's clock and calendar show one of its times."""
        wall = moment.astimezone(self._zone)
        minute = wall.hour * 60 + wall.minute
        return self._has_day(wall.date()) and any(
            start <= minute < end for start, end in self._times
        )

    def may_change(self, moment: datetime) -> datetime:
        """An instant after ``moment`` (UTC) before which ``contains`` stays what it is then."""
        wall = moment.astimezone(self._zone).replace(tzinfo=None)
        until = moment + (self._next_bound(wall) - wall)
        if until - moment > 3 * _DAY:
            if set_at(self._zone, moment, moment + 2 * _DAY) is None:
                return until - 2 * _DAY  # the clock may be set near the bound: not in one step
            until = moment + 2 * _DAY
        return set_at(self._zone, moment, until) or until

    def _next_bound(self, wall: datetime) -> datetime:
        """The first that the wall shows after ``wall`` unless it is set meanwhile; naive."""
        day = wall.date()
        if not self._in_years(day):
            return datetime.combine(date(day.year + 1, 1, 1), time())
        if day.month not in self._months:
            following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
            return datetime.combine(following, time())
        midnight = datetime.combine(day, time())
        if not self._has_day(day):
            return midnight + _DAY
        into = wall - midnight
        minutes = (timedelta(minutes=bound) for bound in self._bounds)
        return midnight + next(bound for bound in minutes if bound > into)

    def _has_day(self, day: date) -> bool:
        return (
            day.weekday() in self._weekdays
            and day.month in self._months
            and self._in_years(day)
            and self._in_days(day)
        )

    def _in_years(self, day: date) -> bool:
        return not self._years or any(first <= day.year <= last for first, last in self._years)

    def _in_days(self, day: date) -> bool:
        """A day that a month does not have is none of its days, and the end of a range is its
        last day at the latest; as Alertmanager has it."""
        length = monthrange(day.year, day.month)[1]

        def number(of: int) -> int:
            return of if of > 0 else length + 1 + of

        return not self._days or any(
            number(first) <= day.day <= number(last) for first, last in self._days
        )


Interval = tuple[Period, ...]


def compile_intervals(settings: Sequence[TimeIntervalSettings]) -> dict[str, Interval]:
    """By name the periods of which each consists."""
    return {one.name: tuple(map(Period, one.time_intervals)) for one in settings}


@dataclass(frozen=True, slots=True)
class Quiet:
    """When a route is quiet: in any of the muted intervals, and outside all the active ones, if
    there are any. ``name`` says it in a few words."""

    name: str
    muted: Interval = ()
    active: Interval = ()

    def allows(self, moment: datetime) -> bool:
        """Whether something may be told then."""
        if any(period.contains(moment) for period in self.muted):
            return False
        return not self.active or any(period.contains(moment) for period in self.active)

    def opens(self, moment: datetime) -> datetime | None:
        """The first instant, ``moment`` or later, at which something may be told; UTC. None: there
        is none within ``HORIZON``."""
        at = moment.astimezone(UTC)
        end = at + HORIZON
        while at < end:
            if self.allows(at):
                return at
            at = min(period.may_change(at) for period in (*self.muted, *self.active))
        return None

    def passes(self, moment: datetime) -> datetime:
        """As ``opens``; what never opens is looked at again after ``HORIZON``, so that nothing is
        lost when a configuration outlives its years."""
        return self.opens(moment) or moment + HORIZON
