"""The way of a request through one route: sign in, limit, read, handle, answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from api.http.answer import refuse, respond, seconds
from api.http.auth import Authenticate, AuthenticateSession, Principal, authenticate, authorize
from api.http.error import BadRequest, KeyInUse, KeyReused, TimedOut, TooManyRequests, status_of
from api.http.exchange import EXCHANGE, Exchange
from api.http.idempotency import (
    REPLAYED_HEADERS,
    First,
    IdempotencyStore,
    MemoryIdempotency,
    Mismatch,
    Replay,
    Running,
    Scope,
    StoredAnswer,
    Ticket,
    fingerprint,
    read_key,
    worth_keeping,
)
from api.http.profile import NATIVE, Profile
from api.http.rate import DEFAULT_POLICIES, RateLimiter, RatePolicy
from api.http.read import body_bytes, json_model, path_values, query_reader, too_large
from api.http.request import Request
from api.http.route import BODY_LIMIT, Route, signature
from schemas.error import PostDogError

BODY_TIMEOUT = 15.0
"""Seconds for a body to arrive; a client that sends a byte at a time must not hold a connection for long."""


@dataclass(frozen=True, slots=True)
class HttpServices:
    """What the HTTP layer needs from the rest of the server. `now` gives the present instant in UTC."""

    authenticate: Authenticate
    now: Callable[[], datetime]
    session: AuthenticateSession | None = None
    policies: Sequence[RatePolicy] = DEFAULT_POLICIES
    limiter: RateLimiter = field(default_factory=RateLimiter)
    idempotency: IdempotencyStore = field(default_factory=MemoryIdempotency)


class Endpoint:
    """One route under one profile, ready to serve. Without a mount (profile None) it renders natively."""

    def __init__(self, route: Route, mount: Profile | None, services: HttpServices) -> None:
        self.route = route
        self.profile = mount or NATIVE
        self.path = route.mounted(mount)
        self._services = services
        read = signature(route.handler)
        self._signature = read
        self._body = read.body_adapter
        self._query = query_reader(read.query) if read.query else None
        self._placeholders = route.placeholders

    async def serve(self, raw: web.Request) -> web.StreamResponse:
        """Answer a request. Raises PostDogError for refusals and TimedOut after the route's timeout."""
        exchange = raw[EXCHANGE]
        exchange.profile, exchange.route, exchange.quiet = self.profile, self.path, self.route.quiet
        limit = self.route.body_limit
        if (raw.content_length or 0) > limit:
            raise too_large(limit)
        if not _fits(raw, limit):
            raw = raw.clone(client_max_size=limit)
        timer = asyncio.timeout(self.route.timeout)
        try:
            async with timer:
                return await self._admit(raw, exchange)
        except TimeoutError as error:
            if not timer.expired():
                raise
            raise TimedOut(f"This took longer than {seconds(self.route.timeout)} and was given up.") from error

    async def _admit(self, raw: web.Request, exchange: Exchange) -> web.StreamResponse:
        who = None
        if not self.route.public:
            who = await authenticate(raw, self._services.authenticate, self._services.session)
            exchange.tenant, exchange.key_id = who.tenant, who.key_id
            self._limit(who, exchange)
            authorize(who, self.route.scope, self.route.roles)
        data = b""
        if self._body is not None or self.route.takes_key:
            patience = min(BODY_TIMEOUT, self.route.timeout / 2)
            data = await body_bytes(raw, self.route.body_limit, patience)
        ticket = self._ticket(raw, who, data, exchange.now)
        if ticket is None:
            return await self._handle(raw, exchange, who, data, None)
        match await self._services.idempotency.begin(ticket):
            case Replay(answer):
                return replayed(answer)
            case Running():
                raise KeyInUse(headers={"Retry-After": "2"})
            case Mismatch():
                raise KeyReused
            case First():
                return await self._once(raw, exchange, who, data, ticket)

    def _limit(self, who: Principal, exchange: Exchange) -> None:
        now = exchange.now.timestamp()
        answer = self._services.limiter.take(who.key_id, who.policies or self._services.policies, now)
        exchange.headers.update(answer.headers(now))
        if not answer.allowed:
            wait = exchange.headers["Retry-After"]
            raise TooManyRequests(f"Too many requests. Try again in {seconds(int(wait))}.")

    def _ticket(self, raw: web.Request, who: Principal | None, data: bytes, now: datetime) -> Ticket | None:
        if who is None or not self.route.takes_key:
            return None
        sent = raw.headers.get("Idempotency-Key")
        if sent is None:
            if self.route.idempotency == "required":
                raise BadRequest("This request needs an Idempotency-Key header.", type="idempotency_key_required")
            return None
        scope = Scope(who.tenant, who.key_id, raw.method, raw.path, read_key(sent))
        return Ticket(scope, fingerprint(raw.query_string, data), now)

    async def _once(
        self, raw: web.Request, exchange: Exchange, who: Principal | None, data: bytes, ticket: Ticket
    ) -> web.StreamResponse:
        answer: StoredAnswer | None = None
        try:
            try:
                response = await self._handle(raw, exchange, who, data, ticket)
            except PostDogError as error:
                if status_of(error, self.profile) >= 500:
                    raise
                response = refuse(error, exchange)
            if isinstance(response, web.Response) and worth_keeping(response.status):
                answer = stored(response)
            return response
        finally:
            # Also when the client left or the time was up: else the key would stay "in use" until its lease ends.
            await asyncio.shield(self._services.idempotency.finish(ticket, answer))

    async def _handle(
        self, raw: web.Request, exchange: Exchange, who: Principal | None, data: bytes, ticket: Ticket | None
    ) -> web.StreamResponse:
        ids, names = path_values(raw, self._placeholders)
        query = self._query.read(raw.query, self.profile) if self._query else None
        body = None
        if self._body is not None:
            body = json_model(raw, self._body, self._signature.body_optional, data, self.profile)
        request: Request[Any, Any] = Request(
            body=body,
            query=query,
            profile=self.profile,
            who=who,
            now=exchange.now,
            request_id=exchange.request_id,
            ids=ids,
            names=names,
            raw=raw,
            ticket=ticket,
        )
        if self.route.if_match and request.if_match is None:
            request.require_match("")
        result = await self.route.handler(request)
        return respond(result, self.route.status, self.profile, raw)


def _fits(raw: web.Request, limit: int) -> bool:
    """Whether the body can't pass the limit, nor the application's own: what is unpacked may be larger than it says."""
    if not raw.body_exists:
        return True
    length = raw.content_length
    return length is not None and length <= min(limit, BODY_LIMIT) and "Content-Encoding" not in raw.headers


def stored(response: web.Response) -> StoredAnswer:
    """What is kept of an answer for replays."""
    headers = {name: response.headers[name] for name in REPLAYED_HEADERS if name in response.headers}
    body = response.body
    return StoredAnswer(response.status, headers, bytes(body) if isinstance(body, bytes | bytearray) else b"")


def replayed(answer: StoredAnswer) -> web.Response:
    """A stored answer once more."""
    return web.Response(
        status=answer.status, body=answer.body, headers={**answer.headers, "Idempotent-Replayed": "true"}
    )
