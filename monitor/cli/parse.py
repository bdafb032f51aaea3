"""``parse``: how the program cuts dumps. Touches no store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click

from monitor.cli.load import load_if_there
from monitor.cli.options import Invocation, common
from monitor.cli.output import iso, print_json
from monitor.config import Settings, SourceSettings
from monitor.dumps import beginning, select_source
from monitor.dumps import parse as cut_dump
from monitor.errors import DumpError
from monitor.model import Article, BadRecord, utcnow
from monitor.text import one_line

WIDTH = 96  # of paragraphs, where the terminal is no narrower


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--source", metavar="NAME", help="Cut with this source's profile.")
@common
@click.pass_obj
def parse(invocation: Invocation, files: tuple[str, ...], source: str | None) -> None:
    """Split dumps into articles and print them. Nothing is stored.

    Exit status 1 where a file, or a piece of one, cannot be read; the others are printed.
    """
    settings = load_if_there(invocation)
    profile = None if source is None else _named(source, settings)
    failed = False
    for file in map(Path, files):
        try:
            for segment in segments(file, settings, profile):
                if isinstance(segment, BadRecord):
                    failed = True
                    click.echo(f"{file}:{segment.line}: {segment.reason}", err=True)
                elif invocation.as_json:
                    print_json([_row(file.name, segment)])
                else:
                    _show(segment)
        except DumpError as error:
            failed = True
            click.echo(f"{file}: {str(error).removeprefix(f'{file.name}: ')}", err=True)
        except OSError as error:
            if error.filename is None:
                raise  # of standard output, not of the file
            failed = True
            click.echo(f"{file}: {error.strerror or error}", err=True)
    if failed:
        raise SystemExit(1)


def segments(
    file: Path, settings: Settings, profile: SourceSettings | None = None
) -> Iterator[Article | BadRecord]:
    """What a dump that arrives now is cut into, by the profile for it where none is given.

    Raises DumpError and OSError.
    """
    with file.open("rb") as stream:
        source = profile or source_of(file, stream, settings)
        yield from cut_dump(stream, source, name=file.name, arrived=utcnow())


def source_of(file: Path, stream: BinaryIO, settings: Settings) -> SourceSettings:
    """The profile for a dump, by the folder it lies in, its name and what it begins with."""
    return select_source(
        f"{file.absolute().parent.name}/{file.name}",
        settings.sources,
        text=lambda source: beginning(stream, source.encoding),
    )


def _named(source: str, settings: Settings) -> SourceSettings:
    for profile in settings.sources:
        if profile.name == source:
            return profile
    names = ", ".join(profile.name for profile in settings.sources) or "none"
    raise click.UsageError(f"there is no source {source!r} in the configuration, only: {names}")


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
        "url": article.url,
        "language": article.language,
    }


def _show(article: Article) -> None:
    facts = [
        article.published.strftime("%Y-%m-%d %H:%M") if article.published else "no time stamp",
        f"{article.views:,} views" if article.views is not None else "",
        f"confidence {article.confidence:.2f}" if article.confidence < 1 else "",
        ", ".join(article.flags),
        one_line(article.url or ""),
    ]
    width = min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)
    click.secho(f"{article.index:3}  {one_line(article.title)}", bold=True)
    click.secho("     " + " · ".join(filter(None, facts)), dim=True)
    for paragraph in article.paragraphs:
        click.echo(click.wrap_text(one_line(paragraph), width, "     ", "     "))
    click.echo()
