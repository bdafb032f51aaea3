"""docs/alerts.md shows what the channels send."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.channels import console, event
from monitor.config import ReceiverSettings, RuleSettings
from monitor.config.inhibit import InhibitRuleSettings
from monitor.config.intervals import TimeIntervalSettings
from monitor.config.routes import RouteSettings
from monitor.config.yaml import read_yaml
from monitor.model import AlertKind

PAGE = Path(__file__).parents[3] / "docs" / "alerts.md"
OTHERS = {
    "inhibit_rules": InhibitRuleSettings,
    "routes": RouteSettings,  # a part of one, shown by itself
    "time_intervals": TimeIntervalSettings,
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def alert(make_alert):
    """The article of the page; as in every alert from the store, its time is UTC."""
    return make_alert(
        title="Referendum set for June",
        published=datetime(2022, 1, 5, 8, 30, tzinfo=UTC),
        excerpt="The referendum will be held in all regions.",
        url="http://127.0.0.1:8808/articles/0189d6f3-1111-7222-8333-000000000001",
        link="https://daily.example/2022/01/05/referendum",
    )


def test_the_webhook_document(alert, make_message):
    """The JSON shown is what would be posted."""
    (shown,) = blocks("json")
    document = json.loads(shown)
    message = make_message(alert, receiver="archive", total=3)
    assert json.loads(event.document(message, key=document["data"]["key"])) == document


def test_the_console_lines(alert, make_alert, make_message):
    """The lines shown are what would be printed."""
    second = make_alert(
        2,
        title="Water code goes to parliament",
        kind=AlertKind.REVISED,
        revision=2,
        views=310,
        published=datetime(2022, 1, 5, 3, 10, tzinfo=UTC),
        rules=("water",),
        excerpt="The draft of the water code was published last week.",
        url="http://127.0.0.1:8808/articles/0189d6f3-1111-7222-8333-000000000002",
    )
    third = make_alert(
        3,
        title="Ferry runs again",
        kind=AlertKind.DROPPED,
        revision=3,
        views=95,
        published=datetime(2022, 1, 4, 17, 20, tzinfo=UTC),
        rules=("low-water",),
        excerpt="The ferry lies still until the low water is over.",
        url="http://127.0.0.1:8808/articles/0189d6f3-1111-7222-8333-000000000003",
    )
    (shown,) = [block for block in blocks("console") if not block.startswith("$ ")]
    assert console.payload(make_message(alert, second, third)) == shown + "\n"


def test_the_configurations(tmp_path, monkeypatch):
    """Every receiver and every rule shown is accepted as it stands."""
    (tmp_path / "slack-url").write_text("https://hooks.slack.com/services/T/B/X")
    (tmp_path / "slack-token").write_text("xoxb-1-2-x")
    for name in ("smtp-password", "oauth-secret", "oauth-refresh"):
        (tmp_path / name).write_text("secret")
    (tmp_path / "apprise-url").write_text("tgram://123456789:token/chat")
    for text in blocks("yaml"):
        filled = text.replace("${WEBHOOK_SECRET}", "whsec_c2VjcmV0")
        shown = read_yaml(filled, "alerts.md", {"ARCHIVE_TOKEN": "t", "TICKET_TOKEN": "t"}).data
        assert isinstance(shown, dict)
        for receiver in shown.get("receivers", ()):
            ReceiverSettings.model_validate(receiver, context={"folder": tmp_path})
        for rule in shown.get("rules", ()):
            RuleSettings.model_validate(rule)
        if "route" in shown:
            RouteSettings.model_validate(shown["route"])
        for key, model in OTHERS.items():
            for entry in shown.get(key, ()):
                model.model_validate(entry)
        assert shown.keys() <= {"receivers", "rules", "route", *OTHERS}
