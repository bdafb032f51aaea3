"""Counting what rules find in stored articles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Entry, Evidence, Match
from monitor.rules import RuleSet, load_rules
from monitor.rules.backtest import Backtest, Tally, day_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def rules(**words: str) -> RuleSet:
    """A rule for each name, which looks for its word."""
    return load_rules({"rules": [{"name": name, "any": [word]} for name, word in words.items()]})


def article(body: str, *, stored: Sequence[str] = (), **changes: Any) -> Entry:
    values: dict[str, Any] = {
        "id": f"id of {body}",
        "source": "kt",
        "title": f"On {body}",
        "body": body,
        "published": NOON,
        "first_seen": NOON + timedelta(days=9),
        "last_seen": NOON + timedelta(days=10),
        "updated": NOON + timedelta(days=11),
        "revision": 1,
        "views": 7,
        "confidence": 1.0,
        "matches": tuple(Match(rule, (Evidence("any: x", "body", 0, 1, "x"),)) for rule in stored),
    }
    return Entry(**(values | changes))


def run(test: Backtest, *articles: Entry) -> dict[str, Tally]:
    for one in articles:
        test.read(one)
    return {tally.rule: tally for tally in test.tallies()}


def test_against_what_was_stored() -> None:
    """Gained is what matches now and was not stored, lost the reverse; a rule that only the store
    remembers is gone, after those there are."""
    found = run(
        Backtest(rules(water="water", summit="summit", quiet="silence")),
        article("water", stored=["water"]),
        article("water and a summit", stored=["water", "former", "bygone"]),
        article("a forum", stored=["summit", "former"]),
    )
    assert [(t.rule, t.standing, t.hits, t.gained, t.lost) for t in found.values()] == [
        ("water", "present", 2, 0, 0),
        ("summit", "present", 1, 1, 1),
        ("quiet", "present", 0, 0, 0),
        ("bygone", "removed", 0, 0, 1),
        ("former", "removed", 0, 0, 2),
    ]


def test_the_language_of_a_source_counts() -> None:
    """A rule limited to languages goes by that of the source, where it has one, and else by the
    text; for the rules before as for those tried."""
    limited = load_rules({"rules": [{"name": "water", "any": ["water"], "languages": ["ru"]}]})
    english = "the water of the lake is low and the ferry does not go out any more"
    for before in (None, limited):
        found = run(
            Backtest(limited, before, languages={"kt": "ru"}),
            article(english, stored=["water"]),
            article(english, source="other", stored=[]),
        )
        assert [(t.hits, t.gained, t.lost) for t in found.values()] == [(1, 0, 0)]


def test_against_other_rules() -> None:
    """Rules of one name are compared, whatever is stored; the others are added or removed, also
    where they hit nothing."""
    tried = rules(new="forum", water="lake", idle="silence")
    before = rules(water="water", old="forum", dull="silence")
    found = run(
        Backtest(tried, before),
        article("water", stored=["new", "other"]),
        article("water of the lake"),
        article("lake forum"),
    )
    assert [(t.rule, t.standing, t.hits, t.gained, t.lost) for t in found.values()] == [
        ("new", "added", 1, 1, 0),
        ("water", "present", 2, 1, 1),
        ("idle", "added", 0, 0, 0),
        ("old", "removed", 0, 0, 1),
        ("dull", "removed", 0, 0, 0),
    ]


def test_only_some_rules() -> None:
    """The others are neither counted nor listed, on either side."""
    tried, before = rules(a="water", b="water"), rules(b="lake", c="water")
    for other in (None, before):
        found = run(
            Backtest(tried, other, only=["b", "c"]), article("water", stored=["a", "c", "d"])
        )
        assert [(t.rule, t.gained, t.lost) for t in found.values()] == [("b", 1, 0), ("c", 0, 1)]


def test_examples_are_the_first_that_are_read() -> None:
    """So many of those gained and of those lost; the counts are whole."""
    gained = [article(f"water {n}") for n in range(3)]
    lost = [article(f"lake {n}", stored=["water"]) for n in range(3)]
    tally = run(Backtest(rules(water="water"), examples=2), *gained, *lost)["water"]
    assert (tally.gained, tally.lost) == (3, 3)
    assert [e.id for e in tally.gains] == ["id of water 0", "id of water 1"]
    assert [(e.id, e.title, e.moment) for e in tally.losses] == [
        ("id of lake 0", "On lake 0", NOON),
        ("id of lake 1", "On lake 1", NOON),
    ]
    assert run(Backtest(rules(water="water")), *gained)["water"].gains == []


def test_days_are_those_of_the_zone() -> None:
    """An article belongs to the day on which it was published, or first seen; late in the evening
    it is tomorrow farther east."""
    evening = datetime(2026, 3, 1, 21, tzinfo=UTC)
    articles = [
        article("water", published=evening),
        article("water", published=None, first_seen=evening - timedelta(days=3)),
        article("lake", published=evening + timedelta(days=5)),
    ]
    west = Backtest(rules(water="water"))
    tally = run(west, *articles)["water"]
    assert tally.days == {date(2026, 3, 1): 1, date(2026, 2, 26): 1}
    assert (tally.first, tally.last) == (evening - timedelta(days=3), evening)
    assert (west.articles, west.first_day, west.last_day) == (
        3,
        date(2026, 2, 26),
        date(2026, 3, 6),
    )
    east = Backtest(rules(water="water"), zone=ZoneInfo("Asia/Almaty"))
    assert set(run(east, *articles)["water"].days) == {date(2026, 3, 2), date(2026, 2, 27)}


def test_the_calendar_ends() -> None:
    """The first and the last hours of the calendar have a day in every zone."""
    last = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    assert day_of(datetime(1, 1, 1, tzinfo=UTC), ZoneInfo("America/New_York")) == date(1, 1, 1)
    assert day_of(last, ZoneInfo("Asia/Almaty")) == date(9999, 12, 31)
    assert day_of(last, UTC) == date(9999, 12, 31)


def test_no_article() -> None:
    """Every rule is there, with nothing found."""
    test = Backtest(rules(water="water"), rules(old="old"))
    assert list(test.tallies()) == [Tally("water", "added"), Tally("old", "removed")]
    assert (test.articles, test.first_day) == (0, None)


WORDS = st.sampled_from(["water", "lake", "forum", "summit"])
SETS = st.dictionaries(st.sampled_from("abcde"), WORDS, min_size=1)
ARTICLES = st.lists(
    st.tuples(st.sets(WORDS), st.integers(0, 5), st.sets(st.sampled_from("abcdef"))), max_size=12
)


@given(tried=SETS, before=st.none() | SETS, articles=ARTICLES)
def test_counts_are_those_of_sets(
    tried: dict[str, str],
    before: dict[str, str] | None,
    articles: list[tuple[set[str], int, set[str]]],
) -> None:
    """As if all articles of each rule were collected first and compared then."""
    test = Backtest(rules(**tried), None if before is None else rules(**before))
    found = run(
        test,
        *(
            article(" ".join(sorted(words)), published=NOON + timedelta(days=n), stored=[*stored])
            for words, n, stored in articles
        ),
    )
    numbered = dict(enumerate(articles))
    stored_names = {name for _, _, stored in articles for name in stored}
    names_before = stored_names if before is None else set(before)
    assert found.keys() == tried.keys() | names_before
    for name, tally in found.items():
        now = {n for n, (words, _, _) in numbered.items() if tried.get(name) in words}
        if before is None:
            then = {n for n, (_, _, stored) in numbered.items() if name in stored}
        else:
            then = {n for n, (words, _, _) in numbered.items() if before.get(name) in words}
        assert (tally.hits, tally.gained, tally.lost) == (
            len(now),
            len(now - then),
            len(then - now),
        )
        days = sorted(NOON + timedelta(days=articles[n][1]) for n in now)
        assert sorted(tally.days.elements()) == [day.date() for day in days]
        assert (tally.first, tally.last) == ((days[0], days[-1]) if days else (None, None))
