"""A small server that speaks the web chat's wire format from memory, to build and test the browser part against."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.webchat_demo.room import Room

STATIC = Path(__file__).resolve().parents[3] / "channels" / "webchat" / "static"
PAGES = Path(__file__).resolve().parent / "pages"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' https: data: blob:; "
    "media-src 'self' https: blob:; font-src 'self'; base-uri 'none'; form-action 'none'"
)
CONFIG = {
    "name": "Lumen Support",
    "greeting": "Hi! Ask us about orders, deliveries and returns. We usually answer within a few minutes.",
    "colour": "#3457d5",
    "logo_url": None,
    "placeholder": None,
    "locale": "en-GB",
    "poweredBy": True,
    "max_upload_bytes": 1024 * 1024,
}


class Demo:
    """The application and the levers a test pulls; everything runs on the server's own loop."""

    def __init__(self) -> None:
        self.config: dict[str, Any] = dict(CONFIG)
        self.rooms: dict[str, Room] = {}
        self.uploads: list[tuple[str, bytes]] = []
        self.closed = False  # refuses new connections, as a server that is restarting does
        self.lose_answers = 0  # so many next messages are stored, but the connection drops before the answer
        self.connections = 0
        self.app = web.Application(client_max_size=8 * 1024 * 1024)
        self.app.add_routes(
            [
                web.get("/chat/assets/{file}", self.asset),
                web.get("/chat/{channel}", self.page),
                web.get("/chat/{channel}/widget.js", self.widget),
                web.get("/chat/{channel}/config", self.read_config),
                web.post("/chat/{channel}/session", self.session),
                web.post("/chat/{channel}/media", self.media),
                web.get("/chat/{channel}/ws", self.live),
                web.static("/demo", PAGES),
            ]
        )

    async def page(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "chat.html", headers={"Content-Security-Policy": CSP})

    async def asset(self, request: web.Request) -> web.FileResponse:
        path = STATIC / request.match_info["file"]
        if not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": "no-store"})

    async def widget(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "widget.js", headers={"Cross-Origin-Resource-Policy": "cross-origin"})

    async def read_config(self, request: web.Request) -> web.Response:
        return web.json_response(self.config, headers={"Access-Control-Allow-Origin": "*"})

    async def session(self, request: web.Request) -> web.Response:
        token = (await request.json())["token"]
        if token not in self.rooms:
            number = len(self.rooms) + 1
            token = f"token-{number}"
            self.rooms[token] = Room(f"vis_{number}", token)
        return web.json_response({"token": token, "visitor": self.rooms[token].visitor})

    async def media(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Visitor-Token") not in self.rooms:
            raise web.HTTPUnauthorized
        part = (await request.post())["file"]
        if not isinstance(part, web.FileField):
            raise web.HTTPBadRequest
        self.uploads.append((part.filename, part.file.read()))
        body = {"media": f"med_{len(self.uploads)}", "url": "/demo/picture.svg", "mime": part.content_type}
        return web.json_response({**body, "name": part.filename})

    async def live(self, request: web.Request) -> web.StreamResponse:
        if self.closed:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections += 1
        hello = await socket.receive_json()
        room = self.rooms.get(hello["token"])
        if room is None:
            await socket.send_json({"type": "error", "error": {"code": "invalid_token", "message": "Load again."}})
            await socket.close()
            return socket
        await socket.send_json({"type": "ready", "visitor": room.visitor, "last": len(room.messages)})
        for message in room.messages[hello["after"] :]:
            await socket.send_json(message)
        room.sockets.add(socket)
        try:
            async for raw in socket:
                if raw.type is WSMsgType.TEXT:
                    await self.hear(room, socket, raw.json())
        finally:
            room.sockets.discard(socket)
        return socket

    async def hear(self, room: Room, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        room.received.append(frame)
        if frame["type"] == "send":
            lose, self.lose_answers = self.lose_answers > 0, max(0, self.lose_answers - 1)
            await room.take(socket, frame, lose_answer=lose)

    async def drop(self) -> None:
        """Closes every connection, as a restart does."""
        sockets = [socket for room in self.rooms.values() for socket in room.sockets]
        await asyncio.gather(*(socket.close(code=1012) for socket in sockets))
