"""What messages say, whatever the texts hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.channels import wording
from monitor.model import AlertKind

SPANS = st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60)), max_size=6)


def test_the_headline_counts_kinds_and_names_rules(make_alert, make_message):
    """Each kind is counted apart; each rule is named once, in order."""
    message = make_message(
        make_alert(1),
        make_alert(2, rules=("water", "referendum")),
        make_alert(3, kind=AlertKind.REVISED),
        make_alert(4, kind=AlertKind.DROPPED),
    )
    assert wording.headline(message) == (
        "2 new, 1 revised, 1 no longer matching: referendum, water"
    )
    alone = make_message(make_alert(kind=AlertKind.DROPPED))
    assert wording.headline(alone) == "1 no longer matching: referendum"


def test_the_headline_of_a_cut_message_counts_articles(make_message):
    """Kinds that are not shown are not guessed."""
    message = make_message(total=12)
    assert wording.headline(message) == "12 articles: referendum"
    assert wording.more(message) == "and 11 more"


def test_the_subject_of_one_article_is_the_same_for_its_revisions(make_alert, make_message):
    """Mail programs that thread by subject keep revisions together."""
    new = make_message(make_alert(title="Water\r\nBcc: x@example.org\x00\u2028now"))
    revised = make_message(
        make_alert(title="Water\r\nBcc: x@example.org\x00\u2028now", kind=AlertKind.REVISED)
    )
    assert wording.subject(new) == wording.subject(revised)
    assert wording.subject(new) == "referendum: Water Bcc: x@example.org now"


def test_what_no_longer_matches_does_not_read_as_a_match(make_alert, make_message):
    """Subject, label and excerpt say that it was so before; an empty excerpt says nothing."""
    alert = make_alert(kind=AlertKind.DROPPED)
    assert wording.subject(make_message(alert)) == "no longer referendum: Referendum on water 1"
    assert wording.label(alert) == "No longer matches"
    assert wording.excerpt(alert, 40)[:3] == [
        ("Before: ", False),
        ("The ", False),
        ("referendum", True),
    ]
    assert wording.excerpt(make_alert(kind=AlertKind.DROPPED, excerpt=""), 40) == []
    assert wording.excerpt(make_alert(), 40, marked=False) == [
        ("The referendum will be held in June.", False)
    ]


def test_the_subject_of_several_articles_counts_them(make_alert, make_message):
    """Several articles are counted, with their rules."""
    message = make_message(make_alert(1), make_alert(2, rules=("water",)), total=12)
    assert wording.subject(message) == "12 articles: referendum, water"


def test_many_rules_are_cut(make_alert, make_message):
    """A long list of rules ends in a count."""
    rules = tuple(f"rule-{n}" for n in range(9))
    assert wording.subject(make_message(make_alert(rules=rules), total=2)).endswith("rule-4 +4")


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2022, 1, 5, 8, 30, tzinfo=UTC), "2022-01-05 08:30 UTC"),
        (
            datetime(2022, 1, 5, 14, 30, tzinfo=timezone(timedelta(hours=6))),
            "2022-01-05 14:30 +06:00",
        ),
        (
            datetime(2022, 1, 5, 4, 0, tzinfo=timezone(-timedelta(hours=3, minutes=30))),
            "2022-01-05 04:00 -03:30",
        ),
        (None, ""),
    ],
)
def test_times_name_their_offset(moment, shown):
    """A time is never ambiguous."""
    assert wording.when(moment) == shown


def test_facts_leave_out_what_is_unknown(make_alert):
    """No empty places between the dots."""
    assert wording.facts(make_alert(published=None, views=None)) == "daily"
    assert wording.facts(make_alert(revision=3)).endswith("1,234 views · revision 3")


@given(st.text(max_size=50), SPANS, st.none() | st.integers(1, 60))
def test_segments_are_the_cleaned_text(text, marks, limit):
    """Whatever the marks, the pieces joined are the text itself, cut and cleaned; neighbouring
    pieces differ in whether they are marked."""
    pieces = wording.segments(text, marks, limit)
    shown = text if limit is None else wording.cut(text, limit)
    assert "".join(piece for piece, _ in pieces) == wording.clean(shown)
    assert limit is None or len(shown) <= limit
    assert all(piece for piece, _ in pieces)


def test_marks_follow_their_words():
    """Overlapping marks join; one beyond the cut ends before the ellipsis."""
    assert wording.segments("one two three", ((0, 3), (2, 7))) == [
        ("one two", True),
        (" three", False),
    ]
    assert wording.segments("referendum in all regions", ((14, 25),), 19) == [
        ("referendum in ", False),
        ("all", True),
        ("…", False),
    ]


def test_an_empty_title_is_named(make_alert):
    """A link always has a text."""
    assert wording.title(make_alert(title=" \u202e\x00")) == "(untitled)"


@given(st.text())
def test_clean_text_is_one_harmless_line(text):
    """No line break of any kind, no control character, no change of direction, no surrogate."""
    shown = wording.clean(text)
    assert len(shown.splitlines()) <= 1
    assert not set(shown) & set("\x1b\x9b\u202e\u2066\u2028\x85\x00")
    shown.encode()


@pytest.mark.parametrize(
    ("priority", "first"),
    [("urgent", "urgent · daily"), ("high", "high · daily"), ("normal", "daily"), ("low", "daily")],
)
def test_what_presses_is_marked(priority, first, make_alert):
    """In a digest it stands first; here it says why. What is as usual says nothing."""
    assert wording.facts(make_alert(priority=priority)).startswith(f"{first} · ")
