"""Silences and inhibit rules through the pipeline: what is not told, and why."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.alerts import Inhibition, default_route
from monitor.app.prune import NOT_TOLD, prune, prune_if_due
from monitor.config import RuleSettings, Settings
from monitor.config.inhibit import InhibitRuleSettings
from monitor.config.routes import RouteSettings
from monitor.model import AlertKind, Condition, HealthCheck, Silence, Suppression, Withheld
from monitor.pipeline import Policy
from monitor.rules import compile_rules
from monitor.store import Store, open_store
from tests.integration.test_ingest import (
    BODY,
    COURIER,
    EDITED,
    POLICY,
    TITLE,
    Desk,
    listing,
)
from tests.integration.test_source_health import SETTINGS, Machine

HOUR = timedelta(hours=1)
RULES: list[dict[str, Any]] = [
    {"name": "harbour", "any": ["harbour"], "labels": {"team": "coast"}},
    {"name": "storm", "any": ["storm"], "on": ["new", "revised", "dropped"]},
    {"name": "much-read", "query": "harbour AND views:>50", "on": ["new"]},
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'monitor.db'}") as opened:
        yield opened


def policy(*inhibit: dict[str, Any], **route: Any) -> Policy:
    """One receiver, told at once; and these inhibit rules."""
    settings = RouteSettings.model_validate({"receiver": "desk", "group_wait": "0s"} | route)
    rules = [InhibitRuleSettings.model_validate(rule) for rule in inhibit]
    return replace(
        POLICY,
        rules=compile_rules([RuleSettings.model_validate(rule) for rule in RULES]),
        routing=default_route(settings, ()),
        inhibitions=[Inhibition(rule, place) for place, rule in enumerate(rules)],
    )


def silence(desk: Desk | Machine, *matchers: str, hours: float = 1) -> Silence:
    """From now on, for so long."""
    return desk.store.silences.add(
        matchers,
        starts=desk.now,
        until=desk.now + hours * HOUR,
        comment="repairs",
        creator="ann",
        now=desk.now,
    )


def dump(day: int, body: tuple[str, ...] = BODY, views: int = 10) -> str:
    return listing(f"2026-03-{day:02}", (f"01.03.2026, 09:00 {views}", TITLE, body))


def reason(store: Store) -> str:
    """What the ledger says of the last segment of the last dump."""
    return store.pages.segments(store.pages.dumps(limit=1)[0].id)[-1].reason


def test_a_silenced_match_is_told_nobody_and_another_is(store: Store) -> None:
    """An alert names the rules that are told; the others are recorded with why, in the ledger
    too; when the silence is over they are told again."""
    desk = Desk(store, policy=policy())
    made = silence(desk, "team=coast")
    desk.take(dump(2, EDITED))
    assert desk.told() == [(AlertKind.NEW, 1, ("storm",))]
    (one,) = store.pages.suppressions()
    (article,) = store.pages.articles()
    assert (one.article_id, one.revision, one.kind) == (article.id, 1, AlertKind.NEW)
    assert (one.rules, one.receiver, one.reason) == (("harbour",), "", Withheld.SILENCED)
    assert one.detail.startswith(f"silence {made.id} until 2026-03-10 10:00 UTC: repairs")
    assert reason(store).endswith(f"; suppressed: {one.detail} (harbour)")
    desk.now += 2 * HOUR
    desk.take(dump(3, (*EDITED, "The harbour reopened.")))
    assert desk.told() == [(AlertKind.REVISED, 2, ("harbour", "storm"))]
    assert len(store.pages.suppressions()) == 1


def test_each_kind_of_change_can_be_silenced(store: Store) -> None:
    """Edits, what they drop, and counters that rise; nothing of them is told later."""
    desk = Desk(store, policy=policy())
    desk.take(dump(2, EDITED))
    assert desk.told() == [(AlertKind.NEW, 1, ("harbour", "storm"))]
    silence(desk, 'rule=~".*"')
    desk.take(dump(3, BODY))
    desk.take(dump(4, BODY, views=90))
    assert desk.told() == []
    assert [(one.kind, one.rules) for one in store.pages.suppressions()] == [
        (AlertKind.RISEN, ("much-read",)),
        (AlertKind.DROPPED, ("storm",)),
        (AlertKind.REVISED, ("harbour",)),
    ]
    desk.now += 2 * HOUR
    desk.take(dump(5, BODY, views=95))
    assert desk.told() == []


def test_a_break_within_a_dump_withholds_nothing_twice(store: Store) -> None:
    """What is not told commits with its articles."""
    desk = Desk(store, policy=policy(), batch=1)
    silence(desk, "rule=harbour")
    text = listing(
        "2026-03-02",
        ("01.03.2026, 09:00 10", TITLE, BODY),
        ("01.03.2026, 10:00 10", "Another Title", (*BODY[3:], "And more of it.")),
    )
    desk.take(text)
    desk.take(text)
    assert len(store.pages.suppressions()) == 2


def test_copies_of_what_nobody_heard_of_are_told(store: Store) -> None:
    """The source of the original is silenced: who hears of the copy has heard of neither."""
    desk = Desk(store, policy=policy())
    silence(desk, "source=gazette")
    desk.take(dump(2))
    desk.take(listing("2026-03-02", ("01.03.2026, 09:00 10", "Budget Heard", BODY)), COURIER)
    assert desk.told() == [(AlertKind.NEW, 1, ("harbour",))]
    assert "its original" not in reason(store)


@pytest.mark.parametrize(("untold", "told"), [("desk", 1), ("other", 0)])
def test_who_was_told_of_the_original_is_not_told_of_its_copy(
    store: Store, untold: str, told: int
) -> None:
    """Each receiver apart: what one was not told is no matter of another's."""
    desk = Desk(store, policy=policy())
    desk.take(dump(2))
    assert len(desk.told()) == 1
    (article,) = store.pages.articles()
    muted = Suppression(
        desk.now, article.id, 1, AlertKind.NEW, ("harbour",), untold, Withheld.MUTED, "nights"
    )
    with store.health.batch() as tx:
        tx.withhold([muted])
    desk.take(listing("2026-03-02", ("01.03.2026, 09:00 10", "Budget Heard", BODY)), COURIER)
    assert len(desk.told()) == told


