"""When an alert is told, and in which delivery: decided without a store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.intervals import Period, Quiet
from monitor.alerts.schedule import compile_digest
from monitor.alerts.storm import Storm
from monitor.alerts.timing import (
    BACKFILL_FREE,
    BACKFILL_WINDOW,
    Company,
    Refused,
    Timing,
    Wish,
    first_wish,
    pause,
    slot,
    storm_slot,
)
from monitor.config.intervals import DigestSettings, PeriodSettings
from monitor.model import DeliveryKind, OpenDelivery, Slot, Withheld

S, M, H, D = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
NOON = datetime(2026, 2, 20, 12, tzinfo=UTC)  # a Friday
ALONE = Company()
PLAIN = Timing(S)


def daily(start: str, end: str) -> Period:
    times = [{"start_time": start, "end_time": end}]
    return Period(PeriodSettings.model_validate({"times": times}))


LUNCH = Quiet("lunch", muted=(daily("12:00", "13:00"),))
MORNING = Quiet("outside day", active=(daily("08:00", "12:01"),))
AT_EIGHT = compile_digest(DigestSettings.model_validate({"at": "08:00"}))
HALF_PAST = compile_digest(DigestSettings.model_validate({"at": "12:30"}))


def wish(*timings: Timing, since: datetime | None = None, group: str = "") -> Wish | Refused:
    return first_wish(timings, group, since, NOON)


def placed(
    timing: Timing,
    *,
    since: datetime | None = None,
    company: Company = ALONE,
    last: datetime | None = None,
    **opened: Any,
) -> Slot:
    """The slot of a wish; ``opened``: an open delivery of its kind and group."""
    wanted = first_wish([timing], "", since, NOON)
    assert isinstance(wanted, Wish)
    defaults = {"key": "k", "kind": wanted.kind, "grouping": wanted.grouping, "total": 1}
    open_ = OpenDelivery(**{**defaults, "created": NOON, **opened}) if opened else None
    found = slot(wanted, NOON, company, open_, last)
    if isinstance(found, Wish):
        found = slot(found, NOON, company, None, None)
    assert isinstance(found, Slot)
    assert found.into == open_
    return found


@pytest.mark.parametrize(
    ("timing", "since", "kind", "grouping", "due"),
    [
        (PLAIN, None, "alerts", "", NOON + S),
        (replace(PLAIN, quiet=LUNCH), None, "held", "held lunch", NOON + H),
        (Timing(2 * H, quiet=LUNCH), None, "alerts", "", NOON + 2 * H),  # told after lunch anyway
        (Timing(2 * M, quiet=MORNING), None, "held", "held outside day", NOON + 20 * H),
        (replace(PLAIN, digest=AT_EIGHT), None, "digest", "digest 08:00 UTC", NOON + 20 * H),
        (
            replace(PLAIN, digest=HALF_PAST, quiet=LUNCH),
            None,
            "digest",
            "digest 12:30 UTC",
            NOON + H,
        ),
        (replace(PLAIN, max_age=D), NOON - D, "alerts", "", NOON + S),
        (replace(PLAIN, max_age=D), NOON - D - S, "backfill", "backfill", NOON + S),
        (replace(PLAIN, max_age=D), NOON + D, "alerts", "", NOON + S),  # to come is not old
        (PLAIN, NOON - 900 * D, "alerts", "", NOON + S),
        (replace(PLAIN, max_age=D, quiet=LUNCH), NOON - 2 * D, "backfill", "backfill", NOON + H),
        (
            replace(PLAIN, max_age=D, digest=AT_EIGHT),
            NOON - 2 * D,
            "backfill",
            "backfill",
            NOON + 20 * H,
        ),
    ],
)
def test_when_an_alert_is_told(
    timing: Timing, since: datetime | None, kind: str, grouping: str, due: datetime
) -> None:
    """Nothing old, nothing in a quiet time, and what a digest takes in its digest; what is held
    until a time is not made due before."""
    found = placed(timing, since=since)
    assert (found.kind, found.grouping, found.due) == (kind, grouping, due)
    assert found.not_before == (None if due == NOON + timing.group_wait else due)


@pytest.mark.parametrize(
    ("timings", "reason"),
    [
        ([replace(PLAIN, quiet=LUNCH, drop_muted=True)], Withheld.MUTED),
        ([replace(PLAIN, max_age=D, drop_old=True)], Withheld.OLD),
        ([replace(PLAIN, quiet=LUNCH, drop_muted=True), PLAIN], None),
        ([replace(PLAIN, max_age=D, drop_old=True), replace(PLAIN, digest=AT_EIGHT)], None),
    ],
)
def test_what_is_not_told_at_all(timings: list[Timing], reason: Withheld | None) -> None:
    """Is said with its reason; and told all the same where another route leads there too."""
    found = wish(*timings, since=NOON - 2 * D)
    assert (found.reason if isinstance(found, Refused) else None) == reason


def test_the_route_that_tells_first() -> None:
    """Counts, of several for one alert and receiver."""
    digest, soon, late = replace(PLAIN, digest=AT_EIGHT), Timing(M), Timing(2 * M)
    found = wish(digest, late, soon)
    assert isinstance(found, Wish)
    assert found.timing is soon


def test_a_route_that_groups() -> None:
    """What it tells has its group; what it holds back, or is old, is one message."""
    held = wish(replace(PLAIN, quiet=LUNCH), group='rule="water"')
    told = wish(PLAIN, group='rule="water"')
    assert isinstance(held, Wish)
    assert isinstance(told, Wish)
    assert (told.grouping, held.grouping) == ('rule="water"', "held lunch")


@pytest.mark.parametrize(
    ("company", "wait"), [(ALONE, S), (Company(30 * S), 30 * S), (Company(30 * S, H), H)]
)
def test_company_is_waited_for(company: Company, wait: timedelta) -> None:
    """For the rest of the dump, or of the round."""
    assert placed(PLAIN, company=company).due == NOON + wait


def test_the_earlier_of_two_times_stands() -> None:
    """What joins an open delivery neither waits longer than it was meant to, nor makes that wait;
    what is held by a pause stays so."""
    assert placed(Timing(M), due=NOON + H).due == NOON + M
    assert placed(Timing(M), due=NOON + S).due == NOON + S
    assert placed(Timing(M), due=NOON + H, not_before=NOON + H - M).due == NOON + H - M
    assert placed(replace(PLAIN, digest=AT_EIGHT), due=NOON + H).due == NOON + H


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (None, NOON + S),
        (NOON - H, NOON + S),
        (NOON - 10 * M, NOON + 50 * M),
        (NOON, NOON + H),
        (NOON + 5 * H, NOON + H),  # the clock was set back
    ],
)
def test_the_pause_between_two_messages_of_a_group(last: datetime | None, due: datetime) -> None:
    """The next is due no sooner than ``group_interval`` after the last one was."""
    found = placed(Timing(S, H), last=last)
    assert found.due == due
    assert found.remembered
    assert found.not_before == (due if due != NOON + S else None)


def test_a_pause_that_ends_in_a_quiet_time() -> None:
    """Is as long as that."""
    quiet = Quiet("dinner", muted=(daily("12:30", "14:00"),))
    found = placed(Timing(S, H, quiet=quiet), last=NOON - 10 * M)
    assert (found.kind, found.due) == (DeliveryKind.HELD, NOON + 2 * H)


OLD = replace(PLAIN, max_age=D)


@pytest.mark.parametrize(
    ("last", "company", "opened", "due"),
    [
        (None, ALONE, {}, NOON + S),
        (NOON - H, ALONE, {}, NOON + S),
        (NOON - M, ALONE, {}, NOON + 30 * S),  # an import is on
        (NOON - M, ALONE, {"created": NOON - M, "due": NOON + S}, NOON + 30 * S),
        (None, Company(30 * S), {}, NOON + 30 * S),
        (None, ALONE, {"created": NOON, "due": NOON + 30 * S}, NOON + S),
        (NOON - 14 * M, ALONE, {"created": NOON - 290 * S, "due": NOON + S}, NOON + 10 * S),
        (None, Company(30 * S, H), {}, NOON + H),
    ],
)
def test_old_articles_slide(
    last: datetime | None, company: Company, opened: dict[str, Any], due: datetime
) -> None:
    """One old dump is told as any other; many are waited for, five minutes at most."""
    found = placed(OLD, since=NOON - 9 * D, last=last, company=company, **opened)
    assert (found.kind, found.due) == (DeliveryKind.BACKFILL, due)


def test_an_import_of_a_thousand_old_dumps() -> None:
    """One each two seconds: a few messages at first, then one each five minutes or so."""
    now, opened = NOON, []
    current: OpenDelivery | None = None
    for _ in range(1000):
        if current is not None and current.due <= now:
            current = None
        wanted = first_wish([OLD], "", now - 9 * D, now)
        assert isinstance(wanted, Wish)
        recent = [at for at in reversed(opened) if at > now - BACKFILL_WINDOW]
        last = recent[BACKFILL_FREE - 1] if len(recent) >= BACKFILL_FREE else None
        found = slot(wanted, now, ALONE, current, last)
        assert isinstance(found, Slot)
        if current is None:
            opened.append(now)
        current = OpenDelivery("k", found.kind, found.grouping, 1, opened[-1], found.due)
        now += 2 * S
    assert 3 + 5 <= len(opened) <= 14  # in 2000 seconds


def test_what_still_waits_at_the_end_of_a_dump() -> None:
    """Waits as its route says, from then on."""
    plain, old = wish(PLAIN), wish(OLD, since=NOON - 9 * D)
    assert isinstance(plain, Wish)
    assert isinstance(old, Wish)
    assert pause(plain, NOON, timedelta(0), NOON) == S
    assert pause(plain, NOON, H, None) == H
    assert pause(old, NOON, timedelta(0), None) == S
    assert pause(old, NOON, timedelta(0), NOON - M) == 30 * S


# --------------------------------------------------------------------------- storms


def test_a_storm_ends_when_the_window_does() -> None:
    """When the oldest of the last messages falls out of it."""
    storm = Storm(3, 10 * M)
    opened = [NOON - n * M for n in (1, 2, 4)]
    assert storm.until(opened[:2], NOON) is None
    assert storm.until(opened, NOON) == NOON + 6 * M
    assert storm.until([*opened, NOON - 5 * M], NOON) == NOON + 6 * M
    assert storm.until([NOON - 10 * M] * 3, NOON) is None


@given(
    st.integers(1, 5),
    st.lists(st.integers(0, 300), max_size=60).map(sorted),
)
def test_no_window_has_more(most: int, seconds: list[int]) -> None:
    """However alerts come, never more messages than the maximum are opened within the window, and
    what is too much is told once the next one may be."""
    storm, per = Storm(most, M), M
    opened: list[datetime] = []
    for second in seconds:
        now = NOON + second * S
        recent = [at for at in reversed(opened) if now - per < at <= now][:most]
        until = storm.until(recent, now)
        if until is None:
            opened.append(now)
        else:
            assert now < until <= now + per
    for at in opened:
        assert sum(at <= other < at + per for other in opened) <= most


def test_where_the_rest_of_a_storm_goes() -> None:
    """Into one message at its end, later where it is quiet then; an open one is joined as it is."""
    plain, quiet = wish(PLAIN), wish(Timing(2 * H, quiet=LUNCH))
    assert isinstance(plain, Wish)
    assert isinstance(quiet, Wish)
    until = NOON + 5 * M
    assert storm_slot(plain, until, None) == Slot(DeliveryKind.STORM, "storm", until, until)
    assert storm_slot(quiet, until, None).due == NOON + H
    open_ = OpenDelivery("k", DeliveryKind.STORM, "storm", 3, NOON, NOON + M, NOON + M)
    assert storm_slot(plain, until, open_).due == NOON + M
