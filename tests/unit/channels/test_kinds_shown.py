"""Why alerts stand together in one message, and what was told of an article before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.channels import console, wording
from monitor.model import AlertKind, DeliveryKind, Earlier

NEW = Earlier(AlertKind.NEW, 1, datetime(2022, 1, 4, 22, 0, tzinfo=UTC))
REVISED = Earlier(AlertKind.REVISED, 2, datetime(2022, 1, 5, 7, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("kind", "headline", "subject"),
    [
        (DeliveryKind.ALERTS, "1 new, 1 revised: referendum", "2 articles: referendum"),
        (DeliveryKind.DIGEST, "Digest: 1 new, 1 revised: referendum", "Digest: 2 articles: refe"),
        (
            DeliveryKind.HELD,
            "Held back since 2022-01-05 08:31 UTC: 1 new, 1 revised: referendum",
            "Held back since 2022-01-05 08:31 UTC: 2 articles: refe",
        ),
        (
            DeliveryKind.STORM,
            "Storm: 2 more articles: referendum",
            "Storm: 2 more articles: refe",
        ),
        (
            DeliveryKind.BACKFILL,
            "Backfill (older articles): 1 new, 1 revised: referendum",
            "Backfill (older articles): 2 articles: refe",
        ),
        (DeliveryKind.TEST, "Test: 1 new, 1 revised: referendum", "Test: 2 articles: refe"),
    ],
)
def test_headline_and_subject_say_why_alerts_stand_together(
    kind, headline, subject, make_alert, make_message
):
    """A digest must not read as news of this minute, nor a trial as news at all."""
    message = make_message(make_alert(1), make_alert(2, kind=AlertKind.REVISED), kind=kind)
    assert wording.headline(message) == headline
    assert wording.subject(message).startswith(subject)


@pytest.mark.parametrize("kind", DeliveryKind)
def test_one_article_is_named_in_the_subject(kind, make_alert, make_message):
    """Whatever the kind of the message, its words come first."""
    message = make_message(make_alert(title="Water"), kind=kind)
    lead = wording.kind_of(message)
    assert wording.subject(message) == f"{lead}: referendum: Water".removeprefix(": ")


def test_what_is_joined_is_no_more(make_alert, make_message):
    """Three alerts about one article and one that is not shown are four."""
    alert = make_alert(revision=3, kind=AlertKind.REVISED, earlier=(NEW, REVISED))
    joined = make_message(alert, total=3, kind=DeliveryKind.DIGEST)
    assert joined.more == 0
    assert wording.more(joined) == ""
    assert wording.headline(joined) == "Digest: 1 revised: referendum"
    assert wording.subject(joined) == "Digest: referendum: Referendum on water 1"
    cut = make_message(alert, total=4, kind=DeliveryKind.DIGEST)
    assert wording.more(cut) == "and 1 more"
    assert wording.headline(cut) == "Digest: 4 alerts: referendum"
    two = make_message(alert, make_alert(2), total=4, kind=DeliveryKind.DIGEST)
    assert wording.subject(two) == "Digest: 4 alerts: referendum"


def test_earlier_alerts_lead_to_what_they_told_of(make_alert):
    """A revision leads to what it changed; one of another day bears its date."""
    alert = make_alert(revision=3, kind=AlertKind.REVISED, earlier=(NEW, REVISED))
    url = "http://monitor.test/articles/1"
    assert wording.earlier(alert) == [
        ("new 2022-01-04 22:00 UTC", url),
        ("revised 07:05 UTC", f"{url}?from=1&to=2#changes"),
    ]
    assert wording.earlier(make_alert()) == []


def test_every_kind_of_alert_has_words_for_before(make_alert):
    """None raises, and none is empty."""
    for kind in AlertKind:
        one = replace(REVISED, kind=kind, observed=REVISED.observed - timedelta(days=400))
        ((text, _),) = wording.earlier(make_alert(earlier=(one,)))
        assert text.endswith(" 2020-12-01 07:05 UTC")


def test_the_console_shows_what_was_told_before(make_alert, make_message):
    """A line for each, below the article."""
    alert = make_alert(revision=3, kind=AlertKind.REVISED, earlier=(NEW, REVISED))
    text = console.payload(make_message(alert, total=3, kind=DeliveryKind.DIGEST))
    assert text.startswith("Digest: 1 revised: referendum\n")
    assert "         Also new 2022-01-04 22:00 UTC  http://monitor.test/articles/1\n" in text
    assert "Also revised 07:05 UTC  http://monitor.test/articles/1?from=1&to=2#changes\n" in text
