"""Slack's Web API: one call and its verdict (https://docs.slack.dev/apis/web-api/).

Slack answers 200 and says in the document whether it worked: ``{"ok": false, "error": "..."}``.
What an error means: https://docs.slack.dev/reference/methods/chat.postMessage#errors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from monitor import __version__
from monitor.channels.http import Client, origin
from monitor.channels.wording import quoted
from monitor.errors import DeliveryError

MOST = 1024 * 1024  # bytes of an answer: it repeats the message, each letter as \uXXXX

PERMANENT = frozenset(
    {
        "invalid_arguments",
        "invalid_attachments",
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
    }
)
"""Errors that are about the message itself: it will never be taken.

All others may pass. Those of token, rights and channel (``invalid_auth``, ``token_revoked``,
``missing_scope``, ``not_in_channel``, ``channel_not_found``, ``is_archived``, ...) are a matter of
settings, here or in Slack, like a refused login to a mail server: once mended, what has waited goes
through. One that we do not know may pass as well.
"""

_ADVICE = {
    "not_in_channel": "invite the app: /invite @its-name",
    "channel_not_found": "is `channel` right, and is the app in it if it is private?",
    "is_archived": "the channel is archived",
    "missing_scope": "the app needs chat:write",
    "invalid_auth": "is the token right?",
    "not_authed": "is the token right?",
    "token_revoked": "the token was revoked; install the app anew",
    "token_expired": "the token has expired; install the app anew",
    "account_inactive": "the app was removed from the workspace",
}
_TEMPORARY_REST = 30.0  # seconds, where Slack says that it was too much but not for how long


class SlackError(DeliveryError):
    """What Slack refused, with its ``code``."""

    def __init__(self, message: str, code: str, *, retry_after: float | None) -> None:
        super().__init__(message, permanent=code in PERMANENT, retry_after=retry_after)
        self.code = code


def call(
    client: Client,
    api_url: str,
    method: str,
    token: str,
    document: Mapping[str, Any],
    *,
    timeout: float,
) -> dict[str, Any]:
    """Call ``method`` (``chat.postMessage``) and return what Slack answers.

    Raises SlackError for what Slack refuses, DeliveryError where there is no such answer.
    """
    url = f"{api_url.rstrip('/')}/{method}"
    answer = client.post(
        url,
        json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"),
        {
            "Content-Type": "application/json; charset=utf-8",
            "Authorization": f"Bearer {token}",
            "User-Agent": f"press-monitor/{__version__}",
        },
        timeout=timeout,
        secrets=[token],
        most=MOST,
    )
    said = _document(answer.body)
    if said is None:
        raise DeliveryError(
            f"{origin(url)} answered {answer.status} but not as Slack does: is it Slack?"
        )
    if said["ok"] is True:
        return said
    code = quoted(str(said.get("error") or "no reason"), [token], 60)
    wait = answer.retry_after
    if wait is None and code in ("ratelimited", "rate_limited"):
        wait = _TEMPORARY_REST
    raise SlackError(
        f"{origin(url)} refused {method}: {code}{_more(code, said, token)}", code, retry_after=wait
    )


def _document(body: bytes) -> dict[str, Any] | None:
    """The answer, or None where it is none of Slack's."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and isinstance(said.get("ok"), bool) else None


def _more(code: str, said: Mapping[str, Any], token: str) -> str:
    """What to do about it, or what Slack says is wrong with the document."""
    if code in _ADVICE:
        return f" ({_ADVICE[code]})"
    metadata = said.get("response_metadata")
    found = metadata.get("messages") if isinstance(metadata, dict) else None
    if isinstance(found, list) and found:
        return f" ({quoted(str(found[0]), [token])})"
    return ""
