"""Which addresses a message may go to: the guard against posting into one's own network.

Whoever chooses where a name leads chooses what the monitor posts to: the metadata service of a
cloud, a database with an HTTP port, a router. So an address counts only where the public Internet
routes it, and it is the address itself that is judged, not the way it is written: ``127.1``,
``0x7f000001`` and ``2130706433`` are all loopback (server-side request forgery, OWASP's SSRF
prevention cheat sheet; the registries of special addresses are RFC 6890 and its successors).
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address

OPENLY_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that whoever writes them means to be this machine."""

_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that is routed of IPv6
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits
_SHARED = IPv4Network("100.64.0.0/10")  # RFC 6598: between carriers and their customers
# Azure's agent answers every virtual machine under this one, which looks public.
_METADATA = frozenset({IPv4Address("168.63.129.16")})


def special(address: Address) -> str | None:
    """``loopback``, ``link-local``, ``private``, ...; None for one of the public Internet."""
    inner = _inner(address)
    if inner.is_unspecified:
        return "unspecified"
    if inner.is_loopback:
        return "loopback"
    if inner.is_link_local:
        return "link-local"
    if inner.is_multicast:
        return "multicast"
    if inner in _METADATA:
        return "metadata"
    if isinstance(inner, IPv4Address) and inner in _SHARED:
        return "shared"
    routed = isinstance(inner, IPv4Address) or inner in _GLOBAL_UNICAST
    return None if inner.is_global and routed else "private"


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it does: mapped, translated, 6to4."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.sixtofour or address


class Guard:
    """Judges the addresses that one host leads to. ``allow`` are networks, addresses and names of
    hosts, in their usual notation."""

    def __init__(self, host: str, allow: Collection[str] = ()) -> None:
        """``host`` is that of the URL, without brackets."""
        self._host = _plain(host)
        self._networks: list[IPv4Network | IPv6Network] = []
        names = set()
        for entry in allow:
            try:
                self._networks.append(ip_network(entry))
            except ValueError:
                names.add(_plain(entry))
        self._trusted = self._host in names

    def refusal(self, address: str) -> str | None:
        """Why nothing is sent to this address, in words without the host; None: it may be.

        ``address`` is numeric, as ``getaddrinfo`` gives it.
        """
        found = ip_address(address)
        what = special(found)
        if what is None or self._trusted:
            return None
        if what == "loopback" and self._host in OPENLY_LOCAL:
            return None
        # a zone (fe80::1%eth0) says by which interface, not which address
        forms = {_inner(found), ip_address(address.partition("%")[0])}
        if any(form in network for form in forms for network in self._networks):
            return None
        return f"it leads to {found}, a {what} address (allow_addresses can allow it)"

    def check(self) -> None:
        """Raises ValueError where the host is itself an address, in any notation, to which nothing
        is sent: no look-up can change that."""
        try:
            infos = socket.getaddrinfo(self._host, None, flags=socket.AI_NUMERICHOST)
        except (OSError, UnicodeError):
            return  # a name
        for *_, address in infos:
            if reason := self.refusal(str(address[0])):
                raise ValueError(reason)


def _plain(host: str) -> str:
    return host.lower().rstrip(".")
