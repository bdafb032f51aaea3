"""What a message says, in the words that all channels share. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from monitor.model import Alert, Message, Outcome
from monitor.text import cut

_BREAKS = re.compile("[\\s\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Marks that turn the direction of what follows, lone surrogates, non-characters, BOM.
_UNSHOWN = re.compile(
    "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_SHOWN_RULES = 5


def clean(text: str) -> str:
    """Without what could break a line, a terminal or the direction of the text around it."""
    return _UNSHOWN.sub("", _BREAKS.sub(" ", text))


def title(alert: Alert, limit: int = 200) -> str:
    """The title on one line; never empty."""
    return cut(" ".join(clean(alert.title).split()), limit) or "(untitled)"


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
    """``New`` or ``Revised``."""
    return "Revised" if alert.kind is Outcome.REVISED else "New"


def facts(alert: Alert) -> str:
    """``source · time · views · revision``, as far as they are known."""
    parts = [clean(alert.source), when(alert.published)]
    if alert.views is not None:
        parts.append(f"{alert.views:,} views")
    if alert.revision > 1:
        parts.append(f"revision {alert.revision}")
    return " · ".join(part for part in parts if part)


def rules(message: Message) -> tuple[str, ...]:
    """The rules of all alerts shown, in order of appearance."""
    return tuple(dict.fromkeys(rule for alert in message.alerts for rule in alert.rules))


def listed(names: Sequence[str], shown: int = _SHOWN_RULES) -> str:
    """``a, b, c`` or, where there are more, ``a, b, c +2``."""
    rest = f" +{len(names) - shown}" if len(names) > shown else ""
    return ", ".join(names[:shown]) + rest


def headline(message: Message) -> str:
    """``3 new, 1 revised: referendum, water``.

    Where not all alerts are shown their kinds are not known: ``12 articles: referendum, water``.
    """
    if message.more > 0:
        counts = f"{message.total:,} articles"
    else:
        revised = sum(alert.kind is Outcome.REVISED for alert in message.alerts)
        new = len(message.alerts) - revised
        counts = ", ".join(
            f"{count} {word}" for count, word in ((new, "new"), (revised, "revised")) if count
        )
    names = listed(rules(message))
    return f"{counts or 'nothing'}: {names}" if names else counts or "nothing"


def subject(message: Message, limit: int = 150) -> str:
    """One line for a mail's subject or a notification: ``referendum: Title`` or the counts.

    Says nothing of revisions where there is one article: mail programs that thread by subject
    keep its revisions together that way.
    """
    if message.total == 1 and len(message.alerts) == 1:
        (alert,) = message.alerts
        names = listed(alert.rules)
        return cut(f"{names}: {title(alert)}" if names else title(alert), limit)
    names = listed(rules(message))
    return cut(f"{message.total:,} articles" + (f": {names}" if names else ""), limit)


def more(message: Message) -> str:
    """``and 12 more``, or nothing."""
    return f"and {message.more:,} more" if message.more > 0 else ""


def quoted(text: str, secrets: Collection[str], limit: int = 160) -> str:
    """What the other side said, on one short line, with our secrets blotted out."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) > 3:
            text = text.replace(secret, "***")
    return cut(" ".join(clean(text).split()), limit)
