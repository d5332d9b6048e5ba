"""The demo's memory: visitors, their messages in order, and who is connected."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from tests.fakes.webchat_demo.script import Content, answer


@dataclass
class Room:
    """One visitor's conversation."""

    visitor: str
    token: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    sockets: set[web.WebSocketResponse] = field(default_factory=set)
    received: list[dict[str, Any]] = field(default_factory=list)

    async def tell(self, frame: dict[str, Any]) -> None:
        for socket in list(self.sockets):
            if not socket.closed:
                await socket.send_json(frame)

    async def append(self, sender: str, name: str | None, content: Content, client_id: str | None = None) -> None:
        seq = len(self.messages) + 1
        frame = {
            "type": "message",
            "seq": seq,
            "id": f"msg_{self.visitor}_{seq}",
            "from": sender,
            "name": name,
            "at": datetime.now(UTC).isoformat(),
            "client_id": client_id,
            "content": content,
        }
        self.messages.append(frame)
        await self.tell(frame)

    async def take(self, socket: web.WebSocketResponse, frame: dict[str, Any], *, lose_answer: bool) -> None:
        """Stores a visitor's message once per client_id, confirms it and lets the bot answer."""
        client_id, content = frame["client_id"], frame["content"]
        if any(message["client_id"] == client_id for message in self.messages):
            await socket.send_json({"type": "status", "client_id": client_id, "status": "received"})
            return
        if content.get("text") == "refuse":
            error = {"message": "This message was refused. Write something else."}
            await socket.send_json({"type": "status", "client_id": client_id, "status": "refused", "error": error})
            return
        if lose_answer:
            self.sockets.discard(socket)
            await self.append("visitor", None, content, client_id)
            await socket.close(code=1012)
            return
        await socket.send_json({"type": "status", "client_id": client_id, "status": "received"})
        await self.append("visitor", None, content, client_id)
        reply = answer(content)
        if reply is not None:
            await self.append(*reply)
