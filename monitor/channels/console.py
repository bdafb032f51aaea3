"""Console: alerts as lines of text, in colour on a terminal (https://no-color.org)."""

from __future__ import annotations

import os
from typing import TextIO

from monitor.channels import wording
from monitor.channels.outlet import Outlet
from monitor.channels.templates.words import Words
from monitor.config import ConsoleSettings
from monitor.errors import DeliveryError
from monitor.model import Alert, AlertKind, Destination, Message, Receipt, Run

_RESET, _BOLD, _DIM, _RED, _GREEN, _YELLOW = (f"\x1b[{code}m" for code in (0, 1, 2, 31, 32, 33))
_STYLES = {
    AlertKind.NEW: _GREEN,
    AlertKind.REVISED: _YELLOW,
    AlertKind.DROPPED: _DIM,
    AlertKind.RISEN: _GREEN,
    AlertKind.HEALTH: _RED,
}
_GONE, _CAME = "\x1b[31;9m", "\x1b[32;1m"
_INDENT = " " * 9  # the width of a label
_CHANGES = 600  # characters of what an edit changed
_EXCERPT = 330  # characters; all that an alert's excerpt has, so that the match is in it


def payload(message: Message, *, colour: bool = False) -> str:
    """The whole text of a message, with its last line feed and an empty line after it."""
    lines = [_styled(wording.clean(wording.headline(message)), _BOLD, colour)]
    for alert in message.alerts:
        lines += _article(alert, colour)
    if more := wording.more(message):
        lines.append(f"{_INDENT}{more}: {wording.clean(message.base_url)}")
    return "\n".join(lines) + "\n\n"


def _article(alert: Alert, colour: bool) -> list[str]:
    label = f"{alert.kind.upper():<{len(_INDENT)}}"
    title = _marked(wording.segments(alert.title, alert.title_marks, 200), colour)
    rules = wording.clean(wording.listed(alert.rules))
    if alert.kind is AlertKind.DROPPED:
        rules = f"{wording.label(alert).lower()} {rules}"
    excerpt = _marked(wording.excerpt(alert, _EXCERPT), colour)
    lines = [
        _styled(label, _STYLES[alert.kind], colour) + (title or "(untitled)"),
        _INDENT + _styled(" · ".join(filter(None, [wording.facts(alert), rules])), _DIM, colour),
    ]
    if excerpt:
        lines.append(_INDENT + excerpt)
    if change := wording.change(alert):
        lines.append(_INDENT + _styled(change, _DIM, colour))
    for heading, runs in wording.changes(alert, _CHANGES):
        lines.append(
            _INDENT + (_coloured(heading, runs) if colour else wording.marked(heading, runs))
        )
    lines.append(_INDENT + _styled(wording.clean(alert.url), _DIM, colour))
    for text, url in wording.earlier(alert):
        lines.append(f"{_INDENT}{wording.BEFORE} {text}  {_styled(url, _DIM, colour)}")
    for text, url in wording.copies(alert):
        lines.append(f"{_INDENT}{wording.ALSO} {text}  {_styled(url, _DIM, colour)}")
    return lines


def _marked(pieces: list[tuple[str, bool]], colour: bool) -> str:
    return "".join(_styled(piece, _BOLD, colour and marked) for piece, marked in pieces).strip()


def _coloured(heading: str, runs: list[Run]) -> str:
    """What went is struck out as well, and what came bold: red and green look alike to many. A
    blank stands between them, because not every terminal strikes out."""
    styles = {"-": _GONE, "+": _CAME}
    text, before = "", "="
    for op, run in runs:
        between = " " if (before, op) == ("-", "+") else ""
        text += between + (_styled(run, styles[op], True) if op in styles else run)
        before = op
    return f"{heading}: {text.strip()}" if heading else text


def _styled(text: str, style: str, colour: bool) -> str:
    return f"{style}{text}{_RESET}" if colour and text else text


def in_words(message: Message, words: Words, *, colour: bool = False) -> str:
    """The text of a message, in ``words`` where they have some."""
    said = words.said(message)
    text = said.text("text")
    text = payload(message, colour=colour) if text is None else text.rstrip("\n") + "\n\n"
    return "".join(f"{note}\n" for note in said.notes) + text


class ConsoleChannel(Outlet):
    """Writes to one text stream."""

    def __init__(
        self,
        destination: Destination,
        settings: ConsoleSettings,
        out: TextIO,
        words: Words | None = None,
    ) -> None:
        super().__init__(destination, settings.max_items)
        self._words = words or Words()
        self._out = out

    def send(self, message: Message, *, key: str) -> Receipt:
        """Accepted is what the stream took. One write, so that messages do not interleave."""
        try:
            colour = self._out.isatty() and not os.environ.get("NO_COLOR")
            text = in_words(message, self._words, colour=colour)
            encoding = getattr(self._out, "encoding", None) or "utf-8"
            self._out.write(text.encode(encoding, "replace").decode(encoding))
            self._out.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream was closed
            raise DeliveryError(f"cannot write to the console: {error}") from error
        return Receipt()
