"""Fixtures: the program in a folder of its own, the daemon, a webhook receiver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .forked import ForkServer
from .program import Daemon, Hook, Program, configure

Start = Callable[..., Daemon]


@pytest.fixture(scope="session")
def forks() -> Iterator[ForkServer]:
    """The imported program, to fork commands from."""
    forks = ForkServer()
    yield forks
    forks.close()


@pytest.fixture
def program(tmp_path: Path, forks: ForkServer) -> Program:
    """The program in a folder of its own, without a configuration."""
    return Program(tmp_path, forks=forks)


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.close()


@pytest.fixture
def start(program: Program) -> Iterator[Start]:
    """Start a daemon with these settings; what still runs at the end is killed."""
    daemons: list[Daemon] = []

    def start(**settings: Any) -> Daemon:
        daemons.append(Daemon(program, configure(program.folder, **settings)))
        return daemons[-1]

    yield start
    for daemon in daemons:
        daemon.close()
