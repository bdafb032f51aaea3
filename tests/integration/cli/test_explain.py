"""``explain``: the tree of a rule as people and scripts see it."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shlex
import shutil
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.cli import main
from monitor.cli.clause_tree import MOST_PARTS, MOST_PLACES

ROOT = Path(__file__).resolve().parents[3]
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")

DUMP = """01.03.2026, 09:40 120
Water level of the lake falls
The water of the lake fell by a metre in a week, the keeper of the gauge told reporters.
Nobody in the valley remembers it lower, and the ferry lies still until the rain comes.

02.03.2026, 08:00 77
Summit on rivers opens
Ministers met for a summit on shared rivers in the old town hall on Monday morning.
The hosts expect three days of talks, and a joint statement at their end.

02.03.2026, 15:00 310
Bakers ask for cheaper flour
The guild of bakers wrote to the ministry of trade that flour costs twice what it did.
An answer is promised before the harvest, says the head of the guild.
"""
RULES = [
    {"name": "water", "query": '+water ferry -(ice OR snow) "lake fell"~1'},
    {"name": "level", "query": "title:water AND views:>100 AND language:en AND source:lake"},
    {"name": "flour", "query": "cheap AND flour"},
    {"name": "choice", "any": [f"word{number}" for number in range(30)] + ["summit", "talks"]},
    {"name": "the", "query": "the"},
    {"name": "deep", "query": "(" * 40 + "water" + " AND NOT ice) OR snow" * 40},
]


class Folder:
    """A folder with a dump, a configuration and rules in a file of their own."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self.dump = folder / "lake.txt"
        self.dump.write_text(DUMP, "utf-8")
        (folder / "more.yaml").write_text(json.dumps({"rules": RULES[2:]}), "utf-8")
        self.config = folder / "config.yaml"
        settings = {
            "state": str(folder / "state"),
            "sources": [{"name": "lake", "match": "lake*", "language": "en"}],
            "rules": RULES[:2],
            "rule_files": ["more.yaml"],
        }
        self.config.write_text(json.dumps(settings), "utf-8")

    def __call__(self, *arguments: str | Path, status: int = 0) -> Result:
        runner = CliRunner()
        result = runner.invoke(main, ["-c", str(self.config), "explain", *map(str, arguments)])
        assert result.exit_code == status, result.output
        return result

    def lines(self, *arguments: str | Path) -> list[str]:
        return self(*arguments).stdout.splitlines()

    def rows(self, *arguments: str | Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines("--json", *arguments)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return Folder(tmp_path_factory.mktemp("explain"))


def test_a_match_is_a_tree_with_its_words_in_their_context(folder: Folder) -> None:
    """Each clause true or false; the words in brackets, a few characters on either side."""
    assert folder.lines("water", folder.dump, "--title", "LEVEL") == [
        "water matches: Water level of the lake falls",
        "✓ +/-",
        "├── ✓ +water",
        "│     title 0-5  [Water] level of the lake falls",
        "│     body 4-9  The [water] of the lake fell by a metre in a week,…",
        "├── ✓ ferry (optional)",
        "│     body 138-143  …the valley remembers it lower, and the [ferry] lies still until the"
        " rain comes.",
        '├── ✓ "lake fell"~1 (optional)',
        "│     body 17-21  The water of the [lake] fell by a metre in a week, the keeper…",
        "│     body 22-26  The water of the lake [fell] by a metre in a week, the keeper of the…",
        "└── ✓ NOT",
        "    └── ✗ OR",
        "        ├── ✗ ice  not in title or body, as it must be",
        "        └── ✗ snow  not in title or body, as it must be",
        "",
    ]


def test_of_a_dump_the_others_are_told_in_a_line_each(folder: Folder) -> None:
    """With the clause that decides; then how many of how many."""
    lines = folder.lines("water", folder.dump)
    assert lines[0] == "water matches: Water level of the lake falls"
    assert [re.split("  +", line) for line in lines if line[:6] in ("Summit", "Bakers")] == [
        ["Summit on rivers opens", "+water: not in title or body"],
        ["Bakers ask for cheaper flour", "+water: not in title or body"],
    ]
    assert lines[-1].startswith("1 of 3 articles matches water; -v or --title")


def test_a_near_miss_decides_before_all_else(folder: Folder) -> None:
    """Of the clauses that are not true the one whose words came near; many are counted."""
    assert folder.lines("flour", folder.dump)[-2].endswith(
        "cheap: only as a part of a longer word: 'cheaper'"
    )
    assert "any: word0, any: word1, any: word2 and 29 more: not in title or body" in (
        folder("choice", folder.dump).output
    )


def test_what_does_not_match_is_shown_in_full_where_it_is_asked_for(folder: Folder) -> None:
    """By its title, or with -v."""
    (heading, *lines) = folder.lines("flour", folder.dump, "--title", "bakers")
    assert heading == "flour does not match: Bakers ask for cheaper flour"
    assert lines[:3] == [
        "✗ AND",
        "├── ✗ cheap",
        "│     title 15-22  Bakers ask for [cheaper] flour  (only as a part of a longer word)",
    ]
    full = folder.lines("flour", folder.dump, "-v")
    assert [line for line in full if "does not match" in line][2] == heading


def test_the_articles_own_facts_are_passed_on(folder: Folder) -> None:
    """Views and time from the dump, source and language from the configuration."""
    (found, *others) = folder.rows("level", folder.dump)
    assert found["matched"]
    assert [reason["message"] for reason in found["reasons"][1:]] == [
        "it has 120 views",
        "its language is en",
        "its source is lake",
    ]
    assert not any(row["matched"] for row in others)


def test_json_has_the_reasons_in_a_row_and_in_the_tree(folder: Folder) -> None:
    """One object an article; every number of reasons, no bounds."""
    row = folder.rows("water", folder.dump)[1]
    assert set(row) == {"title", "rule", "matched", "reasons", "tree"}
    assert (row["title"], row["rule"], row["matched"]) == ("Summit on rivers opens", "water", False)

    def reasons(clause: dict[str, Any]) -> list[dict[str, Any]]:
        assert set(clause) == {"clause", "satisfied", "reasons", "parts"}
        return [*clause["reasons"], *(r for part in clause["parts"] for r in reasons(part))]

    assert reasons(row["tree"]) == row["reasons"]
    assert row["tree"]["satisfied"] is False
    assert row["tree"]["parts"][0] == {
        "clause": "+water",
        "satisfied": False,
        "reasons": [row["reasons"][0]],
        "parts": [],
    }


def test_long_lists_are_cut_to_what_decides(folder: Folder) -> None:
    """Of many alternatives those that are there, of many places the first; -v has all."""
    lines = folder.lines("choice", folder.dump, "--title", "summit")
    assert [line for line in lines if "✓" in line] == [
        "✓ OR",
        "├── ✓ any: summit",
        "├── ✓ any: talks",
    ]
    assert "└── and 30 more: 30 not true (-v shows them)" in lines
    lines = folder.lines("choice", folder.dump, "--title", "bakers")
    assert sum("✗ any" in line for line in lines) == MOST_PARTS
    assert sum("✗ any" in line for line in folder.lines("choice", folder.dump, "-v")) == 94

    lines = folder.lines("the", folder.dump, "--title", "level")
    assert sum("[the]" in line.lower() for line in lines) == MOST_PLACES
    assert "  and 5 more" in lines
    lines = folder.lines("the", folder.dump, "--title", "level", "-v")
    assert sum("[the]" in line.lower() for line in lines) == 8


def test_a_file_of_one_article_needs_no_asking(folder: Folder) -> None:
    """It is shown in full, without a sum."""
    one = folder.path / "lake-one.txt"
    one.write_text(DUMP.partition("\n\n")[0] + "\n", "utf-8")
    lines = folder.lines("choice", one)
    assert lines[0] == "choice does not match: Water level of the lake falls"
    assert lines[-1] == ""


def test_what_is_not_there_is_said(folder: Folder) -> None:
    """A rule, an article, a title, a readable file."""
    assert "there is no rule 'watr' in the configuration, only: water, level, flour" in (
        folder("watr", folder.dump, status=2).stderr
    )
    assert "no article of" in folder("water", folder.dump, "--title", "x", status=1).stderr
    assert "nothing is stored yet" in folder("water", "ffffffff", status=1).stderr
    assert "Is a directory" in folder("water", folder.path, status=1).stderr
    empty = folder.path / "empty.txt"
    empty.touch()
    assert "empty" in folder("water", empty, status=1).stderr
    assert not (folder.path / "state").exists(), "explaining makes no folder"


def test_of_very_many_rules_the_nearest_is_named(tmp_path: Path) -> None:
    """Not all of them."""
    config = tmp_path / "config.yaml"
    rules = [{"name": f"rule-{number}", "any": "x"} for number in range(100)]
    config.write_text(json.dumps({"rules": rules}), "utf-8")
    result = CliRunner().invoke(main, ["-c", str(config), "explain", "rule-1000", "x"])
    assert result.exit_code == 1
    assert result.stderr == "monitor: there is no rule 'rule-1000'; did you mean rule-10?\n"


# --------------------------------------------------------------------------- terminals


def on_terminal(folder: Folder, *arguments: str, **env: str) -> str:
    """What a terminal of 60 columns is sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 60, 0, 0))
    child = subprocess.Popen(
        [sys.executable, "-m", "monitor", "-c", folder.config, "explain", *arguments],
        env={"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8"} | env,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    sent = b""
    with suppress(OSError):  # Linux says EIO where the other end is closed
        while data := os.read(ours, 65536):
            sent += data
    os.close(ours)
    assert child.wait(30) == 0
    return sent.decode().replace("\r\n", "\n")


def test_a_terminal_has_colours_and_a_width(folder: Folder) -> None:
    """What was found is bold instead of in brackets, and no line is longer than it may be."""
    sent = on_terminal(folder, "water", str(folder.dump), "--title", "level")
    assert "\x1b[1mwater\x1b[0m" in sent
    assert "[Water]" not in sent
    assert "\x1b[32m✓\x1b[0m" in sent
    plain = ESCAPE.sub("", sent).splitlines()
    assert max(map(len, plain)) <= 60
    assert "├── ✓ +water" in plain


def test_no_colours_where_they_are_not_wanted(folder: Folder) -> None:
    """https://no-color.org: bold is no colour; a terminal that knows neither has brackets."""
    sent = on_terminal(folder, "water", str(folder.dump), "--title", "level", NO_COLOR="1")
    assert set(ESCAPE.findall(sent)) == {"\x1b[0m", "\x1b[1m", "\x1b[2m"}
    assert "\x1b[1mWater\x1b[0m" in sent
    sent = on_terminal(folder, "water", str(folder.dump), "--title", "level", TERM="dumb")
    assert "\x1b" not in sent
    assert "[Water]" in sent


def test_a_deep_tree_is_whole_on_a_narrow_terminal(folder: Folder) -> None:
    """Its lines are longer then; no clause is lost."""
    sent = on_terminal(folder, "deep", str(folder.dump), "--title", "level")
    assert sent.count("NOT ice") == sent.count(" snow") == 40


def test_plain_letters_where_the_output_has_no_others(folder: Folder) -> None:
    """No tree lines and no marks that such a locale cannot write."""
    env = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "LANG": "C", "PYTHONCOERCECLOCALE": "0"}
    sent = on_terminal(folder, "flour", str(folder.dump), "--title", "bakers", **env)
    plain = ESCAPE.sub("", sent).splitlines()
    assert plain[1] == "no  AND"
    assert plain[2] == "+-- no  cheap"
    assert sent.isascii()


def test_the_documentation_shows_what_is_so(tmp_path: Path) -> None:
    """The sample in docs/rules.md, by the configuration and a dump of the examples."""
    page = (ROOT / "docs" / "rules.md").read_text("utf-8")
    ((command, output),) = re.findall(r"```console\n\$ (monitor explain .*)\n([^`]*)```", page)
    shutil.copy(ROOT / "examples" / "config.yaml", tmp_path)
    _, _, rule, dump, *options = shlex.split(command)
    file = ROOT / "examples" / "dumps" / dump
    config = str(tmp_path / "config.yaml")
    result = CliRunner().invoke(main, ["-c", config, "explain", rule, str(file), *options])
    assert result.exit_code == 0
    assert result.stdout == output + "\n"
