"""What the ledger's rows say of a source, by pure decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerts.health import (
    HISTORY,
    Finding,
    changes,
    health_alert,
    judge_dumps,
    judge_silence,
    rhythm,
    span,
)
from monitor.config import HealthSettings
from monitor.model import Condition, Dump, DumpState, HealthCheck, Quality

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
USUAL = HealthSettings()
SINCE = {check: Condition("kt", check, T0, "said") for check in HealthCheck}


def dump(
    number: int,
    articles: int = 12,
    *,
    timed: int | None = None,
    unsure: int = 0,
    odd: int = 0,
    state: DumpState = DumpState.DONE,
) -> Dump:
    """The source's dump of this hour."""
    return Dump(
        id=number + 1,
        sha256=f"{number:064}",
        name=f"kt-{number}.txt",
        source="kt",
        size=1,
        received=T0 + number * HOUR,
        crawled=None,
        state=state,
        articles=articles,
        new=articles,
        quality=Quality(articles if timed is None else timed, unsure, odd),
    )


WELL = [dump(number) for number in range(12)]


def judged(
    dumps: Sequence[Dump],
    *standing: HealthCheck,
    settings: HealthSettings = USUAL,
) -> dict[HealthCheck, bool]:
    """What is wrong by check; ``dumps`` oldest first."""
    findings = judge_dumps(dumps[::-1], settings, standing, WELL if standing else ())
    return {finding.check: finding.wrong for finding in findings}


def test_a_source_that_goes_on_as_ever_is_well() -> None:
    """Every check has an answer, and none is wrong."""
    assert judged(WELL) == {check: False for check in HealthCheck if check != HealthCheck.SILENT}


def test_of_a_new_source_little_is_known() -> None:
    """Without a history nothing is few or drifts; what needs none is judged."""
    checks = {HealthCheck.QUARANTINED, HealthCheck.UNSURE, HealthCheck.CLOCK}
    assert set(judged(WELL[:3])) == checks
    assert judged([]) == {}
    assert judged([replace(WELL[0], state=DumpState.INGESTING)]) == {}


@pytest.mark.parametrize(
    ("check", "last"),
    [
        (HealthCheck.FEW, dump(12, 3)),
        (HealthCheck.UNSURE, dump(12, unsure=7)),
        (HealthCheck.DRIFT, dump(12, timed=5)),
        (HealthCheck.CLOCK, dump(12, odd=2)),
        (HealthCheck.QUARANTINED, dump(12, 0, state=DumpState.QUARANTINED)),
        (HealthCheck.QUARANTINED, dump(12, state=DumpState.PARTIAL)),
    ],
)
def test_each_condition_begins_lasts_and_ends(check: HealthCheck, last: Dump) -> None:
    """One dump begins it and nothing else; it lasts while the next are like it, and one that is as
    ever ends it."""
    assert [name for name, wrong in judged([*WELL, last]).items() if wrong] == [check]
    lasting = [*WELL, last, replace(last, id=14), replace(last, id=15)]
    assert judged(lasting, check)[check]
    assert not judged([*lasting, dump(16)], check)[check]


@pytest.mark.parametrize(
    ("check", "last"),
    [
        (HealthCheck.FEW, dump(12, 4)),
        (HealthCheck.UNSURE, dump(12, unsure=6)),
        (HealthCheck.DRIFT, dump(12, timed=6)),
        (HealthCheck.CLOCK, dump(12, odd=1)),
    ],
)
def test_what_is_just_within_its_bounds_is_well(check: HealthCheck, last: Dump) -> None:
    """A third of the articles, half of them unsure or without a time, one odd time."""
    assert not judged([*WELL, last])[check]


@pytest.mark.parametrize(
    "odd_one", [dump(0, 2), dump(0, timed=0), dump(0, unsure=12), dump(0, odd=6)]
)
def test_what_was_so_before_is_usual(odd_one: Dump) -> None:
    """A source that mixes two kinds of dumps, one in five of them, is well with each."""
    mixed = [
        replace(odd_one if number % 5 == 4 else dump(number), id=number + 1)
        for number in range(HISTORY)
    ]
    for end in range(15, HISTORY):
        assert not any(judged(mixed[: end + 1]).values())


