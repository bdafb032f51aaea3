"""``deliveries``: the outbox, looked at and set going again by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from monitor.cli.load import load, opened_store
from monitor.cli.options import Invocation, common, limit
from monitor.cli.output import Column, iso, print_json, print_table, short
from monitor.cli.since import moment
from monitor.errors import MonitorError
from monitor.model import Alert, Delivery, DeliveryAccount, DeliveryState, utcnow
from monitor.outbox import circuit, why
from monitor.store import Store
from monitor.text import one_line


def _filters(command: Any) -> Any:
    for option in (
        limit,
        click.option("--since", metavar="TIME", callback=moment, help="Made since then."),
        click.option("--receiver", metavar="NAME", help="Only of this receiver."),
        click.option(
            "--state",
            type=click.Choice([s.value for s in DeliveryState]),
            help="Only in this state.",
        ),
    ):
        command = option(command)
    return command


@click.group(invoke_without_command=True)
@_filters
@common
@click.pass_context
def deliveries(
    context: click.Context,
    state: str | None,
    receiver: str | None,
    since: datetime | None,
    limit: int,
) -> None:
    """The outbox: what was sent, what waits, what is dead and why."""
    if context.invoked_subcommand is None:
        _list(context.obj, state, receiver, since, limit)


@deliveries.command("list")
@_filters
@common
@click.pass_obj
def list_(
    invocation: Invocation,
    state: str | None,
    receiver: str | None,
    since: datetime | None,
    limit: int,
) -> None:
    """The same as without a command."""
    _list(invocation, state, receiver, since, limit)


@deliveries.command("show")
@click.argument("wanted", metavar="ID")
@common
@click.pass_obj
def show(invocation: Invocation, wanted: str) -> None:
    """All of one delivery: what it tells, each attempt, and why it waits.

    ID may be the beginning of one, with or without dlv_.
    """
    with opened_store(load(invocation)) as store:
        account = store.pages.delivery(wanted)
    if account is None:
        raise MonitorError(f"{wanted}: no delivery has an id that begins like that")
    if invocation.as_json:
        print_json([_whole(account)])
    else:
        _show(account)


@deliveries.command("retry")
@click.argument("ids", nargs=-1, metavar="ID...")
@click.option("--receiver", metavar="NAME", help="Every dead delivery of this receiver.")
@click.option("--all", "--all-dead", "all_dead", is_flag=True, help="Every dead delivery.")
@common
@click.pass_obj
def retry(
    invocation: Invocation, ids: tuple[str, ...], receiver: str | None, all_dead: bool
) -> None:
    """Send dead or waiting deliveries again now, under their old keys.

    Their destinations are taken for sound: what waits for one that was held or switched off goes
    as well. What was dropped is revived only by its id.
    """
    if sum(map(bool, (ids, receiver, all_dead))) != 1:
        raise click.UsageError("name the deliveries by id, or say --receiver NAME or --all")
    with opened_store(load(invocation)) as store:
        keys = _keys(store, ids) if ids else None
        count = store.outbox.retry(keys, now=utcnow(), receiver=receiver)
    _said(invocation, "retried", count)
    if keys is not None and count < len(keys):
        raise MonitorError(
            f"{len(keys) - count} not retried: sent, under way, or its texts are no longer kept"
        )


@deliveries.command("replay")
@click.option("--since", metavar="TIME", callback=moment, required=True, help="24h, 7d, or a date.")
@common
@click.pass_obj
def replay(invocation: Invocation, since: datetime) -> None:
    """Send once more what was sent since then, under the same keys."""
    with opened_store(load(invocation)) as store:
        count = store.outbox.replay(since, now=utcnow())
    _said(invocation, "replayed", count)


@deliveries.command("drop")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--reason", default="by hand", show_default=True, help="Kept with the deliveries.")
@common
@click.pass_obj
def drop(invocation: Invocation, ids: tuple[str, ...], reason: str) -> None:
    """Give up deliveries that wait or are dead; they no longer count as a problem."""
    with opened_store(load(invocation)) as store:
        keys = _keys(store, ids)
        count = store.outbox.drop(keys, reason=one_line(reason).strip() or "by hand")
    _said(invocation, "dropped", count)
    if count < len(keys):
        raise MonitorError(f"{len(keys) - count} not dropped: sent, under way or dropped before")


# --------------------------------------------------------------------------- inside


def _keys(store: Store, wanted: Sequence[str]) -> list[str]:
    """The whole ids. Raises MonitorError for one that is not there."""
    keys: dict[str, None] = {}
    for one in wanted:
        account = store.pages.delivery(one)
        if account is None:
            raise MonitorError(f"{one}: no delivery has an id that begins like that")
        keys[account.delivery.id] = None
    return list(keys)


def _list(
    invocation: Invocation,
    state: str | None,
    receiver: str | None,
    since: datetime | None,
    limit: int,
) -> None:
    wanted = DeliveryState(state) if state else None
    with opened_store(load(invocation)) as store:
        rows = store.pages.deliveries(state=wanted, receiver=receiver, since=since, limit=limit)
    if invocation.as_json:
        print_json(map(_document, rows))
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
                "dropped" if d.dropped else d.state.value,
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


def _document(d: Delivery) -> dict[str, Any]:
    return {
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
        "kind": d.kind.value,
        "grouping": d.grouping,
        "sent_at": iso(d.sent_at),
        "dropped": d.dropped,
    }


def _whole(account: DeliveryAccount) -> dict[str, Any]:
    now, state = utcnow(), account.destination
    return _document(account.delivery) | {
        "detail": account.delivery.detail,
        "why": why(account.delivery, state, now, lambda at: at.isoformat()),
        "circuit": circuit(state, now).value,
        "failing_since": iso(state.failing_since),
        "held_until": iso(state.held_until),
        "alerts": [
            {
                "article_id": one.article_id,
                "revision": one.revision,
                "kind": one.kind.value,
                "title": one.title,
                "rules": list(one.rules),
                "priority": one.priority,
                "url": one.url,
                "link": one.link,
            }
            for one in account.alerts
        ],
        "tries": [
            {
                "number": one.number,
                "started": iso(one.started),
                "seconds": one.seconds,
                "outcome": one.outcome,
                "answer": one.answer,
            }
            for one in account.attempts
        ],
    }


def _show(account: DeliveryAccount) -> None:
    d, now = account.delivery, utcnow()
    facts = (
        ("id", d.id),
        ("to", d.destination),
        ("kind", d.kind.value),
        ("group", d.grouping),
        ("made", short(d.created)),
        ("state", why(d, account.destination, now, short)),
    )
    for name, value in facts:
        if value:
            click.echo(f"  {name:<9} {one_line(value)}")
    for number, one in enumerate(account.alerts):
        click.echo(f"  {'' if number else 'alerts':<9} {_alert(one)}")
        click.echo(f"  {'':<9} {one.link or one.url}")
    if d.total > len(account.alerts):
        left = d.total - len(account.alerts)
        click.echo(
            f"  {'':<9} and {left} more"
            if account.alerts
            else f"  alerts    {left}, no longer kept"
        )
    click.echo()
    print_table(
        [
            Column("attempt", right=True),
            Column("began"),
            Column("seconds", right=True, spare=1),
            Column("outcome"),
            Column("answer", wrap=20),
        ],
        (
            (
                one.number,
                short(one.started),
                "" if one.seconds is None else f"{one.seconds:.2f}",
                one.outcome,
                one.answer,
            )
            for one in account.attempts
        ),
        "not tried yet",
    )


def _alert(one: Alert) -> str:
    return f"{one.kind.value:<8} {one_line(one.title) or '(untitled)'} [{', '.join(one.rules)}]"


def _said(invocation: Invocation, what: str, count: int) -> None:
    if invocation.as_json:
        print_json([{what: count}])
    else:
        click.echo(f"{count} {'delivery' if count == 1 else 'deliveries'} {what}")
