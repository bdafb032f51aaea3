"""``explain``: why a rule matches a text, clause by clause, or why not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from monitor.cli.load import load, opened_store
from monitor.cli.options import Invocation, common
from monitor.cli.output import print_json
from monitor.cli.parse import segments
from monitor.config import Settings
from monitor.errors import MonitorError
from monitor.model import Article
from monitor.rules import Explanation, compile_rules
from monitor.text import one_line


@click.command()
@click.argument("rule")
@click.argument("target", metavar="FILE-OR-ARTICLE-ID")
@common
@click.pass_obj
def explain(invocation: Invocation, rule: str, target: str) -> None:
    """Say clause by clause why RULE matches an article, or why not.

    FILE is a dump; each of its articles is explained. Of an ARTICLE-ID, the first six characters
    are enough where they are unique.
    """
    settings = load(invocation)
    rules = compile_rules(settings.rules)
    if rule not in rules.names:
        names = ", ".join(rules.names) or "none"
        raise click.UsageError(f"there is no rule {rule!r} in the configuration, only: {names}")
    for title, body in _texts(target, settings):
        found = rules.explain(rule, title=title, body=body)
        if invocation.as_json:
            print_json([{"title": title} | _explained(found)])
        else:
            _show(title, found)


def _texts(target: str, settings: Settings) -> Iterator[tuple[str, str]]:
    """Title and body of what is meant."""
    if Path(target).exists():
        for segment in segments(Path(target), settings):
            if isinstance(segment, Article):
                yield segment.title, segment.body
        return
    with opened_store(settings) as store:
        entry = store.pages.article(target)
    if entry is None:
        raise MonitorError(f"{target!r} is neither a file nor the id of a stored article")
    yield entry.title, entry.body


def _explained(found: Explanation) -> dict[str, Any]:
    return {
        "rule": found.rule,
        "matched": found.matched,
        "reasons": [
            {
                "clause": reason.clause,
                "field": reason.field,
                "satisfied": reason.satisfied,
                "message": reason.message,
                "start": reason.start,
                "end": reason.end,
                "text": reason.text,
            }
            for reason in found.reasons
        ],
    }


def _show(title: str, found: Explanation) -> None:
    verdict = (
        click.style("matches", fg="green", bold=True)
        if found.matched
        else click.style("does not match", fg="red", bold=True)
    )
    click.echo(f"{found.rule} {verdict}: {one_line(title)}")
    for reason in found.reasons:
        mark = click.style("yes", fg="green") if reason.satisfied else click.style("no ", fg="red")
        where = f" [{reason.field} {reason.start}-{reason.end}]" if reason.field else ""
        click.echo(f"  {mark}  {reason.clause}{where}: {reason.message}")
