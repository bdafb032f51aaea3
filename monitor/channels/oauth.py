"""Access tokens for a login by OAuth 2.0 (RFC 6749): by a refresh token, else in our own name."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from urllib.parse import urlencode

from monitor.channels.http import origin, post
from monitor.config.mail import OAuth2Settings
from monitor.errors import DeliveryError

_SPARE = 60.0  # seconds before its end at which a token is no longer used
_LIFETIME = 3_600.0  # seconds, where the server does not say (RFC 6749, section 5.1: it should)
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")


class TokenSource:
    """Fetches a token where there is none, or none for much longer. For any thread."""

    def __init__(
        self, settings: OAuth2Settings, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._until = 0.0
        self.current = ""
        """The token in use; empty where there is none."""

    def get(self, timeout: float) -> str:
        """A token that is good for a while, fetched within ``timeout`` (s) if need be. Raises
        DeliveryError, never a permanent one: the settings can be mended."""
        with self._lock:
            if not self.current or self._monotonic() >= self._until:
                self.current, lifetime = self._fetch(timeout)
                self._until = self._monotonic() + lifetime - _SPARE
            return self.current

    def forget(self) -> None:
        """The token was refused: the next one asked for is another."""
        with self._lock:
            self._until = 0.0

    def _fetch(self, timeout: float) -> tuple[str, float]:
        settings = self._settings
        secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
        refresh = settings.refresh_token.get_secret_value() if settings.refresh_token else ""
        form = {
            "grant_type": "refresh_token" if refresh else "client_credentials",
            "client_id": settings.client_id,
            "client_secret": secret,
            "refresh_token": refresh,
            "scope": settings.scope or "",
        }
        where = origin(settings.token_url)
        try:
            answer = post(
                settings.token_url,
                urlencode({name: value for name, value in form.items() if value}).encode(),
                {
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Accept": "application/json",
                },
                timeout=timeout,
                secrets=[one for one in (secret, refresh) if one],
            )
        except DeliveryError as error:
            raise DeliveryError(
                f"no access token: {error}", retry_after=error.retry_after
            ) from error
        try:
            told = json.loads(answer.body)
            token, lifetime = told["access_token"], told.get("expires_in", _LIFETIME)
            seconds = float(lifetime)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise DeliveryError(f"no access token: {where} answered with none") from error
        if not isinstance(token, str) or _TOKEN.fullmatch(token) is None:
            raise DeliveryError(f"no access token: {where} answered with one of no use")
        return token, seconds if seconds > 0 else _LIFETIME
