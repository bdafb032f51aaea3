"""The article's page says who was not told of it, and why."""

from __future__ import annotations

from dataclasses import replace

from monitor.model import AlertKind, Suppression, Withheld

from .conftest import MakeSite
from .samples import BRIDGE, NOW, WATER, Samples, entry
from .test_web_pages import get

SILENCED = Suppression(
    NOW, BRIDGE, 1, AlertKind.NEW, ("bridges",), "", Withheld.SILENCED,
    "silence 1a2b3c4d until 2026-03-03 12:00 UTC: <script>",
)  # fmt: skip


def test_what_was_not_told_stands_on_the_page(make_site: MakeSite) -> None:
    """Nobody, or one receiver; of this article only; a comment is no markup."""
    muted = replace(
        SILENCED, receiver="desk", reason=Withheld.MUTED, detail="nights", rules=("roads", "x")
    )
    store = Samples(
        content=[entry()], untold=[SILENCED, muted, replace(SILENCED, article_id=WATER)]
    )
    page = get(make_site(store), f"/articles/{BRIDGE}")
    (section,) = page.texts("section", id="untold")
    text = " ".join(section.split())
    assert text.count("silenced: silence 1a2b3c4d until 2026-03-03 12:00 UTC: <script>") == 1
    assert "nobody" in text
    assert "roads" in text
    assert "not desk muted: nights" in text


def test_of_most_articles_there_is_nothing_to_say(make_site: MakeSite) -> None:
    """No section."""
    page = get(make_site(Samples(content=[entry()])), f"/articles/{BRIDGE}")
    assert page.texts("section", id="untold") == []
