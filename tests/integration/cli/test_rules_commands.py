"""``rules test`` and ``rules lint`` as people and scripts call them."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner, Result

from monitor.app.app import App
from monitor.cli import main
from monitor.config import load_settings
from monitor.rules.lint import Check

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples"
DOCS = (ROOT / "docs" / "rules.md").read_text("utf-8")
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the example's configuration and tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MONITOR_CONFIG", raising=False)
    shutil.copy(EXAMPLES / "config.yaml", tmp_path)
    shutil.copy(EXAMPLES / "rules.test.yaml", tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in which a few dozen articles are stored."""
    folder = tmp_path_factory.mktemp("stocked")
    shutil.copy(EXAMPLES / "config.yaml", folder)
    settings = load_settings(folder / "config.yaml", {})
    inbox = settings.inbox.model_copy(update={"settle": timedelta(0)})
    inbox.path.mkdir()
    for dump in (EXAMPLES / "dumps").glob("*.txt"):
        shutil.copy(dump, inbox.path)
    more = [
        f"0{day % 9 + 1}.02.2026, 1{day % 10}:00 {day}\nGauge {day} of the river Skarn read\n"
        f"The keeper wrote {day * 7919 % 6007} into the book, Norland Today reports.\n"
        f"The next reading of gauge {day} is due in {day * 31 % 97} days.\n"
        for day in range(1, 9)
    ]
    (inbox.path / "norland-more.txt").write_text("".join(more), "utf-8")
    app = App(settings.model_copy(update={"inbox": inbox}), out=StringIO())
    app.open()
    try:
        assert app.run_once() == 0
        assert len(app.store.pages.articles()) >= 20
    finally:
        app.close()
    return folder


