"""Feeds as dumps: RSS, Atom and JSON Feed, well-formed, damaged and hostile."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config import SourceSettings
from monitor.dumps.base import Context
from monitor.dumps.container import Source
from monitor.dumps.feed import MAX_FEED, FeedFormat
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

FORMAT = FeedFormat()
ALMATY = ZoneInfo("Asia/Almaty")
PROFILE = SourceSettings(name="courier", zone=ALMATY)
ARRIVED = datetime(2026, 2, 7, tzinfo=UTC)

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Steppe Courier</title><link>https://courier.example/</link>
<language>en-gb</language>
<item><title>Tram &amp;amp; bus: &lt;i&gt;one&lt;/i&gt; ticket</title><link>/2026/tram</link>
<pubDate>Fri, 06 Feb 2026 13:14:00 +0500</pubDate><description>In short.</description>
<content:encoded><![CDATA[<p>The tram to the airport&nbsp;opens.</p><p>It is blue.<br>
And long.</p><script>track()</script>]]></content:encoded></item>
<item><title>Ice on the lake</title><guid>https://courier.example/2026/lake</guid>
<pubDate>2026-02-05 09:00</pubDate><description>Thick ice.
No boats.</description></item>
</channel></rss>"""
ATOM = """<?xml version="1.0"?><!-- Karsu -->
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ru" xml:base="https://courier.example/ru/">
<title>Вестник</title><id>urn:x:1</id><updated>2026-02-06T08:14:00Z</updated>
<entry><title type="html">Трамвай &amp;mdash; открыт</title><id>urn:x:2</id>
<link rel="self" href="self"/><link href="tram"/>
<published>2026-02-06T13:14:00+05:00</published><updated>2026-02-06T20:00:00Z</updated>
<summary>Кратко.</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
<p>Мэр открыл <b>линию</b>.</p><p>Она длинная.</p></div></content></entry>
<entry><title>Лёд</title><id>urn:x:3</id><updated>2026-02-05T04:00:00Z</updated>
<summary>Толстый.</summary></entry></feed>"""
RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://courier.example/"><title>Courier</title>
<link>https://courier.example/</link></channel>
<item rdf:about="https://courier.example/tram"><title>Tram opens</title>
<link>https://courier.example/tram</link><dc:date>2026-02-06T13:14:00+05:00</dc:date>
<description>It is blue.</description></item></rdf:RDF>"""
JSON = json.dumps({
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Steppe Courier",
    "language": "en-GB",
    "items": [
        {"id": "1", "url": "https://courier.example/tram", "title": "Tram opens",
         "content_html": "<p>It is blue.</p><p>And long.</p>",
         "date_published": "2026-02-06T13:14:00+05:00", "_views": 1204},
        {"id": 2, "external_url": "https://other.example/lake", "content_text": "Ice.\nThick.",
         "date_modified": "2026-02-05T09:00:00Z", "language": "ru"},
        7,
    ],
})  # fmt: skip


def _source(data: bytes, damage: DumpError | None = None) -> Source:
    stream = io.BytesIO(data)

    def pull(size: int) -> bytes:
        part = stream.read(size)
        if not part and damage is not None:
            raise damage
        return part

    return Source(pull)


def _cut(feed: str | bytes, **settings: Any) -> list[Article | BadRecord]:
    data = feed.encode() if isinstance(feed, str) else feed
    profile = PROFILE.model_copy(update=settings)
    return list(FORMAT.parse(_source(data), profile, Context("feed.xml", ARRIVED)))


def _articles(feed: str | bytes, **settings: Any) -> list[Article]:
    found = _cut(feed, **settings)
    assert [segment.index for segment in found] == list(range(len(found)))
    return [segment for segment in found if isinstance(segment, Article)]


# ------------------------------------------------------------------ what is a feed


@pytest.mark.parametrize(
    "head",
    [
        RSS,
        ATOM,
        RDF,
        JSON,
        "\ufeff\n<rss version='0.91'>",
        "<!DOCTYPE rss [<!ENTITY x '<rss>'> ]>\n<!-- x -->\n<rss>",
        '<atom:feed xmlns:atom="http://www.w3.org/2005/Atom">',
        '{"title": "x", "version": "https:\\/\\/jsonfeed.org\\/version\\/1"',
    ],
)
def test_sniffs(head: str) -> None:
    """By the root element, or by JSON Feed's version; in UTF-8 and UTF-16."""
    assert FORMAT.sniff(head.encode())
    assert FORMAT.sniff(head.removeprefix("\ufeff").encode("utf-16"))


@pytest.mark.parametrize(
    "head",
    [
        "",
        "<html><body><rss>",
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>",
        '{"version": "1.0", "items": []}',
        "rss",
        "<rssx>",
    ],
)
def test_sniffs_not(head: str) -> None:
    """Pages, other RDF and other JSON are for others."""
    assert not FORMAT.sniff(head.encode())


# ------------------------------------------------------------------ what feeds say


