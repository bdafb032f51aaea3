"""A moment to come, given on the command line."""

from __future__ import annotations

from datetime import MAXYEAR, UTC, datetime, timedelta

import click

from monitor.config.types import parse_duration


def coming(text: str, now: datetime, option: str) -> datetime:
    """``2026-02-19``, ``2026-02-19T18:00+05:00`` or how long from ``now`` (``2h``), as UTC.

    A time without a zone is in the machine's. Raises click.BadParameter, with the option's name.
    """
    try:
        return later(now, parse_duration(text), option)
    except ValueError:
        pass
    try:
        return _shown(datetime.fromisoformat(text).astimezone(UTC), option)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(
            f"{text!r} is neither a date, like 2026-02-19 or 2026-02-19T18:00, nor a duration from"
            " now, like 2h",
            param_hint=option,
        ) from error


def later(moment: datetime, length: timedelta, option: str) -> datetime:
    """So long after a moment. Raises click.BadParameter, with the option's name."""
    try:
        return _shown(moment + length, option)
    except OverflowError as error:
        raise click.BadParameter("the calendar has no such day", param_hint=option) from error


def _shown(moment: datetime, option: str) -> datetime:
    """The moment, if every zone's calendar has it."""
    if moment.year >= MAXYEAR:
        raise click.BadParameter("the calendar has no such day", param_hint=option)
    return moment
