"""Webhook: one JSON document by POST, signed as Standard Webhooks 1.0 where a secret is set.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from requests.structures import CaseInsensitiveDict

from monitor import __version__
from monitor.channels.http import Client, check_url
from monitor.config import WebhookSettings
from monitor.errors import ConfigError
from monitor.model import Alert, Comparison, Destination, Message, Receipt, Run


def payload(message: Message, *, key: str) -> bytes:
    """The body: compact UTF-8 JSON, the same bytes for the same message.

    ``start`` and ``end`` of what matched count code points of ``title`` or ``excerpt``.
    """
    document = {
        "type": "alert",
        "key": key,
        "receiver": message.receiver,
        "created": message.created.isoformat(),
        "total": message.total,
        "more": message.more,
        "alerts": [_alert(alert) for alert in message.alerts],
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")  # a lone surrogate becomes "?", offsets stay true


def _alert(alert: Alert) -> dict[str, Any]:
    return _article(alert) | _edit(alert.edit) | _counter(alert) | _copies(alert) | _health(alert)


def _health(alert: Alert) -> dict[str, Any]:
    """What an alert about a source says more than others."""
    if alert.health is None:
        return {}
    told = alert.health
    return {
        "health": {
            "check": told.check.value,
            "state": told.state.value,
            "since": told.since.isoformat(),
        }
    }


def _article(alert: Alert) -> dict[str, Any]:
    return {
        "article_id": alert.article_id,
        "kind": alert.kind.value,
        "revision": alert.revision,
        "source": alert.source,
        "title": alert.title,
        "published": alert.published.isoformat() if alert.published else None,
        "observed": alert.observed.isoformat(),
        "views": alert.views,
        "rules": list(alert.rules),
        "excerpt": alert.excerpt,
        "matched": [
            {"field": field, "start": start, "end": end, "text": text[start:end]}
            for field, text, marks in (
                ("title", alert.title, alert.title_marks),
                ("excerpt", alert.excerpt, alert.excerpt_marks),
            )
            for start, end in marks
        ],
        "url": alert.url,
    }


def _counter(alert: Alert) -> dict[str, Any]:
    return {} if alert.growth is None else {"growth": round(alert.growth, 1)}


def _copies(alert: Alert) -> dict[str, Any]:
    """The articles with the same text, where there are any."""
    if not alert.copies:
        return {}
    copies = [
        {
            "article_id": copy.id,
            "source": copy.source,
            "title": copy.title,
            "published": copy.published.isoformat() if copy.published else None,
            "link": copy.url,
        }
        for copy in alert.copies
    ]
    return {"copies": copies}


def _edit(edit: Comparison | None) -> dict[str, Any]:
    """What an alert about an edit says more than others."""
    if edit is None:
        return {}
    paragraphs = [
        {"op": one.op, "before": one.before, "after": one.after, "runs": _runs(one.runs)}
        for one in edit.paragraphs
    ]
    return {
        "edit": {
            "kinds": [kind.value for kind in edit.kinds],
            "materiality": edit.materiality,
            "title": _runs(edit.title),
            "paragraphs": paragraphs,
            "left_out": edit.left_out,
        }
    }


def _runs(runs: Sequence[Run]) -> list[dict[str, str]]:
    return [{"op": run.op, "text": run.text} for run in runs]


def secret_key(secret: str) -> bytes:
    """The signing key of a ``whsec_…`` secret. Raises ValueError, without naming the secret."""
    prefix, _, encoded = secret.partition("_")
    try:
        key = base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise ValueError("the secret is not whsec_ and base64") from error
    if prefix != "whsec" or not key:
        raise ValueError("the secret is not whsec_ and base64")
    return key


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``; ``timestamp`` in Unix seconds."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


class WebhookChannel:
    """Posts to one URL."""

    def __init__(
        self,
        destination: Destination,
        settings: WebhookSettings,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``clock`` gives Unix seconds. Raises ConfigError for a URL or secret of no use."""
        self._destination = destination
        self._settings = settings
        self._clock = clock
        self._url = settings.url or ""
        self._client = Client()
        secret = settings.secret.get_secret_value() if settings.secret else None
        try:
            check_url(self._url)
            self._key = None if secret is None else secret_key(secret)
        except ValueError as error:
            raise ConfigError(f"webhook {destination.name}: {error}") from error
        self._headers = {name: value.get_secret_value() for name, value in settings.headers.items()}

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
        self._client.close()

    def send(self, message: Message, *, key: str) -> Receipt:
        """Accepted is any 2xx. The time stamp is that of the attempt, all else of the message."""
        body = payload(message, key=key)
        timestamp = int(self._clock())
        headers = CaseInsensitiveDict[str | bytes](
            {"Content-Type": "application/json", "User-Agent": f"press-monitor/{__version__}"}
        )
        # as bytes: http.client would refuse what is not Latin-1; ${ENV} may hold other bytes yet
        headers.update(
            {
                name: value.encode("utf-8", "surrogateescape")
                for name, value in self._headers.items()
            }
        )
        headers.update({"webhook-id": key, "webhook-timestamp": str(timestamp)})
        if self._key is not None:
            headers["webhook-signature"] = signature(self._key, key, timestamp, body)
        answer = self._client.post(
            self._url,
            body,
            headers,
            timeout=self._settings.timeout.total_seconds(),
            secrets=self._headers.values(),
        )
        return Receipt(str(answer.status))
