"""The daemon as one object, without its web server and signals."""

from __future__ import annotations

import io
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor.app.app import App
from monitor.config import Settings, load_settings
from monitor.errors import ConfigError
from monitor.pipeline.ingest import BATCH

ARTICLE = """05.01.2022, 14:{minute:02}
Title number {number} of the {word}
It was said that {lead}.
"""


def settings(folder: Path, *words: str, **more: Any) -> Settings:
    """A configuration in ``folder``: one rule for each word, no receivers."""
    (folder / "inbox").mkdir(exist_ok=True)
    return Settings.model_validate(
        {
            "inbox": {"path": folder / "inbox", "settle": "50ms", "rescan": "200ms"},
            "state": folder / "state",
            "rules": [{"name": word, "any": [word]} for word in words],
            **more,
        }
    )


@contextmanager
def running(made: Settings) -> Iterator[App]:
    """The daemon over these settings."""
    app = App(made)
    app.open("http://localhost:8808")
    try:
        app.start()
        yield app
    finally:
        app.stop()
        app.close()


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for it; fails after the deadline."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def feed(app: App, rule: str) -> str:
    """The published feed of the rule, or nothing."""
    path = app.feeds_folder / "rules" / f"{rule}.atom"
    return path.read_text() if path.exists() else ""


def failed(app: App) -> dict[str, str]:
    """Names and details of the checks that fail."""
    return {check.name: check.detail for check in app.checks() if not check.ok}


def test_a_rule_removed_while_we_were_down_loses_its_feed(tmp_path: Path) -> None:
    """A start removes the files of rules that are gone, and what a crash left half-written."""
    with running(settings(tmp_path, "water", "summit")) as app:
        until(lambda: feed(app, "water") and feed(app, "summit"))
        folder = app.feeds_folder
    half = folder / ".all.atom.0123456789abcdef.tmp"
    half.write_text("<feed")
    with running(settings(tmp_path, "water")) as app:
        until(lambda: not (folder / "rules" / "summit.atom").exists() and not half.exists())
        assert feed(app, "water")


def test_only_rules_with_a_feed_have_a_file(tmp_path: Path) -> None:
    """A rule that wants no feed of its own gets none; the page's address, known late, has nothing
    compiled anew."""
    rules = [{"name": "water", "any": "x"}, {"name": "summit", "any": "x", "feed": False}]
    app = App(settings(tmp_path, rules=rules))
    known = app.rules
    assert dict(known) == {"water": True, "summit": False}
    app.open("http://elsewhere:1")
    try:
        assert app.rules is known
        app.run_once()
        assert "http://elsewhere:1/" in feed(app, "water")
        assert not feed(app, "summit")
    finally:
        app.close()


def test_alerts_link_to_the_address_known_at_last(tmp_path: Path) -> None:
    """And routes go by priority and by a rule's own labels, also after a reload."""
    out = io.StringIO()
    file = tmp_path / "config.yaml"
    text = """
inbox: {path: inbox, settle: 20ms}
receivers: [{name: desk}, {name: print, console_configs: [{}]}]
rules:
  - {name: water, any: water, priority: high, labels: {team: south}}
  - {name: summit, any: summit, labels: {team: north}}
route: {receiver: desk, routes: [{receiver: print, matchers: MATCHERS}]}
"""
    file.write_text(text.replace("MATCHERS", "[priority=high, team=south]"))
    (tmp_path / "inbox").mkdir()
    app = App(load_settings(file, {}), config_file=file, out=out)
    app.open("http://elsewhere:1")
    try:
        for number, word in enumerate(("water", "summit"), 1):
            dump = ARTICLE.format(minute=number, number=number, word=word, lead=f"{word} it is")
            (tmp_path / "inbox" / f"{word}.txt").write_text(dump)
        app.run_once()
        assert "Title number 1 of the water" in out.getvalue()
        assert "summit" not in out.getvalue()
        assert "http://elsewhere:1/articles/" in out.getvalue()
        file.write_text(text.replace("MATCHERS", "team=south-east"))
        app.reload()
        file.write_text(text.replace("MATCHERS", "taem=south"))
        with pytest.raises(ConfigError, match="there is no label 'taem'; did you mean team"):
            app.reload()
        assert app.settings.route is not None
        assert app.settings.route.routes[0].matchers == ("team=south-east",)
    finally:
        app.close()


