"""The Slack document: always within the limits, never more markup than we put in."""

from __future__ import annotations

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.channels import slack
from monitor.model import AlertKind

NASTY = st.text(st.sampled_from("&<>*_~`@!|\n here channel\u202eабв\x00\ud800"), max_size=400)


def sections(document):
    return [b["text"]["text"] for b in document["blocks"] if b["type"] == "section"]


def test_an_article_is_a_link_facts_and_an_excerpt(make_message):
    """The whole form of a message with one article."""
    document = slack.payload(make_message())
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
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def test_what_no_longer_matches(make_alert, make_message):
    """Header, notification and section say so; the excerpt is the old text's."""
    document = slack.payload(make_message(make_alert(kind=AlertKind.DROPPED)))
    assert document["text"] == "no longer referendum: Referendum on water 1"
    assert document["blocks"][0]["text"]["text"] == "1 no longer matching: referendum"
    assert sections(document) == [
        "*<http://monitor.test/articles/1|Referendum on water 1>*\n"
        "No longer matches: referendum · daily · 2022-01-05 14:30 +06:00 · 1,234 views\n"
        "Before: The *referendum* will be held in June."
    ]


def test_more_links_to_the_page(make_message):
    """What is not shown can be reached."""
    assert sections(slack.payload(make_message(total=8)))[-1] == "<http://monitor.test|and 7 more>"


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
    document = slack.payload(make_message(*[alert] * count))
    blocks = document["blocks"]
    assert len(blocks) <= 50
    assert 0 < len(blocks[0]["text"]["text"]) <= 150
    assert all(0 < len(text) <= 3000 for text in sections(document))
    assert len(json.dumps(blocks, ensure_ascii=False)) <= 12_000
    assert 0 < len(document["text"]) <= 3000
    shown = sum("\nNew: " in text or text.startswith("*") for text in sections(document))
    hidden = re.search(r"\|and (\d+) more>", sections(document)[-1]) if shown < count else None
    assert shown + (int(hidden[1]) if hidden else 0) == count


@given(NASTY)
def test_text_brings_no_markup_of_its_own(text):
    """No bold, strike, code, link, mention or channel call can come out of an article."""
    shown = slack.escape(text)
    assert not re.search(r"[<>*~`\n\u202e\x00]|&(?!amp;|lt;|gt;)", shown)
    assert not re.search(r"@(here|channel|everyone)\b", shown, re.IGNORECASE)
    assert not re.search(r"(?<!\w)_|_(?!\w)", shown)


def test_special_mentions_are_neutralised(make_alert, make_message):
    """An article cannot call the whole channel."""
    alert = make_alert(title="<!channel> @here", excerpt="<!everyone> a@channel <@U123>")
    text = json.dumps(slack.payload(make_message(alert)))
    assert "<!" not in text
    assert "<@" not in text
    assert "@here" not in text
    assert "@channel" not in text


def test_a_word_with_an_underscore_stays(make_alert):
    """Only what Slack would format is replaced."""
    assert slack.escape("snake_case and 2 * 3 = `6`") == "snake_case and 2 ∗ 3 = ˋ6ˋ"


def test_bold_stands_at_word_edges_only(make_alert, make_message):
    """Where Slack would show the asterisks themselves, the match stays plain."""
    inside = make_alert(excerpt="unwaterly water", excerpt_marks=((2, 7), (10, 15)))
    padded = make_alert(excerpt="the water, there", excerpt_marks=((3, 9),))
    texts = sections(slack.payload(make_message(inside, padded)))
    assert texts[0].endswith("\nunwaterly *water*")
    assert texts[1].endswith("\nthe *water*, there")


def test_an_excerpt_is_no_quotation(make_alert, make_message):
    """Slack quotes a line that begins with an escaped ">" all the same."""
    alert = make_alert(excerpt="> said he", excerpt_marks=())
    assert sections(slack.payload(make_message(alert)))[0].endswith("\n› said he")
