"""The Slack document: always within the limits, never more markup than we put in."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.channels.slack_blocks import payload
from monitor.channels.slack_text import cut_marked, escape, link
from monitor.model import AlertKind, DeliveryKind, Earlier

NASTY = st.text(st.sampled_from("&<>*_~`@!|\n here channel\u202eабв\x00\ud800"), max_size=400)


def sections(document):
    return [b["text"]["text"] for b in document["blocks"] if b["type"] == "section"]


def last(document):
    (element,) = document["blocks"][-1]["elements"]
    return element["text"]


def test_an_article_is_a_link_facts_and_an_excerpt(make_message):
    """The whole form of a message with one article."""
    document = payload(make_message())
    assert document == {
        "text": "referendum: Referendum on water 1",
        "blocks": [
            {
                "type": "header",
                "text": {"type": "plain_text", "text": "1 new: referendum", "emoji": False},
            },
            {
                "type": "section",
                "text": {
                    "type": "mrkdwn",
                    "text": "*<http://monitor.test/articles/1|Referendum on water 1>*\n"
                    "New: referendum · daily · 2022-01-05 14:30 +06:00 · 1,234 views\n"
                    "The *referendum* will be held in June.",
                    "verbatim": True,
                },
            },
            {
                "type": "context",
                "elements": [
                    {
                        "type": "mrkdwn",
                        "text": "<http://monitor.test|All articles>",
                        "verbatim": True,
                    }
                ],
            },
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def test_what_no_longer_matches(make_alert, make_message):
    """Header, notification and section say so; the excerpt is the old text's."""
    document = payload(make_message(make_alert(kind=AlertKind.DROPPED)))
    assert document["text"] == "no longer referendum: Referendum on water 1"
    assert document["blocks"][0]["text"]["text"] == "1 no longer matching: referendum"
    assert sections(document) == [
        "*<http://monitor.test/articles/1|Referendum on water 1>*\n"
        "No longer matches: referendum · daily · 2022-01-05 14:30 +06:00 · 1,234 views\n"
        "Before: The *referendum* will be held in June."
    ]


def test_more_links_to_the_page(make_message):
    """What is not shown can be reached."""
    assert last(payload(make_message(total=8))) == "<http://monitor.test|and 7 more>"


@settings(max_examples=40, deadline=None)
@given(
    title=NASTY,
    excerpt=NASTY,
    rules=st.lists(st.text("abc&<", min_size=1, max_size=64), min_size=1, max_size=9),
    count=st.integers(1, 60),
    url=st.sampled_from(
        ["http://m.test/a", "http://m.test/" + "&" * 500, "http://m.test/|>" * 400]
    ),
)
def test_no_message_breaks_a_limit(make_alert, make_message, title, excerpt, rules, count, url):
    """50 blocks, 3,000 characters a section, 150 in the header, about 13,000 in all; the alerts
    that are not shown are counted."""
    alert = make_alert(
        title=title, excerpt=excerpt, rules=tuple(rules), url=url, excerpt_marks=((3, 9), (20, 40))
    )
    document = payload(make_message(*[alert] * count))
    blocks = document["blocks"]
    assert len(blocks) <= 50
    assert 0 < len(blocks[0]["text"]["text"]) <= 150
    assert all(0 < len(text) <= 3000 for text in sections(document))
    assert len(json.dumps(blocks, ensure_ascii=False)) <= 12_000
    assert 0 < len(document["text"]) <= 3000
    shown = sum("\nNew: " in text or text.startswith("*") for text in sections(document))
    hidden = re.search(r"\|and (\d+) more>", last(document)) if shown < count else None
    assert shown + (int(hidden[1]) if hidden else 0) == count


@given(NASTY)
def test_text_brings_no_markup_of_its_own(text):
    """No bold, strike, code, link, mention or channel call can come out of an article."""
    shown = escape(text)
    assert not re.search(r"[<>*~`\n\u202e\x00]|&(?!amp;|lt;|gt;)", shown)
    assert not re.search(r"@(here|channel|everyone)\b", shown, re.IGNORECASE)
    assert not re.search(r"(?<!\w)_|_(?!\w)", shown)


def test_special_mentions_are_neutralised(make_alert, make_message):
    """An article cannot call the whole channel."""
    alert = make_alert(title="<!channel> @here", excerpt="<!everyone> a@channel <@U123>")
    text = json.dumps(payload(make_message(alert)))
    assert "<!" not in text
    assert "<@" not in text
    assert "@here" not in text
    assert "@channel" not in text


