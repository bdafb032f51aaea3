"""The article's page shows its counter, and who else has its text."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.model import Copy, Point

from .conftest import MakeSite
from .samples import BRIDGE, NOW, Samples, entry
from .test_web_pages import get


def test_copies_are_linked(make_site: MakeSite) -> None:
    """With source and title, escaped; of very many the others are counted."""
    other = "0b5c3a52-9a7d-4c61-8f0e-000000000009"
    copies = (
        Copy(other, "courier", "Bridge <open>", NOW, None),
        Copy(BRIDGE, "x", " ", None, None),
    )
    store = Samples(content=[replace(entry(), copies=copies, copies_left=7)])
    page = get(make_site(store), f"/articles/{BRIDGE}")
    (section,) = page.texts("section", id="copies")
    assert "courier Bridge <open>" in section
    assert "(untitled)" in section
    assert "And 7 more." in section
    assert [link for link in page.attributes("a", "href") if link.endswith(other)] == [
        f"../articles/{other}"
    ]


def test_the_counter_over_time(make_site: MakeSite) -> None:
    """A line that says in words what it shows, and the last crawls."""
    points = [Point(NOW - timedelta(hours=hours), 2_000 - 300 * hours) for hours in (3, 2, 0)]
    store = Samples(content=[replace(entry(), growth=300.0)], counters={BRIDGE: points})
    page = get(make_site(store), f"/articles/{BRIDGE}")
    (label,) = page.attributes("svg", "aria-label")
    assert " ".join(label.split()) == (
        "From 1 100 to 2 000 views, 2026-03-02 09:00 to 2026-03-02 12:00 UTC"
    )
    (section,) = page.texts("section", id="views")
    assert section.count("300") == 2
    (meta,) = page.texts("p", **{"class": "meta"})
    assert "1 417 views, 300 an hour" in meta


def test_an_article_alone_and_seen_once(make_site: MakeSite) -> None:
    """Has neither section."""
    page = get(make_site(), f"/articles/{BRIDGE}")
    assert page.texts("section", id="copies") == page.texts("section", id="views") == []
