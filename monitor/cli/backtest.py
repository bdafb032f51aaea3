"""``backtest``: what the present or proposed rules find in the archive."""

from __future__ import annotations

import difflib
import shutil
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from monitor.cli.load import load, load_proposed, load_rules, opened_store
from monitor.cli.options import Invocation, common
from monitor.cli.output import Column, iso, print_json, print_table, short
from monitor.cli.signals import Ask, asked_by
from monitor.cli.since import moment
from monitor.cli.sparkline import bars_for, binned, days_a_bar, sparkline
from monitor.ports import PageStore
from monitor.rules.backtest import Backtest, Example, Tally, day_of
from monitor.text import cut, one_line

MOST_ROWS = 1_000  # of a table; a hundred thousand would take half a minute to lay out
MOST_BARS = 40
LEAST_BARS = 10
BESIDE = 70  # columns of a terminal that the rest of the table may take before bars are saved
TITLE = 100  # characters shown of an example's
INTERRUPTED = 130  # what shells say of a program that ^C ended


@click.command()
@click.option(
    "--since",
    metavar="TIME",
    callback=moment,
    help="Only articles published since then (24h, a date).",
)
@click.option("--until", metavar="TIME", callback=moment, help="Only those published before then.")
@click.option(
    "--rules",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Proposed rules: a file with rules, or a whole configuration.",
)
@click.option(
    "--rule", "only", metavar="RULE", multiple=True, help="Only this rule; may be repeated."
)
@click.option("--changed", is_flag=True, help="Only rules that gained or lost articles.")
@click.option(
    "--examples",
    metavar="N",
    type=click.IntRange(0, 10_000),
    help="Show so many of the articles gained and lost, for each rule.",
)
@click.option("-v", "--verbose", is_flag=True, help="The same as --examples 3.")
@common
@click.pass_obj
def backtest(
    invocation: Invocation,
    since: datetime | None,
    until: datetime | None,
    file: Path | None,
    only: tuple[str, ...],
    changed: bool,
    examples: int | None,
    verbose: bool,
) -> None:
    """Try the rules on the stored articles.

    Each rule is compared with itself as it was: with --rules FILE, the rules in FILE with those of
    the configuration; without, those of the configuration with what was matched when the articles
    came. Of each article the current text counts.
    """
    if since is not None and until is not None and since >= until:
        raise click.UsageError("--until is not after --since")
    settings = load(invocation)
    present = load_rules(settings)
    tried = present if file is None else load_proposed(file, settings)
    before = None if file is None else present
    _check_names(only, (*tried.names, *present.names))
    test = Backtest(
        tried,
        before,
        only=only,
        examples=examples if examples is not None else 3 if verbose else 0,
        zone=UTC if invocation.as_json else None,
        languages={one.name: one.language for one in settings.sources if one.language},
    )
    with opened_store(settings) as store:
        started = time.monotonic()
        whole = _read(test, store.pages, since, until)
        seconds = time.monotonic() - started
        forgotten = store.pages.archived(since=since, until=until, forgotten=True)
    tallies: Iterable[Tally] = test.tallies()
    if changed:
        tallies = (tally for tally in tallies if tally.gained or tally.lost)
    if invocation.as_json:
        print_json(_json(tally, test.articles, not whole) for tally in tallies)
    elif test.articles:
        _show(_shown(list(tallies)), test, changed)
    limited = since is not None or until is not None
    _conclude(test, seconds, limited=limited, forgotten=forgotten)
    if not whole:
        click.secho("interrupted: what was counted so far is not the whole", fg="yellow", err=True)
        sys.exit(INTERRUPTED)


def _check_names(only: Sequence[str], known: Sequence[str]) -> None:
    for name in only:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"there is no rule {name!r}{hint}")


def _read(test: Backtest, pages: PageStore, since: datetime | None, until: datetime | None) -> bool:
    """Give the archive to the test; False where ^C ended that, between two articles."""
    console = Console(stderr=True)
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with asked_by({signal.SIGINT: Ask.STOP}) as asked, bars:
        task = bars.add_task("articles", total=pages.archived(since=since, until=until))
        for article in pages.archive(since=since, until=until, growth=test.by_growth):
            if not asked.empty():
                return False
            test.read(article)
            bars.advance(task)
    return True


