"""A moment given on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from monitor.config.types import parse_duration
from monitor.model import utcnow


def moment(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """``2026-02-19``, ``2026-02-19T14:56+05:00`` or how long ago (``24h``, ``7d``), as UTC.

    A time without a zone is in the machine's. Raises click.BadParameter.
    """
    if value is None:
        return None
    try:
        return utcnow() - parse_duration(value)
    except (ValueError, OverflowError):
        pass
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(
            f"{value!r} is neither a date, like 2026-02-19, nor a duration, like 24h", ctx, param
        ) from error
