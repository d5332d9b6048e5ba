"""From which address a visitor comes, as far as it can be believed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

IPV6_PREFIX = 64
"""One customer of a provider gets at least this network (RFC 6177), so single addresses in it count together."""


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks such as 10.0.0.0/8 or 127.0.0.1. Raises ValueError."""
    return tuple(ip_network(text.strip(), strict=False) for text in texts)


def client_address(remote: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The visitor's address as a key for limits: an IPv4 address or an IPv6 network; "" where there is none.

    `X-Forwarded-For` is read from its end, as long as trusted proxies wrote it: everything before is the visitor's own claim.

    >>> client_address("10.0.0.2", ["6.6.6.6, 203.0.113.9, 10.0.0.1"], read_networks(["10.0.0.0/8"]))
    '203.0.113.9'
    >>> client_address("203.0.113.9", ["6.6.6.6"], read_networks(["10.0.0.0/8"]))
    '203.0.113.9'
    """
    address = _read(remote or "")
    for part in reversed([part for header in forwarded for part in header.split(",")]):
        if address is None or not any(address in network for network in trusted):
            break
        address = _read(part.strip()) or address
    if isinstance(address, IPv6Address):
        return str(ip_network((address, IPV6_PREFIX), strict=False))
    return "" if address is None else str(address)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.split("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
