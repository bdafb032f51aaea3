"""The overview and the article page, over HTTP: what they show, and what cannot break them."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import requests

from monitor.config import RuleSettings
from monitor.model import DeliveryState, Evidence, Match
from monitor.web import Health

from .conftest import MakeSite, Site
from .samples import (
    BRIDGE,
    NOW,
    OLD_WATER_BODY,
    WATER,
    Samples,
    delivery,
    entry,
    full,
    revision,
    water,
)


class Page(HTMLParser):
    """A page as a browser would take it: elements with attributes and their text."""

    VOID = frozenset({"meta", "link", "img", "br", "input"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open: list[int] = []
        self.feed(html)
        self.close()
        assert not self.open, "elements left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))
        if tag not in self.VOID:
            self.open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self.open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for index in self.open:
            self.elements[index][2].append(data)

    def texts(self, tag: str, **attributes: str) -> list[str]:
        return [
            " ".join("".join(text).split())
            for name, found, text in self.elements
            if name == tag and attributes.items() <= found.items()
        ]

    def attributes(self, tag: str, name: str) -> list[str]:
        return [found[name] or "" for t, found, _ in self.elements if t == tag and name in found]


def get(site: Site, path: str, status: int = 200) -> Page:
    response = requests.get(site.url + path, timeout=10)
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    return Page(response.text)


# ----------------------------------------------------------------------------- overview


def test_overview_shows_articles_with_their_matched_words(site: Site) -> None:
    """Title, badge, source, time in UTC, counter, rules and marked words of each article."""
    page = get(site, "/")
    assert page.texts("h3") == [
        "Ministry of Water sets the date for its plan",
        "Bridge over the Ulba opens a month early",
    ]
    first, second = page.texts("article")
    assert "revised · 2" in first
    assert "steppe-wire 2026-03-01 06:00 UTC 88 views" in first
    assert "new steppe-wire 2026-03-02 10:00 UTC 1 417 views" in second
    assert page.texts("mark") == ["Ministry of Water", "Ministry of Water", "Ulba"]
    assert "2026-03-02T10:00:00Z" in page.attributes("time", "datetime")


def test_overview_says_of_what_waits_that_it_is_due(site: Site) -> None:
    """Its next attempt was not a while ago: there was none."""
    site.store.outbox = [
        delivery(1, DeliveryState.PENDING, attempts=0, next_attempt=NOW - timedelta(hours=1))
    ]
    assert "pending desk webhook 1 water 0 due –" in get(site, "/").texts("tr")


def test_overview_shows_matches_deliveries_dumps_and_health(site: Site) -> None:
    """The other rooms of the store are on the page, with what is wrong on top."""
    site.health = Health(True, False, (("inbox", False, "the folder is gone"),))
    page = get(site, "/")
    rows = page.texts("tr")
    assert "2026-03-02 11:40 ulba Ministry of Water sets the date for its plan Ulba 2" in rows
    assert "dead desk webhook 1 water 1 – 410 Gone" in rows
    assert "pending desk slack 1 water 3 in 4 min 429 Too Many Requests" in rows
    assert "2026-03-02 11:20 listing-002.txt ×2 done 13 2 1 9 0 1" in rows
    assert page.texts("p", **{"class": "notice bad"}) == [
        "1 delivery is dead. Mend the cause shown below, then monitor deliveries retry --all sends"
        " it again.",
        "inbox: the folder is gone",
    ]
    assert page.texts("a", **{"class": "pill bad"}) == ["Not ready"]


def test_overview_leads_to_the_feeds(site: Site) -> None:
    """Readers find the feed from the page's address; every rule's feed is linked."""
    page = get(site, "/?rule=water")
    links = dict(zip(page.attributes("link", "rel"), page.attributes("link", "href"), strict=True))
    assert links["alternate"] == "feeds/rules/water.atom"
    hrefs = page.attributes("a", "href")
    for name in ("all", "rules/water", "rules/ulba", "rules/summit.2026"):
        assert f"feeds/{name}.atom" in hrefs


def test_filter_by_rule(site: Site) -> None:
    """With ?rule= only articles and matches of that rule are shown; an unknown rule is a 404."""
    page = get(site, "/?rule=ulba")
    assert page.texts("h3") == ["Ministry of Water sets the date for its plan"]
    assert "Articles matching ulba" in page.texts("h2")
    assert not any("water" in row for row in page.texts("tr") if row.startswith("2026-03-02 11:40"))
    assert "No article matches" in " ".join(get(site, "/?rule=summit.2026").texts("p"))
    assert "There is no rule called <x>." in get(site, "/?rule=<x>", 404).texts("p")


def test_the_list_is_bounded(make_site: MakeSite) -> None:
    """A page holds 25 articles, a link asks for more, and no number asks for too many."""
    entries = [entry(id=f"0b5c3a52-9a7d-4c61-8f0e-{n:012d}") for n in range(1, 301)]
    site = make_site(Samples(content=entries))
    page = get(site, "/")
    assert len(page.texts("article")) == 25
    assert "./?limit=100#articles" in page.attributes("a", "href")
    assert len(get(site, "/?limit=100000").texts("article")) == 200
    assert len(get(site, "/?limit=-3").texts("article")) == 1
    assert len(get(site, "/?limit=x").texts("article")) == 25


def test_an_empty_store_says_what_to_do(make_site: MakeSite) -> None:
    """The first visit names the drop folder instead of showing empty tables."""
    page = get(make_site(Samples(), rules=[]), "/")
    assert "/srv/press/inbox" in page.texts("code")
    assert page.texts("table") == []
    assert len(page.texts("p", **{"class": "empty"})) == 3


def test_rules_that_are_gone_are_named_but_not_linked(site: Site) -> None:
    """Old matches of a removed rule stay on the page; nothing leads to a 404."""
    keep = tuple(rule for rule in site.settings.rules if rule.name != "ulba")
    site.settings = site.settings.model_copy(update={"rules": keep})
    for path in ("/", f"/articles/{WATER}"):
        page = get(site, path)
        assert "ulba" in page.texts("span", **{"class": "rule"})
        assert "water" in page.texts("a", **{"class": "rule"})
        assert not [href for href in page.attributes("a", "href") if "ulba" in href]


def many_rules(count: int = 100_000) -> list[dict[str, object]]:
    return [{"name": f"n{number}", "any": ["x"], "feed": False} for number in range(count)]


def test_a_rule_without_a_feed_is_linked_without_one(make_site: MakeSite) -> None:
    """No link leads to a feed that is not there, on the list and in the page's head."""
    site = make_site(rules=[{"name": "water", "any": ["x"], "feed": False}])
    page = get(site, "/?rule=water")
    assert "./?rule=water" in page.attributes("a", "href")
    assert not [href for href in page.attributes("a", "href") if "feeds/rules" in href]
    assert page.attributes("link", "rel").count("alternate") == 1


