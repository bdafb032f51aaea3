"""Copies, and counters that rose, in the messages of all channels."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from monitor.channels import console, event, letter, slack_blocks, wording
from monitor.model import Alert, AlertKind, Copy

EVIL = "<b>Low</b> & *dry*\n\u202e_now_ <!channel>"


def copies(count: int) -> tuple[Copy, ...]:
    at = datetime(2022, 1, 5, 9, tzinfo=UTC)
    return tuple(
        Copy(f"copy-{n}", "courier", f"Title {n}", at, f"https://courier.test/{n}")
        for n in range(count)
    )


@pytest.fixture
def copied(make_alert) -> Alert:
    return make_alert(copies=(*copies(1), Copy("copy-x", "herald", EVIL, None, None)))


def test_copies_are_linked(copied, make_alert):
    """Source, title and our page of each; nothing in a title breaks the line."""
    assert wording.copies(copied) == [
        ("courier: Title 0", "http://monitor.test/articles/copy-0"),
        ("herald: <b>Low</b> & *dry* _now_ <!channel>", "http://monitor.test/articles/copy-x"),
    ]
    assert wording.copies(make_alert()) == []


def test_very_many_copies_are_counted(make_alert):
    """The last line leads to the page of the article, where all are."""
    alert = make_alert(copies=copies(9))
    assert len(wording.copies(alert)) == 6
    assert wording.copies(alert)[-1] == ("and 4 more", alert.url)


def test_the_console(copied, make_message):
    """A line each, below the article's own address."""
    text = console.payload(make_message(copied))
    assert "         Also in courier: Title 0  http://monitor.test/articles/copy-0\n" in text
    assert "\u202e" not in text


def test_the_letter(copied, make_message):
    """As text and as links."""
    message = make_message(copied)
    assert "Also in courier: Title 0: http://monitor.test/articles/copy-0\n" in letter.text(message)
    html = letter.html(message)
    assert 'Also in <a href="http://monitor.test/articles/copy-0"' in html
    assert "herald: &lt;b&gt;Low&lt;/b&gt; &amp;" in html


def test_slack(copied, make_message, make_alert):
    """Links in one line; what a title holds mentions nobody."""
    text = slack_blocks.payload(make_message(copied))["blocks"][1]["text"]["text"]
    line = text.splitlines()[-1]
    assert line.startswith("_Also in:_ <http://monitor.test/articles/copy-0|courier: Title 0> · <")
    assert "<!channel>" not in line
    alerts = [make_alert(n, copies=copies(50)) for n in range(40)]
    blocks = slack_blocks.payload(make_message(*alerts))["blocks"]
    assert all(len(block["text"]["text"]) <= 3_000 for block in blocks[:-1])


def test_the_webhook(copied, make_message, make_alert):
    """All of them, with the address at the source; nothing where there are none."""
    document = json.loads(event.document(make_message(copied), key="k"))
    assert document["data"]["alerts"][0]["copies"] == [
        {
            "article_id": "copy-0",
            "source": "courier",
            "title": "Title 0",
            "published": "2022-01-05T09:00:00+00:00",
            "link": "https://courier.test/0",
        },
        {
            "article_id": "copy-x",
            "source": "herald",
            "title": EVIL,
            "published": None,
            "link": None,
        },
    ]
    plain = json.loads(event.document(make_message(make_alert()), key="k"))
    assert plain["data"]["alerts"][0].keys().isdisjoint({"copies", "growth"})


def test_a_counter_that_rose(make_alert, make_message):
    """Is called rising, with its growth where a rule asks for it."""
    alert = make_alert(kind=AlertKind.RISEN, growth=1250.04)
    message = make_message(alert)
    assert wording.headline(message) == "1 rising: referendum"
    assert wording.subject(message) == "referendum: Referendum on water 1"
    assert wording.facts(alert).endswith("· 1,234 views · 1,250 an hour")
    assert console.payload(message).splitlines()[1].startswith("RISEN    Referendum")
    assert letter.text(message).splitlines()[2] == "RISING: referendum"
    assert "Rising: referendum" in slack_blocks.payload(message)["blocks"][1]["text"]["text"]
    (told,) = json.loads(event.document(message, key="k"))["data"]["alerts"]
    assert (told["kind"], told["growth"]) == ("risen", 1250.0)


@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_has_its_words(kind, make_alert, make_message):
    """In all channels."""
    message = make_message(make_alert(kind=kind))
    assert wording.headline(message).startswith("1 ")
    for payload in (console.payload(message), letter.text(message), letter.html(message)):
        assert "Referendum" in payload
