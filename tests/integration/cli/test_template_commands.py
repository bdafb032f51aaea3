"""``monitor template`` and ``monitor receivers``: what messages look like, whether they arrive."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli import main

CONFIG = """
inbox: ./inbox
templates: [shared/*.j2]
rules:
  - {name: dam, any: [dam], priority: urgent}
  - {name: ferry, any: [ferry]}
receivers:
  - name: desk
    console_configs:
      - {}
    slack_configs:
      - webhook_url: http://127.0.0.1:PORT/services/T/B/hunter2
        header: "Press: {{ message.headline }}"
        text: |-
          {% from "shared.j2" import item %}
          {{ item(alert) }}
    email_configs:
      - {to: [ann@example.org, bob@example.org], from: m@example.org, eml: mails}
  - name: nobody
"""
SHARED = "{% macro item(alert) %}{{ alert.title|bold }} [{{ alert.priority }}]{% endmacro %}"
DUMP = """ date 2026-03-02
01.03.2026, 09:00 20
Dam bursts: <!channel>
The dam broke, killing 12 people & a dog.
Schools open.
01.03.2026, 08:00 5
Ferry runs again
The ferry runs again after the winter with 3 boats.
"""
EDITED = """ date 2026-03-03
01.03.2026, 08:00 9
Ferry runs again
The ferry runs again after the winter with 4 boats.
"""


class Hook(BaseHTTPRequestHandler):
    """Slack's incoming webhook."""

    answer = (200, b"ok")
    seen: list[bytes]

    def do_POST(self) -> None:
        self.seen.append(self.rfile.read(int(self.headers["content-length"])))
        status, body = self.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[type[Hook]]:
    class Mine(Hook):
        seen: list[bytes] = []  # noqa: RUF012

    server = HTTPServer(("127.0.0.1", 0), Mine)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    Mine.port = server.server_port
    yield Mine
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two stored articles."""
    folder = tmp_path_factory.mktemp("site")
    for name in ("inbox", "shared", "mails"):
        (folder / name).mkdir()
    (folder / "shared" / "shared.j2").write_text(SHARED)
    (folder / "inbox" / "dump-2.txt").write_text(DUMP)
    (folder / "inbox" / "dump-3.txt").write_text(EDITED)
    config = folder / "config.yaml"
    config.write_text(CONFIG.partition("receivers:")[0])
    done = CliRunner().invoke(main, ["-c", str(config), "run", "--once"], catch_exceptions=False)
    assert done.exit_code == 0
    return folder


@pytest.fixture
def run(tmp_path: Path, site: Path, hook: type[Hook], monkeypatch: pytest.MonkeyPatch):
    """Runs a command in a copy of that folder."""
    shutil.copytree(site, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(CONFIG.replace("PORT", str(hook.port)))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, catch_exceptions=False)

    return run


@pytest.fixture
def dam(run) -> str:
    """The id of the article about the dam."""
    found = [json.loads(line) for line in run("articles", "--json").stdout.splitlines()]
    return next(row["id"] for row in found if row["title"].startswith("Dam"))


# --------------------------------------------------------------------------- template


def test_a_message_without_templates(run, dam):
    """For the console, if nothing else is asked for; the beginning of an id is enough."""
    shown = run("template", "render", dam[:8])
    assert shown.exit_code == 0
    assert shown.stdout.startswith("1 new: dam\nNEW      Dam bursts: <!channel>\n")


def test_a_message_of_a_receiver(run, dam):
    """Each of its channels, in its own words, escaped as that channel needs it."""
    shown = run("template", "render", "--receiver", "desk", dam)
    assert shown.exit_code == 0
    assert "Press: 1 new: dam\n\n*Dam* bursts: &lt;!channel&gt; [urgent]\n" in shown.stdout
    assert "Subject: dam: Dam bursts: <!channel>\n" in shown.stdout
    only = run("template", "render", "--receiver", "desk", "--channel", "slack", dam, "--json")
    (row,) = map(json.loads, only.stdout.splitlines())
    assert row["destination"] == "desk/slack/0"
    assert row["message"]["blocks"][0]["text"]["text"] == "Press: 1 new: dam"


def test_an_article_that_was_edited(run):
    """With what its last edit changed."""
    rows = [json.loads(line) for line in run("articles", "--json").stdout.splitlines()]
    ferry = next(row for row in rows if row["title"].startswith("Ferry"))
    assert ferry["revision"] == 2
    shown = run("template", "render", ferry["id"]).stdout
    assert shown.startswith("1 revised: ferry\nREVISED  Ferry runs again\n")
    assert "with [-3-]{+4+} boats." in shown


def test_a_digest_and_a_page(run, dam, tmp_path):
    """Any kind of message; the page of a mail goes into a file."""
    page = tmp_path / "mail.html"
    options = ("--channel", "email", "--kind", "digest", "--html", str(page))
    assert run("template", "render", *options, dam).exit_code == 0
    assert "Digest: " in page.read_text()
    assert "Dam bursts: &lt;!channel&gt;" in page.read_text()
    refused = run("template", "render", "--channel", "slack", "--html", str(page), dam)
    assert refused.exit_code == 2
    assert "has no page" in refused.stderr


def test_a_webhook_is_shown_as_its_document(run, dam):
    """What goes over the line."""
    document = json.loads(run("template", "render", "--channel", "webhook", dam).stdout)
    assert document["type"] == "article.new"


def test_a_template_in_a_file(run, dam, tmp_path):
    """Tried before it is put into the configuration; a mistake in it has its place."""
    file = tmp_path / "mine.j2"
    file.write_text("{% for alert in alerts %}{{ alert.title }}!{% endfor %}\n")
    assert run("template", "render", "--template", str(file), dam).stdout == (
        "Dam bursts: <!channel>!\n\n"
    )
    file.write_text("\n{{ alert.tilte }}")
    shown = run("template", "render", "--channel", "slack", "--template", str(file), dam)
    assert shown.exit_code == 2
    assert f"{file}:2:1: alert has no 'tilte'; did you mean title?" in shown.stderr
    file.write_text("{{ alerts[5].title }}")
    shown = run("template", "render", "--template", str(file), dam)
    assert shown.exit_code == 1
    assert "this is the default" in shown.stdout
    assert "a template failed" in shown.stderr
    shown = run("template", "render", "--template", str(file), "--key", "html", dam)
    assert shown.exit_code == 2
    assert "console.html takes no template" in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "said", "status"),
    [
        (["00000000"], "there is no article with the id", 1),
        (["--receiver", "dask", "00000000"], "there is no article", 1),
        ([], "Missing argument", 2),
    ],
)
def test_slips(arguments, said, status, run):
    """Said plainly."""
    shown = run("template", "render", *arguments)
    assert (shown.exit_code, said in shown.stderr) == (status, True)


def test_a_receiver_that_is_not_there(run, dam):
    """The names that there are."""
    shown = run("template", "render", "--receiver", "dask", dam)
    assert shown.exit_code == 2
    assert "only: desk, nobody" in shown.stderr


def test_the_list_and_the_defaults(run):
    """Every setting that takes a template, who has set it, and its default to begin with."""
    rows = [json.loads(line) for line in run("template", "list", "--json").stdout.splitlines()]
    set_by = {row["name"]: row["set_by"] for row in rows}
    assert set_by["slack.text"] == ["desk/slack/0"]
    assert set_by["email.text"] == []
    assert "slack.text" in run("template", "list").stdout
    for name in set_by:
        assert "{{" in run("template", "show", name).stdout
    refused = run("template", "show", "../words")
    assert refused.exit_code == 2
    assert "there is no default" in refused.stderr


# --------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("message.headline", "message.headlin", ":13:18: receivers[0].slack_configs[0].header:"),
        ("{{ item(alert) }}", "{{ itm(alert) }}", ":16:11: receivers[0].slack_configs[0].text:"),
        ("{{ item(alert) }}", "{% for %}", ":16:11: receivers[0].slack_configs[0].text:"),
        ('"shared.j2"', '"shored.j2"', ":15:11: receivers[0].slack_configs[0].text:"),
    ],
)
def test_a_mistake_in_a_template_has_its_place(old, new, place, run, tmp_path):
    """File, line, column and key, before anything starts."""
    file = tmp_path / "config.yaml"
    file.write_text(file.read_text().replace(old, new))
    checked = run("check-config")
    assert checked.exit_code == 2
    assert f"config.yaml{place}" in checked.stderr


def test_mistakes_in_files_of_templates(run, tmp_path):
    """The file and its line; two of one name are one too many."""
    (tmp_path / "shared" / "bad.j2").write_text("a\n{% if %}")
    checked = run("check-config")
    assert checked.exit_code == 2
    assert "shared/bad.j2:2:1: Expected an expression" in checked.stderr
    (tmp_path / "shared" / "bad.j2").write_bytes(b"\xff")
    assert "shared/bad.j2:1:1: not UTF-8 text" in run("check-config").stderr
    (tmp_path / "shared" / "bad.j2").unlink()
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "shared.j2").write_text("x")
    file = tmp_path / "config.yaml"
    file.write_text(file.read_text().replace("[shared/*.j2]", "[shared/*.j2, more/*.j2]"))
    assert "a template of that name is " in run("check-config").stderr


# --------------------------------------------------------------------------- receivers


def test_the_list_of_receivers_has_no_secrets(run):
    """Destinations and where they are."""
    listed = run("receivers", "list")
    assert "desk/slack/0" in listed.stdout
    assert "desk/email/0/bob@example.org" in listed.stdout
    rows = [json.loads(line) for line in run("receivers", "list", "--json").stdout.splitlines()]
    assert [row["where"].partition(":")[0] for row in rows][:2] == ["standard output", "http"]
    assert "hunter2" not in listed.stdout + json.dumps(rows)


def test_a_trial_goes_to_every_destination(run, hook, tmp_path):
    """It says TEST, in the receiver's own words, and leaves no trace in the store."""
    before = _stored(tmp_path)
    tried = run("receivers", "test", "desk")
    assert tried.exit_code == 0
    assert "desk/slack/0: ok" in tried.stdout
    assert "desk/email/0/bob@example.org: ok" in tried.stdout
    (document,) = map(json.loads, hook.seen)
    assert document["blocks"][0]["text"]["text"] == "Press: Test: 1 new: test"
    assert document["blocks"][1]["text"]["text"] == "*TEST* of the receiver desk [normal]"
    assert len(list((tmp_path / "mails").iterdir())) == 2
    assert _stored(tmp_path) == before


def test_a_trial_that_fails(run, hook):
    """Which destination, why, and exit status 1; no secret, and the others are tried."""
    hook.answer = (404, b"no_service")
    tried = run("receivers", "test", "desk", "--json")
    assert tried.exit_code == 1
    rows = {row["destination"]: row for row in map(json.loads, tried.stdout.splitlines())}
    assert rows["desk/slack/0"]["ok"] is False
    assert rows["desk/slack/0"]["permanent"] is True
    assert "404" in rows["desk/slack/0"]["error"]
    assert rows["desk/email/0/ann@example.org"]["ok"] is True
    assert "1 of 4 destinations did not take it" in tried.stderr
    assert "hunter2" not in tried.stdout + tried.stderr


def test_a_trial_by_one_channel(run, hook):
    """The others hear nothing."""
    assert run("receivers", "test", "desk", "--channel", "console").exit_code == 0
    assert hook.seen == []
    for arguments in (["desk", "--channel", "fax"], ["nobody"], ["dask"]):
        assert run("receivers", "test", *arguments).exit_code == 2


def _stored(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "state" / "monitor.db") as database:
        return list(database.iterdump())
