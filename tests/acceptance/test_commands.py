"""Every command as users and scripts call it: output, exit status, messages."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from .forked import ForkServer
from .program import (
    SAMPLES,
    Ended,
    Program,
    article,
    configure,
    free_port,
    tables,
)

# --------------------------------------------------------------------------- a stocked store


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory, forks: ForkServer) -> Program:
    """Three sample dumps are stored; one delivery was sent, one waits for a port nobody has."""
    program = Program(tmp_path_factory.mktemp("stocked"), forks=forks)
    configure(
        program.folder,
        receivers=[
            {"name": "console", "console_configs": [{}]},
            {
                "name": "far",
                "webhook_configs": [{"url": f"http://127.0.0.1:{free_port()}/?token=geheim"}],
            },
        ],
        route={
            "receiver": "console",
            "routes": [
                {"receiver": "far", "matchers": ['rule="summit"'], "continue": True},
                {"receiver": "console"},
            ],
        },
    )
    for sample in SAMPLES[:3]:
        shutil.copy(sample, program.folder / "inbox")
    ended = program("run", "--once")
    assert ended.status == 0, ended.err
    return program


def text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def count(value: Any) -> bool:
    return type(value) is int and value >= 0


def moment(value: Any) -> bool:
    """ISO 8601 with an offset."""
    return text(value) and datetime.fromisoformat(value).tzinfo is not None


def day(value: Any) -> bool:
    return date.fromisoformat(value).isoformat() == value


def names(value: Any) -> bool:
    return isinstance(value, list) and all(map(text, value))


def rate(value: Any) -> bool:
    return isinstance(value, float) and value >= 0


def share(value: Any) -> bool:
    return isinstance(value, float) and 0 <= value <= 1


def one_of(*values: object) -> Callable[[Any], bool]:
    return lambda value: value in values


def or_null(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def evidence(value: Any) -> bool:
    return isinstance(value, list) and all(
        set(piece) == {"clause", "field", "start", "end", "text"}
        and text(piece["clause"])
        and piece["field"] in ("title", "body")
        and piece["end"] - piece["start"] == len(piece["text"]) > 0
        for piece in value
    )


FIELDS: dict[str, dict[str, Callable[[Any], bool]]] = {
    "parse": {
        "dump": text,
        "index": count,
        "title": text,
        "published": or_null(moment),
        "views": or_null(count),
        "body": text,
        "crawled": or_null(day),
        "source": text,
        "confidence": share,
        "flags": names,
        "url": or_null(text),
        "language": or_null(text),
    },
    "dumps": {
        "id": count,
        "sha256": lambda value: re.fullmatch("[0-9a-f]{64}", value) is not None,
        "name": text,
        "source": text,
        "size": count,
        "received": moment,
        "crawled": or_null(day),
        "articles": count,
        "new": count,
        "revised": count,
        "unchanged": count,
        "duplicate": count,
        "quarantined": count,
        "state": one_of("ingesting", "done", "partial", "quarantined"),
        "reason": or_null(text),
        "copies": count,
    },
    "articles": {
        "id": lambda value: re.fullmatch("[0-9a-f-]{36}", value) is not None,
        "source": text,
        "title": text,
        "published": or_null(moment),
        "first_seen": moment,
        "last_seen": moment,
        "revision": count,
        "views": or_null(count),
        "growth": or_null(rate),
        "copies": names,
        "rules": names,
        "updated": moment,
        "confidence": share,
    },
    "matches": {
        "article_id": text,
        "title": text,
        "rule": text,
        "revision": count,
        "evidence": evidence,
    },
    "deliveries": {
        "id": text,
        "receiver": text,
        "channel": one_of("console", "webhook"),
        "destination": text,
        "rules": names,
        "articles": names,
        "total": count,
        "state": one_of("pending", "sending", "sent", "dead"),
        "attempts": count,
        "created": moment,
        "next_attempt": or_null(moment),
        "last_error": or_null(text),
        "kind": one_of("alerts", "digest", "held", "storm", "backfill"),
        "grouping": lambda value: isinstance(value, str),
        "sent_at": or_null(moment),
        "dropped": lambda value: isinstance(value, bool),
    },
    "explain": {
        "title": text,
        "rule": text,
        "matched": lambda value: isinstance(value, bool),
        "reasons": lambda value: isinstance(value, list) and len(value) > 0,
        "tree": lambda value: set(value) == {"clause", "satisfied", "reasons", "parts"},
    },
    "status": {
        "running": lambda value: isinstance(value, bool),
        "inbox_waiting": count,
        "last_dump": moment,
        "dumps": count,
        "articles": count,
        "revisions": count,
        "matches": count,
        "quarantined": count,
        "quarantined_dumps": count,
        "deliveries": lambda value: set(value) == {"pending", "sending", "sent", "dead"},
        "delivery_lag_seconds": lambda value: isinstance(value, float),
        "deliveries_held": count,
        "deliveries_held_until": or_null(moment),
        "destinations": lambda value: isinstance(value, list),
        "conditions": lambda value: isinstance(value, list),
        "problems": lambda value: isinstance(value, list),
    },
}


@pytest.fixture(scope="module")
def answers(stocked: Program) -> dict[str, Ended]:
    """What each of these commands says with ``--json``."""
    arguments: dict[str, tuple[str | Path, ...]] = {
        "parse": (SAMPLES[0], SAMPLES[1], SAMPLES[2]),
        "explain": ("summit", SAMPLES[0]),
    }
    commands = [("--json", command, *arguments.get(command, ())) for command in FIELDS]
    return dict(zip(FIELDS, stocked.each(*commands), strict=True))


@pytest.mark.parametrize("command", FIELDS)
def test_json_has_the_promised_fields(answers: dict[str, Ended], command: str) -> None:
    """One object a line on standard output, with these names, in this order, of these types."""
    ended = answers[command]
    assert (ended.status, ended.err) == (0, "")
    assert ended.rows
    for row in ended.rows:
        assert list(row) == list(FIELDS[command])
        wrong = {name: row[name] for name, good in FIELDS[command].items() if not good(row[name])}
        assert wrong == {}


def test_parse_gives_every_article_in_order(program: Program) -> None:
    """Titles, times with their zone's offset, counters, paragraphs; no configuration needed."""
    ended = program("parse", "--json", SAMPLES[0])
    assert [row["index"] for row in ended.rows] == list(range(7))
    first = ended.rows[0]
    assert first["dump"] == "norland-2026-03-02.txt"
    assert first["title"] == "Norland and Kestria Discuss Direct Flights"
    assert first["published"] == "2026-03-02T09:40:00+00:00"  # no profile: UTC
    assert (first["views"], first["crawled"], first["source"]) == (1240, "2026-03-02", "default")
    assert first["body"].count("\n") >= 4
    assert (first["confidence"], first["flags"]) == (0.85, ["no-lead"])  # "Images" stands there
    configure(program.folder)
    zoned = program("parse", "--json", SAMPLES[0]).rows[0]
    assert zoned["published"] == "2026-03-02T09:40:00+01:00"
    assert zoned["source"] == "norland-today"


