"""From dump to thread: the whole program, with a Slack workspace at the other end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from monitor.cli import main

from .workspace import TOKEN, Posted, Workspace

CONFIG = """
inbox: ./inbox
web: {{base_url: "https://monitor.example.org"}}
rules:
  - {{name: dam, any: [dam], on: [new, revised, dropped]}}
receivers:
  - name: desk
    slack_configs:
      - token: {token}
        channel: "#news"
        api_url: http://127.0.0.1:{port}/api
        min_interval: 0s
"""
TEXTS = [
    "The dam broke, killing 12 people.",
    "The dam broke, killing 15 people.",
    "The river broke its banks, killing 15 people.",
]


@pytest.fixture
def site(tmp_path: Path, serve: Any) -> tuple[Path, Workspace]:
    workspace = Workspace()
    port = serve(workspace.handle).port
    (tmp_path / "inbox").mkdir()
    (tmp_path / "config.yaml").write_text(CONFIG.format(port=port, token=TOKEN))
    return tmp_path, workspace


def test_an_article_is_followed_in_its_thread(site: tuple[Path, Workspace]) -> None:
    """New, edited, no longer matching: one message, and below it what became of it, also after
    the program was started anew."""
    folder, workspace = site
    for day, text in enumerate(TEXTS, 2):
        dump = f" date 2026-03-{day:02}\n01.03.2026, 09:00 20\nFlood in the east\n{text}\n"
        (folder / "inbox" / f"{day}.txt").write_text(dump + "Schools are open.\n" * 3)
        command = ["-c", str(folder / "config.yaml"), "run", "--once"]
        done = CliRunner().invoke(main, command, catch_exceptions=False)
        assert done.exit_code == 0
    first, second, third = workspace.posted
    assert [first.thread_ts, second.thread_ts, third.thread_ts] == [None, first.ts, first.ts]
    assert (
        "New: <https://monitor.example.org/feeds/rules/dam.atom|dam> · default · 2026-03-01 09:00"
        in _text(first)
    )
    assert "killing ~12~ *15* people" in _text(second)
    assert "No longer matches: " in _text(third)


def _text(posted: Posted) -> str:
    text: str = posted.document["blocks"][1]["text"]["text"]
    return text
