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

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits
_ROUTED = IPv6Network("2000::/3")  # all that is given out of IPv6

# The registries of IANA, in the most telling order; ``ipaddress`` has them too, in each version of
# Python others.
_SPECIAL: tuple[tuple[str, tuple[IPv4Network | IPv6Network, ...]], ...] = tuple(
    (kind, tuple(map(ip_network, networks)))
    for kind, networks in (
        ("unspecified", ("0.0.0.0/32", "::/128")),
        ("loopback", ("127.0.0.0/8", "::1/128")),
        ("link-local", ("169.254.0.0/16", "fe80::/10")),
        ("multicast", ("224.0.0.0/4", "ff00::/8")),
        # Azure's agent answers every virtual machine under this one, which looks public.
        ("metadata", ("168.63.129.16/32",)),
        ("shared", ("100.64.0.0/10",)),  # between carriers and their customers
        ("private", ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10")),
        ("reserved", ("0.0.0.0/8", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15")),
        ("reserved", ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4")),
        ("reserved", ("2001::/23", "2001:db8::/32", "3fff::/20")),
    )
)


def special(address: Address) -> str | None:
    """``loopback``, ``link-local``, ``private``, ...; None for one of the public Internet."""
    inner = _inner(address)
    for kind, networks in _SPECIAL:
        if any(inner in network for network in networks):
            return kind
    return None if isinstance(inner, IPv4Address) or inner in _ROUTED else "reserved"


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
        article = "an" if what.startswith("u") else "a"
        return f"it leads to {found}, {article} {what} address (allow_addresses can allow it)"

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
