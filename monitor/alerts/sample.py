"""Alerts that nothing new gave rise to: of a stored article, and of one that was invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from monitor.alerts.plan import excerpt_of, merge_spans
from monitor.model import PRIORITIES, Alert, AlertKind, Comparison, Entry


def alert_of(
    entry: Entry,
    base_url: str,
    *,
    priorities: Mapping[str, str] = MappingProxyType({}),
    edit: Comparison | None = None,
) -> Alert:
    """What would be told of a stored article as it is now, with all rules that match it: as new,
    or as revised by its last ``edit``. ``priorities`` are those of rules, normal where unknown."""
    evidence = [one for match in entry.matches for one in match.evidence]
    excerpt, marks = excerpt_of(entry.body, evidence)
    found = [priorities.get(rule, "normal") for rule in entry.rules]
    return Alert(
        article_id=entry.id,
        revision=entry.revision,
        kind=AlertKind.REVISED if entry.revision > 1 else AlertKind.NEW,
        source=entry.source,
        title=entry.title,
        published=entry.published,
        observed=entry.updated,
        views=entry.views,
        rules=entry.rules,
        excerpt=excerpt,
        title_marks=merge_spans([(e.start, e.end) for e in evidence if e.field == "title"]),
        excerpt_marks=marks,
        url=f"{base_url}/articles/{entry.id}",
        link=entry.url,
        edit=edit,
        copies=entry.copies,
        growth=next((float(e.text) for e in evidence if e.field == "growth"), None),
        priority=min(found, key=PRIORITIES.index, default="normal"),
    )


def trial_alert(receiver: str, base_url: str, now: datetime) -> Alert:
    """An invented article for trying out a receiver, which says so at once."""
    title = f"TEST of the receiver {receiver}"
    excerpt = (
        "Nothing happened: somebody tries out whether messages arrive. A real one shows the"
        " sentence with the words that matched here."
    )
    start = excerpt.index("words that matched")
    return Alert(
        article_id="test",
        revision=1,
        kind=AlertKind.NEW,
        source="press-monitor",
        title=title,
        published=now,
        observed=now,
        views=None,
        rules=("test",),
        excerpt=excerpt,
        title_marks=((0, 4),),
        excerpt_marks=((start, start + len("words that matched")),),
        url=base_url,
    )
