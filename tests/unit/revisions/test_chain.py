"""An article's history is a function of the set of its sightings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Article, Known, Outcome, Revision, Sighting
from monitor.revisions import article_id, fingerprint, order_key, place

NOW = datetime(2026, 3, 1, tzinfo=UTC)
START = date(2026, 2, 1)


def sighting_of(letter: str, day: int, views: int | None = None) -> tuple[Article, Sighting]:
    """A sighting of the text ``letter`` on a day; capital letters are cosmetic variants."""
    article = Article(0, "Title", (f"text {letter}",), "gazette", None, views)
    crawled = START + timedelta(days=day)
    content = fingerprint(article, crawled).content
    return article, Sighting(order_key(crawled, None, views, "dump", content), content, views)


class History:
    """The least store that ``place`` needs."""

    def __init__(self) -> None:
        self.known: Known | None = None
        self.sightings: list[Sighting] = []
        self.chain: list[Revision] = []
        self.outcomes: list[Outcome] = []
        self.currents: list[str] = []

    def see(self, letter: str, day: int, views: int | None = None) -> None:
        article, sighting = sighting_of(letter, day, views)
        print_ = fingerprint(article, START)
        if self.known is None:
            self.chain = [
                Revision(1, print_.content, article.title, article.body, (), sighting.order, NOW)
            ]
            self.known = Known(
                1, article_id(article, 1, START), "gazette", article.title, 1, print_.content, (),
                None, None, START, START, sighting.order, 1, views, NOW, NOW, NOW, 1.0, None,
            )  # fmt: skip
            self.outcomes.append(Outcome.NEW)
        else:
            placed = place(
                article,
                print_,
                sighting,
                self.known,
                now=NOW,
                sightings_of=lambda pk: self.sightings,
                revisions_of=lambda pk: self.chain,
            )
            self.chain = (
                list(placed.revisions) if placed.replace_chain else [*self.chain, *placed.revisions]
            )
            assert self.known is not None
            assert placed.number == len(self.chain)
            self.known = replace(
                self.known,
                revision=placed.number,
                content=self.chain[-1].content,
                last_order=max(self.known.last_order, sighting.order),
            )
            self.outcomes.append(placed.outcome)
        self.sightings.append(sighting)
        self.currents.append(self.chain[-1].body)

    @property
    def texts(self) -> list[str]:
        return [revision.body for revision in self.chain]


def seen(*steps: tuple[str, int]) -> History:
    history = History()
    for letter, day in steps:
        history.see(letter, day)
    return history


def test_edit_is_a_revision() -> None:
    """A newer crawl with another text appends; the same text again changes nothing."""
    history = seen(("a", 1), ("a", 2), ("b", 3), ("b", 4))
    assert history.texts == ["text a", "text b"]
    assert history.outcomes == [Outcome.NEW, Outcome.UNCHANGED, Outcome.REVISED, Outcome.UNCHANGED]


def test_edit_taken_back_is_a_revision_too() -> None:
    """a, b, a are three revisions, and the third has the first one's text."""
    history = seen(("a", 1), ("b", 2), ("A", 3))
    assert history.texts == ["text a", "text b", "text a"]


def test_late_older_dump_never_goes_backwards() -> None:
    """An older text that arrives late becomes history; the current text stays."""
    history = seen(("b", 5), ("a", 1))
    assert history.texts == ["text a", "text b"]
    assert history.currents == ["text b", "text b"]


def test_same_day_counter_decides() -> None:
    """On one crawl day the counter, which only grows, tells which text is later."""
    history = History()
    history.see("b", 1, views=200)
    history.see("a", 1, views=100)
    assert history.texts == ["text a", "text b"]


def test_repetition_changes_nothing() -> None:
    """The very same sighting again leaves the chain alone."""
    history = seen(("a", 1), ("b", 2), ("a", 1))
    assert history.outcomes[-1] is Outcome.UNCHANGED
    assert history.texts == ["text a", "text b"]


STEPS = st.lists(
    st.tuples(st.sampled_from("abcABC"), st.integers(0, 9)), min_size=1, max_size=9, unique=True
)


@given(steps=STEPS, data=st.data())
def test_any_order_and_repetition_gives_one_chain(
    steps: list[tuple[str, int]], data: st.DataObject
) -> None:
    """Whatever the order of arrival, and with repetitions, numbers and texts end the same."""
    expected = seen(*sorted(steps, key=lambda step: sighting_of(*step)[1].order))
    shuffled = data.draw(st.permutations(steps + steps[: len(steps) // 2]))
    actual = seen(*shuffled)

    def plain(history: History) -> list[tuple[int, int, str]]:
        return [(r.number, r.content, r.order) for r in history.chain]

    assert plain(actual) == plain(expected)
    assert [t.lower() for t in actual.texts] == [t.lower() for t in expected.texts]


@given(steps=STEPS, data=st.data())
def test_current_text_only_moves_forward(steps: list[tuple[str, int]], data: st.DataObject) -> None:
    """The current text is always that of the latest crawl seen so far."""
    history = History()
    newest = ""
    for letter, day in data.draw(st.permutations(steps)):
        order = sighting_of(letter, day)[1].order
        newest = max(newest, order)
        history.see(letter, day)
        latest = next(s for s in history.sightings if s.order == newest)
        assert history.chain[-1].content == latest.content


def test_a_late_dump_with_a_known_text_reads_no_sightings() -> None:
    """These grow by one with every crawl; in a run of its text, or before the first one, the chain
    tells all, whatever is ingested first."""
    history = seen(("a", 5), ("b", 7))
    known = history.known
    assert known is not None

    def unread(pk: int) -> list[Any]:
        raise AssertionError("sightings were read")

    for day, outcome, texts in ((6, Outcome.UNCHANGED, []), (3, Outcome.UNCHANGED, ["a", "b"])):
        article, sighting = sighting_of("a", day)
        placed = place(
            article,
            fingerprint(article, START),
            sighting,
            known,
            now=NOW,
            sightings_of=unread,
            revisions_of=lambda pk: history.chain,
        )
        assert (placed.outcome, placed.number) == (outcome, 2)
        assert [revision.body for revision in placed.revisions] == [f"text {t}" for t in texts]


def test_the_latest_sighting_again_reads_no_history() -> None:
    """A dump that comes again with one article more costs the others no look into the past."""
    known = seen(("a", 1), ("b", 2)).known
    assert known is not None

    def unread(pk: int) -> list[Any]:
        raise AssertionError("history was read")

    article, sighting = sighting_of("b", 2)
    placed = place(
        article,
        fingerprint(article, START),
        sighting,
        known,
        now=NOW,
        sightings_of=unread,
        revisions_of=unread,
    )
    assert (placed.outcome, placed.number) == (Outcome.UNCHANGED, 2)
