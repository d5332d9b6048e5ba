"""/live: what happens in the workspace, as it happens: as server-sent events, or over a WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
from aiohttp import web

from api.http.request import Request, Response
from api.http.route import Route
from api.route.live_socket import LiveSocket, Told
from api.services import Services
from crm.message_event import message_event
from crm.sign_in import is_open
from engine.runtime.feed import Hub, Subscription
from engine.runtime.protocol import Notice
from schemas.public_id import public_id

TAGS = ("Live",)
BEAT_SECONDS = 15.0
"""Between two signs of life: proxies cut a connection that is silent for 30 to 60."""
STREAM_SECONDS = 3_600.0
"""A stream ends after an hour, so that a key that was revoked meanwhile stops working; clients connect again by themselves."""
PREFIXES = {"conversation": "cv", "run": "run", "contact": "ct", "answer": "ev", "flow": "flow"}


class LiveRoutes:
    """The live stream. `close` ends all streams: call it when the server stops."""

    def __init__(self, services: Services, hub: Hub) -> None:
        self._services = services
        self._hub = hub
        self._open: set[Subscription] = set()

    async def stream(self, request: Request) -> Response:
        """Follow what happens.

        Server-sent events: `message.received`, `message.sent`, … in the form of webhooks, and `conversation`, `run`,
        `contact` and `answer` with the id of what changed; `flow` says what was done to a flow, by whom and in which tab
        (`X-Client`). `lagged` says that some were lost: read the lists again.

        Asked for as a WebSocket, the same comes as JSON `{"event", "data"}`. There `{"watch": ["flow_1"]}` names flows whose
        counts matter: `counts` tells when they have changed.
        """
        if request.raw.headers.get("Upgrade", "").lower() == "websocket":
            return await self._socket(request)
        tenant = request.tenant
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request.raw)
        subscription = self._hub.subscribe(lambda notice: notice.tenant == tenant)
        self._open.add(subscription)
        try:
            await response.write(b"retry: 2000\n\n")
            async with asyncio.timeout(STREAM_SECONDS):
                async for chunk in self._chunks(tenant, subscription):
                    await response.write(chunk)
        except (TimeoutError, ConnectionResetError):
            pass  # the hour is over, or the client is gone
        finally:
            self._open.discard(subscription)
            subscription.close()
        return response

    async def _socket(self, request: Request) -> Response:
        who = request.principal
        subscription = self._hub.subscribe(lambda notice: notice.tenant == who.tenant)
        self._open.add(subscription)

        async def allowed() -> bool:
            now = self._services.clock.now()
            return not who.session or await self._services.store.read(lambda session: is_open(session, who.session, now))

        try:
            async with asyncio.timeout(STREAM_SECONDS):
                return await LiveSocket(self._everything(who.tenant, subscription), allowed).serve(request.raw)
        except (TimeoutError, ConnectionResetError):
            return web.Response()  # the hour is over, or the client is gone; the socket is closed already
        finally:
            self._open.discard(subscription)
            subscription.close()

    async def _everything(self, tenant: int, subscription: Subscription) -> AsyncIterator[tuple[int, Told | None]]:
        """Each notice: the flow whose runs moved (0: none's), and what is told of it."""
        while (notice := await subscription.next()) is not None:
            if subscription.lagged:
                subscription.caught_up()
                yield 0, ("lagged", {"event": "lagged", "data": {}})
            moved = int(notice.data.get("flow", 0)) if notice.topic == "run" else 0
            yield moved, await self._told(tenant, notice)

    async def close(self) -> None:
        """End all streams."""
        for subscription in tuple(self._open):
            subscription.close()

    async def _chunks(self, tenant: int, subscription: Subscription) -> AsyncIterator[bytes]:
        while True:
            try:
                async with asyncio.timeout(BEAT_SECONDS):
                    notice = await subscription.next()
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if notice is None:
                return
            if subscription.lagged:
                subscription.caught_up()
                yield event("lagged", {})
            told = await self._told(tenant, notice)
            if told is not None:
                yield event(*told)

    async def _told(self, tenant: int, notice: Notice) -> tuple[str, dict[str, Any]] | None:
        if notice.topic == "message":
            told = await self._services.store.read(lambda session: message_event(session, tenant, notice.id))
            return None if told is None else (told["event"], told)
        data: dict[str, Any] = {"id": public_id(PREFIXES[notice.topic], notice.id)}
        if notice.topic == "flow":
            data.update(notice.data)
        if notice.topic == "run" and "flow" in notice.data:
            data.update(flow_id=public_id("flow", notice.data["flow"]), status=notice.data["status"], node=notice.data["node"])
        if notice.conversation:
            data["conversation_id"] = public_id("cv", notice.conversation)
        return notice.topic, {"event": notice.topic, "data": data}

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        return (
            Route(
                "GET",
                "/live",
                self.stream,
                TAGS,
                scope="conversations:read",
                produces="text/event-stream",
                timeout=STREAM_SECONDS + 60,
            ),
        )


def event(name: str, data: dict[str, Any]) -> bytes:
    """One server-sent event.

    >>> event("contact", {"id": "ct_g"})
    b'event: contact\\ndata: {"id":"ct_g"}\\n\\n'
    """
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"
