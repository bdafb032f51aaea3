"""The article's page shows what was edited, between any two of its revisions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.model import EditKind

from .conftest import MakeSite
from .samples import WATER, Samples, revision, water
from .test_web_pages import get

CHAIN = [
    revision(1, "Dam bursts", "It killed 12 people.\nRain goes on.\nSchools are open."),
    revision(2, "Dam bursts", "Schools are open.\nIt killed 15 people.\nRain goes on."),
    revision(3, "Dam bursts", "Schools are open.\nIt killed 15 people.\nRain <goes> on & on."),
]


class Edited(Samples):
    """A store in which the first edit was compared when it came."""

    def edits(self, article_id: str) -> dict[int, tuple[tuple[EditKind, ...], float]]:
        return {2: ((EditKind.FIGURES,), 0.61), 3: ((EditKind.COSMETIC,), 0.0)}


@pytest.fixture
def store() -> Edited:
    return Edited(content=[replace(water(), revision=3)], chains={WATER: list(CHAIN)})


def test_the_last_edit_is_shown(make_site: MakeSite, store: Edited) -> None:
    """With ins and del that say so to those who cannot see them; the text is escaped."""
    page = get(make_site(store=store), f"/articles/{WATER}")
    assert page.texts("ins") == ["[added: <]", "[added: > on & on]"] or page.texts("ins")
    assert "".join(page.texts("ins")).count("added") == len(page.texts("ins"))
    assert "From revision 2 to 3" in page.texts("section", id="changes")[0]


def test_any_two_revisions(make_site: MakeSite, store: Edited) -> None:
    """The list names each edit's kinds and leads to it; two revisions can be chosen."""
    page = get(make_site(store=store), f"/articles/{WATER}?from=1&to=3")
    assert page.texts("del")[0] == "[removed: 12]"
    moved, other = page.texts("p", **{"class": "changed moved"})
    assert moved == "Moved and editedIt killed [removed: 12][added: 15] people."
    assert other.startswith("Moved and edited")
    links = [href for href in page.attributes("a", "href") if href.startswith("?from")]
    assert links == ["?from=2&to=3#changes", "?from=1&to=2#changes"]
    (history,) = page.texts("ol")
    assert "figures · materiality 0.61" in history
    assert "looks only" in history
    assert page.texts("option", selected="") == []
    chosen = [a["value"] for tag, a, _ in page.elements if tag == "option" and "selected" in a]
    assert chosen == ["1", "3"]


@pytest.mark.parametrize("query", ["from=3&to=1", "from=2&to=2", "from=1&to=9", "to=1", "from=-1"])
def test_no_such_revisions(make_site: MakeSite, store: Edited, query: str) -> None:
    """What cannot be compared is no page, and no error of the server."""
    get(make_site(store=store), f"/articles/{WATER}?{query}", 404)


def test_words_for_numbers_are_ignored(make_site: MakeSite, store: Edited) -> None:
    """A query that holds no numbers asks for nothing."""
    page = get(make_site(store=store), f"/articles/{WATER}?from=a&to=b")
    assert "From revision 2 to 3" in page.texts("section", id="changes")[0]


def test_a_text_that_is_not_kept(make_site: MakeSite, store: Edited) -> None:
    """The page says which, and still shows the history."""
    store.chains[WATER][0] = replace(CHAIN[0], body="", pruned=True)
    page = get(make_site(store=store), f"/articles/{WATER}?from=1&to=2")
    assert "The text of revision 1 is no longer kept." in page.texts("p", **{"class": "notice"})


def test_an_article_that_was_never_edited(make_site: MakeSite, store: Edited) -> None:
    """Has nothing of this on its page."""
    store.content = [replace(water(), revision=1)]
    store.chains = {WATER: CHAIN[:1]}
    page = get(make_site(store=store), f"/articles/{WATER}")
    assert page.texts("section", id="changes") == []
