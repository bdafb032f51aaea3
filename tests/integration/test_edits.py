"""Edits through the pipeline into a real store: what is kept, who is told, what the ledger says."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.config import RuleSettings
from monitor.model import AlertKind, Destination, Entry
from monitor.pipeline import Policy
from monitor.rules import compile_rules
from monitor.store import Store, open_store
from tests.integration.test_ingest import BODY, ROUTE, TITLE, Desk, listing

TIME = "01.03.2026, 09:00 10"
COSMETIC = (BODY[0].replace("said on Monday", "said, on Monday,"), *BODY[1:])
FIGURE = (BODY[0].replace("line 0 of", "line 9 of"), *BODY[1:])
PASSAGE = (*BODY, "A storm broke nine windows of the harbour office.")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'monitor.db'}")
    yield opened
    opened.close()


def policy(**rule: Any) -> Policy:
    asked = {"name": "harbour", "any": ["harbour"], **rule}
    rules = compile_rules([RuleSettings.model_validate(asked)])
    return Policy(rules, ROUTE, {"desk": [Destination("desk/test/0", "desk", "test")]}, "http://p")


def day(number: int, body: tuple[str, ...], title: str = TITLE) -> str:
    return listing(f"2026-03-{number:02}", (TIME, title, body))


def entry(store: Store) -> Entry:
    (found,) = store.feeds.entries(
        None, since=Desk(store).now - timedelta(days=99), at_least=1, at_most=9
    )
    return found


def reasons(store: Store) -> list[str]:
    """Of the last dump."""
    return [row.reason for row in store.pages.segments(store.pages.dumps(limit=1)[0].id)]


def test_a_cosmetic_edit_is_kept_and_told_nobody(store: Store) -> None:
    """It is a revision with its comparison; ``updated`` stays, no alert goes out, and the ledger
    says why."""
    desk = Desk(store, policy=policy())
    desk.take(day(2, BODY))
    before = entry(store)
    assert len(desk.told()) == 1
    desk.take(day(3, COSMETIC))
    assert desk.told() == []
    after = entry(store)
    assert (after.revision, after.updated, after.edit) == (2, before.updated, None)
    assert store.pages.edits(after.id)[2][0] == ("cosmetic",)
    (reason,) = reasons(store)
    assert reason.endswith(
        "text edited: cosmetic only; suppressed: cosmetic edit (harbour); nobody told"
    )


def test_an_edit_is_kept_with_what_it_changed(store: Store) -> None:
    """The feed's entry has the last edit that says something, also after a cosmetic one; each is
    read by the two texts it is between."""
    desk = Desk(store, policy=policy())
    for number, body in enumerate([BODY, FIGURE, COSMETIC], 2):
        desk.take(day(number, body))
    chain = store.pages.chain(entry(store).id)
    assert store.pages.edits(entry(store).id).keys() == {2, 3}
    kept = store.pages.comparison(entry(store).id, chain[0].content, chain[1].content)
    assert kept is not None
    assert kept.kinds == ("figures",)
    assert "".join(run.text for run in kept.paragraphs[0].runs if run.op != "-") == FIGURE[0]
    assert store.pages.comparison(entry(store).id, chain[0].content, chain[2].content) is None
    (reason,) = reasons(store)
    assert "text edited: figures (0." in reason
    desk.take(day(5, (COSMETIC[0].replace("budget", "budget,"), *COSMETIC[1:])))
    assert entry(store).revision == 4
    assert entry(store).edit_number == 3


@pytest.mark.parametrize(
    ("rule", "edits", "expected"),
    [
        ({}, [COSMETIC, FIGURE, PASSAGE], [3, 4]),
        ({"changes": ["figures"]}, [COSMETIC, FIGURE, PASSAGE], [3, 4]),
        ({"changes": "cosmetic"}, [COSMETIC, FIGURE, PASSAGE], [2]),
        ({"changes": ["names", "quotation"]}, [COSMETIC, FIGURE, PASSAGE], []),
        ({"added": True}, [COSMETIC, FIGURE, PASSAGE], [4]),
        ({"added": True, "changes": ["headline"]}, [COSMETIC, FIGURE, PASSAGE], []),
        ({"on": ["new"]}, [COSMETIC, FIGURE, PASSAGE], []),
    ],
)
def test_rules_ask_for_edits(
    store: Store, rule: dict[str, Any], edits: list[tuple[str, ...]], expected: list[int]
) -> None:
    """By the kinds of change, and by what was added; each edit is compared with the one before."""
    desk = Desk(store, policy=policy(**rule))
    desk.take(day(2, BODY))
    desk.told()
    told = []
    for number, body in enumerate(edits, 3):
        desk.take(day(number, body))
        told += desk.told()
    assert [(kind, revision) for kind, revision, _ in told] == [
        (AlertKind.REVISED, revision) for revision in expected
    ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"on": ["new", "started", "dropped"]}, [AlertKind.REVISED, AlertKind.DROPPED]),
        ({"on": ["new", "revised", "dropped"]}, [AlertKind.REVISED, AlertKind.DROPPED]),
        ({"on": ["started"], "added": True}, [AlertKind.REVISED]),
        ({"on": ["dropped"], "added": True}, [AlertKind.DROPPED]),
        ({"on": ["started", "dropped"], "changes": ["cosmetic"]},
         [AlertKind.REVISED, AlertKind.DROPPED]),
        ({"on": ["started", "dropped"], "changes": ["figures"]}, []),
    ],
)  # fmt: skip
def test_what_a_rule_begins_or_ceases_to_match(
    store: Store, rule: dict[str, Any], expected: list[AlertKind]
) -> None:
    """Is told by default even where a mended encoding is all that changed: nobody heard of it."""
    good = ("The kafé at the harbour reopens after the winter, as it does in every year.", *BODY)
    bad = (good[0].replace("kafé", "kafÃ©"), *BODY)
    desk = Desk(store, policy=policy(any=["kafé"], **rule))
    told = []
    for number, body in enumerate([bad, good, bad], 2):
        desk.take(day(number, body))
        told += desk.told()
    assert [kind for kind, _, _ in told] == expected


def test_an_alert_shows_what_changed(store: Store) -> None:
    """A short form of the comparison goes with the alert, and the excerpt is of what was added."""
    desk = Desk(store, policy=policy(name="any", any=["harbour"]))
    desk.take(day(2, BODY))
    desk.told()
    desk.take(day(3, PASSAGE))
    desk.now += timedelta(minutes=1)
    (claim,) = store.outbox.exchange(
        now=desk.now, owner="test", lease=timedelta(minutes=1), limit=1, busy=(), max_items=9,
        base_url="http://p",
    ).claims  # fmt: skip
    (alert,) = claim.message.alerts
    assert alert.excerpt == PASSAGE[-1]
    assert alert.edit is not None
    assert [(edit.op, edit.runs[0].text) for edit in alert.edit.paragraphs] == [
        ("added", PASSAGE[-1])
    ]


def test_history_is_compared_in_any_order(tmp_path: Path) -> None:
    """Whatever the order in which the dumps come, neighbours in the chain have the same
    comparisons, of the same texts."""
    dumps = [day(2, BODY), day(3, FIGURE), day(4, COSMETIC), day(5, PASSAGE)]
    quoted = tuple(line.replace("harbour board", "“harbour” board") for line in BODY)
    dumps.append(day(1, quoted))  # the same content as BODY, in another wording
    seen = set()
    for number, order in enumerate(itertools.permutations(dumps, len(dumps))):
        if number % 20:
            continue
        store = open_store(f"sqlite:///{tmp_path / f'{number}.db'}")
        desk = Desk(store, policy=policy())
        for text in order:
            desk.take(text)
        (article,) = store.pages.articles()
        chain = store.pages.chain(article.id)
        kept = [
            store.pages.comparison(article.id, old.content, new.content)
            for old, new in itertools.pairwise(chain)
        ]
        assert None not in kept
        seen.add(repr(kept))
        store.close()
    assert len(seen) == 1


def test_an_edit_comes_as_what_it_is(store: Store) -> None:
    """A dump that is read again, and an older one, add no edit of their own."""
    desk = Desk(store, policy=policy())
    desk.take(day(2, BODY))
    desk.take(day(3, FIGURE))
    desk.take(day(2, BODY) + "\n")
    assert [dump.revised for dump in store.pages.dumps()] == [0, 1, 0]
    assert entry(store).edit_number == 2