def test_json_and_config_may_stand_before_and_after_the_command(
    stocked: Program, answers: dict[str, Ended], tmp_path: Path
) -> None:
    """``-c FILE`` on either side, ``$MONITOR_CONFIG``, ``./config.yaml``: the same answer."""
    config = str(stocked.folder / "config.yaml")
    elsewhere = replace(stocked, folder=tmp_path)
    named = replace(elsewhere, env={"MONITOR_CONFIG": config})
    both = elsewhere.each(("-c", config, "--json", "dumps"), ("dumps", "--json", "-c", config))
    said = {ended.out for ended in (*both, named("dumps", "--json"))}
    assert said == {answers["dumps"].out}
    # what stands at the command wins over what the environment says
    assert named("-c", tmp_path / "none.yaml", "dumps").status == 2


def test_without_a_configuration_commands_say_so(program: Program) -> None:
    """Exit status 2; the message says what would help."""
    ended = program("dumps")
    assert (ended.status, ended.out) == (2, "")
    assert "no config.yaml" in ended.err
    assert "monitor init" in ended.err
    ended = program("-c", "elsewhere.yaml", "dumps")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == "elsewhere.yaml:1:1: cannot be read: No such file or directory\n"


# --------------------------------------------------------------------------- the way in


def test_init_makes_what_runs(program: Program) -> None:
    """What ``init`` writes passes ``check-config`` and runs; a second ``init`` changes nothing."""
    ended = program("init", "press")
    assert ended.status == 0, ended.err
    folder = program.folder / "press"
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.schema.json",
        "config.yaml",
        "inbox",
        "state",
    ]
    checked = program("-c", "press/config.yaml", "check-config")
    assert checked.status == 0
    assert checked.out.splitlines()[-1] == "SUCCESS"
    shutil.copy(SAMPLES[0], folder / "inbox")
    ran = program("-c", "press/config.yaml", "run", "--once", "--json")
    assert ran.status == 0, ran.err
    assert ran.rows[0]["new"] == 7

    text = (folder / "config.yaml").read_bytes() + b"# mine\n"
    (folder / "config.yaml").write_bytes(text)
    again = program("init", "press")
    assert (again.status, again.out) == (1, "")
    assert "there already" in again.err
    assert (folder / "config.yaml").read_bytes() == text


