"""A WebSocket on everything that happens in the workspace, for our own pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
from aiohttp import WSCloseCode, WSMsgType, web

from schemas.public_id import InvalidId, public_id, read_id

BEAT_SECONDS = 25.0
"""Between two pings: proxies cut a connection that is silent for 30 to 60."""
LARGEST_WISH = 4 * 1024
MOST_WATCHED = 20
"""Flows that one page looks on: one canvas, and some more."""
TICK_SECONDS = 2.0
"""At most so often a page hears that the counts of a flow have changed; it reads them then."""
LOOK_SECONDS = 30.0
"""So often it is asked whether whoever listens is still signed in."""

Told = tuple[str, dict[str, Any]]


class LiveSocket:
    """One page's connection. `told` gives what is to be told, `allowed` whether the page may still hear it."""

    def __init__(self, told: AsyncIterator[tuple[int, Told | None]], allowed: Callable[[], Awaitable[bool]]) -> None:
        self._all = told
        self._allowed = allowed
        self._socket = web.WebSocketResponse(heartbeat=BEAT_SECONDS, max_msg_size=LARGEST_WISH)
        self._watched: frozenset[int] = frozenset()
        self._moved: set[int] = set()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve until the page leaves, or may not hear any more."""
        await self._socket.prepare(request)
        await self._send("hello", {"event": "hello", "data": {}})
        tasks = [asyncio.ensure_future(each) for each in (self._tell(), self._tick(), self._look(), self._listen())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._socket.close(code=WSCloseCode.GOING_AWAY)
        return self._socket

    async def _tell(self) -> None:
        async for moved, told in self._all:
            if moved in self._watched:
                self._moved.add(moved)
            if told is not None:
                await self._send(*told)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            moved, self._moved = self._moved, set()
            for flow in sorted(moved):
                await self._send("counts", {"event": "counts", "data": {"flow_id": public_id("flow", flow)}})

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not await self._allowed():
                return

    async def _listen(self) -> None:
        """`{"watch": ["flow_1"]}` names the flows whose counts matter; everything else is left alone."""
        async for message in self._socket:
            if message.type is WSMsgType.TEXT:
                self._watched = wish(message.data, self._watched)

    async def _send(self, name: str, data: dict[str, Any]) -> None:
        await self._socket.send_str(orjson.dumps({**data, "event": name}).decode())


def wish(text: str, before: frozenset[int]) -> frozenset[int]:
    """The flows that a page wants to watch; as before where it can't be understood.

    >>> wish('{"watch": ["flow_1", "nonsense"]}', frozenset())
    frozenset({1})
    """
    try:
        sent = orjson.loads(text)
    except orjson.JSONDecodeError:
        return before
    wanted = sent.get("watch") if isinstance(sent, dict) else None
    return frozenset(_flows(wanted[:MOST_WATCHED])) if isinstance(wanted, list) else before


def _flows(ids: list[Any]) -> list[int]:
    found = []
    for id in ids:
        try:
            found.append(read_id("flow", str(id)))
        except InvalidId:
            continue
    return found
