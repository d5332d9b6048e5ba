"""Flows that no message starts, against the real server: another system's webhook, a new contact, the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp

from tests.integration.server import Server, running_server, until


def flow(name: str, on: dict[str, Any]) -> dict[str, Any]:
    """A flow without a conversation: it only decides."""
    rule = {"subject": "total", "op": "gte", "value": 40}
    return {
        "schema": 1,
        "name": name,
        "nodes": [
            {"id": "start", "type": "trigger", "config": {"on": on}},
            {"id": "large", "type": "condition", "config": {"branches": [{"id": "yes", "label": "Large", "rule": rule}]}},
        ],
        "edges": [{"from": "start", "to": "large"}],
        "variables": [{"name": "total", "type": "number"}],
    }


async def runs_of(server: Server, flow_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await server.ask("GET", f"/v1/runs?flow_id={flow_id}"))["data"]
    return found


async def test_a_webhook_starts_its_flow_once_for_each_key_and_makes_the_contact(tmp_path: Path) -> None:
    on = {"kind": "webhook", "identity": {"phone": "who.phone"}, "name": "who.name", "variables": {"total": "cart.total"}}
    async with running_server(tmp_path) as server:
        cart = await server.publish(flow("Cart", on))
        welcome = await server.publish(flow("Welcome", {"kind": "contact_created"}))
        (trigger,) = (await server.ask("GET", f"/v1/flows/{cart}/triggers"))["data"]
        body = {"who": {"phone": "+15550002222", "name": "Ann"}, "cart": {"total": 42}}
        async with aiohttp.ClientSession() as session:
            for key in ("one", "one", "two"):
                async with session.post(trigger["url"], json=body, headers={"Idempotency-Key": key}) as answer:
                    assert answer.status == 202, await answer.text()
            async with session.post(trigger["url"], json={"who": {}}) as answer:
                refused = await answer.json()
        assert (answer.status, refused["error"]["type"]) == (400, "missing_identity")

        async def started() -> bool:
            return len(await runs_of(server, cart)) == 2 and len(await runs_of(server, welcome)) == 1

        await until(started)
        assert [run["variables"] for run in await runs_of(server, cart)] == [{"total": 42}, {"total": 42}]
        (contact,) = (await server.ask("GET", "/v1/contacts"))["data"]
        assert (contact["name"], contact["phone"]) == ("Ann", "+15550002222")
        counts = {each["node"]: each["left"] for each in (await server.ask("GET", f"/v1/flows/{cart}/counts"))["data"]}
        assert counts["large"] == {"yes": 2}