def test_of_very_many_rules_those_on_the_page_are_listed(make_site: MakeSite) -> None:
    """With 100,000 rules the page stays a page; the others are found by a part of their name."""
    site = make_site()
    site.settings = site.settings.model_copy(
        update={
            "rules": (
                *site.settings.rules,
                *(RuleSettings.model_construct(**rule) for rule in many_rules()),
            )
        }
    )

    def listed(path: str) -> list[str]:
        page = get(site, path)
        hrefs = page.attributes("a", "href")
        names = [href.removeprefix("./?rule=") for href in hrefs if href.startswith("./?rule=")]
        return sorted(set(names))

    assert listed("/") == ["ulba", "water"]
    assert "These are the rules on this page; there are 100 001 more." in get(site, "/").texts("p")
    assert listed("/?rule=n77") == ["n77"]
    assert [name for name in listed("/?find=N9999") if name.startswith("n")] == [
        "n9999",
        *(f"n9999{digit}" for digit in range(10)),
    ]
    found = get(site, "/?find=n1")
    assert len(found.texts("a", **{"class": "atom"})) == 1
    assert "And 11 011 more with n1 in their names." in found.texts("p")
    assert "No rule has <q> in its name." in get(site, "/?find=<Q>").texts("p")
    assert found.attributes("input", "value") == ["n1"]


