"""``monitor run`` as a service: files in; feeds, pages and messages out; reload, stop, resume."""

from __future__ import annotations

import base64
import json
import secrets
import shutil
import signal
import socket
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import feedparser
import pytest
import requests
from standardwebhooks import Webhook

from .conftest import Start
from .program import (
    RECEIVER,
    RULES,
    SAMPLES,
    Daemon,
    Hook,
    Program,
    configure,
    drop,
    free_port,
    gauge,
    wait_for,
)

LARGE = 3000  # articles: some seconds of work
STOP_WITHIN = 5.0  # seconds: what the unit file and the users are promised

SOON = {"receiver": "hook", "group_wait": "300ms", "max_age": "off"}  # the samples are old


def webhook(url: str, **more: Any) -> dict[str, Any]:
    return {"name": "hook", "webhook_configs": [{"url": url, **more}]}


# --------------------------------------------------------------------------- files in


def test_each_file_is_taken_once_and_whole(program: Program, start: Start, hook: Hook) -> None:
    """Files from before the start, renamed in, copied in, and written slowly in place: each gives
    its articles once, in one message, and ends in the archive."""
    inbox = program.folder / "inbox"
    inbox.mkdir()
    shutil.copy(SAMPLES[0], inbox)
    daemon = start(receivers=[webhook(hook.url)], route=SOON).ready()
    daemon.taken(SAMPLES[0].name)
    drop(SAMPLES[1], inbox)
    assert daemon.taken(SAMPLES[1].name)["new"] == 3

    data = SAMPLES[2].read_bytes()
    slow = inbox / SAMPLES[2].name
    with slow.open("wb") as file:
        for at in range(0, len(data), 2000):
            file.write(data[at : at + 2000])
            file.flush()
            time.sleep(0.03)  # shorter than settle: never long enough to look whole
    taken = daemon.taken(slow.name)
    assert (taken["articles"], taken["revised"], taken["unchanged"]) == (8, 1, 5)
    copy = inbox / "norland-copy.txt"
    copy.write_bytes(data)  # the same bytes under another name
    wait_for("the copy is known", lambda: daemon.events("dump.seen_before"))

    ledger = program("dumps", "--json").rows
    assert [(row["name"], row["state"], row["copies"]) for row in ledger] == [
        (SAMPLES[2].name, "done", 2),
        (SAMPLES[1].name, "done", 1),
        (SAMPLES[0].name, "done", 1),
    ]
    wait_for("inbox empty", lambda: not list(inbox.iterdir()))
    archived = {file.name for file in (program.folder / "state/archive").rglob("*.txt")}
    assert archived >= {sample.name for sample in SAMPLES[:3]}

    told = {
        (match["article_id"], match["revision"])
        for match in program("matches", "--json").rows
        if match["rule"] in {rule["name"] for rule in RULES}
    }
    alerts = wait_for("all alerts", lambda: len(said := _alerts(hook)) >= len(told) and said)
    assert len(alerts) == len(set(alerts)), "an article was told twice"
    assert {(id_, revision) for id_, revision, _ in alerts} == told
    assert daemon.end()[0] == 0
    assert len(_alerts(hook)) == len(alerts)


def _alerts(hook: Hook) -> list[tuple[str, int, str]]:
    return [
        (alert["article_id"], alert["revision"], alert["kind"])
        for message in hook.messages
        for alert in message["data"]["alerts"]
    ]


