"""Is a source as it usually is? Decided from the ledger's rows, without a clock of its own.

What is usual is learned from the source's last dumps. A check that is not named in an answer has
nothing to say - too little is known, or nothing came in - and what was said of it before stands.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from monitor.config import HealthSettings, Settings
from monitor.model import (
    Alert,
    AlertKind,
    Condition,
    Dump,
    DumpState,
    HealthCheck,
    HealthState,
    SourceHealth,
)

HISTORY = 20
"""Dumps before the one in question from which is learned what is usual."""
FEWEST_DUMPS = 5
"""With fewer than these nothing is usual yet."""
COMMON = 0.1
"""What was so in more than this share of the last dumps (and more than once) is usual."""
FEWEST_ARTICLES = 5
"""Of a source with fewer in a dump, one more or less says nothing."""
SAMPLE = 10
"""Articles that are looked at together, of one dump or of several small ones ..."""
SMALLEST_SAMPLE = 3
"""... and fewer than these say nothing."""
ODD_SHARE = 0.1
"""More articles than this with an odd time, and two at least, are no slip of an editor's."""

LEARNED_FROM = timedelta(days=28)
"""Arrivals from which the usual pause is learned."""
FEWEST_PAUSES = 5
BURST = timedelta(minutes=1)
"""Dumps that follow one another so closely are one delivery, or a backlog."""
SHORTEST_SILENCE = timedelta(hours=1)
LONGEST_GRACE = timedelta(hours=1)
"""After a start silence counts only when it was listened for so long, or the usual pause."""

PRIORITY = "high"
"""Of every alert about a source."""

