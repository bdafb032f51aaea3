"""Which addresses are inside, however they are written."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.channels.addresses import Guard, special

INSIDE = {
    "0.0.0.0": "unspecified",
    "::": "unspecified",
    "127.0.0.1": "loopback",
    "127.255.0.1": "loopback",
    "::1": "loopback",
    "::ffff:127.0.0.1": "loopback",
    "64:ff9b::7f00:1": "loopback",
    "2002:7f00:1::": "loopback",
    "169.254.169.254": "link-local",
    "::ffff:a9fe:a9fe": "link-local",
    "64:ff9b::169.254.169.254": "link-local",
    "fe80::1": "link-local",
    "224.0.0.1": "multicast",
    "ff02::1": "multicast",
    "168.63.129.16": "metadata",
    "100.64.0.1": "shared",
    "100.100.100.200": "shared",
    "10.0.0.1": "private",
    "172.16.0.1": "private",
    "192.168.1.1": "private",
    "192.0.0.192": "reserved",
    "0.1.2.3": "reserved",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "fd00:ec2::254": "private",
    "fec0::1": "private",
    "::7f00:1": "reserved",
    "64:ff9b:1::1": "reserved",
    "2001::1": "reserved",
    "4000::1": "reserved",
}
OUTSIDE = ["8.8.8.8", "1.1.1.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111"]
OUTSIDE += ["::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]


@pytest.mark.parametrize(("address", "kind"), INSIDE.items())
def test_what_is_inside(address, kind):
    """The registries of special addresses, and IPv6 that stands for one of them."""
    assert special(ip_address(address)) == kind
    assert kind in str(Guard("example.org").refusal(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_outside(address):
    """Also what only stands for a public address: a network without IPv4 translates all of it."""
    assert special(ip_address(address)) is None
    assert Guard("example.org").refusal(address) is None


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
@example(IPv4Address("100.64.0.0"))
def test_ipv6_hides_no_ipv4(address):
    """Whatever an address is, it is that in every notation which leads to it."""
    number = int(address)
    kind = special(address)
    for form in (
        IPv6Address((0xFFFF << 32) | number),
        IPv6Address((0x64FF9B << 96) | number),
        IPv6Address((0x2002 << 112) | (number << 80)),
    ):
        assert special(form) == kind


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_every_ipv6_address_has_a_verdict(address):
    """And of those outside the routed part all are inside, but for what stands for IPv4."""
    kind = special(address)
    if kind is None:
        routed = int(address) >> 125 == 1
        assert routed or address.ipv4_mapped is not None or int(address) >> 32 == 0x64FF9B << 64


@pytest.mark.parametrize(
    ("host", "address", "good"),
    [
        ("localhost", "127.0.0.1", True),
        ("LocalHost.", "::1", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("::1", "::1", True),
        ("localhost", "10.0.0.1", False),
        ("app.localhost", "127.0.0.1", False),
        ("127.1", "127.0.0.1", False),
        ("0", "0.0.0.0", False),
        ("0x7f000001", "127.0.0.1", False),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1", False),
    ],
)
def test_this_machine_is_what_is_openly_called_so(host, address, good):
    """A name that leads here, or an address in disguise, is not what somebody meant to write."""
    assert (Guard(host).refusal(address) is None) is good


@pytest.mark.parametrize(
    ("allow", "host", "address", "good"),
    [
        (["10.0.0.0/8"], "a.example", "10.1.2.3", True),
        (["10.0.0.0/8"], "a.example", "::ffff:10.1.2.3", True),
        (["10.0.0.0/8"], "a.example", "11.1.2.3", True),
        (["10.0.0.0/8"], "a.example", "192.168.0.1", False),
        (["169.254.169.254"], "a.example", "169.254.169.254", True),
        (["fd00::/8"], "a.example", "fd00::1", True),
        (["fe80::/10"], "a.example", "fe80::1%eth0", True),
        ([], "a.example", "fe80::1%eth0", False),
        (["Intranet.example"], "intranet.EXAMPLE.", "10.0.0.1", True),
        (["intranet.example"], "sub.intranet.example", "10.0.0.1", False),
    ],
)
def test_what_is_allowed(allow, host, address, good):
    """Networks, addresses, and names for whatever they lead to."""
    assert (Guard(host, allow).refusal(address) is None) is good


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f000001", "2130706433", "0", "0177.0.0.1", "10.0.0.1", "fd00::1"]
)
def test_an_address_inside_is_found_without_a_look_up(host):
    """In every form that the system's resolver takes."""
    with pytest.raises(ValueError, match="it leads to"):
        Guard(host).check()
    Guard(host, ["0.0.0.0/0", "::/0"]).check()


@pytest.mark.parametrize(
    "host", ["example.org", "localhost", "127.0.0.1", "::1", "8.8.8.8", "a..b"]
)
def test_names_are_judged_when_they_are_looked_up(host):
    """Not before; and what is openly here, or outside, may be."""
    Guard(host).check()
