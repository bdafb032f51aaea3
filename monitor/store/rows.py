"""Rows to domain types and back; nothing here talks to a database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from monitor.model import (
    PRIORITIES,
    Alert,
    AlertKind,
    Copy,
    Dump,
    DumpState,
    Entry,
    Evidence,
    HealthCheck,
    HealthState,
    Known,
    Match,
    Quality,
    Revision,
    SourceHealth,
)
from monitor.store.edits import edit_document, edit_of
from monitor.store.schema import articles
from monitor.store.types import bounded, pack, to_json, unpack

_PACKED = articles.c.keys().index("paragraphs")

# --------------------------------------------------------------------------- dumps


def dump_of(row: Row[Any]) -> Dump:
    """A row of ``dumps``."""
    return Dump(
        id=row.id,
        sha256=row.sha256,
        name=row.name,
        source=row.source,
        size=row.size,
        received=row.received,
        crawled=row.crawled,
        state=DumpState(row.state),
        reason=row.reason,
        copies=row.copies,
        articles=row.position,
        new=row.new,
        revised=row.revised,
        unchanged=row.unchanged,
        duplicate=row.duplicate,
        quarantined=row.quarantined,
        quality=Quality(row.timed, row.unsure, row.odd_times),
        again=row.again,
    )


# --------------------------------------------------------------------------- articles


def article_row(known: Known) -> tuple[object, ...]:
    """The columns of ``articles``, in order; the type's fields have the same order."""
    return (
        known.pk,
        known.id,
        known.source,
        known.title,
        known.title_key,
        known.content,
        pack(known.paragraphs),
        known.published,
        known.published_order,
        known.seen_from,
        known.seen_to,
        known.last_order,
        known.revision,
        bounded(known.views),
        known.first_seen,
        known.last_seen,
        known.updated,
        known.confidence,
        known.duplicate_of,
        known.url,
        known.language,
    )


def known_of(row: Row[Any]) -> Known:
    """The way back from ``article_row``."""
    values = list(row)
    values[_PACKED] = unpack(values[_PACKED])
    return Known(*values)


def revision_row(pk: int, revision: Revision) -> tuple[object, ...]:
    """The columns of ``revisions``, in order."""
    return (
        pk,
        revision.number,
        revision.content,
        revision.title,
        revision.body,
        pack(revision.paragraphs),
        revision.order,
        revision.observed,
        revision.pruned,
    )


def revision_of(row: Row[Any]) -> Revision:
    """A row of ``revisions``."""
    return Revision(
        number=row.number,
        content=row.content,
        title=row.title,
        body=row.body,
        paragraphs=unpack(row.paragraphs),
        order=row.sort_key,
        observed=row.observed,
        pruned=row.pruned,
    )


def entry_of(row: Row[Any], matches: Sequence[Match]) -> Entry:
    """A row of ``articles`` joined with the body of its current revision."""
    return Entry(
        id=row.id,
        source=row.source,
        title=row.title,
        body=row.body,
        published=row.published,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        updated=row.updated,
        revision=row.revision,
        views=row.views,
        confidence=row.confidence,
        matches=tuple(matches),
        url=row.url,
        language=row.language,
        pruned=row.pruned,
    )


# --------------------------------------------------------------------------- documents


def evidence_text(evidence: Sequence[Evidence]) -> str:
    """Evidence as JSON: ``[[clause, field, start, end, text], …]``."""
    return to_json(evidence)


def evidence_of(text: str) -> tuple[Evidence, ...]:
    """The way back from ``evidence_text``."""
    return tuple(Evidence(*item) for item in json.loads(text))


def alert_text(alert: Alert) -> str:
    """What an alert says, as JSON; article, revision, kind and rules are columns."""
    return to_json(
        {
            "source": alert.source,
            "title": alert.title,
            "published": alert.published.isoformat() if alert.published else None,
            "observed": alert.observed.isoformat(),
            "views": alert.views,
            "excerpt": alert.excerpt,
            "title_marks": alert.title_marks,
            "excerpt_marks": alert.excerpt_marks,
            "url": alert.url,
            "link": alert.link,
            "growth": alert.growth,
            "copies": [_copy_row(copy) for copy in alert.copies],
            "edit": edit_document(alert.edit) if alert.edit else None,
            "health": _health_document(alert.health) if alert.health else None,
        }
    )


def alert_of(row: Row[Any]) -> Alert:
    """A row of ``alerts``: the very alert that was enqueued."""
    told = json.loads(row.payload)
    return Alert(
        article_id=row.article_id,
        revision=row.revision,
        kind=AlertKind(row.kind),
        source=told["source"],
        title=told["title"],
        published=datetime.fromisoformat(told["published"]) if told["published"] else None,
        observed=datetime.fromisoformat(told["observed"]),
        views=told["views"],
        rules=tuple(json.loads(row.rules)),
        excerpt=told["excerpt"],
        title_marks=tuple((start, end) for start, end in told["title_marks"]),
        excerpt_marks=tuple((start, end) for start, end in told["excerpt_marks"]),
        url=told["url"],
        link=told.get("link"),
        edit=edit_of(edit) if (edit := told.get("edit")) else None,
        copies=tuple(map(_copy_of, told.get("copies", ()))),
        growth=told.get("growth"),
        health=_health_of(health) if (health := told.get("health")) else None,
        priority=PRIORITIES[row.rank],
    )


def with_copy(payload: str, copy: Copy, most: int) -> str:
    """What an alert says (``alert_text``) with one more copy; the same where it has that one, or
    ``most``."""
    told = json.loads(payload)
    copies = told.setdefault("copies", [])
    if len(copies) >= most or any(known[0] == copy.id for known in copies):
        return payload
    copies.append(_copy_row(copy))
    return to_json(told)


def _copy_row(copy: Copy) -> list[str | None]:
    published = copy.published.isoformat() if copy.published else None
    return [copy.id, copy.source, copy.title, published, copy.url]


def _copy_of(row: Sequence[str]) -> Copy:
    id_, source, title, published, url = row
    return Copy(id_, source, title, datetime.fromisoformat(published) if published else None, url)


def _health_document(health: SourceHealth) -> dict[str, str]:
    return {
        "check": health.check.value,
        "state": health.state.value,
        "since": health.since.isoformat(),
    }


def _health_of(told: dict[str, str]) -> SourceHealth:
    return SourceHealth(
        HealthCheck(told["check"]),
        HealthState(told["state"]),
        datetime.fromisoformat(told["since"]),
    )
