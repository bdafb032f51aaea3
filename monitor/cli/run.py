"""``run``: the daemon with its web server and its signals, or one round of it."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, auto
from queue import SimpleQueue
from signal import Signals

import click

from monitor import __version__, log, sdnotify
from monitor.app.app import App
from monitor.cli.load import load
from monitor.cli.options import Invocation, common
from monitor.cli.progress import Progress
from monitor.cli.summary import Summary
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
    with _asked(STOP_SIGNALS | {signal.SIGHUP: Ask.RELOAD}) as asked:
        try:
            app.open(address)
            if web.enabled:
                server = Server()
                server.start(create_app(_deps(app)), web.host, port, web.threads)
            app.start()
            sdnotify.notify("READY=1", f"STATUS=watching {app.settings.inbox.path}")
            started(address, lambda: asked.put(Ask.STOP))
            while asked.get() is Ask.RELOAD:
                sdnotify.notify("RELOADING=1")
                try:
                    app.reload()
                except ConfigError:
                    pass  # said in the log; the old settings stay
                sdnotify.notify("READY=1")
        finally:
            sdnotify.notify("STOPPING=1")
            stopping()
            if server is not None:
                server.stop(1.0)
            app.stop()
            app.close()


def run_once(app: App, summary: Summary) -> None:
    """One round. SIGTERM or SIGINT ends it after the running batch; the next round goes on."""
    failure: list[BaseException] = []

    def work() -> None:
        try:
            summary.waiting = app.run_once()
            summary.deliveries = app.store.pages.counts().deliveries
        except BaseException as error:  # raised again below, in the main thread
            failure.append(error)
        finally:
            asked.put(Ask.STOP)

    with _asked(STOP_SIGNALS) as asked:
        try:
            app.open()
            worker = threading.Thread(target=work, name="round")
            worker.start()
            asked.get()
            app.interrupt()
            worker.join()
        finally:
            app.close()
    if failure:
        raise failure[0]


class Ask(Enum):
    """What a signal asks for."""

    STOP = auto()
    RELOAD = auto()


STOP_SIGNALS = {signal.SIGTERM: Ask.STOP, signal.SIGINT: Ask.STOP}


@contextmanager
def _asked(signals: Mapping[signal.Signals, Ask]) -> Iterator[SimpleQueue[Ask]]:
    """What the signals asked for, in order.

    A handler runs between any two steps of the main thread, also where that holds the lock of an
    Event; a SimpleQueue is made for this.
    """
    asked: SimpleQueue[Ask] = SimpleQueue()
    old = {
        number: signal.signal(number, lambda number, frame: asked.put(signals[Signals(number)]))
        for number in signals
    }
    try:
        yield asked
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


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
