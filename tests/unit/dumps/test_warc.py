"""Crawls (WARC) and their text (WET): what records become, damage, size."""

from __future__ import annotations

import gzip
import io
import json
import re
import tracemalloc
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config import SourceSettings
from monitor.config.sources import ListingSettings
from monitor.dumps import FORMATS, parse
from monitor.dumps.base import Context
from monitor.dumps.container import Source
from monitor.dumps.warcfile import MAX_BLOCK
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

FORMAT = FORMATS["warc"]
PROFILE = SourceSettings(name="courier", zone=ZoneInfo("Asia/Almaty"))
TEXT = "The mayor of Karsu opened tram line {} to the airport, the City News Agency reports. "


def _page(number: int) -> bytes:
    text = TEXT.format(number)
    return (
        f"<!doctype html><html lang=en><head><title>Tram line {number} opens | Courier</title>"
        "<meta property='article:published_time' content='2026-02-06T13:14:00+05:00'></head><body>"
        f"<h1>Tram line {number} opens</h1><p>{text * 2}</p><p>{text}</p></body></html>"
    ).encode()


def _record(kind: str, block: bytes, version: str = "1.0", **headers: str) -> bytes:
    named = {
        "WARC-Type": kind,
        "WARC-Date": "2026-02-06T20:30:00Z",
        "Content-Length": str(len(block)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"WARC/{version}\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def _response(
    body: bytes, url: str = "https://courier.example/1", status: str = "200 OK", **headers: str
) -> bytes:
    named = {"Content_Type": "text/html", **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items())
    block = f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body
    http = {"Content_Type": "application/http; msgtype=response", "WARC_Target_URI": url}
    return _record("response", block, **http)


def _numbered(number: int, **headers: str) -> bytes:
    return _response(_page(number), f"https://courier.example/{number}", **headers)


INFO = _record("warcinfo", b"software: crawler\r\n", Content_Type="application/warc-fields")
THREE = INFO + _numbered(1) + _numbered(2) + _numbered(3)


def _source(data: bytes, damage: DumpError | None = None) -> Source:
    stream = io.BytesIO(data)

    def pull(size: int) -> bytes:
        part = stream.read(size)
        if not part and damage is not None:
            raise damage
        return part

    return Source(pull)


def _cut(data: bytes, **settings: Any) -> list[Article | BadRecord]:
    profile = PROFILE.model_copy(update=settings)
    found = list(FORMAT.parse(_source(data), profile, Context("a.warc")))
    assert [segment.index for segment in found] == list(range(len(found)))
    return found


def _titles(found: list[Article | BadRecord]) -> list[str]:
    return [each.title if isinstance(each, Article) else f"! {each.reason}" for each in found]


def _refused(data: bytes) -> list[Article | BadRecord]:
    found: list[Article | BadRecord] = []
    with pytest.raises(DumpError, match="truncated"):
        found += FORMAT.parse(_source(data), PROFILE, Context())
    return found


# ------------------------------------------------------------------ what records become


def test_pages() -> None:
    """Address and day of crawling are the record's; the day is that of the source's zone."""
    assert FORMAT.sniff(THREE)
    first, *others = _cut(THREE)
    assert isinstance(first, Article)
    assert first.title == "Tram line 1 opens"
    assert first.url == "https://courier.example/1"
    assert first.crawled == date(2026, 2, 7)
    assert first.published == datetime.fromisoformat("2026-02-06T13:14:00+05:00")
    assert _titles(others) == ["Tram line 2 opens", "Tram line 3 opens"]


@pytest.mark.parametrize("version", ["0.18", "1.0", "1.1"])
def test_versions_and_line_ends(version: str) -> None:
    """Also with bare line feeds, and more or fewer line ends than there should be."""
    data = THREE.replace(b"WARC/1.0", f"WARC/{version}".encode())
    assert len(_cut(data)) == 3
    for ends in (b"\r\n", b"\n", b"\r\n\r\n\r\n\r\n"):
        assert _cut(data.replace(b"\r\n\r\nWARC/", ends + b"WARC/")) == _cut(THREE)


def test_gzip_of_each_record() -> None:
    """As crawlers pack them: a member for each record."""
    records = re.split(rb"(?=WARC/1\.0\r\n)", THREE)[1:]
    packed = b"".join(map(gzip.compress, records))
    assert list(parse(io.BytesIO(packed), PROFILE, name="a.warc.gz")) == _cut(THREE)


@pytest.mark.parametrize("place", [0, 3, 100, -6])
def test_damaged_gzip_of_a_record(place: int) -> None:
    """Where each record is packed by itself, a damaged one costs no other, and is told."""
    records = re.split(rb"(?=WARC/1\.0\r\n)", THREE)[1:]
    packed = [bytearray(gzip.compress(record)) for record in records]
    packed[2][place] ^= 0xFF
    found = list(parse(io.BytesIO(b"".join(packed)), PROFILE, name="a.warc.gz"))
    whole = _cut(THREE)
    titles = [segment.title for segment in found if isinstance(segment, Article)]
    expected = [segment.title for segment in whole if isinstance(segment, Article)]
    assert titles in ([expected[0], expected[2]], expected)  # all but a checksum may be right
    bad = [segment for segment in found if isinstance(segment, BadRecord)]
    assert bad
    assert all(one.raw.startswith("WARC/") or "gzip data" in one.reason for one in bad)


def test_passed_over() -> None:
    """What is no article makes no segment."""
    data = (
        INFO
        + _record("request", b"GET / HTTP/1.1\r\n\r\n", Content_Type="application/http")
        + _record("metadata", b"fetchTimeMs: 12\r\n")
        + _record("revisit", b"HTTP/1.1 200 OK\r\n\r\n", Content_Type="application/http")
        + _record("strange", b"?")
        + _response(b"", status="301 Moved", Location="/2")
        + _response(_page(9), status="404 Not Found")
        + _response(b"\x89PNG\r\n", Content_Type="image/png")
        + _response(b"p {}", Content_Type="text/css")
        + _response(b'{"consent": true}', Content_Type="application/json")
        + _response(b"not xml", Content_Type="text/xml")
        + _response(b" ")
        + _numbered(1)
    )
    assert _titles(_cut(data)) == ["Tram line 1 opens"]


def test_resource_and_unknown_media() -> None:
    """A page is known by its beginning where nobody says what it is."""
    data = (
        _record("resource", _page(1), Content_Type="text/html; charset=utf-8")
        + _response(_page(2), Content_Type="application/octet-stream")
        + _record("resource", _page(3))
        + _record("resource", b"\0\1\2")
    )
    assert [title[:11] for title in _titles(_cut(data))] == [f"Tram line {n}" for n in (1, 2, 3)]


def test_feeds_and_json() -> None:
    """They are cut as files of their formats are; the day of crawling is the record's."""
    feed = (
        b"<rss><channel><item><title>Ice</title><description>Thick.</description></item></channel>"
        b"</rss>"
    )
    lines = b'{"title": "Lake", "body": "Deep."}\n{"title": "Hill", "body": "High."}\n'
    document = {"version": "https://jsonfeed.org/version/1.1", "items": [{"title": "Sea"}]}
    data = (
        _response(feed, Content_Type="application/rss+xml")
        + _response(lines, Content_Type="application/json")
        + _response(json.dumps(document).encode(), Content_Type="application/feed+json")
        + _response(feed[:50], Content_Type="text/xml")
    )
    found = _cut(data)
    assert _titles(found)[:4] == ["Ice", "Lake", "Hill", "Sea"]
    assert {each.crawled for each in found if isinstance(each, Article)} == {date(2026, 2, 7)}
    assert isinstance(found[4], BadRecord)
    assert found[4].line == 4


def test_wet() -> None:
    """The first line is the title; the language is the one that was identified first."""
    text = "Tram opens | Courier\nHome\n\nThe mayor opened it.\n"
    data = INFO + _record(
        "conversion",
        text.encode(),
        Content_Type="text/plain",
        WARC_Target_URI="<https://courier.example/1>",
        WARC_Identified_Content_Language="kaz,rus",
    )
    (article,) = _cut(data, boilerplate=("home",))
    assert isinstance(article, Article)
    assert (article.title, article.paragraphs) == (
        "Tram opens | Courier",
        ("The mayor opened it.",),
    )
    assert (article.url, article.language) == ("https://courier.example/1", "kk")
    assert article.crawled == date(2026, 2, 7)
    assert article.flags == ("whole-page", "undated")


def test_listings_among_pages() -> None:
    """Pages that hold the profile's items are listings, the others articles."""
    items = b"<h1>Town</h1><div class=i><h2>One</h2><p>A.</p></div><div class=i><h2>Two</h2></div>"
    found = _cut(_response(items) + _numbered(1), listing=ListingSettings(item=".i"))
    assert _titles(found) == ["One", "Two", "Tram line 1 opens"]


def test_cut_short_by_the_crawler() -> None:
    """It is an article still, less surely."""
    data = _numbered(1).replace(b"WARC-Date", b"WARC-Truncated: length\r\nWARC-Date")
    (article,) = _cut(data)
    assert isinstance(article, Article)
    assert "cut-short" in article.flags


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", zlib.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-15)),
        ("zstd", zstandard.compress),
        ("identity", bytes),
        ("gzip", bytes),
        ("br", bytes),
        ("gzip, zstd", lambda data: zstandard.compress(gzip.compress(data))),
    ],
)
@pytest.mark.parametrize("chunked", [True, False])
def test_content_encodings(encoding: str, pack: Any, chunked: bool) -> None:
    """Bodies as they came, and bodies that the crawler unpacked but for the headers."""
    body = pack(_page(1))
    headers = {"Content_Encoding": encoding}
    if chunked:
        half = len(body) // 2
        body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[:half], body[half:], b""))
        headers["Transfer_Encoding"] = "chunked"
    assert _titles(_cut(_response(body, **headers))) == ["Tram line 1 opens"]


