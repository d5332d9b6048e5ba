"""The live WebSocket: for our own pages with their cookie, of the own workspace only, with the builder's notices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientWebSocketResponse, WSServerHandshakeError

from api.route import live_socket
from engine.runtime.protocol import Notice
from tests.api.office import greeting
from tests.api.test_sign_in import Browser, colleague, owner
from tests.contract.house import KEY, House, house


@pytest_asyncio.fixture
async def it(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path / "data") as running:
        yield running


async def heard(socket: ClientWebSocketResponse, event: str) -> dict[str, Any]:
    """The data of the next event of this name."""
    async with asyncio.timeout(10):
        while True:
            told = await socket.receive_json()
            if told["event"] == event:
                return dict(told["data"])


def connect(it: House, browser: Browser | None = None, **headers: str) -> Any:
    said = {"Origin": it.url, "Cookie": browser.cookie} if browser else dict(KEY)
    return it.client.ws_connect("/v1/live", headers={**said, **headers})


async def test_a_colleagues_save_and_publish_are_heard(it: House) -> None:
    ada = await owner(it)
    agent = await colleague(it, ada, "agent")
    async with connect(it, agent) as socket:
        await heard(socket, "hello")
        flow = await ada.call("POST", "/v1/flows", {"document": greeting()})
        assert (await heard(socket, "flow"))["change"] == "created"
        saved = await ada.ask("PUT", f"/v1/flows/{flow['id']}", {"document": greeting("B")}, If_Match="*", X_Client="tab-7")
        assert saved.status == 200
        told = await heard(socket, "flow")
        assert told == {"id": flow["id"], "change": "saved", "by": "usr_1", "client": "tab-7", "revision": 2, "name": "B"}
        await ada.call("POST", f"/v1/flows/{flow['id']}/publish")
        told = await heard(socket, "flow")
        assert (told["change"], told["version"]) == ("published", 1)


async def test_runs_and_counts_of_watched_flows_are_heard(it: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_socket, "TICK_SECONDS", 0.05)
    ada = await owner(it)
    flow = await ada.call("POST", "/v1/flows", {"document": greeting()})
    await ada.call("POST", f"/v1/flows/{flow['id']}/publish")
    async with connect(it, ada) as socket:
        await heard(socket, "hello")
        await socket.send_str("no json")
        await socket.send_json({"watch": [flow["id"], "nonsense", 7]})
        identity = {"kind": "webchat", "value": "visitor-7"}
        channel = (await ada.call("GET", "/v1/channels"))["data"][0]["id"]
        start = {"identity": identity, "channel_id": channel}
        await ada.call("POST", f"/v1/flows/{flow['id']}/start", start)
        run = await heard(socket, "run")
        assert (run["flow_id"], run["id"].startswith("run_")) == (flow["id"], True)
        assert await heard(socket, "counts") == {"flow_id": flow["id"]}


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_another_sites_page_hears_nothing(it: House, origin: str) -> None:
    ada = await owner(it)
    with pytest.raises(WSServerHandshakeError) as refused:
        await connect(it, ada, Origin=origin)
    assert refused.value.status == 403
    with pytest.raises(WSServerHandshakeError) as refused:
        await it.client.ws_connect("/v1/live", headers={"Origin": it.url})
    assert refused.value.status == 401


async def test_a_key_hears_its_own_workspace_only(it: House) -> None:
    async with connect(it) as socket:
        await heard(socket, "hello")
        it.graph.hub.publish([Notice(2, "contact", id=7), Notice(1, "contact", id=42)])
        assert await heard(socket, "contact") == {"id": "ct_g"}


async def test_whoever_signs_out_hears_no_more(it: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_socket, "LOOK_SECONDS", 0.05)
    ada = await owner(it)
    async with connect(it, ada) as socket:
        await heard(socket, "hello")
        await ada.call("DELETE", "/v1/session")
        async with asyncio.timeout(10):
            await socket.receive()
        assert socket.closed


async def test_the_server_stops_with_a_page_connected(tmp_path: Path) -> None:
    async with house(tmp_path / "other") as it:
        socket = await connect(it)
        await heard(socket, "hello")
        await it.client.server.close()
        async with asyncio.timeout(10):
            await socket.receive()
        assert socket.closed