def test_rss() -> None:
    """The full content counts, not its summary; links are made absolute, zones are kept."""
    tram, lake = _cut(RSS)
    assert tram == Article(
        index=0,
        title="Tram & bus: one ticket",
        paragraphs=("The tram to the airport opens.", "It is blue.", "And long."),
        source="courier",
        published=datetime.fromisoformat("2026-02-06T13:14:00+05:00"),
        url="https://courier.example/2026/tram",
        language="en",
    )
    assert isinstance(lake, Article)
    assert lake.paragraphs == ("Thick ice.", "No boats.")
    assert lake.published == datetime(2026, 2, 5, 9, 0, tzinfo=ALMATY)
    assert lake.url == "https://courier.example/2026/lake"


def test_atom() -> None:
    """Published before updated, xml:base, xml:lang, content in XHTML."""
    tram, ice = _articles(ATOM)
    assert (tram.title, tram.language) == ("Трамвай — открыт", "ru")
    assert tram.paragraphs == ("Мэр открыл линию.", "Она длинная.")
    assert tram.published == datetime.fromisoformat("2026-02-06T13:14:00+05:00")
    assert tram.url == "https://courier.example/ru/tram"
    assert ice.published == datetime(2026, 2, 5, 4, 0, tzinfo=UTC)
    assert (ice.paragraphs, ice.url) == (("Толстый.",), None)


def test_rdf() -> None:
    """RSS 1.0, whose items stand beside the channel."""
    (tram,) = _articles(RDF)
    assert (tram.title, tram.paragraphs) == ("Tram opens", ("It is blue.",))
    assert tram.published == datetime.fromisoformat("2026-02-06T13:14:00+05:00")


def test_json_feed() -> None:
    """Text or HTML, either address, the feed's language; an item that is none is told."""
    tram, ice, odd = _cut(JSON)
    assert isinstance(tram, Article)
    assert (tram.title, tram.paragraphs) == ("Tram opens", ("It is blue.", "And long."))
    assert (tram.url, tram.language) == ("https://courier.example/tram", "en")
    assert tram.published == datetime.fromisoformat("2026-02-06T13:14:00+05:00")
    assert isinstance(ice, Article)
    assert (ice.title, ice.paragraphs, ice.language) == ("Ice.", ("Thick.",), "ru")
    assert ice.url == "https://other.example/lake"
    assert isinstance(odd, BadRecord)


def test_fields() -> None:
    """A profile says where else a value stands, under feedparser's names or JSON Feed's."""
    tram, _ = _articles(RSS, fields={"body": "summary", "views": "title"})
    assert (tram.paragraphs, tram.flags) == (("In short.",), ("bad-views",))
    (tram,) = _articles(JSON, fields={"views": "_views", "body": "content_html"})
    assert (tram.paragraphs, tram.views) == (("It is blue.", "And long."), 1204)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1251", "koi8-r"])
def test_encodings(encoding: str) -> None:
    """By mark or declaration, whatever the other says."""
    feed = ATOM.replace("<!-- Karsu -->", "").replace('"1.0"', f'"1.0" encoding="{encoding}"', 1)
    feed = feed.replace("&amp;mdash;", "-")
    assert _articles(feed.encode(encoding))[1].title == "Лёд"
    wrong = feed.replace(encoding, "latin1").encode("koi8-r")
    assert _articles(wrong, encoding="koi8-r")[1].title == "Лёд"


def test_times() -> None:
    """A time that only feedparser can read is in UTC; one that nobody can read is flagged."""
    greek = RSS.replace("2026-02-05 09:00", "Πεμ, 05 Φεβ 2026 09:00:00 GMT")
    assert _articles(greek)[1].published == datetime(2026, 2, 5, 9, 0, tzinfo=UTC)
    odd = RSS.replace("2026-02-05 09:00", "someday")
    assert _articles(odd)[1].flags == ("bad-time",)
    early = RSS.replace("2026-02-05 09:00", "Thu, 01 Jan 1970 00:00:00 GMT")
    assert _articles(early)[1].published is None
    late = RSS.replace("06 Feb 2026", "06 Feb 2027")
    assert _articles(late)[0].flags == ("future-time",)


# ------------------------------------------------------------------ damaged feeds


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("In short.", "Tram & bus &nbsp; R&D"),
        ("/2026/tram", "/?a=1&b=2&copy=3"),
        ("<guid>", "<guid><odd:number>7</odd:number>"),
        (' xmlns:content="http://purl.org/rss/1.0/modules/content/"', ""),
    ],
)
def test_small_slips(old: str, new: str) -> None:
    """HTML's character references, bare ampersands and undeclared prefixes harm nothing, and need
    no telling."""
    found = _cut(RSS.replace(old, new))
    assert len(found) == 2
    assert all(isinstance(segment, Article) for segment in found)
    assert _articles(RSS.replace(old, new))[0].paragraphs == _articles(RSS)[0].paragraphs


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</title><guid>", "<guid>"),
        ("</channel>", ""),
        ("</channel></rss>", "</channel></rss><oops>"),
        ("No boats.", "No < boats."),
        ("No boats.", "<b>No boats."),
    ],
)
def test_not_well_formed(old: str, new: str) -> None:
    """What can be read is kept; one bad record at the end names the error and its place."""
    first, *_, bad = _cut(RSS.replace(old, new))
    assert first == _cut(RSS)[0]
    assert isinstance(bad, BadRecord)
    assert "not well-formed: " in bad.reason
    assert bad.line > 1


