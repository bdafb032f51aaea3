"""The outbox from the command line: one delivery whole, and what is done by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.cli import main
from monitor.model import (
    Alert,
    AlertKind,
    Claim,
    Destination,
    DumpInfo,
    Settlement,
    utcnow,
)
from monitor.store import Store, open_store
from tests.integration.telling import put

Run = Callable[..., Result]


def alert(number: int) -> Alert:
    return Alert(
        article_id=f"article-{number}",
        revision=1,
        kind=AlertKind.NEW,
        source="daily",
        title=f"Referendum\x1b[31m {number}",
        published=None,
        observed=utcnow(),
        views=None,
        rules=("referendum",),
        excerpt="",
        title_marks=(),
        excerpt_marks=(),
        url=f"http://monitor.test/articles/{number}",
        link=f"https://daily.example/{number}",
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    config = tmp_path / "config.yaml"
    config.write_text(
        json.dumps(
            {
                "inbox": "inbox",
                "state": "state",
                "rules": [{"name": "referendum", "any": ["referendum"]}],
                "receivers": [{"name": "console", "console_configs": [{}]}],
            }
        )
    )
    (tmp_path / "inbox").mkdir()

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["-c", str(config), "deliveries", *arguments])

    return run


@pytest.fixture
def claims(run: Run, tmp_path: Path) -> list[Claim]:
    """Three deliveries: one that was sent, one that is dead, one that waits for another attempt."""
    now = utcnow()
    with open_store(f"sqlite:///{tmp_path / 'state' / 'monitor.db'}") as store:
        dump = store.ingest.open_dump(DumpInfo("a" * 64, "dump.txt", "daily", 10, now))
        with store.ingest.batch(dump.id) as batch:
            for number in range(3):
                name = f"desk/webhook/{number}"
                to = Destination(name, "desk", "webhook")
                put(batch, to, [alert(number)], now=now, due=now)
        found = list(taken(store))
        sent, dead, waits = found
        later = now + timedelta(hours=1)
        store.outbox.settle(
            [
                Settlement.sent(sent, now, seconds=0.25, answer="204"),
                Settlement.failed(dead, now, error="404 NOT FOUND", retry_at=None),
                Settlement.failed(waits, now, error="503", retry_at=later, failures=1),
            ],
            owner="test",
            now=now,
        )
    return found


def taken(store: Store) -> Sequence[Claim]:
    return store.outbox.exchange(
        now=utcnow(),
        owner="test",
        lease=timedelta(minutes=2),
        limit=9,
        busy=(),
        max_items=9,
        base_url="",
    ).claims


def rows(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_show_has_all_of_one_delivery(run: Run, claims: list[Claim]) -> None:
    """What it tells with its address, each attempt with its answer, and why it is where it is; by
    the beginning of its id; nothing of a title that could move the cursor."""
    sent, dead, waits = claims
    shown = run("show", sent.key[4:14])
    assert shown.exit_code == 0
    for part in (
        sent.key,
        "desk/webhook/0",
        "Referendum",
        "https://daily.example/0",
        "0.25",
        "204",
    ):
        assert part in shown.stdout
    assert "\x1b" not in shown.stdout
    assert "dead: 404 NOT FOUND" in run("show", dead.key).stdout
    (whole,) = rows(run("show", "--json", waits.key))
    assert whole["why"].startswith("tried again ") and whole["why"].endswith(": 503")
    assert (whole["circuit"], whole["id"]) == ("closed", waits.key)
    (told,) = whole["alerts"]
    assert (told["article_id"], told["rules"]) == ("article-2", ["referendum"])
    (attempt,) = whole["tries"]
    assert (attempt["number"], attempt["outcome"], attempt["answer"]) == (1, "retry", "503")


@pytest.mark.parametrize("wanted", ["dlv_", "zzzzzzzz", "", "dlv_%"])
def test_an_id_that_is_nobodys(run: Run, claims: list[Claim], wanted: str) -> None:
    """Says so, with status 1."""
    for command in ("show", "retry", "drop"):
        result = run(command, wanted)
        assert (result.exit_code, result.stdout) == (1, "")


def test_both_forms_of_the_list(run: Run, claims: list[Claim]) -> None:
    """With and without its name; by state, receiver and time."""
    assert rows(run("--json")) == rows(run("list", "--json"))
    assert [row["state"] for row in rows(run("list", "--json", "--state", "dead"))] == ["dead"]
    assert len(rows(run("list", "--json", "--receiver", "desk", "--since", "1h"))) == 3
    assert rows(run("list", "--json", "--receiver", "nobody")) == []


def test_what_was_dropped_stays_so(run: Run, claims: list[Claim]) -> None:
    """It has its reason, and only by its id is it revived; what was sent cannot be dropped."""
    sent, dead, waits = claims
    dropped = run("drop", dead.key[:20], waits.key, "--reason", "an old\nserver")
    assert dropped.stdout == "2 deliveries dropped\n"
    assert run("drop", sent.key).exit_code == 1
    assert "dropped: an old server" in run("show", dead.key).stdout
    assert run("retry", "--all").stdout == "0 deliveries retried\n"
    assert run("retry", "--receiver", "desk").stdout == "0 deliveries retried\n"
    assert run("retry", dead.key).stdout == "1 delivery retried\n"
    (row,) = rows(run("--json", "--state", "pending"))
    assert (row["id"], row["attempts"], row["dropped"]) == (dead.key, 0, False)


@pytest.mark.parametrize("arguments", [(), ("dlv_1", "--all"), ("--all", "--receiver", "desk")])
def test_retry_wants_to_know_what(
    run: Run, claims: list[Claim], arguments: tuple[str, ...]
) -> None:
    """Ids, a receiver or all: one of them."""
    assert run("retry", *arguments).exit_code == 2
