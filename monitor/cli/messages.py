"""Messages as the commands show and try them: made of stored articles, shown channel by channel."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.channels.templates import Words
from monitor.model import Message

KEY = "dlv_00000000000000000000000000000000"
"""Of messages that are only shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as a channel makes it: what people read, the page of a mail, and the document that
    goes over the line."""

    text: str
    html: str | None = None
    document: Mapping[str, Any] | None = None


def show(channel: str, message: Message, words: Words) -> Shown:
    """The message as a channel (of ``CHANNELS``) makes it, in ``words`` where they have some."""
    return CHANNELS[channel](message, words)


def _console(message: Message, words: Words) -> Shown:
    from monitor.channels.console import in_words

    return Shown(in_words(message, words))


def _slack(message: Message, words: Words) -> Shown:
    from monitor.channels.slack import in_words

    document = in_words(message, words)
    texts = [
        element["text"]
        for block in document["blocks"]
        for element in block.get("elements", (block.get("text"),))
    ]
    return Shown("\n\n".join(texts) + "\n", document=document)


def _email(message: Message, words: Words) -> Shown:
    from monitor.channels.letter import parts

    subject, text, html = parts(message, words)
    document = {"subject": subject, "text": text, "html": html}
    return Shown(f"Subject: {subject}\n\n{text}", html, document)


def _event(message: Message, words: Words) -> Shown:
    from monitor.channels.event import document

    event = json.loads(document(message, key=KEY))
    return Shown(json.dumps(event, ensure_ascii=False, indent=2) + "\n", document=event)


def _apprise(message: Message, words: Words) -> Shown:
    from monitor.channels.apprise import texts

    title, items = texts(message, words)
    return Shown("\n\n".join([title, *items]) + "\n", document={"title": title, "items": [*items]})


CHANNELS: Mapping[str, Callable[[Message, Words], Shown]] = {
    "console": _console,
    "slack": _slack,
    "email": _email,
    "webhook": _event,
    "command": _event,
    "apprise": _apprise,
}
