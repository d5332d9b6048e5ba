"""Exploring a flow over the API: progress line by line, then the report, while the server goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.route.explore import SLICE
from tests.api.office import KEY, Office, office
from tests.simulator.explore.flow import flow, fork, say, start, when
from tests.simulator.small import DOCUMENT

TEA = json.loads(json.dumps(DOCUMENT).replace('"bar"', '"everyone"'))


@pytest.fixture
async def it() -> AsyncIterator[Office]:
    async with office() as it:
        yield it


async def explored(it: Office, flow_id: str, body: dict[str, Any] | None = None) -> tuple[int, list[dict[str, Any]]]:
    async with it.client.post(f"/v1/flows/{flow_id}/explore", json=body or {}, headers=KEY) as reply:
        return reply.status, [json.loads(line) async for line in reply.content]


async def made(it: Office, document: Any) -> str:
    return str((await it.call("POST", "/v1/flows", {"document": document}, status=201))["id"])


async def test_progress_comes_before_the_report(it: Office) -> None:
    status, lines = await explored(it, await made(it, TEA))
    assert status == 200
    assert [line["state"] for line in lines[:-1]] == ["running"] * (len(lines) - 1)
    assert lines[-1]["state"] == "done"
    found = lines[-1]["report"]
    assert found["coverage"]["nodes"]["percent"] == 100
    assert found["paths"][0]["lines"][0]["side"] in ("contact", "event")
    assert "ask" in lines[-2]["nodes"]


async def test_a_flow_with_errors_and_an_unknown_channel_are_refused(it: Office) -> None:
    broken = await made(it, {"name": "Broken", "nodes": [{"id": "a", "type": "send_message", "config": {"text": "Hi"}}]})
    assert (await explored(it, broken))[0] == 400
    assert (await explored(it, await made(it, TEA), {"channels": ["pigeon"]}))[0] == 400


async def test_the_loop_goes_on_while_a_large_flow_is_explored(it: Office) -> None:
    forks = [fork(f"f{at}", when(f"contact.fields.k{at}", "is", "x")) for at in range(12)]
    edges = ["start f0", *(f"f{at}.{port} f{at + 1}" for at in range(11) for port in ("b0", "else")), "f11.b0 end"]
    document = flow([start(), *forks, say("end")], edges).model_dump(mode="json", by_alias=True)
    fields = [{"key": f"k{at}", "name": f"K{at}", "type": "text"} for at in range(12)]
    for field in fields:
        await it.call("POST", "/v1/fields", {"key": field["key"]}, status=201)
    id = await made(it, document)
    beats, done = 0, asyncio.Event()

    async def beat() -> None:
        nonlocal beats
        while not done.is_set():
            beats += 1
            await asyncio.sleep(0)

    beating = asyncio.create_task(beat())
    status, lines = await explored(it, id)
    done.set()
    await beating
    assert (status, lines[-1]["state"]) == (200, "done")
    assert lines[-1]["report"]["tried"] > 1_000
    assert [line["tried"] for line in lines[1:6]] == [SLICE * each for each in range(1, 6)]
    assert beats > 10 * len(lines)
