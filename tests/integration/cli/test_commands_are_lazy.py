"""Commands are imported when they are called, and the list of commands tells what they do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from monitor.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "examples" / "dumps" / "norland-2026-03-02.txt"

HEAVY = {"flask", "sqlalchemy", "alembic", "apscheduler", "requests", "feedgen", "waitress"} | {
    *("cssselect", "feedparser", "trafilatura", "warcio", "zstandard"),  # for dumps of their format
}

SHOW_MODULES = """
import json, sys
from monitor.cli import main
try:
    main(sys.argv[1:], prog_name="monitor")
finally:
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (["--help"], set()),
        (["--version"], set()),
        (["frobnicate"], set()),
        (["parse", str(SAMPLE)], set()),
        (["check-config"], set()),
        (["init", "there"], set()),
        (["dumps"], set()),
        (["explain", "water", str(SAMPLE)], set()),
        (["run", "--once"], {"sqlalchemy", "alembic", "feedgen"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_command_imports_only_what_it_needs(
    tmp_path: Path, arguments: list[str], allowed: set[str]
) -> None:
    """No web server for a round, no database for ``parse``, next to nothing for ``--help``."""
    (tmp_path / "config.yaml").write_text("rules: [{name: water, any: water}]\n")
    done = subprocess.run(
        [sys.executable, "-c", SHOW_MODULES, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    loaded = set(json.loads(done.stderr.splitlines()[-1]))
    assert "click" in loaded
    assert loaded & HEAVY <= allowed
    if arguments[0].startswith("--"):
        assert not loaded & {"pydantic", "rich", "structlog", "yaml"}


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    context = click.Context(group)
    found: list[tuple[str, ...]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found.append((*path, name))
        if isinstance(command, click.Group):
            found += _commands(command, (*path, name))
    return found


@pytest.mark.parametrize("path", _commands(main), ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    """``--help`` and ``-h``: a sentence on the command and one on each of its options; all take
    ``-c`` and ``--json`` but ``demo``, which needs neither."""
    result = CliRunner().invoke(main, [*path, "--help"], prog_name="monitor")
    assert result.exit_code == 0
    assert CliRunner().invoke(main, [*path, "-h"], prog_name="monitor").output == result.output
    assert result.output.startswith(f"Usage: monitor {' '.join(path)}")
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    assert command.help
    options = [param for param in command.params if isinstance(param, click.Option)]
    assert all(option.help for option in options)
    if path != ("demo",):
        assert {"config", "as_json"} <= {option.name for option in options}


def test_the_list_of_commands_says_what_they_do() -> None:
    """One line each, none cut, in the order of use; each target can be loaded under its name."""
    result = CliRunner().invoke(main, ["--help"], prog_name="monitor", terminal_width=80)
    lines = result.output.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in lines] == list(COMMANDS)
    for line, (name, lazy) in zip(lines, COMMANDS.items(), strict=True):
        assert line.endswith(f"  {lazy.help}")
        assert len(line) <= 80
        assert lazy.load().name == name
