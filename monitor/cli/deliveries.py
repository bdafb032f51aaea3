"""``deliveries``: the outbox, looked at and set going again by hand."""

from __future__ import annotations

from datetime import datetime

import click

from monitor.cli.load import load, opened_store
from monitor.cli.options import Invocation, common, limit
from monitor.cli.output import Column, iso, print_json, print_table, short
from monitor.cli.since import moment
from monitor.errors import MonitorError
from monitor.model import DeliveryState, utcnow


@click.group(invoke_without_command=True)
@click.option(
    "--state", type=click.Choice([s.value for s in DeliveryState]), help="Only in this state."
)
@limit
@common
@click.pass_context
def deliveries(context: click.Context, state: str | None, limit: int) -> None:
    """The outbox: what was sent, what waits, what is dead and why."""
    if context.invoked_subcommand is not None:
        return
    invocation: Invocation = context.obj
    with opened_store(load(invocation)) as store:
        rows = store.pages.deliveries(state=DeliveryState(state) if state else None, limit=limit)
    if invocation.as_json:
        print_json(
            {
                "id": d.id,
                "receiver": d.receiver,
                "channel": d.channel,
                "destination": d.destination,
                "rules": list(d.rules),
                "articles": list(d.articles),
                "total": d.total,
                "state": d.state.value,
                "attempts": d.attempts,
                "created": iso(d.created),
                "next_attempt": iso(d.next_attempt),
                "last_error": d.last_error,
            }
            for d in rows
        )
        return
    print_table(
        [
            Column("id"),
            Column("destination", wrap=14),
            Column("state"),
            Column("articles", right=True, short="art.", spare=3),
            Column("attempts", right=True, short="att.", spare=4),
            Column("created", spare=1),
            Column("next attempt", spare=2),
            Column("last error", wrap=14, style="red"),
        ],
        (
            (
                d.id,
                d.destination,
                d.state.value,
                d.total,
                d.attempts,
                short(d.created),
                short(d.next_attempt) if d.state is DeliveryState.PENDING else "",
                d.last_error,
            )
            for d in rows
        ),
        "no delivery yet" if state is None else f"no delivery is {state}",
    )


@deliveries.command("retry")
@click.argument("ids", nargs=-1, metavar="ID...")
@click.option("--all-dead", is_flag=True, help="Every dead delivery.")
@common
@click.pass_obj
def retry(invocation: Invocation, ids: tuple[str, ...], all_dead: bool) -> None:
    """Send dead or waiting deliveries again now, under their old keys."""
    if bool(ids) == all_dead:
        raise click.UsageError("name the deliveries by id, or say --all-dead")
    with opened_store(load(invocation)) as store:
        count = store.outbox.retry(None if all_dead else ids, now=utcnow())
    _said(invocation, "retried", count)
    if count < len(set(ids)):
        raise MonitorError(f"{len(set(ids)) - count} not retried: unknown, sent or under way")


@deliveries.command("replay")
@click.option("--since", metavar="TIME", callback=moment, required=True, help="24h, 7d, or a date.")
@common
@click.pass_obj
def replay(invocation: Invocation, since: datetime) -> None:
    """Send once more what was sent since then, under the same keys."""
    with opened_store(load(invocation)) as store:
        count = store.outbox.replay(since, now=utcnow())
    _said(invocation, "replayed", count)


def _said(invocation: Invocation, what: str, count: int) -> None:
    if invocation.as_json:
        print_json([{what: count}])
    else:
        click.echo(f"{count} {'delivery' if count == 1 else 'deliveries'} {what}")