def test_a_message_is_signed_and_says_what_was_found(start: Start, hook: Hook) -> None:
    """One dump, one message, with the payload of the documentation, signed as Standard Webhooks."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    daemon = start(receivers=[webhook(hook.url, secret=secret)], route=SOON).ready()
    drop(SAMPLES[0], daemon.inbox)
    wait_for("a message", lambda: hook.requests)
    headers, body = hook.requests[0]
    assert Webhook(secret).verify(body, headers) == json.loads(body)

    document = json.loads(body)
    message = document["data"]
    assert message["key"] == headers["webhook-id"]
    assert (document["type"], message["receiver"]) == ("digest", "hook")
    assert message["total"] == len(message["alerts"]) == 3
    assert message["more"] == 0
    by_title = {alert["title"]: alert for alert in message["alerts"]}
    alert = by_title["Parliament of Norland Sets Date of Referendum on Second Chamber"]
    assert (alert["kind"], alert["revision"], alert["rules"]) == ("new", 1, ["referendum"])
    assert (alert["published"], alert["views"]) == ("2026-03-01T17:05:00+00:00", 9871)
    words = [alert[m["field"]][m["start"] : m["end"]] for m in alert["matched"]]
    assert words == [m["text"] for m in alert["matched"]]
    assert "Referendum" in words
    assert alert["url"] == f"{daemon.url}/articles/{alert['article_id']}"
    assert daemon.get(alert["url"].removeprefix(daemon.url)).status_code == 200
    drop(SAMPLES[0], daemon.inbox, "norland-again.txt")
    wait_for("seen before", lambda: daemon.events("dump.seen_before"))
    assert daemon.end()[0] == 0
    assert len(hook.requests) == 1


# --------------------------------------------------------------------------- what is served


def test_feeds_pages_and_health(start: Start) -> None:
    """Feed files on disk and over HTTP (ETag, 304, gzip) are one; readers read them; the page
    shows the article; health, readiness, metrics and status answer."""
    daemon = start().ready()
    drop(SAMPLES[0], daemon.inbox)
    daemon.taken(SAMPLES[0].name)
    feeds = daemon.program.folder / "state" / "feeds"

    def published() -> bytes | None:
        data = (feeds / "all.atom").read_bytes()
        return data if b"Second Chamber" in data else None

    data = wait_for("the feed holds the article", published)
    plain = {"Accept-Encoding": "identity"}
    answer = daemon.get("/feeds/all.atom", headers=plain)
    assert (answer.status_code, answer.content) == (200, data)
    plain["If-None-Match"] = answer.headers["ETag"]
    again = daemon.get("/feeds/all.atom", headers=plain)
    assert (again.status_code, again.content) == (304, b"")
    packed = daemon.get("/feeds/all.atom", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.content == data

    feed = feedparser.parse(data)
    assert not feed.bozo
    assert [entry.title for entry in feed.entries].count(
        "Low Rivers Put Shipping on the Skarn Under Strain, Experts Say"
    ) == 1
    assert len(feed.entries) == 7
    for entry in feed.entries:
        assert requests.get(entry.link, timeout=10).status_code == 200
    summit = feedparser.parse((feeds / "rules" / "summit.atom").read_bytes())
    assert [entry.title for entry in summit.entries] == [
        "Low Rivers Put Shipping on the Skarn Under Strain, Experts Say"
    ]
    assert daemon.get("/feeds/rules/summit.atom").status_code == 200
    assert daemon.get("/feeds/rules/nobody.atom").status_code == 404

    page = daemon.get("/")
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert "Second Chamber" in page.text
    for path in ("/-/healthy", "/-/ready"):
        assert daemon.get(path).status_code == 200
        assert requests.head(daemon.url + path, timeout=10).status_code == 200
    assert "# TYPE" in daemon.get("/metrics").text
    status = daemon.get("/api/status").json()
    assert (status["healthy"], status["ready"]) == (True, True)
    assert status["counts"]["articles"] == 7
    assert status["last_dump"]["name"] == SAMPLES[0].name
    (row,) = daemon.program("status", "--json").rows
    assert row["running"] is True
    assert daemon.end()[0] == 0


def test_without_a_web_server_the_feeds_are_still_written(program: Program) -> None:
    """``web.enabled: false``: nothing listens, the rest works."""
    port = free_port()
    config = configure(program.folder, web={"port": port, "enabled": False})
    daemon = Daemon(program, config)
    try:
        wait_for("started", lambda: daemon.events("monitor.started"))
        drop(SAMPLES[0], daemon.inbox)
        daemon.taken(SAMPLES[0].name)
        feed = program.folder / "state" / "feeds" / "all.atom"
        wait_for("published", lambda: b"Second Chamber" in feed.read_bytes())
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)
        assert daemon.end()[0] == 0
    finally:
        daemon.close()


# --------------------------------------------------------------------------- reload


def test_a_reload_takes_a_good_file_and_refuses_a_bad_one(start: Start, hook: Hook) -> None:
    """By SIGHUP and by HTTP. New rules hold for the next dump; a bad file is answered with
    file:line:column and the old rules stay."""
    settings: dict[str, Any] = {
        "receivers": [webhook(hook.url)],
        "route": SOON,
        "rules": RULES[:1],
        "web": {"port": free_port()},
    }
    daemon = start(**settings).ready()
    folder = daemon.program.folder

    def rules(answer: dict[str, Any]) -> set[str]:
        return {rule for alert in answer["data"]["alerts"] for rule in alert["rules"]}

    drop(SAMPLES[0], daemon.inbox)
    wait_for("first message", lambda: len(hook.requests) == 1)
    assert rules(hook.messages[0]) == {"referendum"}

    configure(folder, **settings | {"rules": RULES[1:2]})
    daemon.child.send_signal(signal.SIGHUP)
    wait_for("reloaded", lambda: daemon.events("config.reloaded"))
    assert daemon.get("/feeds/rules/referendum.atom").status_code in (404, 410)
    drop(SAMPLES[1], daemon.inbox)
    wait_for("second message", lambda: len(hook.requests) == 2)
    assert rules(hook.messages[1]) == {"summit"}

    daemon.config.write_text(daemon.config.read_text() + '\n"rules": []\n')
    answer = requests.post(daemon.url + "/-/reload", timeout=10)
    assert answer.status_code == 400
    assert str(daemon.config) + ":" in answer.text
    place = answer.text.removeprefix(f"{daemon.config}:").split(": ")[0]
    assert all(number.isdigit() for number in place.split(":")), answer.text
    configure(folder, **settings | {"rules": [{"name": "bad"}]})
    daemon.child.send_signal(signal.SIGHUP)
    wait_for("refused twice", lambda: len(daemon.events("config.rejected")) == 2)
    moved = configure(folder, **settings | {"state": "elsewhere"})
    answer = requests.post(daemon.url + "/-/reload", timeout=10)
    assert (answer.status_code, "state" in answer.text) == (400, True)
    assert moved == daemon.config
    assert daemon.get("/-/healthy").status_code == 200

    drop(SAMPLES[2], daemon.inbox)  # about a referendum, and no summit
    assert daemon.taken(SAMPLES[2].name)["matches"] == 0
    configure(folder, **settings)
    answer = requests.post(daemon.url + "/-/reload", timeout=10)
    assert (answer.status_code, answer.text) == (200, "reloaded\n")
    drop(SAMPLES[4], daemon.inbox)
    wait_for("third message", lambda: len(hook.requests) == 3)
    assert rules(hook.messages[2]) == {"referendum"}
    assert daemon.end()[0] == 0
    assert len(hook.requests) == 3


# --------------------------------------------------------------------------- stop and resume


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dump of many batches."""
    file = tmp_path_factory.mktemp("large") / "norland-large.txt"
    file.write_text("".join(gauge(number) for number in range(LARGE)), "utf-8")
    return file


