"""``rules lint``: what a careful reader of the rules would object to."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from monitor.cli.load import load, opened_store
from monitor.cli.options import Invocation, common
from monitor.cli.output import print_json
from monitor.config import Settings
from monitor.errors import MonitorError, Problem
from monitor.model import Entry
from monitor.rules import RuleSet
from monitor.rules.library import load_library
from monitor.rules.lint import LEAST, Comparison, Finding, Severity, Tally, lint_rule
from monitor.rules.lint.places import Placed, placed
from monitor.rules.reading import Document
from monitor.text import one_line

MANY = 500  # rules or articles; fewer are through before a bar could be read
MOST_SHOWN = 20  # findings of one check; all of them with --json
COLOURS: dict[Severity, str] = {"error": "red", "warning": "yellow", "note": "cyan"}

T = TypeVar("T")


@click.command("lint", short_help="Check the rules for slips.")
@click.option(
    "--archive/--no-archive",
    default=None,
    help="Also try the rules on stored articles [default: where there are any].",
)
@click.option(
    "--share",
    default=0.2,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="A rule that matches a greater part of them is reported.",
)
@click.option(
    "--newest",
    default=2000,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    metavar="N",
    help="Try the rules on so many articles, the newest.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@common
@click.pass_obj
def lint(
    invocation: Invocation, archive: bool | None, share: float, newest: int, strict: bool
) -> None:
    """Check the rules for slips: clauses that can never be true, common words as names, ...

    Each finding is an error (it can never match), a warning (most likely not what was meant) or a
    note (worth a look). Exit status 1 where there are errors.
    """
    settings = load(invocation)
    rules = load_library(settings)
    findings = list(_of_rules(rules))
    tally = _of_archive(rules, settings, newest, needed=archive) if archive is not False else None
    if tally is not None:
        findings += tally.findings(share)
    listed = list(placed(findings, settings))
    if invocation.as_json:
        print_json(map(_row, listed))
    else:
        _show(listed, len(rules), tally)
    counts = Counter(finding.severity for finding in findings)
    if counts["error"] or (strict and counts["warning"]):
        raise SystemExit(1)


def _of_rules(rules: RuleSet) -> Iterator[Finding]:
    """What the rules' own texts show."""
    comparison = Comparison()
    for name in _watched(rules.names, len(rules), "rules"):
        rule = rules.settings(name)
        findings, key = lint_rule(rule)
        yield from findings
        comparison.add(rule, key)
    yield from comparison.findings()


def _of_archive(
    rules: RuleSet, settings: Settings, newest: int, *, needed: bool | None
) -> Tally | None:
    """What the newest stored articles show; None where there are none, or no store yet.

    Raises MonitorError for that where it was asked for.
    """
    try:
        with opened_store(settings) as store:
            entries = store.pages.articles(limit=newest)
    except MonitorError:
        if needed:
            raise
        return None
    languages = {source.name: source.language for source in settings.sources}
    tally = Tally(rules)
    for entry in _watched(entries, len(entries), "articles"):
        tally.add(_document(entry, languages.get(entry.source)))
    return tally


def _document(entry: Entry, language: str | None) -> Document:
    return Document(
        entry.title,
        entry.body,
        source=entry.source,
        language=language,
        views=entry.views,
        published=entry.published,
        growth=entry.growth,
    )


def _watched(items: Iterable[T], count: int, what: str) -> Iterator[T]:
    """The items, if they are many with a bar on standard error where that is a terminal."""
    console = Console(stderr=True)
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=count < MANY or not console.is_terminal,
    )
    with bars:
        yield from bars.track(items, total=count, description=what)


# --------------------------------------------------------------------------- results


def _row(one: Placed) -> dict[str, Any]:
    finding, place = one
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "path": place.path,
        "rule": finding.rule,
        "severity": finding.severity,
        "check": finding.check,
        "message": finding.message,
    }


def _show(listed: Sequence[Placed], rules: int, tally: Tally | None) -> None:
    checks = Counter(finding.check for finding, _ in listed)
    shown: Counter[str] = Counter()
    for finding, place in listed:
        shown[finding.check] += 1
        if shown[finding.check] <= MOST_SHOWN:
            _show_one(place, finding)
    for check, count in checks.items():
        if count > MOST_SHOWN:
            click.secho(
                f"... and {count - MOST_SHOWN:,} more of {check} (--json has all)", dim=True
            )
    _conclude(Counter(finding.severity for finding, _ in listed), rules, tally)


def _show_one(place: Problem, finding: Finding) -> None:
    """``file:line:column: severity: rule: message [check]``; broken on a terminal, with the place
    and the rule coloured."""
    where = f"{place.file}:{place.line}:{place.column}"
    text = f"{where}: {finding.severity}: {finding.rule}: {one_line(finding.message)}"
    text += f" [{finding.check}]"
    text = _fitting(text)
    for part, style in (
        (where, {"bold": True}),
        (f": {finding.severity}:", {"fg": COLOURS[finding.severity], "bold": True}),
        (f"[{finding.check}]", {"dim": True}),
    ):
        text = _styled(text, part, style)
    click.echo(text)


def _fitting(text: str) -> str:
    """Broken at blanks for a terminal; as it is for all else."""
    if not sys.stdout.isatty():
        return text
    width = max(shutil.get_terminal_size().columns, 40)
    return textwrap.fill(
        text, width, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )


def _styled(text: str, part: str, style: dict[str, Any]) -> str:
    """With the first place of ``part`` in a style."""
    before, found, behind = text.partition(part)
    return before + click.style(found, **style) + behind if found else text


def _conclude(counts: Counter[Severity], rules: int, tally: Tally | None) -> None:
    said = ", ".join(
        f"{counts[severity]:,} {severity}{'s' if counts[severity] != 1 else ''}"
        for severity in COLOURS
        if counts[severity]
    )
    looked = f"{rules:,} {'rule' if rules == 1 else 'rules'}"
    if tally is not None and tally.articles >= LEAST:
        looked += f", tried on the newest {tally.articles:,} stored articles"
    elif tally is not None:
        looked += f"; only {tally.articles} articles were looked at, too few to judge by"
    if counts["error"]:
        click.secho(_fitting(f"FAILED: {said} in {looked}"), fg="red", bold=True)
    else:
        said = _fitting(f"SUCCESS: {said or 'nothing found'} in {looked}")
        click.secho(said, fg="green", bold=True)
