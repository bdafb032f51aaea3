"""The forms of text that templates make, each with its escaping and its filters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from monitor.channels import slack_text, wording
from monitor.channels.templates.keys import Form
from monitor.channels.templates.sandbox import LimitError, Sandbox
from monitor.channels.templates.views import Address, Edited, Passage
from monitor.text import cut as cut_text


class Mrkdwn(Markup):
    """Text that Slack may show as it is."""

    @classmethod
    def escape(cls, value: Any) -> Mrkdwn:
        if isinstance(value, Markup):
            return cls(value)
        if isinstance(value, Address):
            return cls(slack_text.address(value))
        return cls("\n".join(map(slack_text.escape, str(value).split("\n"))))


_BOLD = Markup("<b>{}</b>")
_RUNS = {"=": Markup("{}"), "-": Markup("<del>{}</del>"), "+": Markup("<ins>{}</ins>")}


def cut(text: str, length: int) -> str:
    """At most ``length`` characters, cut at a word's end; words that matched stay marked."""
    if isinstance(text, Passage):
        return Passage.of(text.pieces(length))
    return cut_text(text, length)


def when(moment: datetime | None) -> str:
    """``2022-01-05 14:30 +06:00``; nothing for None."""
    return wording.when(moment)


def local(moment: datetime | None, zone: str) -> datetime | None:
    """The moment in a zone (``Asia/Almaty``). Raises ValueError for one that does not exist."""
    try:
        return moment and moment.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError) as error:
        raise LimitError(f"no such time zone: {zone!r}") from error


def number(value: float | None) -> str:
    """``1,234``; nothing for None."""
    return "" if value is None else f"{value:,.0f}"


def _pieces(text: Any) -> list[tuple[str, bool]]:
    return text.pieces() if isinstance(text, Passage) else [(str(text), True)]


class _Form(Sandbox):
    def __init__(self, files: Mapping[str, str]) -> None:
        super().__init__(files)
        self.filters |= {
            "bold": self.bold,
            "cut": cut,
            "link": self.link,
            "local": local,
            "number": number,
            "when": when,
        }

    def bold(self, text: str) -> str:
        """The words that matched in bold, of an edited text what came (and what went struck out),
        of any other text all."""
        raise NotImplementedError

    def link(self, text: str, url: str | None) -> str:
        """A link to ``url``; the text alone where there is none."""
        raise NotImplementedError


class Text(_Form):
    """Plain text: nothing can be bold, and a link shows where it leads."""

    def bold(self, text: str) -> str:
        return str(text)

    def link(self, text: str, url: str | None) -> str:
        return f"{text}: {url}" if url else str(text)


class Html(_Form):
    """HTML, escaped by Jinja2 itself."""

    markup = Markup

    def bold(self, text: str) -> Markup:
        if isinstance(text, Markup):
            return _BOLD.format(text)
        if isinstance(text, Edited):
            return Markup().join(_RUNS[run.op].format(run.text) for run in text.runs)
        return Markup().join(
            _BOLD.format(piece) if marked else piece for piece, marked in _pieces(text)
        )

    def link(self, text: str, url: str | None) -> Markup:
        if not url or not url.startswith(("http://", "https://")):
            return Markup.escape(text)
        return Markup('<a href="{}">{}</a>').format(url, text)


class SlackText(_Form):
    """Slack's mrkdwn."""

    markup = Mrkdwn

    def bold(self, text: str) -> Mrkdwn:
        if isinstance(text, Markup):
            return Mrkdwn(f"*{text.strip()}*" if text.strip() else text)
        if isinstance(text, Edited):
            return Mrkdwn(slack_text.edited(text.runs))
        return Mrkdwn(slack_text.marked(_pieces(text)))

    def link(self, text: str, url: str | None) -> Mrkdwn:
        plain = text.unescape() if isinstance(text, Markup) else str(text)
        return Mrkdwn(slack_text.link(url or "", plain))


FORMS: Mapping[Form, type[_Form]] = {Form.TEXT: Text, Form.HTML: Html, Form.MRKDWN: SlackText}