PARTS = ("articles", "new", "revised", "unchanged", "duplicate", "quarantined")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_amid_a_large_dump_loses_nothing(
    start: Start, large: Path, number: signal.Signals
) -> None:
    """The end takes less than five seconds and is clean; the next start resumes and comes to the
    counts of an undisturbed run."""
    daemon = start(receivers=[]).ready()
    drop(large, daemon.inbox)

    def begun() -> bool:
        counts = daemon.get("/api/status").json()["counts"]
        return counts["articles"] > 0

    wait_for("ingesting", begun)
    status, seconds = daemon.end(number)
    assert status == 0
    assert seconds < STOP_WITHIN
    assert daemon.events("monitor.stopped")
    (row,) = daemon.program("dumps", "--json").rows
    assert row["state"] == "ingesting", "it was through before the signal came"
    assert 0 < row["articles"] < LARGE
    assert (daemon.inbox / large.name).exists()

    ended = daemon.program("run", "--once", "--json")
    assert ended.status == 0
    (row,) = daemon.program("dumps", "--json").rows
    assert {part: row[part] for part in PARTS} == {
        "articles": LARGE,
        "new": LARGE,
        "revised": 0,
        "unchanged": 0,
        "duplicate": 0,
        "quarantined": 0,
    }
    assert (row["state"], row["copies"]) == ("done", 1)
    assert not (daemon.inbox / large.name).exists()


def test_run_once_ends_early_when_asked(program: Program, large: Path) -> None:
    """SIGINT during ``run --once``: status 0 soon, the dump stays, the next round finishes it."""
    configure(program.folder, receivers=[])
    shutil.copy(large, program.folder / "inbox")
    child = program.start("run", "--once", "--json")
    database = program.folder / "state" / "monitor.db-wal"
    wait_for("writing", lambda: database.exists() and database.stat().st_size > 1_000_000)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=30)
    assert child.returncode == 0
    assert json.loads(out)["files"] == 0
    assert (program.folder / "inbox" / large.name).exists()
    assert program("run", "--once").status == 0
    (row,) = program("dumps", "--json").rows
    assert (row["articles"], row["new"], row["state"]) == (LARGE, LARGE, "done")


