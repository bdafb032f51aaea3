"""One POST and its verdict, for every channel that speaks HTTP.

The verdict follows Standard Webhooks 1.0 (https://www.standardwebhooks.com): only 2xx is
success, a redirect is a failure, 408, 425, 429 and 5xx are worth another try, the other 4xx
are not. ``Retry-After`` (RFC 9110, section 10.2.3) is seconds or a date.
"""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http.client import HTTPException, HTTPMessage, HTTPResponse
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

import certifi
import requests

from monitor.channels.addresses import Guard
from monitor.channels.deadline import Countdown, explain
from monitor.channels.wire import Line, request
from monitor.channels.wording import quoted
from monitor.errors import DeliveryError

MAX_ANSWER = 64 * 1024  # bytes read of an answer
RETRYABLE = frozenset({408, 425, 429})
RETRY_AFTER = (1.0, 86_400.0)  # seconds; less or more than this is not believed

_PLAIN_TEXT = ("text/plain", "application/json", "application/problem+json")
_FAILURES = (HTTPException, OSError, ValueError)
_BROKEN = (ConnectionError, ssl.SSLError)  # as a connection looks that was closed while idle


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer: its status, the beginning of its body, and the ``Retry-After`` (s) that some
    send with a 200 which is none."""

    status: int
    body: bytes
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class _Target:
    """A URL in the parts that a request needs: ``host`` as it is looked up, ``name`` for ``Host``,
    ``login`` for ``Authorization`` where the URL has one."""

    secure: bool
    host: str
    port: int
    name: str
    path: str
    login: str | None

    @property
    def server(self) -> tuple[bool, str, int]:
        return self.secure, self.host, self.port


def origin(url: str) -> str:
    """``scheme://host:port`` of a URL: all of it that may be shown. A default port is left out."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or "?"
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def check_url(url: str, guard: Guard | None = None) -> None:
    """Raises ValueError, without naming the URL, where it can never be posted to."""
    try:
        _target(url)
    except (requests.RequestException, ValueError) as error:
        raise ValueError("not an address that can be posted to") from error
    if guard is not None:
        guard.check()


@lru_cache(maxsize=256)
def _target(url: str) -> _Target:
    """Raises requests.RequestException, ValueError."""
    prepared = requests.Request("POST", url).prepare()  # IDNA, percent-encoding
    parts = urlsplit(prepared.url or "")
    secure = parts.scheme == "https"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not http")
    host = parts.hostname
    bracketed = f"[{host}]" if ":" in host else host
    return _Target(
        secure,
        host,
        parts.port or (443 if secure else 80),
        f"{bracketed}:{parts.port}" if parts.port else bracketed,
        prepared.path_url,
        prepared.headers.get("Authorization"),
    )


