"""``dumps``: the ledger, and what became of each segment of one dump."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from monitor.cli.load import load, opened_store
from monitor.cli.options import Invocation, common, limit
from monitor.cli.output import Column, iso, print_json, print_table, short
from monitor.errors import MonitorError
from monitor.model import Account, Dump, DumpState, Outcome, SegmentRecord
from monitor.text import one_line

_STYLES = {DumpState.DONE: "green", DumpState.INGESTING: "yellow"}


@click.group(invoke_without_command=True)
@limit
@common
@click.pass_context
def dumps(context: click.Context, limit: int) -> None:
    """The ledger: every dump and what became of its articles."""
    if context.invoked_subcommand is not None:
        return
    invocation: Invocation = context.obj
    with opened_store(load(invocation)) as store:
        rows = store.pages.dumps(limit=limit)
    if invocation.as_json:
        print_json(map(_fields, rows))
        return
    print_table(
        [
            Column("id", right=True, spare=4),
            Column("received", spare=3),
            Column("dump", wrap=14),
            Column("crawled", spare=1),
            Column("articles", right=True, spare=2),
            Column("new", right=True),
            Column("revised", right=True, short="rev."),
            Column("unchanged", right=True, short="unch."),
            Column("duplicate", right=True, short="dupl."),
            Column("quarantined", right=True, short="quar."),
            Column("state"),
            Column("reason", wrap=14, style="red"),
        ],
        (
            (
                d.id,
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


@dumps.command("show")
@click.argument("wanted", metavar="DUMP")
@click.option(
    "--outcome", type=click.Choice([o.value for o in Outcome]), help="Only segments that became so."
)
@click.option(
    "--limit",
    default=1000,
    show_default=True,
    type=click.IntRange(1, 10_000_000),
    help="At most so many segments.",
)
@common
@click.pass_obj
def show(invocation: Invocation, wanted: str, outcome: str | None, limit: int) -> None:
    """What each segment of one dump became, and why.

    DUMP is its number in the ledger, its file name, or the beginning of its SHA-256 (6 digits or
    more). Exit status 1 where ledger and segments do not add up.
    """
    with opened_store(load(invocation)) as store:
        account = store.pages.dump(wanted)
        if account is None:
            raise MonitorError(f"no dump is called {wanted} (monitor dumps lists them)")
        chosen = Outcome(outcome) if outcome else None
        segments = store.pages.segments(account.dump.id, outcome=chosen, limit=limit)
    if invocation.as_json:
        listed = [_segment(one) for one in segments]
        wrong = list(account.disagreements)
        print_json([_fields(account.dump) | {"disagreements": wrong, "segments": listed}])
    else:
        _show(account, segments)
        total = account.counted[chosen] if chosen else sum(account.counted.values())
        if len(segments) < total:
            left = total - len(segments)
            click.echo(f"and {left:,} more segments (--limit {total})", err=True)
    if account.disagreements:
        raise MonitorError("the ledger and its segments do not agree: the database was damaged")


def _fields(dump: Dump) -> dict[str, Any]:
    return {
        "id": dump.id,
        "sha256": dump.sha256,
        "name": dump.name,
        "source": dump.source,
        "size": dump.size,
        "received": iso(dump.received),
        "crawled": dump.crawled.isoformat() if dump.crawled else None,
        "articles": dump.articles,
        **{outcome.value: count for outcome, count in dump.outcomes.items()},
        "state": dump.state.value,
        "reason": dump.reason,
        "copies": dump.copies,
    }


def _segment(segment: SegmentRecord) -> dict[str, Any]:
    return {
        "index": segment.index,
        "outcome": segment.outcome.value,
        "confidence": segment.confidence,
        "title": segment.title,
        "article_id": segment.article_id,
        "reason": segment.reason,
    }


def _show(account: Account, segments: Sequence[SegmentRecord]) -> None:
    dump = account.dump
    state = click.style(dump.state.value, fg=_STYLES.get(dump.state, "red"))
    for name, value in (
        ("dump", dump.name),
        ("number", dump.id),
        ("sha256", dump.sha256),
        ("source", dump.source),
        ("size", f"{dump.size:,} bytes"),
        ("received", short(dump.received) + (f", {dump.copies} times" * (dump.copies > 1))),
        ("crawled", dump.crawled or "not said"),
        ("state", f"{state}: {one_line(dump.reason)}" if dump.reason else state),
        ("segments", _sum(account)),
    ):
        click.echo(f"  {name:<10}{value}")
    for wrong in account.disagreements:
        click.echo(click.style(f"  {'wrong':<10}{wrong}", fg="red"))
    click.echo()
    print_table(
        [
            Column("index", right=True),
            Column("outcome"),
            Column("sure", right=True, spare=1),
            Column("title", wrap=20),
            Column("article", style="dim", spare=2),
            Column("reason", wrap=16),
        ],
        (
            (
                one.index,
                one.outcome.value,
                f"{one.confidence:.0%}" if one.outcome is not Outcome.QUARANTINED else "",
                one.title,
                one.article_id[:8] if one.article_id else "",
                one.reason,
            )
            for one in segments
        ),
        "no segment",
    )


def _sum(account: Account) -> str:
    """``7 = 5 new + 2 unchanged``, as counted, and that the ledger has the same."""
    total = f"{sum(account.counted.values()):,}"
    parts = [f"{count:,} {outcome.value}" for outcome, count in account.counted.items() if count]
    said = f"{total} = {' + '.join(parts)}" if parts else total
    return said if account.disagreements else f"{said} (counted; the ledger agrees)"
