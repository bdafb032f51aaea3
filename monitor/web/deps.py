"""What the web application is given; the command line wires it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from monitor.config.settings import Settings
from monitor.model import Clock
from monitor.ports import PageStore


@dataclass(frozen=True)
class Health:
    """How the program is.

    ``healthy``: it works, no restart would help it. ``ready``: it takes in dumps and serves.
    ``checks``: name, whether it is all right, and in a few words what was found.
    """

    healthy: bool
    ready: bool
    checks: tuple[tuple[str, bool, str], ...] = ()


@dataclass(frozen=True)
class ReloadResult:
    """Whether the new configuration is in force; if not, every problem, as ``file:line:…``."""

    ok: bool
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class WebDeps:
    """``settings`` returns those in force now, ``rules`` the names of all rules, in order, and
    whether each has a feed of its own; ``undecided`` how often since the start a rule was not
    decided for an article; ``feeds_folder`` is where the publisher writes.

    ``health`` and ``reload`` are called from the server's threads, several at once.
    """

    pages: PageStore
    feeds_folder: Path
    settings: Callable[[], Settings]
    rules: Callable[[], Mapping[str, bool]]
    undecided: Callable[[], int]
    health: Callable[[], Health]
    reload: Callable[[], ReloadResult]
    clock: Clock
    version: str
