"""One changed article and its matches become one alert for each receiver they are routed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.alerts.routing import Routing
from monitor.model import Alert, Evidence, Known, Match, Outcome
from monitor.text import cut

EXCERPT = 320  # characters
LEAD_IN = 100  # characters kept before the first match where the paragraph is cut

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Planned:
    """An alert with its receiver, and how long it may wait for company."""

    receiver: str
    group_wait: timedelta
    alert: Alert


def make_alerts(
    article: Known,
    body: str,
    kind: Outcome,
    matches: Sequence[Match],
    routing: Routing,
    *,
    now: datetime,
    base_url: str,
) -> list[Planned]:
    """Route each match by its labels (rule, source, kind); gather what one receiver gets."""
    routed: dict[str, tuple[timedelta, list[Match]]] = {}
    for match in matches:
        labels = {"rule": match.rule, "source": article.source, "kind": kind.value}
        for hop in routing.hops(labels):
            routed.setdefault(hop.receiver, (hop.group_wait, []))[1].append(match)
    return [
        Planned(receiver, wait, _alert(article, body, kind, mine, now, base_url))
        for receiver, (wait, mine) in routed.items()
    ]


def _alert(
    article: Known,
    body: str,
    kind: Outcome,
    matches: Sequence[Match],
    now: datetime,
    base_url: str,
) -> Alert:
    evidence = [e for match in matches for e in match.evidence]
    excerpt, marks = excerpt_of(body, evidence)
    return Alert(
        article_id=article.id,
        revision=article.revision,
        kind=kind,
        source=article.source,
        title=article.title,
        published=article.published,
        observed=now,
        views=article.views,
        rules=tuple(match.rule for match in matches),
        excerpt=excerpt,
        title_marks=merge_spans([(e.start, e.end) for e in evidence if e.field == "title"]),
        excerpt_marks=marks,
        url=f"{base_url}/articles/{article.id}",
    )


def excerpt_of(body: str, evidence: Sequence[Evidence]) -> tuple[str, tuple[Span, ...]]:
    """The paragraph of the first match in the body (else the lead), cut to about ``EXCERPT``.

    Returns the excerpt and the spans of matched words in it.
    """
    spans = merge_spans([(e.start, e.end) for e in evidence if e.field == "body"])
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
