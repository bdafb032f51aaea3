"""What all commands share: where the configuration is, how errors end, how results look."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from monitor import log
from monitor.app.app import database_url
from monitor.config import Settings, load_settings
from monitor.config.types import parse_duration
from monitor.errors import ConfigError, MonitorError
from monitor.model import utcnow
from monitor.store import Store, open_store

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(slots=True)
class Invocation:
    """Options that may stand before or after the command's name."""

    config: str | None = None
    as_json: bool = False

    @property
    def config_file(self) -> Path:
        """The configuration file meant, whether it exists or not."""
        return Path(self.config or os.environ.get("MONITOR_CONFIG") or "config.yaml")

    @property
    def config_named(self) -> bool:
        """Whether somebody named the file, so that its absence is an error."""
        return bool(self.config or os.environ.get("MONITOR_CONFIG"))


class Group(click.Group):
    """Turns the program's errors into a message on standard error and an exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            for line in str(error).splitlines():
                click.echo(line, err=True)
            if len(error.problems) > 1:
                click.echo(f"{len(error.problems)} problems", err=True)
            sys.exit(2)
        except MonitorError as error:
            click.echo(f"monitor: {error}", err=True)
            sys.exit(1)
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            where = f"{error.filename}: " if error.filename else ""
            click.echo(f"monitor: {where}{error.strerror or error}", err=True)
            sys.exit(1)


def common(command: F) -> F:
    """Let ``-c`` and ``--json`` stand after the command's name too."""

    def remember(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
        invocation = context.ensure_object(Invocation)
        if value:
            setattr(invocation, "as_json" if parameter.name == "as_json" else "config", value)
        return value

    for option in (
        click.option(
            "-c",
            "--config",
            metavar="FILE",
            expose_value=False,
            callback=remember,
            help="Configuration file [default: $MONITOR_CONFIG, else ./config.yaml].",
        ),
        click.option(
            "--json",
            "as_json",
            is_flag=True,
            expose_value=False,
            callback=remember,
            help="Print JSON Lines.",
        ),
    ):
        command = option(command)
    return command


def load(invocation: Invocation) -> Settings:
    """The configuration, with logging set up as it says."""
    settings = load_settings(invocation.config_file)
    log.configure(settings.log.format, settings.log.level)
    return settings


def load_if_there(invocation: Invocation) -> Settings:
    """The same, or the defaults where nobody named a file and ``./config.yaml`` is absent."""
    if invocation.config_named or invocation.config_file.exists():
        return load(invocation)
    log.configure("auto", "warning")
    return Settings()


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """The store, closed again at the end.

    Raises MonitorError where the SQLite file is not there yet: reading must not make one.
    """
    if settings.database is None and not (settings.state / "monitor.db").exists():
        raise MonitorError(
            f"nothing is stored yet in {settings.state} (start with: monitor run --once)"
        )
    store = open_store(database_url(settings))
    try:
        yield store
    finally:
        store.close()


# --------------------------------------------------------------------------- output


def print_json(rows: Iterable[dict[str, Any]]) -> None:
    """One object a line, UTF-8 whatever the locale."""
    out = sys.stdout.buffer
    for row in rows:
        line = json.dumps(row, ensure_ascii=False, separators=(", ", ": "))
        out.write(line.encode("utf-8", "replace") + b"\n")
    out.flush()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and how its cells look."""

    name: str
    right: bool = False
    style: str | None = None
    wrap: bool = False


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Aligned columns; colours only on a terminal; ``empty`` where there is no row."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(
            column.name,
            justify="right" if column.right else "left",
            style=column.style,
            no_wrap=not column.wrap,
            overflow="fold" if column.wrap else "ellipsis",
        )
    filled = False
    for row in rows:
        filled = True
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    if not filled:
        click.echo(empty, err=True)
        return
    # Not a terminal: as wide as the text needs, so that nothing a script reads is cut.
    console = Console() if sys.stdout.isatty() else Console(width=1000, color_system=None)
    console.print(table)


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 with offset, for JSON."""
    return moment.isoformat() if moment is not None else None


def short(moment: datetime | None) -> str:
    """``2026-02-19 14:56`` in the machine's zone, for tables."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment is not None else ""


class Since(click.ParamType):
    """A moment: ``2026-02-19``, ``2026-02-19T14:56+05:00`` or how long ago (``24h``, ``7d``)."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return utcnow() - parse_duration(value)
        except ValueError:
            pass
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither a date nor a duration like 24h", param, ctx)
        return moment.astimezone(UTC)  # naive: the machine's zone