def test_check_config_shows_what_it_found(stocked: Program) -> None:
    """Sources, rules, receivers, routes and SUCCESS, for people and for scripts; no secret."""
    ended = stocked("check-config")
    assert ended.status == 0
    for part in ("norland-today", "referendum", "far (1 webhook)", 'rule="summit" -> far'):
        assert part in ended.out
    assert ended.out.splitlines()[-1] == "SUCCESS"
    assert "geheim" not in ended.out + ended.err
    (row,) = stocked("check-config", "--json").rows
    assert row["rules"] == ["referendum", "summit", "darvel"]
    assert row["receivers"] == ["console", "far"]
    assert row["result"] == "SUCCESS"


def test_check_config_uses_the_compiled_rules_that_the_daemon_keeps(program: Program) -> None:
    """Rules of files are read once where the daemon keeps them, and again when they changed;
    where it keeps none, checking leaves nothing behind."""
    rules = program.folder / "more.yaml"
    rules.write_text("rules: [{name: water, any: [water]}]")
    (program.folder / "config.yaml").write_text(
        "inbox: ./inbox\nstate: ./state\nrule_files: [more.yaml]\n"
    )
    assert program("check-config").status == 0
    kept = program.folder / "state" / "cache"
    assert not kept.exists()
    kept.mkdir(parents=True)
    for _ in range(2):
        (row,) = program("check-config", "--json").rows
        assert row["rules"] == ["water"]
        assert len(list(kept.glob("*.rules"))) == 1
    rules.write_text("rules: [{name: water, query: '(water'}]")
    ended = program("check-config")
    assert (ended.status, "more.yaml:1:" in ended.err) == (2, True)


def test_check_config_names_every_error_with_its_place(program: Program) -> None:
    """``file:line:column: key.path: message`` for each, in file order; exit status 2."""
    (program.folder / "config.yaml").write_text(
        "inbox: ./inbox\n"
        "sources:\n"
        "  - name: one\n"
        "    zone: Asia/Almati\n"
        "rules:\n"
        "  - name: water\n"
        "    any: [water]\n"
        "  - colour: blue\n"
        "    name: rain\n"
        "    any: [rain]\n"
        "web: {port: 99999}\n"
    )
    ended = program("check-config")
    assert (ended.status, ended.out) == (2, "")
    lines = ended.err.splitlines()
    assert [line.split(": ")[:2] for line in lines[:-1]] == [
        ["config.yaml:4:5", "sources[0].zone"],
        ["config.yaml:8:5", "rules[1].colour"],
        ["config.yaml:11:7", "web.port"],
    ]
    assert lines[-1] == "3 problems"
    rows = program("check-config", "--json")
    assert rows.status == 2
    assert list(rows.rows[0]) == ["file", "line", "column", "path", "message"]
    assert (rows.rows[0]["line"], rows.rows[0]["path"]) == (4, "sources[0].zone")
    # and nothing starts with it
    assert program("run", "--once").status == 2
    assert not (program.folder / "state").exists()


# --------------------------------------------------------------------------- parse, explain


