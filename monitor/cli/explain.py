"""``explain``: why a rule matches a text, clause by clause, or why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from monitor.cli.clause_tree import show_explanation, why_not
from monitor.cli.load import load, load_rules, opened_store
from monitor.cli.options import Invocation, common
from monitor.cli.output import Column, print_json, print_table
from monitor.cli.parse import segments
from monitor.config import Settings
from monitor.errors import MonitorError
from monitor.model import BadRecord
from monitor.rules import RuleSet
from monitor.rules.explain import Clause, Explanation, Reason
from monitor.text import fold

MOST_NAMED = 20
"""Rules named where the one asked for is not there."""


@dataclass(frozen=True, slots=True)
class _Text:
    """What rules may ask of an article."""

    title: str
    body: str
    source: str
    language: str | None
    views: int | None
    published: datetime | None
    growth: float | None = None  # known of stored articles only


@click.command()
@click.argument("rule")
@click.argument("target", metavar="FILE-OR-ARTICLE-ID")
@click.option("--title", metavar="TEXT", help="Only articles with this in their title, in full.")
@click.option("-v", "--verbose", is_flag=True, help="Everything in full, however much it is.")
@common
@click.pass_obj
def explain(
    invocation: Invocation, rule: str, target: str, title: str | None, verbose: bool
) -> None:
    """Say clause by clause why RULE matches an article, or why not.

    FILE is a dump: of its articles those that match are explained in full, of the others it is
    said which clause decides. Of an ARTICLE-ID, the first six characters are enough where they
    are unique. Exit status 1 where a piece of the dump cannot be read.
    """
    settings = load(invocation)
    rules = load_rules(settings)
    _check(rule, rules)
    report = _Report(rule, everything=verbose, in_full=verbose or title is not None)
    unreadable = False
    for text in _texts(target, settings):
        if isinstance(text, BadRecord):
            unreadable = True
            click.echo(f"{target}:{text.line}: {text.reason}", err=True)
        elif title is None or fold(title) in fold(text.title):
            found = _explained(rules, rule, text)
            if invocation.as_json:
                print_json([_row(text, found)])
            else:
                report.add(text, found)
    report.end()
    if title is not None and not report.count and not invocation.as_json:
        raise MonitorError(f"no article of {target} has {title!r} in its title")
    if unreadable:
        raise SystemExit(1)


def _check(rule: str, rules: RuleSet) -> None:
    if rule in rules.names:
        return
    if len(rules.names) > MOST_NAMED:
        rules.settings(rule)  # raises, with the nearest name
    names = ", ".join(rules.names) or "none"
    raise click.UsageError(f"there is no rule {rule!r} in the configuration, only: {names}")


def _texts(target: str, settings: Settings) -> Iterator[_Text | BadRecord]:
    """The articles meant, each with what else rules ask of it.

    Raises MonitorError and OSError.
    """
    languages = {source.name: source.language for source in settings.sources}
    if (file := Path(target)).exists():
        for piece in segments(file, settings):
            if isinstance(piece, BadRecord):
                yield piece
            else:
                language = languages.get(piece.source)
                text = (piece.title, piece.body, piece.source, language)
                yield _Text(*text, piece.views, piece.published)
        return
    with opened_store(settings) as store:
        entry = store.pages.article(target)
    if entry is None:
        raise MonitorError(f"{target!r} is neither a file nor the id of a stored article")
    if entry.pruned:
        raise MonitorError(f"the text of {target} is no longer kept (setting retention.bodies)")
    text = (entry.title, entry.body, entry.source, languages.get(entry.source))
    yield _Text(*text, entry.views, entry.published, entry.growth)


def _explained(rules: RuleSet, rule: str, text: _Text) -> Explanation:
    return rules.explain(
        rule,
        title=text.title,
        body=text.body,
        source=text.source,
        language=text.language,
        views=text.views,
        published=text.published,
        growth=text.growth,
    )


# --------------------------------------------------------------------------- for scripts


def _row(text: _Text, found: Explanation) -> dict[str, Any]:
    return {
        "title": text.title,
        "rule": found.rule,
        "matched": found.matched,
        "reasons": list(map(_reason, found.reasons)),
        "tree": _clause(found.tree),
    }


def _clause(clause: Clause) -> dict[str, Any]:
    return {
        "clause": clause.label,
        "satisfied": clause.satisfied,
        "reasons": list(map(_reason, clause.reasons)),
        "parts": list(map(_clause, clause.parts)),
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "clause": reason.clause,
        "field": reason.field,
        "satisfied": reason.satisfied,
        "message": reason.message,
        "start": reason.start,
        "end": reason.end,
        "text": reason.text,
    }


# --------------------------------------------------------------------------- for people


class _Report:
    """Articles that match are shown at once, the others at the end in a table, unless there is
    only one or everything is to be shown in full."""

    def __init__(self, rule: str, *, everything: bool, in_full: bool) -> None:
        self.count = 0
        self._rule = rule
        self._everything = everything
        self._in_full = in_full
        self._matched = 0
        self._others: list[tuple[str, str]] = []
        self._first: tuple[_Text, Explanation] | None = None

    def add(self, text: _Text, found: Explanation) -> None:
        """The next article."""
        self.count += 1
        self._matched += found.matched
        if found.matched or self._in_full:
            self._show(text, found)
            return
        if not self._others:
            self._first = text, found
        self._others.append((text.title, why_not(found)))

    def end(self) -> None:
        """What is left to be said."""
        if self.count == 1 and self._first is not None:
            self._show(*self._first)
        elif self._others:
            columns = [Column("title", wrap=24), Column("why not", wrap=36)]
            print_table(columns, self._others, "")
        if self.count > 1:
            verb = "matches" if self._matched == 1 else "match"
            some = f"{self._matched:,} of {self.count:,} articles {verb} {self._rule}"
            hint = "; -v or --title TEXT explains others in full" if self._others else ""
            click.secho(some + hint, dim=True)

    def _show(self, text: _Text, found: Explanation) -> None:
        show_explanation(found, text.title, text.body, everything=self._everything)
        click.echo()
