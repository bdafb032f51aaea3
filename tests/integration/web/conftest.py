"""A page over real sockets: the server on a free port over a store of samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.config.settings import Settings
from monitor.feeds import Publisher
from monitor.web import Health, ReloadResult, Server, WebDeps, create_app

from .samples import NOW, Samples, config, full


@dataclass
class Site:
    """A running page. ``settings``, ``health`` and ``reload`` may be replaced while it runs."""

    store: Samples
    folder: Path
    settings: Settings
    health: Health
    reload: ReloadResult
    server: Server
    reloads: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    @property
    def rules(self) -> dict[str, bool]:
        return {rule.name: rule.feed for rule in self.settings.rules}

    def publish(self) -> int:
        rules = [name for name, has_feed in self.rules.items() if has_feed]
        feeds = self.settings.feeds
        return Publisher(self.store, self.folder, feeds, self.url, rules, lambda: NOW).publish()


MakeSite = Callable[..., Site]


@pytest.fixture
def make_site(tmp_path: Path) -> Iterator[MakeSite]:
    """``make_site(store, **settings)``: a served page."""
    servers: list[Server] = []

    def make(store: Samples | None = None, **changes: object) -> Site:
        server = Server()
        site = Site(
            store or full(),
            tmp_path / "feeds",
            config(**changes),
            Health(True, True, (("database", True, "reads and writes"),)),
            ReloadResult(True),
            server,
        )

        def reload() -> ReloadResult:
            site.reloads += 1
            return site.reload

        deps = WebDeps(
            pages=site.store,
            feeds_folder=site.folder,
            settings=lambda: site.settings,
            rules=lambda: site.rules,
            undecided=lambda: 3,
            health=lambda: site.health,
            reload=reload,
            clock=lambda: NOW,
            version="1.2.3",
        )
        server.start(create_app(deps), "127.0.0.1", 0, 2)
        servers.append(server)
        return site

    yield make
    for server in servers:
        server.stop()


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A served page over ``full()``, feeds not published."""
    return make_site()