def test_a_word_with_an_underscore_stays(make_alert):
    """Only what Slack would format is replaced."""
    assert escape("snake_case and 2 * 3 = `6`") == "snake_case and 2 ∗ 3 = ˋ6ˋ"


def test_bold_stands_at_word_edges_only(make_alert, make_message):
    """Where Slack would show the asterisks themselves, the match stays plain."""
    inside = make_alert(excerpt="unwaterly water", excerpt_marks=((2, 7), (10, 15)))
    padded = make_alert(excerpt="the water, there", excerpt_marks=((3, 9),))
    texts = sections(payload(make_message(inside, padded)))
    assert texts[0].endswith("\nunwaterly *water*")
    assert texts[1].endswith("\nthe *water*, there")


def test_an_excerpt_is_no_quotation(make_alert, make_message):
    """Slack quotes a line that begins with an escaped ">" all the same."""
    alert = make_alert(excerpt="> said he", excerpt_marks=())
    assert sections(payload(make_message(alert)))[0].endswith("\n› said he")


def test_links_to_what_belongs_to_the_article(make_alert, make_message):
    """Rules that have a feed lead to it, the article to its source, the last line to the page."""
    alert = make_alert(rules=("referendum", "water"), link="https://daily.test/a?b=1&c=2")
    document = payload(make_message(alert), feeds={"water"})
    assert sections(document)[0].split("\n")[1] == (
        "New: referendum, <http://monitor.test/feeds/rules/water.atom|water> · daily ·"
        " 2022-01-05 14:30 +06:00 · 1,234 views · <https://daily.test/a?b=1&amp;c=2|original>"
    )
    assert last(document) == "<http://monitor.test|All articles>"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "", "file:///etc/passwd", "https://x/" * 200]
)
def test_an_address_of_no_use_is_no_link(url, make_alert, make_message):
    """A source's link is what a dump says: only the web's, and of a length that Slack takes."""
    (text,) = sections(payload(make_message(make_alert(link=url))))
    assert "original" not in text
    assert link(url, "a & b") == "a &amp; b"


def test_a_title_of_ten_thousand_characters(make_alert, make_message):
    """Cut at a word's end; the rest of the message stands."""
    alert = make_alert(title="Повесть <о> & временных лет " * 400, title_marks=())
    (text,) = sections(payload(make_message(alert)))
    assert text.startswith("*<http://monitor.test/articles/1|Повесть &lt;о&gt; &amp; временных")
    assert re.search(r"\w…>\*\nNew: referendum", text)
    assert "\nThe *referendum* will" in text


def test_why_alerts_stand_together(make_alert, make_message):
    """A digest says so at its top, and what it would have told before stands below the article."""
    alert = make_alert(
        revision=2,
        kind=AlertKind.REVISED,
        earlier=(Earlier(AlertKind.NEW, 1, datetime(2022, 1, 5, 7, 0, tzinfo=UTC)),),
    )
    document = payload(make_message(alert, kind=DeliveryKind.DIGEST, total=2))
    assert document["blocks"][0]["text"]["text"].startswith("Digest: ")
    assert "\n_Also:_ <http://monitor.test/articles/1|new 07:00 UTC>" in sections(document)[0]


@given(
    st.lists(st.sampled_from(["<http://x/|a b>", "word", "&amp;", "&lt;", "*b*"]), max_size=30),
    st.integers(20, 60),
)
def test_mrkdwn_is_never_cut_within_markup(words, limit):
    """Neither in a link nor in an escape, and never longer than the limit."""
    text = " ".join(words)
    kept = cut_marked(text, limit)
    assert len(kept) <= limit
    assert not re.search(r"<[^>]*$|&(?!amp;|lt;)", kept)
    assert kept == text or text.startswith(kept.removesuffix("…"))


def test_a_text_of_our_own_making_keeps_the_limits(make_alert, make_message):
    """What templates give is cut, put on one line, or replaced where nothing is left."""
    message = make_message(make_alert(1), make_alert(2))
    document = payload(message, header="  Breaking\nnews " + "x" * 200, texts=["a " * 2_500, " "])
    assert document["blocks"][0]["text"]["text"].startswith("Breaking news x")
    assert len(document["blocks"][0]["text"]["text"]) <= 150
    assert [len(text) for text in sections(document)] == [2998, 1]
    assert payload(message, header="\u202e")["blocks"][0]["text"]["text"] == "2 new: referendum"
