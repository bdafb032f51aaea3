"""How results look: JSON Lines for scripts, aligned tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import click
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.text import one_line

_ENDLESS = 1_000_000  # characters; what is no terminal is given every line whole


def print_json(rows: Iterable[dict[str, Any]]) -> None:
    """One object a line, UTF-8 whatever the locale."""
    out = sys.stdout.buffer
    for row in rows:
        line = json.dumps(row, ensure_ascii=False)
        out.write(line.encode("utf-8", "replace") + b"\n")
    out.flush()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    ``wrap``: its cells may be broken into lines of so many characters or more. On a terminal too
    narrow for all columns the headings become their ``short`` forms; then the ``spare`` columns
    go, 1 first. A column without a single value is never shown.
    """

    name: str
    right: bool = False
    style: str = ""
    wrap: int = 0
    short: str = ""
    spare: int = 0


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Aligned columns; colours only on a terminal; ``empty``, on standard error, for no row."""
    cells = [["" if cell is None else one_line(str(cell)) for cell in row] for row in rows]
    if not cells:
        click.echo(empty, err=True)
        return
    used = {
        column: [row[place] for row in cells]
        for place, column in enumerate(columns)
        if any(row[place] for row in cells)
    }
    if sys.stdout.isatty():
        console = Console()
        console.print(_fitting(console, used))
        return
    console = Console(width=_ENDLESS, color_system=None)
    with console.capture() as captured:
        console.print(_table(used))
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _fitting(console: Console, used: dict[Column, list[str]]) -> Table:
    """The table with as much as the terminal has room for."""
    if _least_width(used) > console.width:
        used = {replace(column, name=column.short or column.name): c for column, c in used.items()}
    for gone in sorted(filter(None, (column.spare for column in used))):
        if _least_width(used) <= console.width:
            break
        used = {column: c for column, c in used.items() if column.spare != gone}
    return _table(used)


def _least_width(used: dict[Column, list[str]]) -> int:
    """Cells of a terminal's line that the columns need, with two between them."""
    widths = (
        max(cell_len(column.name), min(column.wrap or _ENDLESS, max(map(cell_len, cells))))
        for column, cells in used.items()
    )
    return sum(widths) + 2 * (len(used) - 1)


def _table(used: dict[Column, list[str]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for column, cells in used.items():
        table.add_column(
            column.name,
            justify="right" if column.right else "left",
            style=column.style,
            no_wrap=not column.wrap,
            min_width=min(column.wrap, max(map(cell_len, cells))) if column.wrap else None,
            overflow="fold",
        )
    for row in zip(*used.values(), strict=True):
        table.add_row(*map(Text, row))
    return table


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 with offset, for JSON."""
    return moment.isoformat() if moment is not None else None


def short(moment: datetime | None) -> str:
    """``2026-02-19 14:56`` in the machine's zone, for tables."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment is not None else ""
