"""``diff``: what an edit of an article changed, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.cli.load import load, opened_store
from monitor.cli.options import Invocation, common
from monitor.cli.output import iso, print_json, short
from monitor.errors import MonitorError
from monitor.model import Comparison, Entry, ParagraphEdit, Revision, Run
from monitor.revisions import compare, shortened, shown
from monitor.revisions.compare import MOST_PARAGRAPHS

_ENDLESS = 1_000_000  # characters; what is no terminal is given every line whole
_CONTEXT = 160  # characters of unchanged text beside a change
_STYLES = {"-": "red strike", "+": "green bold"}
_SIGNS = {"added": "+", "removed": "-", "edited": "±", "moved": "↕", "same": " "}
# What could break a line, a terminal or the direction of the text around it.
_UNSHOWN = re.compile("[\\s\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@click.command()
@click.argument("article_id", metavar="ID")
@click.option(
    "--revisions",
    metavar="A..B",
    help="Which two texts; A.. or ..B alone: with the last or the first. [default: the last two]",
)
@click.option("-v", "--verbose", is_flag=True, help="The whole text, also what stayed.")
@common
@click.pass_obj
def diff(invocation: Invocation, article_id: str, revisions: str | None, verbose: bool) -> None:
    """Show what was edited in an article, word by word.

    The first six characters of the ID are enough where they are unique. Without colours what went
    stands between [- and -], what came between {+ and +}.
    """
    settings = load(invocation)
    with opened_store(settings) as store:
        entry = store.pages.article(article_id)
        if entry is None:
            raise MonitorError(
                f"there is no article with the id {article_id!r} (six characters of it at least;"
                " monitor articles lists them)"
            )
        chain = {revision.number: revision for revision in store.pages.chain(entry.id)}
        before, after = _chosen(entry, chain, revisions)
        found = store.pages.comparison(entry.id, before.content, after.content)
    if found is None or found.left_out or not found.paragraphs:
        found = compare((before.title, before.body), (after.title, after.body))
    if invocation.as_json:
        print_json([_row(entry, before, after, found)])
    else:
        _show(entry, before, after, found, everything=verbose)


def _chosen(
    entry: Entry, chain: dict[int, Revision], wanted: str | None
) -> tuple[Revision, Revision]:
    """The two texts to compare. Raises UsageError for what is no range of revisions and
    MonitorError where there are no two texts."""
    if entry.revision < 2:
        raise MonitorError(f"{entry.title!r} has one revision only: nobody has edited it yet")
    first, last = entry.revision - 1, entry.revision
    if wanted is not None:
        found = re.fullmatch(r"\s*(\d*)\s*\.\.\s*(\d*)\s*", wanted, re.ASCII)
        if found is None or not any(found.groups()):
            raise click.UsageError(f"--revisions {wanted!r}: expected A..B, like 1..{last}")
        first, last = int(found[1] or 1), int(found[2] or entry.revision)
        if not 1 <= first < last <= entry.revision:
            raise click.UsageError(
                f"--revisions {wanted!r}: expected two of the revisions 1 to {entry.revision},"
                " the earlier one first"
            )
    for number in (first, last):
        if chain[number].pruned:
            raise MonitorError(f"the text of revision {number} is no longer kept (see retention)")
    return chain[first], chain[last]


# --------------------------------------------------------------------------- for scripts


def _row(entry: Entry, before: Revision, after: Revision, found: Comparison) -> dict[str, Any]:
    return {
        "id": entry.id,
        "revisions": [before.number, after.number],
        "observed": [iso(before.observed), iso(after.observed)],
        "kinds": [kind.value for kind in found.kinds],
        "materiality": found.materiality,
        "title": _runs(found.title),
        "paragraphs": [
            {"op": edit.op, "before": edit.before, "after": edit.after, "runs": _runs(edit.runs)}
            for edit in found.paragraphs
        ],
    }


def _runs(runs: Sequence[Run]) -> list[dict[str, str]]:
    return [{"op": run.op, "text": run.text} for run in runs]


# --------------------------------------------------------------------------- for people


def _show(
    entry: Entry, before: Revision, after: Revision, found: Comparison, *, everything: bool
) -> None:
    terminal = Console(highlight=False)
    colour = terminal.is_terminal and terminal.color_system is not None and not terminal.no_color
    if not terminal.is_terminal:
        terminal = Console(width=_ENDLESS, color_system=None, highlight=False)
    terminal.print(Text(_plain(after.title).strip() or "(untitled)", style="bold"))
    facts = (
        f"{_plain(entry.source)} · revision {before.number} ({short(before.observed)})"
        f" → {after.number} ({short(after.observed)})"
    )
    terminal.print(Text(facts, style="dim"))
    terminal.print(Text(f"Changed: {shown.summary(found)}"))
    terminal.print()
    with terminal.capture() as captured:
        for sign, text in _lines(
            found, after.body.split("\n", MOST_PARAGRAPHS - 1), colour, everything=everything
        ):
            row = Table.grid(padding=(0, 1, 0, 0))
            row.add_column(width=1, no_wrap=True)
            row.add_column(overflow="fold")
            row.add_row(sign, text)
            terminal.print(row)
    lines = captured.get().splitlines()
    click.echo("\n".join(lines if terminal.is_terminal else map(str.rstrip, lines)))


def _lines(
    found: Comparison, body: Sequence[str], colour: bool, *, everything: bool
) -> Iterator[tuple[str, Text]]:
    """A sign and a text for each paragraph; of those that stayed how many there are, unless they
    are wanted."""
    if found.title:
        yield "T", _text(_cut(found.title, everything), colour)
    same = 0
    for edit in found.paragraphs:
        if edit.op == "same" and not everything:
            same += 1
            continue
        if same:
            yield " ", _unchanged(same)
            same = 0
        yield _SIGNS[edit.op], _paragraph(edit, body, colour, everything)
    if same:
        yield " ", _unchanged(same)


def _paragraph(edit: ParagraphEdit, body: Sequence[str], colour: bool, everything: bool) -> Text:
    if edit.op == "same":
        return Text(_plain(body[edit.after or 0]), style="dim")
    text = _text(_cut(edit.runs, everything), colour)
    if edit.op == "moved":
        return Text.assemble((f"{shown.heading(edit)}: ", "cyan"), text)
    return text


def _cut(runs: tuple[Run, ...], everything: bool) -> tuple[Run, ...]:
    """The runs with only so much of what stayed."""
    if everything:
        return runs
    alone = Comparison((), (ParagraphEdit("edited", 0, 0, runs),), (), 0.0)
    return shortened(alone, _ENDLESS, _CONTEXT).paragraphs[0].runs


def _text(runs: Sequence[Run], colour: bool) -> Text:
    if not colour:
        return Text(_plain(shown.marked(runs)))
    return Text.assemble(*((_plain(text), _STYLES.get(op, "")) for op, text in runs))


def _unchanged(count: int) -> Text:
    said = "1 paragraph is" if count == 1 else f"{count:,} paragraphs are"
    return Text(f"… {said} the same …", style="dim")


def _plain(text: str) -> str:
    return _UNSHOWN.sub(" ", text)
