"""The shape of the feeds: golden files, a real reader, RFC 4287's grammar, hostile entries.

``PRESS_MONITOR_GOLDEN=write pytest tests/unit/feeds`` writes the golden files anew; look at the
difference before committing them: a change of ids or times makes readers show articles again.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from monitor.config.settings import FeedSettings
from monitor.feeds import feed_file, feed_url, render_feed
from monitor.feeds.content import BODY_LIMIT, TITLE_LIMIT, plain_title
from monitor.feeds.names import feed_id
from monitor.model import Entry, Evidence, Match

HERE = Path(__file__).parent
ATOM = {"a": "http://www.w3.org/2005/Atom"}
BASE = "https://press.example.org"
SCHEMA = etree.RelaxNG(etree.parse(HERE / "atom.rng"))

MakeEntry = Callable[..., Entry]
MakeMatch = Callable[..., Match]


class _Text(HTMLParser):
    """The visible text of a fragment, its paragraphs apart, and what is marked in it."""

    def __init__(self, fragment: str) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[str] = []
        self.marked: list[str] = []
        self.tags: set[str] = set()
        self._marking = False
        self.feed(fragment)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "p":
            self.paragraphs.append("")
        if tag == "mark":
            self.marked.append("")
            self._marking = True

    def handle_endtag(self, tag: str) -> None:
        self._marking = self._marking and tag != "mark"

    def handle_data(self, data: str) -> None:
        if self.paragraphs and data != "\n":
            self.paragraphs[-1] += data
        if self._marking:
            self.marked[-1] += data


def render(*entries: Entry, rule: str | None = None, **feed_settings: object) -> bytes:
    return render_feed(entries, rule=rule, settings=FeedSettings(**feed_settings), base_url=BASE)


def parsed(document: bytes) -> etree._Element:
    """The document's root, after checking it against the grammar."""
    root = etree.fromstring(document)
    SCHEMA.assertValid(root)
    return root


def contents(document: bytes) -> list[str]:
    return [element.text or "" for element in parsed(document).iterfind(".//a:content", ATOM)]


# ----------------------------------------------------------------------------- golden files


def _sample(make_entry: MakeEntry, match: MakeMatch) -> list[Entry]:
    title = "Ministry: “water & power” <plan> published"
    body = (
        'The Ministry of Water said on Friday that 5 < 7 & that "nothing" was lost.\n'
        "WHAT CHANGES\n"
        "Dr. Šabanović, head of the Ministry of Water, spoke in Astana."
    )
    return [
        make_entry(
            id="6f1c2d3e-4b5a-4697-8877-66554433221f",
            title=title,
            body=body,
            updated=datetime(2026, 3, 3, 9, 15, 30, 250000, tzinfo=UTC),
            published=datetime(2026, 3, 3, 14, 10, tzinfo=timezone(timedelta(hours=5))),
            revision=2,
            matches=(
                match("water", "body", body, "Ministry of Water", "Astana"),
                match("power", "title", title, "power"),
            ),
        ),
        make_entry(published=None, updated=datetime(2026, 3, 2, 5, 0, tzinfo=UTC)),
    ]


@pytest.mark.parametrize("name", ["all", "water", "empty"])
def test_golden(name: str, make_entry: MakeEntry, match: MakeMatch) -> None:
    """The bytes are those of the golden file: what readers go by cannot change unseen."""
    entries = _sample(make_entry, match)
    document = {
        "all": lambda: render(*entries),
        "water": lambda: render(entries[0], rule="water", title="Water & more", author="Desk"),
        "empty": lambda: render(rule="water"),
    }[name]()
    parsed(document)
    golden = HERE / "golden" / f"{name}.atom"
    if os.environ.get("PRESS_MONITOR_GOLDEN") == "write":
        golden.write_bytes(document)
    assert document.decode() == golden.read_text("utf-8")


# ----------------------------------------------------------------------------- promises


def test_same_entries_same_bytes(make_entry: MakeEntry, match: MakeMatch) -> None:
    """Rendering twice gives the same bytes: no clock, no version, no order of chance."""
    entries = _sample(make_entry, match)
    assert render(*entries) == render(*entries)


def test_views_and_last_seen_do_not_touch_the_feed(make_entry: MakeEntry) -> None:
    """A counter that moved and a later sighting change no byte: readers must not fetch again."""
    entry = make_entry()
    later = dataclasses.replace(
        entry, views=9_999, last_seen=entry.last_seen + timedelta(days=3), confidence=0.4
    )
    assert render(entry) == render(later)


