"""Who may ask, and what a browser may do with the answer. Pure decisions."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""For every answer. Pages hold other people's text; nothing in it may run or load anything."""

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+)(?::\d{1,5})?")


def host_allowed(header: str, *, bound: str, base_url: str | None) -> bool:
    """Whether a request with this ``Host`` header is meant for us.

    A server that listens on loopback only trusts whoever reaches it. A web site the user visits
    can reach it too, by a DNS name of its own that it points at 127.0.0.1 (DNS rebinding); then
    the header holds that name. Addresses, ``localhost``, ``bound`` and the name in ``base_url``
    cannot be such a name. A server on another address is meant to be reached by names we cannot
    know, so there everything is allowed.
    """
    if not _is_loopback(bound):
        return True
    found = _HOST.fullmatch(header)
    if not found:
        return False
    name = found[1].strip("[]").lower().rstrip(".")
    known = {"localhost", bound.lower()}
    if base_url and (public := urlsplit(base_url).hostname):
        known.add(public)
    return name in known or _is_address(name)


def cross_site(
    *, fetch_site: str | None, origin: str | None, host: str, base_url: str | None
) -> bool:
    """Whether a browser sends this request on behalf of another site.

    By Fetch Metadata (``Sec-Fetch-Site``) and, for older browsers, ``Origin`` against ``Host``.
    Programs such as curl send neither of the two (None) and may ask.
    """
    if fetch_site not in (None, "same-origin", "none"):
        return True
    if origin is None:
        return False
    own = {host.lower()}
    if base_url:
        own.add(urlsplit(base_url).netloc.lower())
    scheme, found, authority = origin.lower().partition("://")
    return not found or scheme not in ("http", "https") or authority not in own


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
