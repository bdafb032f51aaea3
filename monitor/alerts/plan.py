"""One changed article and its matches become one alert for each receiver they are routed to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from monitor.alerts.edits import Edit, why_not
from monitor.alerts.routing import Hop, Routing, first_hops
from monitor.alerts.timing import Timing
from monitor.alerts.withhold import NOTHING_WITHHELD, Held, Withholding
from monitor.model import (
    MOST_COPIES,
    PRIORITIES,
    Alert,
    AlertKind,
    Copy,
    Evidence,
    Known,
    Match,
    RuleInfo,
    Suppression,
)
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


Events = Sequence[tuple[AlertKind, Found]]
"""By kind the matches of one change that their rules want told."""


@dataclass(frozen=True, slots=True)
class Original:
    """What an article is a copy of, and the rules that match that one: who is told of it is told
    of its copies with it, but for those who were not told: by receiver (everybody: empty) and rule.
    """

    article: Copy
    rules: Set[str] = frozenset()
    untold: Set[tuple[str, str]] = frozenset()

    def told(self, rule: str, receiver: str) -> bool:
        """Whether the receiver is told of it by this rule, if a route leads there."""
        return rule in self.rules and not {("", rule), (receiver, rule)} & self.untold


@dataclass(frozen=True, slots=True)
class Planned:
    """An alert with its receiver, and when that is to be told: by several routes, the first.

    ``group``: that in which it is told (``Hop``). ``since``: when what it tells of happened, by
    which it is old or not; None: just now.
    """

    receiver: str
    alert: Alert
    timings: tuple[Timing, ...]
    group: str = ""
    since: datetime | None = None

    def with_copy(self, copy: Copy) -> Planned:
        """The same, naming one more copy."""
        if len(self.alert.copies) >= MOST_COPIES:
            return self
        return replace(self, alert=replace(self.alert, copies=(*self.alert.copies, copy)))


@dataclass(frozen=True, slots=True)
class Telling:
    """What all alerts about one article have in common.

    ``language`` is its label; ``observed`` the moment; ``original``: what it is a copy of;
    ``withholding``: what keeps some of them from being told; ``crawled``: the day on which the
    source showed what is told.
    """

    article: Known
    routing: Routing
    info: Callable[[str], RuleInfo]
    observed: datetime
    base_url: str
    language: str = ""
    original: Original | None = None
    withholding: Withholding = NOTHING_WITHHELD
    crawled: date | None = None

    def hops(self, match: Match, kind: AlertKind) -> tuple[Hop, ...]:
        """Where a match is routed by its labels: rule, source, kind, language, priority, article
        and the rule's own. To each receiver once, the way that tells it first."""
        hops = self._hops(match, kind, self.article.source)
        return first_hops(hops, self.since(kind), self.observed)

    def with_original(self, match: Match, hop: Hop) -> bool:
        """Whether the match is told with that of the original: by a route that takes both."""
        original = self.original
        if original is None or hop.each or not original.told(match.rule, hop.receiver):
            return False
        hops = self._hops(match, AlertKind.NEW, original.article.source)
        return hop.receiver in {other.receiver for other in hops}

    def _hops(self, match: Match, kind: AlertKind, source: str) -> tuple[Hop, ...]:
        return self.routing.hops(self._labels(match, kind, source))

    def _labels(self, match: Match, kind: AlertKind, source: str) -> dict[str, str]:
        rule = self.info(match.rule)
        return {
            **rule.labels,
            "rule": match.rule,
            "source": source,
            "kind": kind.value,
            "language": self.language,
            "priority": rule.priority,
            "article": self.article.id,
        }

    def since(self, kind: AlertKind) -> datetime | None:
        """When what is told happened: a new article's publication, else the end of the day of the
        crawl; None: that is not known."""
        if kind is AlertKind.NEW and self.article.published is not None:
            return self.article.published
        if self.crawled is None:
            return None
        return datetime.combine(self.crawled, time(), UTC) + timedelta(days=1)

    def held(self, events: Sequence[tuple[AlertKind, Match]]) -> list[Held | None]:
        """For each match of one change why it is not told; None: it is."""
        if not self.withholding:
            return [None] * len(events)
        source = self.article.source
        return self.withholding.judge([self._labels(match, kind, source) for kind, match in events])


