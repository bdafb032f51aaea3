"""``routes show`` and ``routes test``."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli import main
from monitor.store import open_store

CONFIG = """\
sources: [{name: daily, match: "d*"}, {name: gazette}]
rules:
  - {name: water, any: water, labels: {team: south}, priority: high}
  - {name: dam, any: dam}
receivers: [{name: desk}, {name: archive}, {name: night}]
inhibit_rules:
  - {source_matchers: [check=drift], target_matchers: [rule=dam], equal: [source]}
route:
  receiver: desk
  group_by: [source]
  routes:
    - {receiver: archive, continue: true}
    - receiver: night
      matchers: ['team=~"s.*"', source=daily]
      group_wait: 10m
      routes:
        - matchers: [kind=dropped]
"""
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls the program in a folder with a configuration and nothing stored."""
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text(CONFIG)
    return lambda *words: CliRunner().invoke(main, words)


def document(result: Result) -> dict[str, object]:
    (line,) = result.stdout.splitlines()
    read: dict[str, object] = json.loads(line)
    return read


def test_the_tree_is_drawn(run: Run) -> None:
    """What a route does not say itself stands in parentheses."""
    result = run("routes", "show")
    assert result.exit_code == 0
    assert result.stdout == run("routes").stdout
    assert result.stdout.splitlines() == [
        "desk",
        "group_by source  (group_wait 1s)  (max_age 1w)",
        "├── archive  every alert  and on to the next",
        "│   (group_by source)  (group_wait 1s)  (max_age 1w)",
        '└── night  team=~"s.*" source=daily',
        "    (group_by source)  group_wait 10m  (max_age 1w)",
        "    └── (night)  kind=dropped",
        "        (group_by source)  (group_wait 10m)  (max_age 1w)",
    ]


def test_the_tree_as_json(run: Run) -> None:
    """A line for each route, with what it was handed."""
    rows = [json.loads(line) for line in run("routes", "show", "--json").stdout.splitlines()]
    assert [row["path"] for row in rows] == [
        "route",
        "route.routes[0]",
        "route.routes[1]",
        "route.routes[1].routes[0]",
    ]
    assert rows[3]["receiver"] == "night"
    assert rows[3]["matchers"] == ["kind=dropped"]
    assert {"receiver", "group_by", "group_wait"} <= set(rows[3]["inherited"])
    assert rows[1]["continue"] is True


def test_a_rules_name_brings_its_labels(run: Run) -> None:
    """And its priority; what is assumed is said."""
    result = run("routes", "test", "rule=water", "source=daily", "--expect", "night,archive")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[:6] == [
        "labels",
        '  rule="water"',
        '  source="daily"',
        '  kind="new"  (assumed)',
        '  priority="high"',
        '  team="south"',
    ]
    assert lines[6:15] == [
        "way",
        "  + route → desk",
        "    + routes[0] → archive  takes it, and on to the next",
        "        every alert",
        "    + routes[1] → night  takes it",
        '        team=~"s.*": yes',
        '        source="daily": yes',
        "      - routes[0] → night",
        '          kind="dropped": no, it is "new"',
    ]
    assert lines[15] == "told"
    assert lines[17].startswith("  night: ")
    assert lines[17].endswith(' (group_wait 10m), by route.routes[1], group source="daily"')


def test_what_is_given_counts_more(run: Run) -> None:
    """Than what the rule has; quotation marks as in a configuration are taken off."""
    found = document(run("routes", "test", "rule=water", 'team="north"', "--json"))
    assert found["labels"] == {
        "rule": "water",
        "team": "north",
        "kind": "new",
        "priority": "high",
    }
    assert found["warnings"] == ["no source is given: routes that ask for one are passed by"]
    health = document(run("routes", "test", "check=silent", "source=daily", "--json"))
    assert health["labels"] == {
        "check": "silent",
        "source": "daily",
        "kind": "health",
        "priority": "high",
        "state": "firing",
    }
    assert health["assumed"] == ["kind", "state", "priority"]


def test_others_than_expected_are_told(run: Run) -> None:
    """Status 1, and the difference both ways; sets are compared, not their order."""
    result = run("routes", "test", "rule=dam", "source=daily", "--expect", "desk")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "- desk: expected, and not told",
        "+ archive: told, and not expected",
    ]
    both = "routes", "test", "rule=water", "source=daily"
    assert run(*both, "--expect", "night", "--expect", "archive").exit_code == 0
    assert run(*both, "--expect", "archive").exit_code == 1


def test_when_it_would_be_told(run: Run) -> None:
    """At a moment to come as well."""
    at = datetime(2030, 1, 5, 12, tzinfo=UTC)
    found = document(
        run("routes", "test", "rule=water", "source=daily", "--at", at.isoformat(), "--json")
    )
    receivers = found["receivers"]
    assert isinstance(receivers, list)
    assert [one["due"] for one in receivers] == [
        (at + timedelta(seconds=1)).isoformat(),
        (at + timedelta(minutes=10)).isoformat(),
    ]


def test_what_is_silenced_is_said(run: Run, tmp_path: Path) -> None:
    """By which silence, at the moment asked for; what routes expect is told apart from it."""
    open_store(f"sqlite:///{tmp_path}/state/monitor.db").close()
    words = "routes", "test", "rule=dam", "source=daily", "--expect", "archive"
    made = run("silence", "add", "rule=dam", "--for", "2h", "--comment", "repairs")
    result = run(*words)
    assert result.exit_code == 0
    assert f"  nobody now: silence {made.stdout.strip()} until " in result.stdout
    assert " UTC: repairs\n" in result.stdout
    assert "nobody now" not in run(*words, "--at", "3h").stdout
    assert document(run(*words, "--json"))["withheld"] is not None


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["water"], 2, "not a label with its value: 'water' (like rule=water)"),
        (["rule=a", "rule=b"], 2, "rule is given twice"),
        (["rule=watr"], 1, "there is no rule 'watr'; did you mean water?"),
        (["tean=x", "source=daily"], 0, "there is no label 'tean'; did you mean team?"),
        (["source=dayly"], 0, "there is no source 'dayly'; did you mean daily?"),
        ([], 2, "Missing argument 'LABEL=VALUE...'"),
        (["rule=dam", "--at", "noon"], 2, "'noon' is neither a date"),
    ],
)
def test_wrong_input(run: Run, words: list[str], status: int, said: str) -> None:
    """Said in words; a label that is not there is a warning, as an alert may have it one day."""
    result = run("routes", "test", *words)
    assert result.exit_code == status
    assert said in result.stderr


def test_without_routes_the_first_receiver_is_told(run: Run) -> None:
    """And without receivers nobody."""
    file = Path("config.yaml")
    file.write_text("receivers: [{name: desk}, {name: other}]\n")
    assert run("routes").stdout.splitlines()[0] == "desk"
    assert run("routes", "test", "kind=new", "--expect", "desk").exit_code == 0
    file.write_text("rules: []\n")
    assert "nobody is told" in run("routes").stderr
    assert "nobody: there is no receiver" in run("routes", "test", "kind=new").stdout
