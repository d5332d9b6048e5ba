"""A customer's system that webhooks are delivered to: it checks each signature by itself, and answers as it is told."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web


@dataclass
class Receiver:
    """Everything that came, in order. `answers` are the next statuses; after them 200."""

    url: str = ""
    port: int = 0
    secret: str = ""
    answers: list[int] = field(default_factory=list)
    came: list[tuple[dict[str, str], dict[str, Any], bytes]] = field(default_factory=list)

    def events(self) -> list[str]:
        """The kinds of all that came."""
        return [body["type"] for _, body, _ in self.came]

    def of(self, event: str) -> dict[str, Any]:
        """The data of the first of a kind."""
        data: dict[str, Any] = next(body["data"] for _, body, _ in self.came if body["type"] == event)
        return data

    def all_genuine(self) -> bool:
        """True if each was signed in each of the three ways."""
        return all(genuine(self.secret, headers, body) for headers, _, body in self.came)

    async def take(self, request: web.Request) -> web.Response:
        """Take one."""
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.came.append((headers, orjson.loads(body), body))
        return web.Response(status=self.answers.pop(0) if self.answers else 200, text="thanks")


@asynccontextmanager
async def receiving(port: int = 0, **settings: Any) -> AsyncIterator[Receiver]:
    """A receiver on this machine; on the same `port` again after one was closed."""
    receiver = Receiver(**settings)
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    receiver.port = int(runner.addresses[0][1])
    receiver.url = f"http://127.0.0.1:{receiver.port}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()


def genuine(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """What a receiver does by the text of Standard Webhooks 1.0, and by the two older headers."""
    key = base64.b64decode(secret.split("_", 1)[1])
    content = headers["webhook-id"].encode() + b"." + headers["webhook-timestamp"].encode() + b"." + body
    wanted = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    standard = any(hmac.compare_digest(wanted, each) for each in headers["webhook-signature"].split(" "))
    plain = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    stamp, made = (part.split("=", 1)[1] for part in headers["x-postdodo-signature"].split(","))
    dodo = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return standard and headers["x-webhook-signature"] == plain and made == dodo
