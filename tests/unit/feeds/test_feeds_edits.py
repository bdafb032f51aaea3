"""What a feed says of an edit, for readers that style it and for those that do not."""

from __future__ import annotations

import re
from collections.abc import Callable

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.settings import FeedSettings
from monitor.feeds import render_feed
from monitor.feeds.content import EDIT_LIMIT, html_content
from monitor.model import Entry
from monitor.revisions import compare

MakeEntry = Callable[..., Entry]
BEFORE = (
    "Dam bursts near Almaty",
    "It killed 12 people.\nRain goes on.\nSchools are open.\nThe president is silent.",
)
AFTER = (
    "Dam bursts near Taldykorgan",
    "The president is silent.\nIt killed 15 people.\nRain goes on.\nHelp has <come> & gone.",
)


@pytest.fixture
def entry(make_entry: MakeEntry) -> Entry:
    return make_entry(
        title=AFTER[0], body=AFTER[1], revision=3, edit=compare(BEFORE, AFTER), edit_number=2
    )


def test_what_changed_stands_above_the_text(entry: Entry) -> None:
    """Title, moved, edited, removed and added paragraphs, with marks that need no style."""
    content = html_content(entry, "https://p/articles/1")
    about, changed, text = content.split("<hr>")
    assert "revision 3" in about
    materiality = entry.edit.materiality if entry.edit else 0
    assert changed.strip().split("\n") == [
        "<p><b>What changed in revision 2:</b> headline, figures, names, wording"
        f" · materiality {materiality:.2f}</p>",
        '<p dir="auto"><i>Title:</i> Dam bursts near <del>[-Almaty-]</del>'
        "<ins>{+Taldykorgan+}</ins></p>",
        '<p dir="auto"><i>Moved:</i> The president is silent.</p>',
        '<p dir="auto"><i>Edited:</i> It killed <del>[-12-]</del><ins>{+15+}</ins> people.</p>',
        '<p dir="auto"><i>Removed:</i> <del>[-Schools are open.-]</del></p>',
        '<p dir="auto"><i>Added:</i> <ins>{+Help has &lt;come&gt; &amp; gone.+}</ins></p>',
    ]
    assert "<ins>" not in text
    assert text.count("<p") == 4


def test_readers_that_clean_content_keep_it(entry: Entry) -> None:
    """feedparser lets ins and del pass; without any element the text can still be read."""
    document = render_feed([entry], rule=None, settings=FeedSettings(), base_url="https://p")
    (content,) = feedparser.parse(document).entries[0].content
    assert "<del>[-12-]</del><ins>{+15+}</ins>" in content.value
    assert "It killed [-12-]{+15+} people." in re.sub("<[^>]+>", "", content.value)


def test_a_large_edit_is_cut(make_entry: MakeEntry) -> None:
    """What changed is no second text: it ends after so many characters and says so."""
    lines = [f"Paragraph {n} is here to stay for ever and ever, number {n}." for n in range(999)]
    edit = compare(("T", "\n".join(lines)), ("T", "\n".join(lines).replace("stay", "go")))
    entry = make_entry(title="T", body="Short.", revision=2, edit=edit, edit_number=2)
    content = html_content(entry, "https://p/articles/1")
    assert len(content) < 4 * EDIT_LIMIT
    assert re.search(r"… and \d+ more changed paragraphs", content)


@settings(max_examples=40, deadline=None)
@given(before=st.text(max_size=60), after=st.text(max_size=60))
def test_any_edit_is_a_valid_entry(make_entry: MakeEntry, before: str, after: str) -> None:
    """Whatever characters an edit has, the entry is in the feed, and always with the same bytes."""
    edit = compare((before, after), (after, before))
    entry = make_entry(revision=2, edit=edit, edit_number=2)

    def render() -> bytes:
        return render_feed([entry], rule=None, settings=FeedSettings(), base_url="https://p")

    assert render() == render()
    assert len(feedparser.parse(render()).entries) == 1