def test_systemd_is_told(program: Program, start: Start, tmp_path_factory: Any) -> None:
    """READY=1 once it serves, RELOADING=1 around a reload, STOPPING=1 at the end; WATCHDOG=1
    within the interval asked for."""
    address = tmp_path_factory.mktemp("s") / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(address))
        listener.settimeout(30)
        program.env = {"NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": "400000"}
        daemon = start()

        def told() -> list[str]:
            return listener.recv(4096).decode().splitlines()

        first = told()
        assert first[0] == "READY=1"
        assert first[1].startswith("STATUS=")
        assert daemon.get("/").status_code == 200
        assert told() == ["WATCHDOG=1"]
        daemon.child.send_signal(signal.SIGHUP)
        later = []
        while "READY=1" not in later:
            later += told()
        states = [line for line in later if line in ("RELOADING=1", "READY=1", "STOPPING=1")]
        assert states == ["RELOADING=1", "READY=1"]
        assert daemon.end()[0] == 0
        while "STOPPING=1" not in later:
            later += told()


# --------------------------------------------------------------------------- trouble


def test_an_unreachable_receiver_holds_up_nobody(program: Program, start: Start) -> None:
    """Its delivery waits with a clear last error; the others are sent; ``retry`` sends it once
    the receiver is there, under the same key."""
    port = free_port()
    daemon = start(
        receivers=[RECEIVER, webhook(f"http://127.0.0.1:{port}/secret-path")],
        route={
            "receiver": "console",
            "routes": [{"receiver": "hook", "continue": True}, {"receiver": "console"}],
        },
        delivery={"first_retry": "1h", "max_retry": "1h"},
    ).ready()
    drop(SAMPLES[0], daemon.inbox)

    def settled() -> list[dict[str, Any]] | None:
        rows = program("deliveries", "--json").rows
        done = len(rows) == 2 and all(row["attempts"] for row in rows)
        return rows if done and "sending" not in {row["state"] for row in rows} else None

    rows = {row["receiver"]: row for row in wait_for("two deliveries", settled)}
    assert rows["console"]["state"] == "sent"
    waits = rows["hook"]
    assert (waits["state"], waits["attempts"]) == ("pending", 1)
    assert "refused" in waits["last_error"]
    assert "secret-path" not in waits["last_error"] + daemon.err
    assert "NEW" in daemon.out

    hook = Hook()
    try:
        config = json.loads(daemon.config.read_text())
        config["receivers"][1]["webhook_configs"][0]["url"] = hook.url
        daemon.config.write_text(json.dumps(config))
        assert requests.post(daemon.url + "/-/reload", timeout=10).status_code == 200
        assert program("deliveries", "retry", waits["id"]).status == 0
        daemon.child.send_signal(signal.SIGHUP)  # wakes the outbox, which looks every 5 s else
        wait_for("the message", lambda: hook.requests)
        assert hook.requests[0][0]["webhook-id"] == waits["id"]
        assert daemon.end()[0] == 0
    finally:
        hook.close()
    assert [row["state"] for row in program("deliveries", "--json").rows] == ["sent", "sent"]


def test_what_is_taken_is_said(program: Program, start: Start) -> None:
    """A second daemon on the state folder, a round beside it, a busy port: status 1, one line;
    the first one goes on."""
    daemon = start().ready()
    port = json.loads(daemon.config.read_text())["web"]["port"]
    other = program.folder / "other"
    other.mkdir()
    second, once = program.each(("run",), ("run", "--once"))
    configure(other, web={"port": port})
    busy = replace(program, folder=other)("run")
    for ended, reason in (
        (second, f"another monitor (process {daemon.child.pid})"),
        (once, f"another monitor (process {daemon.child.pid})"),
        (busy, f"127.0.0.1:{port}"),
    ):
        assert ended.status == 1
        assert reason in ended.err.splitlines()[-1]
    assert daemon.get("/-/healthy").status_code == 200
    assert daemon.end()[0] == 0


def test_a_killed_daemon_is_no_obstacle(program: Program, start: Start) -> None:
    """After SIGKILL the next start takes the state folder over and goes on."""
    daemon = start().ready()
    daemon.child.kill()
    daemon.child.wait()
    daemon.close()
    daemon = start().ready()
    drop(SAMPLES[0], daemon.inbox)
    daemon.taken(SAMPLES[0].name)
    assert daemon.end()[0] == 0
