"""Inboxes that are stopped at the end of their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.inbox import watch

from .bench import Bench


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Bench]]:
    """Makes a bench; ``start=False`` leaves the inbox unstarted."""
    monkeypatch.setattr(watch, "POLL_SECONDS", 0.1)
    benches: list[Bench] = []

    def make(*, start: bool = True, root: Path = tmp_path, **settings: object) -> Bench:
        bench = Bench(root, **settings)  # type: ignore[arg-type]
        benches.append(bench)
        if start:
            bench.inbox.start()
        return bench

    yield make
    for bench in benches:
        bench.inbox.stop()


@pytest.fixture
def bench(make: Callable[..., Bench]) -> Bench:
    """A started inbox with the usual settings."""
    return make()
