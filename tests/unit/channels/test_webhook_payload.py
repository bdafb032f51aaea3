"""The document that webhooks post and commands read, its schema, and the signature."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.channels import webhook
from monitor.channels.event import MAX_BYTES, document
from monitor.model import (
    AlertKind,
    Comparison,
    Copy,
    DeliveryKind,
    Earlier,
    EditKind,
    HealthCheck,
    HealthState,
    ParagraphEdit,
    Run,
    SourceHealth,
)

DOCS = Path(__file__).parents[3] / "docs"
MOMENT = datetime(2022, 1, 5, 7, 0, tzinfo=UTC)
EDIT = Comparison(
    title=(Run("-", "Dam"), Run("+", "Dams")),
    paragraphs=(
        ParagraphEdit("edited", 0, 1, (Run("=", "It killed "), Run("-", "12"), Run("+", "15"))),
        ParagraphEdit("added", None, 2, (Run("+", "Correction: twelve."),)),
    ),
    kinds=(EditKind.HEADLINE, EditKind.FIGURES),
    materiality=0.84,
    left_out=2,
)
COPY = Copy("0189d6f3-1111-7222-8333-000000000009", "gazette", "The same", None, None)
UNWELL = SourceHealth(HealthCheck.SILENT, HealthState.FIRING, MOMENT)


def strict(node: Any) -> Any:
    """The schema with no fields allowed but those that it describes."""
    if isinstance(node, list):
        return [strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: strict(value) for key, value in node.items()}
    if found.get("type") == "object":
        found["additionalProperties"] = False
    return found


SCHEMA = json.loads((DOCS / "webhook.schema.json").read_text("utf-8"))
CHECKER = jsonschema.FormatChecker(())
VALIDATOR = jsonschema.Draft202012Validator(strict(SCHEMA), format_checker=CHECKER)


@CHECKER.checks("date-time", raises=ValueError)
def has_a_zone(text: object) -> bool:
    """RFC 3339 asks for the offset, ``fromisoformat`` does not."""
    return datetime.fromisoformat(str(text)).tzinfo is not None


def told(message: Any, key: str = "dlv_1") -> dict[str, Any]:
    """The document, checked against the schema."""
    found: dict[str, Any] = json.loads(document(message, key=key))
    VALIDATOR.validate(found)
    return found


def test_the_document_holds_the_whole_message(make_alert, make_message):
    """Every field by its name; matched spans with the words they cover."""
    alert = make_alert(link="https://daily.example/1", priority="urgent")
    assert told(make_message(alert, total=3)) == {
        "type": "digest",
        "timestamp": "2022-01-05T08:31:00+00:00",
        "data": {
            "key": "dlv_1",
            "receiver": "desk",
            "kind": "alerts",
            "created": "2022-01-05T08:31:00+00:00",
            "total": 3,
            "more": 2,
            "alerts": [
                {
                    "article_id": "0189d6f3-1111-7222-8333-000000000001",
                    "kind": "new",
                    "revision": 1,
                    "source": "daily",
                    "title": "Referendum on water 1",
                    "published": "2022-01-05T14:30:00+06:00",
                    "observed": "2022-01-05T08:31:00+00:00",
                    "views": 1234,
                    "rules": ["referendum"],
                    "priority": "urgent",
                    "excerpt": "The referendum will be held in June.",
                    "matched": [
                        {"field": "title", "start": 0, "end": 10, "text": "Referendum"},
                        {"field": "excerpt", "start": 4, "end": 14, "text": "referendum"},
                    ],
                    "url": "http://monitor.test/articles/1",
                    "link": "https://daily.example/1",
                }
            ],
        },
    }


@pytest.mark.parametrize(
    ("fields", "kind", "total", "type_"),
    [
        ({}, DeliveryKind.ALERTS, 1, "article.new"),
        ({"kind": AlertKind.REVISED, "edit": EDIT}, DeliveryKind.ALERTS, 1, "article.revised"),
        ({"kind": AlertKind.DROPPED, "edit": EDIT}, DeliveryKind.ALERTS, 1, "article.dropped"),
        ({"kind": AlertKind.RISEN, "growth": 512.34}, DeliveryKind.ALERTS, 1, "article.risen"),
        ({"kind": AlertKind.HEALTH, "health": UNWELL}, DeliveryKind.ALERTS, 1, "source.health"),
        ({"copies": (COPY,)}, DeliveryKind.ALERTS, 2, "digest"),
        (
            {"earlier": (Earlier(AlertKind.NEW, 1, MOMENT),), "revision": 2},
            DeliveryKind.ALERTS,
            2,
            "digest",
        ),
        ({}, DeliveryKind.DIGEST, 1, "digest"),
        ({}, DeliveryKind.HELD, 1, "digest"),
        ({}, DeliveryKind.STORM, 900, "digest"),
        ({}, DeliveryKind.BACKFILL, 1, "digest"),
        ({}, DeliveryKind.TEST, 1, "test"),
    ],
)
def test_the_type_says_what_is_in_it(fields, kind, total, type_, make_alert, make_message):
    """One alert has a type of its own; the schema that is published fits all of them."""
    assert told(make_message(make_alert(**fields), kind=kind, total=total))["type"] == type_


def test_a_message_of_nothing(make_message):
    """All that it had was too long to show, say."""
    assert told(replace(make_message(), alerts=(), total=7))["data"]["more"] == 7


def test_the_schema_knows_a_wrong_document(make_message):
    """One alert of another kind than the type says, a field that is missing, a field unknown."""
    for change in (
        lambda found: found.update(type="article.risen"),
        lambda found: found["data"]["alerts"][0].pop("url"),
        lambda found: found["data"].update(secret="x"),
        lambda found: found.update(timestamp="today"),
    ):
        found = told(make_message())
        change(found)
        assert not VALIDATOR.is_valid(found)


def test_the_document_is_compact_utf8_and_stable(make_alert, make_message):
    """A retry signs and sends the same bytes; text is not escaped to ASCII."""
    message = make_message(make_alert(title="Су реформасы"))
    body = document(message, key="k")
    assert body == document(message, key="k")
    assert "Су реформасы".encode() in body
    assert b'": ' not in body


def test_a_lone_surrogate_does_not_break_the_document(make_alert, make_message):
    """Bad text is replaced one to one, so that offsets stay true."""
    alert = make_alert(title="A \ud800 referendum", title_marks=((4, 14),))
    (shown,) = told(make_message(alert))["data"]["alerts"]
    assert shown["title"] == "A ? referendum"
    assert shown["title"][4:14] == shown["matched"][0]["text"]


# --------------------------------------------------------------------------- no room


def test_edits_are_shortened_first(make_alert, make_message):
    """What an edit changed in a book is told in brief, with all articles and all their texts."""
    long = replace(EDIT, paragraphs=(ParagraphEdit("added", None, 0, (Run("+", "b " * 20_000),)),))
    alerts = [make_alert(n, kind=AlertKind.REVISED, edit=long) for n in range(10)]
    found = told(make_message(*alerts))["data"]
    assert (len(found["alerts"]), found["more"]) == (10, 0)
    assert all(alert["excerpt"] == alerts[0].excerpt for alert in found["alerts"])
    assert all(alert["edit"]["paragraphs"] for alert in found["alerts"])


def test_then_texts_are_cut(make_alert, make_message):
    """What matched beyond the cut is not told; what stands before it is."""
    long = make_alert(
        excerpt="The referendum " + "and so on " * 5_000 + "referendum",
        excerpt_marks=((4, 14), (50_015, 50_025)),
        edit=EDIT,
        copies=(COPY,) * 9,
    )
    found = told(make_message(*[replace(long, article_id=str(n)) for n in range(50)]))["data"]
    assert (len(found["alerts"]), found["more"]) == (50, 0)
    for alert in found["alerts"]:
        assert [mark["start"] for mark in alert["matched"]] == [0, 4]
        assert len(alert["excerpt"]) <= 300
        assert len(alert["copies"]) == 5
        assert (alert["edit"]["paragraphs"], alert["edit"]["left_out"]) == ([], 4)


def test_and_at_last_alerts_are_counted(make_alert, make_message):
    """As many as there is room for, the first ones; none where not even one fits."""
    wide = [make_alert(n, url="http://monitor.test/" + "x" * 10_000) for n in range(100)]
    found = told(make_message(*wide, total=150))["data"]
    shown = len(found["alerts"])
    assert 20 <= shown < 27
    assert found["more"] == 150 - shown
    assert [alert["article_id"] for alert in found["alerts"]] == [
        alert.article_id for alert in wide[:shown]
    ]
    huge = make_alert(url="x" * MAX_BYTES)
    assert told(make_message(huge))["data"]["more"] == 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60_000), st.integers(0, 60_000)), max_size=30))
def test_no_document_is_too_long(make_alert, make_message, sizes):
    """Whatever texts have in them; each count is right."""
    alerts = [
        make_alert(n, title="т" * title or "t", excerpt="\\" * excerpt, link="l" * (title // 9))
        for n, (title, excerpt) in enumerate(sizes)
    ]
    message = replace(make_message(), alerts=tuple(alerts), total=len(alerts))
    body = document(message, key="k")
    assert len(body) <= MAX_BYTES
    found = json.loads(body)["data"]
    assert found["more"] == len(alerts) - len(found["alerts"])


# --------------------------------------------------------------------------- signature


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_***", "MfKQ9r8G", "whsec_abc", "x_QUJD"])
def test_a_secret_of_another_form_is_refused_without_showing_it(secret):
    """A wrong secret is an error when it is configured, and is not in its text."""
    with pytest.raises(ValueError, match="not whsec_ and base64") as caught:
        webhook.secret_key(secret)
    assert not secret or secret not in str(caught.value).replace("whsec_ and", "")
