"""Another system on loopback for Call API to call: what it answers, what it does wrong, and what it was asked."""

from __future__ import annotations

import asyncio
import gzip
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.contract.house import House, house

LOOPBACK = "127.0.0.1/32"
TOKEN = "tok-3f9a/77b1+c0de"
GIB = 1 << 30


class Other:
    """Somebody else's server, which behaves in many ways and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.times: Counter[str] = Counter()
        self.sent = 0

    async def was_asked(self, times: int = 1) -> None:
        for _ in range(500):
            if len(self.asked) >= times:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"it was asked {len(self.asked)} times")

    async def answer(self, request: web.Request) -> web.StreamResponse:
        what = request.match_info["what"]
        self.times[what] += 1
        self.asked.append((str(request.rel_url), dict(request.headers), await request.read()))
        match what:
            case "slots":
                return web.json_response({"slots": [{"id": "s1"}], "day": request.query.get("day")})
            case "taken":
                return web.json_response({"error": "taken"}, status=409)
            case "busy" if self.times[what] < 3:
                return web.Response(status=429, headers={"Retry-After": "1"})
            case "busy" | "echo":
                return web.json_response({"headers": dict(request.headers), "query": dict(request.query)})
            case "down":
                return web.json_response({"why": "maintenance"}, status=503)
            case "loop":
                raise web.HTTPFound("/loop")
            case "inside":
                raise web.HTTPFound("http://10.0.0.1/latest/meta-data")
            case "away":
                raise web.HTTPTemporaryRedirect(f"http://localhost:{request.url.port}/echo")
            case "wrong":
                return web.Response(text='{"slots": [', content_type="application/json")
            case "page":
                return web.Response(text="<h1>Hello</h1>", content_type="text/html")
            case "bomb":
                packed = gzip.compress(bytes(50_000_000))
                return web.Response(body=packed, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})
            case "packed":
                body = gzip.compress(b'{"packed": true}')
                return web.Response(body=body, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})
            case "endless":
                return await self.endless(request)
            case "later":
                return web.Response(status=202)
            case _:
                await asyncio.sleep(30)
                return web.Response()

    async def endless(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        with suppress(ConnectionError):  # who asked has hung up
            while self.sent < 3 * GIB:
                await answer.write(bytes(65_536))
                self.sent += 65_536
        return answer


def files(folder: Path) -> bytes:
    """All that the server wrote."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@asynccontextmanager
async def both(folder: Path, **settings: Any) -> AsyncIterator[tuple[House, Other, str]]:
    other = Other()
    app = web.Application()
    app.router.add_route("*", "/{what:[^/]+}{more:.*}", other.answer)
    async with TestServer(app, host="127.0.0.1") as server, house(folder, **{"call_allow": LOOPBACK, **settings}) as it:
        yield it, other, f"http://127.0.0.1:{server.port}"
