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
GAP = 2  # characters between two columns


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
        used = _fitting(used, console.width)
        console.print(_table(used, console.width))
        return
    console = Console(width=_ENDLESS, color_system=None)
    with console.capture() as captured:
        console.print(_table(used, _ENDLESS))
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


Used = dict[Column, list[str]]
"""Columns and their cells."""


def _fitting(used: Used, width: int) -> Used:
    """As much of the table as ``width`` has room for."""
    if _least_width(used) > width:
        used = {replace(column, name=column.short or column.name): c for column, c in used.items()}
    for gone in sorted(filter(None, (column.spare for column in used))):
        if _least_width(used) <= width:
            break
        used = {column: c for column, c in used.items() if column.spare != gone}
    return used


def _natural(column: Column, cells: list[str]) -> int:
    return max(map(cell_len, (column.name, *cells)))


def _least(column: Column, cells: list[str]) -> int:
    natural = _natural(column, cells)
    return min(natural, max(column.wrap, cell_len(column.name))) if column.wrap else natural


def _least_width(used: Used) -> int:
    return sum(_least(*item) for item in used.items()) + GAP * (len(used) - 1)


def _table(used: Used, width: int) -> Table:
    """What is left of ``width`` goes to the columns that can use it, each in proportion."""
    left = max(width - _least_width(used), 0)
    wanted = sum(_natural(*item) - _least(*item) for item in used.items())
    share = min(left / wanted, 1.0) if wanted else 0.0
    table = Table(box=box.SIMPLE_HEAD, padding=(0, GAP - 1, 0, 0), pad_edge=False, show_edge=False)
    for column, cells in used.items():
        least = _least(column, cells)
        table.add_column(
            column.name,
            width=least + int(share * (_natural(column, cells) - least)),
            justify="right" if column.right else "left",
            style=column.style,
            no_wrap=not column.wrap,
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


def size(count: int) -> str:
    """``1.2 MB`` (a million bytes), for tables."""
    for unit, length in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= length:
            return f"{count / length:.1f} {unit}"
    return f"{count} B"