def call(*arguments: str | Path) -> Result:
    """The command, with standard output and standard error apart."""
    result = CliRunner().invoke(main, list(map(str, arguments)), prog_name="monitor")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def rows(result: Result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def lines_of(place: str) -> list[str]:
    """The commands and their output in the sections of docs/rules.md, by the first line."""
    (block,) = re.findall(rf"```console\n\$ monitor {place}\n(.*?)```", DOCS, re.S)
    return block.splitlines()


# --------------------------------------------------------------------------- test


def test_tests_that_pass(folder: Path) -> None:
    """One line, exit status 0; the example's tests are among them."""
    result = call("rules", "test", "rules.test.yaml")
    assert result.exit_code == 0
    assert result.stdout == "SUCCESS  rules.test.yaml: 10 tests\n"
    assert result.stderr == ""


def test_a_test_that_fails_says_what_is_missing_and_what_is_too_much(folder: Path) -> None:
    """With its place, the reasons why not, the evidence of what was not expected; status 1."""
    (folder / "wrong.yaml").write_text(
        "tests:\n"
        "- name: a mix-up\n"
        "  title: Referendums at the Northern Waters Summit\n"
        "  expect: [referendum, darvel]\n"
        "- title: Reservoirs\n"
        "  expect: [water-shortage]\n"
        "  evidence: {water-shortage: [reservoirs]}\n"
        "- {title: Flights, expect: []}\n",
        "utf-8",
    )
    result = call("rules", "test", "wrong.yaml")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "FAILED  wrong.yaml: 2 of 3 tests failed"
    assert lines[2] == "  wrong.yaml:2:3: a mix-up"
    assert lines[3] == "    - referendum  expected, and does not match"
    assert "        no   any: referendum [title 0-11]: only as a part of a longer word" in lines
    assert "    - darvel  expected, and does not match" in lines
    at = lines.index("    + summit  matches, and was not expected")
    assert lines[at + 1].startswith("        any: Northern Waters Summit [title 19-")
    at = lines.index("  wrong.yaml:5:3: Reservoirs")
    assert lines[at + 1 : at + 4] == [
        "      water-shortage  matches by other words than expected",
        "        - reservoirs",
        "        + Reservoirs",
    ]
    assert lines[-2:] == [
        "no test expects summit, air-travel, shipping, sorlund, kjelland, water-council",
        "FAILED: 2 of 3 tests",
    ]


def test_the_result_as_json(folder: Path) -> None:
    """A line for each test, those that pass too."""
    (folder / "wrong.yaml").write_text(
        "tests: [{title: Northern Waters Summit, expect: [darvel], evidence: {darvel: x}}]", "utf-8"
    )
    result = call("rules", "test", "rules.test.yaml", "wrong.yaml", "--json")
    assert result.exit_code == 1
    *good, bad = rows(result)
    assert [row["passed"] for row in good] == [True] * 10
    assert good[0] == {
        "file": "rules.test.yaml",
        "line": 8,
        "column": 5,
        "name": "a word of the list is enough",
        "passed": True,
        "matched": ["referendum"],
        "missing": [],
        "unexpected": [],
        "evidence": [],
    }
    assert (bad["file"], bad["line"], bad["passed"]) == ("wrong.yaml", 1, False)
    assert [missing["rule"] for missing in bad["missing"]] == ["darvel"]
    assert bad["missing"][0]["reasons"][0]["satisfied"] is False
    assert bad["unexpected"][0]["evidence"] == [
        {
            "clause": "any: Northern Waters Summit",
            "field": "title",
            "start": 0,
            "end": 22,
            "text": "Northern Waters Summit",
        }
    ]


def test_files_that_are_wrong_are_refused_together(folder: Path) -> None:
    """Every problem of every file, nothing on standard output, exit status 2."""
    (folder / "one.yaml").write_text("tests:\n- {title: a, expect: [refer]}\n- {}\n", "utf-8")
    (folder / "two.yaml").write_text("test: []\n", "utf-8")
    result = call("rules", "test", "one.yaml", "two.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "one.yaml:3:3: tests[1]: no article: give title, body or text",
        "two.yaml:1:1: tests: this key is needed and missing",
        "two.yaml:1:1: test: unknown key; did you mean tests?",
        "3 problems",
    ]
    (folder / "one.yaml").write_text("tests:\n- {title: a, expect: [referendm]}\n", "utf-8")
    result = call("rules", "test", "one.yaml", "rules.test.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "one.yaml:2:23: tests[0].expect[0]: there is no rule 'referendm'; did you mean"
        " referendum?\n"
    )


def test_wrong_rules_are_told_with_their_own_place(folder: Path) -> None:
    """Not with that of the tests."""
    (folder / "rules.yaml").write_text("rules:\n- {name: a, query: '(b'}\n", "utf-8")
    (folder / "t.yaml").write_text(
        "rule_files: rules.yaml\ntests: [{title: a, expect: []}]", "utf-8"
    )
    result = call("rules", "test", "t.yaml")
    assert result.exit_code == 2
    assert result.stderr.startswith("rules.yaml:2:")


@pytest.mark.parametrize("arguments", [[], ["none.yaml"], ["."]], ids=str)
def test_a_file_must_be_named(folder: Path, arguments: list[str]) -> None:
    """Wrong usage is said so."""
    result = call("rules", "test", *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: monitor rules test")


def test_the_tests_of_the_documentation(folder: Path) -> None:
    """They pass; with a word less in the rule they fail as shown."""
    (text,) = re.findall(r"```yml\n(rule_files:.*?)```", DOCS, re.S)
    (folder / "rules.test.yaml").write_text(text, "utf-8")
    assert call("rules", "test", "rules.test.yaml").exit_code == 0
    config = folder / "config.yaml"
    config.write_text(config.read_text("utf-8").replace(", less water", ""), "utf-8")
    result = call("rules", "test", "rules.test.yaml")
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if not line.startswith("no test")] == (
        lines_of("rules test rules.test.yaml")
    )


# --------------------------------------------------------------------------- lint


def test_nothing_to_object_to(folder: Path) -> None:
    """No finding; an archive that is not there yet is no mistake unless it is asked for."""
    result = call("rules", "lint")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "SUCCESS: nothing found in 9 rules\n"
    result = call("rules", "lint", "--archive")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing is stored yet" in result.stderr


def test_lint_shows_what_the_documentation_shows(folder: Path) -> None:
    """The sample configuration gives the sample output."""
    (text,) = re.findall(r"```yml\n(rules:.*?)```", DOCS, re.S)
    (folder / "config.yaml").write_text(text, "utf-8")
    result = call("rules", "lint")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == lines_of("rules lint")


def test_the_documentation_lists_every_check() -> None:
    """In the order of the code."""
    table = DOCS.partition("| check |")[2].partition("\n\n")[0]
    listed = [
        check
        for cells in re.findall(r"^\| (`.*?) \|", table, re.M)
        for check in re.findall(r"`([a-z-]+)`", cells)
    ]
    assert listed == list(get_args(Check))


def test_warnings_fail_only_where_that_is_asked_for(folder: Path) -> None:
    """Notes never do."""
    (folder / "config.yaml").write_text("rules: [{name: a, any: the}]", "utf-8")
    assert call("rules", "lint").exit_code == 0
    assert call("rules", "lint", "--strict").exit_code == 1
    (folder / "config.yaml").write_text("rules: [{name: a, any: [a b c, b c]}]", "utf-8")
    result = call("rules", "lint", "--strict")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "SUCCESS: 1 note in 1 rule"


def test_findings_as_json(folder: Path) -> None:
    """One a line, with the place."""
    (folder / "config.yaml").write_text("rules:\n- {name: a, query: x AND NOT x}\n", "utf-8")
    result = call("rules", "lint", "--json")
    assert result.exit_code == 1
    assert rows(result) == [
        {
            "file": "config.yaml",
            "line": 2,
            "column": 13,
            "path": "rules[0].query",
            "rule": "a",
            "severity": "error",
            "check": "unreachable",
            "message": "the rule can never match: x and NOT x exclude each other",
        }
    ]


def test_very_many_findings_of_one_check_are_cut_short(folder: Path) -> None:
    """But not for scripts, and not those of another check."""
    many = "".join(f"- {{name: r{n}, any: [w{n}, w{n}]}}\n" for n in range(30))
    (folder / "config.yaml").write_text(f"rules:\n{many}- {{name: z, any: the}}\n", "utf-8")
    lines = call("rules", "lint").stdout.splitlines()
    assert len(lines) == 20 + 1 + 1 + 1
    assert lines[-3].endswith("[common-word]")
    assert lines[-2] == "... and 10 more of repeated (--json has all)"
    assert lines[-1] == "SUCCESS: 31 warnings in 31 rules"
    assert len(rows(call("rules", "lint", "--json"))) == 31


def test_rules_are_tried_on_the_archive(stocked: Path, folder: Path) -> None:
    """Those that match too much of it and those that match nothing, unless that is not wanted."""
    text = (stocked / "config.yaml").read_text("utf-8")
    rules = "rules:\n  - {name: comet, any: comet}\n  - {name: agency, any: Norland Today}\n"
    config = stocked / "more.yaml"
    config.write_text(text.replace("rules:\n", rules, 1), "utf-8")
    result = call("-c", config, "rules", "lint", "--json")
    found = {(row["rule"], row["check"]): row for row in rows(result)}
    assert {("comet", "never"), ("agency", "share")} <= set(found)
    line = config.read_text("utf-8").splitlines()[found["agency", "share"]["line"] - 1]
    assert line == "  - {name: agency, any: Norland Today}"
    assert result.exit_code == 0
    assert call("-c", config, "rules", "lint", "--strict").exit_code == 1
    wide = rows(call("-c", config, "rules", "lint", "--share", "1", "--json"))
    assert "share" not in {row["check"] for row in wide}
    assert rows(call("-c", config, "rules", "lint", "--no-archive", "--json")) == []
    few = call("-c", config, "rules", "lint", "--newest", "5")
    assert few.stdout == (
        "SUCCESS: nothing found in 11 rules; only 5 articles were looked at, too few to judge by\n"
    )


# --------------------------------------------------------------------------- on a terminal


def on_terminal(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit status and what a terminal of 60 columns is sent."""
    ours, theirs = pty.openpty()
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    child = subprocess.Popen(
        [sys.executable, "-m", "monitor", *arguments],
        cwd=folder,
        env=clean | {"TERM": "xterm-256color", "COLUMNS": "60", "LANG": "C.UTF-8"},
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
    return child.wait(30), sent.decode().replace("\r\n", "\n")


def test_findings_fit_the_terminal(stocked: Path) -> None:
    """Broken at blanks, the rest of a finding indented; in colours."""
    (stocked / "bad.yaml").write_text(
        "state: state\nrules:\n"
        "- {name: council, entity: {name: Water Council, kind: organisation, aliases: Head}}\n"
        "- {name: agency, any: Norland Today}\n",
        "utf-8",
    )
    status, coloured = on_terminal(stocked, "-c", "bad.yaml", "rules", "lint")
    assert status == 0
    assert "\x1b[33m" in coloured
    plain = ESCAPE.sub("", coloured)
    lines = plain[plain.index("bad.yaml:3") :].splitlines()
    assert all(len(line) <= 60 for line in lines)
    heads = [line for line in lines if line.startswith("bad.yaml")]
    assert [line.split()[2] for line in heads] == ["council:", "council:", "agency:"]
    others = [line for line in lines if line not in heads and not line.startswith("SUCCESS")]
    assert all(line.startswith("    ") for line in others)
    assert "'Head' is a common word, so this is found" in " ".join(" ".join(lines).split())
