"""HTML pages: one article, or the articles that a listing shows."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config import SourceSettings
from monitor.config.sources import ListingSettings
from monitor.dumps.base import Context
from monitor.dumps.container import Source
from monitor.dumps.html import HtmlFormat
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

FORMAT = HtmlFormat()
PROFILE = SourceSettings(name="courier", zone=ZoneInfo("Asia/Almaty"))
LEAD = (
    "The mayor of Karsu opened the first tram line to the airport on Friday, the City News Agency"
    " reports. Some four thousand people came to see it, among them the engineers who built it."
)
SECOND = (
    "The line is eleven kilometres long and has nine stops. A ride takes twenty-two"
    " minutes and costs 150 tenge; children under seven go free, as the town's office has decided."
)
THIRD = (
    "“We waited for it for thirty years,” said Aigerim Saparova, who lives beside the last stop."
    " Work on a second line, to the lake, is to begin in the spring of next year."
)
STAMP = '<meta property="article:published_time" content="2026-02-06T13:14:00+05:00">'
HEAD = f"""<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8">
<title>Tram to the airport opens | Steppe Courier</title>
<meta property="og:title" content="Tram to the airport opens">
<meta property="og:type" content="article">
{STAMP}
<link rel="canonical" href="https://courier.example/2026/02/06/tram">
</head>"""
MENU = '<nav><ul><li><a href="/">Home</a><li><a href="/town">Town</a></ul></nav>'
ASIDE = '<aside><h3><a href="/2026/02/05/lake">Ice on the lake</a></h3></aside>'
BODY = f"""<body>{MENU}<main><article><h1>Tram to the airport opens</h1>
<p>{LEAD}</p><p>{SECOND}</p><p>{THIRD}</p></article></main>{ASIDE}
<footer>© Steppe Courier 2026. All rights reserved.</footer></body></html>"""
PAGE = HEAD + BODY


def _source(data: bytes, damage: DumpError | None = None) -> Source:
    stream = io.BytesIO(data)

    def pull(size: int) -> bytes:
        part = stream.read(size)
        if not part and damage is not None:
            raise damage
        return part

    return Source(pull)


def _cut(page: str | bytes, **settings: Any) -> list[Article | BadRecord]:
    data = page.encode() if isinstance(page, str) else page
    profile = PROFILE.model_copy(update=settings)
    arrived = datetime(2026, 2, 7, tzinfo=UTC)
    return list(FORMAT.parse(_source(data), profile, Context("page.html", arrived)))


def _article(page: str | bytes, **settings: Any) -> Article:
    (article,) = _cut(page, **settings)
    assert isinstance(article, Article)
    return article


def _bad(page: str | bytes, **settings: Any) -> BadRecord:
    (bad,) = _cut(page, **settings)
    assert isinstance(bad, BadRecord)
    return bad


# ------------------------------------------------------------------ what is HTML


@pytest.mark.parametrize(
    "head",
    [
        "<!doctype HTML>",
        "\ufeff\n  <!-- saved from courier.example -->\n<HTML lang=en>",
        '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x">',
        "<body class=x>",
        "<div class='article'><h1>Title</h1><p>Text</p></div>",
        "<p>One <b>bold</b> word.</p>",
    ],
)
def test_sniffs(head: str) -> None:
    """Documents and fragments, with what may stand above the first tag, in UTF-8 and UTF-16."""
    assert FORMAT.sniff(head.encode())
    assert FORMAT.sniff(head.removeprefix("\ufeff").encode("utf-16"))


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"Karsu opens its tram line\n<p>",
        b"<rss version='2.0'><channel><title>x</title>",
        b"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><title>x</title>",
        b"{'html': '<html>'}",
        b"<p> is what a paragraph begins with",
        b"<html5 is not a tag",
        b"WARC/1.0\r\n",
    ],
)
def test_sniffs_not(head: bytes) -> None:
    """Text, feeds and JSON are not taken away from their formats."""
    assert not FORMAT.sniff(head)


# ------------------------------------------------------------------ one article


def test_article() -> None:
    """All that a well-made page says is there, and nothing of its menus."""
    assert _article(PAGE) == Article(
        index=0,
        title="Tram to the airport opens",
        paragraphs=(LEAD, SECOND, THIRD),
        source="courier",
        published=datetime.fromisoformat("2026-02-06T13:14:00+05:00"),
        url="https://courier.example/2026/02/06/tram",
        language="en",
    )


def test_times() -> None:
    """The surest time that can be read counts; a naive one is in the source's zone."""
    bare = PAGE.replace(STAMP, "")
    assert (_article(bare).published, _article(bare).flags) == (None, ("undated",))
    data = (
        '<script type="application/ld+json">{"@graph":[{"@type":"WebPage"},{"@type":["NewsArticle"]'
    )
    data += ',"headline":"Tram to the airport opens","datePublished":"2026-02-06 13:20"}]}</script>'
    dated = _article(bare.replace("</head>", data + "</head>"))
    assert dated.published == datetime(2026, 2, 6, 13, 20, tzinfo=ZoneInfo("Asia/Almaty"))
    element = '<time datetime="06.02.2026, 13:25">today</time><p>'
    timed = _article(bare.replace("<p>", element, 1))
    assert timed.published == datetime(2026, 2, 6, 13, 25, tzinfo=ZoneInfo("Asia/Almaty"))
    shown = bare.replace("<p>", "<div class='post-date'>06.02.2026, 13:26</div><p>", 1)
    assert _article(shown).published == datetime(2026, 2, 6, 13, 26, tzinfo=ZoneInfo("Asia/Almaty"))
    day = _article(PAGE.replace("T13:14:00+05:00", ""))
    assert day.published == datetime(2026, 2, 6, tzinfo=ZoneInfo("Asia/Almaty"))
    assert day.flags == ("date-only",)
    unread = _article(PAGE.replace("2026-02-06T13:14:00+05:00", "last Friday"))
    assert (unread.published, unread.flags) == (None, ("bad-time",))