def test_ids_outlive_title_host_and_settings(make_entry: MakeEntry) -> None:
    """Neither a new title nor another host nor another feed title changes an atom:id."""
    entry = make_entry()
    here = parsed(render(entry))
    there = parsed(
        render_feed(
            [dataclasses.replace(entry, title="Another", body="text", revision=7)],
            rule=None,
            settings=FeedSettings(title="Renamed"),
            base_url="http://10.0.0.1:9",
        )
    )
    ids = [[e.text for e in root.iterfind(".//a:id", ATOM)] for root in (here, there)]
    assert ids[0] == ids[1]
    assert ids[0][1] == f"urn:uuid:{entry.id}"


def test_each_feed_has_its_own_id() -> None:
    """A rule called "all" is not the main feed; ids and addresses of feeds all differ."""
    names = [None, "all", "rules", "water", "a.b", "a-b"]
    assert len({feed_id(name) for name in names}) == len(names)
    assert len({feed_url(BASE, name) for name in names}) == len(names)


@pytest.mark.parametrize(
    "name", ["", "..", ".", "../x", "a/b", "/etc", "A", "a\n", "a\0", "x" * 65, "ä", "-a"]
)
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    """What is not a rule's name is refused before it becomes a path."""
    with pytest.raises(ValueError, match="not a rule name"):
        feed_file(name)


def test_links(make_entry: MakeEntry) -> None:
    """The feed has one self and one alternate link, the entry exactly one, its page."""
    entry = make_entry()
    root = parsed(render(entry, rule="water"))
    links = [dict(e.attrib) for e in root.iterfind("a:link", ATOM)]
    assert links == [
        {
            "href": f"{BASE}/feeds/rules/water.atom",
            "rel": "self",
            "type": "application/atom+xml",
        },
        {"href": f"{BASE}/", "rel": "alternate", "type": "text/html"},
    ]
    assert [dict(e.attrib) for e in root.iterfind("a:entry/a:link", ATOM)] == [
        {"href": f"{BASE}/articles/{entry.id}", "rel": "alternate", "type": "text/html"}
    ]


def test_feed_updated_is_that_of_its_newest_entry(make_entry: MakeEntry) -> None:
    """The feed's updated is its newest entry's, whatever the order; empty: always the same."""
    times = [datetime(2026, 3, day, tzinfo=UTC) for day in (2, 5, 3)]
    entries = [
        make_entry(id=f"0b5c3a52-9a7d-4c61-8f0e-00000000000{n}", updated=time)
        for n, time in enumerate(times)
    ]
    root = parsed(render(*entries))
    assert root.findtext("a:updated", None, ATOM) == "2026-03-05T00:00:00+00:00"
    order = [e.text for e in root.iterfind("a:entry/a:updated", ATOM)]
    assert order == [time.isoformat() for time in times]
    assert parsed(render()).findtext("a:updated", None, ATOM) == "1970-01-01T00:00:00+00:00"


def test_a_reader_sees_what_was_written(make_entry: MakeEntry, match: MakeMatch) -> None:
    """feedparser reads title, link, author, categories, times and text without a bozo.

    It drops <mark> when it cleans the content; the matched words stay bold.
    """
    document = render(*_sample(make_entry, match))
    read = feedparser.parse(document)
    assert not read.bozo
    assert read.version == "atom10"
    assert read.feed.title == "Press monitor"
    first, second = read.entries
    assert first.title == "Ministry: “water & power” <plan> published"
    assert first.link == f"{BASE}/articles/{first.id.removeprefix('urn:uuid:')}"
    assert [tag.term for tag in first.tags] == ["water", "power"]
    assert first.author == "steppe-wire"
    assert first.published == "2026-03-03T09:10:00+00:00"
    assert "published" not in second
    text = _Text(first.content[0].value)
    assert text.paragraphs == [
        "steppe-wire · 2026-03-03 09:10 UTC · revision 2 · water, power",
        'The Ministry of Water said on Friday that 5 < 7 & that "nothing" was lost.',
        "WHAT CHANGES",
        "Dr. Šabanović, head of the Ministry of Water, spoke in Astana.",
    ]
    assert "<b>Ministry of Water</b>" in first.content[0].value
    assert _Text(contents(document)[0]).marked == ["Ministry of Water", "Astana"]


def test_an_article_under_two_rules_with_one_name_has_one_category(make_entry: MakeEntry) -> None:
    """Categories do not repeat."""
    root = parsed(render(make_entry(matches=(Match("a", ()), Match("b", ()), Match("a", ())))))
    assert [e.get("term") for e in root.iterfind(".//a:category", ATOM)] == ["a", "b"]


# ----------------------------------------------------------------------------- hostile entries

