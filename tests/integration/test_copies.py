"""Copies of one text through the pipeline into real stores: linked, and told with the original."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.alerts import default_route
from monitor.config import RuleSettings
from monitor.config.routes import RouteSettings
from monitor.config.sources import SourceSettings
from monitor.feeds.content import html_content
from monitor.model import Alert, AlertKind, Destination, Entry, Settlement
from monitor.pipeline import Policy
from monitor.rules import compile_rules
from monitor.store import Store, open_store
from tests.integration.test_ingest import BODY, COURIER, EDITED, GAZETTE, POLICY, Desk, listing

HERALD = SourceSettings(name="herald")
HARBOUR = {"name": "harbour", "any": ["harbour"]}
STORM = {"name": "storm", "any": ["storm"]}
WAIT = timedelta(minutes=10)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'monitor.db'}")
    yield opened
    opened.close()


def policy(*rules: dict[str, Any], **route: Any) -> Policy:
    """Of one receiver that gathers for ``WAIT``."""
    desk = {"receiver": "desk", "group_wait": WAIT, "max_age": "off"}
    settings = RouteSettings.model_validate(desk | route)
    compiled = compile_rules([RuleSettings.model_validate(rule) for rule in rules or (HARBOUR,)])
    return replace(POLICY, rules=compiled, routing=default_route(settings, ()))


def article(title: str, body: tuple[str, ...] = BODY, day: int = 2) -> str:
    return listing(f"2026-03-{day:02}", ("01.03.2026, 09:00 10", title, body))


ORIGINAL = article("Committee Hears Report"), GAZETTE
COPY = article("Budget Heard on Monday"), COURIER
THIRD = article("What the Board Said", BODY[1:]), HERALD


def told(desk: Desk) -> list[Alert]:
    """What goes out once the time to gather is over, in order."""
    desk.now += 2 * WAIT
    alerts: list[Alert] = []
    for claim in desk.store.outbox.exchange(
        now=desk.now, owner="test", lease=WAIT, limit=9, busy=(), max_items=99, base_url="http://p"
    ).claims:
        desk.store.outbox.settle([Settlement.sent(claim, desk.now)], owner="test", now=desk.now)
        alerts += claim.message.alerts
    return alerts


def shape(alerts: list[Alert]) -> list[tuple[str, str, list[str]]]:
    return [(a.kind.value, a.source, [copy.source for copy in a.copies]) for a in alerts]


def entry(store: Store, source: str) -> Entry:
    (found,) = [entry for entry in store.pages.articles(limit=99) if entry.source == source]
    return found


def reason(store: Store) -> str:
    (row,) = store.pages.segments(store.pages.dumps(limit=1)[0].id)
    return row.reason


def test_a_copy_joins_the_alert_that_gathers(store: Store) -> None:
    """One alert with both links; the ledger says so."""
    desk = Desk(store, policy=policy())
    desk.take(*ORIGINAL)
    desk.take(*COPY)
    assert reason(store).endswith("; told with it (desk: harbour)")
    original = entry(store, "gazette")
    assert f"; a copy of {original.id[:8]} (gazette);" in reason(store)
    (alert,) = told(desk)
    assert (alert.article_id, alert.kind) == (original.id, AlertKind.NEW)
    (copy,) = alert.copies
    assert (copy.id, copy.title) == (entry(store, "courier").id, "Budget Heard on Monday")
    assert copy.published is not None


def test_a_copy_that_comes_later_is_told_nobody(store: Store) -> None:
    """It is linked; the ledger says why there was no alert."""
    desk = Desk(store, policy=policy())
    desk.take(*ORIGINAL)
    assert shape(told(desk)) == [("new", "gazette", [])]
    desk.take(*COPY)
    assert told(desk) == []
    assert reason(store).endswith("; not told again, the original was (desk: harbour)")
    assert [copy.source for copy in entry(store, "gazette").copies] == ["courier"]


def test_an_alert_that_is_being_sent_takes_no_copy(store: Store) -> None:
    """Its key stands for what was sent, also where the attempt failed."""
    desk = Desk(store, policy=policy())
    desk.take(*ORIGINAL)
    desk.now += 2 * WAIT
    (claim,) = store.outbox.exchange(
        now=desk.now, owner="test", lease=WAIT, limit=9, busy=(), max_items=99, base_url="http://p"
    ).claims
    desk.take(*COPY)
    store.outbox.settle(
        [Settlement.failed(claim, desk.now, error="503", retry_at=desk.now)],
        owner="test",
        now=desk.now,
    )
    assert shape(told(desk)) == [("new", "gazette", [])]


@pytest.mark.parametrize("batch", [1, 500])
def test_copies_in_one_dump(store: Store, batch: int) -> None:
    """Are told with the first of them, whether or not it is written yet."""
    times = "01.03.2026, 09:00 10", "01.03.2026, 12:00 10", "01.03.2026, 15:00 10"
    titles = "Committee Hears Report", "Budget Heard on Monday", "What the Board Said"
    articles = [(time, title, BODY) for time, title in zip(times, titles, strict=True)]
    desk = Desk(store, policy=policy(), batch=batch)
    desk.take(listing("2026-03-02", *articles))
    (alert,) = told(desk)
    assert (alert.title, [copy.title for copy in alert.copies]) == (titles[0], [*titles[1:]])


def test_what_the_original_does_not_say(store: Store) -> None:
    """Is told of the copy, naming its original; the rest goes with the original."""
    desk = Desk(store, policy=policy(HARBOUR, STORM))
    desk.take(*ORIGINAL)
    desk.take(article("Budget Heard on Monday", (*BODY, "A storm is near.")), COURIER)
    alerts = told(desk)
    assert shape(alerts) == [("new", "gazette", ["courier"]), ("new", "courier", ["gazette"])]
    assert [alert.rules for alert in alerts] == [("harbour",), ("storm",)]


def test_each_copy_as_an_article_of_its_own(store: Store) -> None:
    """Where the route says so, new and edited, each naming its original."""
    desk = Desk(store, policy=policy(copies="each"))
    desk.take(*ORIGINAL)
    desk.take(*COPY)
    assert shape(told(desk)) == [("new", "gazette", []), ("new", "courier", ["gazette"])]
    desk.take(article("Budget Heard on Monday", EDITED, day=3), COURIER)
    assert shape(told(desk)) == [("revised", "courier", ["gazette"])]


def test_the_setting_is_the_routes(store: Store) -> None:
    """One receiver is told of each copy, another once, of the same articles."""
    routes = [
        {"receiver": "all", "copies": "each", "group_wait": WAIT, "continue": True},
        {"receiver": "desk", "group_wait": WAIT},
    ]
    made = replace(
        policy(routes=routes),
        destinations={
            name: [Destination(f"{name}/test/0", name, "test")] for name in ("desk", "all")
        },
    )
    desk = Desk(store, policy=made)
    desk.take(*ORIGINAL)
    desk.take(*COPY)
    by_receiver = {one.receiver: len(one.articles) for one in store.pages.deliveries()}
    assert by_receiver == {"desk": 1, "all": 2}


def test_a_route_that_leaves_the_copy_out(store: Store) -> None:
    """Who is not told of its source hears nothing of it."""
    routes = [{"receiver": "nobody", "matchers": ["source=courier"]}]
    desk = Desk(store, policy=policy(routes=routes))
    desk.take(*ORIGINAL)
    desk.take(*COPY)
    assert shape(told(desk)) == [("new", "gazette", [])]


def test_a_chain_of_copies_leads_to_the_first(store: Store) -> None:
    """A copy of a copy is one of the original; each article names all others."""
    desk = Desk(store, policy=policy())
    desk.take(*ORIGINAL)
    desk.take(*COPY)
    desk.take(*THIRD)
    (alert,) = told(desk)
    assert [copy.source for copy in alert.copies] == ["courier", "herald"]
    names = {source: entry(store, source).copies for source in ("gazette", "courier", "herald")}
    assert {source: [copy.source for copy in copies] for source, copies in names.items()} == {
        "gazette": ["courier", "herald"],
        "courier": ["gazette", "herald"],
        "herald": ["gazette", "courier"],
    }


def test_an_edit_breaks_no_link(store: Store) -> None:
    """Neither one of the copy nor one of the original; its title is that of today."""
    desk = Desk(store, policy=policy())
    desk.take(*ORIGINAL)
    desk.take(*COPY)
    desk.take(article("Budget Heard on Monday", EDITED, day=3), COURIER)
    desk.take(article("Committee Hears Report", (*BODY[2:], "Nothing else."), day=3), GAZETTE)
    assert [copy.source for copy in entry(store, "gazette").copies] == ["courier"]
    assert [copy.source for copy in entry(store, "courier").copies] == ["gazette"]


def test_feeds_name_the_copies(store: Store) -> None:
    """The original's entry links them and does not move; its feeds are told to be written. The
    copy stands in the feeds of rules that only it matches."""
    desk = Desk(store, policy=policy(HARBOUR, STORM))
    desk.take(*ORIGINAL)
    (before,) = in_feed(desk, None)
    done = desk.take(article("Budget Heard <on> Monday", (*BODY, "A storm is near.")), COURIER)
    assert done.rules == {"harbour", "storm"}
    (after,) = in_feed(desk, None)
    assert after.updated == before.updated
    url = f"http://page/articles/{after.id}"
    (copy,) = after.copies
    link = f'<a href="http://page/articles/{copy.id}">courier: Budget Heard &lt;on&gt; Monday</a>'
    assert f"<p>Also in {link}</p>" in html_content(after, url)
    assert html_content(after, url) == html_content(in_feed(desk, None)[0], url)
    assert [entry.source for entry in in_feed(desk, "harbour")] == ["gazette"]
    assert [entry.source for entry in in_feed(desk, "storm")] == ["courier"]


def in_feed(desk: Desk, rule: str | None) -> list[Entry]:
    since = desk.now - timedelta(days=1)
    return list(desk.store.feeds.entries(rule, since=since, at_least=9, at_most=9))


@pytest.mark.parametrize("batch", [1, 500])
def test_in_any_order_each_text_is_told_once(tmp_path: Path, batch: int) -> None:
    """Whichever comes first is told with the others, however often they come."""
    dumps = [ORIGINAL, COPY, THIRD]
    for number, order in enumerate(itertools.permutations(dumps)):
        with open_store(f"sqlite:///{tmp_path / f'{number}.db'}") as store:
            desk = Desk(store, policy=policy(), batch=batch)
            for dump in (*order, *order):
                desk.take(*dump)
            (alert,) = told(desk)
            assert alert.source == order[0][1].name
            assert [copy.source for copy in alert.copies] == [one[1].name for one in order[1:]]
            for dump in order:
                desk.take(*dump)
            assert told(desk) == []


def test_very_many_copies(store: Store) -> None:
    """Some are named, the others counted."""
    desk = Desk(store, policy=policy())
    desk.take(*ORIGINAL)
    for number in range(60):
        profile = SourceSettings(name=f"paper-{number:02}")
        desk.take(article(f"Heard by Paper Number {number}"), profile)
    (alert,) = told(desk)
    assert len(alert.copies) == 50
    found = entry(store, "gazette")
    assert (len(found.copies), found.copies_left) == (50, 10)
    last = entry(store, "paper-59")
    assert (len(last.copies), last.copies_left) == (50, 10)
    assert last.copies[0].source == "gazette"
    html = html_content(found, f"http://page/articles/{found.id}")
    assert "50 more</p>" in html