@pytest.mark.parametrize(
    ("old", "new", "title", "flags"),
    [
        ("", "", "Tram to the airport opens", ()),
        ("<h1>Tram to the airport opens", "<h1>Steppe Courier", "Tram to the airport opens", ()),
        ('content="Tram', 'content="At last: Tram', "Tram to the airport opens", ()),
        ("<title>Tram to the airport opens |", "<title>", "Tram to the airport opens", ()),
        ("opens", "opens – says mayor", "Tram to the airport opens – says mayor", ()),
    ],
)
def test_title_is_what_most_places_say(
    old: str, new: str, title: str, flags: tuple[str, ...]
) -> None:
    """One place that says otherwise does no harm."""
    article = _article(PAGE.replace(old, new) if old else PAGE)
    assert (article.title, article.flags) == (title, flags)


def test_title_in_one_place_only() -> None:
    """It is taken, less surely; without any, the text's beginning serves."""
    page = f"<html><head><title>Steppe Courier | Tram to the airport opens</title>{BODY}"
    only = _article(page.replace("<h1>Tram to the airport opens</h1>", ""))
    assert only.title == "Tram to the airport opens"
    assert "title-unsure" in only.flags
    none = _article(f"<html><body><p>{LEAD}</p><p>{SECOND}</p></body></html>")
    assert LEAD.startswith(none.title.removesuffix("…"))
    assert "no-title" in none.flags


def test_page_of_a_section() -> None:
    """Headings that lead to other pages, with a line of text each, are no article."""
    items = "".join(
        f'<div><h2><a href="/a/{number}">Tram number {number} of Karsu opens</a></h2>'
        f"<p>The line is the {number}th of the town, says its mayor.</p></div>"
        for number in range(12)
    )
    article = _article(f"<html><head><title>Town</title></head><body><h1>Town</h1>{items}")
    assert "listing" in article.flags
    assert article.confidence <= 0.3


