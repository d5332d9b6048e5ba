"""Where a live connection waits until it said who it is."""

from __future__ import annotations

from contextlib import suppress

from aiohttp import WSCloseCode, WSMsgType, web

from api.chat.connection import Connection, Guest, House
from api.chat.door import Door
from api.chat.limit import SOCKETS_PER_ADDRESS, SOCKETS_PER_VISITOR, ChatSettings, Slots
from api.chat.writing import language_of
from api.http.error import Unauthorized
from channels.webchat.frame import BadFrame, Frame, Hello, read_frame, trouble
from crm.webchat import Chat
from engine.runtime.clock import within

HELLO_SECONDS = 10.0
LONGEST_SOCKET_FRAME = 1024 * 1024
"""Bytes. A frame above 64 KB is refused but read, so that its sender is told why; one above this ends the connection."""
PING_SECONDS = 30.0
"""Between WebSocket pings: a peer that vanished is found out after one and a half of it."""
CLOSING_SECONDS = 2.0
"""How long a browser may take to say goodbye."""


class Lobby:
    """Opens sockets, hears the first frame, and lets the visitor in."""

    def __init__(self, house: House, door: Door, settings: ChatSettings) -> None:
        self._house = house
        self._door = door
        self._slots = Slots(SOCKETS_PER_ADDRESS, settings.sockets)

    async def serve(self, request: web.Request, chat: Chat, address: str) -> web.WebSocketResponse:
        """The whole life of a connection. Raises TooManyRequests before it is opened."""
        with self._slots.one(address, "There are too many chats open from your network. Close some, then try again."):
            socket = web.WebSocketResponse(
                heartbeat=PING_SECONDS, timeout=CLOSING_SECONDS, max_msg_size=LONGEST_SOCKET_FRAME, compress=False
            )
            await socket.prepare(request)
            with suppress(ConnectionError):
                await self._welcome(request, socket, chat, address)
            return socket

    async def _welcome(self, request: web.Request, socket: web.WebSocketResponse, chat: Chat, address: str) -> None:
        try:
            hello = await self._hello(socket)
            visitor = await self._door.visitor(chat, hello.token)
        except BadFrame as error:
            await _turn_away(socket, trouble(error.code, error.message))
            return
        except Unauthorized as error:
            await _turn_away(socket, trouble("invalid_token", error.message))
            return
        guest = Guest(chat, visitor, address, language_of(request.headers.get("Accept-Language", "")))
        if len(self._house.audience.of(guest.key)) >= SOCKETS_PER_VISITOR:
            await _turn_away(socket, trouble("too_many_tabs", "This chat is open in too many tabs. Close some of them."))
            return

        def drop() -> None:
            if request.transport is not None:
                request.transport.abort()

        await Connection(self._house, guest, socket, drop).run(hello.after)

    async def _hello(self, socket: web.WebSocketResponse) -> Hello:
        try:
            message = await within(self._house.services.clock, HELLO_SECONDS, socket.receive())
        except TimeoutError as error:
            raise BadFrame("No hello came.") from error
        frame = read_frame(message.data) if message.type is WSMsgType.TEXT else None
        if not isinstance(frame, Hello):
            raise BadFrame("The first frame must be a hello.")
        return frame


async def _turn_away(socket: web.WebSocketResponse, frame: Frame) -> None:
    if not socket.closed:
        await socket.send_json(frame)
        await socket.close(code=WSCloseCode.POLICY_VIOLATION)