def test_an_article_of_very_many_rules(make_site: MakeSite) -> None:
    """A list shows the first of an article's rules, the article's own page more of them."""
    matches = tuple(Match(f"n{number}", ()) for number in range(500))
    site = make_site(Samples(content=[entry(matches=matches)]), rules=many_rules(90))
    page = get(site, "/")
    assert len(page.texts("a", **{"class": "rule"})) == 12 + 20  # and the table of matches
    assert "and 488 more" in page.texts("span", **{"class": "zone"})
    article = get(site, f"/articles/{BRIDGE}")
    assert len(article.texts("a", **{"class": "rule"})) == 90
    assert "and 300 more" in article.texts("span", **{"class": "zone"})


# ----------------------------------------------------------------------------- article


def test_article_shows_text_evidence_and_older_texts(site: Site) -> None:
    """The article with its words marked, why it matched, and the text it had before."""
    page = get(site, f"/articles/{WATER}")
    assert page.texts("h1") == ["Ministry of Water sets the date for its plan"]
    assert page.texts("tr")[1:] == [
        'water Ministry of Water any: "Ministry of Water" title 0–17',
        'water Ministry of Water any: "Ministry of Water" body 4–21',
        'water Ministry of Water any: "Ministry of Water" body 253–270',
        'ulba Ulba any: "Ulba" body 52–56',
    ]
    (old,) = page.texts("details")
    assert old.startswith("Revision 1 2026-02-28 12:00 UTC Ministry of Water plans a plan")
    for line in OLD_WATER_BODY.split("\n"):
        assert line in old
    assert [text[:20] for text in page.texts("p", **{"class": "added"})] == [
        "The Ministry of Wate",
        "Reservoirs above the",
    ]
    assert [text[:20] for text in page.texts("p", **{"class": "gone"})] == [
        "The Ministry of Wate",
        "Reservoirs above the",
    ]


def test_a_text_that_is_no_longer_kept_is_said(make_site: MakeSite) -> None:
    """Of the article and of each older text; no paragraph is marked as if it were new or gone."""

    def forgotten(text: Any) -> Any:
        return dataclasses.replace(text, body="", pruned=True)

    store = full()
    store.content = [forgotten(water()), *store.content[1:]]
    store.chains[WATER] = [forgotten(one) for one in store.chains[WATER]]
    page = requests.get(f"{make_site(store).url}/articles/{WATER}", timeout=10).text
    assert page.count("The text is no longer kept.") == 2
    assert "has no text below its title" not in page
    assert '<p dir="auto" class=' not in page
    store.content[0] = water()
    page = requests.get(f"{make_site(store).url}/articles/{WATER}", timeout=10).text
    assert page.count("The text is no longer kept.") == 1
    assert '<p dir="auto" class=' not in page


def test_article_of_one_text(site: Site) -> None:
    """Without older texts and matches their sections are not there, and nothing is a change."""
    page = get(site, f"/articles/{BRIDGE}")
    assert page.texts("details") == []
    assert page.texts("table") == []
    assert page.texts("p", **{"class": "added"}) == []


def test_links_hold_below_any_prefix(site: Site) -> None:
    """Pages link relatively, so a reverse proxy may put them below any path."""
    for path in ("/", f"/articles/{WATER}"):
        page = get(site, path)
        hrefs = page.attributes("a", "href") + page.attributes("link", "href")
        assert hrefs
        assert not [href for href in hrefs if href.startswith(("/", "http"))]
    hrefs = get(site, f"/articles/{WATER}").attributes("link", "href")
    assert any(href.startswith("../static/page.css?v=") for href in hrefs)
    for base, href in (("/articles/x/", "../../static/page.css"), ("/", "./static/page.css")):
        page = requests.compat.urljoin(site.url + base, href)
        assert requests.get(page, timeout=10).headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize(
    "path",
    [
        "/articles/0b5c3a52-9a7d-4c61-8f0e-00000000ffff",
        "/articles/0b5c3a",
        "/articles/%00",
        "/articles/..%2f..%2fetc%2fpasswd",
        "/articles/%ff",
        "/nothing",
        "/static/../deps.py",
        "/static/%2e%2e/deps.py",
    ],
)
def test_what_is_not_there_is_a_plain_404(site: Site, path: str) -> None:
    """Unknown articles and paths, malformed ones too, answer with a page that leads back."""
    with requests.Session() as session:
        request = session.prepare_request(requests.Request("GET", site.url + path))
        request.url = site.url + path  # as written: requests would tidy it up
        response = session.send(request, timeout=10)
    assert response.status_code == 404
    assert Page(response.text).texts("h1") == ["Not Found"]