def test_what_readers_do_not_see() -> None:
    """Scripts and hidden elements say nothing; a page hidden until a script runs says all."""
    page = PAGE.replace(
        "<p>", "<p hidden>Subscribe now!</p><div style='display: none'><p>Buy!</p></div><p>", 1
    ).replace("</article>", "<script>document.write('<p>An advertisement')</script></article>")
    assert _article(page).paragraphs == (LEAD, SECOND, THIRD)
    waiting = PAGE.replace("<main>", '<main style="visibility:hidden">')
    assert _article(waiting).paragraphs == (LEAD, SECOND, THIRD)


@pytest.mark.parametrize(
    "page",
    [
        "",
        " \r\n ",
        "<!-- nothing -->",
        "<!DOCTYPE html>",
        "<html><head><title>Not found</title></head><body></body></html>",
        "<html><body><div id=app></div><script>render()</script></body></html>",
        "<html><body><h1>Tram opens</h1></body></html>",
        "\0\0\0",
    ],
)
def test_no_text(page: str) -> None:
    """A page without a text is a bad record with the reason."""
    assert "page" in _bad(page).reason


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1251", "koi8-r"])
def test_encodings(encoding: str) -> None:
    """By mark, by NULs, by what the page says."""
    text = "Мэр Карсу открыл первую трамвайную линию до аэропорта, сообщает агентство. " * 4
    page = f"<html><head><meta charset={encoding}><title>Трамвай</title></head><body><p>{text}"
    assert _article(page.encode(encoding)).paragraphs == (text.strip(),)
    declared = _article(page.replace(encoding, "latin1").encode("koi8-r"), encoding="koi8-r")
    assert declared.paragraphs == (text.strip(),)


# ------------------------------------------------------------------ hostile pages


def test_page_of_50_mb() -> None:
    """It is one bad record that keeps a piece of it."""
    bad = _bad(PAGE.encode() + b"<p>And on and on. " * 3_000_000)
    assert "more than 4 MiB" in bad.reason
    assert bad.raw.startswith("<!DOCTYPE html>")
    assert len(bad.raw) <= 64 * 1024


@pytest.mark.parametrize(
    "inner",
    [
        "<div>" * 100_000 + LEAD,
        f"<p>{LEAD[:60]}" * 40_000,
        "<table><tr><td>" * 5_000 + LEAD,
        "<b>" * 30_000 + LEAD,
        f"<a {'x=y ' * 100_000}>{LEAD}</a>",
        LEAD * 15_000,
    ],
    ids=["deep", "many", "tables", "unclosed", "attributes", "long"],
)
def test_hostile_markup(inner: str) -> None:
    """Depth, number and length cost seconds at most, and no text."""
    article = _article(f"<html><body><h1>Tram</h1>{inner}")
    assert LEAD[:60] in article.body


def test_more_tags_than_are_read() -> None:
    """It is a bad record that says so."""
    assert _bad("<p>a" * 200_001).reason == "a page of more than 200,000 tags"


def test_nuls_and_controls() -> None:
    """They do not end a page, and none gets into an article."""
    article = _article(PAGE.replace("mayor", "may\0or&#0;&#1;&#x1f;&#11;"))
    assert "may\ufffdor" in article.body
    assert not set(article.body) & set(map(chr, range(10)))
    assert article.paragraphs[1:] == (SECOND, THIRD)


def test_breaks_off() -> None:
    """A page that ends early is a bad record: nobody knows what is missing."""
    found: list[Article | BadRecord] = []
    source = _source(PAGE.encode()[:700], DumpError("truncated"))
    with pytest.raises(DumpError, match="truncated"):
        found += FORMAT.parse(source, PROFILE, Context())
    (bad,) = found
    assert isinstance(bad, BadRecord)
    assert "breaks off" in bad.reason


