"""A Slack workspace on loopback that takes messages by Slack's documented rules and no others.

https://docs.slack.dev/reference/methods/chat.postMessage, .../chat.update and
https://docs.slack.dev/reference/block-kit/blocks/.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import count
from typing import Any

TOKEN = "xoxb-1-2-t0ken"
_ARGUMENTS = {
    "chat.postMessage": {"channel", "text", "blocks", "metadata", "thread_ts", "reply_broadcast"}
    | {"unfurl_links", "unfurl_media", "parse"},
    "chat.update": {"channel", "ts", "text", "blocks", "metadata", "parse", "reply_broadcast"},
}
_MARKUP = re.compile(r"<(?:https?://[^|<>\s]+\|[^<>]*)>")


@dataclass
class Posted:
    """A message in a channel."""

    channel: str
    ts: str
    document: dict[str, Any]
    thread_ts: str | None = None
    edits: int = 0


@dataclass
class Workspace:
    """Channels by id; ``refusals`` are answered first, one to each call."""

    channels: dict[str, str] = field(default_factory=lambda: {"C0NEWS": "news"})
    posted: list[Posted] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    _clock: Any = field(default_factory=lambda: count(1_700_000_000))

    def handle(self, connection: Any, seen: list[Any]) -> None:
        """Answer one request."""
        with connection.makefile("rb") as file:
            request = file.readline().decode().split()
            head = {}
            while line := file.readline().decode().strip():
                name, _, value = line.partition(":")
                head[name.lower()] = value.strip()
            body = file.read(int(head["content-length"]))
        method = request[1].removeprefix("/api/")
        seen.append((method, body))
        self.calls.append(method)
        said = self._answer(request, method, head, body)
        out = json.dumps(said).encode()  # ASCII, as Slack does: each letter \uXXXX
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
            b"Content-Length: %d\r\n\r\n" % len(out) + out
        )

    def _answer(
        self, request: list[str], method: str, head: dict[str, str], body: bytes
    ) -> dict[str, Any]:
        if request[0] != "POST" or not request[1].startswith("/api/"):
            return refused("unknown_method")
        if head.get("authorization") != f"Bearer {TOKEN}":
            return refused("invalid_auth" if "authorization" in head else "not_authed")
        if head.get("content-type") != "application/json; charset=utf-8":
            return refused("invalid_post_type")
        if self.refusals:
            return self.refusals.pop(0)
        document = json.loads(body)
        if not document.keys() <= _ARGUMENTS.get(method, document.keys()):
            return refused("invalid_arguments")
        if problem := wrong_with(document):
            return refused(problem)
        channel = document.get("channel", "").removeprefix("#")
        ids = [one for one, name in self.channels.items() if channel in (one, name)]
        if not ids:
            return refused("channel_not_found")
        if method == "chat.update":
            return self._update(ids[0], document)
        if method == "chat.postMessage":
            return self._post(ids[0], document)
        return refused("unknown_method")

    def _post(self, channel: str, document: dict[str, Any]) -> dict[str, Any]:
        thread = document.get("thread_ts")
        if thread is not None and not self._find(channel, thread):
            return refused("thread_not_found")
        new = Posted(channel, f"{next(self._clock)}.000100", document, thread)
        self.posted.append(new)
        return {"ok": True, "channel": channel, "ts": new.ts, "message": document}

    def _update(self, channel: str, document: dict[str, Any]) -> dict[str, Any]:
        found = self._find(channel, document.get("ts", ""))
        if found is None:
            return refused("message_not_found")
        found.document = document
        found.edits += 1
        return {"ok": True, "channel": channel, "ts": found.ts, "message": document}

    def _find(self, channel: str, ts: str) -> Posted | None:
        return next((p for p in self.posted if (p.channel, p.ts) == (channel, ts)), None)


def refused(code: str, **more: Any) -> dict[str, Any]:
    return {"ok": False, "error": code, **more}


def wrong_with(document: dict[str, Any]) -> str | None:
    """The error that Slack would give for a message, or None."""
    text, blocks = document.get("text"), document.get("blocks")
    if not text:
        return "no_text"
    if len(text) > 40_000:
        return "msg_too_long"
    if not isinstance(blocks, list) or not 0 < len(blocks) <= 50:
        return "invalid_blocks"
    if any(not _good(block) for block in blocks):
        return "invalid_blocks"
    if len(json.dumps(blocks, ensure_ascii=False)) > 13_000:
        return "msg_blocks_too_long"
    return None


def _good(block: dict[str, Any]) -> bool:
    kind = block.get("type")
    if kind == "header":
        text = block["text"]
        return text["type"] == "plain_text" and 0 < len(text["text"]) <= 150
    if kind == "section":
        return _mrkdwn(block["text"], 3_000)
    if kind == "context":
        return 0 < len(block["elements"]) <= 10 and all(
            _mrkdwn(e, 3_000) for e in block["elements"]
        )
    return False


def _mrkdwn(text: dict[str, Any], limit: int) -> bool:
    """Of a good length, with angle brackets for links only: no mention, no call of the channel."""
    rest = _MARKUP.sub("", text["text"])
    return (
        text["type"] == "mrkdwn" and 0 < len(text["text"]) <= limit and not re.search("[<>]", rest)
    )
