"""The real program as its users run it: a child process, real files, real servers on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from .forked import ForkServer

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SAMPLES = sorted((EXAMPLES / "dumps").glob("*.txt"))
PATIENCE = 30.0  # seconds before a thing that should happen is given up
TIMEOUT = 90.0  # seconds for one command

Condition = Callable[[], Any]


def wait_for(what: str, condition: Condition) -> Any:
    """The condition's first true value. Fails where there is none in time."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"never: {what}")


@dataclass(frozen=True)
class Ended:
    """A child that has ended."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Standard output as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Program:
    """``python -m monitor`` in one folder."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()  # a program that runs ours
    forks: ForkServer | None = None  # where commands are run; None: each afresh

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        return kept | {"LANG": "C.UTF-8", "TZ": "UTC", "HOME": str(self.folder)} | self.env

    def command(self, *arguments: str | Path) -> list[str]:
        return [*self.prefix, sys.executable, "-m", "monitor", *map(str, arguments)]

    def __call__(self, *arguments: str | Path) -> Ended:
        """Run to the end. No traceback may ever be seen."""
        if self.forks is None:
            done = subprocess.run(
                self.command(*arguments),
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
            )
            status, out, err = done.returncode, done.stdout, done.stderr
        else:
            status, out, err = self.forks.run(
                [str(argument) for argument in arguments],
                folder=self.folder,
                env=self.environment,
                timeout=TIMEOUT,
            )
        ended = Ended(status, out.decode(errors="replace"), err.decode())
        assert "Traceback" not in ended.err + ended.out, ended.err
        return ended

    def each(self, *commands: Sequence[str | Path]) -> list[Ended]:
        """Run these to the end, two at a time; the results in their order."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda command: self(*command), commands))

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """A child that goes on; its standard error is in ``folder/err``."""
        with (self.folder / "err").open("w") as err:
            return subprocess.Popen(
                self.command(*arguments),
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=err,
                text=True,
            )


RECEIVER = {"name": "console", "console_configs": [{}]}

RULES = [
    {"name": "referendum", "any": ["referendum", "constitutional reform", "amended Constitution"]},
    {"name": "summit", "any": ["Northern Waters Summit"]},
    {"name": "darvel", "entity": {"name": "Luc D'Arvel", "kind": "person"}},
]


def configure(folder: Path, **settings: Any) -> Path:
    """Write ``config.yaml`` (JSON is YAML) for the sample dumps; ``settings`` replace keys."""
    whole = {
        "inbox": {"path": "inbox", "settle": "100ms", "rescan": "500ms"},
        "state": "state",
        "sources": [
            {
                "name": "norland-today",
                "match": ["norland-*"],
                "zone": "Europe/Oslo",
                "boilerplate": ["Images", "relevant news"],
                "boilerplate_patterns": ["Reproduction in any form .*"],
            }
        ],
        "rules": RULES,
        "receivers": [RECEIVER],
        "web": {"port": free_port()},
        "log": {"format": "json"},
    } | settings
    (folder / "inbox").mkdir(exist_ok=True)
    file = folder / "config.yaml"
    file.write_text(json.dumps(whole, indent=2), "utf-8")
    return file


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def drop(dump: Path, inbox: Path, name: str | None = None) -> None:
    """Write beside, rename in."""
    hidden = inbox / f".{name or dump.name}"
    shutil.copyfile(dump, hidden)
    hidden.rename(inbox / (name or dump.name))


def article(title: str, *paragraphs: str, time: str = "02.03.2026, 09:40") -> str:
    """One article in the shape of a listing page."""
    body = paragraphs or (
        f"The committee on {title.lower()} met in Haldenby on Monday, Norland Today reports.",
        "It will meet again in the spring, when the report of the auditors is there.",
    )
    return "\n".join((f"{time} 120", title, *body)) + "\n"


def gauge(number: int) -> str:
    """One of many articles that are no near-duplicates of each other."""
    words = f"station {number} of line {number * 7919 % 6007}"
    return article(
        f"Gauge of {words} Read",
        f"The {words} was read on Monday, and the referendum {number} too, Norland Today reports.",
        f"The keeper of {words} wrote {number * 104729 % 1000003} into the book.",
    )


# --------------------------------------------------------------------------- a webhook receiver


class Hook:
    """A webhook receiver: every request's headers and body, in order of arrival."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.requests.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/alerts"

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.requests]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


# --------------------------------------------------------------------------- the daemon


class Daemon:
    """``monitor run`` as a child, asked over HTTP and by signals."""

    def __init__(self, program: Program, config: Path) -> None:
        self.program = program
        self.config = config
        self.inbox = program.folder / "inbox"
        port = json.loads(config.read_text("utf-8"))["web"]["port"]
        self.url = f"http://127.0.0.1:{port}"
        self.child = program.start("-c", config, "run")
        self._said: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.child.stdout is not None
        self._said.extend(self.child.stdout)

    @property
    def out(self) -> str:
        return "".join(self._said)

    @property
    def err(self) -> str:
        return (self.program.folder / "err").read_text("utf-8")

    def events(self, name: str) -> list[dict[str, Any]]:
        """Log lines of one event so far (the last line may be half there)."""
        whole = self.err.splitlines(keepends=True)
        lines = (json.loads(line) for line in whole if line.startswith("{") and line[-1] == "\n")
        return [line for line in lines if line["event"] == name]

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=10, **options)

    def ready(self) -> Daemon:
        """Wait until it says so over HTTP."""

        def answers() -> bool:
            assert self.child.poll() is None, self.err
            with contextlib.suppress(requests.ConnectionError):
                return self.get("/-/ready").status_code == 200
            return False

        wait_for("ready", answers)
        return self

    def taken(self, name: str) -> dict[str, Any]:
        """Wait until the dump is in the ledger, done."""

        def there() -> dict[str, Any] | None:
            found = [e for e in self.events("dump.ingested") if e["name"] == name]
            return found[-1] if found else None

        return wait_for(f"{name} ingested: {self.err}", there)

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Exit status, and the seconds that the end took."""
        started = time.monotonic()
        self.child.send_signal(number)
        status = self.child.wait(PATIENCE)
        seconds = time.monotonic() - started
        self.close()
        assert "Traceback" not in self.err, self.err
        return status, seconds

    def close(self) -> None:
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        self._reader.join()
        assert self.child.stdout is not None
        self.child.stdout.close()


def tables(text: str) -> list[list[str]]:
    """Cells of an aligned table, by where its headings begin."""
    head, line, *rows = text.splitlines()
    assert set(line) <= {"─", " ", "-"}, line
    starts = [found.start() for found in re.finditer(r"(?<!\S)\S(?:\S| (?=\S))*", head)]
    ends = [*starts[1:], None]
    return [[row[a:b].strip() for a, b in zip(starts, ends, strict=True)] for row in rows]
