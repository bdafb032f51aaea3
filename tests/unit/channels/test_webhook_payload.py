"""The webhook's body and signature."""

from __future__ import annotations

import json

import pytest

from monitor.channels import webhook


def test_the_body_holds_the_whole_message(make_message):
    """Every field by its name; matched spans with the words they cover."""
    body = json.loads(webhook.payload(make_message(total=3), key="dlv_1"))
    assert body == {
        "type": "alert",
        "key": "dlv_1",
        "receiver": "desk",
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
                "excerpt": "The referendum will be held in June.",
                "matched": [
                    {"field": "title", "start": 0, "end": 10, "text": "Referendum"},
                    {"field": "excerpt", "start": 4, "end": 14, "text": "referendum"},
                ],
                "url": "http://monitor.test/articles/1",
            }
        ],
    }


def test_the_body_is_compact_utf8_and_stable(make_alert, make_message):
    """A retry signs and sends the same bytes; text is not escaped to ASCII."""
    message = make_message(make_alert(title="Су реформасы"))
    body = webhook.payload(message, key="k")
    assert body == webhook.payload(message, key="k")
    assert "Су реформасы".encode() in body
    assert b'": ' not in body


def test_a_lone_surrogate_does_not_break_the_body(make_alert, make_message):
    """Bad text is replaced one to one, so that offsets stay true."""
    alert = make_alert(title="A \ud800 referendum", title_marks=((4, 14),))
    (shown,) = json.loads(webhook.payload(make_message(alert), key="k"))["alerts"]
    assert shown["title"] == "A ? referendum"
    assert shown["title"][4:14] == shown["matched"][0]["text"]


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_***", "MfKQ9r8G", "whsec_abc", "x_QUJD"])
def test_a_secret_of_another_form_is_refused_without_showing_it(secret):
    """A wrong secret is an error when it is configured, and is not in its text."""
    with pytest.raises(ValueError, match="not whsec_ and base64") as caught:
        webhook.secret_key(secret)
    assert not secret or secret not in str(caught.value).replace("whsec_ and", "")
