"""One server: database up to date, engine running, HTTP open, and a stop that loses nothing."""

from __future__ import annotations

import asyncio
import errno
import signal

import structlog
from aiohttp import web
from rich.console import Console

from app.bootstrap import Started, ensure_workspace
from app.graph import open_graph
from app.http import http_app
from app.loops import Loops
from app.settings import Settings
from engine.runtime.clock import SystemClock
from storage.migrate import upgrade

log: structlog.stdlib.BoundLogger = structlog.get_logger("postdog")
PORT_IN_USE = 2


async def run_server(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; the exit code."""
    await asyncio.to_thread(upgrade, settings.database)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    async with open_graph(settings, SystemClock(), public_url=settings.reached_at(settings.port)) as graph:
        started = await ensure_workspace(graph)
        runner = web.AppRunner(http_app(graph), access_log=None, shutdown_timeout=settings.shutdown_seconds)
        await runner.setup()
        site = web.TCPSite(runner, settings.host, settings.port)
        try:
            await site.start()
        except OSError as error:
            await runner.cleanup()
            return _refused(settings, error)
        loops = Loops(graph)
        await graph.runtime.start()
        loops.start()
        _greet(settings, started, _port(runner, settings.port))
        await stopping.wait()
        log.info("stopping")
        await loops.stop()
        await runner.cleanup()
        await graph.runtime.stop(settings.shutdown_seconds)
    return 0


def _refused(settings: Settings, error: OSError) -> int:
    why = "is in use by another program" if error.errno == errno.EADDRINUSE else f"can't be used ({error.strerror})"
    words = f"Port {settings.port} on {settings.host} {why}. Choose another: postdog serve --port {settings.port + 1}"
    Console(stderr=True).print(f"[red]{words}[/red]")
    return PORT_IN_USE


def _port(runner: web.AppRunner, wanted: int) -> int:
    """The port that was really taken: with 0 the system picks one."""
    addresses = runner.addresses
    return int(addresses[0][1]) if addresses else wanted


def _greet(settings: Settings, started: Started, port: int) -> None:
    """Say where everything is, on standard output; the key only this once."""
    address = settings.reached_at(port)
    lines = [f"PostDog is running at {address}"]
    if started.chat:
        lines.append(f"  chat with a demo flow   {address}/chat/{started.chat}")
    lines.append(f"  API documentation       {address}/docs")
    if started.key:
        lines.append(f"  your API key            {started.key}  (shown this once; keep it in a safe place)")
    print("\n".join(lines), flush=True)


