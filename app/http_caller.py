"""Makes the calls of Call API: one request for each try, its secrets filled in at the last moment, its answer bounded.

What may be called `channels.outside.Guard` says, of the address to which each connection is really made. Nothing of a secret is
kept: not in errors, which are our own words, and not in an answer that repeats it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import aiohttp
import orjson

from api.hooks.call import callback_address
from api.services import Store
from app.http_answer import TooLarge, masked, read_answer, retry_after
from app.network import network_words
from channels.outside import CONNECT_S, Guard, PrivateAddress, PublicResolver, is_private_literal
from crm.secrets import note_secret_use, open_secrets
from engine.runtime.protocol import CallAnswer, CallClaim, CallFailed, Clock
from storage.secret import SecretBox, UnreadableSecret

MAX_REDIRECTS = 5
MAX_TIMEOUT = 45.0
"""Seconds for one try: below the time after which the caller gives it back."""
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses by which a server says that it can't now."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SECRET = "secret."
OURS = frozenset({"host", "content-length", "transfer-encoding", "accept-encoding", "connection"})
"""Headers that belong to the line, not to the author."""
IDLE_S = 15.0
CONNECTIONS, TO_ONE_HOST = 100, 20


def calling_session(guard: Guard) -> aiohttp.ClientSession:
    """A session for addresses that authors wrote: no cookies, no unpacking, and only where the guard lets it. Close it."""
    connector = aiohttp.TCPConnector(
        resolver=PublicResolver(guard), keepalive_timeout=IDLE_S, limit=CONNECTIONS, limit_per_host=TO_ONE_HOST
    )
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False)


@dataclass(slots=True)
class Outgoing:
    """One request, with its secrets in it: it lives only while it is made."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    private: set[str] = field(default_factory=set)
    """The headers, in small letters, that must not go to another origin."""
    body_private: bool = False

    def __repr__(self) -> str:
        return "Outgoing(...)"