# --------------------------------------------------------------------------- results


def _json(tally: Tally, articles: int, partial: bool) -> dict[str, Any]:
    return {
        "rule": tally.rule,
        "standing": tally.standing,
        "articles": articles,
        "hits": tally.hits,
        "gained": tally.gained,
        "lost": tally.lost,
        "first": iso(tally.first),
        "last": iso(tally.last),
        "days": {day.isoformat(): tally.days[day] for day in sorted(tally.days)},
        "examples_gained": [_example(example) for example in tally.gains],
        "examples_lost": [_example(example) for example in tally.losses],
        "partial": partial,
    }


def _example(example: Example) -> dict[str, Any]:
    return {"id": example.id, "title": example.title, "published": iso(example.moment)}


def _shown(tallies: Sequence[Tally]) -> Sequence[Tally]:
    """What a table may hold: all, or those that changed most, then hit most, in their order."""
    if len(tallies) <= MOST_ROWS:
        return tallies
    click.echo(
        f"only {MOST_ROWS} of {len(tallies)} rules are shown, those that changed or hit most;"
        " --changed, --rule and --json show others",
        err=True,
    )
    ranked = sorted(tallies, key=lambda t: (t.gained + t.lost, t.hits), reverse=True)
    chosen = {tally.rule for tally in ranked[:MOST_ROWS]}
    return [tally for tally in tallies if tally.rule in chosen]


def _show(tallies: Sequence[Tally], test: Backtest, changed: bool) -> None:
    assert test.first_day is not None
    assert test.last_day is not None
    first, last, most = test.first_day, test.last_day, _most_bars()
    days, bars = days_a_bar(first, last, most), bars_for(sys.stdout.encoding)
    print_table(
        [
            Column("rule", wrap=16, style="green"),
            Column("", style="yellow"),
            Column("hits", right=True),
            Column("gained", right=True),
            Column("lost", right=True),
            Column("first", spare=1),
            Column("last", spare=1),
            Column("by day" if days == 1 else f"by {days} days"),
        ],
        (
            (
                tally.rule,
                "" if tally.standing == "present" else tally.standing,
                tally.hits,
                tally.gained,
                tally.lost,
                tally.first and day_of(tally.first, None),
                tally.last and day_of(tally.last, None),
                sparkline(binned(tally.days, first, last, most), bars),
            )
            for tally in tallies
        ),
        "no rule gained or lost an article" if changed else "no rule to try",
    )
    for tally in tallies:
        if tally.gains or tally.losses:
            click.echo(f"\n{tally.rule}")
        for sign, colour, shown, count in (
            ("+", "green", tally.gains, tally.gained),
            ("-", "red", tally.losses, tally.lost),
        ):
            for example in shown:
                title = cut(one_line(example.title), TITLE)
                mark = click.style(sign, fg=colour)
                click.echo(f"  {mark} {example.id[:8]}  {short(example.moment)}  {title}")
            if shown and count > len(shown):
                click.echo(f"  {sign} and {count - len(shown)} more")


def _most_bars() -> int:
    """As many as a terminal has room for beside the figures."""
    if not sys.stdout.isatty():
        return MOST_BARS
    return max(LEAST_BARS, min(MOST_BARS, shutil.get_terminal_size().columns - BESIDE))


def _conclude(test: Backtest, seconds: float, *, limited: bool, forgotten: int) -> None:
    if forgotten and not test.articles:
        click.echo(
            f"no text to try on: those of all {forgotten:,} articles were forgotten", err=True
        )
        return
    if not test.articles:
        click.echo("no article of that time" if limited else "no article yet", err=True)
        return
    click.echo(
        f"{test.articles} articles, {test.first_day} to {test.last_day}, in {seconds:.1f} s"
        f" ({test.articles / seconds:.0f} a second)"
        + (f"; left out: {forgotten:,} whose text was forgotten" if forgotten else ""),
        err=True,
    )
