"""From named values to an article: whatever they hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.config import SourceSettings
from monitor.dumps.flags import FLAGS
from monitor.dumps.plain import count_of, language_of, line_of, paragraphs_of, url_of
from monitor.dumps.record import USUAL, Record, article_of, at_path
from monitor.model import Article, BadRecord

PROFILE = SourceSettings(name="wire", zone="Asia/Almaty")
GOOD: dict[str, object] = {
    "title": "Karsu opens its first tram line",
    "body": "The mayor opened it on Tuesday.\n\n  It is blue.  ",
    "published": "2026-01-06T13:14:00+05:00",
    "views": 18816,
    "url": "https://wire.example/tram?id=1&x=2",
    "lang": "en-GB",
}


def _made(values: dict[str, Any], profile: SourceSettings = PROFILE) -> Article | BadRecord:
    return article_of(Record(3, values, "raw"), profile, index=7)


def _article(**changes: Any) -> Article:
    made = _made({**GOOD, **changes})
    assert isinstance(made, Article)
    return made


def test_well_formed_record() -> None:
    """Every field, in full confidence."""
    assert _article() == Article(
        index=7,
        title="Karsu opens its first tram line",
        paragraphs=("The mayor opened it on Tuesday.", "It is blue."),
        source="wire",
        published=datetime(2026, 1, 6, 8, 14, tzinfo=UTC),
        views=18816,
        url="https://wire.example/tram?id=1&x=2",
        language="en",
    )


# ------------------------------------------------------------------ anything at all

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**4000, max_value=10**4400)
    | st.floats()
    | st.text(st.characters(), max_size=40)
    | st.sampled_from(
        ["\ud800", "\0", "<p>a</p>", "<", "&amp;", "9" * 5000, "2026-01-05", "1 000", "1e999"]
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["text", "rendered", "value", "x", ""]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
NAMES = st.sampled_from([name for names in USUAL.values() for name in names])


@settings(max_examples=400)
@given(st.dictionaries(NAMES, JSON, max_size=8))
@example({"body": "\b"})
def test_any_values_make_an_article_or_a_bad_record(values: dict[str, object]) -> None:
    """Nothing raises, and what comes out can be stored and shown."""
    made = _made(values)
    assert made.index == 7
    if isinstance(made, BadRecord):
        assert (made.line, made.reason, made.raw) == (3, "neither a title nor a text", "raw")
        return
    assert made.title
    assert made.title == made.title.strip()
    assert len(made.title) <= 300
    for text in (made.title, *made.paragraphs, made.source, made.url or "", made.language or ""):
        text.encode()
        assert "\0" not in text
        assert "\n" not in text
    assert all(each == each.strip() != "" for each in made.paragraphs)
    assert made.published is None or made.published.utcoffset() is not None
    assert made.views is None or 0 <= made.views < 2**63
    assert set(made.flags) <= set(FLAGS)
    assert (made.confidence == 1) == (not made.flags)


@settings(max_examples=200)
@given(JSON, st.text(st.sampled_from("ab.01"), max_size=8))
def test_any_path_leads_somewhere_or_nowhere(value: object, path: str) -> None:
    """A path never raises, whatever it is tried on."""
    at_path({"a": value, "0": [value], "": value}, path)


def test_nesting_without_end() -> None:
    """Lists in lists, a thousand deep, say nothing and cost nothing."""
    deep: object = "x"
    for _ in range(5000):
        deep = [deep]
    assert _article(title=deep, body="A text.").flags == ("no-title", "no-body")


# ------------------------------------------------------------------ texts


def test_html_body_becomes_paragraphs() -> None:
    """Tags go, blocks and line breaks part paragraphs, scripts say nothing."""
    html = "<p>One &amp; <b>two</b>.</p>\n<p>Three<br/>four</p><script>x()</script>"
    assert _article(body=html).paragraphs == ("One & two.", "Three", "four")
    assert _article(body={"rendered": html}).paragraphs == ("One & two.", "Three", "four")
    assert _article(body=[html, "<p>Five</p>"]).paragraphs == (
        "One & two.",
        "Three",
        "four",
        "Five",
    )
    assert _article(title="Mayor&#8217;s <i>tram</i>").title == "Mayor’s tram"


@pytest.mark.parametrize(
    "text", ["Write to <ann@example.org>.", "a < b and c > d", "AT&T, R&D;", "x <y> z", "if a<b"]
)
def test_what_is_no_html_stays(text: str) -> None:
    """Angle brackets and ampersands alone make no mark-up."""
    assert _article(body=text).paragraphs == (text,)


def test_plain_paragraphs_stay() -> None:
    """A tuple is what a format has made of mark-up itself: it is not read again."""
    assert paragraphs_of(("Use <p> for a paragraph.", "And &amp; for and.")) == (
        "Use <p> for a paragraph.",
        "And &amp; for and.",
    )


def test_numbers_without_end() -> None:
    """Python refuses to write integers of thousands of digits; as text they are no counter."""
    assert line_of(10**5000) == ""
    assert count_of("9" * 5000) == (None, ("bad-views",))


def test_blocks_and_halves_of_characters() -> None:
    """Lists of blocks, as editors write them; surrogates become characters or U+FFFD."""
    blocks = [{"type": "header", "text": "One"}, {"type": "paragraph", "text": "Two\nthree"}, {}]
    assert _article(body=blocks).paragraphs == ("One", "Two", "three")
    assert line_of("a\ud83d\ude00b") == "a😀b"
    assert line_of("a\ud83db\0c") == "a\ufffdb\ufffdc"


def test_missing_and_overlong_titles() -> None:
    """The first paragraph serves as a title; a title that is a text stays whole below."""
    assert _article(title=None).title == "The mayor opened it on Tuesday."
    assert _article(title=None).paragraphs == ("It is blue.",)
    assert _article(title=None).flags == ("no-title",)
    long = "word " * 100
    article = _article(title=long)
    assert len(article.title) <= 300
    assert article.paragraphs[0] == long.strip()
    assert article.flags == ("no-title",)


def test_title_repeated_in_the_body() -> None:
    """It is no paragraph of its own."""
    assert _article(body=f"{GOOD['title']}\nIt is blue.").paragraphs == ("It is blue.",)
    assert _article(body=[]).flags == ("no-body",)


def test_boilerplate_goes() -> None:
    """The source's lines that never count do not count in structured dumps either."""
    profile = SourceSettings(name="wire", boilerplate=["Images"], boilerplate_patterns=[r"\d+ com"])
    made = _made({**GOOD, "body": ["images", "It is blue.", "12 com"]}, profile)
    assert isinstance(made, Article)
    assert made.paragraphs == ("It is blue.",)