# ----------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize("path", ["/", f"/articles/{BRIDGE}", "/api/status"])
def test_a_store_that_fails_is_a_503(site: Site, path: str) -> None:
    """While the database is away pages say so and when to come back, without its message."""
    site.store.broken = True
    response = requests.get(site.url + path, timeout=10)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert "database does not answer" in response.text
    assert "is gone" not in response.text
    site.store.broken = False
    assert requests.get(site.url + path, timeout=10).status_code == 200


def test_an_error_of_ours_shows_nothing_of_us(site: Site) -> None:
    """A defect answers 500 with a plain page: no traceback, no names of files."""
    site.store.chains = None  # type: ignore[assignment]
    response = requests.get(f"{site.url}/articles/{WATER}", timeout=10)
    assert response.status_code == 500
    assert Page(response.text).texts("h1") == ["Internal Server Error"]
    assert "Traceback" not in response.text
    assert "NoneType" not in response.text


HOSTILE = "\u202e</title><script>alert(1)</script>\x00\ud800\ufffe{{ 7*7 }}<img src=x onerror=a()>"


def test_hostile_text_is_only_text(make_site: MakeSite) -> None:
    """Markup, template code, controls and lone surrogates in any field are shown, never run."""
    match = Match(
        "water", (Evidence(HOSTILE, "body", 3, 20, HOSTILE), Evidence("c", "title", 0, 9, ""))
    )
    bad = entry(
        title=HOSTILE, body=f"{HOSTILE}\n{HOSTILE}", source=HOSTILE, revision=2, matches=(match,)
    )
    store = Samples(content=[bad], chains={bad.id: [revision(1, HOSTILE, HOSTILE)]})
    site = make_site(store)
    for path in ("/", f"/articles/{bad.id}"):
        page = get(site, path)
        tags = {tag for tag, _, _ in page.elements}
        assert not tags & {"script", "iframe", "style"}
        assert set(page.attributes("img", "src")) <= {"./static/icon.svg", "../static/icon.svg"}
        assert "{{ 7*7 }}" in "".join(page.texts("main"))
        assert "\ud800" not in "".join(page.texts("html"))


@pytest.mark.parametrize("title", ["", "  ", "\x00", "\ud800"])
def test_an_untitled_article_can_still_be_opened(make_site: MakeSite, title: str) -> None:
    """Where a title has nothing to show there is still something to click."""
    site = make_site(Samples(content=[entry(title=title, body="")]))
    assert get(site, "/").texts("h3") == ["(untitled)"]
    assert get(site, f"/articles/{BRIDGE}").texts("h1") == ["(untitled)"]


def test_a_huge_article_does_not_make_a_huge_page(make_site: MakeSite) -> None:
    """A dump that was one 20 MB line stays readable: excerpt, page and evidence are bounded."""
    body = "water " * 3_500_000
    spans = tuple(Evidence("c", "body", n * 6, n * 6 + 5, "water") for n in range(5_000))
    big = dataclasses.replace(entry(body=body), matches=(Match("water", spans),))
    site = make_site(Samples(content=[big]))
    assert len(requests.get(site.url, timeout=30).content) < 30_000
    page = requests.get(f"{site.url}/articles/{big.id}", timeout=30)
    assert len(page.content) < 800_000
    assert "And 4 800 more." in page.text
    assert "too long for a page" in page.text


# ----------------------------------------------------------------------------- headers


@pytest.mark.parametrize("path", ["/", f"/articles/{BRIDGE}", "/nope", "/-/healthy", "/api/status"])
def test_every_answer_keeps_browsers_in_bounds(site: Site, path: str) -> None:
    """The security headers are on every answer; nothing on a page needs what they forbid."""
    response = requests.get(site.url + path, timeout=10)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Server" not in response.headers
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:|https?://", response.text)


def test_the_pages_time_is_the_clocks(site: Site) -> None:
    """The page tells as of when it is."""
    assert "As of 2026-03-02 12:00 UTC" in get(site, "/").texts("p")
    assert NOW.isoformat().startswith("2026-03-02T12:00")
