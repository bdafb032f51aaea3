"""Webhook: one JSON document by POST, signed as Standard Webhooks 1.0 where a secret is set.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from monitor import __version__
from monitor.channels.addresses import Guard
from monitor.channels.event import document
from monitor.channels.http import Client, check_url
from monitor.channels.outlet import Outlet
from monitor.config import WebhookSettings
from monitor.errors import ConfigError
from monitor.model import Destination, Message, Receipt


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


def signatures(keys: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``: one for each key, so that a receiver may have either
    while they are changed; ``timestamp`` in Unix seconds."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    found = (base64.b64encode(hmac.digest(key, signed, hashlib.sha256)) for key in keys)
    return " ".join(f"v1,{one.decode()}" for one in found)


class WebhookChannel(Outlet):
    """Posts to one URL."""

    def __init__(
        self,
        destination: Destination,
        settings: WebhookSettings,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``clock`` gives Unix seconds. Raises ConfigError for a URL or secret of no use, and for
        an address to which nothing is sent."""
        super().__init__(destination, settings.max_items, settings.min_interval)
        self._settings = settings
        self._clock = clock
        self._url = settings.url or ""
        secrets = [settings.secret] if settings.secret else []
        try:
            check_url(self._url)
            guard = Guard(urlsplit(self._url).hostname or "", settings.allow_addresses)
            guard.check()
            keys = [secret_key(one.get_secret_value()) for one in secrets]
            keys += [secret_key(one.get_secret_value()) for one in settings.previous_secrets or ()]
        except ValueError as error:
            raise ConfigError(f"webhook {destination.name}: {error}") from error
        self._keys = list(dict.fromkeys(keys))
        self._client = Client(guard)
        self._secrets = [value.get_secret_value() for value in settings.headers.values()]
        # as bytes: HTTP's own Latin-1 would refuse the rest; ${ENV} may hold other bytes yet
        self._headers: dict[str, str | bytes] = {
            name: value.get_secret_value().encode("utf-8", "surrogateescape")
            for name, value in settings.headers.items()
        }

    def close(self) -> None:
        self._client.close()

    def send(self, message: Message, *, key: str) -> Receipt:
        """Accepted is any 2xx. The time stamp is that of the attempt, all else of the message."""
        body = document(message, key=key)
        timestamp = int(self._clock())
        own = {"webhook-id": key, "webhook-timestamp": str(timestamp)}
        if self._keys:
            own["webhook-signature"] = signatures(self._keys, key, timestamp, body)
        answer = self._client.post(
            self._url,
            body,
            {
                "Content-Type": "application/json",
                "User-Agent": f"press-monitor/{__version__}",
                **self._headers,
                **own,
            },
            timeout=self._settings.timeout.total_seconds(),
            secrets=self._secrets,
        )
        return Receipt(str(answer.status))