def test_bodies_that_cannot_be_read() -> None:
    """Each is a bad record with its reason, and the next page is read."""
    bomb = gzip.compress(b"<p>" + b" " * 40_000_000)
    bodies = [
        (bomb, "gzip", "more than 16 MiB"),
        (zstandard.compress(b"<p>" + b" " * 40_000_000), "zstd", "more than 16 MiB"),
        (gzip.compress(_page(1))[:-30], "gzip", "ends early"),
        (b"\x1f\x8b\x08damage", "gzip", "damaged"),
        (b"\x28\xb5\x2f\xfddamage", "zstd", "damaged"),
        (b"\x8b\x03\x80", "br", "br, which is not read"),
        (b"<p>", "gzip,gzip,gzip,gzip", "many times"),
    ]
    data = b"".join(_response(body, Content_Encoding=encoding) for body, encoding, _ in bodies)
    data += _record("response", b"no HTTP\r\n\r\n", Content_Type="application/http")
    data += _record("response", b"HTTP/1.1 200 OK\r\n", Content_Type="application/http")
    *bad, last = _titles(_cut(data + _numbered(1)))
    for (_, _, reason), title in zip(bodies, bad, strict=False):
        assert reason in title
    assert bad[7:] == ["! no HTTP response", "! an HTTP response whose header does not end"]
    assert last == "Tram line 1 opens"


