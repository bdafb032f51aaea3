"""When digests are due. Instants are UTC; days and times are those of the wall's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.alerts.intervals import set_at
from monitor.config.intervals import DigestSettings, clock_of, weekdays_of
from monitor.config.types import format_duration

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Daily:
    """At times of certain days of the week (Monday is 0)."""

    times: tuple[time, ...]
    days: frozenset[int]
    zone: ZoneInfo

    def after(self, moment: datetime) -> datetime:
        """The first instant after ``moment``.

        A time that the clock leaves out is the instant at which it was set, one that it shows twice
        the first of the two; a day that was left out as a whole has none.
        """
        moment = moment.astimezone(UTC)
        day = moment.astimezone(self.zone).date() - _DAY  # the clock may have been set back over it
        while True:
            if day.weekday() in self.days and self._is_there(day):
                due = (instant(day, at, self.zone) for at in self.times)
                if later := [one for one in due if one > moment]:
                    return min(later)
            day += _DAY

    def _is_there(self, day: date) -> bool:
        return instant(day, time(), self.zone) < instant(day + _DAY, time(), self.zone)


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again, counted from 1970: each quarter of an hour, say."""

    length: timedelta

    def after(self, moment: datetime) -> datetime:
        """The first instant after ``moment``."""
        return _EPOCH + ((moment - _EPOCH) // self.length + 1) * self.length


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a digest is due; ``name`` says it as the configuration does."""

    name: str
    when: Daily | Every

    def after(self, moment: datetime) -> datetime:
        """The first instant (UTC) strictly after ``moment``."""
        return self.when.after(moment)


def compile_digest(settings: DigestSettings) -> Schedule:
    """What the settings say. ``every`` or ``at`` is set, the settings see to it."""
    if settings.every is not None:
        return Schedule(f"every {format_duration(settings.every)}", Every(settings.every))
    days = weekdays_of(settings.days) or frozenset(range(7))
    parts = (",".join(settings.at), ",".join(settings.days), settings.location.key)
    name = " ".join(part for part in parts if part)
    return Schedule(name, Daily(tuple(map(clock_of, settings.at)), days, settings.location))


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When the wall's clock shows this first or, where it leaves it out, when it was set (UTC)."""
    wall = datetime.combine(day, at, zone)
    found = wall.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return found
    # Of a time that is left out PEP 495 gives an instant after the gap, and with fold=1 one before.
    before = wall.replace(fold=1).astimezone(UTC)
    return set_at(zone, before, found) or found
