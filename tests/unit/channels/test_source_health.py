"""Alerts about a source, in each channel's words."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from monitor.channels import console, event, letter, slack_blocks, wording
from monitor.model import AlertKind, HealthCheck, HealthState, SourceHealth

SINCE = datetime(2022, 1, 5, 8, 30, tzinfo=UTC)
TITLE = "daily: no dump for 9 h (usually every 2 h)"


@pytest.fixture
def make_health(make_alert):
    """An alert about the source "daily"."""

    def make(state=HealthState.FIRING, title=TITLE, **changes):
        health = SourceHealth(HealthCheck.SILENT, state, SINCE)
        return make_alert(
            kind=AlertKind.HEALTH,
            source="daily",
            title=title,
            rules=(),
            published=None,
            views=None,
            revision=1 if state is HealthState.FIRING else 2,
            excerpt="The last was daily-7.txt.",
            title_marks=(),
            excerpt_marks=(),
            url="http://page/#sources",
            health=health,
            **changes,
        )

    return make


def test_the_title_says_it_all(make_health, make_message):
    """Of one alone it is the subject; no rule, revision or counter is spoken of."""
    alert = make_health()
    assert wording.subject(make_message(alert)) == TITLE
    assert wording.facts(alert) == "daily · since 2022-01-05 08:30 UTC"
    assert wording.label(alert) == "Source unwell"
    assert wording.label(make_health(HealthState.RESOLVED)) == "Source well again"


def test_beside_articles_they_are_counted_apart(make_alert, make_health, make_message):
    """What is not shown is called alerts where some are about sources."""
    both = make_message(make_alert(), make_health())
    assert wording.headline(both) == "1 new, 1 about a source: referendum"
    assert wording.subject(both) == "2 alerts: referendum"
    cut = make_message(make_health(), total=12)
    assert wording.headline(cut) == "12 alerts"


def test_in_the_console(make_health, make_message):
    """Label, title, since when, what more there is, and the page."""
    assert console.payload(make_message(make_health())).splitlines()[1:5] == [
        f"HEALTH   {TITLE}",
        "         daily · since 2022-01-05 08:30 UTC",
        "         The last was daily-7.txt.",
        "         http://page/#sources",
    ]


def test_in_slack(make_health, make_message):
    """The title is a link to the page's sources; nothing stands where rules would."""
    blocks = slack_blocks.payload(make_message(make_health()))["blocks"]
    assert blocks[1]["text"]["text"].splitlines() == [
        f"*<http://page/#sources|{TITLE}>*",
        "Source unwell · daily · since 2022-01-05 08:30 UTC",
        "The last was daily-7.txt.",
    ]


def test_in_a_mail(make_health, make_message):
    """Text and HTML have the label; what is over is as green as what is new."""
    unwell = make_message(make_health())
    assert "\nSOURCE UNWELL\n" + TITLE in letter.text(unwell)
    well = letter.html(make_message(make_health(HealthState.RESOLVED)))
    assert "background-color:#1a7f37" in well
    assert "Source well again" in well
    assert "background-color:#cf222e" in letter.html(unwell)


def test_beginning_and_end_are_one_conversation(make_health, make_message):
    """Mail programs thread by the id of source, check and beginning."""
    sender = letter.Mailbox.parse("a@example.org")
    mails = [
        letter.compose(make_message(make_health(state)), key=state, sender=sender, recipient=sender)
        for state in HealthState
    ]
    assert len({mail["References"] for mail in mails}) == 1


def test_in_a_webhook(make_health, make_alert, make_message):
    """``health`` has check, state and beginning; other alerts have no such field."""
    message = make_message(make_alert(), make_health(HealthState.RESOLVED))
    article, health = json.loads(event.document(message, key="k"))["data"]["alerts"]
    assert "health" not in article
    assert health["kind"] == "health"
    assert health["health"] == {
        "check": "silent",
        "state": "resolved",
        "since": "2022-01-05T08:30:00+00:00",
    }
