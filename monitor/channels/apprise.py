"""Apprise: one more library of ways out, for the hundred services that it knows.

https://github.com/caronc/apprise. An optional extra; it runs in a process of its own, see
``apprise_run``.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

from monitor.channels import apprise_run, wording
from monitor.channels.http import RETRYABLE
from monitor.channels.outlet import Outlet
from monitor.channels.process import Ended, environment, run
from monitor.channels.templates import Words
from monitor.config import AppriseSettings
from monitor.errors import ConfigError, DeliveryError
from monitor.model import Alert, Destination, Message, Receipt

_PROGRAM = Path(apprise_run.__file__)
_CHECK = 30.0  # seconds to look at an address
_EXCERPT = 300
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
_STATUS = re.compile(r"\berror=([0-9]{3})\b")  # as nearly all of Apprise's services log it
# What some services would take for a call to everybody; a word joiner behind the sign hides it.
_CALL = re.compile(r"@(?=(?:here|channel|everyone|all)\b)", re.IGNORECASE)


def texts(message: Message, words: Words | None = None) -> tuple[str, Sequence[str]]:
    """The title and, for each alert, a few lines of plain text, in ``words`` where they have some;
    at the end what is to be said of the words."""
    said = (words or Words()).said(message)
    title = " ".join(wording.clean(said.text("title") or "").split())
    items = [
        _article(alert) if own is None else own.strip()
        for alert, own in zip(message.alerts, said.texts("body"), strict=True)
    ]
    title = title or wording.subject(message)
    return _quiet(title), [_quiet(item) for item in filter(None, [*items, *said.notes])]


def _article(alert: Alert) -> str:
    rules = wording.listed(alert.rules)
    kind = wording.label(alert) + (f": {rules}" if rules else "")
    lines = [wording.title(alert), f"{kind} · {wording.facts(alert)}", wording.change(alert)]
    lines.append("".join(text for text, _ in wording.excerpt(alert, _EXCERPT)))
    lines += [f"{wording.BEFORE}: {what}" for what, _ in wording.earlier(alert)]
    lines += [f"{wording.ALSO} {what}" for what, _ in wording.copies(alert, 2)]
    return "\n".join(filter(None, [*lines, wording.clean(alert.url)]))


def _quiet(text: str) -> str:
    return _CALL.sub("@\u2060", text)


class AppriseChannel(Outlet):
    """Sends to one of Apprise's addresses; all of it is the secret."""

    def __init__(
        self, destination: Destination, settings: AppriseSettings, words: Words | None = None
    ) -> None:
        """Raises ConfigError where Apprise is not there, or makes nothing of the address."""
        super().__init__(destination, settings.max_items, settings.min_interval)
        self._settings = settings
        self._words = words
        self._url = settings.url.get_secret_value() if settings.url else ""
        scheme = self._url.partition("://")[0].lower()
        self._where = f"apprise {scheme}" if re.fullmatch("[a-z0-9]{1,20}", scheme) else "apprise"
        name = f"apprise {destination.name}"
        if importlib.util.find_spec("apprise") is None:
            raise ConfigError(f"{name}: Apprise is missing: pip install 'press-monitor[apprise]'")
        try:
            ended = self._run({"check": True}, _CHECK)
        except OSError as error:
            raise ConfigError(f"{name}: cannot be run: {error.strerror}") from error
        if ended.status and not ended.late:
            said = self._said(ended) or "not an address that Apprise knows"
            raise ConfigError(f"{name}: {said}")

    def send(self, message: Message, *, key: str) -> Receipt:
        """Accepted is what Apprise says was; of an address with several targets: by all."""
        title, items = texts(message, self._words)
        timeout = self._settings.timeout.total_seconds()
        order = {"check": False, "title": title, "items": items, "more": max(message.more, 0)}
        try:
            ended = self._run(order | {"timeout": timeout}, timeout)
        except OSError as error:
            raise DeliveryError(f"{self._where}: cannot be run: {error.strerror}") from error
        if ended.late:
            raise DeliveryError(f"{self._where}: no whole answer within {timeout:g} s")
        if ended.status:
            said = self._said(ended) or f"not sent (status {ended.status})"
            raise DeliveryError(f"{self._where}: {said}", permanent=final(ended.said))
        return Receipt("sent")

    def _run(self, order: dict[str, object], timeout: float) -> Ended:
        """Raises OSError."""
        inherited = {name: os.environ[name] for name in _CERTIFICATES if name in os.environ}
        return run(
            # isolated: no modules from the folder of the program, nor from where we run
            [sys.executable, "-I", "-B", "-X", "utf8", str(_PROGRAM)],
            json.dumps(order | {"url": self._url}).encode("ascii"),
            timeout=timeout,
            env=environment(inherited),
        )

    def _said(self, ended: Ended) -> str:
        """Why it failed, without anything of the address but its kind."""
        parts = re.split(r"[/:@?&=#,;\s]+", self._url.partition("://")[2])
        return wording.quoted(ended.said, {self._url, *parts, *map(unquote, parts)})


def final(said: str) -> bool:
    """Whether what Apprise logged is an HTTP status that says no for good."""
    found = _STATUS.search(said)
    return found is not None and 300 <= int(found[1]) < 500 and int(found[1]) not in RETRYABLE
