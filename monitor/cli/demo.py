"""``demo``: the real daemon on a temporary folder, fed with the packaged sample dumps."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import click

from monitor import log
from monitor.app.app import App
from monitor.app.intake import Taken
from monitor.cli.serve import serve
from monitor.config import Settings, load_settings
from monitor.errors import MonitorError
from monitor.resources import resource

PATIENCE = 30.0  # seconds for one dump, or for the last alert


@click.command()
@click.option("--once", is_flag=True, help="End after the last dump and its alerts.")
@click.option(
    "--pause",
    default=1.5,
    show_default=True,
    type=click.FloatRange(0, 3600),
    help="Seconds between two dumps.",
)
@click.option(
    "--port",
    default=0,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port of the page; 0 takes a free one.",
)
def demo(once: bool, pause: float, port: int) -> None:
    """Show it at work: sample dumps arrive, articles and alerts appear. Needs no settings."""
    with tempfile.TemporaryDirectory(prefix="monitor-demo-") as folder:
        settings = _settings(Path(folder), port)
        log.configure("console", "warning")
        show = _Show(settings)
        app = App(settings, on_taken=show.taken)
        feeder = _Feeder(app, sorted(resource("examples/dumps").glob("*.txt")), show, once, pause)
        serve(app, started=feeder.start, stopping=feeder.over.set)
        if feeder.error is not None:
            raise feeder.error
        click.echo("\ndemo ended; its temporary folder is removed")


def _settings(folder: Path, port: int) -> Settings:
    shutil.copyfile(resource("examples/config.yaml"), folder / "config.yaml")
    settings = load_settings(folder / "config.yaml")
    web = settings.web.model_copy(update={"port": port})
    return settings.model_copy(update={"web": web})


class _Show:
    """What the console says of each dump."""

    def __init__(self, settings: Settings) -> None:
        self.inbox = settings.inbox.path
        self.arrived: dict[str, threading.Event] = {}

    def addresses(self, address: str, feeds: Mapping[str, bool]) -> None:
        click.secho("The press monitor is running on sample dumps.", bold=True)
        click.echo(f"  page    {address}/")
        click.echo(f"  feeds   {address}/feeds/all.atom")
        for name in filter(feeds.__getitem__, feeds):
            click.echo(f"          {address}/feeds/rules/{name}.atom")
        click.echo(f"  inbox   {self.inbox}")
        click.echo()

    def taken(self, taken: Taken) -> None:
        dump, result = taken.ingested.dump, taken.ingested
        now = datetime.now().astimezone().strftime("%H:%M:%S")
        name = click.style(f"{taken.name:<24}", bold=True)
        if result.seen_before:
            click.echo(f"{now}  {name} seen before; nothing to do")
        else:
            counts = ", ".join(
                f"{count} {what}"
                for what, count in (
                    ("new", dump.new),
                    ("revised", dump.revised),
                    ("unchanged", dump.unchanged),
                    ("duplicate", dump.duplicate),
                    ("quarantined", dump.quarantined),
                )
                if count
            )
            click.echo(
                f"{now}  {name} {dump.articles} articles: {counts};"
                f" {result.matches} matches, {result.alerts} alerts"
            )
        self.arrived.setdefault(taken.name, threading.Event()).set()


class _Feeder:
    """Drops the samples into the inbox, one after another, as a crawler would."""

    def __init__(
        self, app: App, dumps: Sequence[Path], show: _Show, once: bool, pause: float
    ) -> None:
        self._app, self._dumps, self._show, self._once = app, dumps, show, once
        self._pause = pause
        self.over = threading.Event()
        self.error: MonitorError | None = None

    def start(self, address: str, stop: Callable[[], None]) -> None:
        """Called by the daemon once it runs."""
        self._stop = stop
        self._show.addresses(address, self._app.rules)
        threading.Thread(target=self._run, name="demo", daemon=True).start()

    def _run(self) -> None:
        try:
            self._feed()
        except (MonitorError, OSError) as error:
            if not self.over.is_set():  # else the store was closed under our hands
                self.error = MonitorError(f"the demo cannot go on: {error}")
                self._stop()

    def _feed(self) -> None:
        for dump in self._dumps:
            event = self._show.arrived.setdefault(dump.name, threading.Event())
            hidden = self._show.inbox / f".{dump.name}"
            shutil.copyfile(dump, hidden)
            hidden.rename(self._show.inbox / dump.name)
            if not event.wait(PATIENCE) and not self.over.is_set():
                raise MonitorError(f"{dump.name} was not ingested within {PATIENCE:.0f} s")
            self._wait_for_alerts()
            if self.over.wait(self._pause):
                return
        if self._once:
            self._stop()
        else:
            click.secho("\nAll samples have arrived. Open the page; Ctrl-C ends.", bold=True)

    def _wait_for_alerts(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and not self.over.is_set():
            states = self._app.store.pages.counts().deliveries
            if not states.get("pending") and not states.get("sending"):
                return
            time.sleep(0.05)
        raise MonitorError(f"alerts were not delivered within {PATIENCE:.0f} s")
