"""Our client for Meta's Graph API: one request at a time, and of each failure, whether the request had left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import aiohttp
import orjson

from channels.error import ProviderRefused
from channels.outside import Fetched, read_bounded
from channels.whatsapp.config import WhatsAppConfig
from channels.whatsapp.read import mapping, objects, text

CONNECT_S = 5.0  # a free connection, the name, TCP and TLS; all of it before the request leaves
ANSWER_S = 10.0  # Graph answers a send within a second or two; the sender's own patience is 30 s for everything
TRANSFER_S = 120.0  # 100 MB over a slow line
MAX_ANSWER = 1_048_576  # bytes of a JSON answer; Graph's own have a few kilobytes
PAGE = 100
MAX_PAGES = 60  # Meta allows 6,000 templates
MEDIA_HOSTS = ("fbsbx.com", "fbcdn.net", "facebook.com", "whatsapp.net", "whatsapp.com")
"""Where Meta keeps files; the token goes to these and to the base URL only."""

Reached = Literal["unsent", "lost", "refused"]


@dataclass(frozen=True, slots=True)
class Reply:
    """Graph did what was asked."""

    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Graph did not: the request never left (`unsent`), no answer came to it (`lost`), or it was `refused`."""

    reached: Reached
    detail: str
    status: int = 0
    code: int | None = None
    subcode: int | None = None
    after: float | None = None


@dataclass(frozen=True, slots=True, repr=False)
class GraphClient:
    """Calls for one phone number. Holds the token and never shows it; follows no redirect; bounds every answer."""

    config: WhatsAppConfig
    session: Callable[[], aiohttp.ClientSession]
    connect_s: float = CONNECT_S
    answer_s: float = ANSWER_S

    def __repr__(self) -> str:
        return f"GraphClient({self.config.phone_number_id})"

    async def message(self, body: Mapping[str, Any]) -> Reply | Trouble:
        """`POST /{phone number}/messages`: a send, or a read mark."""
        return await self._json("POST", self.config.url(self.config.phone_number_id, "messages"), body=body)

    async def upload(self, data: bytes, mime: str, filename: str) -> Reply | Trouble:
        """`POST /{phone number}/media`: the answer's `id` lives 30 days."""
        form = aiohttp.FormData()
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", mime)
        form.add_field("file", data, filename=filename or "file", content_type=mime)
        url = self.config.url(self.config.phone_number_id, "media")
        return await self._json("POST", url, form=form, answer_s=TRANSFER_S)

    async def media(self, provider_id: str) -> Reply | Trouble:
        """`GET /{media}`: the answer's `url` lives five minutes."""
        return await self._json("GET", self.config.url(provider_id), query={"phone_number_id": self.config.phone_number_id})

    async def download(self, url: str, limit: int) -> Fetched | Trouble:
        """The bytes behind an address that `media` gave; refuses other hosts, since the token goes with it."""
        if not self._ours(url):
            return Trouble("refused", "Meta gave an address that isn't Meta's.", 400, 100)
        timeout = aiohttp.ClientTimeout(total=TRANSFER_S, connect=self.connect_s, sock_read=self.answer_s)
        try:
            async with self.session().get(url, headers=self._headers(), allow_redirects=False, timeout=timeout) as answer:
                if answer.status != 200:
                    return _trouble(answer, await read_bounded(answer, MAX_ANSWER) or b"")
                data = await read_bounded(answer, limit)
                if data is None:
                    return Trouble("refused", f"The file is larger than {limit} bytes.", 413, 131052)
                return Fetched(data, answer.content_type)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return _unanswered(error)

    async def number(self) -> Reply | Trouble:
        """The phone number: its name, quality, limit and state."""
        fields = "verified_name,display_phone_number,quality_rating,messaging_limit_tier,status,name_status,throughput"
        return await self._json("GET", self.config.url(self.config.phone_number_id), query={"fields": fields})

    async def templates(self) -> tuple[Mapping[str, Any], ...]:
        """All templates of the account, as Meta shows them. Raises ProviderRefused."""
        found: list[Mapping[str, Any]] = []
        query = {"limit": str(PAGE)}
        for _ in range(MAX_PAGES):
            data = _expect(await self._json("GET", self._account("message_templates"), query=query))
            found.extend(objects(data.get("data")))
            paging = mapping(data, "paging")
            after = text(mapping(paging, "cursors").get("after"))
            if not after or "next" not in paging:
                break
            query = {"limit": str(PAGE), "after": after}
        return tuple(found)

    async def create_template(self, template: Mapping[str, Any]) -> Mapping[str, Any]:
        """Hand in a template for review: `{"id", "status", "category"}`. Raises ProviderRefused."""
        return _expect(await self._json("POST", self._account("message_templates"), body=template))

    async def delete_template(self, name: str) -> None:
        """Delete all languages of a template. Raises ProviderRefused."""
        _expect(await self._json("DELETE", self._account("message_templates"), query={"name": name}))

    async def _json(
        self,
        method: str,
        url: str,
        *,
        body: Mapping[str, Any] | None = None,
        form: aiohttp.FormData | None = None,
        query: Mapping[str, str] | None = None,
        answer_s: float | None = None,
    ) -> Reply | Trouble:
        """One request. `connect` bounds all that comes before the request leaves, so a later timeout means that it has left."""
        wait = answer_s or self.answer_s
        timeout = aiohttp.ClientTimeout(total=self.connect_s + wait, connect=self.connect_s, sock_read=wait)
        headers = self._headers()
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = orjson.dumps(body) if body is not None else form
        try:
            async with self.session().request(
                method, url, data=data, params=query, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                return await _read(answer)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return _unanswered(error)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.config.access_token.get_secret_value()}"}

    def _account(self, edge: str) -> str:
        if not self.config.business_account_id:
            raise ProviderRefused("Enter the WhatsApp Business account ID in the channel's settings to use templates.")
        return self.config.url(self.config.business_account_id, edge)

    def _ours(self, url: str) -> bool:
        try:
            asked, base = urlsplit(url), urlsplit(self.config.base_url)
            if (asked.scheme, asked.hostname, asked.port) == (base.scheme, base.hostname, base.port):
                return True
            host = asked.hostname or ""
            metas = any(host == known or host.endswith("." + known) for known in MEDIA_HOSTS)
            return asked.scheme == "https" and asked.port in (None, 443) and metas
        except ValueError:
            return False


