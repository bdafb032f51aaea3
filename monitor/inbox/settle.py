"""Deciding which files are whole: those whose size and time stamp have stood still.

Works on a monotonic clock alone: time stamps are compared with each other, never with the
present, so neither a future time stamp nor a jump of the wall clock stalls or hastens a file.
The price is that files that lay there before the start wait one settle period too; after a
reboot in the middle of a transfer, or a first correction of the clock, that wait is what keeps
a half-written file out.
"""

from __future__ import annotations

from collections.abc import Mapping

from monitor.inbox.ready import Identity


class Settling:
    """Remembers since when each name has shown the same identity."""

    def __init__(self, settle: float) -> None:
        """``settle`` in seconds; 0 takes every file at first sight."""
        self._settle = settle
        self._since: dict[str, tuple[Identity, float]] = {}

    def observe(
        self, listing: Mapping[str, Identity], before: float, after: float
    ) -> tuple[set[str], float | None]:
        """The names that are whole, and seconds until the next one may be (None: none waits).

        ``listing`` is all that is in the folder, looked at between the monotonic moments
        ``before`` and ``after``. A first sight counts from ``after`` and is measured against
        ``before``, so a slow listing never shortens the wait. Names that are gone are forgotten.
        """
        whole: set[str] = set()
        since: dict[str, tuple[Identity, float]] = {}
        next_check: float | None = None
        for name, identity in listing.items():
            known = self._since.get(name)
            if known is None or known[0] != identity:
                known = (identity, after)
            since[name] = known
            left = 0.0 if self._settle <= 0 else known[1] + self._settle - before
            if left <= 0:
                whole.add(name)
            else:
                # one sight more, taken when `before` of that scan has passed the period
                left = max(0.0, known[1] + self._settle - after)
                next_check = left if next_check is None else min(next_check, left)
        self._since = since
        return whole, next_check
