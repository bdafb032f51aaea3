"""Slack incoming webhook: Block Kit, with a plain ``text`` for notifications.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/ and
https://docs.slack.dev/reference/block-kit/blocks/. Slack's limits: 50 blocks, 3,000
characters in a section, 150 in a header, and - measured, not documented - about 13,000 for the
JSON of all blocks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from monitor import __version__
from monitor.channels import wording
from monitor.channels.http import check_url, origin, post
from monitor.config import SlackSettings
from monitor.errors import ConfigError, DeliveryError
from monitor.model import Alert, Destination, Message, Receipt, Run
from monitor.revisions import shown
from monitor.text import cut

MAX_BLOCKS = 50
MAX_SECTION = 3_000
MAX_HEADER = 150
MAX_TOTAL = 12_000  # characters of the blocks' JSON, with a margin
MAX_FALLBACK = 3_000

_TITLE, _RULES, _SOURCE = 150, 100, 100
_COPIES = 3
_EXCERPTS = (300, 120, 0)  # the longest that fits a section is taken

_SIGNS = {"=": "", "-": "~", "+": "*"}

_CODES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Slack has no escape for its formatting characters; these look the same and format nothing.
_LOOKALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_ITALIC = re.compile(r"(?<!\w)_|_(?!\w)|(?<=_)_|_(?=_)")
_CALL = re.compile(r"@(?=(?:here|channel|everyone)\b|\Z)", re.IGNORECASE)


def escape(text: str) -> str:
    """``text`` so that Slack shows it as it is: nothing in it is markup, mention or quote."""
    plain = _ITALIC.sub("ˍ", wording.clean(text).translate(_LOOKALIKES))
    return _CALL.sub("@\u2060", plain).translate(_CODES)


def payload(message: Message) -> dict[str, Any]:
    """The document to post, within all limits: alerts that do not fit are counted as "more"."""
    shown = message.alerts[: MAX_BLOCKS - 2]  # the header and the last line
    while True:
        part = replace(message, alerts=shown)
        blocks = _blocks(part)
        if len(json.dumps(blocks, ensure_ascii=False)) <= MAX_TOTAL or not shown:
            return {
                "text": _fallback(part),
                "blocks": blocks,
                "unfurl_links": False,
                "unfurl_media": False,
            }
        shown = shown[:-1]


def _fallback(message: Message) -> str:
    """For notifications and screen readers: the subject, then the titles."""
    lines = [wording.subject(message)]
    if message.total > 1:
        lines += [f"• {wording.title(alert, _TITLE)}" for alert in message.alerts]
    return _escaped_to("\n", lines, MAX_FALLBACK)


def _escaped_to(glue: str, lines: list[str], limit: int) -> str:
    """As many of the lines, escaped, as fit the limit."""
    kept: list[str] = []
    for line in map(escape, lines):
        if len(glue.join([*kept, line])) > limit:
            break
        kept.append(line)
    return glue.join(kept)


def _blocks(message: Message) -> list[dict[str, Any]]:
    header = cut(wording.clean(wording.headline(message)), MAX_HEADER)
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": header, "emoji": False}}
    ]
    blocks += [_text_block("section", _article(alert)) for alert in message.alerts]
    if more := wording.more(message):
        blocks.append(_text_block("section", _link(message.base_url, more)))
    return blocks


def _text_block(kind: str, text: str) -> dict[str, Any]:
    # verbatim: Slack makes no links and mentions of its own out of plain words
    return {"type": kind, "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _article(alert: Alert) -> str:
    """Title as a link; kind, rules and facts; the excerpt with what matched in bold."""
    name = _link(alert.url, wording.title(alert, _TITLE))
    rules = escape(cut(wording.listed(alert.rules), _RULES))
    facts = escape(cut(wording.facts(alert), _SOURCE))
    kind = wording.label(alert) + (f": {rules}" if rules else "")
    head = f"*{name}*\n{kind} · {facts}"
    for limit in _EXCERPTS:
        excerpt = _marked(wording.excerpt(alert, limit)) if limit else ""
        parts = [head, excerpt, _changed(alert, 2 * limit), _copies(alert) if limit else ""]
        text = "\n".join(filter(None, parts))
        if len(text) <= MAX_SECTION:
            return text
    return f"*{escape(wording.title(alert, _TITLE))}*"  # a link too long for any section


def _changed(alert: Alert, limit: int) -> str:
    """What an edit changed: a line about it, then its paragraphs, struck out and bold."""
    lines = [escape(change)] if (change := wording.change(alert)) else []
    for heading, runs in wording.changes(alert, limit) if limit else ():
        text = _styled([(text, _SIGNS[op], shown.MARKS[op]) for op, text in _apart(runs)])
        lines.append(f"_{heading}:_ {text}" if heading else text)
    return "\n".join(lines)


def _copies(alert: Alert) -> str:
    """Links to the articles with the same text."""
    links = [_link(url, text) for text, url in wording.copies(alert, _COPIES)]
    return f"_{wording.ALSO}:_ {' · '.join(links)}" if links else ""


def _apart(runs: Sequence[Run]) -> Iterator[Run]:
    """The runs, with a space between what went and what came in its place."""
    before = "="
    for run in runs:
        if before != "=" != run.op:
            yield Run("=", " ")
        yield run
        before = run.op


def _link(url: str, text: str) -> str:
    """A link; what would end it early in the address is percent-encoded."""
    address = re.sub(r"[<>|\s]", lambda found: f"%{ord(found[0]):02X}", url)
    return f"<{address.replace('&', '&amp;')}|{escape(text)}>"


def _marked(pieces: list[tuple[str, bool]]) -> str:
    """The pieces in mrkdwn, marked ones in bold."""
    text = _styled([(piece, "*" if marked else "", ("", "")) for piece, marked in pieces])
    # a line that begins with ">" is a quotation, escaped or not
    return "›" + text.removeprefix("&gt;") if text.startswith("&gt;") else text


def _styled(pieces: list[tuple[str, str, tuple[str, str]]]) -> str:
    """Pieces in mrkdwn, each between its sign (``*`` bold, ``~`` struck out) where Slack would
    understand it, else between its marks.

    Slack takes a sign for style only at a word's edge and next to no space: a match inside a word
    stays plain rather than showing its asterisks.
    """
    out = []
    for index, (piece, sign, marks) in enumerate(pieces):
        core = piece.strip()
        lead, _, tail = piece.partition(core) if core else (piece, "", "")
        before = lead or (pieces[index - 1][0][-1] if index else "")
        after = tail or (pieces[index + 1][0][0] if index + 1 < len(pieces) else "")
        styled = sign and core and not before[-1:].isalnum() and not after[:1].isalnum()
        left, right = (sign, sign) if styled else marks
        out.append(f"{lead}{left}{escape(core)}{right}{tail}")
    return "".join(out).strip()


class SlackChannel:
    """Posts to one incoming webhook; its URL is the secret."""

    def __init__(self, destination: Destination, settings: SlackSettings) -> None:
        """Raises ConfigError for a URL of no use."""
        self._destination = destination
        self._settings = settings
        url = settings.webhook_url
        self._url = url.get_secret_value() if url else ""
        try:
            check_url(self._url)
        except ValueError as error:
            raise ConfigError(f"slack {destination.name}: {error}") from error

    @property
    def destination(self) -> Destination:
        return self._destination

    @property
    def max_items(self) -> int:
        return self._settings.max_items

    @property
    def pause(self) -> float:
        return self._settings.min_interval.total_seconds()

    def close(self) -> None:
        """Nothing is kept."""

    def send(self, message: Message, *, key: str) -> Receipt:
        """Accepted is a 2xx that says ``ok``: a login page of some proxy does not."""
        answer = post(
            self._url,
            json.dumps(payload(message), ensure_ascii=False).encode("utf-8", "replace"),
            {
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": f"press-monitor/{__version__}",
            },
            timeout=self._settings.timeout.total_seconds(),
        )
        if answer.body.strip() != b"ok":
            raise DeliveryError(
                f"{origin(self._url)} answered {answer.status} but not Slack's ok: is it Slack?"
            )
        return Receipt("ok")
