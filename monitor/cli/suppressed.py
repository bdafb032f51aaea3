"""``suppressed``: what rules made alerts of and was not told, and why."""

from __future__ import annotations

from datetime import datetime

import click

from monitor.cli.load import load, opened_store
from monitor.cli.options import Invocation, common, limit
from monitor.cli.output import Column, iso, print_json, print_table, short
from monitor.cli.since import moment


@click.command()
@click.option(
    "--since", metavar="TIME", callback=moment, help="Only what happened since then (24h, a date)."
)
@click.option("--rule", metavar="RULE", help="Only alerts of this rule.")
@click.option("--article", metavar="ID", help="Only alerts about this article; 6 digits will do.")
@limit
@common
@click.pass_obj
def suppressed(
    invocation: Invocation,
    since: datetime | None,
    rule: str | None,
    article: str | None,
    limit: int,
) -> None:
    """Alerts that were made and not told, with the reason, newest first."""
    with opened_store(load(invocation)) as store:
        if article is not None:
            found = store.pages.article(article)
            article = found.id if found else article
        rows = store.pages.suppressions(since=since, rule=rule, article=article, limit=limit)
    if invocation.as_json:
        print_json(
            {
                "at": iso(one.at),
                "reason": one.reason.value,
                "detail": one.detail,
                "kind": one.kind.value,
                "rules": list(one.rules),
                "article_id": one.article_id,
                "revision": one.revision,
                "receiver": one.receiver or None,
            }
            for one in rows
        )
        return
    print_table(
        [
            Column("at"),
            Column("article", style="dim"),
            Column("rev", right=True, spare=1),
            Column("kind", spare=2),
            Column("rules", wrap=12),
            Column("receiver"),
            Column("reason"),
            Column("detail", wrap=24),
        ],
        (
            (
                short(one.at),
                one.article_id[:8],
                one.revision,
                one.kind.value,
                ", ".join(one.rules),
                one.receiver,
                one.reason.value,
                one.detail,
            )
            for one in rows
        ),
        "nothing was kept from being told",
    )