def test_parse_goes_on_after_a_bad_file(program: Program) -> None:
    """Good, bad and missing files together: the good are printed, each other is named; status 1."""
    (program.folder / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    (program.folder / "empty.txt").touch()
    (program.folder / "folder").mkdir()
    files = ("empty.txt", SAMPLES[0], "missing.txt", "picture.txt", "folder", SAMPLES[1])
    ended = program("parse", "--json", *files)
    assert ended.status == 1
    assert {row["dump"] for row in ended.rows} == {SAMPLES[0].name, SAMPLES[1].name}
    said = dict(line.split(": ", 1) for line in ended.err.splitlines())
    assert list(said) == ["empty.txt", "missing.txt", "picture.txt", "folder"]
    assert said["missing.txt"] == "No such file or directory"
    assert said["folder"] == "Is a directory"
    assert "empty" in said["empty.txt"]
    assert "not a dump" in said["picture.txt"]


def test_parse_shows_what_a_profile_says_of_a_record(program: Program) -> None:
    """Its address and its language too; and a time that is far ahead, as at ingest."""
    record = {"title": "A", "body": "B.", "date": "2999-01-05T13:14:00Z", "lang": "kk-KZ"}
    (program.folder / "a.json").write_text(json.dumps({**record, "url": "https://a.example/1"}))
    (row,) = program("parse", "--json", "a.json").rows
    assert (row["url"], row["language"]) == ("https://a.example/1", "kk")
    assert row["flags"] == ["future-time"]
    assert "https://a.example/1" in program("parse", "a.json").out


def test_parse_takes_a_profile_by_name(program: Program) -> None:
    """``--source`` overrides the file name's choice; an unknown one is wrong usage."""
    configure(program.folder)
    dump = program.folder / "other.txt"
    shutil.copy(SAMPLES[0], dump)
    assert program("parse", "--json", dump).rows[0]["source"] == "default"
    ended = program("parse", "--json", "--source", "norland-today", dump)
    assert ended.rows[0]["source"] == "norland-today"
    ended = program("parse", "--source", "nobody", dump)
    assert ended.status == 2
    assert "norland-today" in ended.err


def test_explain_says_why_and_why_not(stocked: Program, answers: dict[str, Ended]) -> None:
    """A file, an id and an id's first characters; the spans are those of the stored match."""
    match = next(row for row in answers["matches"].rows if row["rule"] == "summit")
    whole, short, not_so = stocked.each(
        ("explain", "--json", "summit", match["article_id"]),
        ("explain", "--json", "summit", match["article_id"][:8]),
        ("explain", "darvel", match["article_id"][:8]),
    )
    (row,) = whole.rows
    assert (row["title"], row["matched"]) == (match["title"], True)
    found = [reason for reason in row["reasons"] if reason["start"] is not None]
    assert {(r["field"], r["start"], r["end"], r["text"]) for r in found} >= {
        (e["field"], e["start"], e["end"], e["text"]) for e in match["evidence"]
    }
    assert short.out == whole.out

    assert not_so.status == 0
    assert "darvel does not match" in not_so.out
    assert "D'Arvel" in not_so.out

    of_file = answers["explain"].rows
    assert [row["matched"] for row in of_file].count(True) == 1
    assert len(of_file) == 7


def test_explain_refuses_what_is_not_there(stocked: Program) -> None:
    """An unknown rule is wrong usage and the known ones are named; an unknown article fails."""
    rule, *targets, less = stocked.each(
        ("explain", "rain", SAMPLES[0]),
        ("explain", "summit", "ffffffff"),
        ("explain", "summit", "no-such-file.txt"),
        ("explain", "summit"),
    )
    assert (rule.status, rule.out) == (2, "")
    assert "referendum, summit, darvel" in rule.err
    for ended in targets:
        assert (ended.status, ended.out) == (1, "")
        assert "neither a file nor the id" in ended.err
    assert less.status == 2


# --------------------------------------------------------------------------- what is stored


def test_the_ledger_adds_up(stocked: Program, answers: dict[str, Ended]) -> None:
    """Newest dump first; articles = new + revised + unchanged + duplicate + quarantined."""
    rows = answers["dumps"].rows
    assert [row["name"] for row in rows] == [sample.name for sample in reversed(SAMPLES[:3])]
    parts = ("new", "revised", "unchanged", "duplicate", "quarantined")
    assert all(row["articles"] == sum(row[part] for part in parts) for row in rows)
    assert sum(row["new"] for row in rows) == len(answers["articles"].rows) == 12
    assert stocked("dumps", "--json", "--limit", "1").rows == rows[:1]


def test_articles_are_chosen_by_rule_and_time(stocked: Program, answers: dict[str, Ended]) -> None:
    """``--rule`` those it matches now, ``--since`` those that changed since."""
    rows = answers["articles"].rows
    updated = [row["updated"] for row in rows]
    assert updated == sorted(updated, reverse=True)
    revised = next(row for row in rows if row["revision"] == 2)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    chosen, since, hour, none, unknown = stocked.each(
        ("articles", "--json", "--rule", "summit"),
        ("articles", "--json", "--since", revised["updated"]),
        ("articles", "--json", "--since", "1h"),
        ("articles", "--json", "--since", tomorrow),
        ("articles", "--rule", "rain"),
    )
    assert chosen.rows == [row for row in rows if "summit" in row["rules"]] != []
    assert since.rows == [row for row in rows if row["updated"] >= revised["updated"]] != rows
    assert hour.rows == rows
    assert (none.status, none.out) == (0, "")
    assert (unknown.status, unknown.out) == (0, "")
    assert "no rule 'rain'" in unknown.err


def test_matches_carry_evidence_in_the_original_text(
    stocked: Program, answers: dict[str, Ended]
) -> None:
    """Offsets are characters of the title or body that ``parse`` prints for the same dump."""
    texts = {row["title"]: row for row in answers["parse"].rows}
    rows = answers["matches"].rows
    assert {row["rule"] for row in rows} == {"referendum", "summit", "darvel"}
    for row in rows:
        assert row["evidence"]
        for piece in row["evidence"]:
            original = texts[row["title"]][piece["field"]]
            assert original[piece["start"] : piece["end"]] == piece["text"]
    chosen = stocked("matches", "--json", "--rule", "darvel").rows
    assert chosen == [row for row in rows if row["rule"] == "darvel"] != []


def test_deliveries_show_what_waits_and_why(stocked: Program, answers: dict[str, Ended]) -> None:
    """By state; a waiting one says when it is tried again and what went wrong, no secret."""
    sent, waits, wrong, table = stocked.each(
        ("deliveries", "--json", "--state", "sent"),
        ("deliveries", "--json", "--state", "pending"),
        ("deliveries", "--state", "lost"),
        ("deliveries",),
    )
    (row,) = sent.rows
    assert (row["receiver"], row["attempts"], row["last_error"]) == ("console", 1, None)
    assert row["next_attempt"] is None
    (row,) = waits.rows
    assert (row["receiver"], row["channel"], row["rules"]) == ("far", "webhook", ["summit"])
    assert row["attempts"] >= 1
    assert datetime.fromisoformat(row["next_attempt"]) > datetime.fromisoformat(row["created"])
    assert "refused" in row["last_error"]
    assert wrong.status == 2
    assert "geheim" not in table.out + answers["deliveries"].out


def test_status_tells_what_is_stuck(stocked: Program, answers: dict[str, Ended]) -> None:
    """Status 0 and no problem; a file that waits without a daemon is one, and status 1."""
    (row,) = answers["status"].rows
    assert (row["running"], row["inbox_waiting"], row["problems"]) == (False, 0, [])
    assert (row["dumps"], row["articles"], row["revisions"]) == (3, 12, 13)
    waiting = [stocked.folder / "inbox" / name for name in ("waiting.txt", ".never-read")]
    try:
        for file in waiting:
            file.touch()
        ended = stocked("status")
    finally:
        for file in waiting:
            file.unlink()
    assert ended.status == 1
    assert "1 files wait in the inbox and no daemon runs" in ended.out


def test_retry_and_replay_count_what_they_did(program: Program) -> None:
    """``retry`` by id, ``replay`` by time: what a round then sends has its old id."""
    configure(program.folder)
    shutil.copy(SAMPLES[0], program.folder / "inbox")
    assert program("run", "--once").status == 0
    (before,) = program("deliveries", "--json").rows
    assert before["state"] == "sent"

    wrong = program.each(
        ("deliveries", "retry"),
        ("deliveries", "retry", before["id"], "--all-dead"),
        ("deliveries", "replay"),
        ("deliveries", "replay", "--since", "yesterday"),
        ("deliveries", "retry", "dlv_nobody"),
        ("deliveries", "retry", before["id"]),  # it was sent: replay is what is meant
    )
    assert [(ended.status, bool(ended.err)) for ended in wrong] == [(2, True)] * 4 + [(1, True)] * 2
    assert program("deliveries", "--json", "retry", "--all-dead").rows == [{"retried": 0}]

    assert program("deliveries", "replay", "--since", "1h", "--json").rows == [{"replayed": 1}]
    (again,) = program("deliveries", "--json", "--state", "pending").rows
    assert again["id"] == before["id"]
    assert program("deliveries", "retry", before["id"]).out == "1 delivery retried\n"
    assert "NEW      Norland and Kestria" not in program("run", "--once").err
    (after,) = program("deliveries", "--json").rows
    assert (after["id"], after["state"]) == (before["id"], "sent")


# --------------------------------------------------------------------------- how it looks


def test_tables_are_aligned_and_whole_in_a_pipe(
    stocked: Program, answers: dict[str, Ended]
) -> None:
    """No colour, nothing cut, each cell under its heading, whatever COLUMNS says."""
    narrow = replace(stocked, env={"COLUMNS": "20", "FORCE_COLOR": "1"})
    known = {"dumps": "name", "articles": "title", "matches": "title", "deliveries": "id"}
    for command, ended in zip(known, narrow.each(*((name,) for name in known)), strict=True):
        assert (ended.status, ended.err) == (0, "")
        assert "\x1b" not in ended.out
        assert "…" not in ended.out
        assert not any(line.endswith(" ") for line in ended.out.splitlines())
        rows = answers[command].rows
        for cells, row in zip(tables(ended.out), rows, strict=True):
            assert row[known[command]] in cells


def test_what_a_dump_holds_cannot_steer_the_terminal(program: Program) -> None:
    """Escape sequences in titles, paragraphs and names are not passed on."""
    configure(program.folder)
    hostile = "Referendum \x1b[31mred\x1b]0;title\x07 in \x9b2J Norland \x7f set"
    name = "norland-\x1b[2J.txt"
    body = "The referendum \x1b[5mblinks\x1b[0m, the press service reports."
    (program.folder / "inbox" / name).write_text(article(hostile, body), "utf-8")
    bad = re.compile("[\x00-\x09\x0b-\x1f\x7f\x80-\x9f]")
    before = program.each(("parse", f"inbox/{name}"), ("explain", "referendum", f"inbox/{name}"))
    run = program("run", "--once")
    after = program.each(("articles",), ("matches",), ("dumps",))
    for ended in (*before, run, *after):
        assert ended.status == 0
        assert "orland" in ended.out or ended is run
        assert bad.search(ended.out) is None
        assert bad.search(ended.err) is None


def test_run_once_sums_up(program: Program) -> None:
    """A line for people; with ``--json`` one object and nothing else on standard output."""
    configure(program.folder)
    for sample in SAMPLES[:3]:
        shutil.copy(sample, program.folder / "inbox")
    shutil.copy(SAMPLES[0], program.folder / "inbox" / "norland-again.txt")
    ended = program("run", "--once", "--json")
    (row,) = ended.rows
    assert (row["files"], row["seen_before"], row["articles"]) == (4, 1, 23)
    assert (row["new"], row["revised"], row["unchanged"]) == (12, 1, 10)
    assert (row["duplicate"], row["quarantined"], row["failed"]) == (0, 0, [])
    assert all(json.loads(line)["event"] for line in ended.err.splitlines() if line[:1] == "{")
    assert program("run", "--once").out == (
        "0 files, 0 articles: 0 new, 0 revised, 0 unchanged, 0 duplicate, 0 quarantined;"
        " 0 matches, 0 alerts\n"
    )


def test_any_locale_will_do(stocked: Program) -> None:
    """JSON stays UTF-8; what people read may lose letters but never ends the program."""
    for locale in (
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
    ):
        program = Program(stocked.folder, env=locale)
        whole, *others = program.each(("parse", "--json", SAMPLES[0]), ("parse", SAMPLES[0]))
        assert any("Luc D’Arvel" in row["body"] for row in whole.rows)
        for ended in others:
            assert (ended.status, ended.err) == (0, "")
            assert "Norland and Kestria" in ended.out
    ended = Program(stocked.folder, env={"PYTHONIOENCODING": "ascii"})("matches")
    assert (ended.status, ended.err) == (0, "")
    assert "Luc D" in ended.out


def test_a_closed_or_full_output_is_no_crash(stocked: Program) -> None:
    """``>&-`` goes nowhere, quietly; ``>/dev/full`` is said, with status 1."""
    monitor = f"{sys.executable} -m monitor"
    for redirection, status, said in (
        (">&-", 0, ""),
        (">/dev/full", 1, "monitor: No space left on device\n"),
    ):
        for command in ("dumps --json", "check-config", f"parse '{SAMPLES[0]}'"):
            done = subprocess.run(
                ["sh", "-c", f"{monitor} {command} {redirection}"],
                cwd=stocked.folder,
                env=stocked.environment,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
            assert (done.returncode, done.stderr) == (status, said)


def test_a_reader_that_leaves_is_no_error(program: Program) -> None:
    """``monitor parse … | head -1``: no traceback, no message."""
    big = program.folder / "big.txt"
    big.write_text("".join(article(f"Council {n} Meets in Haldenby") for n in range(4000)), "utf-8")
    for arguments in (("parse", "big.txt"), ("parse", "--json", "big.txt")):
        child = program.start(*arguments)
        assert child.stdout is not None
        assert child.stdout.readline()
        child.stdout.close()
        assert child.wait(30) in (0, 1)
        assert (program.folder / "err").read_text() == ""


# --------------------------------------------------------------------------- wrong usage


def test_wrong_usage_is_said_in_a_line(program: Program) -> None:
    """Exit status 2, the reason on standard error, nothing on standard output."""
    configure(program.folder)
    messages = {
        ("frobnicate",): "No such command 'frobnicate'",
        ("parse",): "Missing argument 'FILE...'",
        ("dumps", "--limit", "0"): "--limit",
        ("dumps", "--limit", "99999999999999999999"): "--limit",
        ("articles", "--since", "soon"): "neither a date",
        ("articles", "--since", "99999999999w"): "neither a date",
        ("deliveries", "frob"): "No such command 'frob'",
        ("-c",): "requires an argument",
        ("-c", "/", "check-config"): "/:1:1: cannot be read: Is a directory",
        ("-c", "", "parse", "--frob"): "No such option",
        ("demo", "--pause", "-1"): "--pause",
        ("demo", "--port", "99999"): "--port",
    }
    for ended, message in zip(program.each(*messages), messages.values(), strict=True):
        assert (ended.status, ended.out) == (2, "")
        assert message in ended.err


def without_rights(folder: Path) -> Program:
    """The program without a right to what permissions forbid: root gives up that power first."""
    if os.geteuid() != 0:
        return Program(folder)
    if shutil.which("setpriv") is None:
        pytest.skip("root may read everything, and setpriv is not there to change that")
    return Program(folder, prefix=("setpriv", "--bounding-set=-dac_override,-dac_read_search"))


def test_what_may_not_be_read_is_said(tmp_path: Path) -> None:
    """Unreadable dumps, configuration, state folder and inbox: path and reason, status 1 or 2."""
    program = without_rights(tmp_path)
    config = configure(tmp_path)
    dump = tmp_path / "dump.txt"
    dump.write_text(article("Council Meets"))
    dump.chmod(0)
    ended = program("parse", dump)
    assert (ended.status, ended.err) == (1, f"{dump}: Permission denied\n")
    ended = program("explain", "summit", dump)
    assert (ended.status, ended.err) == (1, f"monitor: {dump}: Permission denied\n")

    assert program("run", "--once").status == 0
    for forbidden, commands in (
        (tmp_path / "state", (("dumps",), ("run", "--once"), ("status",))),
        (tmp_path / "inbox", (("run", "--once"),)),
    ):
        forbidden.chmod(0)
        for command in commands:
            ended = program(*command)
            assert (ended.status, ended.out) == (1, "")
            assert "ermission denied" in ended.err
            assert str(forbidden) in ended.err
        forbidden.chmod(0o700)
    config.chmod(0)
    ended = program("dumps")
    assert ended.status == 2
    assert ended.err == "config.yaml:1:1: cannot be read: Permission denied\n"
    assert program("init", ".").status == 1


def test_a_state_folder_that_cannot_be_used_is_said(program: Program) -> None:
    """A state folder or inbox that is a file, one folder for both: a line, status 1, no harm."""
    (program.folder / "file").write_text("mine")
    for settings, reason in (
        ({"state": "file"}, "file"),
        ({"state": "file/state"}, "file"),
        ({"inbox": "file"}, "file"),
        ({"inbox": "state/archive"}, "archive"),
        ({"inbox": "state", "state": "./state"}, "state"),
    ):
        configure(program.folder, **settings)
        ended = program("run", "--once")
        assert ended.status in (1, 2), settings
        assert reason in ended.err
    assert (program.folder / "file").read_text() == "mine"
    configure(program.folder, state="file")
    for command in ("dumps", "status"):
        ended = program(command)
        assert (ended.status, ended.out) == (1, "")
        assert str(program.folder / "file") in ended.err


def test_a_database_that_cannot_be_used_is_said(program: Program) -> None:
    """Damaged, of the future, of another program: refused by name, and left as it is."""
    import sqlite3

    configure(program.folder)
    assert program("run", "--once").status == 0
    database = program.folder / "state" / "monitor.db"
    good = database.read_bytes()

    def damage(*statements: str) -> None:
        for other in database.parent.glob("monitor.db*"):
            other.unlink()
        database.write_bytes(good)
        connection = sqlite3.connect(database)
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def check(reason: str) -> None:
        before = database.read_bytes()
        for ended in program.each(("dumps",), ("run", "--once")):
            assert (ended.status, ended.out) == (1, ""), ended.err
            assert reason in ended.err
            assert "monitor.db" in ended.err
        assert database.read_bytes() == before

    damage("UPDATE alembic_version SET version_num = '9999'")
    check("9999")
    damage("DROP TABLE alembic_version")
    check("another program")
    database.write_bytes(b"this is no database, " * 999)
    check("not a SQLite database")
    database.write_bytes(good[: len(good) // 2])
    for ended in program.each(("dumps",), ("run", "--once")):
        assert ended.status == 1
        assert "monitor.db" in ended.err


def test_commands_before_the_first_run_say_what_to_do(program: Program) -> None:
    """Nothing stored yet: status 1 and the next step; reading makes no database."""
    configure(program.folder)
    for ended in program.each(("dumps",), ("articles",), ("deliveries",), ("status",)):
        assert (ended.status, ended.out) == (1, "")
        assert "monitor run --once" in ended.err
    assert not (program.folder / "state").exists()
    assert program("run", "--once").status == 0
    said = {
        ("dumps",): "no dump yet",
        ("articles",): "no article yet",
        ("articles", "--rule", "summit"): "no article that the rule summit matches",
        ("matches",): "no match yet",
        ("deliveries",): "no delivery yet",
        ("deliveries", "--state", "dead"): "no delivery is dead",
    }
    for ended, words in zip(program.each(*said), said.values(), strict=True):
        assert (ended.status, ended.out, ended.err) == (0, "", words + "\n")


# --------------------------------------------------------------------------- disks

unshare = pytest.mark.skipif(
    shutil.which("unshare") is None
    or subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
    ).returncode
    != 0,
    reason="this user may not mount a small file system (unshare -rm)",
)


def mounted(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script, with ``monitor`` as a command, where it may mount."""
    monitor = f"{sys.executable} -m monitor"
    return subprocess.run(
        ["unshare", "-rm", "sh", "-c", f'monitor() {{ {monitor} "$@"; }}\n{script}'],
        cwd=folder,
        env=Program(folder).environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@unshare
def test_a_full_disk_loses_nothing(program: Program) -> None:
    """Status 1 and the reason; the dump stays in the inbox and goes through once there is room."""
    configure(program.folder)
    (program.folder / "state").mkdir()
    dump = program.folder / "inbox" / "norland-big.txt"
    long = "The board on roads and bridges reports, and it reports again and again. " * 30
    dump.write_text(
        "".join(article(f"Council Number {n} Meets", f"{n}. {long}", long) for n in range(500))
    )
    ended = mounted(
        program.folder,
        """
        mount -t tmpfs -o size=1m none state
        monitor run --once --json; echo "status $?"
        ls inbox
        mount -o remount,size=80m state
        monitor run --once --json; echo "status $?"
        monitor dumps --json
        ls inbox
        """,
    )
    assert "Traceback" not in ended.stderr
    assert "full" in ended.stderr
    first, name, _, second, ledger = ended.stdout.splitlines()
    assert (first, name, second) == ("status 1", dump.name, "status 0")
    assert json.loads(ledger)["articles"] == 500
    assert json.loads(ledger)["state"] == "done"


@unshare
def test_a_read_only_state_folder_is_said(program: Program) -> None:
    """Status 1, the folder and the reason; the dump stays where it is."""
    configure(program.folder)
    shutil.copy(SAMPLES[0], program.folder / "inbox")
    (program.folder / "state").mkdir()
    ended = mounted(
        program.folder,
        """
        mount -t tmpfs none state
        mount -o remount,ro state
        monitor run --once; echo "status $?"
        monitor dumps; echo "status $?"
        monitor status; echo "status $?"
        ls inbox
        """,
    )
    assert ended.stdout.split() == ["status", "1"] * 3 + [SAMPLES[0].name]
    assert "Traceback" not in ended.stderr
    assert "Read-only file system" in ended.stderr
    assert str(program.folder / "state") in ended.stderr


# --------------------------------------------------------------------------- help


def test_help_needs_no_configuration(program: Program) -> None:
    """``--help`` and ``--version`` from anywhere, with the commands of the interface."""
    ended = program("--help")
    assert ended.status == 0
    commands = re.findall(r"^  ([a-z-]+)  ", ended.out.partition("Commands:")[2], re.MULTILINE)
    assert commands == [
        *("init", "check-config", "run", "demo", "parse", "profile", "explain", "backtest"),
        *("rules", "dumps", "quarantine", "articles", "diff", "matches", "deliveries", "routes"),
        *("silence", "suppressed", "receivers", "template", "prune", "status"),
    ]
    bare = program()
    assert (bare.status, bare.err) == (2, ended.out)
    assert re.fullmatch(r"monitor, version \d+\.\d+\.\d+\n", program("--version").out)


def test_the_installed_script_is_the_module(program: Program) -> None:
    """``monitor`` beside the interpreter does the same as ``python -m monitor``."""
    script = Path(sys.executable).parent / "monitor"
    if not script.exists():
        pytest.skip("the package is not installed: there is no monitor script")
    done = subprocess.run(
        [script, "parse", "--json", SAMPLES[0]],
        cwd=program.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == program("parse", "--json", SAMPLES[0]).out
