"""Commands that show what is stored: ``dumps``, ``articles``, ``matches``, ``deliveries``,
``status``."""

from __future__ import annotations

import fcntl
from datetime import datetime
from typing import Any

import click

from monitor.cli.common import (
    Column,
    Invocation,
    Since,
    common,
    iso,
    load,
    opened_store,
    print_json,
    print_table,
    short,
)
from monitor.config import Settings
from monitor.errors import MonitorError
from monitor.model import DeliveryState, utcnow

_limit = click.option("--limit", default=50, show_default=True, type=click.IntRange(1))


@click.command()
@_limit
@common
@click.pass_obj
def dumps(invocation: Invocation, limit: int) -> None:
    """The ledger: every dump and what became of its articles."""
    with opened_store(load(invocation)) as store:
        rows = store.pages.dumps(limit=limit)
    if invocation.as_json:
        print_json(
            {
                "sha256": d.sha256,
                "name": d.name,
                "source": d.source,
                "received": iso(d.received),
                "crawled": d.crawled.isoformat() if d.crawled else None,
                "articles": d.articles,
                "new": d.new,
                "revised": d.revised,
                "unchanged": d.unchanged,
                "duplicate": d.duplicate,
                "quarantined": d.quarantined,
                "state": d.state.value,
                "reason": d.reason,
                "copies": d.copies,
            }
            for d in rows
        )
        return
    numbers = ("articles", "new", "revised", "unchanged", "duplicate", "quarantined")
    print_table(
        [
            Column("received"),
            Column("dump"),
            Column("crawled"),
            *(Column(name, right=True) for name in numbers),
            Column("state"),
            Column("reason", wrap=True),
        ],
        (
            (
                short(d.received),
                d.name,
                d.crawled,
                d.articles,
                d.new,
                d.revised,
                d.unchanged,
                d.duplicate,
                d.quarantined,
                d.state.value,
                d.reason,
            )
            for d in rows
        ),
        "no dump yet",
    )


@click.command()
@click.option("--rule", metavar="RULE", help="Only those that this rule matches.")
@click.option("--since", type=Since(), help="Only those new or revised since then (24h, a date).")
@_limit
@common
@click.pass_obj
def articles(invocation: Invocation, rule: str | None, since: datetime | None, limit: int) -> None:
    """Seen articles, newest change first."""
    settings = load(invocation)
    _known_rule(settings, rule)
    with opened_store(settings) as store:
        rows = store.pages.articles(rule=rule, since=since, limit=limit)
    if invocation.as_json:
        print_json(
            {
                "id": e.id,
                "source": e.source,
                "title": e.title,
                "published": iso(e.published),
                "first_seen": iso(e.first_seen),
                "last_seen": iso(e.last_seen),
                "revision": e.revision,
                "views": e.views,
                "rules": list(e.rules),
                "updated": iso(e.updated),
                "confidence": e.confidence,
            }
            for e in rows
        )
        return
    print_table(
        [
            Column("id", style="dim"),
            Column("published"),
            Column("rev", right=True),
            Column("views", right=True),
            Column("title", wrap=True),
            Column("rules", wrap=True, style="green"),
        ],
        (
            (e.id[:8], short(e.published), e.revision, e.views, e.title, ", ".join(e.rules))
            for e in rows
        ),
        "no article" + (f" that the rule {rule} matches" if rule else " yet"),
    )


@click.command()
@click.option("--rule", metavar="RULE", help="Only this rule's.")
@_limit
@common
@click.pass_obj
def matches(invocation: Invocation, rule: str | None, limit: int) -> None:
    """Matches with their evidence, newest first."""
    settings = load(invocation)
    _known_rule(settings, rule)
    with opened_store(settings) as store:
        rows = store.pages.matches(rule=rule, limit=limit)
    if invocation.as_json:
        print_json(
            {
                "article_id": m.article_id,
                "title": m.title,
                "rule": m.rule,
                "revision": m.revision,
                "evidence": [
                    {
                        "clause": e.clause,
                        "field": e.field,
                        "start": e.start,
                        "end": e.end,
                        "text": e.text,
                    }
                    for e in m.evidence
                ],
            }
            for m in rows
        )
        return
    print_table(
        [
            Column("article", style="dim"),
            Column("rule", style="green"),
            Column("rev", right=True),
            Column("title", wrap=True),
            Column("evidence", wrap=True),
        ],
        (
            (
                m.article_id[:8],
                m.rule,
                m.revision,
                m.title,
                ", ".join(dict.fromkeys(f"{e.text!r} ({e.field})" for e in m.evidence)),
            )
            for m in rows
        ),
        "no match yet",
    )


def _known_rule(settings: Settings, rule: str | None) -> None:
    names = [r.name for r in settings.rules]
    if rule is not None and rule not in names:
        click.echo(f"monitor: no rule {rule!r} in the configuration now", err=True)


# --------------------------------------------------------------------------- deliveries


@click.group(invoke_without_command=True)
@click.option(
    "--state", type=click.Choice([s.value for s in DeliveryState]), help="Only in this state."
)
@_limit
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
            Column("destination"),
            Column("state"),
            Column("articles", right=True),
            Column("attempts", right=True),
            Column("created"),
            Column("next attempt"),
            Column("last error", wrap=True, style="red"),
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
        raise MonitorError(f"{len(set(ids)) - count} of these ids are unknown, sent or under way")


@deliveries.command("replay")
@click.option("--since", type=Since(), required=True, help="24h, 7d, or a date.")
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


# --------------------------------------------------------------------------- status


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
    if waiting and not _running(settings):
        problems.append(f"{waiting} files wait in the inbox and no daemon runs")
    facts: dict[str, Any] = {
        "running": _running(settings),
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


def _running(settings: Settings) -> bool:
    """Whether a daemon holds the state folder."""
    try:
        with (settings.state / "monitor.lock").open("r+") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(handle, fcntl.LOCK_UN)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
