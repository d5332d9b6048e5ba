"""A real server in a process of its own, for tests: started, asked, killed, started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import aiohttp

KEY = "pd_test_key_of_the_integration_tests"
START_S = 30.0
"""Seconds for a start: migrations, flows, and a busy machine."""


@dataclass
class Server:
    """One server over one data directory."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    process: asyncio.subprocess.Process | None = None
    url: str = ""
    greeting: list[str] = field(default_factory=list)
    port: int = 0
    _logs: list[IO[bytes]] = field(default_factory=list)

    async def start(self) -> None:
        """Start it, and wait until it says where it is. A later start takes the same port."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "app.main",
            "serve",
            "--port",
            str(self.port),
            stdout=asyncio.subprocess.PIPE,
            stderr=self._open_log(),
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("POSTDOG_")},
                "POSTDOG_DATA_DIR": str(self.folder / "data"),
                "POSTDOG_BOOTSTRAP_API_KEY": KEY,
                "POSTDOG_LOG_LEVEL": "warning",
                **self.environment,
            },
        )
        assert self.process.stdout is not None
        async with asyncio.timeout(START_S):
            first = (await self.process.stdout.readline()).decode()
            assert "running at" in first, (first, self.log())
            self.greeting = [first]
            while "API documentation" not in self.greeting[-1]:
                self.greeting.append((await self.process.stdout.readline()).decode())
        self.url = first.split(" at ")[1].strip()
        self.port = int(self.url.rsplit(":", 1)[1])

    async def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM, and its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.terminate()
        return await self.process.wait()

    def _open_log(self) -> IO[bytes]:
        self._logs.append((self.folder / "server.log").open("ab"))
        return self._logs[-1]

    def close(self) -> None:
        """Close what was opened for it."""
        for log in self._logs:
            log.close()

    def log(self) -> str:
        """What it logged."""
        return (self.folder / "server.log").read_text()

    async def ask(self, method: str, path: str, body: Any = None, status: int | None = None, **headers: str) -> Any:
        """One request with the key; its JSON. Any 2xx is well, if no status is named."""
        sent = {"Authorization": f"Bearer {KEY}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url + path, json=body, headers=sent) as answer,
        ):
            found = await answer.json() if answer.content_type == "application/json" else await answer.text()
            well = answer.status == status if status else 200 <= answer.status < 300
            assert well, (answer.status, found)
            return found

    async def publish(self, document: dict[str, Any]) -> str:
        """A flow, created and published; its id."""
        flow = await self.ask("POST", "/v1/flows", {"document": document})
        await self.ask("POST", f"/v1/flows/{flow['id']}/publish", {})
        return str(flow["id"])


@asynccontextmanager
async def running_server(folder: Path, **environment: str) -> AsyncIterator[Server]:
    """A started server; killed at the end if it still runs."""
    server = Server(folder, environment)
    try:
        await server.start()
        yield server
    finally:
        if server.process is not None and server.process.returncode is None:
            await server.kill()
        server.close()