def make_alerts(
    telling: Telling, now: Found, before: Found | None = None, edit: Edit | None = None
) -> list[Planned]:
    """What an article with the text ``now`` is told for, to whom; ``before`` the ``edit`` it had
    the other text, None: it is new. What one receiver gets of one kind is gathered."""
    events = _events(now, before, edit, telling.info)
    return [
        planned
        for kind, found in _told(telling, events)
        for planned in _routed(telling, kind, found, edit)
    ]


def withheld(
    telling: Telling, now: Found, before: Found | None = None, edit: Edit | None = None
) -> list[Suppression]:
    """What ``make_alerts`` does not tell though rules want it told."""
    return _withheld(telling, _events(now, before, edit, telling.info))


def risen_alerts(telling: Telling, found: Found) -> list[Planned]:
    """What is told of an article that ``found.matches`` match since its counter rose, its text
    being the same: it is new to their rules."""
    return [
        planned
        for kind, told in _told(telling, _risen(telling, found))
        for planned in _routed(telling, kind, told, None)
    ]


def risen_withheld(telling: Telling, found: Found) -> list[Suppression]:
    """What ``risen_alerts`` does not tell though rules want it told."""
    return _withheld(telling, _risen(telling, found))


def _risen(telling: Telling, found: Found) -> Events:
    new = [m for m in found.matches if {"new", "started"}.intersection(telling.info(m.rule).on)]
    return [(AlertKind.RISEN, replace(found, matches=new))]


def told_with_original(telling: Telling, found: Found) -> dict[str, list[str]]:
    """By receiver the rules for which a new copy is told with its original."""
    receivers: dict[str, list[str]] = {}
    for kind, new in _told(telling, _events(found, None, None, telling.info)):
        for match in new.matches:
            for hop in telling.hops(match, kind):
                if telling.with_original(match, hop):
                    receivers.setdefault(hop.receiver, []).append(match.rule)
    return receivers


def wanted(
    now: Found, before: Found, edit: Edit | None, info: Callable[[str], RuleInfo]
) -> set[str]:
    """The rules that tell of an edit."""
    return {match.rule for _, match, why in _judged(now, before, edit, info) if why is None}


def _told(telling: Telling, events: Events) -> Iterator[tuple[AlertKind, Found]]:
    """The events without the matches that are withheld."""
    reasons = iter(
        telling.held([(kind, match) for kind, found in events for match in found.matches])
    )
    for kind, found in events:
        yield kind, replace(found, matches=[m for m in found.matches if next(reasons) is None])


def _withheld(telling: Telling, events: Events) -> list[Suppression]:
    """The matches of one change that are withheld, those of one kind and reason together."""
    matches = [(kind, match) for kind, found in events for match in found.matches]
    reasons: dict[tuple[AlertKind, Held], list[str]] = {}
    for (kind, match), held in zip(matches, telling.held(matches), strict=True):
        if held is not None:
            reasons.setdefault((kind, held), []).append(match.rule)
    article = telling.article
    return [
        Suppression(
            at=telling.observed,
            article_id=article.id,
            revision=article.revision,
            kind=kind,
            rules=tuple(rules),
            receiver="",
            reason=held.reason,
            detail=held.detail,
        )
        for (kind, held), rules in reasons.items()
    ]


def _routed(telling: Telling, kind: AlertKind, found: Found, edit: Edit | None) -> list[Planned]:
    routed: dict[tuple[str, str], tuple[dict[Timing, None], list[Match]]] = {}
    for match in found.matches:
        for hop in telling.hops(match, kind):
            if not telling.with_original(match, hop):
                timings, mine = routed.setdefault((hop.receiver, hop.group), ({}, []))
                timings[hop.timing] = None
                mine.append(match)
    since = telling.since(kind)
    return [
        Planned(receiver, _alert(telling, found, kind, mine, edit), (*timings,), group, since)
        for (receiver, group), (timings, mine) in routed.items()
    ]


