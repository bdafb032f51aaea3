"""What the documentation tells people to type exists, and its links lead somewhere."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path, PurePath
from urllib.parse import unquote

import click
import pytest

from monitor.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "examples" / "README.md"],
    key=lambda page: page.relative_to(ROOT).as_posix(),
)
TYPED = [*PAGES, ROOT / "config.yaml", ROOT / "examples" / "config.yaml"]

DEMO = "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/monitor demo"
TEST = "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest"


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


# --------------------------------------------------------------------------- commands


def calls(text: str) -> Iterator[list[str]]:
    """The words of every ``monitor …`` in fenced blocks and in code within a line."""
    fenced = re.findall(r"^```(?:sh|console|shell|bash|text)?\n(.*?)^```", text, re.M | re.S)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    for line in [line for block in fenced for line in block.splitlines()] + inline:
        for part in re.split(r"&&|\|\|?|;", line):
            try:
                words = shlex.split(part, comments=True)
            except ValueError:  # prose with an apostrophe
                continue
            while words and (
                words[0] in ("$", "#", "sudo", "-u", "press-monitor", "exec")
                or re.fullmatch(r"[A-Z_]+=.*", words[0])
            ):
                words.pop(0)
            if words and PurePath(words[0]).name == "monitor":
                yield words[1:]


def check(words: list[str]) -> str | None:
    """What is wrong with a call, or None."""
    command: click.Command = main
    context = click.Context(main)
    options = {option: p for p in main.params for option in p.opts} | {"--help": None, "-h": None}
    words = list(words)
    while words:
        word = words.pop(0)
        if word.startswith("-"):
            option, _, value = word.partition("=")
            if option not in options:
                return f"no option {option}"
            parameter = options[option]
            if isinstance(parameter, click.Option) and not (parameter.is_flag or value):
                if not words:
                    return None  # only the option is talked about
                words.pop(0)
        elif isinstance(command, click.Group):
            found = command.get_command(context, word)
            if found is None:
                placeholder = not word.isascii() or word.isupper() or word.startswith(("[", "<"))
                return None if placeholder else f"no command {word}"
            command = found
            options |= {option: p for p in command.params for option in p.opts}
    return None


@pytest.mark.parametrize("page", TYPED, ids=name)
def test_every_command_named_exists(page: Path) -> None:
    """Commands, subcommands and options in code blocks and in code within a line."""
    text = page.read_text("utf-8")
    wrong = [f"monitor {' '.join(words)}: {why}" for words in calls(text) if (why := check(words))]
    assert wrong == []


def test_the_check_of_commands_finds_mistakes() -> None:
    """The test above can fail."""
    text = "`monitor frob` `monitor run --twice` `monitor deliveries lose x` `monitor -c F run`"
    assert [check(words) for words in calls(text)] == [
        "no command frob",
        "no option --twice",
        "no command lose",
        None,
    ]
    assert list(calls("```sh\nsudo -u press-monitor /opt/x/monitor -c f dumps | head\n```\n")) == [
        ["-c", "f", "dumps"]
    ]


def test_the_readme_shows_every_command() -> None:
    """All commands of the program stand in the README, and it calls a good many of them."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [command for command in COMMANDS if command not in readme] == []
    assert len(list(calls(readme))) > 8


# --------------------------------------------------------------------------- links


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.M | re.S)
    found = set()
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", text, re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        found.add(re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    """Files that exist, in the repository, and headings that are there."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.M | re.S)
    text = re.sub(r"`[^`\n]*`", "", text)
    broken = []
    for link in re.findall(r"\]\(\s*<?([^)\s>]+)", text):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not (target.exists() and target.is_relative_to(ROOT)) or (
            anchor and target.suffix == ".md" and anchor not in anchors(target)
        ):
            broken.append(link)
    assert broken == []


# --------------------------------------------------------------------------- the first screen


@pytest.mark.parametrize(("mark", "command"), [("demo-command", DEMO), ("test-command", TEST)])
def test_the_two_commands_stand_in_their_blocks(mark: str, command: str) -> None:
    """Those that the checks of a fresh clone run, once each, alone in a marked block."""
    readme = (ROOT / "README.md").read_text("utf-8")
    blocks = re.findall(rf"<!-- {mark} -->\n```sh\n(.*?)\n```\n<!-- end -->", readme, re.S)
    assert blocks == [command]
    assert readme.index(command) < 3000, "not on the first screen"
