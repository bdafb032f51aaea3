"""What pages show, as pure functions: excerpts, ages, matched words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Entry, Evidence, Match
from monitor.web import present

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def entry(body: str, *found: tuple[int, int]) -> Entry:
    evidence = tuple(Evidence("c", "body", start, end, "") for start, end in found)
    return Entry(
        id="0b5c3a52-9a7d-4c61-8f0e-000000000001",
        source="wire",
        title="T",
        body=body,
        published=None,
        first_seen=NOW,
        last_seen=NOW,
        updated=NOW,
        revision=1,
        views=None,
        confidence=1.0,
        matches=(Match("r", evidence),),
    )


def shown(excerpt: present.Excerpt) -> str:
    return "".join(piece.text for piece in excerpt.pieces)


def test_without_evidence_the_excerpt_is_the_lead() -> None:
    """A short lead is shown whole, a long one is cut between words."""
    excerpt = present.excerpt(entry("\n  \nThe lead.\nMore."))
    assert (shown(excerpt), excerpt.before, excerpt.after) == ("The lead.", False, False)
    excerpt = present.excerpt(entry("word " * 200), limit=50)
    assert shown(excerpt) == " ".join(["word"] * 10)
    assert excerpt.after


def test_the_excerpt_is_around_the_first_matched_word() -> None:
    """Of a match far into a paragraph the words before and after are shown."""
    body = f"Lead.\n{'one two ' * 60}THE HIT{' three four' * 60}"
    start = body.index("THE HIT")
    excerpt = present.excerpt(entry(body, (start, start + 7)), limit=80)
    assert (excerpt.before, excerpt.after) == (True, True)
    assert [piece.text for piece in excerpt.pieces if piece.marked] == ["THE HIT"]
    assert shown(excerpt).startswith(("one", "two"))
    assert shown(excerpt).endswith(("three", "four"))
    assert "Lead" not in shown(excerpt)


@given(
    st.text(st.sampled_from("abc  \n"), max_size=400),
    st.lists(st.tuples(st.integers(-2, 400), st.integers(-2, 400)), max_size=4),
    st.integers(20, 120),
)
def test_an_excerpt_is_bounded_and_of_one_paragraph(
    body: str, found: list[tuple[int, int]], limit: int
) -> None:
    """Never longer than the limit, never across paragraphs, never without the first match."""
    excerpt = present.excerpt(entry(body, *found), limit)
    text = shown(excerpt)
    assert len(text) <= limit
    assert "\n" not in text.strip("\n")
    assert text in body
    starts = [max(a, 0) for a, b in found if max(a, 0) < min(b, len(body))]
    if starts and body[min(starts)] != "\n":
        assert any(piece.marked for piece in excerpt.pieces)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "now"),
        (-4, "now"),
        (5, "5 s ago"),
        (59, "59 s ago"),
        (61, "1 min ago"),
        (3_600, "1 h ago"),
        (200_000, "2 d ago"),
        (-90, "in 1 min"),
    ],
)
def test_ago(seconds: int, text: str) -> None:
    """One unit, the largest that fits, in the past or the future."""
    assert present.ago(NOW - timedelta(seconds=seconds), NOW) == text


def test_times_are_utc() -> None:
    """Whatever zone a time comes in, it is shown in UTC."""
    almaty = datetime(2026, 3, 2, 9, 15, 30, 999, tzinfo=timezone(timedelta(hours=5)))
    assert present.iso(almaty) == "2026-03-02T04:15:30Z"
    assert present.minute(almaty) == "2026-03-02 04:15"


def test_words_are_distinct_and_few() -> None:
    """The first few different words, and how many more."""
    texts = ["a", "b  c", "a", "d", "e", "f", "g"]
    evidence = [Evidence("c", "body", 0, 1, text) for text in texts]
    assert present.words(evidence) == "a, b c, d, e and 2 more"
    assert present.words(evidence[:2]) == "a, b c"


def test_badges() -> None:
    """Revised wins over new, and new ends after a day."""
    fresh = entry("b")
    assert present.listed(fresh, NOW).badge == "new"
    assert present.listed(fresh, NOW + timedelta(hours=25)).badge == ""