def suppressed(
    now: Found, before: Found, edit: Edit, info: Callable[[str], RuleInfo]
) -> dict[str, list[str]]:
    """By reason the rules that would have told of the edit, had it been another."""
    reasons: dict[str, list[str]] = {}
    for _, match, reason in _judged(now, before, edit, info):
        if reason is not None:
            reasons.setdefault(reason, []).append(match.rule)
    return reasons


def _events(
    now: Found, before: Found | None, edit: Edit | None, info: Callable[[str], RuleInfo]
) -> Events:
    """By kind the matches that their rules want told (``RuleInfo``), with their text."""
    if before is None:
        new = [match for match in now.matches if "new" in info(match.rule).on]
        return [(AlertKind.NEW, Found(now.title, now.body, new))]
    told = [(kind, match) for kind, match, why in _judged(now, before, edit, info) if why is None]
    return [
        (kind, Found(text.title, text.body, [match for found, match in told if found is kind]))
        for kind, text in ((AlertKind.REVISED, now), (AlertKind.DROPPED, before))
    ]


def _judged(
    now: Found, before: Found, edit: Edit | None, info: Callable[[str], RuleInfo]
) -> Iterator[tuple[AlertKind, Match, str | None]]:
    """The matches that an edit could be told for, with the reason why it is not.

    A rule that is not decided for one of the texts has neither started nor stopped to match.
    """
    rules, old = (
        {match.rule for match in found.matches} | found.undecided for found in (now, before)
    )
    for match in now.matches:
        rule = info(match.rule)
        began = match.rule not in old
        if "revised" in rule.on or ("started" in rule.on and began):
            why = why_not(edit, rule, match, began=began, goes_on=True) if edit else None
            yield AlertKind.REVISED, match, why
    for match in before.matches:
        rule = info(match.rule)
        if match.rule not in rules and "dropped" in rule.on:
            why = why_not(edit, rule, match, began=False, goes_on=False) if edit else None
            yield AlertKind.DROPPED, match, why


def _alert(
    telling: Telling,
    found: Found,
    kind: AlertKind,
    matches: Sequence[Match],
    edit: Edit | None,
) -> Alert:
    """The alert bears the article's title of today. Where that or the text no longer has what
    matched, the excerpt shows it: a sentence of the old text, or the old title. Of an edit it
    shows first what matches in text that was added."""
    article = telling.article
    evidence = [e for match in matches for e in match.evidence]
    title_marks = merge_spans([(e.start, e.end) for e in evidence if e.field == "title"])
    fresh = [
        e for e in evidence if edit and e.field == "body" and edit.added(e.field, e.start, e.end)
    ]
    focus = min((e.start for e in fresh), default=None) if kind is AlertKind.REVISED else None
    excerpt, marks = excerpt_of(found.body, evidence, focus)
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
        observed=telling.observed,
        views=article.views,
        rules=tuple(match.rule for match in matches),
        excerpt=excerpt,
        title_marks=title_marks,
        excerpt_marks=marks,
        url=f"{telling.base_url}/articles/{article.id}",
        link=article.url,
        edit=edit.shown if edit and kind is not AlertKind.NEW else None,
        copies=(telling.original.article,) if telling.original else (),
        growth=next((float(e.text) for e in evidence if e.field == "growth"), None),
        priority=min((telling.info(m.rule).priority for m in matches), key=PRIORITIES.index),
    )


def excerpt_of(
    body: str, evidence: Sequence[Evidence], focus: int | None = None
) -> tuple[str, tuple[Span, ...]]:
    """The paragraph of the first match in the body (else the lead), cut to about ``EXCERPT``; with
    ``focus`` that of the match at this offset.

    Returns the excerpt and the spans of matched words in it.
    """
    spans = merge_spans([(e.start, e.end) for e in evidence if e.field == "body"])
    return _around(body, spans, focus)


def _around(
    body: str, spans: Sequence[Span], focus: int | None = None
) -> tuple[str, tuple[Span, ...]]:
    first = focus if focus is not None else spans[0][0] if spans else 0
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