async def _read(answer: aiohttp.ClientResponse) -> Reply | Trouble:
    """The answer, or what it says of the trouble. A 200 that can't be read leaves open what was done."""
    try:
        raw = await read_bounded(answer, MAX_ANSWER)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        if answer.status < 400:
            return Trouble("lost", f"The answer broke off: {type(error).__name__}.")
        raw = b""
    if not 200 <= answer.status < 300:
        return _trouble(answer, raw or b"")
    try:
        data = orjson.loads(raw or b"")
    except ValueError:
        return Trouble("lost", "Meta's answer could not be read.")
    if not isinstance(data, dict):
        return Trouble("lost", "Meta's answer could not be read.")
    return _trouble(answer, raw or b"") if "error" in data else Reply(data)


def _trouble(answer: aiohttp.ClientResponse, raw: bytes) -> Trouble:
    """What an answer other than 200 says. A 504 is a gateway that gave up waiting: what stands behind it may have sent."""
    try:
        error = mapping(orjson.loads(raw), "error")
    except ValueError:
        error = {}
    code = _number(error.get("code"))
    if code is None and answer.status == 504:
        return Trouble("lost", "A gateway of Meta's gave up waiting (HTTP 504).", 504)
    detail = text(mapping(error, "error_data").get("details"), 1000) or text(error.get("message"), 1000)
    told = detail or f"Meta answered with HTTP {answer.status}."
    after = _number(answer.headers.get("Retry-After"))
    wait = float(min(after, 3600)) if after is not None and after > 0 else None
    return Trouble("refused", told, answer.status, code, _number(error.get("error_subcode")), wait)


def _unanswered(error: Exception) -> Trouble:
    """Without a connection nothing left; anything later is ambiguous. Only the kind is told: words may hold addresses."""
    name = type(error).__name__
    before = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL, ValueError)
    if isinstance(error, before):
        return Trouble("unsent", f"Meta could not be reached: {name}.")
    return Trouble("lost", f"Meta did not answer: {name}.")


def _number(value: Any) -> int | None:
    digits = text(value, 12)
    return int(digits) if digits.isascii() and digits.isdigit() else None


def _expect(answer: Reply | Trouble) -> Mapping[str, Any]:
    if isinstance(answer, Trouble):
        raise ProviderRefused(answer.detail, reason=str(answer.code or answer.status or answer.reached))
    return answer.data
