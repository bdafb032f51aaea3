"""``status``: health, counts, lag, and what is stuck."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click

from monitor.alerts.health import watched
from monitor.app.state import is_held
from monitor.cli.load import load, opened_store
from monitor.cli.options import Invocation, common
from monitor.cli.output import iso, print_json, short
from monitor.config import Settings
from monitor.model import Counts, utcnow
from monitor.outbox import Circuit, circuit, destination_line

LATE = 300.0  # seconds; a delivery that waits longer is worth a word


@click.command()
@common
@click.pass_obj
def status(invocation: Invocation) -> None:
    """Health, counts, lag, and what is stuck. Exit status 1 where something is wrong."""
    settings = load(invocation)
    with opened_store(settings) as store:
        store.pages.ping()
        counts = store.pages.counts()
        sources = watched(settings)
        unwell = [one for one in store.pages.conditions() if one.source in sources]
        destinations = store.pages.destinations()
    running, waiting = is_held(settings.state), _waiting(settings)
    lag = (utcnow() - counts.oldest_pending).total_seconds() if counts.oldest_pending else 0.0
    problems = _problems(running, waiting, lag, counts)
    now = utcnow()
    failing = [one for one in destinations if circuit(one, now) is not Circuit.CLOSED]
    problems += [f"{one.name}: {destination_line(one, now, short)}" for one in failing]
    problems += [f"{one.source}: {one.detail}" for one in unwell]
    if invocation.as_json:
        facts: dict[str, Any] = {
            "running": running,
            "inbox_waiting": waiting,
            "last_dump": iso(counts.last_dump),
            "dumps": counts.dumps,
            "articles": counts.articles,
            "revisions": counts.revisions,
            "matches": counts.matches,
            "quarantined": counts.quarantined,
            "quarantined_dumps": counts.quarantined_dumps,
            "deliveries": counts.deliveries,
            "delivery_lag_seconds": round(max(lag, 0.0), 1),
            "deliveries_held": counts.held,
            "deliveries_held_until": iso(counts.held_until),
            "destinations": [
                {
                    "name": one.name,
                    "circuit": circuit(one, now).value,
                    "waiting": one.waiting,
                    "failures": one.failures,
                    "failing_since": iso(one.failing_since),
                    "held_until": iso(one.held_until),
                    "last_sent": iso(one.last_sent),
                    "last_error": one.last_error,
                }
                for one in destinations
            ],
            "conditions": [
                {
                    "source": one.source,
                    "check": one.check.value,
                    "since": iso(one.since),
                    "detail": one.detail,
                }
                for one in unwell
            ],
            "problems": problems,
        }
        print_json([facts])
    else:
        _show(running, waiting, counts, problems)
    if problems:
        raise SystemExit(1)


def _problems(running: bool, waiting: int | None, lag: float, counts: Counts) -> list[str]:
    problems = []
    if dead := counts.deliveries.get("dead", 0):
        problems.append(f"{dead} dead deliveries (monitor deliveries --state dead)")
    if lag > LATE:
        problems.append(f"the oldest waiting delivery is {lag / 60:.0f} minutes old")
    if waiting and not running:
        problems.append(f"{waiting} files wait in the inbox and no daemon runs")
    return problems


def _show(running: bool, waiting: int | None, counts: Counts, problems: list[str]) -> None:
    deliveries = ", ".join(f"{count} {state}" for state, count in counts.deliveries.items())
    if counts.held:
        deliveries += f" ({counts.held} held, the first until {short(counts.held_until)})"
    for name, value in (
        ("daemon", "runs" if running else "does not run"),
        ("inbox", "files are kept" if waiting is None else f"{waiting} waiting"),
        ("last dump", short(counts.last_dump) or "none yet"),
        ("dumps", counts.dumps),
        ("articles", f"{counts.articles} in {counts.revisions} revisions"),
        ("matches", counts.matches),
        ("quarantined", _quarantined(counts)),
        ("deliveries", deliveries),
    ):
        click.echo(f"  {name:<12} {value}")
    for problem in problems:
        click.echo(click.style(f"  {'problem':<12} {problem}", fg="red"))
    if not problems:
        click.echo(f"  {'problems':<12} " + click.style("none", fg="green"))


def _quarantined(counts: Counts) -> str:
    return f"{counts.quarantined_dumps} dumps as a whole, {counts.quarantined} pieces of dumps"


def _waiting(settings: Settings) -> int | None:
    """Files in the inbox and its sources' folders that are to be read; None where files stay there
    after use."""
    inbox = settings.inbox
    if inbox.after == "keep":
        return None
    folders = {source.folder for source in settings.sources if source.folder is not None}
    paths = (inbox.path, *(inbox.path / folder for folder in folders))
    return sum(_files(path, inbox.ignore) for path in paths)


def _files(folder: Path, ignored: Sequence[str]) -> int:
    try:
        return sum(
            entry.is_file()
            and not entry.is_symlink()  # the inbox follows none
            and not any(fnmatchcase(entry.name, pattern) for pattern in ignored)
            for entry in folder.iterdir()
        )
    except OSError:
        return 0
