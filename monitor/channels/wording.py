"""What a message says, in the words that all channels share. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from monitor.model import (
    PRIORITIES,
    Alert,
    AlertKind,
    DeliveryKind,
    Earlier,
    HealthState,
    Message,
    Run,
)
from monitor.revisions import shortened, shown
from monitor.text import cut

_BREAKS = re.compile("[\\s\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Marks that turn the direction of what follows, lone surrogates, non-characters, BOM.
_UNSHOWN = re.compile(
    "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_SHOWN_RULES = 5
_SHOWN_COPIES = 5
_LABELS = {
    AlertKind.NEW: "New",
    AlertKind.REVISED: "Revised",
    AlertKind.DROPPED: "No longer matches",
    AlertKind.RISEN: "Rising",
    AlertKind.HEALTH: "Source unwell",
}
_PRESSING = PRIORITIES[: PRIORITIES.index("normal")]
_WELL_AGAIN = "Source well again"
_COUNTED = {
    AlertKind.NEW: "new",
    AlertKind.REVISED: "revised",
    AlertKind.DROPPED: "no longer matching",
    AlertKind.RISEN: "rising",
    AlertKind.HEALTH: "about sources",
}
_EARLIER = {
    AlertKind.NEW: "new",
    AlertKind.REVISED: "revised",
    AlertKind.DROPPED: "no longer matching",
    AlertKind.RISEN: "rising",
    AlertKind.HEALTH: "unwell",
}
_KINDS = {
    DeliveryKind.ALERTS: "",
    DeliveryKind.DIGEST: "Digest",
    DeliveryKind.HELD: "Held back",
    DeliveryKind.STORM: "Storm",
    DeliveryKind.BACKFILL: "Backfill (older articles)",
    DeliveryKind.TEST: "Test",
}
_JOINED = (DeliveryKind.DIGEST, DeliveryKind.HELD, DeliveryKind.STORM, DeliveryKind.BACKFILL)
_OLD_TEXT = "Before: "
ALSO = "Also in"
"""Before the articles with the same text."""
BEFORE = "Also"
"""Before what was told of the article in the same message: ``earlier``."""
_CONTEXT = 60  # characters of unchanged text beside a change


def clean(text: str) -> str:
    """Without what could break a line, a terminal or the direction of the text around it."""
    return _UNSHOWN.sub("", _BREAKS.sub(" ", text))


def title(alert: Alert, limit: int = 200) -> str:
    """The title on one line; never empty."""
    return _one_line(alert.title, limit)


def _one_line(text: str, limit: int) -> str:
    return cut(" ".join(clean(text).split()), limit) or "(untitled)"


def segments(
    text: str, marks: Sequence[tuple[int, int]], limit: int | None = None
) -> list[tuple[str, bool]]:
    """``text`` in pieces ``(piece, marked)``, cut to ``limit`` characters and cleaned.

    Overlapping and touching marks are joined; what lies outside the text is ignored.
    """
    shown = text if limit is None else cut(text, limit)
    # of a text that was cut, the last character is the ellipsis
    end_of_text = len(shown) - (shown != text)
    pieces: list[tuple[str, bool]] = []
    done = 0
    for start, end in _joined(marks, end_of_text):
        pieces += [(shown[done:start], False), (shown[start:end], True)]
        done = end
    pieces.append((shown[done:], False))
    return [(kept, marked) for piece, marked in pieces if (kept := clean(piece))]


def _joined(marks: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted((max(a, 0), min(b, length)) for a, b in marks):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def when(moment: datetime | None) -> str:
    """``2022-01-05 14:30 +06:00``, ``2022-01-05 08:30 UTC``, or nothing."""
    if moment is None:
        return ""
    return f"{moment:%Y-%m-%d %H:%M} {_offset(moment.utcoffset() or timedelta())}"


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds() // 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def label(alert: Alert) -> str:
    """``New``, ``Revised``, ``No longer matches`` or ``Rising``; the names of rules may follow. Of
    a source whether it is unwell, or well again."""
    if alert.health is not None and alert.health.state is HealthState.RESOLVED:
        return _WELL_AGAIN
    return _LABELS[alert.kind]


def excerpt(alert: Alert, limit: int, *, marked: bool = True) -> list[tuple[str, bool]]:
    """The excerpt in pieces, see ``segments``; one of the text before an edit says so."""
    pieces = segments(alert.excerpt, alert.excerpt_marks if marked else (), limit)
    if pieces and alert.kind is AlertKind.DROPPED:
        pieces.insert(0, (_OLD_TEXT, False))
    return pieces


def change(alert: Alert) -> str:
    """What an edit changed, in a line: ``Changed: figures · materiality 0.60``; or nothing."""
    return f"Changed: {shown.summary(alert.edit)}" if alert.edit else ""


def changes(alert: Alert, limit: int) -> list[tuple[str, list[Run]]]:
    """The paragraphs that an edit changed in about ``limit`` characters, cleaned: how (``Edited``)
    and the runs. What there is no room for is counted in a last one without a heading."""
    if alert.edit is None:
        return []
    edit = shortened(alert.edit, limit, _CONTEXT)
    found = [("Title", edit.title)] if edit.title else []
    found += [(shown.heading(paragraph), paragraph.runs) for paragraph in edit.paragraphs]
    lines = [
        (heading, [Run(op, kept) for op, text in runs if (kept := clean(text))])
        for heading, runs in found
    ]
    if more := shown.left_out(edit):
        lines.append(("", [Run("=", more)]))
    return [line for line in lines if line[1]]


def marked(heading: str, runs: Sequence[Run]) -> str:
    """A changed paragraph as text: ``Edited: It killed [-12-]{+15+} people.``"""
    text = shown.marked(runs).strip()
    return f"{heading}: {text}" if heading else text


def facts(alert: Alert) -> str:
    """``source · time · views · growth · revision``, as far as they are known, before them a
    priority that is more than usual; of a source's health since when something is wrong."""
    if alert.health is not None:
        return f"{clean(alert.source)} · since {when(alert.health.since)}"
    pressing = alert.priority if alert.priority in _PRESSING else ""
    parts = [pressing, clean(alert.source), when(alert.published)]
    if alert.views is not None:
        parts.append(f"{alert.views:,} views")
    if alert.growth is not None:
        parts.append(f"{alert.growth:,.0f} an hour")
    if alert.revision > 1:
        parts.append(f"revision {alert.revision}")
    return " · ".join(part for part in parts if part)