def test_a_silenced_copy_does_not_join_its_original(store: Store) -> None:
    """Nor is it said to be told with it."""
    desk = Desk(store, policy=policy(group_wait="10m"))
    desk.take(dump(2))
    silence(desk, "source=courier")
    desk.take(listing("2026-03-02", ("01.03.2026, 09:00 10", "Budget Heard", BODY)), COURIER)
    assert "told with it" not in reason(store)
    assert "suppressed: silence" in reason(store)
    desk.now += HOUR
    (claim,) = store.outbox.exchange(
        now=desk.now, owner="a", lease=HOUR, limit=1, busy=(), max_items=9, base_url=""
    ).claims
    (alert,) = claim.message.alerts
    assert alert.copies == ()


def test_a_match_inhibits_others_of_the_same_change(store: Store) -> None:
    """Which rule did it is said; a change without the source is told."""
    rule = {"source_matchers": ["rule=storm"], "target_matchers": ["rule=harbour"]}
    desk = Desk(store, policy=policy(rule | {"equal": ["source"]}))
    desk.take(dump(2))
    assert desk.told() == [(AlertKind.NEW, 1, ("harbour",))]
    desk.take(dump(3, EDITED))
    assert desk.told() == [(AlertKind.REVISED, 2, ("storm",))]
    (one,) = store.pages.suppressions()
    assert (one.reason, one.rules) == (Withheld.INHIBITED, ("harbour",))
    assert one.detail == "inhibit_rules[0], by rule storm"
    assert "suppressed: inhibit_rules[0], by rule storm (harbour)" in reason(store)


def test_what_stands_of_a_source_inhibits_its_articles(store: Store) -> None:
    """For as long as it stands; of another source nothing."""
    rule = {"source_matchers": ["check=drift"], "target_matchers": ["team=coast"]}
    desk = Desk(store, policy=policy(rule | {"equal": ["source"]}))
    drift = Condition("gazette", HealthCheck.DRIFT, desk.now, "no times")
    with store.health.batch() as tx:
        tx.begin(drift)
    desk.take(dump(2))
    desk.take(listing("2026-03-02", ("01.03.2026, 09:00 10", "A Harbour", ("Other.",))), COURIER)
    assert desk.told() == [(AlertKind.NEW, 1, ("harbour",))]
    (one,) = store.pages.suppressions()
    assert one.detail == "inhibit_rules[0], by source gazette: drift"
    with store.health.batch() as tx:
        tx.end(drift)
    desk.take(dump(3, (*BODY, "The harbour reopened.")))
    assert desk.told() == [(AlertKind.REVISED, 2, ("harbour",))]


def test_the_language_is_known_to_silences(store: Store) -> None:
    """Though no route asks for it."""
    desk = Desk(store, policy=policy())
    silence(desk, "language=en")
    desk.take(dump(2))
    assert desk.told() == []
    silence(desk, "language=kk")
    assert len(store.pages.suppressions()) == 1


def test_what_was_not_told_is_forgotten_in_the_daily_round(store: Store, tmp_path: Path) -> None:
    """After 90 days, whatever ``retention`` says, once a day; a dry run forgets nothing."""
    settings = Settings.model_validate({"state": tmp_path})
    desk = Desk(store, policy=policy())
    silence(desk, "rule=harbour")
    desk.take(dump(2))
    late = desk.now + NOT_TOLD
    prune_if_due(store.prune, settings, owner="me", now=late, stop=threading.Event())
    assert len(store.pages.suppressions()) == 1
    late += timedelta(minutes=1)
    prune_if_due(store.prune, settings, owner="me", now=late, stop=threading.Event())
    assert len(store.pages.suppressions()) == 1
    assert prune(store.prune, settings, now=late, dry_run=True).suppressions == 0
    late += timedelta(days=1)
    prune_if_due(store.prune, settings, owner="me", now=late, stop=threading.Event())
    assert store.pages.suppressions() == []
    assert store.silences.silences(now=late, expired=True) == []


@pytest.mark.parametrize("by", ["silence", "inhibition"])
def test_alerts_about_sources_are_withheld_too(store: Store, by: str) -> None:
    """With what they would have said; the condition stands all the same."""
    inhibit = {"source_matchers": ["check=few"], "target_matchers": ["check=silent"]}
    rules = [inhibit] if by == "inhibition" else []
    machine = Machine(store, Settings.model_validate(SETTINGS | {"inhibit_rules": rules}))
    machine.hourly(8)
    if by == "silence":
        silence(machine, "kind=health", hours=9)
    else:
        with store.health.batch() as tx:
            tx.begin(Condition("another", HealthCheck.FEW, machine.now, "few"))
    machine.wait(3.5)
    assert "silent" in machine.standing()
    assert machine.told() == []
    one = store.pages.suppressions()[0]
    assert (one.kind, one.rules, one.receiver) == (AlertKind.HEALTH, (), "")
    assert one.detail.endswith(" (daily: no dump for 3 h (usually every 60 min))")
    assert one.reason is (Withheld.SILENCED if by == "silence" else Withheld.INHIBITED)
