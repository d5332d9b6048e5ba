"""A server in a process of its own, to be measured over HTTP: the whole product, or a bare echo.

`python -m benchmarks.served product FOLDER [GRAPH_URL]` and `python -m benchmarks.served echo` print one JSON line with their
address when they listen, and run until SIGTERM.
"""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from app.event_loop import run_async
from app.log import set_up_logging
from app.server import BACKLOG, serving
from app.settings import Settings
from benchmarks.stage import set_stage
from schemas.public_id import public_id

ROOT = Path(__file__).parents[1]
BODY_LIMIT = 3 * 1024 * 1024
"""Bytes: the same for both, what Meta's webhooks may have."""
START_S = 60.0


async def product(folder: Path, graph_url: str) -> None:
    """What `postdog serve` runs by default; without the address of a Graph server its channel takes everything."""
    settings = Settings(data_dir=folder, port=0)
    set_up_logging(settings.log_level, settings.log_format)
    with _listening() as listening:
        async with serving(settings, listening) as (graph, _):
            stage = await set_stage(graph, graph_url=graph_url)
            await _until_stopped(listening, f"/hooks/whatsapp/{public_id('ch', stage.channel)}")


async def echo() -> None:
    """The least that aiohttp can do with a webhook: read it, and answer with it."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    app = web.Application(client_max_size=BODY_LIMIT)
    app.router.add_post("/hooks/{kind}/{channel}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    with _listening() as listening:
        await web.SockSite(runner, listening).start()
        await _until_stopped(listening, "/hooks/whatsapp/echo")
    await runner.cleanup()


def _listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)


async def _until_stopped(listening: socket.socket, path: str) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    print(json.dumps({"port": listening.getsockname()[1], "path": path}), flush=True)
    await stopping.wait()


@dataclass(frozen=True)
class Served:
    """A server that listens."""

    pid: int
    port: int
    path: str

    async def counters(self) -> dict[str, float]:
        """What the product counts, from its `/metrics`."""
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.port}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        named = (line.rsplit(" ", 1) for line in lines if line.startswith("postdog_"))
        return {name.removeprefix("postdog_").removesuffix("_total"): float(value) for name, value in named}

    async def counted(self, name: str, wanted: int, within_s: float) -> None:
        """Wait until a counter has come to this. Raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while (await self.counters()).get(name, 0) < wanted:  # noqa: ASYNC110 - it is another process that we wait for
                await asyncio.sleep(0.02)

    def resident_megabytes(self) -> float:
        """Its memory that is in RAM now."""
        return resident_megabytes(self.pid)


def resident_megabytes(pid: int) -> float:
    """Memory of a process that is in RAM now, in MB (10^6 bytes), as Linux tells it."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ProcessLookupError(pid)


@asynccontextmanager
async def running(*words: str, log: Path) -> AsyncIterator[Served]:
    """`python -m benchmarks.served` with these words, until leaving; what it logs goes to a file."""
    child = await start("benchmarks.served", words, log)
    try:
        yield Served(child.pid, **await first_line(child))
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


async def start(module: str, words: Sequence[str], log: Path) -> asyncio.subprocess.Process:
    """A Python module as a process of its own."""
    with log.open("ab") as errors:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            cwd=ROOT,
        )


async def first_line(child: asyncio.subprocess.Process, within_s: float = START_S) -> dict[str, Any]:
    """The JSON that it prints. Raises RuntimeError where it ended without."""
    assert child.stdout is not None
    line = await asyncio.wait_for(child.stdout.readline(), within_s)
    if not line:
        raise RuntimeError("A process that was to be measured ended too early; its log says why.")
    found: dict[str, Any] = json.loads(line)
    return found


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["product", folder, *graph_url]:
            run_async(product(Path(folder), "".join(graph_url)))
        case ["echo"]:
            run_async(echo())
        case _:
            sys.exit(__doc__)
