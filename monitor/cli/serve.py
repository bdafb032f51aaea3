"""The daemon with its web server, its signals and its notes to systemd."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from monitor import __version__, sdnotify
from monitor.app.app import App
from monitor.cli.signals import STOP_SIGNALS, Ask, asked_by
from monitor.errors import ConfigError
from monitor.model import utcnow
from monitor.web import Health, ReloadResult, Server, WebDeps, create_app


def serve(
    app: App,
    *,
    started: Callable[[str, Callable[[], None]], None] = lambda address, stop: None,
    stopping: Callable[[], None] = lambda: None,
) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reloads.

    ``started`` is told the page's address once all runs, and what to call for an end; ``stopping``
    is called before the parts end. Raises MonitorError where the state folder or the address is
    taken.
    """
    server: Server | None = None
    web = app.settings.web
    port = web.port or _free_port(web.host)
    address = app.settings.base_url
    if web.port == 0 and web.base_url is None:
        address = address.removesuffix(":0") + f":{port}"
    with asked_by(STOP_SIGNALS | {signal.SIGHUP: Ask.RELOAD}) as asked:
        try:
            app.open(address)
            if web.enabled:
                server = Server()
                server.start(create_app(_deps(app)), web.host, port, web.threads)
            app.start()
            sdnotify.notify("READY=1", f"STATUS=watching {app.settings.inbox.path}")
            started(address, lambda: asked.put(Ask.STOP))
            while asked.get() is Ask.RELOAD:
                if not asked.empty():
                    continue  # the next one reloads as well, or makes it pointless
                sdnotify.notify("RELOADING=1")
                status = f"STATUS=watching {app.settings.inbox.path}"
                try:
                    app.reload()
                except ConfigError as error:  # said in the log; the old settings stay
                    status = f"STATUS=reload refused: {str(error).splitlines()[0]}"
                sdnotify.notify("READY=1", status)
        finally:
            sdnotify.notify("STOPPING=1")
            stopping()
            if server is not None:
                server.stop(1.0)
            app.stop()
            app.close()


def _deps(app: App) -> WebDeps:
    def health() -> Health:
        checks = app.checks()
        fine = all(check.ok for check in checks)
        return Health(
            healthy=fine,
            ready=fine,
            checks=tuple((check.name, check.ok, check.detail) for check in checks),
        )

    def reload() -> ReloadResult:
        try:
            app.reload()
        except ConfigError as error:
            return ReloadResult(False, tuple(str(error).splitlines()))
        return ReloadResult(True, ())

    return WebDeps(
        pages=app.store.pages,
        feeds_folder=app.feeds_folder,
        settings=lambda: app.settings,
        rules=lambda: app.rules,
        undecided=lambda: app.undecided,
        health=health,
        reload=reload,
        clock=utcnow,
        version=__version__,
    )


def _free_port(host: str) -> int:
    with socket.create_server((host, 0), family=_family(host)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