HOSTILE_TITLES = {
    "controls": "a\x00b\x08c\x1fd\x7fe\x85f\x9fg",
    "surrogates": "lone \ud800 and \udfff surrogates",
    "noncharacters": "x\ufffe\uffffy",
    "markup": "</title><script>alert(1)</script><![CDATA[x]]> &amp; &#0;",
    "cdata end": "]]>",
    "bidi": "\u202eevil\u202d\u2066\u2067 text",
    "lines": "one\r\ntwo\u2028three\u2029four\tfive",
    "long": "word " * 200_000,
    "one long word": "x" * 1_000_000,
    "astral": "😀" * 400,
}


@pytest.mark.parametrize("title", HOSTILE_TITLES.values(), ids=HOSTILE_TITLES)
def test_hostile_title(title: str, make_entry: MakeEntry) -> None:
    """Any title becomes one safe line of plain text, any body safe HTML; the entry stays."""
    root = parsed(render(make_entry(title=title, body=title), make_entry()))
    assert len(root.findall("a:entry", ATOM)) == 2
    shown = root.findtext("a:entry/a:title", None, ATOM)
    assert shown
    assert 0 < len(shown) <= TITLE_LIMIT
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", shown)
    text = _Text(root.findtext("a:entry/a:content", None, ATOM) or "")
    assert text.tags <= {"p", "small", "a"}


@pytest.mark.parametrize(
    "title", ["", "  \n", "\x00", "\u200b\u200f", "\u0301", "\u202e", "\ud800"]
)
def test_a_title_is_never_empty(title: str, make_entry: MakeEntry) -> None:
    """Where nothing of a title can be seen, the feed says so."""
    root = parsed(render(make_entry(title=title)))
    assert root.findtext("a:entry/a:title", None, ATOM) == "(untitled)"


def test_a_huge_body_is_cut_and_says_so(make_entry: MakeEntry) -> None:
    """No entry can outgrow readers' limits; the cut is told, with a link to the whole."""
    (content,) = contents(render(make_entry(body="word " * 1_000_000)))
    assert len(content) < BODY_LIMIT + 1_000
    assert f'href="{BASE}/articles/' in content


@pytest.mark.parametrize(
    "change",
    [
        {"id": "not a uuid"},
        {"id": "\ud800"},
        {"updated": datetime(2026, 3, 2)},  # noqa: DTZ001 - the point
        {"updated": None},
        {"published": datetime(2026, 3, 2)},  # noqa: DTZ001
        {"title": None},
        {"published": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))},
        {"matches": (Match("bad\x00rule", ()),)},
    ],
    ids=str,
)
def test_what_cannot_be_rendered_is_left_out_alone(
    change: dict[str, object], make_entry: MakeEntry
) -> None:
    """An entry beyond repair is missing from the feed; its neighbours and the bytes are fine."""
    good = make_entry()
    assert render(make_entry(**change), good) == render(good)


def test_wrong_offsets_mark_what_they_can(make_entry: MakeEntry) -> None:
    """Evidence outside the text, empty, reversed or overlapping never breaks the text."""
    body = "alpha beta\ngamma delta"
    spans = [(-5, 5), (3, 8), (4, 4), (9, 2), (6, 15), (20, 99), (500, 600)]
    evidence = tuple(Evidence("c", "body", start, end, "") for start, end in spans)
    (content,) = contents(render(make_entry(body=body, matches=(Match("r", evidence),))))
    text = _Text(content)
    assert text.paragraphs[1:] == ["alpha beta", "gamma delta"]
    assert text.marked == ["alpha beta", "gamm", "ta"]


ANY_TEXT = st.text(st.characters(), max_size=200)
PIECES = st.lists(
    st.one_of(ANY_TEXT, st.sampled_from(["<", "&amp;", "]]>", "\r", "\x0b", "\ud83d", "\n"])),
    max_size=12,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(
    title=PIECES,
    body=PIECES,
    spans=st.lists(st.tuples(st.integers(-3, 250), st.integers(-3, 250)), max_size=6),
)
def test_any_text_survives(
    title: str, body: str, spans: list[tuple[int, int]], make_entry: MakeEntry
) -> None:
    """Any title and body give a valid feed in which a reader sees the same visible text."""
    matches = (Match("r", tuple(Evidence("c", "body", *span, "") for span in spans)),)
    root = parsed(render(make_entry(title=title, body=body, matches=matches)))
    assert root.findtext("a:entry/a:title", None, ATOM) == plain_title(title)
    text = _Text(root.findtext("a:entry/a:content", None, ATOM) or "")
    assert text.tags <= {"p", "small", "b", "mark"}
    illegal = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
    wanted = [illegal.sub("", line) for line in body.split("\n") if line.strip()]
    assert text.paragraphs[1:] == [line for line in wanted if line]
