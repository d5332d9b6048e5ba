"""Fetching what an author's address names, without being led to an address inside our own network."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

MAX_REDIRECTS = 3
CONNECT_S = 10.0
TOTAL_S = 30.0  # a message waits in its conversation's queue while its picture is fetched


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file from an author's address."""

    data: bytes
    mime: str


class PrivateAddress(OSError):
    """A name leads to private addresses only."""


Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]
"""Networks beyond the public ones that an operator allows."""


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only; checked where the connection is made, so no later answer can differ."""

    def __init__(self, allow: Networks = ()) -> None:
        self._allow = allow
        self._resolver = DefaultResolver()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        public = [result for result in found if _is_public(result["host"], self._allow)]
        if not public:
            raise PrivateAddress(f"{host} has no public address")
        return public

    async def close(self) -> None:
        await self._resolver.close()


def public_session(allow: Networks = ()) -> aiohttp.ClientSession:
    """A session for addresses that authors wrote: public addresses and allowed ones only, no cookies. The caller closes it."""
    connector = aiohttp.TCPConnector(resolver=PublicResolver(allow), keepalive_timeout=15.0, limit=50)
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


def is_private_literal(host: str, allow: Networks = ()) -> bool:
    """True for a host that is written as an IP number of a private network, which no resolver sees, and isn't allowed."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return not _is_public(host, allow)


def _is_public(address: str, allow: Networks = ()) -> bool:
    found = ipaddress.ip_address(address.split("%")[0])
    meant = getattr(found, "ipv4_mapped", None) or found
    return (meant.is_global and not meant.is_multicast) or any(meant in network for network in allow)