_READ = (DumpState.DONE, DumpState.PARTIAL)
_REASON = 200  # characters of a reason that stand in a title


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether something is wrong, in words, and what more there is to say of it."""

    check: HealthCheck
    wrong: bool
    detail: str
    more: str = ""


def watched(settings: Settings) -> dict[str, HealthSettings]:
    """The sources whose health is looked at, with how. What is stored of others, which were once
    configured, says nothing any more."""
    sources = {source.name: source.health for source in settings.sources}
    return {
        name: health
        for name, health in (sources or {"default": HealthSettings()}).items()
        if health.enabled
    }


# --------------------------------------------------------------------------- dumps


def judge_dumps(
    dumps: Sequence[Dump],
    settings: HealthSettings,
    standing: Collection[HealthCheck],
    before_drift: Sequence[Dump] = (),
) -> list[Finding]:
    """What the source's last dumps say, the newest first; ``standing`` are its conditions now,
    ``before_drift`` the dumps before DRIFT began, if that stands.

    A state of affairs that was usual before does not become a condition: a source that always
    mixes two layouts is well.
    """
    dumps = [dump for dump in dumps if dump.state is not DumpState.INGESTING]
    if not dumps:
        return []
    findings = [_refused(dumps[0])]
    read = [dump for dump in dumps if dump.state in _READ and _articles(dump)]
    if read and dumps[0].state in _READ:
        findings += _few(read, settings, HealthCheck.FEW in standing)
        findings += _by_share(read, settings, standing, before_drift)
    return findings


def _refused(last: Dump) -> Finding:
    check = HealthCheck.QUARANTINED
    if last.state is DumpState.DONE:
        return Finding(check, False, "dumps are read again")
    how = "read only in part" if last.state is DumpState.PARTIAL else "refused"
    reason = (last.reason or "no reason is known")[:_REASON]
    more = f"The file is in quarantine: monitor quarantine show {last.sha256[:12]}"
    return Finding(check, True, f"{last.name} was {how}: {reason}", more)


def _few(read: Sequence[Dump], settings: HealthSettings, stands: bool) -> Iterator[Finding]:
    last, history = read[0], read[1 : HISTORY + 1]
    if len(history) < FEWEST_DUMPS:
        return
    usual = median(map(_articles, history))
    if usual < FEWEST_ARTICLES and not stands:
        return

    def few(sample: Sequence[Dump]) -> bool:
        return _articles(sample[0]) < settings.fewest * usual

    count = _counted(_articles(last), "article")
    if _begins_or_lasts([last], history, few, stands):
        yield Finding(HealthCheck.FEW, True, f"{count} in {last.name} (usually {usual:.0f})")
    else:
        yield Finding(HealthCheck.FEW, False, f"as many articles as usual again ({count})")


def _by_share(
    read: Sequence[Dump],
    settings: HealthSettings,
    standing: Collection[HealthCheck],
    before_drift: Sequence[Dump],
) -> Iterator[Finding]:
    """Unsure cuts, drift and odd times: shares of the newest articles."""
    sample = _sample(read)
    history = read[len(sample) : len(sample) + HISTORY]
    total = sum(map(_articles, sample))
    if total < SMALLEST_SAMPLE:
        return
    of = f"of {_counted(total, 'article')} in {_named(sample)}"

    def unsure(some: Sequence[Dump]) -> bool:
        return _share(some, _unsure) > settings.unsure

    if _begins_or_lasts(sample, history, unsure, HealthCheck.UNSURE in standing):
        count = sum(map(_unsure, sample))
        yield Finding(HealthCheck.UNSURE, True, f"{count} {of} were cut with low confidence")
    else:
        yield Finding(HealthCheck.UNSURE, False, "articles are cut with confidence again")

    def odd(some: Sequence[Dump]) -> bool:
        return sum(map(_odd, some)) >= 2 and _share(some, _odd) > ODD_SHARE

    if _begins_or_lasts(sample, history, odd, HealthCheck.CLOCK in standing):
        count = sum(map(_odd, sample))
        more = "Is the source's time zone right, and this machine's clock?"
        yield Finding(
            HealthCheck.CLOCK, True, f"{count} {of} have times that cannot be, or to come", more
        )
    else:
        yield Finding(HealthCheck.CLOCK, False, "times are as they should be again")

    drifts = HealthCheck.DRIFT in standing
    if drifts:  # compared with what was, not with what has become of it
        history = [dump for dump in before_drift if dump.state in _READ]
    if len(history) < FEWEST_DUMPS:
        return
    usual = _share(history, _timed)

    def untimed(some: Sequence[Dump]) -> bool:
        return usual - _share(some, _timed) > settings.drift

    count = sum(map(_timed, sample))
    if _begins_or_lasts(sample, history, untimed, drifts):
        yield Finding(
            HealthCheck.DRIFT,
            True,
            f"{count} {of} {'has' if count == 1 else 'have'} a time (usually {usual:.0%})",
            "Has the layout changed, so that the source's header no longer fits?",
        )
    else:
        yield Finding(HealthCheck.DRIFT, False, f"times as usual again: {count} {of}")


def _begins_or_lasts(
    sample: Sequence[Dump],
    history: Sequence[Dump],
    bad: Callable[[Sequence[Dump]], bool],
    stands: bool,
) -> bool:
    """Whether the sample is bad; where nothing stands yet, only if single dumps seldom were."""
    if not bad(sample):
        return False
    if stands or len(sample) > 1:
        return True
    return sum(bad([dump]) for dump in history) <= max(1, COMMON * len(history))


def _sample(read: Sequence[Dump]) -> Sequence[Dump]:
    """The newest dumps that hold ``SAMPLE`` articles together."""
    total = 0
    for count, dump in enumerate(read[:SAMPLE], 1):
        total += _articles(dump)
        if total >= SAMPLE:
            return read[:count]
    return read[:SAMPLE]


def _share(dumps: Sequence[Dump], count: Callable[[Dump], int]) -> float:
    return sum(map(count, dumps)) / max(1, sum(map(_articles, dumps)))


def _articles(dump: Dump) -> int:
    return dump.articles - dump.quarantined


def _timed(dump: Dump) -> int:
    return dump.quality.timed


def _unsure(dump: Dump) -> int:
    return dump.quality.unsure


def _odd(dump: Dump) -> int:
    return dump.quality.odd_times


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _named(sample: Sequence[Dump]) -> str:
    return sample[0].name if len(sample) == 1 else f"the last {len(sample)} dumps"


# --------------------------------------------------------------------------- silence


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How long a source is quiet: the ``usual`` pause, and the longest that is nothing odd."""

    usual: timedelta
    limit: timedelta


def rhythm(arrivals: Sequence[datetime]) -> Rhythm | None:
    """Learned from the moments at which dumps came, in any order; None: too little is known.

    The limit is three times the median pause, or one and a half times the second longest where
    that is more: nights and week-ends without a dump have been there before.
    """
    moments = sorted(arrivals)
    pauses = [after - before for before, after in pairwise(moments) if after - before > BURST]
    if len(pauses) < FEWEST_PAUSES:
        return None
    usual = timedelta(seconds=median(pause.total_seconds() for pause in pauses))
    limit = max(3 * usual, 1.5 * sorted(pauses)[-2], SHORTEST_SILENCE)
    if moments[-1] - moments[0] < limit:
        return None
    return Rhythm(usual, limit)


