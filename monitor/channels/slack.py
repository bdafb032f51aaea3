"""Slack: an incoming webhook, or a bot that keeps to threads.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/ and
https://docs.slack.dev/reference/methods/chat.postMessage. A webhook says ``ok`` and no more; of a
message that a bot posted Slack gives the time stamp, by which later ones can follow it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from monitor import __version__
from monitor.channels.http import Client, check_url, origin
from monitor.channels.outlet import Outlet
from monitor.channels.slack_api import SlackError, call
from monitor.channels.slack_blocks import payload
from monitor.channels.templates.words import Words
from monitor.config import SlackSettings
from monitor.errors import ConfigError, DeliveryError
from monitor.model import DeliveryKind, Destination, Message, Receipt

_ALONE = (DeliveryKind.DIGEST, DeliveryKind.STORM, DeliveryKind.TEST)
# What Slack says of a message that is no longer there, or may not be followed or changed.
_NO_THREAD = frozenset(
    {"thread_not_found", "message_not_found", "cannot_reply_to_message", "channel_not_found"}
)
_NO_UPDATE = _NO_THREAD | {"cant_update_message", "edit_window_closed"}


@dataclass(frozen=True, slots=True)
class Thread:
    """A message that others can follow: the setting ``channel`` when it was posted, the channel's
    id, the message's time stamp, and of how many articles it told."""

    asked: str
    channel: str
    ts: str
    articles: int

    def __str__(self) -> str:
        return f"{self.asked}:{self.channel}:{self.ts}:{self.articles}"

    @classmethod
    def parse(cls, text: str) -> Thread | None:
        """Back from the text; None for what is none."""
        match text.rsplit(":", 3):
            case [asked, channel, ts, articles] if articles.isdecimal():
                return cls(asked, channel, ts, int(articles))
        return None


def followed(message: Message, asked: str) -> Thread | None:
    """The thread that the message belongs to: that of all its alerts. A digest or the rest of a
    storm stands alone, and so does what was told in another channel before."""
    if message.kind in _ALONE or message.more > 0 or not message.alerts:
        return None
    known = {message.threads.get(alert.article_id) for alert in message.alerts}
    (only,) = known if len(known) == 1 else (None,)
    thread = Thread.parse(only) if only else None
    return thread if thread and thread.asked == asked else None


def in_words(message: Message, words: Words, feeds: Collection[str] = ()) -> dict[str, Any]:
    """The document to post, in ``words`` where they have some."""
    said = words.said(message)
    header, texts = said.text("header"), said.texts("text")
    return payload(message, feeds=feeds, header=header, texts=texts, notes=said.notes)


def _update_of(document: Mapping[str, Any], thread: Thread) -> dict[str, Any]:
    """The same document for ``chat.update``, which knows nothing of unfurling and, other than
    ``chat.postMessage``, looks for names and links in plain text if it is not told to stop."""
    kept = {name: value for name, value in document.items() if not name.startswith("unfurl_")}
    return kept | {"channel": thread.channel, "ts": thread.ts, "parse": "none"}


class SlackChannel(Outlet):
    """Posts to one channel of Slack; the webhook's URL or the bot's token is the secret."""

    def __init__(
        self,
        destination: Destination,
        settings: SlackSettings,
        feeds: Collection[str] = (),
        words: Words | None = None,
    ) -> None:
        """``feeds`` are the rules that have a feed. Raises ConfigError for a URL of no use."""
        self._words = words or Words()
        super().__init__(destination, settings.max_items, settings.min_interval)
        self._settings = settings
        self._feeds = feeds
        self._timeout = settings.timeout.total_seconds()
        self._url = settings.webhook_url.get_secret_value() if settings.webhook_url else ""
        self._token = settings.token.get_secret_value() if settings.token else ""
        self._client = Client()
        self._asked = (settings.channel or "").removeprefix("#")
        try:
            check_url(self._url or settings.api_url)
        except ValueError as error:
            raise ConfigError(f"slack {destination.name}: {error}") from error

    def close(self) -> None:
        self._client.close()

    def send(self, message: Message, *, key: str) -> Receipt:
        """Accepted is what Slack says ``ok`` to: a login page of some proxy does not."""
        document = in_words(message, self._words, self._feeds)
        return self._told(message, document, key) if self._token else self._posted(document)

    def _posted(self, document: dict[str, Any]) -> Receipt:
        """To the incoming webhook."""
        answer = self._client.post(
            self._url,
            json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"),
            {
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": f"press-monitor/{__version__}",
            },
            timeout=self._timeout,
        )
        if answer.body.strip() != b"ok":
            raise DeliveryError(
                f"{origin(self._url)} answered {answer.status} but not Slack's ok: is it Slack?"
            )
        return Receipt("ok")

    def _told(self, message: Message, document: dict[str, Any], key: str) -> Receipt:
        """By the bot: into the message that told of the article before, under it, or anew."""
        # for programs that read the channel: Slack itself does not tell a repetition
        document["metadata"] = {
            "event_type": "press_monitor_delivery",
            "event_payload": {"key": key},
        }
        thread = followed(message, self._asked) if self._settings.threads else None
        if thread is not None and self._settings.update and thread.articles == 1:
            try:
                self._call("chat.update", _update_of(document, thread))
                return Receipt(f"updated {thread.ts}")
            except SlackError as error:
                if error.code not in _NO_UPDATE:
                    raise
        if thread is not None:
            place = {"channel": thread.channel, "thread_ts": thread.ts}
            try:
                said = self._call("chat.postMessage", document | place)
                return Receipt(f"replied to {thread.ts}: {said.get('ts')}")
            except SlackError as error:
                if error.code not in _NO_THREAD:
                    raise
        said = self._call("chat.postMessage", document | {"channel": self._asked})
        return self._begun(message, said, anew=thread is not None)

    def _call(self, method: str, document: dict[str, Any]) -> dict[str, Any]:
        url = self._settings.api_url
        return call(self._client, url, method, self._token, document, timeout=self._timeout)

    def _begun(self, message: Message, said: dict[str, Any], *, anew: bool) -> Receipt:
        """The receipt of a message of its own, with its articles that follow no other yet;
        ``anew``: what they followed is gone."""
        channel, ts = said.get("channel"), said.get("ts")
        if not (isinstance(channel, str) and isinstance(ts, str)):
            return Receipt("ok")
        articles = dict.fromkeys(alert.article_id for alert in message.alerts)
        thread = str(
            Thread(self._asked, channel, ts, message.total if message.more else len(articles))
        )
        return Receipt(
            f"posted {ts}",
            {one: thread for one in articles if anew or not self._follows(message, one)},
        )

    def _follows(self, message: Message, article_id: str) -> bool:
        """Whether an article has a thread in this channel."""
        known = Thread.parse(message.threads.get(article_id, ""))
        return known is not None and known.asked == self._asked