class HttpCaller:
    """The handler of `http` calls. It may be called again for the same call: the Idempotency-Key stays the same."""

    def __init__(
        self,
        store: Store,
        box: SecretBox,
        clock: Clock,
        session: Callable[[], aiohttp.ClientSession],
        guard: Guard,
        public_url: str,
    ) -> None:
        self._store = store
        self._box = box
        self._clock = clock
        self._session = session
        self._guard = guard
        self._public_url = public_url

    async def __call__(self, claim: CallClaim) -> CallAnswer | None:
        """Make one try. Raises CallFailed, in our own words, where another one may help or it is given up."""
        data = claim.call.data
        known = await self._secrets(claim)
        request = prepare(claim, {**known, "callback.url": callback_address(self._public_url, self._box, claim.call.id)})
        seconds = min(float(data.get("timeout", MAX_TIMEOUT)), MAX_TIMEOUT)
        try:
            answer, status, after = await self._follow(request, seconds, tuple(known.values()))
        except TimeoutError:
            raise CallFailed("timeout", reason=f"no answer within {seconds:.0f} seconds") from None
        except TooLarge as error:
            raise CallFailed("too_large", reason=str(error), again=False) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _unreachable(error) from None
        if status in AGAIN:
            raise CallFailed(f"status_{status}", reason=f"status {status}", after=after, data=answer.data)
        accepted = 200 <= status < 300 and answer.ok
        return None if accepted and data.get("callback") else answer

    async def _secrets(self, claim: CallClaim) -> dict[str, str]:
        """The values of what the request names, by `secret.NAME`."""
        parts = [part for each in claim.call.data.get("fill", {}).values() for part in each if isinstance(part, list)]
        names = {part[0].removeprefix(SECRET) for part in parts if part[0].startswith(SECRET)}
        if not names:
            return {}
        tenant, now = claim.tenant, self._clock.now()
        try:
            opened = await self._store.read(lambda session: open_secrets(session, tenant, names, self._box))
        except UnreadableSecret:
            raise CallFailed("unreadable_secret", reason="a secret can't be read: enter it again", again=False) from None
        if missing := sorted(names - opened.keys()):
            raise CallFailed("unknown_secret", reason=f"there is no secret {missing[0]}", again=False)
        await self._store.write(lambda session: note_secret_use(session, tenant, names, now))
        return {SECRET + name: value for name, value in opened.items()}

    async def _follow(
        self, request: Outgoing, seconds: float, secrets: tuple[str, ...]
    ) -> tuple[CallAnswer, int, float | None]:
        """The answer at the end of the redirects, its status, and how long to wait before a next try."""
        session = self._session()
        timeout = aiohttp.ClientTimeout(total=seconds, connect=min(CONNECT_S, seconds))
        for _ in range(MAX_REDIRECTS + 1):
            self._admit(request.url)
            async with session.request(
                request.method,
                request.url,
                headers=request.headers,
                data=request.body,
                allow_redirects=False,
                timeout=timeout,
            ) as answer:
                place = answer.headers.get("Location", "")
                if answer.status not in REDIRECTS or not place:
                    read = await read_answer(answer)
                    after = retry_after(answer.headers.get("Retry-After", ""), self._clock.now())
                    return masked(read, secrets), answer.status, after
                request = redirected(request, answer.status, urljoin(request.url, place))
        raise CallFailed("too_many_redirects", reason=f"it leads on more than {MAX_REDIRECTS} times", again=False)

    def _admit(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CallFailed("bad_url", reason="this is no address with http:// or https://", again=False)
        if is_private_literal(parts.hostname, self._guard):
            raise CallFailed("private_address", reason=PRIVATE, again=False)


PRIVATE = "the address lies in a private network, which this server doesn't call"


def prepare(claim: CallClaim, late: Mapping[str, str]) -> Outgoing:
    """The request of a call, with what is filled in when it leaves."""
    data = claim.call.data
    fill: Mapping[str, list[Any]] = data.get("fill", {})
    headers = {name: " ".join(str(text).split("\n")).replace("\r", " ") for name, text in data["headers"].items()}
    private: set[str] = {name.lower() for name in headers if name.lower() in ("authorization", "cookie", "proxy-authorization")}
    body: Any = orjson.loads(orjson.dumps(data.get("body")))  # a copy: what is filled in must not reach the call's own data
    url, body_private = data["url"], False
    for place, parts in fill.items():
        if place == "/url":
            url = "".join(_in_address(part, at, late) for at, part in enumerate(parts))
        elif place.startswith("/headers/"):
            name = _keys(place)[1]
            headers[name] = _joined(parts, late)
            private.add(name.lower())
        else:
            body_private = True
            body = _put(body, _keys(place)[1:], _joined(parts, late))
    sent = {name.lower() for name in headers}
    encoded, kind = _encoded(data["send"], body)
    ours = {"User-Agent": "PostDog/1.0", "Accept": "application/json, */*;q=0.5", "Idempotency-Key": claim.call.key}
    if kind:
        ours["Content-Type"] = kind
    headers |= {name: value for name, value in ours.items() if name.lower() not in sent}
    headers = {name: value for name, value in headers.items() if name.lower() not in OURS}
    headers["Accept-Encoding"] = "identity"
    return Outgoing(data["method"], url, headers, encoded, private, body_private)


def redirected(request: Outgoing, status: int, url: str) -> Outgoing:
    """The request that follows a redirect: without what is private where it leads to another origin."""
    away = _origin(url) != _origin(request.url)
    method, body = request.method, request.body
    if status == 303 or (status in (301, 302) and method == "POST"):
        method, body = "GET", None
    if away and body is not None and request.body_private:
        raise CallFailed("redirect_with_secret", reason="it leads to another host, which may not get the secret", again=False)
    dropped = request.private if away else set()
    headers = {name: text for name, text in request.headers.items() if name.lower() not in dropped}
    if body is None:
        headers.pop("Content-Type", None)
    return Outgoing(method, url, headers, body, request.private, request.body_private)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _encoded(send: str, body: Any) -> tuple[bytes | None, str]:
    match send:
        case "json":
            return orjson.dumps(body), "application/json"
        case "form":
            fields = "&".join(f"{quote(name, safe='')}={quote(str(text), safe='')}" for name, text in (body or {}).items())
            return fields.encode(), "application/x-www-form-urlencoded"
        case _:
            return None, ""


def _joined(parts: list[Any], late: Mapping[str, str]) -> str:
    return "".join(part if isinstance(part, str) else late.get(part[0], "") for part in parts)


def _in_address(part: Any, at: int, late: Mapping[str, str]) -> str:
    if isinstance(part, str):
        return part
    value = late.get(part[0], "")
    return value if at == 0 else quote(value, safe="")


def _keys(place: str) -> list[str]:
    return [key.replace("~1", "/").replace("~0", "~") for key in place.split("/")[1:]]


def _put(body: Any, keys: list[str], value: str) -> Any:
    if not keys:
        return value
    at: Any = body
    for key in keys[:-1]:
        at = at[int(key)] if isinstance(at, list) else at[key]
    if isinstance(at, list):
        at[int(keys[-1])] = value
    else:
        at[keys[-1]] = value
    return body


def _unreachable(error: Exception) -> CallFailed:
    """Why nothing came back, by the error's kind only: its words may hold the address, and that a secret."""
    cause = getattr(error, "os_error", None) or error
    if isinstance(cause, PrivateAddress):
        return CallFailed("private_address", reason=PRIVATE, again=False)
    if isinstance(error, aiohttp.InvalidURL | ValueError) and not isinstance(error, aiohttp.ClientSSLError):
        return CallFailed("bad_request", reason="the address or a header can't be sent", again=False)
    return CallFailed("unreachable", reason=f"it can't be reached: {network_words(error)}")
