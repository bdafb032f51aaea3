"""``prune``: forget texts and archived files by age."""

from __future__ import annotations

import click

from monitor.app.prune import PruneReport, prune
from monitor.app.state import is_held
from monitor.cli.load import load, opened_store
from monitor.cli.options import Invocation, common
from monitor.cli.output import print_json, size
from monitor.model import utcnow


@click.command("prune")
@click.option("--dry-run", is_flag=True, help="Say what would be forgotten, and forget nothing.")
@common
@click.pass_obj
def prune_command(invocation: Invocation, dry_run: bool) -> None:
    """Forget texts and archived files that are older than the setting retention says.

    Articles stay known: a text that comes again is no news. The daemon does this once a day.
    """
    settings = load(invocation)
    with opened_store(settings) as store:
        alone = not is_held(settings.state)
        report = prune(store.prune, settings, now=utcnow(), dry_run=dry_run, alone=alone)
        sqlite = store.is_sqlite
    if invocation.as_json:
        print_json(
            [
                {
                    "dry_run": report.dry_run,
                    "texts": report.texts.texts,
                    "characters": report.texts.characters,
                    "archive_files": report.archive_files,
                    "archive_bytes": report.archive_bytes,
                    "suppressions": report.suppressions,
                    "deliveries": report.deliveries,
                    "database_before": report.before.total,
                    "database_after": report.after.total,
                    "database_free": report.after.free if sqlite else None,
                    "compacted": report.compacted,
                    "note": report.note,
                }
            ]
        )
        return
    keep = settings.retention
    if not (keep.bodies or keep.revisions or keep.archive):
        click.echo("the setting retention names nothing that may be forgotten", err=True)
    _show(report, sqlite)


def _show(report: PruneReport, sqlite: bool) -> None:
    would = "would be forgotten" if report.dry_run else "forgotten"
    gone = "would be deleted" if report.dry_run else "deleted"
    database = size(report.before.total)
    if not report.dry_run:
        database += f" before, {size(report.after.total)} after"
    if sqlite:
        database += f"; {size(report.after.free)} of it free for new articles"
    elif not report.dry_run:
        database += "; autovacuum makes room for new rows of what was forgotten"
    for name, value in (
        ("texts", f"{report.texts.texts:,} {would} ({report.texts.characters:,} characters)"),
        ("archive", f"{report.archive_files:,} files {gone} ({size(report.archive_bytes)})"),
        ("not told", f"{report.suppressions:,} forgotten" if report.suppressions else None),
        ("sent", f"{report.deliveries:,} deliveries forgotten" if report.deliveries else None),
        ("database", database),
        ("note", report.note),
    ):
        if value:
            click.echo(f"  {name:<9}{value}")
