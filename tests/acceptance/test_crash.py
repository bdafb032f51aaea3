"""kill -9 anywhere: nothing is lost, nothing is told twice but under the same key.

strace delivers SIGKILL at a chosen write or flush, so that each run dies at another step of the
way from file to delivery; the next run must finish as if nothing had happened.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from monitor.model import DeliveryState
from monitor.store import open_store

EXAMPLES = Path(__file__).parents[2] / "examples"

strace = pytest.mark.skipif(
    shutil.which("strace") is None
    or subprocess.run(["strace", "-o", "/dev/null", "true"], check=False).returncode != 0,
    reason="strace is not installed or may not trace here",
)


class Hook:
    """A webhook receiver: every body by the key it came under."""

    def __init__(self) -> None:
        self.bodies: dict[str, list[bytes]] = {}
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) < length:  # the sender died half-way: nothing was received
                    return
                hook.bodies.setdefault(self.headers["webhook-id"], []).append(body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    @property
    def alerts(self) -> list[tuple[str, int, str]]:
        """(article, revision, kind) of every alert, once for each key it came under."""
        return sorted(
            (alert["article_id"], alert["revision"], alert["kind"])
            for bodies in self.bodies.values()
            for alert in json.loads(bodies[0])["data"]["alerts"]
        )

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.close()


def prepare(folder: Path, hook: Hook) -> None:
    """The sample configuration with a webhook as its receiver, all samples in the inbox."""
    text = (EXAMPLES / "config.yaml").read_text("utf-8")
    head, _, rest = text.partition("receivers:")
    _, _, tail = rest.partition("\nfeeds:")
    url = f"http://127.0.0.1:{hook.server.server_address[1]}/"
    receiver = f"receivers:\n  - name: hook\n    webhook_configs: [{{url: '{url}'}}]\n"
    (folder / "config.yaml").write_text(f"{head}{receiver}\nfeeds:{tail}", "utf-8")
    (folder / "inbox").mkdir()
    for dump in (EXAMPLES / "dumps").glob("*.txt"):
        shutil.copy2(dump, folder / "inbox")


def monitor(folder: Path, *command: str) -> list[str]:
    return [sys.executable, "-m", "monitor", "-c", str(folder / "config.yaml"), *command]


def state(folder: Path) -> dict[str, object]:
    """What is stored, without the moments that differ from run to run."""
    store = open_store(f"sqlite:///{folder / 'state' / 'monitor.db'}")
    try:
        pages = store.pages
        return {
            "dumps": sorted(
                (d.sha256, d.state, d.articles, d.new, d.revised, d.unchanged, d.duplicate)
                for d in pages.dumps(limit=99)
            ),
            "articles": sorted(
                (e.id, e.title, e.body, str(e.published), e.revision, e.views, e.rules)
                for e in pages.articles(limit=999)
            ),
            "matches": sorted(
                (m.article_id, m.rule, m.revision, repr(m.evidence))
                for m in pages.matches(limit=999)
            ),
            "undelivered": [
                d for d in pages.deliveries(limit=999) if d.state is not DeliveryState.SENT
            ],
            "inbox": sorted(path.name for path in (folder / "inbox").glob("*.txt")),
            "archive": sorted(
                path.name for path in (folder / "state" / "archive").rglob("*") if path.is_file()
            ),
            "feeds": {
                path.name: path.read_bytes().count(b"<entry>")
                for path in (folder / "state" / "feeds").rglob("*.atom")
            },
        }
    finally:
        store.close()


@strace
@pytest.mark.timeout(280)
def test_killed_at_any_write(tmp_path: Path) -> None:
    """SIGKILL at the n-th write, flush, rename or send: the next run ends in the same state, and
    whatever was sent twice was sent under one key with the same bytes."""
    calm = Hook()
    undisturbed = tmp_path / "calm"
    undisturbed.mkdir()
    prepare(undisturbed, calm)
    subprocess.run(monitor(undisturbed, "run", "--once"), check=True, capture_output=True)
    calm.close()
    expected, alerts = state(undisturbed), calm.alerts
    assert alerts and not expected["undelivered"] and not expected["inbox"]

    died = 0
    for calls, when in (
        *(("pwrite64", n) for n in (40, 150)),
        *(("fdatasync,fsync", n) for n in (2, 7, 14)),
        *(("rename,renameat,renameat2,link,unlink", n) for n in (2, 5)),
        ("sendto", 1),
    ):
        folder = tmp_path / f"{calls.partition(',')[0]}-{when}"
        folder.mkdir()
        rough = Hook()
        prepare(folder, rough)
        fault = f"inject={calls}:signal=SIGKILL:when={when}"
        killed = subprocess.run(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", fault,
             *monitor(folder, "run", "--once")],
            capture_output=True,
            check=False,
        )  # fmt: skip
        died += killed.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
        again = subprocess.run(
            monitor(folder, "run", "--once"), check=False, capture_output=True, text=True
        )
        assert again.returncode == 0, again.stderr
        rough.close()
        assert state(folder) == expected, (calls, when)
        assert rough.alerts == alerts, (calls, when)
        assert all(len(set(bodies)) == 1 for bodies in rough.bodies.values()), (calls, when)
    assert died >= 6  # the faults did hit


def test_killed_while_it_runs(tmp_path: Path, hook: Hook) -> None:
    """SIGKILL as soon as the first message has arrived, the settling of that delivery pending:
    the second run loses none and repeats none under another key."""
    prepare(tmp_path, hook)
    child = subprocess.Popen(monitor(tmp_path, "run", "--once"), stderr=subprocess.DEVNULL)
    while not hook.bodies and child.poll() is None:
        threading.Event().wait(0.001)
    child.kill()
    child.wait()
    subprocess.run(monitor(tmp_path, "run", "--once"), check=True, capture_output=True)
    assert len(hook.alerts) == len(set(hook.alerts))
    assert all(len(set(bodies)) == 1 for bodies in hook.bodies.values())
    assert not state(tmp_path)["undelivered"]
