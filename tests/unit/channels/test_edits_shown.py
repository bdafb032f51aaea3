"""Every channel shows what an edit changed, in its own way."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.channels import console, event, letter, slack_blocks
from monitor.model import Alert, AlertKind
from monitor.revisions import compare, shortened

BEFORE = ("Dam bursts", "It killed 12 people.\nRain goes on.\nSchools are *open* today.")
AFTER = ("Dam <holds>", "It killed 15 people.\nRain goes on.\nHelp ~came~ & went.")


@pytest.fixture
def revised(make_alert) -> Alert:
    return make_alert(
        title=AFTER[0],
        kind=AlertKind.REVISED,
        revision=2,
        title_marks=(),
        edit=shortened(compare(BEFORE, AFTER), 2_000),
    )


def test_console(revised, make_message):
    """One line a paragraph: marks without colour, colour and strikes without marks."""
    message = make_message(revised)
    lines = [line.strip() for line in console.payload(message).splitlines()]
    assert lines[4:-2] == [
        "Changed: headline, figures, wording · materiality 0.91",
        "Title: Dam [-bursts-]{+<holds>+}",
        "Edited: It killed [-12-]{+15+} people.",
        "Removed: [-Schools are *open* today.-]",
        "Added: {+Help ~came~ & went.+}",
    ]
    coloured = console.payload(message, colour=True)
    assert "It killed \x1b[31;9m12\x1b[0m \x1b[32;1m15\x1b[0m people." in coloured
    assert "[-" not in coloured


def test_mail(revised, make_message):
    """The text has marks; the HTML has ins and del with their own style, and nothing unescaped."""
    message = make_message(revised)
    assert "\nEdited: It killed [-12-]{+15+} people.\n" in letter.text(message)
    html = letter.html(message)
    assert re.search(r"<del style=\"[^\"]+\">12</del><ins style=\"[^\"]+\">15</ins> people", html)
    assert "&lt;holds&gt;" in html
    assert "<holds>" not in html


def test_slack(revised, make_message):
    """Struck out and bold; what is a sign in the text is none in the message."""
    section = slack_blocks.payload(make_message(revised))["blocks"][1]["text"]["text"]
    assert section.splitlines()[3:] == [
        "Changed: headline, figures, wording · materiality 0.91",
        "_Title:_ Dam ~bursts~ *&lt;holds&gt;*",
        "_Edited:_ It killed ~12~ *15* people.",
        "_Removed:_ ~Schools are ∗open∗ today.~",
        "_Added:_ *Help ∼came∼ &amp; went.*",
    ]


def test_webhook(revised, make_message):
    """The whole of it as data, for programs."""
    (alert,) = json.loads(event.document(make_message(revised), key="k"))["data"]["alerts"]
    edit = alert["edit"]
    assert edit["kinds"] == ["headline", "figures", "text"]
    assert (edit["materiality"], edit["left_out"]) == (0.91, 0)
    assert edit["paragraphs"][0] == {
        "op": "edited",
        "before": 0,
        "after": 0,
        "runs": [
            {"op": "=", "text": "It killed "},
            {"op": "-", "text": "12"},
            {"op": "+", "text": "15"},
            {"op": "=", "text": " people."},
        ],
    }


def test_an_alert_of_no_edit_has_none_of_it(make_message):
    """A new article says nothing of changes anywhere."""
    message = make_message()
    assert "Changed" not in console.payload(message) + letter.text(message) + letter.html(message)
    assert "edit" not in json.loads(event.document(message, key="k"))["data"]["alerts"][0]


TEXTS = st.text("ab *~_<>&\n12.\u202e\ud800@", max_size=80)


@settings(max_examples=60, deadline=None)
@given(before=TEXTS, after=TEXTS)
def test_any_edit_fits_every_channel(make_alert, make_message, before, after):
    """Nothing in an edit breaks a message, and the same message is the same bytes."""
    edit = shortened(compare((before, before), (after, after)), 2_000)
    message = make_message(make_alert(kind=AlertKind.REVISED, edit=edit))

    def sent() -> list[bytes]:
        return [
            console.payload(message).encode(),
            letter.text(message).encode(),
            letter.html(message).encode(),
            json.dumps(slack_blocks.payload(message)).encode(),
            event.document(message, key="k"),
        ]

    assert sent() == sent()
    (_, section, _) = slack_blocks.payload(message)["blocks"]
    assert len(section["text"]["text"]) <= slack_blocks.MAX_SECTION
    assert "<" not in section["text"]["text"].partition("|")[2].replace("<http", "")


def test_a_large_edit_leaves_room_for_the_others(make_alert, make_message):
    """In a message of many articles each is there, with the beginning of what changed in it."""
    lines = [f"Paragraph {n} is here to stay for ever and ever, number {n}." for n in range(99)]
    edit = shortened(compare(("T", "\n".join(lines)), ("T", "Nothing is left of it.")), 2_500)
    alerts = [make_alert(n, kind=AlertKind.REVISED, edit=edit) for n in range(10)]
    document = slack_blocks.payload(make_message(*alerts))
    assert len(json.dumps(document["blocks"])) < slack_blocks.MAX_TOTAL * 1.1
    assert len(document["blocks"]) == 12
