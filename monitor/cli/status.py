"""``status``: health, counts, lag, and what is stuck."""

from __future__ import annotations

from typing import Any

import click

from monitor.app.state import is_held
from monitor.cli.load import load, opened_store
from monitor.cli.options import Invocation, common
from monitor.cli.output import iso, print_json
from monitor.config import Settings
from monitor.model import utcnow


@click.command()
@common
@click.pass_obj
def status(invocation: Invocation) -> None:
    """Health, counts, lag, and what is stuck. Exit status 1 where something is wrong."""
    settings = load(invocation)
    with opened_store(settings) as store:
        store.pages.ping()
        counts = store.pages.counts()
    now = utcnow()
    waiting = _waiting(settings)
    lag = (now - counts.oldest_pending).total_seconds() if counts.oldest_pending else 0.0
    dead = counts.deliveries.get("dead", 0)
    problems = []
    if dead:
        problems.append(f"{dead} dead deliveries (monitor deliveries --state dead)")
    if lag > 300:
        problems.append(f"the oldest waiting delivery is {lag / 60:.0f} minutes old")
    if waiting and not is_held(settings.state):
        problems.append(f"{waiting} files wait in the inbox and no daemon runs")
    facts: dict[str, Any] = {
        "running": is_held(settings.state),
        "inbox_waiting": waiting,
        "last_dump": iso(counts.last_dump),
        "dumps": counts.dumps,
        "articles": counts.articles,
        "revisions": counts.revisions,
        "matches": counts.matches,
        "quarantined": counts.quarantined,
        "deliveries": counts.deliveries,
        "delivery_lag_seconds": round(max(lag, 0.0), 1),
        "problems": problems,
    }
    if invocation.as_json:
        print_json([facts])
    else:
        for name, value in facts.items():
            if name == "deliveries":
                value = ", ".join(f"{count} {state}" for state, count in value.items()) or "none"
            if name == "problems":
                value = "none"
            if name != "problems" or not problems:
                click.echo(f"  {name.replace('_', ' '):<22} {'-' if value is None else value}")
        for problem in problems:
            click.secho(f"  problem                {problem}", fg="red")
    if problems:
        raise SystemExit(1)


def _waiting(settings: Settings) -> int:
    try:
        return sum(entry.is_file() for entry in settings.inbox.path.iterdir())
    except OSError:
        return 0
