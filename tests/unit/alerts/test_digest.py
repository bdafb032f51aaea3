"""Several alerts about one article in one message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.digest import MOST_EARLIER, joined
from monitor.model import MOST_COPIES, Alert, AlertKind, Copy, Earlier, HealthCheck, HealthState
from monitor.model import SourceHealth as Health

T0 = datetime(2026, 2, 20, 12, tzinfo=UTC)
NEW, REVISED, DROPPED, RISEN = (
    AlertKind.NEW, AlertKind.REVISED, AlertKind.DROPPED, AlertKind.RISEN,
)  # fmt: skip


def alert(
    kind: AlertKind, *rules: str, revision: int = 1, minute: int = 0, **more: object
) -> Alert:
    one = Alert(
        "id", revision, kind, "gazette", f"Title {revision}", None, T0 + timedelta(minutes=minute),
        None, rules, "", (), (), "http://page/articles/id",
    )  # fmt: skip
    return replace(one, **more)  # type: ignore[arg-type]


def test_the_latest_stands_with_the_rules_of_all() -> None:
    """Its own rules first; the most pressing priority; the others are links, the oldest first."""
    copies = [Copy(str(n), "herald", "Title", None, None) for n in range(MOST_COPIES)]
    first = alert(NEW, "water", "summit", priority="urgent", copies=tuple(copies[:1]))
    second = alert(RISEN, "much-read", minute=5)
    last = alert(REVISED, "summit", revision=2, minute=9, copies=tuple(copies[1:]))
    (one,) = joined([first, second, last])
    assert (one.kind, one.revision, one.title) == (REVISED, 2, "Title 2")
    assert one.rules == ("summit", "water", "much-read")
    assert one.priority == "urgent"
    assert one.copies == (*copies[1:], copies[0])
    assert one.earlier == (
        Earlier(NEW, 1, first.observed),
        Earlier(RISEN, 1, second.observed),
    )


def test_one_alert_stays_as_it_is() -> None:
    """Of whatever kind."""
    for kind in AlertKind:
        one = alert(kind, "water", priority="high")
        assert joined([one]) == [one]


def test_what_was_dropped_is_no_rule_of_it_any_more() -> None:
    """All rules dropped: one alert that says so. Some: one for each statement."""
    new, drop = alert(NEW, "water", "summit"), alert(DROPPED, "water", revision=2, minute=3)
    matching, gone = joined([new, drop])
    assert (matching.kind, matching.rules, matching.earlier) == (NEW, ("summit",), ())
    assert (gone.kind, gone.rules, gone.earlier) == (DROPPED, ("water",), ())
    (gone,) = joined([new, drop, alert(DROPPED, "summit", revision=3, minute=4)])
    assert (gone.kind, gone.rules) == (DROPPED, ("summit", "water"))
    assert [one.kind for one in gone.earlier] == [NEW, DROPPED]


def test_what_matches_again_was_not_dropped() -> None:
    """An edit that was taken back."""
    (one,) = joined(
        [
            alert(NEW, "water"),
            alert(DROPPED, "water", revision=2, minute=3),
            alert(REVISED, "water", revision=3, minute=6),
        ]
    )
    assert (one.kind, one.revision, one.rules, len(one.earlier)) == (REVISED, 3, ("water",), 2)


def test_the_excerpt_is_of_a_rule_that_matches_still() -> None:
    """Not of the last alert, where that told of a rule that was dropped since."""
    matching, gone = joined(
        [
            alert(NEW, "water", "summit"),
            alert(REVISED, "water", revision=2, minute=3),
            alert(DROPPED, "water", revision=3, minute=6),
        ]
    )
    assert (matching.kind, matching.rules) == (NEW, ("summit",))
    assert gone.revision == 3


def test_a_source_that_is_well_again() -> None:
    """Alerts without rules: the last stands, the first is a link."""
    began = alert(AlertKind.HEALTH, health=Health(HealthCheck.SILENT, HealthState.FIRING, T0))
    over = replace(began, revision=2, health=Health(HealthCheck.SILENT, HealthState.RESOLVED, T0))
    (one,) = joined([began, over])
    assert (one.health, one.earlier) == (over.health, (Earlier(AlertKind.HEALTH, 1, T0),))


KINDS = st.sampled_from([NEW, REVISED, DROPPED, RISEN])
RULES = st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True)


@given(st.lists(st.tuples(KINDS, RULES), min_size=1, max_size=15))
def test_no_rule_is_lost_and_none_is_claimed_that_does_not_match(
    told: list[tuple[AlertKind, list[str]]],
) -> None:
    """What each rule's last alert said of it stands in the result, once; and none is counted
    twice."""
    alerts = [
        alert(kind, *rules, revision=number, minute=number)
        for number, (kind, rules) in enumerate(told)
    ]
    last = {rule: kind is DROPPED for kind, rules in told for rule in rules}
    found = joined(alerts)
    said = [(rule, one.kind is DROPPED) for one in found for rule in one.rules]
    assert sorted(said) == sorted(last.items())
    counted = sum(1 + len(one.earlier) for one in found)
    assert counted == min(len(alerts), len(found) + MOST_EARLIER)
