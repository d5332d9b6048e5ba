"""Fetching what an author's address names, without being led to an address inside our own network."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

MAX_REDIRECTS = 3
CONNECT_S = 10.0
HOST = re.compile(r"[a-z0-9]([a-z0-9._-]{0,252}[a-z0-9])?")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
TOTAL_S = 30.0  # a message waits in its conversation's queue while its picture is fetched


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file from an author's address."""

    data: bytes
    mime: str


class PrivateAddress(OSError):
    """The name has no address that may be called."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Which addresses may be called: public ones, and what the operator allows beside them."""

    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    hosts: frozenset[str] = frozenset()

    @staticmethod
    def of(allowed: str) -> Guard:
        """The guard of a list of networks, addresses and host names, by commas. Raises ValueError for what is none of these.

        >>> Guard.of("10.1.0.0/16, booking.internal").allows("booking.internal", "192.168.0.7")
        True
        """
        networks, hosts = [], set()
        for part in filter(None, (each.strip().lower() for each in allowed.split(","))):
            try:
                networks.append(ipaddress.ip_network(part))
            except ValueError:
                if "/" in part or not HOST.fullmatch(part):
                    raise ValueError(f"{part!r} is no network, address or host name") from None
                hosts.add(part)
        return Guard(tuple(networks), frozenset(hosts))

    def allows(self, host: str, address: str) -> bool:
        """True if this address, to which the host's name led, may be called."""
        if _is_public(address) or host.lower().rstrip(".") in self.hosts:
            return True
        found = _plain(ipaddress.ip_address(address.split("%")[0]))
        return any(found in network for network in self.networks)


NOTHING_PRIVATE = Guard()


class PublicResolver(AbstractResolver):
    """Resolves names to addresses that may be called; checked where the connection is made, so no later answer can differ."""

    def __init__(self, guard: Guard = NOTHING_PRIVATE) -> None:
        self._resolver = DefaultResolver()
        self._guard = guard

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        allowed = [result for result in found if self._guard.allows(host, result["host"])]
        if not allowed:
            raise PrivateAddress(f"{host} has no public address")
        return allowed

    async def close(self) -> None:
        await self._resolver.close()


def public_session(guard: Guard = NOTHING_PRIVATE) -> aiohttp.ClientSession:
    """A session for addresses that authors wrote: public addresses and allowed ones only, no cookies. The caller closes it."""
    connector = aiohttp.TCPConnector(resolver=PublicResolver(guard), keepalive_timeout=15.0, limit=50)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


async def fetch_file(session: aiohttp.ClientSession, url: str, limit: int, *, public: bool = True) -> Fetched | None:
    """The file behind an http(s) address, at most `limit` bytes; None if it can't be had. Never raises.

    `public` refuses addresses written as a private IP number, which no resolver sees.
    """
    try:
        for _ in range(MAX_REDIRECTS + 1):
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname or (public and is_private_literal(parts.hostname)):
                return None
            timeout = aiohttp.ClientTimeout(total=TOTAL_S, connect=CONNECT_S)
            async with session.get(url, allow_redirects=False, timeout=timeout) as answer:
                if answer.status in (301, 302, 303, 307, 308):
                    url = urljoin(url, answer.headers.get("Location", ""))
                    continue
                if answer.status != 200:
                    return None
                data = await read_bounded(answer, limit)
                return None if data is None else Fetched(data, answer.content_type)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return None
    return None


async def read_bounded(answer: aiohttp.ClientResponse, limit: int) -> bytes | None:
    """The body of an answer; None if it is longer than `limit` bytes."""
    if (answer.content_length or 0) > limit:
        return None
    parts: list[bytes] = []
    size = 0
    async for part in answer.content.iter_chunked(65536):
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
    return b"".join(parts)


def is_private_literal(host: str, guard: Guard = NOTHING_PRIVATE) -> bool:
    """True for a host that is written as an IP number which may not be called: no resolver sees it."""
    try:
        ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return False
    return not guard.allows(host, host)


def _is_public(address: str) -> bool:
    found = _plain(ipaddress.ip_address(address.split("%")[0]))
    return found.is_global and not found.is_multicast


def _plain(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address that an IPv6 one only wraps: mapped, 6to4, or behind a NAT64."""
    if isinstance(found, ipaddress.IPv4Address):
        return found
    if found in NAT64:
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour or found
