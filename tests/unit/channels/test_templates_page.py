"""docs/templates.md: its examples work, and its tables say what there is."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from monitor.channels.slack import in_words
from monitor.channels.templates import words_of
from monitor.channels.templates.forms import Text
from monitor.channels.templates.keys import KEYS, Form
from monitor.channels.templates.sandbox import MOST_ITEMS, MOST_SECONDS, MOST_STEPS, MOST_TEXT
from monitor.channels.templates.template import Template
from monitor.channels.templates.views import AlertView, MessageView, alert_view
from monitor.config import parse_settings

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "templates.md").read_text("utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


def names(prefix):
    """What stands in the first column of the table that is headed so."""
    table = PAGE.split(f"| {prefix} | |\n|---|---|\n")[1].split("\n\n")[0]
    return {
        name
        for row in table.splitlines()
        for name in re.findall("`([^`]+)`", row[: row.index(" | ")])
    }


def test_the_settings_are_those_that_take_templates():
    """Each with its form and what it is of."""
    rows = re.findall(r"^\| `(\w+)_configs` \| `(\w+)` \| (.*?) \| (.*?) \|$", PAGE, re.M)
    forms = {"plain text": Form.TEXT, "HTML": Form.HTML, "Slack's": Form.MRKDWN}
    assert {(channel, key) for channel, key, *_ in rows} == {
        (channel, key) for channel, keys in KEYS.items() for key in keys
    }
    for channel, key, of, form in rows:
        kind = KEYS[channel][key]
        assert (of == "one article") is kind.of_one_alert
        assert kind.form is next(f for word, f in forms.items() if form.startswith(word))


def test_the_variables_are_those_that_there_are():
    """All of them, and no others."""
    assert names("`message.`") == {field.name for field in fields(MessageView)}
    assert names("`alert.`") == {field.name for field in fields(AlertView)}


def test_the_filters_are_those_that_there_are():
    """Ours in the table, Jinja2's in the list below it."""
    ours = {re.search(r"\\\|(\w+)", one)[1] for one in names("filter")}
    listed = PAGE.split("Of Jinja2's own there are: ")[1].split(". A list")[0]
    theirs = set(re.findall(r"`(\w+)`", listed))
    assert ours | theirs | {"e", "d", "count", " ~", " []"} == set(Text({}).filters)


def test_the_examples_work(make_message, tmp_path, monkeypatch):
    """Those of the configuration compile, and make what they look like."""
    (tmp_path / "slack-url").write_text("https://hooks.slack.com/services/T/B/X")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    shown = []
    for text in blocks("yaml"):
        settings = parse_settings(text, folder=tmp_path)
        (words,) = words_of(settings).values()
        document = in_words(make_message(), words)
        assert not words.failed
        shown.append([block["text"]["text"] for block in document["blocks"][:-1]])
    assert shown == [
        [
            "1 new: referendum (2022-01-05 14:31 +06:00)",
            "*<http://monitor.test/articles/1|Referendum on water 1>*\n"
            "daily · 1,234 views · referendum\nThe *referendum* will be held in June.",
        ],
        [
            "1 new: referendum",
            "*<http://monitor.test/articles/1|Referendum on water 1>*\n"
            "New (referendum) · daily, 2022-01-05 14:30 +06:00\n"
            "The *referendum* will be held in June.",
        ],
    ]


def test_the_file_shown_can_be_included(make_alert):
    """As the example beside it does."""
    (file,) = blocks("jinja")
    template = Template(
        "{% from 'f' import item %}{{ item(alert) }}", Form.TEXT, names=["alert"], files={"f": file}
    )
    assert template.render(alert=alert_view(make_alert())) == (
        "Referendum on water 1: http://monitor.test/articles/1\ndaily, 2022-01-05 14:30 +06:00"
    )


def test_the_bounds_are_those_of_the_sandbox():
    """In the words of the page."""
    assert f"{MOST_STEPS:,} steps" in PAGE
    assert MOST_TEXT == 1_000_000
    assert "a million characters" in PAGE
    assert MOST_SECONDS == 5
    assert "five seconds" in PAGE
    assert f"{MOST_ITEMS:,} items" in PAGE
