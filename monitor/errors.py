"""The error tree. Every error a user can cause carries where it happened in its message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class MonitorError(Exception):
    """Base of every error this program raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: ``file:line:column: key.path: message`` (1-based positions)."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class ConfigError(MonitorError):
    """A configuration or a rule that cannot be used; holds every problem found, in file order."""

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        self.problems: tuple[Problem, ...] = () if isinstance(problems, str) else tuple(problems)
        super().__init__(problems if isinstance(problems, str) else "\n".join(map(str, problems)))


class DumpError(MonitorError):
    """A dump, or the rest of one, that cannot be read; the message says why."""


class StoreError(MonitorError):
    """The database refused or is not what was expected."""


class DeliveryError(MonitorError):
    """A message that was not accepted.

    ``permanent``: the same message will never be accepted, do not retry.
    ``retry_after``: seconds the destination asked us to wait (holds the whole destination).
    ``gone``: the destination wants no more messages at all (HTTP 410): nothing is sent to it until
    somebody says so. The message itself is as good as before.
    The message names neither secrets nor full URLs with tokens.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        gone: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.gone = gone