def judge_silence(
    last: Dump | None,
    arrivals: Sequence[datetime],
    settings: HealthSettings,
    *,
    now: datetime,
    listening_since: datetime | None,
) -> Finding | None:
    """Whether no dump has come for too long. ``last`` is the dump that came last, new or not;
    ``arrivals`` are those of new ones within ``LEARNED_FROM``; ``listening_since``: the inbox was
    not watched before (None: it was).

    None where that cannot be told: nothing is known of the source, its clock or ours was set, or
    what came while nobody listened may still be on its way.
    """
    learned = rhythm(arrivals)
    if settings.silence is not None:
        limit, usual = settings.silence, learned.usual if learned else settings.silence
    elif learned is not None:
        limit, usual = learned.limit, learned.usual
    else:
        return None
    quiet_since = last.came if last else listening_since
    if quiet_since is None or quiet_since > now:
        return None
    if now - quiet_since < limit:
        return Finding(HealthCheck.SILENT, False, "dumps arrive again") if last else None
    if listening_since is not None and now - listening_since < min(usual, limit, LONGEST_GRACE):
        return None
    quiet = span(now - quiet_since)
    if last is None:
        return Finding(HealthCheck.SILENT, True, f"no dump has come yet, for {quiet}")
    how = f"usually every {span(usual)}" if learned else f"the limit is {span(limit)}"
    more = f"The last was {last.name}."
    return Finding(HealthCheck.SILENT, True, f"no dump for {quiet} ({how})", more)


def span(length: timedelta) -> str:
    """A length of time in one unit, as people say it: ``9 h``, ``3 days``."""
    seconds = length.total_seconds()
    if seconds < 90:
        return f"{round(seconds)} s"
    minutes = seconds / 60
    if minutes < 90:
        return f"{round(minutes)} min"
    if minutes < 48 * 60:
        return f"{round(minutes / 60)} h"
    return f"{round(minutes / 60 / 24)} days"


# --------------------------------------------------------------------------- alerts


def changes(findings: Collection[Finding], standing: Collection[HealthCheck]) -> list[Finding]:
    """Those that begin a condition or end one."""
    return [finding for finding in findings if finding.wrong != (finding.check in standing)]


def health_alert(condition: Condition, finding: Finding, *, now: datetime, base_url: str) -> Alert:
    """The alert that tells that the condition began or, by what was found, is over.

    Its article id is made of source, check and beginning, and so the same wherever and however
    often it is made: a destination is told the beginning (revision 1) once, and the end (2) once.
    """
    state = HealthState.FIRING if finding.wrong else HealthState.RESOLVED
    told = "\0".join((condition.source, condition.check.value, condition.since.isoformat()))
    return Alert(
        article_id=str(uuid.uuid5(_NAMESPACE, told)),
        revision=1 if finding.wrong else 2,
        kind=AlertKind.HEALTH,
        source=condition.source,
        title=f"{condition.source}: {finding.detail}",
        published=None,
        observed=now,
        views=None,
        rules=(),
        excerpt=finding.more,
        title_marks=(),
        excerpt_marks=(),
        url=f"{base_url}/#sources",
        health=SourceHealth(condition.check, state, condition.since),
        priority=PRIORITY,
    )


def health_labels(alert: Alert) -> dict[str, str]:
    """What routes go by."""
    assert alert.health is not None
    labels = _labels(alert.source, alert.health.check, alert.health.state)
    return labels | {"article": alert.article_id}


def condition_labels(condition: Condition) -> dict[str, str]:
    """Those of the alert that told that the condition began, for as long as it stands."""
    return _labels(condition.source, condition.check, HealthState.FIRING)


def _labels(source: str, check: HealthCheck, state: HealthState) -> dict[str, str]:
    return {
        "kind": AlertKind.HEALTH.value,
        "source": source,
        "check": check.value,
        "state": state.value,
        "priority": PRIORITY,
    }


_NAMESPACE = uuid.UUID("5c1d0c0e-6f0b-5b0e-9b1a-0f6c3c8f3b1d")