# ------------------------------------------------------------------ damage


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"WARC/1.0\r\n", b"WBRC/1.0\r\n", "no WARC record"),
        (b"WARC/1.0\r\n", b"\0\xff\r\n", "no WARC record"),
        (b"Content-Length", b"Content-Depth", "without its length"),
        (b"Content-Length: ", b"Content-Length: -", "without its length"),
        (b"Content-Length: ", b"Content-Length: 9", "another record begins in it"),
        (b"Content-Length: ", b"Content-Length: 9999999", "another record begins in it"),
        (b"WARC-Type", b"WARC-Tape", "without its type"),
        (b"application/http", b"application/http" + b"s" * 70_000, "does not end"),
        (b"</html>", b"</html> and then more", "it goes on behind its end"),
    ],
)
def test_broken_record_in_the_middle(old: bytes, new: bytes, reason: str) -> None:
    """It is one bad record; those before and after it are whole."""
    second = _numbered(2).replace(old, new, 1)
    found = _cut(INFO + _numbered(1) + second + _numbered(3))
    first, bad, third = _titles(found)
    assert (first, third) == ("Tram line 1 opens", "Tram line 3 opens")
    assert reason in bad
    assert isinstance(found[1], BadRecord)
    assert found[1].line == 3
    assert "\0" not in found[1].raw


@pytest.mark.parametrize("glue", [b"", b"x", b"\0", b"\r"])
def test_damaged_line_ends(glue: bytes) -> None:
    """A header that does not begin a line is found all the same."""
    damaged = _numbered(1).removesuffix(b"\r\n\r\n") + glue
    assert _titles(_cut(damaged + _numbered(2)))[-1] == "Tram line 2 opens"


@pytest.mark.parametrize("shorter", range(1, 20))
def test_bytes_missing_in_a_block(shorter: int) -> None:
    """The block then ends in what is behind it, perhaps inside the next header's first line."""
    damaged = _wet(1).replace(TEXT[:shorter].encode(), b"", 1)
    titles = _titles(_cut(damaged + _wet(2) + _wet(3)))
    assert titles[-2:] == ["Tram line 2 opens", "Tram line 3 opens"]


def test_too_small_a_length() -> None:
    """The rest of the record is no record either, and the next one is found."""
    length = re.search(rb"Content-Length: (\d+)", _numbered(2))
    assert length is not None
    second = _numbered(2).replace(length[0], b"Content-Length: %d" % (int(length[1]) - 100))
    titles = _titles(_cut(_numbered(1) + second + _numbered(3)))
    assert titles[0] == "Tram line 1 opens"
    assert titles[-1] == "Tram line 3 opens"
    assert all(title.startswith("!") for title in titles[1:-1])


