"""``articles``, ``matches``: what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from monitor.cli.load import load, load_rules, opened_store
from monitor.cli.options import Invocation, common, limit
from monitor.cli.output import Column, iso, print_json, print_table, short
from monitor.cli.since import moment
from monitor.config import Settings

MOST_LISTED = 12
"""Rules of an article, and words of a match, shown in one cell of a table."""


@click.command()
@click.option("--rule", metavar="RULE", help="Only those that this rule matches.")
@click.option(
    "--since",
    metavar="TIME",
    callback=moment,
    help="Only those new or revised since then (24h, a date).",
)
@limit
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
                "growth": round(e.growth, 1) if e.growth is not None else None,
                "copies": [copy.id for copy in e.copies],
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
            Column("published", spare=2),
            Column("rev", right=True),
            Column("views", right=True, spare=1),
            Column("growth", right=True, short="+/h", spare=1),
            Column("title", wrap=26),
            Column("rules", wrap=14, style="green"),
        ],
        (
            (
                e.id[:8],
                short(e.published),
                e.revision,
                e.views,
                None if e.growth is None else f"{e.growth:.0f}",
                e.title,
                _listed(e.rules),
            )
            for e in rows
        ),
        "no article" + (f" that the rule {rule} matches" if rule else " yet"),
    )


@click.command()
@click.option("--rule", metavar="RULE", help="Only this rule's.")
@limit
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
            Column("title", wrap=26),
            Column("evidence", wrap=14),
        ],
        (
            (
                m.article_id[:8],
                m.rule,
                m.revision,
                m.title,
                _listed(list(dict.fromkeys(f"{e.text!r} ({e.field})" for e in m.evidence))),
            )
            for m in rows
        ),
        "no match yet",
    )


def _listed(items: Sequence[str]) -> str:
    """``a, b, c`` or, where there are very many, ``a, b, c +88``: all of them are in the JSON."""
    rest = f" +{len(items) - MOST_LISTED}" if len(items) > MOST_LISTED else ""
    return ", ".join(items[:MOST_LISTED]) + rest


def _known_rule(settings: Settings, rule: str | None) -> None:
    if rule is not None and rule not in load_rules(settings).names:
        click.echo(f"monitor: no rule {rule!r} in the configuration now", err=True)