def test_a_dump_that_breaks_off_and_goes_on_reaches_all_feeds(tmp_path: Path) -> None:
    """The database refuses a dump's second batch for a while: once it is through, the feeds of
    rules that only the first batch matched are published, too."""
    with running(settings(tmp_path, "water", "summit")) as app:
        until(lambda: feed(app, "water") and feed(app, "summit"))
        database = app.settings.state / "monitor.db"
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            connection.execute(
                f"CREATE TRIGGER refuse BEFORE INSERT ON segments WHEN NEW.place >= {BATCH}"
                " BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
            articles = [
                ARTICLE.format(
                    minute=number % 60,
                    number=number,
                    word="water" if number < 3 else "summit" if number >= BATCH else "day",
                    lead=" ".join(f"{word}{number}" for word in ("one", "two", "three", "four")),
                )
                for number in range(BATCH + 9)
            ]
            (tmp_path / "dump").write_text("".join(articles))
            (tmp_path / "dump").rename(app.settings.inbox.path / "dump.txt")
            until(lambda: app.store.pages.counts().articles == BATCH)
            connection.execute("DROP TRIGGER refuse")
        until(lambda: app.store.pages.counts().articles == BATCH + 9)
        until(lambda: feed(app, "summit").count("<entry>") == 9)
        until(lambda: feed(app, "water").count("<entry>") == 3)


def test_a_lost_inbox_is_unhealthy_but_no_case_for_the_watchdog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its folder the daemon says so and goes on delivering: to be killed and started
    again would not bring the folder back."""
    address = tmp_path / "notify"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as systemd:
        systemd.bind(str(address))
        systemd.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(address))
        monkeypatch.setenv("WATCHDOG_USEC", "200000")
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        with running(settings(tmp_path, "water")) as app:
            until(app.ready)
            app.settings.inbox.path.rmdir()
            app.settings.inbox.path.write_text("not a folder")
            until(lambda: "inbox" in failed(app))
            systemd.setblocking(False)
            with pytest.raises(BlockingIOError):
                while True:
                    systemd.recv(4096)  # what was sent before
            systemd.settimeout(20)
            assert systemd.recv(4096) == b"WATCHDOG=1"
            app.settings.inbox.path.unlink()
            until(lambda: not failed(app))


def test_one_round_is_one_message(tmp_path: Path) -> None:
    """However long its backlog takes, ``run --once`` tells a receiver of it once; that its articles
    are old is said."""
    made = settings(
        tmp_path,
        "water",
        receivers=[{"name": "screen", "console_configs": [{}]}],
        route={"receiver": "screen", "group_wait": "0s"},
    )
    for number in range(3):
        text = ARTICLE.format(minute=number, number=number, word="water", lead=f"it is {number}")
        (made.inbox.path / f"{number}.txt").write_text(text)
    out = io.StringIO()
    app = App(made, out=out)
    app.open("http://localhost:8808")
    try:
        assert app.run_once() == 0
        (delivery,) = app.store.pages.deliveries()
    finally:
        app.close()
    assert (delivery.total, delivery.state) == (3, "sent")
    assert out.getvalue().startswith("Backfill (older articles): 3 new: water")


def test_a_start_delivers_what_a_killed_round_had_gathered(tmp_path: Path) -> None:
    """Its alerts do not wait for the end of a round that will not come."""
    made = settings(
        tmp_path,
        "water",
        receivers=[{"name": "screen", "console_configs": [{}]}],
        route={"receiver": "screen", "group_wait": "1h"},
    )
    text = ARTICLE.format(minute=1, number=1, word="water", lead="it is so")
    (made.inbox.path / "dump.txt").write_text(text)
    with running(made) as app:
        until(lambda: app.store.pages.deliveries())
        assert [one.state for one in app.store.pages.deliveries()] == ["pending"]
    with running(made) as app:
        until(lambda: [one.state for one in app.store.pages.deliveries()] == ["sent"])


def test_rules_that_were_not_decided_are_counted(tmp_path: Path) -> None:
    """A rule that would take too long for an article is counted; the article is stored, and the
    other rules go on."""
    made = settings(tmp_path, "dam", "storm")
    body = "\n".join(["dam " * 100_000] * 3)
    dump = ARTICLE.format(minute=1, number=1, word="storm", lead=body)
    (tmp_path / "inbox" / "long.txt").write_text(dump)
    app = App(made)
    app.open("http://localhost:8808")
    try:
        app.run_once()
        counts = app.store.pages.counts()
    finally:
        app.close()
    assert app.undecided == 1
    assert (counts.articles, counts.matches) == (1, 1)
