"""One changed article and its matches become one alert for each receiver they are routed to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.alerts.routing import Routing
from monitor.model import Alert, AlertKind, Evidence, Known, Match, RuleInfo
from monitor.text import cut

EXCERPT = 320  # characters
LEAD_IN = 100  # characters kept before the first match where the paragraph is cut

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """A text and the rules that match it. ``undecided``: rules of which that is not known."""

    title: str
    body: str
    matches: Sequence[Match]
    undecided: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Planned:
    """An alert with its receiver, and how long it may wait for company."""

    receiver: str
    group_wait: timedelta
    alert: Alert


def make_alerts(
    article: Known,
    now: Found,
    before: Found | None,
    routing: Routing,
    info: Callable[[str], RuleInfo],
    *,
    language: str = "",
    observed: datetime,
    base_url: str,
) -> list[Planned]:
    """What an article with the text ``now`` is told for, to whom; ``before`` an edit it had the
    other text, None: it is new.

    Each match is routed by its labels (rule, source, kind, language, priority and the rule's own);
    what one receiver gets of one kind is gathered.
    """
    planned = []
    for kind, found in _events(now, before, info):
        routed: dict[str, tuple[timedelta, list[Match]]] = {}
        for match in found.matches:
            rule = info(match.rule)
            labels = {
                **rule.labels,
                "rule": match.rule,
                "source": article.source,
                "kind": kind.value,
                "language": language,
                "priority": rule.priority,
            }
            for hop in routing.hops(labels):
                routed.setdefault(hop.receiver, (hop.group_wait, []))[1].append(match)
        planned += [
            Planned(receiver, wait, _alert(article, found, kind, mine, observed, base_url))
            for receiver, (wait, mine) in routed.items()
        ]
    return planned


def _events(
    now: Found, before: Found | None, info: Callable[[str], RuleInfo]
) -> Iterator[tuple[AlertKind, Found]]:
    """By kind the matches that their rules want told (``RuleInfo.on``), with their text.

    A rule that is not decided for one of the texts has neither started nor stopped to match.
    """
    if before is None:
        new = [match for match in now.matches if "new" in info(match.rule).on]
        yield AlertKind.NEW, Found(now.title, now.body, new)
        return
    rules, old = (
        {match.rule for match in found.matches} | found.undecided for found in (now, before)
    )
    revised = [
        match
        for match in now.matches
        if "revised" in (on := info(match.rule).on) or ("started" in on and match.rule not in old)
    ]
    yield AlertKind.REVISED, Found(now.title, now.body, revised)
    dropped = [
        match
        for match in before.matches
        if match.rule not in rules and "dropped" in info(match.rule).on
    ]
    yield AlertKind.DROPPED, Found(before.title, before.body, dropped)


def _alert(
    article: Known,
    found: Found,
    kind: AlertKind,
    matches: Sequence[Match],
    observed: datetime,
    base_url: str,
) -> Alert:
    """The alert bears the article's title of today. Where that or the text no longer has what
    matched, the excerpt shows it: a sentence of the old text, or the old title."""
    evidence = [e for match in matches for e in match.evidence]
    title_marks = merge_spans([(e.start, e.end) for e in evidence if e.field == "title"])
    excerpt, marks = excerpt_of(found.body, evidence)
    if kind is AlertKind.DROPPED:
        if title_marks and not marks:
            excerpt, marks = _around(found.title, title_marks)
        title_marks = ()
    return Alert(
        article_id=article.id,
        revision=article.revision,
        kind=kind,
        source=article.source,
        title=article.title,
        published=article.published,
        observed=observed,
        views=article.views,
        rules=tuple(match.rule for match in matches),
        excerpt=excerpt,
        title_marks=title_marks,
        excerpt_marks=marks,
        url=f"{base_url}/articles/{article.id}",
        link=article.url,
    )


def excerpt_of(body: str, evidence: Sequence[Evidence]) -> tuple[str, tuple[Span, ...]]:
    """The paragraph of the first match in the body (else the lead), cut to about ``EXCERPT``.

    Returns the excerpt and the spans of matched words in it.
    """
    return _around(body, merge_spans([(e.start, e.end) for e in evidence if e.field == "body"]))


def _around(body: str, spans: Sequence[Span]) -> tuple[str, tuple[Span, ...]]:
    first = spans[0][0] if spans else 0
    start = body.rfind("\n", 0, first) + 1
    end = body.find("\n", first)
    end = len(body) if end < 0 else end
    prefix = ""
    if first - start > LEAD_IN and end - start > EXCERPT:
        word = body.find(" ", first - LEAD_IN, first)
        start = word + 1 if word >= 0 else first
        prefix = "…"
    text = prefix + cut(body[start:end], EXCERPT)
    shift = len(prefix) - start
    limit = len(text) - (1 if text.endswith("…") else 0)
    marks = tuple(
        (a + shift, min(b + shift, limit))
        for a, b in spans
        if a >= start and b <= end and a + shift < limit
    )
    return text, marks


def merge_spans(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Sorted, overlapping and touching ones joined."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)
