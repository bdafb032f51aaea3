"""A message as a JSON document: what a webhook posts and a command reads.

The form is the one that Standard Webhooks 1.0 recommends: ``type``, ``timestamp``, ``data``. Its
JSON Schema is ``docs/webhook.schema.json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from monitor.model import Alert, AlertKind, Comparison, DeliveryKind, Earlier, Message, Run
from monitor.revisions import shortened
from monitor.text import cut

MAX_BYTES = 256 * 1024  # of a document; what a receiver is sure to take

_ARTICLE = {
    AlertKind.NEW: "article.new",
    AlertKind.REVISED: "article.revised",
    AlertKind.DROPPED: "article.dropped",
    AlertKind.RISEN: "article.risen",
    AlertKind.HEALTH: "source.health",
}
# Where room is short: characters of an edit, characters of a text, copies.
_EDIT, _TEXT, _FEW = 2_000, 300, 5


def event_type(message: Message) -> str:
    """``article.new``, ``article.revised``, ``article.dropped``, ``article.risen`` or
    ``source.health`` of one alert, ``digest`` of several or of what was gathered, ``test``."""
    if message.kind is DeliveryKind.TEST:
        return "test"
    if message.kind is DeliveryKind.ALERTS and message.total == len(message.alerts) == 1:
        return _ARTICLE[message.alerts[0].kind]
    return "digest"


def document(message: Message, *, key: str) -> bytes:
    """Compact UTF-8 JSON of ``MAX_BYTES`` at most, the same bytes for the same message.

    Where there is no room, edits are shortened first, then edits and texts; then alerts are left
    out from the end and counted in ``more``. ``start`` and ``end`` of what matched count code
    points of ``title`` or ``excerpt``.
    """
    whole = message
    for briefer in (_as_it_is, _edits_cut, _texts_cut):
        message = replace(whole, alerts=tuple(map(briefer, whole.alerts)))
        text = _encoded(message, key)
        if len(text) <= MAX_BYTES:
            return text
    few, many = 0, len(message.alerts)  # so many fit, so many do not
    while many - few > 1:
        middle = (few + many) // 2
        if len(_encoded(replace(message, alerts=message.alerts[:middle]), key)) <= MAX_BYTES:
            few = middle
        else:
            many = middle
    return _encoded(replace(message, alerts=message.alerts[:few]), key)


def _encoded(message: Message, key: str) -> bytes:
    moment = message.alerts[0].observed if message.total == len(message.alerts) == 1 else None
    told = {
        "type": event_type(message),
        "timestamp": (moment or message.created).isoformat(),
        "data": {
            "key": key,
            "receiver": message.receiver,
            "kind": message.kind.value,
            "created": message.created.isoformat(),
            "total": message.total,
            "more": message.more,
            "alerts": [_alert(alert) for alert in message.alerts],
        },
    }
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")  # a lone surrogate becomes "?", offsets stay true


# --------------------------------------------------------------------------- shorter


def _as_it_is(alert: Alert) -> Alert:
    return alert


def _edits_cut(alert: Alert) -> Alert:
    return replace(alert, edit=shortened(alert.edit, _EDIT)) if alert.edit else alert


def _texts_cut(alert: Alert) -> Alert:
    """The same with nothing long in it but, perhaps, names and addresses."""
    edit = alert.edit
    if edit is not None:
        left_out = edit.left_out + len(edit.paragraphs)
        edit = replace(edit, title=(), paragraphs=(), left_out=left_out)
    title, excerpt = cut(alert.title, _TEXT), cut(alert.excerpt, _TEXT)
    return replace(
        alert,
        title=title,
        title_marks=_within(alert.title_marks, title, alert.title),
        excerpt=excerpt,
        excerpt_marks=_within(alert.excerpt_marks, excerpt, alert.excerpt),
        copies=tuple(replace(copy, title=cut(copy.title, _TEXT)) for copy in alert.copies[:_FEW]),
        edit=edit,
    )


def _within(
    marks: Sequence[tuple[int, int]], short: str, whole: str
) -> tuple[tuple[int, int], ...]:
    end = len(short) - (short != whole)  # the last character of a text that was cut is an ellipsis
    return tuple(mark for mark in marks if mark[1] <= end)


# --------------------------------------------------------------------------- parts


def _alert(alert: Alert) -> dict[str, Any]:
    return {key: value for part in _PARTS for key, value in part(alert)}


def _article(alert: Alert) -> Iterator[tuple[str, Any]]:
    yield "article_id", alert.article_id
    yield "kind", alert.kind.value
    yield "revision", alert.revision
    yield "source", alert.source
    yield "title", alert.title
    yield "published", alert.published.isoformat() if alert.published else None
    yield "observed", alert.observed.isoformat()
    yield "views", alert.views
    yield "rules", list(alert.rules)
    yield "priority", alert.priority
    yield "excerpt", alert.excerpt
    yield (
        "matched",
        [
            {"field": field, "start": start, "end": end, "text": text[start:end]}
            for field, text, marks in (
                ("title", alert.title, alert.title_marks),
                ("excerpt", alert.excerpt, alert.excerpt_marks),
            )
            for start, end in marks
        ],
    )
    yield "url", alert.url
    yield "link", alert.link


def _edit(alert: Alert) -> Iterator[tuple[str, Any]]:
    """What an alert about an edit says more than others."""
    if alert.edit is not None:
        yield "edit", _comparison(alert.edit)


def _comparison(edit: Comparison) -> dict[str, Any]:
    paragraphs = [
        {"op": one.op, "before": one.before, "after": one.after, "runs": _runs(one.runs)}
        for one in edit.paragraphs
    ]
    return {
        "kinds": [kind.value for kind in edit.kinds],
        "materiality": edit.materiality,
        "title": _runs(edit.title),
        "paragraphs": paragraphs,
        "left_out": edit.left_out,
    }


def _runs(runs: Sequence[Run]) -> list[dict[str, str]]:
    return [{"op": run.op, "text": run.text} for run in runs]


def _counter(alert: Alert) -> Iterator[tuple[str, Any]]:
    if alert.growth is not None:
        yield "growth", round(alert.growth, 1)


def _earlier(alert: Alert) -> Iterator[tuple[str, Any]]:
    """What a digest joins into this one."""
    if alert.earlier:
        yield "earlier", [_before(one) for one in alert.earlier]


def _before(one: Earlier) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "revision": one.revision,
        "observed": one.observed.isoformat(),
    }


def _copies(alert: Alert) -> Iterator[tuple[str, Any]]:
    """The articles with the same text, where there are any."""
    if alert.copies:
        yield (
            "copies",
            [
                {
                    "article_id": copy.id,
                    "source": copy.source,
                    "title": copy.title,
                    "published": copy.published.isoformat() if copy.published else None,
                    "link": copy.url,
                }
                for copy in alert.copies
            ],
        )


def _health(alert: Alert) -> Iterator[tuple[str, Any]]:
    """What an alert about a source says more than others."""
    if (told := alert.health) is not None:
        yield (
            "health",
            {
                "check": told.check.value,
                "state": told.state.value,
                "since": told.since.isoformat(),
            },
        )


_PARTS: tuple[Callable[[Alert], Iterator[tuple[str, Any]]], ...] = (
    _article,
    _edit,
    _counter,
    _earlier,
    _copies,
    _health,
)
