"""Silences by hand, and what they kept from being told."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli import main
from monitor.model import AlertKind, Suppression, Withheld
from monitor.store import open_store

CONFIG = """\
sources: [{name: daily, match: "d*"}, {name: gazette, match: "g*"}]
rules:
  - {name: water, any: water, labels: {team: south}}
  - {name: dam, any: dam}
"""
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls the program in a folder with a configuration and an empty store."""
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text(CONFIG)
    open_store(f"sqlite:///{tmp_path}/state/monitor.db").close()
    return lambda *words: CliRunner().invoke(main, words)


def rows(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_silence_is_added_listed_and_ended(run: Run) -> None:
    """The id alone goes to standard output, for scripts; what it hits is said beside."""
    added = run("silence", "add", "rule=water", "--for", "2h", "--comment", "repairs")
    id_ = added.stdout.strip()
    assert len(id_) == 8
    assert "silences alerts of 1 of 2 rules: water\n" in added.stderr
    (listed,) = rows(run("silence", "--json", "list"))
    starts, until = (datetime.fromisoformat(str(listed[key])) for key in ("starts", "until"))
    assert until - starts == timedelta(hours=2)
    assert listed | {"starts": 0, "until": 0, "created": 0} == {
        "id": id_,
        "state": "active",
        "matchers": ["rule=water"],
        "starts": 0,
        "until": 0,
        "comment": "repairs",
        "created": 0,
        "creator": getpass.getuser(),
    }
    table = run("silence").stdout.splitlines()
    assert table[0].split() == ["id", "state", "matchers", "until", "by", "comment"]
    assert run("silence", "expire", id_[:5]).stdout == "1 silence ended\n"
    assert "nothing is silenced" in run("silence", "list").stderr
    assert [row["state"] for row in rows(run("silence", "list", "--all", "--json"))] == ["expired"]
    again = run("silence", "expire", id_)
    assert (again.exit_code, again.stderr) == (1, f"monitor: the silence {id_} is over already\n")


def test_a_silence_before_the_first_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is stored yet, and the first import may be what is to be silenced."""
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text(CONFIG)
    assert CliRunner().invoke(main, ["silence", "add", "rule=water", "--for", "1h"]).exit_code == 0
    assert len(rows(CliRunner().invoke(main, ["silence", "--json", "list"]))) == 1


def test_a_silence_may_begin_later(run: Run) -> None:
    """--for counts from its beginning; dates are those of the machine's zone."""
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    (made,) = rows(
        run("silence", "add", "kind=health", "--starts", str(day), "--for", "1d", "--json")
    )
    assert made["state"] == "pending"
    starts = datetime.fromisoformat(str(made["starts"]))
    assert starts == datetime.combine(day, datetime.min.time()).astimezone()
    assert made["silences"] == {"rules": [], "sources": ["daily", "gazette"]}
    assert made["warnings"] == []
    (listed,) = rows(run("silence", "list", "--json"))
    assert listed["state"] == "pending"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rule=watr"], ["there is no rule 'watr'; did you mean water?", "silences nothing that"]),
        (["rule=water", "tean=a"], ["there is no label 'tean'; did you mean team?"]),
        (["source=dayly"], ["there is no source 'dayly'; did you mean daily?"]),
        (["kind=old"], ["there is no kind 'old'"]),
        (["language=english"], ["not a language code: 'english'"]),
        (['rule=~".*"'], ["silences alerts of 2 of 2 rules: water, dam"]),
        (["source=daily"], ["2 of 2 rules: water, dam; alerts about the health of daily"]),
    ],
)
def test_what_a_silence_hits_is_said(run: Run, words: list[str], said: list[str]) -> None:
    """A slip is a warning: the rule may be about to come."""
    result = run("silence", "add", *words, "--for", "1h")
    assert result.exit_code == 0
    assert all(one in result.stderr for one in said)
    assert len(rows(run("silence", "list", "--json"))) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["water", "--for", "1h"], "not a matcher: 'water' (like rule=\"water\""),
        (['rule=~"("', "--for", "1h"], "not a regular expression: '('"),
        (["rule=water"], "say how long: either --for 2h or --until TIME"),
        (["rule=water", "--for", "1h", "--until", "2h"], "either --for 2h or --until TIME"),
        (["rule=water", "--for", "soon"], "not a duration: 'soon'"),
        (["rule=water", "--for", "0s"], "its end is in the past"),
        (["rule=water", "--for", "999999w"], "--for: the calendar has no such day"),
        (["rule=water", "--until", "2020-01-01"], "its end is in the past"),
        (["rule=water", "--until", "tomorrow"], "'tomorrow' is neither a date"),
        (["rule=water", "--until", "0001-01-01"], "'0001-01-01' is neither a date"),
        (["rule=water", "--until", "9999-12-30"], "--until: the calendar has no such day"),
        (["rule=water", "--until", "1h", "--starts", "2h"], "would end before it begins"),
        (["rule=water", "--for", "90000h", "--starts", "2020-01-01"], "cannot begin in the past"),
        (["--for", "1h"], "Missing argument 'MATCHER...'"),
    ],
)
def test_a_silence_that_cannot_be(run: Run, words: list[str], said: str) -> None:
    """Says what is wrong, and stores nothing."""
    result = run("silence", "add", *words)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert rows(run("silence", "list", "--all", "--json")) == []


def test_ids_that_are_none(run: Run) -> None:
    """All or none are ended."""
    id_ = run("silence", "add", "rule=dam", "--for", "1h").stdout.strip()
    result = run("silence", "expire", id_, "nothing")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "monitor: there is no silence 'nothing'; see: monitor silence list --all\n"
    )
    assert [row["state"] for row in rows(run("silence", "list", "--json"))] == ["active"]


def test_what_was_not_told_is_listed(run: Run, tmp_path: Path) -> None:
    """With its reason; by time, rule and article."""
    now = datetime.now(UTC)
    water = Suppression(
        now, "a1b2c3d4-0000", 2, AlertKind.REVISED, ("water", "dam"), "", Withheld.SILENCED,
        "silence 1a2b3c4d until 2026-02-20 13:00 UTC: repairs",
    )  # fmt: skip
    old = Suppression(
        now - timedelta(days=3), "ffff", 1, AlertKind.NEW, ("dam",), "desk", Withheld.OLD,
        "older than 7d",
    )  # fmt: skip
    with open_store(f"sqlite:///{tmp_path}/state/monitor.db") as store, store.health.batch() as tx:
        tx.withhold([water, old])
    table = run("suppressed").stdout.splitlines()
    assert table[0].split()[:4] == ["at", "article", "rev", "kind"]
    assert "silenced" in table[2] and "1a2b3c4d" in table[2] and "a1b2c3d4 " in table[2]
    assert "desk" in table[3]
    assert rows(run("suppressed", "--json", "--rule", "water")) == [
        {
            "at": now.isoformat(),
            "reason": "silenced",
            "detail": water.detail,
            "kind": "revised",
            "rules": ["water", "dam"],
            "article_id": "a1b2c3d4-0000",
            "revision": 2,
            "receiver": None,
        }
    ]
    assert [row["reason"] for row in rows(run("suppressed", "--json"))] == ["silenced", "old"]
    assert len(rows(run("suppressed", "--json", "--since", "1d"))) == 1
    assert len(rows(run("suppressed", "--json", "--article", "ffff"))) == 1
    assert "nothing was kept from being told" in run("suppressed", "--rule", "x").stderr
