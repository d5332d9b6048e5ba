"""`python -m tests.fakes.webchat_demo [port]`: the demo by hand, at /chat/ch_demo and /demo/host.html."""

from __future__ import annotations

import sys

from aiohttp import web

from tests.fakes.webchat_demo.server import Demo

if __name__ == "__main__":
    web.run_app(Demo().app, host="127.0.0.1", port=int(sys.argv[1]) if len(sys.argv) > 1 else 8099)