@pytest.mark.parametrize("end", ["No boats", "<description>Thick", "Ice on the lake"])
def test_breaks_off(end: str) -> None:
    """Entries that are whole stay; the one that the feed ends in is a bad record."""
    feed = RSS.partition(end)[0]
    tram, bad = _cut(feed)
    assert tram == _cut(RSS)[0]
    assert isinstance(bad, BadRecord)
    assert "the feed ends in it" in bad.reason
    assert bad.raw.startswith("<item><title>")
    found: list[Article | BadRecord] = []
    with pytest.raises(DumpError, match="truncated"):
        found += FORMAT.parse(_source(feed.encode(), DumpError("truncated")), PROFILE, Context())
    assert len(found) == 2


def test_json_feed_breaks_off() -> None:
    """Items that are whole stay, then the dump is told to be truncated."""
    found: list[Article | BadRecord] = []
    with pytest.raises(DumpError):
        found += FORMAT.parse(_source(JSON.partition("Thick")[0].encode()), PROFILE, Context())
    assert found[:1] == _cut(JSON)[:1]


@pytest.mark.parametrize("junk", ["}", "]", ",", "]}, ]", "7", ":"])
def test_json_feed_with_more_behind_it(junk: str) -> None:
    """Stray signs are told, and do not go on for ever."""
    found = _cut(JSON + junk)
    assert found[:3] == _cut(JSON)
    assert 1 <= len(found[3:]) <= len(junk)
    assert all(isinstance(segment, BadRecord) for segment in found[3:])


def test_empty() -> None:
    """A feed without entries is no dump."""
    for feed in ("<rss><channel><title>x</title></channel></rss>",
                 '{"version": "https://jsonfeed.org/version/1", "items": []}'):  # fmt: skip
        with pytest.raises(DumpError, match="empty"):
            _cut(feed)


# ------------------------------------------------------------------ hostile feeds


def test_large_feed() -> None:
    """Above the stated size it is one bad record of bounded length."""
    (bad,) = _cut(RSS.encode() + b" " * MAX_FEED)
    assert isinstance(bad, BadRecord)
    assert "more than 8 MiB" in bad.reason
    assert len(bad.raw) <= 64 * 1024


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE rss [<!ENTITY a 'lol'>"
        + "".join(
            f"<!ENTITY {b} '{f'&{a};' * 20}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        )
        + "]>",
        "<!DOCTYPE rss [<!ENTITY i SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE rss SYSTEM 'http://127.0.0.1:9/dtd'>",
        "<!DOCTYPE rss [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/dtd'> %p; ]>",
        f"<!DOCTYPE rss [<!ENTITY i '{'x' * 10_000}'>]>",
    ],
    ids=["bomb", "file", "network", "parameter", "quadratic"],
)  # fmt: skip
def test_entities(doctype: str) -> None:
    """No entity of a DOCTYPE is ever expanded, and no address fetched."""
    feed = RSS.replace("<rss", doctype + "<rss", 1).replace("No boats.", "No &i; boats.")
    _, lake = _articles(feed)[:2]
    assert lake.paragraphs == ("Thick ice.", "No &i; boats.")


@pytest.mark.parametrize(
    "inner",
    ["<" * 200_000, "<a " * 20_000, "<a/>" * 300_000,
     "<item>" * 20_000, "<div>" * 50_000, "&" * 200_000,
     "<![CDATA[" * 50_000, "<!--" * 50_000, "<?" * 50_000, "]]>" * 50_000],
)  # fmt: skip
def test_hostile_markup(inner: str) -> None:
    """None of it takes more than a moment, and the entries above it stay."""
    found = _cut(RSS.replace("</channel></rss>", inner))
    if "<a/>" not in inner:  # more elements than are read
        assert found[0] == _cut(RSS)[0]
    assert isinstance(found[-1], BadRecord)


# ------------------------------------------------------------------ always


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([RSS, ATOM, JSON]),
    st.floats(0, 1),
    st.lists(st.tuples(st.integers(0, 40), st.binary(max_size=4)), max_size=4),
)
def test_damage_leaves_what_is_above_it(
    feed: str, place: float, edits: list[tuple[int, bytes]]
) -> None:
    """Whatever the damage: only DumpError, and entries that end above it are as they were."""
    data = bytearray(feed.encode())
    at = int(place * len(data))
    for offset, piece in edits:
        data[at + offset : at + offset + len(piece)] = piece
    found: list[Article | BadRecord] = []
    try:
        found += FORMAT.parse(_source(bytes(data)), PROFILE, Context("feed", ARRIVED))
    except DumpError:
        pass
    assert [segment.index for segment in found] == list(range(len(found)))
    above = data[:at].decode(errors="replace")
    whole = above.count("</item>") + above.count("</entry>") + above.count("}, {")
    assert found[:whole] == _cut(feed)[:whole]
