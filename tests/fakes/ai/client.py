"""For tests: starts the fake as a process of its own, and asks and steers it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class FakeAi:
    """A running fake; `base_url` is what the settings take."""

    url: str
    session: aiohttp.ClientSession

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    async def goes(self, mode: str, times: int = -1) -> None:
        """What the next answers are like."""
        async with self.session.post(f"{self.url}/_control/mode", json={"mode": mode, "times": times}) as answer:
            assert answer.status == 200

    async def asked(self) -> list[dict[str, Any]]:
        """Every request so far."""
        async with self.session.get(f"{self.url}/_control/requests") as answer:
            found: list[dict[str, Any]] = await answer.json()
            return found


@asynccontextmanager
async def running_ai(key: str = "") -> AsyncIterator[FakeAi]:
    """The fake, which is ended on leaving."""
    command = [sys.executable, "-m", "tests.fakes.ai", "--key", key]
    child = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert child.stdout is not None
        ready = json.loads(await asyncio.wait_for(child.stdout.readline(), 30))
        async with aiohttp.ClientSession() as session:
            yield FakeAi(f"http://127.0.0.1:{ready['port']}", session)
    finally:
        child.terminate()
        await child.wait()
