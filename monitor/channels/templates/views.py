"""What templates see of a message and its alerts: plain values, cleaned of what could break a line
or turn the direction of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from monitor.channels import wording
from monitor.model import Alert, AlertKind, Message, Run
from monitor.revisions import shown

_CHANGES = 600  # characters of what an edit changed
_BEFORE = "Before: "


class Passage(str):
    """A text in which some words matched; ``marks`` are their spans."""

    marks: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, pieces: Sequence[tuple[str, bool]]) -> Self:
        """The text of the pieces, with the marked ones marked."""
        marks, at = [], 0
        for piece, marked in pieces:
            if marked:
                marks.append((at, at + len(piece)))
            at += len(piece)
        passage = cls("".join(piece for piece, _ in pieces))
        passage.marks = tuple(marks)
        return passage

    def pieces(self, limit: int | None = None) -> list[tuple[str, bool]]:
        """``(piece, marked)``, cut to ``limit`` characters."""
        return wording.segments(str(self), self.marks, limit)


class Edited(str):
    """A text with ``[-what went-]`` and ``{+what came+}``; ``runs`` are its parts."""

    runs: tuple[Run, ...]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Self:
        text = cls(shown.marked(runs).strip())
        text.runs = tuple(runs)
        return text


class Address(str):
    """A web address: put out as it is where other text would be changed."""


@dataclass(frozen=True, slots=True)
class Change:
    """A part of what an edit changed: how (``Edited``, empty for a note), and the text, in which
    ``|bold`` strikes out what went."""

    how: str
    text: Edited


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit changed: the kinds (``headline``, ``figures``), how much (0 to 1), the line
    that says so, and the paragraphs."""

    kinds: tuple[str, ...]
    materiality: float
    summary: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """An article with the same text, or what the message would have told before; words and our
    page of it."""

    text: str
    url: Address


@dataclass(frozen=True, slots=True)
class Health:
    """Of an alert about a source: what is wrong, ``firing`` or ``resolved``, and since when."""

    check: str
    state: str
    since: datetime


@dataclass(frozen=True, slots=True)
class AlertView:
    """One alert. ``excerpt`` and ``title`` know which words matched: ``|bold``."""

    id: str
    kind: str
    label: str
    title: Passage
    excerpt: Passage
    source: str
    published: datetime | None
    observed: datetime
    views: int | None
    growth: float | None
    revision: int
    priority: str
    rules: tuple[str, ...]
    facts: str
    url: Address
    link: Address | None
    edit: Edit | None
    copies: tuple[Other, ...]
    earlier: tuple[Other, ...]
    health: Health | None


@dataclass(frozen=True, slots=True)
class MessageView:
    """The message. ``why`` says why its alerts stand together where they did not just come
    together, ``more`` how many are not among them."""

    receiver: str
    kind: str
    why: str
    headline: str
    subject: str
    total: int
    more: int
    created: datetime
    page: Address


def message_view(message: Message) -> MessageView:
    """A message as templates see it."""
    return MessageView(
        receiver=wording.clean(message.receiver),
        kind=message.kind.value,
        why=wording.clean(wording.kind_of(message)),
        headline=wording.clean(wording.headline(message)),
        subject=wording.clean(wording.subject(message)),
        total=message.total,
        more=max(message.more, 0),
        created=message.created,
        page=_address(message.base_url),
    )


def alert_view(alert: Alert) -> AlertView:
    """An alert as templates see it."""
    title = wording.segments(alert.title, alert.title_marks) or [("(untitled)", False)]
    return AlertView(
        id=wording.clean(alert.article_id),
        kind=alert.kind.value,
        label=wording.label(alert),
        title=Passage.of(title),
        excerpt=Passage.of(_excerpt(alert)),
        source=wording.clean(alert.source),
        published=alert.published,
        observed=alert.observed,
        views=alert.views,
        growth=alert.growth,
        revision=alert.revision,
        priority=alert.priority,
        rules=tuple(map(wording.clean, alert.rules)),
        facts=wording.clean(wording.facts(alert)),
        url=_address(alert.url),
        link=Address(link) if (link := wording.original(alert)) else None,
        edit=_edit(alert),
        copies=tuple(Other(text, _address(url)) for text, url in wording.copies(alert)),
        earlier=tuple(Other(text, _address(url)) for text, url in wording.earlier(alert)),
        health=_health(alert),
    )


def _address(url: str) -> Address:
    return Address(wording.clean(url).replace(" ", "%20"))


def _excerpt(alert: Alert) -> list[tuple[str, bool]]:
    pieces = wording.segments(alert.excerpt, alert.excerpt_marks)
    if pieces and alert.kind is AlertKind.DROPPED:
        pieces.insert(0, (_BEFORE, False))
    return pieces


def _health(alert: Alert) -> Health | None:
    if alert.health is None:
        return None
    return Health(alert.health.check.value, alert.health.state.value, alert.health.since)


def _edit(alert: Alert) -> Edit | None:
    if alert.edit is None:
        return None
    return Edit(
        kinds=tuple(kind.value for kind in alert.edit.kinds),
        materiality=alert.edit.materiality,
        summary=wording.clean(shown.summary(alert.edit)),
        changes=tuple(
            Change(how, Edited.of(runs)) for how, runs in wording.changes(alert, _CHANGES)
        ),
    )
