"""A bar on standard error while large dumps are read; nothing where that is no terminal."""

from __future__ import annotations

from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bars

LARGE = 8 * 1024 * 1024  # bytes; smaller files are through before a bar could be read


class Progress:
    """Call it with name, bytes read, bytes in all and segments stored, as ``Intake`` does."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __call__(self, name: str, read: int, size: int, segments: int) -> None:
        """One more batch of the file is stored."""
        if size < LARGE:
            return
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=size)
        self._bars.update(
            self._tasks[name], completed=read, description=f"{name}: {segments} articles"
        )

    def __exit__(self, *error: object) -> None:
        self._bars.stop()
