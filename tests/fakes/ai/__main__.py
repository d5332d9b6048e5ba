"""`python -m tests.fakes.ai`: the fake as a process of its own; one JSON line with its port when it listens."""

import argparse
import asyncio
import json
import signal

from aiohttp import web

from tests.fakes.ai.server import create_app


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.ai", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--key", default="", help="the key that it wants; empty: none")
    return parser.parse_args()


async def serve(given: argparse.Namespace) -> None:
    """Runs until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    runner = web.AppRunner(create_app(given.key), shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, given.host, given.port)
    await site.start()
    print(json.dumps({"port": runner.addresses[0][1], "ready": True}), flush=True)
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(parse()))