def test_small_dumps_are_looked_at_together() -> None:
    """One page a file: a few without a time are nothing; ten in a row are a new layout."""
    pages = [dump(number, 1, timed=int(number % 4 != 0)) for number in range(25)]
    assert not any(judged(pages).values())
    drifted = [*pages, *(dump(25 + number, 1, timed=0) for number in range(10))]
    assert judged(drifted)[HealthCheck.DRIFT]
    assert HealthCheck.FEW not in judged(drifted)


def test_a_drift_lasts_until_the_times_are_back() -> None:
    """However long: it is compared with what was before it, so it never becomes usual."""
    drifted = [dump(number, timed=0) for number in range(12, 60)]
    for count in range(1, len(drifted)):
        newest = [*WELL, *drifted[:count]][-30:]
        assert judged(newest, HealthCheck.DRIFT)[HealthCheck.DRIFT]
    assert not judged([*drifted, dump(60)], HealthCheck.DRIFT)[HealthCheck.DRIFT]


@pytest.mark.parametrize("articles", [6, 3])
def test_fewer_articles_become_usual(articles: int) -> None:
    """A listing that has got shorter for good is as usual again after as many dumps."""
    usual = [dump(number, 40) for number in range(12)]
    short = [dump(12 + number, articles) for number in range(HISTORY)]
    assert judged([*usual, *short[:2]], HealthCheck.FEW)[HealthCheck.FEW]
    assert not judged([*usual, *short], HealthCheck.FEW)[HealthCheck.FEW]


def test_settings_move_the_bounds() -> None:
    """0 and 1 switch a check off, and end what stands."""
    off = HealthSettings(fewest=0, unsure=1, drift=1)
    worst = dump(12, 3, timed=0, unsure=3)
    standing = (HealthCheck.FEW, HealthCheck.UNSURE, HealthCheck.DRIFT)
    assert not any(judged([*WELL, worst], *standing, settings=off).values())


# --------------------------------------------------------------------------- silence


def silence(
    arrivals: Sequence[datetime],
    now: datetime,
    *,
    settings: HealthSettings = USUAL,
    listening_since: datetime | None = None,
) -> Finding | None:
    last = replace(dump(0), received=arrivals[-1]) if arrivals else None
    return judge_silence(last, arrivals[::-1], settings, now=now, listening_since=listening_since)


HOURLY = [T0 + number * HOUR for number in range(12)]
LAST = HOURLY[-1]


def test_three_times_the_usual_pause_is_silence() -> None:
    """Up to that a source is well, and a dump ends it."""
    before, after = silence(HOURLY, LAST + 2.9 * HOUR), silence(HOURLY, LAST + 9 * HOUR)
    assert before is not None
    assert not before.wrong
    assert after is not None
    assert after.wrong
    assert after.detail == "no dump for 9 h (usually every 60 min)"


def test_nights_are_no_silence() -> None:
    """Pauses that have been there twice are usual; so long is nothing said."""
    days = [T0 + timedelta(days=day, hours=hour) for day in range(6) for hour in range(12)]
    night = silence(days, days[-1] + 13 * HOUR)
    assert night is not None
    assert not night.wrong
    long = silence(days, days[-1] + 21 * HOUR)
    assert long is not None
    assert long.wrong


@pytest.mark.parametrize(
    "arrivals",
    [
        [],
        [T0],
        [T0 + number * HOUR for number in range(4)],
        [T0 + timedelta(seconds=number) for number in range(500)],
    ],
    ids=["none", "one", "four", "a backlog"],
)
def test_without_a_rhythm_nothing_is_silent(arrivals: list[datetime]) -> None:
    """Too few dumps, or all of them at once, tell nothing of how often they come."""
    assert silence(arrivals, T0 + timedelta(days=90)) is None


