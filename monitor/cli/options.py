"""Options and arguments that several commands take."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

CONFIG_HELP = "Configuration file [default: $MONITOR_CONFIG, else ./config.yaml]."
JSON_HELP = "Print JSON Lines."


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
            help=CONFIG_HELP,
        ),
        click.option(
            "--json",
            "as_json",
            is_flag=True,
            expose_value=False,
            callback=remember,
            help=JSON_HELP,
        ),
    ):
        command = option(command)
    return command


limit = click.option(
    "--limit",
    default=50,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="At most so many rows.",
)