@pytest.mark.parametrize("behind", [1, 10, 200, 500])
def test_truncated(behind: int) -> None:
    """What came before stays; the record that is cut off is a bad one; then the error."""
    start = THREE.index(_numbered(3))
    found = _refused(THREE[: start + 20 + behind])
    assert found[:2] == _cut(THREE)[:2]
    (bad,) = found[2:]
    assert isinstance(bad, BadRecord)
    assert "the dump breaks off in it" in bad.reason
    profile_error = DumpError("truncated: the gzip data ends early")
    again: list[Article | BadRecord] = []
    with pytest.raises(DumpError, match="gzip data ends early"):
        again += FORMAT.parse(
            _source(THREE[: start + 20 + behind], profile_error), PROFILE, Context()
        )
    assert again[:2] == found[:2]


def test_other_records_in_a_page() -> None:
    """A page that shows how a WARC file looks is one page, if its length is right."""
    shown = _page(1).replace(
        b"</h1>", b"</h1><pre>\r\n\r\nWARC/1.0\r\nWARC-Type: response\r\n\r\n</pre>"
    )
    assert len(_cut(_response(shown) + _numbered(2))) == 2


# ------------------------------------------------------------------ size


class _Stream:
    """Records made while they are read."""

    def __init__(self, records: Iterator[bytes]) -> None:
        self._records, self._rest = records, b""

    def pull(self, size: int) -> bytes:
        if not self._rest:
            self._rest = next(self._records, b"")
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def _peak(records: Iterator[bytes]) -> tuple[int, int]:
    """Peak of traced memory in bytes, and the number of segments."""
    tracemalloc.start()
    try:
        segments = FORMAT.parse(Source(_Stream(records).pull), PROFILE, Context())
        count = sum(1 for _ in segments)
        return tracemalloc.get_traced_memory()[1], count
    finally:
        tracemalloc.stop()


def _wet(number: int, size: int = 8) -> bytes:
    text = f"Tram line {number} opens\n" + TEXT.format(number) * size
    return _record("conversion", text.encode(), Content_Type="text/plain")


def test_memory_does_not_grow_with_the_file() -> None:
    """Four times the records need no more."""
    small, _ = _peak(_wet(number, 200) for number in range(30))
    large, count = _peak(_wet(number, 200) for number in range(120))
    assert count == 120
    assert large < small + 2_000_000


def test_large_block_is_not_held() -> None:
    """A record above the stated size is a bad one, or nothing if it would be passed over."""
    piece = b"x" * (1 << 20)
    times = (MAX_BLOCK >> 20) * 4

    def records(kind: str) -> Iterator[bytes]:
        start = _record(kind, b"", Content_Length=str(times << 20))
        yield start.removesuffix(b"\r\n\r\n")
        yield from (piece for _ in range(times))
        yield b"\r\n\r\n" + _numbered(1)

    assert _peak(records("metadata"))[1] == 1
    peak, count = _peak(records("response"))
    assert count == 2
    assert peak < 20_000_000


def test_many_wrong_lengths() -> None:
    """Each claims a block of nearly the greatest size: no byte is looked at over and over."""
    record = _record("response", b"x").replace(b"Length: 1\r", b"Length: 16000000\r")
    found = _refused(record * 10_000)
    assert len(found) == 10_000
    assert all(isinstance(each, BadRecord) for each in found)


# ------------------------------------------------------------------ always


@settings(max_examples=120, deadline=None)
@given(
    st.floats(0, 1),
    st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=6)), max_size=4),
    st.booleans(),
)
def test_damage_leaves_what_is_around_it(
    place: float, edits: list[tuple[int, bytes]], cut: bool
) -> None:
    """Whatever the damage: only DumpError; records that end above it are as they were, and so is
    one that begins below the next header."""
    at = int(place * (len(FIVE) - 1))
    data = bytearray(FIVE)
    for offset, piece in edits:
        data[at + offset : at + offset + len(piece)] = piece
    found: list[Article | BadRecord] = []
    try:
        found += FORMAT.parse(_source(bytes(data[:at] if cut else data)), PROFILE, Context())
    except DumpError:
        pass
    assert [segment.index for segment in found] == list(range(len(found)))
    above = sum(at >= end for end in ENDS)
    assert found[:above] == _cut(FIVE[: ENDS[above - 1]] if above else b"")
    last = [segment for segment in found if isinstance(segment, Article)][-1:]
    if not cut and at + 410 < ENDS[-2]:
        assert [each.title for each in last] == ["Tram line 5 opens"]


_RECORDS = [_wet(number) for number in range(1, 6)]
FIVE = b"".join(_RECORDS)
ENDS = [len(b"".join(_RECORDS[:count])) for count in range(1, 6)]
"""Where each record ends."""
