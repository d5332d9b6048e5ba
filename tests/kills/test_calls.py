"""A real server killed with -9 while it waits for another system, which outlives it and says what it was asked."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.integration.flow import document
from tests.integration.server import running_server, until

LEASE_S = 120.0
"""How long a claim stands for which nobody answers: what the restart must not wait for."""


class Other:
    """Somebody else's server: it holds the first requests until it is told to let go, and answers later ones at once."""

    def __init__(self) -> None:
        self.asked: defaultdict[str, list[str]] = defaultdict(list)
        """Path -> the keys of its requests."""
        self.held = asyncio.Event()
        self._let_go = asyncio.Event()

    async def answer(self, request: web.Request) -> web.Response:
        self.asked[request.path].append(request.headers["Idempotency-Key"])
        if request.path == "/first" and len(self.asked["/first"]) == 1:
            self.held.set()
            await self._let_go.wait()
        return web.json_response({"reference": f"{request.path}{len(self.asked[request.path])}"})

    def let_go(self) -> None:
        self._let_go.set()


@pytest.mark.slow
async def test_a_call_in_flight_at_a_kill_is_made_again_at_once_with_its_key_and_the_flow_goes_on_once(tmp_path: Path) -> None:
    other, app = Other(), web.Application()
    app.router.add_route("*", "/{what}", other.answer)
    async with (
        TestServer(app, host="127.0.0.1") as outside,
        running_server(tmp_path, POSTDOG_CALL_ALLOW="127.0.0.1/32") as server,
    ):
        def call(path: str, name: str) -> tuple[str, dict[str, Any]]:
            url = f"http://127.0.0.1:{outside.port}/{path}"
            config = {"method": "POST", "url": url, "timeout": "PT45S", "save": {name: "body.reference"}}
            return "call_api", config

        nodes = {"start": ("trigger", {"on": {"kind": "api"}}), "first": call("first", "one"), "then": call("then", "two")}
        flow = await server.publish(document("Books", nodes, ["start -> first", "first.ok -> then"]))
        contact = await server.ask("POST", "/v1/contacts", {"name": "Anna", "phone": "+4930123456"})
        run = (await server.ask("POST", f"/v1/flows/{flow}/start", {"contact_id": contact["id"]}))["run_id"]
        await other.held.wait()
        await server.kill()
        other.let_go()
        await server.start()

        async def over() -> Any:
            found = await server.ask("GET", f"/v1/runs/{run}")
            return found if found["status"] != "waiting" else None

        ended = await until(over, LEASE_S / 4)
        assert (ended["status"], ended["variables"]["one"], ended["variables"]["two"]) == ("completed", "/first2", "/then1")
        first, again = other.asked["/first"]
        assert first == again, "the other side knows it by its key"
        assert len(other.asked["/then"]) == 1, "what comes after it is done once"
        steps = (await server.ask("GET", f"/v1/runs/{run}/steps"))["data"]
        ports = [(each["node"], each["port"]) for step in steps for each in step["path"] if each["port"]]
        assert ports.count(("first", "ok")) == 1
        assert server.row("SELECT attempts, state, error FROM call ORDER BY id LIMIT 1") == (2, 1, "")
