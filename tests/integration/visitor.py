"""A browser's half of the web chat, without the browser: session, live connection, resume."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.integration.server import Server

PATIENCE_S = 30.0


@dataclass
class Visitor:
    """Who chats: the token that the browser remembers, and the thread as it was shown."""

    server: Server
    chat: str
    """Public id of the channel."""
    token: str
    visitor: str
    session: aiohttp.ClientSession
    thread: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Messages by their seq."""

    @property
    def last(self) -> int:
        """The newest message that the browser has."""
        return max(self.thread, default=0)

    def texts(self) -> list[str]:
        """What stands in the thread: "> " before what the visitor wrote."""
        return [shown(self.thread[seq]) for seq in sorted(self.thread)]

    @asynccontextmanager
    async def connect(self, after: int | None = None) -> AsyncIterator[Tab]:
        """A tab on the live connection; by default it goes on after the last message that the browser has."""
        async with self.session.ws_connect(f"{self.server.url}/chat/{self.chat}/ws") as socket:
            await socket.send_json({"type": "hello", "token": self.token, "after": self.last if after is None else after})
            tab = Tab(self, socket)
            ready = await tab.frame("ready")
            assert ready["visitor"] == self.visitor
            yield tab


@dataclass
class Tab:
    """One live connection of a visitor."""

    visitor: Visitor
    socket: aiohttp.ClientWebSocketResponse
    shown: list[dict[str, Any]] = field(default_factory=list)
    """The messages that came over this connection, in their order."""
    statuses: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def frame(self, kind: str) -> dict[str, Any]:
        """The next frame of a kind; messages and statuses on the way are kept."""
        return await self._hear(lambda frame: frame["type"] == kind)

    async def send(self, content: dict[str, Any], client_id: str = "") -> dict[str, Any]:
        """Send, and the status that it was answered with."""
        name = client_id or secrets.token_hex(8)
        await self.socket.send_json({"type": "send", "client_id": name, "content": content})
        if name not in self.statuses:
            await self._hear(lambda frame: frame["type"] == "status" and frame["client_id"] == name)
        return self.statuses.pop(name)

    async def say(self, text: str) -> None:
        """Write a text, which must be taken."""
        told = await self.send({"kind": "text", "text": text})
        assert told["status"] == "received", told

    async def tap(self, title: str) -> None:
        """Tap the newest button with this title."""
        for message in reversed(self.visitor.thread.values()):
            for button in message["content"].get("buttons", ()):
                if button["title"] == title:
                    content = {"kind": "choice", "button": button["id"], "title": title, "message": message["id"]}
                    told = await self.send(content)
                    assert told["status"] == "received", told
                    return
        raise LookupError(f"No message offers {title!r}.")

    async def until(self, text: str) -> dict[str, Any]:
        """The message with this text, once it is shown."""
        for message in self.shown:
            if shown(message) == text:
                return message
        return await self._hear(lambda frame: frame["type"] == "message" and shown(frame) == text)

    async def _hear(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame: dict[str, Any] = await self.socket.receive_json()
                if frame["type"] == "message":
                    self.shown.append(frame)
                    self.visitor.thread[frame["seq"]] = frame
                if frame["type"] == "status":
                    self.statuses[frame["client_id"]] = frame
                if wanted(frame):
                    return frame


def shown(message: dict[str, Any]) -> str:
    """The text of a message as a line of the thread."""
    content = message["content"]
    text = content.get("text") or content.get("title") or content.get("caption") or f"({content['kind']})"
    return f"> {text}" if message["from"] == "visitor" else str(text)


@asynccontextmanager
async def visiting(server: Server, chat: str = "") -> AsyncIterator[Visitor]:
    """A new visitor of the first web chat, or of another."""
    if not chat:
        chat = next(each["id"] for each in await server.everything("/v1/channels") if each["kind"] == "webchat")
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{server.url}/chat/{chat}/session", json={}) as answer:
            told = await answer.json()
            assert answer.status == 200, told
        yield Visitor(server, chat, told["token"], told["visitor"], session)
