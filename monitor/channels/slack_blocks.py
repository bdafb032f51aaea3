"""The document that Slack gets: Block Kit, with a plain ``text`` for notifications. Pure.

https://docs.slack.dev/reference/block-kit/blocks/. Slack's limits: 50 blocks, 3,000 characters in
a section, 150 in a header, and - measured, not documented - about 13,000 for the JSON of all
blocks.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from monitor.channels import wording
from monitor.channels.slack_text import cut_marked, edited, escape, link, marked
from monitor.model import Alert, Message
from monitor.text import cut

MAX_BLOCKS = 50
MAX_SECTION = 3_000
MAX_HEADER = 150
MAX_ELEMENTS = 10  # of the last line
MAX_TOTAL = 12_000  # characters of the blocks' JSON, with a margin
MAX_FALLBACK = 3_000

_TITLE, _RULES, _SOURCE = 150, 100, 100
_COPIES = 3
_EARLIER = 5
_EXCERPTS = (300, 120, 0)  # the longest that fits a section is taken


def payload(
    message: Message,
    *,
    feeds: Collection[str] = (),
    header: str | None = None,
    texts: Sequence[str | None] = (),
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """The document to post, within all limits: alerts that do not fit are counted as "more".

    ``feeds`` are the rules that have a feed to link to. ``header`` and ``texts`` (mrkdwn, one for
    each alert; None: ours) take the place of our words; ``notes`` stand at the end.
    """
    head = cut(" ".join(wording.clean(header or "").split()), MAX_HEADER)
    head = head or cut(wording.clean(wording.headline(message)), MAX_HEADER)
    sections = [
        _section(article(alert, message.base_url, feeds) if text is None else text)
        for alert, text in zip_longest(message.alerts, texts)
    ]
    shown = len(sections[: MAX_BLOCKS - 2])  # the header and the last line
    while True:
        part = replace(message, alerts=message.alerts[:shown])
        blocks = [_header(head), *sections[:shown], _last(part, notes)]
        if len(json.dumps(blocks, ensure_ascii=False)) <= MAX_TOTAL or not shown:
            return {
                "text": _fallback(part),
                "blocks": blocks,
                "unfurl_links": False,
                "unfurl_media": False,
            }
        shown -= 1


def _fallback(message: Message) -> str:
    """For notifications and screen readers: the subject, then the titles."""
    lines = [wording.subject(message)]
    if message.total > 1:
        lines += [f"• {wording.title(alert, _TITLE)}" for alert in message.alerts]
    kept: list[str] = []
    for line in map(escape, lines):
        if len("\n".join([*kept, line])) > MAX_FALLBACK:
            break
        kept.append(line)
    return "\n".join(kept)


def _header(text: str) -> dict[str, Any]:
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _mrkdwn(cut_marked(text.strip(), MAX_SECTION) or "…")}


def _last(message: Message, notes: Sequence[str]) -> dict[str, Any]:
    """What is not shown, the way to the page, and what else is to be said of the message."""
    more = wording.more(message)
    said = [cut_marked(escape(note).strip(), MAX_SECTION) for note in notes]
    texts = [link(message.base_url, more or "All articles"), *filter(None, said)]
    return {"type": "context", "elements": [_mrkdwn(text) for text in texts[:MAX_ELEMENTS]]}


def _mrkdwn(text: str) -> dict[str, Any]:
    # verbatim: Slack makes no links and mentions of its own out of plain words
    return {"type": "mrkdwn", "text": text, "verbatim": True}


# --------------------------------------------------------------------------- one article


def article(alert: Alert, base_url: str, feeds: Collection[str] = ()) -> str:
    """Title as a link; kind, rules and facts; the excerpt with what matched in bold."""
    name = link(alert.url, wording.title(alert, _TITLE))
    rules = _rules(alert, base_url, feeds)
    facts = escape(cut(wording.facts(alert), _SOURCE))
    kind = wording.label(alert) + (f": {rules}" if rules else "")
    source = [link(at, "original")] if (at := wording.original(alert)) else []
    head = f"*{name}*\n" + " · ".join([kind, facts, *filter(lambda one: one[0] == "<", source)])
    for limit in _EXCERPTS:
        excerpt = marked(wording.excerpt(alert, limit)) if limit else ""
        beside = [_earlier(alert), _copies(alert)] if limit else []
        text = "\n".join(filter(None, [head, excerpt, _changed(alert, 2 * limit), *beside]))
        if len(text) <= MAX_SECTION:
            return text
    return f"*{escape(wording.title(alert, _TITLE))}*"  # a link too long for any section


def _rules(alert: Alert, base_url: str, feeds: Collection[str]) -> str:
    """The names of the rules as far as there is room, each a link to its feed if it has one."""
    listed = cut(wording.listed(alert.rules), _RULES)
    names = listed.split(", ")
    linked = [
        link(f"{base_url}/feeds/rules/{name}.atom", name) if name in feeds else escape(name)
        for name in names
    ]
    return ", ".join(linked)


def _changed(alert: Alert, limit: int) -> str:
    """What an edit changed: a line about it, then its paragraphs, struck out and bold."""
    lines = [escape(change)] if (change := wording.change(alert)) else []
    for heading, runs in wording.changes(alert, limit) if limit else ():
        text = edited(runs)
        lines.append(f"_{heading}:_ {text}" if heading else text)
    return "\n".join(lines)


def _earlier(alert: Alert) -> str:
    """Links to what was told of the article in the same message, the latest few."""
    links = [link(url, text) for text, url in wording.earlier(alert)[-_EARLIER:]]
    return f"_{wording.BEFORE}:_ {' · '.join(links)}" if links else ""


def _copies(alert: Alert) -> str:
    """Links to the articles with the same text."""
    links = [link(url, text) for text, url in wording.copies(alert, _COPIES)]
    return f"_{wording.ALSO}:_ {' · '.join(links)}" if links else ""
