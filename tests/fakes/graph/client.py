"""For tests: starts a fake Graph in this process or as one of its own, and asks and steers it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.fakes.graph.errors import JsonObject
from tests.fakes.graph.server import create_app
from tests.fakes.graph.settings import Settings

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class FakeGraph:
    """A running fake. `base_url` is what the channel under test gets as its Graph address (without a version)."""

    base_url: str
    session: aiohttp.ClientSession
    settings: Settings
    pid: int | None = None

    @classmethod
    @asynccontextmanager
    async def in_process(cls, settings: Settings | None = None, *, port: int = 0) -> AsyncIterator[Self]:
        """The fake in this event loop, on a free port of the loopback."""
        given = settings or Settings()
        runner = web.AppRunner(create_app(given), shutdown_timeout=1.0, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            async with aiohttp.ClientSession() as session:
                yield cls(f"http://127.0.0.1:{runner.addresses[0][1]}", session, given)
        finally:
            await runner.cleanup()

    @classmethod
    @asynccontextmanager
    async def process(cls, settings: Settings | None = None, *, arguments: Sequence[str] = ()) -> AsyncIterator[Self]:
        """The fake as a process, which outlives nothing: it is ended on leaving. `arguments` go to its command line."""
        given = settings or Settings()
        names = ("hook_url", "app_secret", "token", "phone_number_id", "waba_id", "display_phone_number", "seed")
        flags = [part for name in names for part in (f"--{name.replace('_', '-')}", str(getattr(given, name)))]
        if given.state_file is not None:
            flags += ["--state-file", str(given.state_file)]
        command = [sys.executable, "-m", "tests.fakes.graph", *flags, *arguments]
        child = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
        try:
            assert child.stdout is not None
            ready = json.loads(await asyncio.wait_for(child.stdout.readline(), 30))
            async with aiohttp.ClientSession() as session:
                yield cls(f"http://127.0.0.1:{ready['port']}", session, given, child.pid)
        finally:
            if child.returncode is None:
                child.terminate()
            await child.communicate()

    async def control(self, method: str, name: str, body: Any = None, **query: object) -> Any:
        """One call of the control API; raises ValueError with the server's words when it refuses."""
        params = {key: str(value) for key, value in query.items() if value is not None}
        url = f"{self.base_url}/_control/{name}"
        async with self.session.request(method, url, json=body, params=params) as answer:
            if answer.status != 200:
                raise ValueError(await answer.text())
            return await answer.json()

    async def inbound(self, sender: str | None, text: str | None = None, **more: Any) -> JsonObject:
        """A customer writes: {id, ids, http_status}. `sender` None with bsuid=... is somebody without a phone.

        >>> await graph.inbound("16505551234", "hi")                                        # doctest: +SKIP
        >>> await graph.inbound("16505551234", type="image", image={"caption": "Look"})     # doctest: +SKIP
        """
        content = {"type": "text", "text": text} if text is not None else {}
        result: JsonObject = await self.control("POST", "inbound", {"from": sender, **content, **more})
        return result

    async def press(self, sender: str, choice: str, **more: Any) -> JsonObject:
        """A customer taps the button or row with this id or title, of the newest message that offers it."""
        return await self.inbound(sender, type="press", press=choice, **more)

    async def batch(self, *acts: JsonObject) -> JsonObject:
        """Several customer acts in one webhook body with nested arrays."""
        result: JsonObject = await self.control("POST", "inbound", list(acts))
        return result

    async def raw(self, body: Any, headers: dict[str, str] | None = None) -> int | None:
        """Signs and sends any body once; the status that the hook answered."""
        answer = await self.control("POST", "raw", {"body": body, "headers": headers or {}})
        status: int | None = answer["http_status"]
        return status

    async def sent(self, recipient: str | None = None, *, count: int = 0, timeout: float = 10.0) -> list[JsonObject]:
        """Accepted messages in order; with `count`, waits up to `timeout` seconds until there are so many."""
        result: list[JsonObject] = await self.control(
            "GET", "sent", recipient=recipient, count=count, timeout=timeout if count else 0
        )
        return result

    async def requests(self, *, count: int = 0, timeout: float = 10.0) -> list[JsonObject]:
        """Everything received, accepted or refused: {method, path, body, http_status, error_code, at}."""
        result: list[JsonObject] = await self.control("GET", "requests", count=count, timeout=timeout if count else 0)
        return result

    async def fault(self, mode: str = "error", **more: Any) -> None:
        """Arms a fault: code=131056, http_status=503, count=2, recipient="1650..."."""
        await self.control("POST", "faults", {"mode": mode, **more})

    async def rules(self, **rules: Any) -> None:
        """Sets recipients={number: {...}}, allowed=[...], chaos={...}, templates=[...], number_rate=, pair_burst=..."""
        await self.control("POST", "rules", rules)

    async def recipient(self, number: str, **rule: Any) -> None:
        """Sets how one recipient behaves: window="refuse", last_inbound_age=90000, refuse=131030, fail=131026."""
        await self.rules(recipients={number: rule})

    async def advance(self, seconds: float) -> None:
        await self.control("POST", "clock", {"advance": seconds})

    async def settled(self, timeout: float = 10.0) -> bool:
        """Whether all callbacks were told, waiting up to `timeout` seconds for that."""
        answer = await self.control("GET", "idle", timeout=timeout)
        return bool(answer["idle"])

    async def stats(self) -> JsonObject:
        result: JsonObject = await self.control("GET", "stats")
        return result

    async def hold(self, *where: str, release: bool = False) -> None:
        """Holds the sends to come, in turn "before" or "after" they are accepted; none: no more. `release` lets the held go."""
        await self.control("POST", "hold", {"where": where, "release": release})

    async def held(self, count: int, timeout: float = 30.0) -> int:
        """How many sends are held, once there are `count`, or after `timeout` seconds."""
        answer = await self.control("GET", "held", count=count, timeout=timeout)
        return int(answer["held"])

    async def reset(self) -> None:
        await self.control("POST", "reset")