def test_a_page_with_several_whole_articles() -> None:
    """Without a ``listing`` they become one article: that is flagged, be they two; teasers and
    comments beside one article are not."""

    def item(topic: str, times: int) -> str:
        text = f"The {topic} of Karsu was opened on Tuesday, and the mayor spoke of the {topic}. "
        return f"<article><h2>The {topic} opens</h2>{f'<p>{text}</p>' * times}</article>"

    def flags(*items: str) -> tuple[str, ...]:
        page = f"<html><title>Karsu Courier</title><body><main>{''.join(items)}</main></body>"
        (article,) = _cut(page)
        assert isinstance(article, Article)
        return article.flags

    assert "several-articles" in flags(item("tram", 8), item("lake", 8))
    assert "several-articles" not in flags(item("tram", 8), item("lake", 1), item("roof", 1))
    nested = item("tram", 8).replace("</article>", f"{item('lake', 8)}</article>")
    assert "several-articles" not in flags(nested)


# ------------------------------------------------------------------ listings

LISTING = ListingSettings(item="article", views=".views")
ITEMS = """<html lang=ru><head><base href="https://courier.example/town/"><title>Town</title></head>
<body><h1>Town</h1><div class=list>
<article><h2><a href="tram">Tram opens</a></h2><time datetime="2026-02-06T13:14+05:00">today</time>
<span class=views>1 204 views</span><p>First <b>paragraph</b>.</p><p>Second.<br>Third.</p></article>
<article><h2><a href="/lake">Ice on the lake</a></h2><time>05.02.2026, 09:00</time><p>Thick.</p>
</article><article><h2> </h2></article>
<article><h3><a href="javascript:void(0)">Last</a></h3><time>soon</time></article></div>"""


def test_listing() -> None:
    """Every item is an article with its time, counter and address; an empty one a bad record."""
    tram, lake, empty, last = _cut(ITEMS, listing=LISTING)
    assert isinstance(tram, Article)
    assert (tram.title, tram.views, tram.language) == ("Tram opens", 1204, "ru")
    assert tram.paragraphs == ("First paragraph.", "Second.", "Third.")
    assert tram.published == datetime.fromisoformat("2026-02-06T13:14+05:00")
    assert tram.url == "https://courier.example/town/tram"
    assert tram.confidence == 1
    assert isinstance(lake, Article)
    assert lake.published == datetime(2026, 2, 5, 9, 0, tzinfo=ZoneInfo("Asia/Almaty"))
    assert lake.url == "https://courier.example/lake"
    assert isinstance(empty, BadRecord)
    assert (empty.index, empty.line, empty.raw) == (2, 6, "<article><h2> </h2></article>")
    assert isinstance(last, Article)
    assert (last.url, last.flags) == (None, ("no-body", "bad-time"))


def test_listing_that_changed() -> None:
    """Where nothing is an item, the page is a bad record that says so."""
    bad = _bad(ITEMS.replace("article", "section"), listing=LISTING)
    assert bad.reason == "nothing on the page is an item: article"
    assert "deeply" in _bad("<article>" * 3_000, listing=LISTING).reason


def test_items_inside_items() -> None:
    """The outermost counts, so no text is told twice."""
    page = "<div class=i><h2>One</h2><div class=i><h2>Two</h2><p>Text.</p></div></div>"
    (article,) = _cut(page, listing=ListingSettings(item=".i"))
    assert isinstance(article, Article)
    assert (article.title, article.paragraphs) == ("One", ("Text.",))


# ------------------------------------------------------------------ always


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([PAGE.encode(), ITEMS.encode()]),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), max_size=6),
    st.booleans(),
)
def test_damaged_pages(page: bytes, edits: list[tuple[float, bytes]], listing: bool) -> None:
    """Whatever the damage: no error, segments numbered from 0, the same each time."""
    data = bytearray(page)
    for place, piece in edits:
        at = int(place * len(data))
        data[at : at + len(piece)] = piece
    chosen = LISTING if listing else None
    segments = _cut(bytes(data), listing=chosen)
    assert [segment.index for segment in segments] == list(range(len(segments)))
    assert segments
    assert segments == _cut(bytes(data), listing=chosen)
