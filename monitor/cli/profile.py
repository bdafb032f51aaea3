"""``profile infer``: a source profile from a few dumps. Touches no store and no configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from monitor import log
from monitor.cli.options import Invocation, common
from monitor.cli.output import iso, print_json
from monitor.config import SourceSettings
from monitor.dumps.infer import Inferred, infer, read_samples
from monitor.model import Article, BadRecord
from monitor.text import cut, one_line

WIDTH = 78  # of titles in the preview
MOST_SHOWN = 30  # articles of one dump in the preview


@click.group()
@common
def profile() -> None:
    """How the dumps of a source are written."""


def _valid(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
    """The value as the configuration takes it, or wrong usage with its words."""
    if value is None:
        return None
    try:
        settings = SourceSettings.model_validate({"name": "source", str(parameter.name): value})
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise click.BadParameter(said) from error
    return getattr(settings, str(parameter.name))


@profile.command("infer")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@click.option(
    "--name", metavar="NAME", callback=_valid, help="Of the source [default: by the files]."
)
@click.option("--zone", metavar="ZONE", callback=_valid, help="Of its times, as Asia/Almaty.")
@common
@click.pass_obj
def infer_profile(
    invocation: Invocation, files: tuple[Path, ...], name: str | None, zone: Any
) -> None:
    """Write the profile of an unknown source, from a few of its dumps.

    The profile, with the evidence for each setting, goes to standard output: paste it below
    `sources:`. What it makes of the dumps goes to standard error. Three dumps are better than
    one: what repeats in all of them is no news. Exit status 1 where they show no pattern.
    """
    log.configure("auto", "warning")
    samples = []
    for file in files:
        with file.open("rb") as stream:
            samples += read_samples(file.name, stream)
    inferred = infer(samples, name=name, zone=zone)
    if invocation.as_json:
        print_json([_row(inferred)])
        return
    click.echo(inferred.draft.yaml(), nl=False)
    for dump, segments in inferred.preview:
        _show(dump, segments)
    _sum_up(inferred)


def _row(inferred: Inferred) -> dict[str, Any]:
    draft = inferred.draft
    return {
        "profile": draft.settings,
        "evidence": draft.evidence,
        "doubts": draft.doubts,
        "preview": [
            {
                "dump": dump,
                "articles": [
                    {
                        "title": one.title,
                        "published": iso(one.published),
                        "views": one.views,
                        "paragraphs": len(one.paragraphs),
                        "confidence": one.confidence,
                        "flags": list(one.flags),
                    }
                    for one in segments
                    if isinstance(one, Article)
                ],
                "rejected": [one.reason for one in segments if isinstance(one, BadRecord)],
            }
            for dump, segments in inferred.preview
        ],
    }


def _show(dump: str, segments: Sequence[Article | BadRecord]) -> None:
    click.secho(f"\n{dump}", err=True, bold=True)
    for one in segments[:MOST_SHOWN]:
        if isinstance(one, BadRecord):
            click.secho(f"  line {one.line}: {one.reason}", err=True, fg="red")
            continue
        time = one.published.strftime("%Y-%m-%d %H:%M") if one.published else "no time"
        title = cut(one_line(one.title), WIDTH)
        click.echo(f"  {time:<16}  {one.confidence:.2f}  {title}", err=True)
    if len(segments) > MOST_SHOWN:
        click.secho(f"  and {len(segments) - MOST_SHOWN:,} more", err=True, dim=True)


def _sum_up(inferred: Inferred) -> None:
    articles = inferred.articles
    timed = sum(one.published is not None for one in articles)
    mean = sum(one.confidence for one in articles) / len(articles)
    click.echo(
        f"\n{len(articles):,} articles, {timed:,} with a time; mean confidence {mean:.2f}", err=True
    )
    for doubt in inferred.draft.doubts:
        click.secho(f"look here: {doubt}", err=True, fg="yellow")
