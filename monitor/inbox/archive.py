"""The archive's days: which are old enough to go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from monitor.inbox.ready import InboxError

_DAY = re.compile(r"\d{4}/\d{2}/\d{2}", re.ASCII)


def prune_archive(archive: Path, *, before: datetime, dry_run: bool = False) -> tuple[int, int]:
    """Delete what was archived on days that ended at or before a moment; ``(files, bytes)``.

    Only files in folders that the inbox makes, ``2026/03/01`` and below a source's folder, go.
    Raises InboxError.
    """
    files = size = 0
    try:
        for folder in _days(archive, before):
            for path in sorted(folder.iterdir()):
                if path.is_symlink() or not path.is_file():
                    continue
                size += path.stat().st_size
                files += 1
                if not dry_run:
                    path.unlink(missing_ok=True)
            if not dry_run:
                _drop_empty(folder, archive)
    except OSError as error:
        raise InboxError(f"archive {archive}: {error.strerror or error}") from error
    return files, size


def _days(archive: Path, before: datetime) -> Iterator[Path]:
    """The folders of the days that are over, of the archive and of each source's folder in it."""
    if not archive.is_dir():
        return
    homes = [archive, *(path for path in sorted(archive.iterdir()) if path.is_dir())]
    for home in homes:
        for folder in sorted(home.glob("[0-9]*/[0-9]*/[0-9]*")):
            name = folder.relative_to(home).as_posix()
            if _DAY.fullmatch(name) and folder.is_dir() and not folder.is_symlink():
                end = _end_of(name)
                if end is not None and end <= before:
                    yield folder


def _end_of(name: str) -> datetime | None:
    """When a day is over in UTC, by which the inbox names its folders."""
    try:
        day = datetime.strptime(name, "%Y/%m/%d").date()  # noqa: DTZ007 - a day has no zone
        return datetime.combine(day, time(), UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None


def _drop_empty(folder: Path, archive: Path) -> None:
    """Remove the day's folder, its month's and its year's, as far as nothing is left in them."""
    while folder != archive:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
