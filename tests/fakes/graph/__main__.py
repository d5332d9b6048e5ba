"""`python -m tests.fakes.graph`: the fake as a process of its own; one JSON line with its port when it listens."""

import argparse
import asyncio
import json
import signal
from pathlib import Path

from aiohttp import web

from tests.fakes.graph.server import create_app
from tests.fakes.graph.settings import WILD, Chaos, Settings


def parse() -> argparse.Namespace:
    defaults = Settings()
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.graph", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--hook-url", default=defaults.hook_url, help="where signed webhooks go")
    for name in ("app_secret", "token", "phone_number_id", "waba_id", "display_phone_number"):
        parser.add_argument(f"--{name.replace('_', '-')}", default=getattr(defaults, name))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--state-file", type=Path, help="accepted messages are appended here and read at start")
    parser.add_argument("--callbacks", choices=["none", "orderly", "wild"], default="orderly")
    parser.add_argument("--status-delay", type=float, default=0.05, help="seconds between sent, delivered and read")
    parser.add_argument(
        "--number-rate", type=float, default=defaults.number_rate, help="messages a second; 0: no limit"
    )
    parser.add_argument("--pair-burst", type=int, default=defaults.pair_burst, help="0: no limit")
    parser.add_argument("--hook-connections", type=int, default=defaults.hook_connections)
    return parser.parse_args()


def to_settings(given: argparse.Namespace) -> Settings:
    names = ("hook_url", "app_secret", "token", "phone_number_id", "waba_id", "display_phone_number")
    return Settings(
        **{name: getattr(given, name) for name in names},
        seed=given.seed,
        state_file=given.state_file,
        callbacks=given.callbacks != "none",
        chaos=WILD if given.callbacks == "wild" else Chaos(),
        status_delay_s=given.status_delay,
        number_rate=given.number_rate,
        pair_burst=given.pair_burst,
        hook_connections=given.hook_connections,
    )


async def serve(given: argparse.Namespace) -> None:
    """Runs until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    runner = web.AppRunner(create_app(to_settings(given)), shutdown_timeout=1.0, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, given.host, given.port)
    await site.start()
    print(json.dumps({"port": runner.addresses[0][1], "ready": True}), flush=True)
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(parse()))
