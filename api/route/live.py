"""/live: what happens in the workspace, as it happens, as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
from aiohttp import web

from api.http.request import Request, Response
from api.http.route import Route
from api.services import Services
from crm.message_event import message_event
from engine.runtime.feed import Hub, Subscription
from engine.runtime.protocol import Notice
from schemas.public_id import public_id

TAGS = ("Live",)
BEAT_SECONDS = 15.0
"""Between two signs of life: proxies cut a connection that is silent for 30 to 60."""
STREAM_SECONDS = 3_600.0
"""A stream ends after an hour, so that a key that was revoked meanwhile stops working; clients connect again by themselves."""
PREFIXES = {"conversation": "cv", "run": "run", "contact": "ct", "answer": "ev"}


class LiveRoutes:
    """The live stream. `close` ends all streams: call it when the server stops."""

    def __init__(self, services: Services, hub: Hub) -> None:
        self._services = services
        self._hub = hub
        self._open: set[Subscription] = set()

    async def stream(self, request: Request) -> Response:
        """Follow what happens.

        Server-sent events: `message.received`, `message.sent`, … in the form of webhooks, and `conversation`, `run`,
        `contact` and `answer` with the id of what changed. `lagged` says that some were lost: read the lists again.
        """
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
        data = {"id": public_id(PREFIXES[notice.topic], notice.id)}
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
