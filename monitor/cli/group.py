"""The root of the commands: imports each when it is called, and ends errors as users see them."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click

from monitor.errors import ConfigError, MonitorError


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Without the garbage collector, for imports: it would take a fifth of their time again and
    again to find next to nothing, and as long once more if it looked at the modules later."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@dataclass(frozen=True, slots=True)
class Lazy:
    """A command that is not imported yet: ``module:attribute``, and its line in the list."""

    target: str
    help: str

    def load(self) -> click.Command:
        module, _, attribute = self.target.partition(":")
        if module not in sys.modules:
            with collector_at_rest():
                import_module(module)
        command: click.Command = getattr(sys.modules[module], attribute)
        return command


class Root(click.Group):
    """Turns the program's errors into a message on standard error and an exit status."""

    def __init__(self, *args: Any, lazy: Mapping[str, Lazy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        lazy = self._lazy.get(cmd_name)
        return lazy.load() if lazy else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing one of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.help) for name, lazy in self._lazy.items()])

    def invoke(self, ctx: click.Context) -> Any:
        _prepare_streams(ctx)
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except ConfigError as error:
            for line in str(error).splitlines():
                click.echo(line, err=True)
            if len(error.problems) > 1:
                click.echo(f"{len(error.problems)} problems", err=True)
            sys.exit(2)
        except MonitorError as error:
            click.echo(f"monitor: {error}", err=True)
            sys.exit(1)
        except BrokenPipeError:
            raise  # click's own business: it ends without a word
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            click.echo(f"monitor: {where}{error.strerror or error}", err=True)
            _drop_output()
            sys.exit(1)


def _drop_output() -> None:
    """What could not be written is not tried again when the interpreter ends."""
    with click.open_file(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _prepare_streams(ctx: click.Context) -> None:
    """No character that a terminal or locale cannot show may end the program, nor a stream that
    was closed (``>&-``); no colours where they are not wanted (https://no-color.org)."""
    if sys.stdout is None:
        sys.stdout = click.open_file(os.devnull, "w")
    if sys.stderr is None:
        sys.stderr = click.open_file(os.devnull, "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        ctx.color = False