def test_a_limit_of_ones_own_counts_at_once() -> None:
    """Also for a source of which nothing has come yet: then from when it was listened for."""
    own = HealthSettings(silence=timedelta(hours=2))
    early = silence([T0], T0 + 1.9 * HOUR, settings=own)
    assert early is not None
    assert not early.wrong
    late = silence([T0], T0 + 2.1 * HOUR, settings=own)
    assert late is not None
    assert late.detail == "no dump for 2 h (the limit is 2 h)"
    assert silence([], T0, settings=own) is None
    assert silence([], T0, settings=own, listening_since=T0 - HOUR) is None
    never = silence([], T0, settings=own, listening_since=T0 - 3 * HOUR)
    assert never is not None
    assert never.wrong


def test_after_a_start_dumps_have_time_to_come() -> None:
    """What came while nobody listened may still be under way."""
    now = LAST + 100 * HOUR
    assert silence(HOURLY, now, listening_since=now - 0.5 * HOUR) is None
    found = silence(HOURLY, now, listening_since=now - 1.1 * HOUR)
    assert found is not None
    assert found.wrong


def test_a_clock_that_was_set_back_tells_nothing() -> None:
    """A last dump from the future is no silence and no news; pauses below zero are none."""
    assert silence([*HOURLY, T0 + timedelta(days=400)], LAST) is None
    jumped = [T0 + timedelta(days=900), *HOURLY]
    learned = rhythm(jumped)
    assert learned is not None
    assert learned.usual == HOUR


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 28 * 86_400), max_size=60).map(
        lambda seconds: [T0 + timedelta(seconds=one) for one in seconds]
    )
)
def test_the_limit_is_longer_than_what_was_usual(arrivals: list[datetime]) -> None:
    """Any history, in any order: the limit is never below an hour, three usual pauses or any
    pause that was there twice."""
    learned = rhythm(arrivals)
    assert rhythm(arrivals[::-1]) == learned
    if learned is None:
        return
    moments = sorted(arrivals)
    pauses = sorted(b - a for a, b in pairwise(moments))
    assert learned.limit >= max(HOUR, 3 * learned.usual - timedelta(microseconds=9), pauses[-2])


# --------------------------------------------------------------------------- telling


def test_only_changes_are_told() -> None:
    """What stands already, or was well already, is no news."""
    wrong, well = Finding(HealthCheck.FEW, True, "x"), Finding(HealthCheck.CLOCK, False, "y")
    assert changes([wrong, well], {}) == [wrong]
    assert changes([wrong, well], {check: SINCE[check] for check in HealthCheck}) == [well]


def test_beginning_and_end_have_one_identity() -> None:
    """An id made of source, check and beginning; revision 1 begins, 2 ends: the same whoever makes
    it, another for another time."""
    condition = SINCE[HealthCheck.SILENT]
    wrong = Finding(HealthCheck.SILENT, True, "no dump for 9 h", "The last was kt-1.txt.")
    well = Finding(HealthCheck.SILENT, False, "dumps arrive again")
    begun = health_alert(condition, wrong, now=T0, base_url="http://page")
    ended = health_alert(condition, well, now=T0 + HOUR, base_url="http://page")
    assert begun.title == "kt: no dump for 9 h"
    assert (begun.revision, ended.revision) == (1, 2)
    assert UUID(begun.article_id) == UUID(ended.article_id)
    later = replace(condition, since=T0 + HOUR)
    assert health_alert(later, wrong, now=T0, base_url="").article_id != begun.article_id


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(20, "20 s"), (600, "10 min"), (9 * 3600, "9 h"), (47 * 3600, "47 h"), (86_400 * 3, "3 days")],
)
def test_lengths_of_time_as_people_say_them(seconds: int, said: str) -> None:
    """In one unit, rounded."""
    assert span(timedelta(seconds=seconds)) == said
