"""One POST and its verdict, for every channel that speaks HTTP.

The verdict follows Standard Webhooks 1.0 (https://www.standardwebhooks.com): only 2xx is
success, a redirect is a failure, 408, 425, 429 and 5xx are worth another try, the other 4xx
are not. ``Retry-After`` (RFC 9110, section 10.2.3) is seconds or a date.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from monitor.channels.deadline import Deadline, connect, explain
from monitor.channels.wording import quoted
from monitor.errors import DeliveryError

MAX_ANSWER = 64 * 1024  # bytes read of an answer
RETRYABLE = frozenset({408, 425, 429})
RETRY_AFTER = (1.0, 86_400.0)  # seconds; less or more than this is not believed

_PLAIN_TEXT = ("text/plain", "application/json", "application/problem+json")
_FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer: its status, the beginning of its body, and the ``Retry-After`` (s) that some
    send with a 200 which is none."""

    status: int
    body: bytes
    retry_after: float | None = None


def origin(url: str) -> str:
    """``scheme://host:port`` of a URL: all of it that may be shown. A default port is left out."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or "?"
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def check_url(url: str) -> None:
    """Raises ValueError, without naming the URL, where it can never be posted to."""
    try:
        requests.Request("POST", url).prepare()
    except (requests.RequestException, ValueError) as error:
        raise ValueError("not an address that can be posted to") from error


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str | bytes],
    *,
    timeout: float,
    secrets: Collection[str] = (),
    most: int = MAX_ANSWER,
) -> Answer:
    """Post ``body`` over a connection of its own; ``timeout`` (s) bounds the whole exchange and
    ``most`` (bytes) what is read of the answer.

    No proxy, no ``netrc``, no redirect, no cookie, no hidden retry. The server is verified
    against the system's certificates and those that come with requests. What an error quotes
    of the answer has ``secrets``, their words and the parts of the URL blotted out. Raises
    DeliveryError.
    """
    where = origin(url)
    hidden = [*secrets, *_secret_parts(url)]
    hidden += [word for secret in secrets for word in re.split("[\\s;,=]+", secret)]
    with Deadline(timeout) as deadline, requests.Session() as session:
        session.trust_env = False
        session.mount("https://", _Adapter(deadline))
        session.mount("http://", _Adapter(deadline))
        session.headers.clear()
        try:
            response = session.post(
                url,
                data=body,
                headers={"Accept-Encoding": "identity", "Connection": "close", **headers},
                timeout=timeout,
                stream=True,
                allow_redirects=False,
            )
        except _FAILURES as error:
            raise _unanswered(where, deadline, error) from error
        with response:
            if deadline.expired:  # a head that ends with the connection passes for a whole one
                raise _unanswered(where, deadline, TimeoutError())
            try:
                answer = Answer(response.status_code, _read(response, most), _asked(response))
            except _FAILURES as error:
                # The status has come, and with it the verdict; only its text is missing.
                answer = Answer(response.status_code, b"")
                if 200 <= answer.status < 300:
                    return answer
                raise _refused(where, response, answer, hidden) from error
    if 200 <= answer.status < 300:
        return answer
    raise _refused(where, response, answer, hidden)


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


def _unanswered(where: str, deadline: Deadline, error: Exception) -> DeliveryError:
    if deadline.expired:
        return DeliveryError(f"{where}: no whole answer within {deadline.seconds:g} s")
    return DeliveryError(f"{where}: {explain(error)}")


def _refused(
    where: str, response: requests.Response, answer: Answer, secrets: Collection[str]
) -> DeliveryError:
    status, headers = answer.status, response.headers
    text = f"{where} answered {status} {quoted(response.reason or '', secrets, 60)}".rstrip()
    if 300 <= status < 400:
        if location := headers.get("Location"):
            text += f" (a redirect to {origin(location)}, which is not followed)"
    elif headers.get("Content-Type", "").split(";")[0].strip().lower() in _PLAIN_TEXT:
        said = quoted(answer.body.decode("utf-8", "replace"), secrets)
        text += f": {said}" if said else ""
    temporary = status >= 500 or status in RETRYABLE
    return DeliveryError(
        text,
        permanent=not temporary,
        retry_after=_asked(response) if temporary else None,
    )


def _asked(response: requests.Response) -> float | None:
    return retry_after(response.headers.get("Retry-After"), now=time.time())


def _read(response: requests.Response, most: int) -> bytes:
    """At most ``most`` bytes; what is more is left unread and the connection closed."""
    kept = bytearray()
    while len(kept) < most:
        # not decoded: an answer packed with gzip could grow a thousandfold
        chunk = response.raw.read(most - len(kept), decode_content=False)
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


class _Adapter(HTTPAdapter):
    """Opens connections that a deadline watches over."""

    def __init__(self, deadline: Deadline) -> None:
        self._plain, self._secure = _connections(deadline)
        super().__init__(max_retries=0)

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] == "https":
            pool["ssl_context"] = ssl.create_default_context()
        return host, pool

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
        if isinstance(pool, HTTPSConnectionPool):
            pool.ConnectionCls = self._secure
        elif isinstance(pool, HTTPConnectionPool):
            pool.ConnectionCls = self._plain
        return pool


def _connections(deadline: Deadline) -> tuple[type[HTTPConnection], type[HTTPSConnection]]:
    """Connection classes bound to a deadline; urllib3 makes the connections itself."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self._dns_host, self.port, deadline)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self._dns_host, self.port, deadline)

    return Plain, Secure