class Client:
    """Posts, and keeps the connection for the next time; a context manager that gives it up.

    No proxy, no ``netrc``, no redirect, no cookie. A server is verified by the name in the URL,
    against the system's certificates and those of certifi. May be used by any thread, one after
    the other.
    """

    def __init__(self, guard: Guard | None = None) -> None:
        """``guard`` judges the addresses that the host leads to; None: all are good."""
        self._refusal = guard.refusal if guard else _no_refusal
        self._lock = threading.Lock()
        self._line: Line | None = None
        self._server: tuple[bool, str, int] | None = None
        self._context: ssl.SSLContext | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give up the connection that is kept, if any; a later ``post`` opens another."""
        with self._lock:
            line, self._line = self._line, None
        if line is not None:
            line.close()

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str | bytes],
        *,
        timeout: float,
        secrets: Collection[str] = (),
        most: int = MAX_ANSWER,
    ) -> Answer:
        """Post ``body``; ``timeout`` (s) bounds the whole exchange and ``most`` (bytes) what is
        read of the answer.

        What an error quotes of the answer has ``secrets``, their words and the parts of the URL
        blotted out. A kept connection that turns out to be closed, with nothing of an answer, is
        replaced and the request sent once more. Raises DeliveryError.
        """
        countdown = Countdown(timeout)
        with self._lock:
            try:
                response, answer = self._exchange(url, body, headers, countdown, most)
            except (*_FAILURES, requests.RequestException) as error:
                raise _unanswered(origin(url), countdown, error) from error
        if 200 <= answer.status < 300:
            return answer
        raise _refused(url, response.reason, response.headers, answer, secrets)

    def _exchange(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str | bytes],
        countdown: Countdown,
        most: int,
    ) -> tuple[HTTPResponse, Answer]:
        target = _target(url)
        fields: dict[str, str | bytes] = {"Host": target.name, "Accept-Encoding": "identity"}
        if target.login is not None:
            fields["Authorization"] = target.login
        text = request(target.path, [*fields.items(), *headers.items()], body)
        line, self._line = self._line, None
        if line is not None:
            if target.server == self._server and line.usable:
                try:
                    return self._ask(line, text, countdown, most)
                except _BROKEN:
                    if line.received:
                        raise
            else:
                line.close()
        line = self._open(target, countdown)
        return self._ask(line, text, countdown, most)

    def _open(self, target: _Target, countdown: Countdown) -> Line:
        if target.secure and self._context is None:
            self._context = ssl.create_default_context()
            self._context.load_verify_locations(certifi.where())
        self._server = target.server
        return Line.open(
            target.host,
            target.port,
            countdown,
            context=self._context if target.secure else None,
            refusal=self._refusal,
        )

    def _ask(
        self, line: Line, text: bytes, countdown: Countdown, most: int
    ) -> tuple[HTTPResponse, Answer]:
        """One exchange; the line is kept where it can take another, else closed."""
        try:
            with line.ask(text, countdown) as response:
                body = b""
                try:
                    body = _read(response, most)
                except _FAILURES:
                    response.will_close = True  # only its text is missing: the verdict has come
                whole = response.isclosed() and not response.length and not response.will_close
                if whole:
                    self._line = line
                wait = response.headers.get("Retry-After")
                return response, Answer(response.status, body, retry_after(wait, now=time.time()))
        finally:
            if self._line is not line:
                line.close()


def _no_refusal(address: str) -> str | None:
    return None


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str | bytes],
    *,
    timeout: float,
    secrets: Collection[str] = (),
    most: int = MAX_ANSWER,
) -> Answer:
    """``Client.post`` over a connection of its own."""
    with Client() as client:
        return client.post(url, body, headers, timeout=timeout, secrets=secrets, most=most)


def retry_after(value: str | None, *, now: float) -> float | None:
    """Seconds to wait as a ``Retry-After`` header asks for, clamped; None if it says nothing.

    ``now`` is in Unix seconds, for the form with a date.
    """
    text = (value or "").strip()
    if re.fullmatch("[0-9]+", text):
        seconds = float(text[:12])
    else:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return min(max(seconds, RETRY_AFTER[0]), RETRY_AFTER[1])


def _unanswered(where: str, countdown: Countdown, error: Exception) -> DeliveryError:
    if countdown.expired:
        return DeliveryError(f"{where}: no whole answer within {countdown.seconds:g} s")
    return DeliveryError(f"{where}: {explain(error)}")


def _refused(
    url: str, reason: str, headers: HTTPMessage, answer: Answer, secrets: Collection[str]
) -> DeliveryError:
    status = answer.status
    hidden = [*secrets, *_secret_parts(url)]
    hidden += [word for secret in secrets for word in re.split("[\\s;,=]+", secret)]
    text = f"{origin(url)} answered {status} {quoted(reason, hidden, 60)}".rstrip()
    if 300 <= status < 400:
        if location := headers.get("Location"):
            text += f" (a redirect to {origin(location)}, which is not followed)"
    elif headers.get("Content-Type", "").split(";")[0].strip().lower() in _PLAIN_TEXT:
        said = quoted(answer.body.decode("utf-8", "replace"), hidden)
        text += f": {said}" if said else ""
    gone = status == 410
    permanent = 300 <= status < 500 and status not in RETRYABLE and not gone
    wait = None if permanent or gone else answer.retry_after
    return DeliveryError(text, permanent=permanent, retry_after=wait, gone=gone)


def _read(response: HTTPResponse, most: int) -> bytes:
    """At most ``most`` bytes, as they come: nothing that is packed is unpacked, for it could
    grow a thousandfold."""
    kept = bytearray()
    while len(kept) < most:
        chunk = response.read(most - len(kept))
        if not chunk:
            break
        kept += chunk
    return bytes(kept)


def _secret_parts(url: str) -> list[str]:
    """The parts of a URL that may hold a token, as they could be echoed."""
    try:
        parts = urlsplit(url)
        userinfo = parts.netloc.rpartition("@")[0]
    except ValueError:
        return [url]
    found = [parts.path, parts.query, userinfo, *userinfo.split(":")]
    found += parts.path.split("/") + re.split("[&=]", parts.query)
    both = {form for part in found for form in (part, unquote(part))}
    return [part for part in both if len(part) > 3]
