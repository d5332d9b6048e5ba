"""The demo server on a thread of its own, for tests that drive a browser from the main thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.fakes.webchat_demo.room import Room
from tests.fakes.webchat_demo.script import Content
from tests.fakes.webchat_demo.server import Demo

CALL_TIMEOUT = 10.0
TURNS = 5
"""Of the loop until a connection that was taken just now is known to the runner, which then closes it."""


@dataclass(frozen=True)
class Running:
    """A served demo: `url` is the chat's origin, `host_url` another origin that reaches the same server."""

    demo: Demo
    loop: asyncio.AbstractEventLoop
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def host_url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def room(self) -> Room:
        """The newest visitor's conversation."""
        return list(self.demo.rooms.values())[-1]

    def call(self, work: Coroutine[Any, Any, Any]) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(CALL_TIMEOUT)

    def say(self, content: Content, sender: str = "bot", name: str | None = None) -> None:
        self.call(self.room.append(sender, name, content))

    def drop(self) -> None:
        self.call(self.demo.drop())


@contextmanager
def running() -> Iterator[Running]:
    """Serves a fresh demo on a free loopback port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    demo = Demo()

    runner = web.AppRunner(demo.app, shutdown_timeout=0.1)

    async def start() -> web.TCPSite:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return site

    async def stop() -> None:
        await site.stop()  # first: a page that is still open connects again as soon as it is dropped
        for _ in range(TURNS):
            await asyncio.sleep(0)
        await demo.drop()
        await runner.cleanup()

    site = asyncio.run_coroutine_threadsafe(start(), loop).result(CALL_TIMEOUT)
    try:
        yield Running(demo, loop, runner.addresses[0][1])
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(CALL_TIMEOUT)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(CALL_TIMEOUT)
        loop.close()
