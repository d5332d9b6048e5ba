"""Flows over HTTP: drafts, checks, publishing, versions, starting, and what is refused."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import orjson
import pytest

from app.ready_made import ready_made_flows
from nodes import node_types
from schemas.contact import ContactChange, Identity
from schemas.event import ChangeContact, StartFlow
from storage.table import ContactRow, IdentityRow, NodeCountRow, RunRow
from tests.api.office import HOOK, KEY, OTHER, START, greeting, live_flow, office


def run_row(id: int, flow: int, version: int, node: str = "hello", status: str = "waiting", tenant: int = 1) -> RunRow:
    return RunRow(
        id=id, tenant=tenant, contact=id, flow=flow, version=version, conversation=0, status=status, node=node,
        at_version=version, state=b"{}", started_at=START, expires_at=START,
    )  # fmt: skip


async def add(it, *rows) -> None:
    await it.store.write(lambda session: session.add_all(rows))


async def test_a_draft_is_made_read_and_saved_under_its_etag():
    async with office() as it:
        made = await it.client.post("/v1/flows", json={"document": greeting()}, headers=KEY)
        flow = await made.json()
        assert (made.status, flow["key"], flow["status"], flow["live"]) == (201, "greeting", "draft", None)
        assert flow["document"] == greeting()
        path, etag = f"/v1/flows/{flow['id']}", made.headers["ETag"]
        assert await it.refused("PUT", path, 428, {"document": greeting("B")}) == (
            "precondition_required",
            "Send If-Match with the ETag that you loaded, so that nobody's change is lost.",
        )
        saved = await it.client.put(path, json={"document": greeting("B")}, headers={**KEY, "If-Match": etag})
        assert (saved.status, (await saved.json())["revision"]) == (200, 2)
        assert saved.headers["ETag"] != etag
        lost = await it.client.put(path, json={"document": greeting("C")}, headers={**KEY, "If-Match": etag})
        assert lost.status == 412
        assert (await it.call("GET", path))["name"] == "B"


async def test_saving_the_same_again_keeps_the_etag():
    async with office() as it:
        made = await it.client.post("/v1/flows", json={"document": greeting()}, headers=KEY)
        path = f"/v1/flows/{(await made.json())['id']}"
        etag = made.headers["ETag"]
        saved = await it.client.put(path, json={"document": greeting()}, headers={**KEY, "If-Match": etag})
        assert saved.headers["ETag"] == etag


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "Give a document, the key of a ready-made flow, or a name"),
        ({"document": {"name": "A", "nodes": [{"id": "a b", "type": "wait"}]}}, "form"),
        ({"document": {"name": "A", "nodes": [{"id": f"n{i}", "type": "wait"} for i in range(2_000)]}}, "at most 1000"),
        ({"name": "A", "colour": "red"}, "no field"),
    ],
)
async def test_what_is_no_document_is_refused_with_the_place(body, word):
    async with office() as it:
        kind, message = await it.refused("POST", "/v1/flows", 400, body)
        assert kind
        told = await it.call("POST", "/v1/flows", body, status=400)
        assert word in message + str(told["error"]["details"])
        assert await it.call("POST", "/api/v1/flows", body, status=422)


async def test_numbers_that_no_store_holds_are_refused():
    async with office() as it:
        document = greeting()
        document["nodes"][1]["config"]["text"] = 10**30
        body = BytesIO(json.dumps({"document": document}).encode())
        told = await it.client.post("/v1/flows", data=body, headers={**KEY, "Content-Type": "application/json"})
        assert (told.status, "64 bits" in await told.text()) == (400, True)
        flow = await live_flow(it, greeting())
        body = BytesIO(json.dumps({"contact_id": 1, "variables": {"a": 10**30}}).encode())
        path = f"/v1/flows/{flow['id']}/start"
        told = await it.client.post(path, data=body, headers={**KEY, "Content-Type": "application/json"})
        assert (told.status, "64 bits" in await told.text()) == (400, True)


async def test_a_body_of_5_mb_is_refused_before_it_is_read():
    async with office() as it:
        body = BytesIO(orjson.dumps({"document": greeting(text="x" * 5_000_000)}))
        told = await it.client.post("/v1/flows", data=body, headers={**KEY, "Content-Type": "application/json"})
        assert (told.status, (await told.json())["error"]["type"]) == (413, "body_too_large")


async def test_a_draft_may_be_unfinished_and_validate_says_what_is_missing():
    async with office() as it:
        flow = await it.call("POST", "/v1/flows", {"name": "Empty"}, status=201)
        path = f"/v1/flows/{flow['id']}"
        told = await it.call("POST", path + "/validate")
        assert not told["valid"]
        assert [problem["code"] for problem in told["problems"]] == ["no_trigger"]
        told = await it.call("POST", path + "/validate", {"document": greeting()})
        assert told["valid"]
        assert told["ports"]["start"] == [{"id": "next", "label": "Then", "kind": "next"}]
        unknown = greeting()
        unknown["nodes"][1]["type"] = "send_mesage"
        told = await it.call("POST", path + "/validate", {"document": unknown})
        assert ("unknown_node_type", "/nodes/1/type") in {(each["code"], each["pointer"]) for each in told["problems"]}


async def test_publish_refuses_errors_with_their_pointers_and_keeps_what_was_live():
    async with office() as it:
        flow = await live_flow(it, greeting())
        path = f"/v1/flows/{flow['id']}"
        broken = greeting()
        broken["edges"][0]["to"] = "nowhere"
        await it.client.put(path, json={"document": broken}, headers={**KEY, "If-Match": "*"})
        told = await it.call("POST", path + "/publish", status=400)
        assert told["error"]["type"] == "flow_invalid"
        assert told["error"]["details"][0]["field"] == "/edges/0/to"
        assert (await it.call("GET", path))["live"]["number"] == 1


async def test_publishing_makes_versions_by_content_and_layout_is_no_content():
    async with office() as it:
        flow = await it.call("POST", "/v1/flows", {"document": greeting()}, status=201)
        path = f"/v1/flows/{flow['id']}"
        first = await it.call("POST", path + "/publish", {"note": "first"})
        assert (first["version"]["number"], first["new"], first["version"]["live"]) == (1, True, True)
        moved = greeting(layout={"hello": {"x": 1, "y": 2}})
        await it.client.put(path, json={"document": moved}, headers={**KEY, "If-Match": "*"})
        assert not (await it.call("GET", path))["changed"]
        assert not (await it.call("POST", path + "/publish"))["new"]
        await it.client.put(path, json={"document": greeting(text="Hi!")}, headers={**KEY, "If-Match": "*"})
        assert (await it.call("GET", path))["changed"]
        second = await it.call("POST", path + "/publish")
        assert (second["version"]["number"], second["new"]) == (2, True)
        versions = (await it.call("GET", path + "/versions"))["data"]
        assert [(each["number"], each["live"], each["note"]) for each in versions] == [(2, True, ""), (1, False, "first")]
        old = await it.call("GET", path + "/versions/1")
        assert old["document"]["nodes"][1]["config"]["text"] == "Hello!"
        assert (await it.refused("GET", path + "/versions/9", 404))[1] == "This flow has no version 9."
        assert await it.refused("GET", path + "/versions/x", 404)


async def test_a_dry_run_tells_the_runs_on_older_versions_and_changes_nothing():
    async with office() as it:
        flow = await live_flow(it, greeting())
        path, version = f"/v1/flows/{flow['id']}", 1
        await add(it, run_row(7, 1, version), run_row(8, 1, version), run_row(9, 1, version, status="completed"))
        await it.client.put(path, json={"document": greeting(text="Hi!")}, headers={**KEY, "If-Match": "*"})
        told = await it.call("POST", path + "/publish", {"dry_run": True, "policy": "move"})
        assert (told["runs"], told["version"], told["new"]) == (2, None, True)
        assert told["standing"] == [{"version": "ver_1", "number": 1, "node": "hello", "runs": 2}]
        assert (await it.call("GET", path))["live"]["number"] == 1
        await it.call("POST", path + "/publish", {"policy": "move"})
        world = await it.services.worlds.get(1)
        assert world.live[1] == 2
        assert (world.successors[1].policy, world.successors[1].version) == ("move", 2)


async def test_rolling_back_makes_the_old_version_live_and_points_runs_at_it():
    async with office() as it:
        flow = await live_flow(it, greeting())
        path = f"/v1/flows/{flow['id']}"
        await it.client.put(path, json={"document": greeting(text="Hi!")}, headers={**KEY, "If-Match": "*"})
        await it.call("POST", path + "/publish", {"policy": "move"})
        told = await it.call("POST", path + "/versions/1/publish", {"policy": "end"})
        assert (told["version"]["number"], told["new"]) == (1, False)
        world = await it.services.worlds.get(1)
        assert world.live[1] == 1
        assert {version: each.policy for version, each in world.successors.items()} == {2: "end"}
        assert await it.refused("POST", path + "/versions/7/publish", 404)


async def test_deactivating_takes_it_out_of_the_world_and_lets_it_be_archived_and_deleted():
    async with office() as it:
        flow = await live_flow(it, greeting())
        path = f"/v1/flows/{flow['id']}"
        assert "Deactivate it first" in (await it.refused("DELETE", path, 409))[1]
        assert "Deactivate it first" in (await it.refused("PATCH", path, 409, {"archived": True}))[1]
        await add(it, run_row(7, 1, 1))
        assert (await it.call("POST", path + "/deactivate"))["status"] == "draft"
        assert (await it.services.worlds.get(1)).live == {}
        assert "1 contacts are in this flow" in (await it.refused("DELETE", path, 409))[1]
        assert (await it.call("PATCH", path, {"archived": True}))["status"] == "archived"
        assert (await it.call("GET", "/v1/flows"))["total"] == 0
        assert (await it.call("GET", "/v1/flows?archived=true"))["total"] == 1
        assert "Bring it back" in (await it.refused("POST", path + "/publish", 409))[1]
        await it.store.write(lambda session: session.delete(session.get(RunRow, 7)))
        await it.call("DELETE", path, status=204)
        await it.refused("GET", path, 404)


async def test_a_copy_is_a_flow_of_its_own():
    async with office() as it:
        flow = await live_flow(it, greeting())
        copy = await it.call("POST", f"/v1/flows/{flow['id']}/duplicate", status=201)
        assert (copy["name"], copy["key"], copy["status"]) == ("Greeting (copy)", "greeting-copy", "draft")
        assert copy["document"]["nodes"] == flow["document"]["nodes"]


async def test_lists_are_pages_with_live_state():
    async with office() as it:
        for number in range(3):
            await it.call("POST", "/v1/flows", {"document": greeting(f"Flow {number}")}, status=201)
        page = await it.call("GET", "/v1/flows?limit=2")
        assert (len(page["data"]), page["total"], page["has_more"]) == (2, 3, True)
        assert "document" not in page["data"][0]


async def test_x1_a_flow_is_started_for_a_contact_with_variables():
    async with office() as it:
        flow = await live_flow(it, greeting(variables=[{"name": "order", "type": "number"}]))
        await add(it, ContactRow(id=42, tenant=1, part=0, created_at=START, updated_at=START))
        it.engine.answer = {"run": "run_9", "status": "waiting"}
        path = f"/v1/flows/{flow['id']}/start"
        told = await it.call("POST", path, {"contact_id": "ct_g", "variables": {"order": "12"}})
        assert told == {"status": "started", "run_id": "run_9", "event_id": "ev_1"}
        event = it.engine.events[0]
        assert (event.contact, event.body) == (42, StartFlow(1, variables={"order": 12}, reason="api"))
        assert (await it.refused("POST", path, 400, {"contact_id": 42, "variables": {"order": "many"}})) == (
            "wrong_variable",
            "The variable order must be a number.",
        )
        assert await it.refused("POST", path, 404, {"contact_id": 43})
        assert await it.refused("POST", path, 404, {"contact_id": 42, "channel_id": "ch_2"})
        assert await it.refused("POST", path, 400, {})


async def test_x1_by_an_address_and_under_an_idempotency_key():
    async with office() as it:
        flow = await live_flow(it, greeting())
        it.engine.answer = None
        path, body = f"/v1/flows/{flow['id']}/start", {"identity": {"kind": "phone", "value": "+49 151 12345678"}}
        headers = {**KEY, "Idempotency-Key": "order-7"}
        first = await it.call("POST", path, body, headers=headers, status=202)
        assert first == {"status": "accepted", "run_id": None, "event_id": "ev_1"}
        assert it.engine.events[0].identities == (Identity("phone", "+4915112345678"),)
        await it.call("POST", path, body, headers=headers, status=202)
        assert len(it.engine.events) == 1
        bad = {"identity": {"kind": "phone", "value": "12"}}
        assert (await it.refused("POST", path, 400, bad))[1] == (
            "Invalid phone number format. Use E.164 format: +1234567890"
        )


async def test_what_the_engine_refuses_is_told_with_its_code():
    async with office() as it:
        flow = await live_flow(it, greeting())
        body = {"identity": {"kind": "email", "value": "a@b.example"}}
        it.engine.refuse("owned_by_agent")
        assert await it.refused("POST", f"/v1/flows/{flow['id']}/start", 409, body) == (
            "owned_by_agent",
            "It can't be. Do otherwise.",
        )
        draft = await it.call("POST", "/v1/flows", {"document": greeting()}, status=201)
        assert (await it.refused("POST", f"/v1/flows/{draft['id']}/start", 409, body))[0] == "not_published"


async def hook_url(it, flow):
    (trigger,) = (await it.call("GET", f"/v1/flows/{flow['id']}/triggers"))["data"]
    assert trigger["kind"] == "webhook"
    assert trigger["url"].startswith("https://chat.example/hooks/flow/")
    return trigger["url"].removeprefix("https://chat.example")


async def test_e13_another_system_starts_a_flow_by_its_secret_address():
    async with office() as it:
        flow = await live_flow(it, greeting(on=HOOK, variables=[{"name": "total", "type": "number"}]))
        path = await hook_url(it, flow)
        body = {"customer": {"phone": "+49 151 12345678", "name": "Ada"}, "order": {"total": "12.5", "lines": [{"name": "Tea"}]}}
        told = await it.call("POST", path, body, headers={}, status=202)
        assert (told["status"], told["duplicate"]) == ("accepted", False)
        name, start = it.engine.events
        assert name.body == ChangeContact((ContactChange("set_name", value="Ada"),), actor="webhook")
        assert start.body == StartFlow(1, node="start", variables={"total": 12.5, "item": "Tea"}, reason="webhook")
        assert start.identities == name.identities == (Identity("phone", "+4915112345678"),)
        await it.call("POST", path, body, headers={}, status=202)
        assert len(it.engine.events) == 4


async def test_e13_a_repeated_key_starts_nothing_and_a_known_name_stays():
    async with office() as it:
        flow = await live_flow(it, greeting(on=HOOK))
        path = await hook_url(it, flow)
        await add(
            it,
            ContactRow(id=42, tenant=1, part=0, name="Ada L.", created_at=START, updated_at=START),
            IdentityRow(tenant=1, kind="phone", value="+4915112345678", contact=42),
        )
        body = {"customer": {"phone": "+4915112345678", "name": "ADA"}}
        for duplicate in (False, True):
            told = await it.call("POST", path, body, headers={"Idempotency-Key": "order-7"}, status=202)
            assert told["duplicate"] is duplicate
        assert [event.body.kind for event in it.engine.events] == ["start_flow"]


async def test_e13_says_what_is_wrong_with_a_call():
    async with office() as it:
        flow = await live_flow(it, greeting(on=HOOK))
        path = await hook_url(it, flow)
        kind, message = await it.refused("POST", path, 400, {"order": 1}, headers={})
        assert (kind, message) == ("missing_identity", "The call names nobody. There is no phone at customer.phone. "
                                   "Send it, or change the trigger's mapping.")  # fmt: skip
        odd: Any
        for odd in ([], "hi", 5, None):
            assert await it.refused("POST", path, 400, odd, headers={})
        broken = await it.client.post(path, data=b"{", headers={"Content-Type": "application/json"})
        assert (await broken.json())["error"]["type"] == "malformed_json"
        large = await it.client.post(path, data=b"[" + b"1," * 140_000 + b"1]")
        assert large.status == 413
        assert await it.refused("POST", "/hooks/flow/unknown", 404, {}, headers={})
        assert it.engine.events == []


async def test_an_address_stays_while_its_node_does_and_can_be_renewed():
    async with office() as it:
        flow = await live_flow(it, greeting(on=HOOK))
        path, old = f"/v1/flows/{flow['id']}", await hook_url(it, flow)
        await it.client.put(path, json={"document": greeting(on=HOOK, text="Hi!")}, headers={**KEY, "If-Match": "*"})
        await it.call("POST", path + "/publish")
        assert await hook_url(it, flow) == old
        await it.call("POST", path + "/deactivate")
        assert (await it.refused("POST", old, 409, {}, headers={}))[0] == "not_published"
        await it.call("POST", path + "/publish")
        renewed = await it.call("POST", path + "/triggers/start/renew")
        assert renewed["url"].removeprefix("https://chat.example") == await hook_url(it, flow) != old
        assert await it.refused("POST", old, 404, {}, headers={})
        assert await it.refused("POST", path + "/triggers/hello/renew", 404)


async def test_counts_by_version_and_time():
    async with office() as it:
        flow = await live_flow(it, greeting())

        def count(node: str, port: str, hour: int, number: int) -> NodeCountRow:
            return NodeCountRow(
                version=1, node=node, port=port, hour=START.replace(hour=hour), part=hour, tenant=1, count=number
            )

        await add(it, count("start", "next", 8, 5), count("start", "next", 9, 2), count("hello", "", 9, 4), run_row(7, 1, 1))
        path = f"/v1/flows/{flow['id']}/counts"
        assert (await it.call("GET", path))["data"] == [
            {"node": "hello", "reached": 4, "left": {}, "waiting": 1},
            {"node": "start", "reached": 7, "left": {"next": 7}, "waiting": 0},
        ]
        later = await it.call("GET", path + "?since=2026-04-01T09:30:00Z")
        assert later["data"][1]["left"] == {"next": 2}
        assert (await it.call("GET", path + "?until=2026-04-01T09:00:00Z&version=1"))["data"][1]["left"] == {"next": 5}
        assert (await it.call("GET", path + "?version=2"))["data"] == []


async def test_node_types_and_schema_describe_what_the_server_has():
    async with office() as it:
        types = {each["type"]: each for each in (await it.call("GET", "/v1/node-types"))["data"]}
        assert sorted(types) == sorted(node_types())
        assert types["trigger"]["starts"]
        assert not types["wait"]["starts"]
        assert types["send_message"]["config_schema"]["properties"]["text"]
        schema = await it.call("GET", "/v1/flow-schema")
        assert schema["$schema"].endswith("2020-12/schema")


async def test_what_another_workspace_published_is_out_of_reach():
    async with office() as it:
        flow = await live_flow(it, greeting())
        assert await it.refused("GET", f"/v1/flows/{flow['id']}", 404, headers=OTHER)
        assert (await it.call("GET", "/v1/flows", headers=OTHER))["total"] == 0




async def test_a_ready_made_flow_brings_along_those_that_it_runs():
    async with office(ready_made=ready_made_flows()) as it:
        made = await it.client.post("/v1/flows", json={"ready_made": "onboarding", "name": "Our tour"}, headers=KEY)
        tour = await made.json()
        assert (made.status, tour["name"], tour["revision"]) == (201, "Our tour", 1)
        inner = next(each for each in (await it.call("GET", "/v1/flows"))["data"] if each["key"] == "onboarding-profile")
        step = next(node for node in tour["document"]["nodes"] if node["type"] == "run_flow")
        assert step["config"]["flow"] == inner["id"]
        found = await it.call("POST", f"/v1/flows/{tour['id']}/validate", {})
        assert [each["code"] for each in found["problems"] if each["pointer"].endswith("/flow")] == ["flow_not_published"]
        await it.call("POST", f"/v1/flows/{inner['id']}/publish", {})
        found = await it.call("POST", f"/v1/flows/{tour['id']}/validate", {})
        assert {each["code"] for each in found["problems"] if each["level"] != "info"} == {"unknown_template"}
        again = await it.call("POST", "/v1/flows", {"ready_made": "onboarding"})
        assert next(n for n in again["document"]["nodes"] if n["type"] == "run_flow")["config"]["flow"] == inner["id"]
        assert len((await it.call("GET", "/v1/flows"))["data"]) == 3


async def test_a_flow_that_runs_itself_is_found_out():
    def runs(name: str, flow: str) -> dict[str, Any]:
        nodes = [
            {"id": "start", "type": "trigger", "config": {"on": {"kind": "api"}}},
            {"id": "run", "type": "run_flow", "config": {"flow": flow}},
        ]
        return {"name": name, "nodes": nodes, "edges": [{"from": "start", "to": "run"}]}

    async with office() as it:
        one = await it.call("POST", "/v1/flows", {"document": runs("One", "two"), "key": "one"})
        two = await it.call("POST", "/v1/flows", {"document": runs("Two", one["id"]), "key": "two"})
        for flow, way in ((one, "One → Two → One"), (two, "Two → One → Two")):
            problems = (await it.call("POST", f"/v1/flows/{flow['id']}/validate", {}))["problems"]
            told = [each["message"] for each in problems if each["code"] == "cycle_of_flows"]
            assert told == [f"This flow runs itself: {way}."]
        elsewhere = await it.call("POST", "/v1/flows", {"document": runs("Three", "flow_unknown")})
        problems = (await it.call("POST", f"/v1/flows/{elsewhere['id']}/validate", {}))["problems"]
        assert [(each["code"], each["pointer"]) for each in problems if each["level"] == "error"] == [
            ("unknown_flow", "/nodes/1/config/flow")
        ]
