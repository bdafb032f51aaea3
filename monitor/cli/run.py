"""``run``: the daemon, or one round of it."""

from __future__ import annotations

import sys
import threading

import click

from monitor.app.app import App
from monitor.cli.group import collector_at_rest
from monitor.cli.load import load
from monitor.cli.options import Invocation, common
from monitor.cli.progress import Progress
from monitor.cli.signals import STOP_SIGNALS, Ask, asked_by
from monitor.cli.summary import Summary


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
    with collector_at_rest():
        from monitor.cli.serve import serve  # the web server's libraries are 10 MB

    serve(App(settings, config_file=invocation.config_file))


def run_once(app: App, summary: Summary) -> None:
    """One round. SIGTERM or SIGINT ends it after the running batch; the next round goes on."""
    failure: list[BaseException] = []

    def work() -> None:
        try:
            summary.waiting = app.run_once()
            summary.count(app.store.pages.counts())
        except BaseException as error:  # raised again below, in the main thread
            failure.append(error)
        finally:
            asked.put(Ask.STOP)

    with asked_by(STOP_SIGNALS) as asked:
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
