"""Several machines share the work: two inboxes, two processes, one PostgreSQL."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from monitor.model import DeliveryState
from monitor.store import Store, open_store

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    store = open_store(postgres_url)
    yield store
    store.close()


def machine(folder: Path, url: str, hook: str) -> list[str]:
    """A state folder, an inbox with all samples and a configuration; returns the command."""
    text = (EXAMPLES / "config.yaml").read_text("utf-8")
    head, _, rest = text.partition("receivers:")
    _, _, tail = rest.partition("\nfeeds:")
    receiver = f"receivers:\n  - name: hook\n    webhook_configs: [{{url: '{hook}'}}]\n"
    folder.mkdir()
    (folder / "config.yaml").write_text(
        f"database: '{url}'\n{head}{receiver}\nfeeds:{tail}", "utf-8"
    )
    (folder / "inbox").mkdir()
    for dump in (EXAMPLES / "dumps").glob("*.txt"):
        shutil.copy2(dump, folder / "inbox")
    return [sys.executable, "-m", "monitor", "-c", str(folder / "config.yaml"), "run", "--once"]


def test_two_machines_tell_everything_once(
    tmp_path: Path, postgres_url: str, store: Store, httpserver: HTTPServer
) -> None:
    """Both get the same dumps at the same time: each dump counts once, each alert arrives once."""
    bodies: dict[str, bytes] = {}

    def receive(request: Request) -> Response:
        bodies[request.headers["webhook-id"]] = request.get_data()
        return Response(status=204)

    httpserver.expect_request("/").respond_with_handler(receive)
    hook = httpserver.url_for("/")
    commands = [machine(tmp_path / name, postgres_url, hook) for name in ("one", "two")]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for command in commands]
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()
    subprocess.run(commands[0], check=True, capture_output=True)  # what the other's wait held back

    dumps = store.pages.dumps(limit=99)
    assert len(dumps) == len(list((EXAMPLES / "dumps").glob("*.txt")))
    assert all(
        d.articles == d.new + d.revised + d.unchanged + d.duplicate + d.quarantined for d in dumps
    )
    assert (sum(d.new for d in dumps), sum(d.revised for d in dumps)) == (16, 1)
    alerts = [
        (alert["article_id"], alert["revision"])
        for body in bodies.values()
        for alert in json.loads(body)["data"]["alerts"]
    ]
    assert alerts and len(alerts) == len(set(alerts))
    assert {d.state for d in store.pages.deliveries(limit=99)} == {DeliveryState.SENT}
    told = {article for article, _ in alerts}
    assert told == {match.article_id for match in store.pages.matches(limit=999)}
