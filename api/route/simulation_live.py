"""A socket on one simulation: steps come in, every frame goes out."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from aiohttp import WSCloseCode, WSMsgType, web
from pydantic import TypeAdapter

from api.http.error import BadRequest, envelope
from api.http.json_body import parse, read, write
from api.http.request import Request
from api.route.simulation_model import UndoInput, shown
from engine.runtime.protocol import Clock
from schemas.error import PostDogError
from simulator.frame import Frame
from simulator.live import LiveSimulation
from simulator.scenario import Act

WAITING = 100
"""Frames that a client may lie behind: one that takes none is dropped, and reads it all when it comes back."""
BEAT_SECONDS = 25.0
"""Between two pings: proxies cut a connection that is silent for 30 to 60."""
LARGEST_STEP = 64 * 1024
"""Bytes of one step."""


STEP: TypeAdapter[Act] = TypeAdapter(Act)
UNDO: TypeAdapter[UndoInput] = TypeAdapter(UndoInput)


class SimulationSocket:
    """One client's connection."""

    LONGEST = 3_600.0
    """Seconds: after an hour the client connects again, so that a key that was revoked meanwhile stops working."""

    def __init__(self, live: LiveSimulation, request: Request, clock: Clock) -> None:
        self._live = live
        self._request = request
        self._clock = clock
        self._socket = web.WebSocketResponse(heartbeat=BEAT_SECONDS, max_msg_size=LARGEST_STEP)
        self._out: asyncio.Queue[bytes | None] = asyncio.Queue(WAITING)

    async def serve(self) -> web.WebSocketResponse:
        """Serve until the client leaves, lies too far behind, or the simulation is gone. Raises BadRequest for a plain GET."""
        if not self._socket.can_prepare(self._request.raw).ok:
            raise BadRequest("Connect here as a WebSocket.", type="websocket_expected")
        await self._socket.prepare(self._request.raw)
        self._told(await self._live.whole())
        leave = self._live.watch(self._told)
        writing = asyncio.ensure_future(self._write())
        try:
            async with asyncio.timeout(self.LONGEST):
                await self._read()
        except TimeoutError:
            pass
        finally:
            leave()
            writing.cancel()
            await self._socket.close(code=WSCloseCode.GOING_AWAY)
        return self._socket

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                await self._socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
                return
            self._live.used_at = self._clock.now()
            try:
                await self._happen(message.data.encode())
            except PostDogError as error:
                profile, id = self._request.profile, self._request.request_id
                self._put(orjson.dumps(envelope(error, profile, id)[1].model_dump(mode="json", context=profile)))

    async def _happen(self, data: bytes) -> None:
        sent: Any = parse(data)
        profile = self._request.profile
        if isinstance(sent, dict) and set(sent) == {"undo"}:
            undo = read(UNDO, orjson.dumps({"steps": sent["undo"]}), profile)
            await self._live.undo(undo.steps)
        else:
            await self._live.act(read(STEP, data, profile))

    async def _write(self) -> None:
        while (data := await self._out.get()) is not None:
            await self._socket.send_str(data.decode())
        await self._socket.close(code=WSCloseCode.GOING_AWAY, message=b"The simulation is closed.")

    def _told(self, frame: Frame | None) -> None:
        self._put(None if frame is None else write(shown(self._live, frame), self._request.profile))

    def _put(self, data: bytes | None) -> None:
        if self._out.full():
            while not self._out.empty():
                self._out.get_nowait()
            data = None
        self._out.put_nowait(data)
