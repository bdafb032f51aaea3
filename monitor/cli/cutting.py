"""``parse`` and ``explain``: what the program sees in a text. Neither touches the store's data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from monitor.cli.common import (
    Invocation,
    common,
    iso,
    load,
    load_if_there,
    opened_store,
    print_json,
)
from monitor.config import Settings
from monitor.dumps import parse as cut_dump
from monitor.dumps import select_source
from monitor.errors import DumpError, MonitorError
from monitor.model import Article, BadRecord
from monitor.rules import Explanation, compile_rules


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--source", metavar="NAME", help="Cut with this source's profile.")
@common
@click.pass_obj
def parse(invocation: Invocation, files: tuple[str, ...], source: str | None) -> None:
    """Split dumps into articles and print them."""
    settings = load_if_there(invocation)
    failed = False
    for file in files:
        try:
            for segment in _segments(Path(file), settings, source):
                if isinstance(segment, BadRecord):
                    failed = True
                    click.echo(f"{file}:{segment.line}: {segment.reason}", err=True)
                elif invocation.as_json:
                    print_json([_row(Path(file).name, segment)])
                else:
                    _show(segment)
        except (DumpError, OSError) as error:
            failed = True
            said = error.strerror if isinstance(error, OSError) else str(error)
            click.echo(f"{file}: {said}", err=True)
    if failed:
        raise SystemExit(1)


@click.command()
@click.argument("rule")
@click.argument("target", metavar="FILE-OR-ARTICLE-ID")
@common
@click.pass_obj
def explain(invocation: Invocation, rule: str, target: str) -> None:
    """Say clause by clause why RULE matches an article, or why not."""
    settings = load(invocation)
    rules = compile_rules(settings.rules)
    if rule not in rules.names:
        raise MonitorError(f"there is no rule {rule!r}; there are: {', '.join(rules.names) or '-'}")
    for title, body in _texts(target, settings):
        found = rules.explain(rule, title=title, body=body)
        if invocation.as_json:
            print_json([{"title": title} | _explained(found)])
        else:
            _show_explanation(title, found)


def _segments(
    file: Path, settings: Settings, source: str | None = None
) -> Iterator[Article | BadRecord]:
    profile = select_source(file.name, settings.sources)
    if source is not None:
        named = [s for s in settings.sources if s.name == source]
        if not named:
            raise MonitorError(f"there is no source {source!r} in the configuration")
        profile = named[0]
    with file.open("rb") as stream:
        yield from cut_dump(stream, profile, name=file.name)


def _texts(target: str, settings: Settings) -> Iterator[tuple[str, str]]:
    if Path(target).exists():
        for segment in _segments(Path(target), settings):
            if isinstance(segment, Article):
                yield segment.title, segment.body
        return
    with opened_store(settings) as store:
        entry = store.pages.article(target)
    if entry is None:
        raise MonitorError(f"{target!r} is neither a file nor the id of a stored article")
    yield entry.title, entry.body


def _row(dump: str, article: Article) -> dict[str, Any]:
    return {
        "dump": dump,
        "index": article.index,
        "title": article.title,
        "published": iso(article.published),
        "views": article.views,
        "body": article.body,
        "crawled": article.crawled.isoformat() if article.crawled else None,
        "source": article.source,
        "confidence": article.confidence,
        "flags": list(article.flags),
    }


def _show(article: Article) -> None:
    facts = [
        article.published.strftime("%Y-%m-%d %H:%M") if article.published else "no time stamp",
        f"{article.views} views" if article.views is not None else "",
        f"confidence {article.confidence:.2f}" if article.confidence < 1 else "",
        ", ".join(article.flags),
    ]
    click.secho(f"{article.index:3}  {article.title}", bold=True)
    click.secho("     " + " · ".join(filter(None, facts)), dim=True)
    for paragraph in article.paragraphs:
        click.echo(click.wrap_text(paragraph, 96, "     ", "     "))
    click.echo()


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


def _show_explanation(title: str, found: Explanation) -> None:
    verdict = (
        click.style("matches", fg="green", bold=True)
        if found.matched
        else click.style("does not match", fg="red", bold=True)
    )
    click.echo(f"{found.rule} {verdict}: {title}")
    for reason in found.reasons:
        mark = click.style("yes", fg="green") if reason.satisfied else click.style("no ", fg="red")
        where = f" [{reason.field} {reason.start}-{reason.end}]" if reason.field else ""
        click.echo(f"  {mark}  {reason.clause}{where}: {reason.message}")