def original(alert: Alert) -> str:
    """The article's address at its source; nothing where there is none of the web."""
    link = clean(alert.link or "").strip().replace(" ", "%20")
    return link if re.match("https?://[^/]", link, re.IGNORECASE) else ""


def copies(alert: Alert, shown: int = _SHOWN_COPIES) -> list[tuple[str, str]]:
    """The articles with the same text, ``(source: title, address of our page)``; of more than
    ``shown`` a last one counts the others and leads to the page of this one."""
    base = clean(alert.url).rpartition("/")[0]
    found = [
        (f"{clean(copy.source)}: {_one_line(copy.title, 100)}", f"{base}/{clean(copy.id)}")
        for copy in alert.copies[:shown]
    ]
    if (left := len(alert.copies) - shown) > 0:
        found.append((f"and {left:,} more", clean(alert.url)))
    return found


def kind_of(message: Message) -> str:
    """Why these alerts stand together, where it is not that they came together: ``Digest``, ``Held
    back since 2022-01-05 22:00 UTC``, ``Storm``, ``Backfill (older articles)`` or ``Test``; else
    nothing."""
    words = _KINDS[message.kind]
    return f"{words} since {when(message.created)}" if message.kind is DeliveryKind.HELD else words


def earlier(alert: Alert) -> list[tuple[str, str]]:
    """What the message would have told of the article before this alert, the oldest first:
    ``(revised 10:05 UTC, address of our page of it)``; with the day where it was another."""
    return [(_told(alert, one), _page(alert, one)) for one in alert.earlier]


