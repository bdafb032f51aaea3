"""``run``: the daemon with its web server and its signals, or one round of it."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import click

from monitor import __version__, log, sdnotify
from monitor.app.app import App
from monitor.app.intake import Taken
from monitor.cli.load import load
from monitor.cli.options import Invocation, common
from monitor.cli.output import print_json
from monitor.cli.progress import Progress
from monitor.errors import ConfigError
from monitor.model import utcnow
from monitor.web import Health, ReloadResult, Server, WebDeps, create_app

_log = log.get(__name__)


@click.command()
@click.option("--once", is_flag=True, help="Ingest what waits, deliver what is due, then end.")
@common
@click.pass_obj
def run(invocation: Invocation, once: bool) -> None:
    """The daemon: watch, ingest, publish, deliver, serve. SIGHUP reloads, SIGTERM ends."""
    settings = load(invocation)
    if once:
        summary = Summary()
        with Progress() as progress:
            app = App(
                settings,
                config_file=invocation.config_file,
                # standard output is the summary's alone where a script reads it
                out=sys.stderr if invocation.as_json else sys.stdout,
                on_taken=summary.add,
                on_progress=progress,
            )
            run_once(app, summary)
        summary.show(invocation.as_json)
        return
    app = App(settings, config_file=invocation.config_file)
    serve(app)


# --------------------------------------------------------------------------- the daemon


def serve(
    app: App,
    *,
    started: Callable[[str], None] = lambda address: None,
    until: threading.Event | None = None,
) -> None:
    """Run until SIGTERM or SIGINT, or ``until`` is set. ``started`` is told the page's address.

    Raises MonitorError where the state folder or the address is taken.
    """
    stop = until or threading.Event()
    reload = threading.Event()
    wake = threading.Event()
    server: Server | None = None

    def ask_stop(number: int, frame: object) -> None:
        stop.set()
        wake.set()

    def ask_reload(number: int, frame: object) -> None:
        reload.set()
        wake.set()

    web = app.settings.web
    port = web.port or _free_port(web.host)
    address = app.settings.base_url
    if web.port == 0 and web.base_url is None:
        address = address.removesuffix(":0") + f":{port}"
    with _signals({signal.SIGTERM: ask_stop, signal.SIGINT: ask_stop, signal.SIGHUP: ask_reload}):
        try:
            app.open(address)
            if web.enabled:
                server = Server()
                server.start(create_app(_deps(app)), web.host, port, web.threads)
            app.start()
            sdnotify.notify("READY=1", f"STATUS=watching {app.settings.inbox.path}")
            started(address)
            while not stop.is_set():
                wake.wait(1.0)
                wake.clear()
                if reload.is_set():
                    reload.clear()
                    sdnotify.notify("RELOADING=1")
                    try:
                        app.reload()
                    except ConfigError:
                        pass  # said in the log; the old settings stay
                    sdnotify.notify("READY=1")
        finally:
            sdnotify.notify("STOPPING=1")
            if server is not None:
                server.stop(1.0)
            app.stop()
            app.close()


def run_once(app: App, summary: Summary) -> None:
    """One round; a signal ends it after the running batch."""

    def ask_stop(number: int, frame: object) -> None:
        app.interrupt()

    with _signals({signal.SIGTERM: ask_stop, signal.SIGINT: ask_stop}):
        try:
            app.open()
            summary.waiting = app.run_once()
            summary.deliveries = app.store.pages.counts().deliveries
        finally:
            app.close()


def _deps(app: App) -> WebDeps:
    def health() -> Health:
        checks = app.checks()
        return Health(
            healthy=all(check.ok for check in checks),
            ready=app.ready(),
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


@contextmanager
def _signals(handlers: dict[signal.Signals, Callable[[int, object], None]]) -> Iterator[None]:
    old = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


# --------------------------------------------------------------------------- one round's summary


@dataclass(slots=True)
class Summary:
    """Totals of one round, for people and scripts."""

    files: int = 0
    seen_before: int = 0
    articles: int = 0
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    duplicate: int = 0
    quarantined: int = 0
    matches: int = 0
    alerts: int = 0
    waiting: int = 0
    failed: list[str] = field(default_factory=list)
    deliveries: dict[str, int] = field(default_factory=dict)

    def add(self, taken: Taken) -> None:
        """Count one file."""
        self.files += 1
        if taken.ingested.seen_before:
            self.seen_before += 1
            return
        dump = taken.ingested.dump
        self.articles += dump.articles
        self.new += dump.new
        self.revised += dump.revised
        self.unchanged += dump.unchanged
        self.duplicate += dump.duplicate
        self.quarantined += dump.quarantined
        self.matches += taken.ingested.matches
        self.alerts += taken.ingested.alerts
        if dump.reason:
            self.failed.append(f"{taken.name}: {dump.reason}")

    def show(self, as_json: bool) -> None:
        """Print the totals."""
        if as_json:
            print_json([{name: getattr(self, name) for name in self.__dataclass_fields__}])
            return
        again = f" ({self.seen_before} seen before)" if self.seen_before else ""
        click.echo(
            f"{_count(self.files, 'file')}{again}, {_count(self.articles, 'article')}: "
            f"{self.new} new, {self.revised} revised, {self.unchanged} unchanged, "
            f"{self.duplicate} duplicate, {self.quarantined} quarantined; "
            f"{_count(self.matches, 'match', 'matches')}, {_count(self.alerts, 'alert')}"
        )
        for line in self.failed:
            click.secho(line, fg="red", err=True)
        dead = self.deliveries.get("dead", 0)
        if self.waiting or dead:
            click.secho(
                f"{self.waiting} deliveries wait for another try, {dead} are dead"
                " (monitor deliveries)",
                fg="yellow",
                err=True,
            )


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
