"""One server: database up to date, engine running, HTTP open, and a stop that loses nothing."""

from __future__ import annotations

import asyncio
import errno
import gc
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiohttp import web
from rich.console import Console

from api.route.users import link_address
from app.bootstrap import Started, ensure_workspace
from app.graph import Graph, open_graph
from app.http import http_app
from app.loops import Loops
from app.settings import Settings
from engine.runtime.clock import SystemClock
from storage.lock import sole_server
from storage.migrate import upgrade

log: structlog.stdlib.BoundLogger = structlog.get_logger("postdog")
PORT_IN_USE = 2
BACKLOG = 128
"""Connections that may wait to be taken: what asyncio itself asks for is 100, Linux bounds it by somaxconn."""


async def run_server(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; the exit code. The port and the database are taken first: without them nothing is touched.

    Raises AlreadyServed while another server has the database.
    """
    try:
        listening = _listen(settings)
    except OSError as error:
        return _refused(settings, error)
    with listening, sole_server(settings.database):
        return await _serve(settings, listening)


async def _serve(settings: Settings, listening: socket.socket) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    async with serving(settings, listening) as (_, started):
        _greet(settings, started, int(listening.getsockname()[1]))
        await stopping.wait()
        log.info("stopping")
    return 0


@asynccontextmanager
async def serving(settings: Settings, listening: socket.socket) -> AsyncIterator[tuple[Graph, Started]]:
    """The whole server on a socket that listens: brought up to date, running, and stopped in order on leaving."""
    await asyncio.to_thread(upgrade, settings.database)
    public_url = settings.reached_at(int(listening.getsockname()[1]))
    async with open_graph(settings, SystemClock(), public_url=public_url) as graph:
        started = await ensure_workspace(graph)
        runner = web.AppRunner(http_app(graph), access_log=None, shutdown_timeout=settings.shutdown_seconds)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        loops = Loops(graph)
        await graph.runtime.start()
        loops.start()
        gc.collect()
        gc.freeze()  # what stands now stays: no collection walks the programs, tables and modules again
        try:
            yield graph, started
        finally:
            await loops.stop()
            await runner.cleanup()
            await graph.runtime.stop(settings.shutdown_seconds)


def _listen(settings: Settings) -> socket.socket:
    """The socket to serve on. Raises OSError for a port in use and for an address that isn't this machine's."""
    found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    return socket.create_server((str(address[0]), settings.port), family=family, backlog=BACKLOG)


def _refused(settings: Settings, error: OSError) -> int:
    why = "is in use by another program" if error.errno == errno.EADDRINUSE else f"can't be used ({error.strerror})"
    words = f"Port {settings.port} on {settings.host} {why}. Choose another: postdog serve --port {settings.port + 1}"
    Console(stderr=True).print(f"[red]{words}[/red]")
    return PORT_IN_USE


def _greet(settings: Settings, started: Started, port: int) -> None:
    """Say where everything is, on standard output; the key only this once, the link as long as nobody can sign in."""
    address = settings.reached_at(port)
    lines = [f"PostDog is running at {address}"]
    if started.welcome:
        lines.append(f"  make your account       {link_address(address, started.welcome)}  (works once, for a day)")
    if started.chat:
        lines.append(f"  chat with a demo flow   {address}/chat/{started.chat}")
    lines.append(f"  API documentation       {address}/docs")
    if started.key:
        lines.append(f"  your API key            {started.key}  (shown this once; keep it in a safe place)")
    print("\n".join(lines), flush=True)