def test_too_large() -> None:
    """More than 8 MiB is a bad record."""
    made = _made({**GOOD, "body": "x" * (8 << 20)})
    assert isinstance(made, BadRecord)
    assert "8 MiB" in made.reason


# ------------------------------------------------------------------ counters, addresses, days


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (0, 0),
        (18816.0, 18816),
        ("18 816", 18816),
        ("18\u00a0816 просмотров", 18816),
        ("1,234,567", 1234567),
        ("1.234", 1234),
        ("Views: 12", 12),
        (["7"], 7),
        (2**63 - 1, 2**63 - 1),
    ],
)
def test_counters(value: object, count: int) -> None:
    """Numbers, and texts with one number in them, its thousands grouped or not."""
    assert count_of(value) == (count, ())


@pytest.mark.parametrize(
    "value",
    ["1.2K", "5k", "15 тыс.", "-5", -5, 1.5, "12 (3 today)", "many", 2**63, True, "50%"],
)
def test_bad_counters(value: object) -> None:
    """What is no number, not a whole one or not all of it, is flagged rather than guessed."""
    assert count_of(value) == (None, ("bad-views",))


@pytest.mark.parametrize("value", [None, "", [], {}, float("nan")])
def test_no_counter(value: object) -> None:
    """No value is no counter, and nothing to flag."""
    assert count_of(value) == (None, ())


@pytest.mark.parametrize(
    "value",
    [
        "/tram",
        "javascript:x",
        "ftp://a.example/",
        "https://a b/",
        "https://" + "a" * 3000,
        'https://a/"><script>',
        5,
        None,
        {},
    ],
)
def test_no_addresses(value: object) -> None:
    """Only whole web addresses are kept."""
    assert url_of(value) is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("en", "en"),
        ("en_US", "en"),
        ("KK-Cyrl", "kk"),
        ("English", None),
        (5, None),
        (["ru"], "ru"),
    ],
)
def test_languages(value: object, code: str | None) -> None:
    """The first part of a language tag."""
    assert language_of(value) == code


def test_crawl_day() -> None:
    """A day, or the day of a moment in the source's zone; what cannot be is flagged."""
    assert _article(crawled="2026-01-07").crawled == date(2026, 1, 7)
    assert _article(scraped_at="2026-01-07T20:00:00Z").crawled == date(2026, 1, 8)
    assert _article(fetched=1767816000).crawled == date(2026, 1, 8)
    odd = _article(crawled="2026-02-31")
    assert (odd.crawled, odd.flags) == (None, ("bad-crawl-date",))


def test_times_after_arrival() -> None:
    """A time more than 36 hours ahead is kept and flagged."""
    arrived = datetime(2026, 1, 6, 8, tzinfo=UTC)
    for hours, flags in ((35, ()), (37, ("future-time",))):
        values = {**GOOD, "published": (arrived + timedelta(hours=hours)).isoformat()}
        made = article_of(Record(1, values), PROFILE, index=0, arrived=arrived)
        assert isinstance(made, Article)
        assert made.flags == flags
        assert made.published == arrived + timedelta(hours=hours)
