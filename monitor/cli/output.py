"""How results look: JSON Lines for scripts, aligned tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.text import one_line

_ENDLESS = 1_000_000  # columns; what is no terminal is given every line whole


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

    ``wrap``: its cells may be broken into several lines. ``spare``: it is left out on a terminal
    that is too narrow for all. A column without a single value is left out too.
    """

    name: str
    right: bool = False
    style: str = ""
    wrap: bool = False
    spare: bool = False


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Aligned columns; colours only on a terminal; ``empty``, on standard error, for no row."""
    cells = [["" if cell is None else one_line(str(cell)) for cell in row] for row in rows]
    if not cells:
        click.echo(empty, err=True)
        return
    used = [place for place in range(len(columns)) if any(row[place] for row in cells)]
    if not sys.stdout.isatty():
        console = Console(width=_ENDLESS, color_system=None)
        with console.capture() as captured:
            console.print(_table(columns, cells, used))
        click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))
        return
    console = Console()
    if console.measure(_table(columns, cells, used)).minimum > console.width:
        used = [place for place in used if not columns[place].spare]
    console.print(_table(columns, cells, used))


def _table(columns: Sequence[Column], cells: Sequence[Sequence[str]], used: Sequence[int]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for place in used:
        column = columns[place]
        table.add_column(
            column.name,
            justify="right" if column.right else "left",
            style=column.style,
            no_wrap=not column.wrap,
            min_width=min(16, max(len(row[place]) for row in cells)) if column.wrap else None,
            overflow="fold",
        )
    for row in cells:
        table.add_row(*(Text(row[place]) for place in used))
    return table


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 with offset, for JSON."""
    return moment.isoformat() if moment is not None else None


def short(moment: datetime | None) -> str:
    """``2026-02-19 14:56`` in the machine's zone, for tables."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment is not None else ""
