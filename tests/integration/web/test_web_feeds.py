"""Feeds over HTTP: conditional requests, gzip, and names that are no feeds."""

from __future__ import annotations

import gzip
import http.client
import os
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime

import feedparser
import pytest
import requests

from .conftest import MakeSite, Site
from .samples import NOW, entry

ALL = "/feeds/all.atom"


@pytest.fixture
def feeds(site: Site) -> Site:
    """A site whose feeds are published, an hour before now."""
    site.publish()
    for path in site.folder.rglob("*.atom"):
        at = (NOW - timedelta(hours=1)).timestamp()
        os.utime(path, (at, at))
    return site


def fetch(
    site: Site, path: str = ALL, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (names in lower case), body: exactly what came over the wire."""
    connection = http.client.HTTPConnection("127.0.0.1", site.server.port, timeout=10)
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return response.status, found, response.read()
    finally:
        connection.close()


def test_the_bytes_are_the_files(feeds: Site) -> None:
    """Main feed and rule feeds answer with the published bytes and the right type."""
    for path in (ALL, "/feeds/rules/water.atom", "/feeds/rules/summit.2026.atom"):
        status, headers, body = fetch(feeds, path)
        assert status == 200
        assert headers["content-type"] == "application/atom+xml; charset=utf-8"
        assert body == (feeds.folder / path.removeprefix("/feeds/")).read_bytes()
        assert headers["content-length"] == str(len(body))
        assert headers["vary"] == "Accept-Encoding"
        assert headers["last-modified"] == "Mon, 02 Mar 2026 11:00:00 GMT"
        assert "content-encoding" not in headers
        name, _, seconds = headers["cache-control"].partition("max-age=")
        assert name == "public, "
        assert 0 < int(seconds) <= 300


def test_a_reader_that_comes_back_gets_304(feeds: Site) -> None:
    """feedparser as readers use it: ETag and Last-Modified returned, 304 the second time."""
    first = feedparser.parse(feeds.url + ALL)
    assert first.status == 200
    assert not first.bozo
    assert len(first.entries) == 2
    self_link = next(link.href for link in first.feed.links if link.rel == "self")
    assert self_link == feeds.url + ALL
    again = feedparser.parse(feeds.url + ALL, etag=first.etag, modified=first.modified)
    assert again.status == 304
    feeds.store.content.insert(0, entry(id="0b5c3a52-9a7d-4c61-8f0e-00000000abcd"))
    assert feeds.publish() == 1
    third = feedparser.parse(feeds.url + ALL, etag=first.etag, modified=first.modified)
    assert third.status == 200
    assert len(third.entries) == 3


def test_304_has_no_body_and_keeps_the_validators(feeds: Site) -> None:
    """304: nothing after the headers, and the headers caches update from are there."""
    _, full, _ = fetch(feeds)
    status, headers, body = fetch(feeds, If_None_Match=full["etag"])
    assert (status, body) == (304, b"")
    assert "content-type" not in headers
    assert headers.get("content-length", "0") == "0"
    for name in ("etag", "cache-control", "vary"):
        assert headers[name] == full[name]


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("{etag}", 304),
        ("W/{etag}", 304),
        ('"other", {etag}', 304),
        ("*", 304),
        ('"other"', 200),
        ("", 200),
        ("rubbish", 200),
    ],
)
def test_if_none_match(feeds: Site, condition: str, status: int) -> None:
    """Lists, weak tags and the star count; anything else is another version."""
    _, full, _ = fetch(feeds)
    assert fetch(feeds, If_None_Match=condition.format(etag=full["etag"]))[0] == status


def test_if_none_match_wins_over_if_modified_since(feeds: Site) -> None:
    """A tag that does not match is a 200 even if the date says not modified, and the reverse."""
    _, full, _ = fetch(feeds)
    future = format_datetime(NOW + timedelta(days=1), usegmt=True)
    past = format_datetime(NOW - timedelta(days=1), usegmt=True)
    assert fetch(feeds, If_None_Match='"x"', If_Modified_Since=future)[0] == 200
    assert fetch(feeds, If_None_Match=full["etag"], If_Modified_Since=past)[0] == 304


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("Mon, 02 Mar 2026 11:00:00 GMT", 304),
        ("Mon, 02 Mar 2026 12:00:00 GMT", 304),
        ("Mon, 02 Mar 2026 10:59:59 GMT", 200),
        ("yesterday", 200),
        ("", 200),
    ],
)
def test_if_modified_since(feeds: Site, since: str, status: int) -> None:
    """Without a tag the date decides; what is no date is as good as none."""
    assert fetch(feeds, If_Modified_Since=since)[0] == status


def test_last_modified_is_never_in_the_future(feeds: Site) -> None:
    """A file stamped ahead of the clock is told as changed now (RFC 9110, 8.8.2.1)."""
    ahead = (NOW + timedelta(hours=3)).timestamp()
    os.utime(feeds.folder / "all.atom", (ahead, ahead))
    _, headers, _ = fetch(feeds)
    assert parsedate_to_datetime(headers["last-modified"]) == NOW


@pytest.mark.parametrize("accepts", ["gzip", "gzip, deflate, br", "br, x-gzip", "*", "GZIP;q=0.5"])
def test_gzip_where_it_is_accepted(feeds: Site, accepts: str) -> None:
    """The same feed, packed, with a tag of its own: the bytes on the wire are others."""
    _, plain, body = fetch(feeds)
    status, headers, packed = fetch(feeds, Accept_Encoding=accepts)
    assert status == 200
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == body
    assert len(packed) == int(headers["content-length"]) < len(body)
    assert headers["etag"] != plain["etag"]
    assert not headers["etag"].startswith("W/")
    assert fetch(feeds, Accept_Encoding=accepts)[2] == packed
    tag = headers["etag"]
    assert fetch(feeds, Accept_Encoding=accepts, If_None_Match=tag)[0] == 304


@pytest.mark.parametrize(
    "accepts",
    ["", "identity", "gzip;q=0", "br", "gzip;q=0, *", "*;q=0", "gzip;q=x", "gzip;q=0.1, identity"],
)
def test_no_gzip_where_it_is_not(feeds: Site, accepts: str) -> None:
    """Weights count: what is refused or liked less is not sent."""
    status, headers, body = fetch(feeds, Accept_Encoding=accepts)
    assert status == 200
    assert "content-encoding" not in headers
    assert body.startswith(b"<?xml")


def test_head_is_get_without_a_body(feeds: Site) -> None:
    """HEAD tells what GET would, with the length, packed or not."""
    for coding in ("identity", "gzip"):
        _, full, _ = fetch(feeds, Accept_Encoding=coding)
        status, headers, body = fetch(feeds, method="HEAD", Accept_Encoding=coding)
        assert (status, body) == (200, b"")
        del full["date"], headers["date"]
        assert headers == full


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/rules/unknown.atom",
        "/feeds/rules/..%2fall.atom",
        "/feeds/rules/../../page.css",
        "/feeds/rules/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/feeds/rules/%00.atom",
        "/feeds/rules/water.atom%00",
        "/feeds/rules/WATER.atom",
        "/feeds/rules/.atom",
        "/feeds/water.atom",
        "/feeds/",
        "/feeds/rules/water",
        "/feeds//etc/passwd",
    ],
)
def test_only_feeds_of_known_rules_are_files(feeds: Site, path: str) -> None:
    """No name leads to any other file, whatever stands in the folder."""
    (feeds.folder / "rules" / "unknown.atom").write_text("not to be seen")
    status, headers, body = fetch(feeds, path)
    assert status in (404, 308)
    assert b"not to be seen" not in body
    assert b"root:" not in body
    if status == 404:
        assert headers["content-type"].startswith(("text/plain", "text/html"))


def test_a_feed_that_is_not_published_yet(site: Site) -> None:
    """Before the first publication: 503 with Retry-After, so that no reader keeps an empty feed."""
    for path in (ALL, "/feeds/rules/water.atom"):
        status, headers, body = fetch(site, path)
        assert status == 503
        assert headers["retry-after"] == "5"
        assert headers["cache-control"] == "no-store"
        assert b"not published yet" in body
    site.publish()
    assert fetch(site)[0] == 200


def test_a_rule_that_is_gone_is_a_404(feeds: Site) -> None:
    """After a reload without the rule its feed is gone, even if the file still lies there."""
    keep = tuple(rule for rule in feeds.settings.rules if rule.name != "water")
    feeds.settings = feeds.settings.model_copy(update={"rules": keep})
    assert (feeds.folder / "rules" / "water.atom").exists()
    assert fetch(feeds, "/feeds/rules/water.atom")[0] == 404


def test_a_rule_without_a_feed_is_a_404(make_site: MakeSite) -> None:
    """The answer says why, and not that the feed is to come."""
    site = make_site(rules=[{"name": "water", "any": ["x"], "feed": False}])
    site.publish()
    status, _, body = fetch(site, "/feeds/rules/water.atom")
    assert (status, body) == (404, b"The rule water has no feed of its own.\n")


def test_feeds_cannot_be_written(feeds: Site) -> None:
    """Only GET, HEAD and OPTIONS are methods of a feed."""
    for method in ("POST", "PUT", "DELETE"):
        response = requests.request(method, feeds.url + ALL, timeout=10)
        assert response.status_code == 405
        assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