def _told(alert: Alert, one: Earlier) -> str:
    moment = when(one.observed)
    if one.observed.date() == alert.observed.astimezone(one.observed.tzinfo).date():
        moment = moment.partition(" ")[2]
    return f"{_EARLIER[one.kind]} {moment}"


def _page(alert: Alert, one: Earlier) -> str:
    """The page that shows what that edit changed; of a first text that of the article."""
    url = clean(alert.url)
    if alert.health is not None or one.revision < 2:
        return url
    return f"{url}?from={one.revision - 1}&to={one.revision}#changes"


def rules(message: Message) -> tuple[str, ...]:
    """The rules of all alerts shown, in order of appearance."""
    return tuple(dict.fromkeys(rule for alert in message.alerts for rule in alert.rules))


def listed(names: Sequence[str], shown: int = _SHOWN_RULES) -> str:
    """``a, b, c`` or, where there are more, ``a, b, c +2``."""
    rest = f" +{len(names) - shown}" if len(names) > shown else ""
    return ", ".join(names[:shown]) + rest


def headline(message: Message) -> str:
    """``3 new, 1 revised, 2 no longer matching: referendum, water``; of some ``kind_of`` message
    ``Digest: 3 new: water``.

    Where not all alerts are shown their kinds are not known: ``12 articles: referendum, water``.
    """
    if message.more > 0:
        counts = _counted(message)
    else:
        found = Counter(alert.kind for alert in message.alerts)
        counts = ", ".join(_count(kind, found[kind]) for kind in _COUNTED if found[kind])
        if message.kind is DeliveryKind.STORM:
            counts = _counted(message)
    return ": ".join(filter(None, (kind_of(message), counts or "nothing", listed(rules(message)))))


def _count(kind: AlertKind, count: int) -> str:
    if kind is AlertKind.HEALTH and count == 1:
        return "1 about a source"
    return f"{count} {_COUNTED[kind]}"


def subject(message: Message, limit: int = 150) -> str:
    """One line for a mail's subject or a notification: ``referendum: Title`` or the counts.

    Says nothing of revisions where there is one article: mail programs that thread by subject
    keep its revisions together that way. Only one that no longer matches must not read as a match.
    """
    names = listed(rules(message))
    if message.more <= 0 and len(message.alerts) == 1:
        (alert,) = message.alerts
        no_longer = "no longer " if alert.kind is AlertKind.DROPPED else ""
        parts = (kind_of(message), no_longer + names, title(alert))
    else:
        parts = (kind_of(message), _counted(message), names)
    return cut(": ".join(filter(None, parts)), limit)


def _counted(message: Message) -> str:
    """``12 articles``; ``12 alerts`` where some of them are, or may be, about one article; of a
    storm ``12 more articles``: others were told one by one."""
    joined = any(alert.earlier for alert in message.alerts)
    unknown = message.more > 0 and message.kind in _JOINED
    about_sources = any(alert.health is not None for alert in message.alerts)
    noun = "alert" if joined or unknown or about_sources else "article"
    more = "more " if message.kind is DeliveryKind.STORM else ""
    return f"{message.total:,} {more}{noun}{'' if message.total == 1 else 's'}"


def more(message: Message) -> str:
    """``and 12 more``, or nothing."""
    return f"and {message.more:,} more" if message.more > 0 else ""


def quoted(text: str, secrets: Collection[str], limit: int = 160) -> str:
    """What the other side said, on one short line, with our secrets blotted out."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) > 3:
            text = text.replace(secret, "***")
    return cut(" ".join(clean(text).split()), limit)
