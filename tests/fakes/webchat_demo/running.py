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

    async def start() -> tuple[web.AppRunner, int]:
        runner = web.AppRunner(demo.app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return runner, runner.addresses[0][1]

    runner, port = asyncio.run_coroutine_threadsafe(start(), loop).result(CALL_TIMEOUT)
    try:
        yield Running(demo, loop, port)
    finally:
        asyncio.run_coroutine_threadsafe(demo.drop(), loop).result(CALL_TIMEOUT)
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(CALL_TIMEOUT)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(CALL_TIMEOUT)
        loop.close()
