"""What the builder needs of flows: its list, ready-made ones, two people at once, newer documents, missing node types."""

from __future__ import annotations

import copy
from io import BytesIO
from typing import Any

import orjson
import pytest

from api.services import ReadyMade
from crm.flows import get_flow
from nodes import node_types
from schemas.flow import FlowDocument
from storage.table import FlowRow
from tests.api.office import KEY, OTHER, greeting, live_flow, office

HEADERS = {**KEY, "X-Client": "tab-1"}


async def make(it, document: dict[str, Any]) -> tuple[str, str]:
    """A flow's path and its ETag."""
    made = await it.client.post("/v1/flows", json={"document": document}, headers=KEY)
    assert made.status == 201, await made.text()
    return f"/v1/flows/{(await made.json())['id']}", made.headers["ETag"]


async def test_the_list_says_what_starts_a_flow_and_where():
    async with office() as it:
        channel = (await it.call("GET", "/v1/channels"))["data"][0]
        document = greeting()
        document["nodes"][0]["config"]["channels"] = [channel["id"]]
        await make(it, document)
        (flow,) = (await it.call("GET", "/v1/flows"))["data"]
        assert flow["starts"] == ["api"]
        assert flow["channels"] == [{"id": channel["id"], "name": channel["name"], "kind": "webchat"}]
        await make(it, {"schema": 1, "name": "Empty", "nodes": [], "edges": []})
        empty = (await it.call("GET", "/v1/flows?search=empt"))["data"][0]
        assert (empty["starts"], empty["channels"]) == ([], [])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("search=ORD", ["Orders"]),
        ("search=100%25", ["100% off"]),
        ("search=_", []),
        ("live=true", ["Live one"]),
        ("live=false", ["100% off", "Orders"]),
        ("archived=true", ["Old"]),
    ],
)
async def test_the_list_is_searched_and_filtered(query: str, names: list[str]):
    async with office() as it:
        for name in ("Orders", "100% off"):
            await make(it, greeting(name))
        await live_flow(it, greeting("Live one"))
        path, _ = await make(it, greeting("Old"))
        await it.call("PATCH", path, {"archived": True})
        found = (await it.call("GET", f"/v1/flows?{query}"))["data"]
        assert sorted(flow["name"] for flow in found) == names


async def test_a_flow_is_made_from_a_ready_made_one():
    async with office() as it:
        ready = ReadyMade("hello", "Says hello.", FlowDocument.model_validate(greeting("Hello")))
        object.__setattr__(it.services, "ready_made", (ready,))
        (shown,) = (await it.call("GET", "/v1/ready-made-flows"))["data"]
        assert shown == {"key": "hello", "name": "Hello", "description": "Says hello.", "nodes": 2, "starts": ["api"]}
        made = await it.call("POST", "/v1/flows", {"ready_made": "hello", "name": "Mine"})
        assert (made["name"], made["key"], made["document"]["nodes"]) == ("Mine", "mine", greeting("Hello")["nodes"])
        assert (await it.refused("POST", "/v1/flows", 404, {"ready_made": "nothing"}))[1] == (
            "There is no ready-made flow “nothing”."
        )
        both = {"ready_made": "hello", "document": greeting()}
        assert (await it.refused("POST", "/v1/flows", 400, both))[0] == "validation_failed"


async def test_whoever_was_slower_gets_what_is_there_now():
    async with office() as it:
        path, etag = await make(it, greeting())
        theirs, mine = greeting(), greeting()
        theirs["nodes"][1]["config"]["text"] = "Theirs"
        mine["nodes"][0]["label"] = "Mine"
        saved = await it.client.put(path, json={"document": theirs}, headers={**KEY, "If-Match": etag})
        assert saved.status == 200
        lost = await it.client.put(path, json={"document": mine}, headers={**KEY, "If-Match": etag})
        told = await lost.json()
        assert (lost.status, told["error"]["type"]) == (412, "precondition_failed")
        current = told["current"]
        assert current["document"] == theirs
        assert current["revision"] == 2
        merged = copy.deepcopy(current["document"])
        merged["nodes"][0] = mine["nodes"][0]
        joined = await it.client.put(path, json={"document": merged}, headers={**KEY, "If-Match": current["etag"]})
        assert joined.status == 200
        now = (await it.call("GET", path))["document"]
        assert (now["nodes"][0]["label"], now["nodes"][1]["config"]["text"]) == ("Mine", "Theirs")


async def test_other_refusals_say_nothing_of_a_current_state():
    async with office() as it:
        path, _ = await make(it, greeting())
        assert set(await it.call("PUT", path, {"document": greeting()}, status=428)) == {"error", "message"}
        assert "current" not in await it.call("GET", "/v1/flows/flow_zzz", status=404)


async def test_a_document_of_a_newer_schema_is_refused_by_name_and_nothing_is_lost():
    async with office() as it:
        path, etag = await make(it, greeting())
        newer = {**greeting("Newer"), "schema": 2, "something_new": {"deep": True}}
        for method, where, headers in (("POST", "/v1/flows", KEY), ("PUT", path, {**KEY, "If-Match": etag})):
            kind, message = await it.refused(method, where, 400, {"document": newer}, headers=headers)
            assert (kind, "schema 2" in message) == ("newer_schema", True)
        assert (await it.call("GET", path))["document"] == greeting()
        found = await it.call("POST", f"{path}/validate", {"document": newer})
        assert [problem["code"] for problem in found["problems"]] == ["newer_schema"]


async def test_a_stored_draft_of_a_newer_schema_is_shown_and_kept():
    async with office() as it:
        path, _ = await make(it, greeting())
        newer = {**greeting("Newer"), "schema": 2, "something_new": 1}

        def downgrade(session: Any) -> None:
            row: FlowRow = get_flow(session, 1, 1)
            row.draft = newer
            session.add(row)

        await it.store.write(downgrade)
        assert (await it.call("GET", path))["document"] == newer
        assert (await it.call("GET", "/v1/flows"))["data"][0]["changed"] is True
        for method, where, body in (
            ("POST", f"{path}/publish", None),
            ("POST", f"{path}/duplicate", None),
            ("PATCH", path, {"name": "Other"}),
        ):
            assert (await it.refused(method, where, 400, body))[0] in ("newer_schema", "flow_invalid"), where
        assert (await it.call("GET", path))["document"] == newer


async def test_a_node_type_that_is_gone_is_kept_and_told():
    async with office() as it:
        document = greeting()
        strange = {"id": "odd", "type": "acme.lottery", "label": "Draw", "config": {"prize": {"list": [1, 2]}}}
        document["nodes"].append(strange)
        document["edges"].append({"from": "hello", "to": "odd"})
        path, etag = await make(it, document)
        document["nodes"][1]["label"] = "Say it"
        saved = await it.client.put(path, json={"document": document}, headers={**KEY, "If-Match": etag})
        assert saved.status == 200
        assert (await it.call("GET", path))["document"]["nodes"][-1] == strange
        found = await it.call("POST", f"{path}/validate")
        (problem,) = [each for each in found["problems"] if each["code"] == "unknown_node_type"]
        assert (problem["node"], problem["level"], problem["pointer"]) == ("odd", "error", "/nodes/2/type")
        assert "odd" not in found["ports"]
        assert (await it.refused("POST", f"{path}/publish", 400))[0] == "flow_invalid"


async def test_a_live_flow_whose_node_type_is_removed_still_loads():
    async with office() as it:
        flow = await live_flow(it, greeting())
        fewer = {name: each for name, each in node_types().items() if name != "trigger"}
        object.__setattr__(it.services, "node_types", fewer)
        (shown,) = (await it.call("GET", "/v1/flows"))["data"]
        assert (shown["id"], shown["starts"]) == (flow["id"] if isinstance(flow, dict) else shown["id"], [])


async def test_problems_name_their_node_and_edges_theirs():
    async with office() as it:
        document = greeting()
        document["nodes"][1]["config"] = {"text": ""}
        document["edges"].append({"from": "hello", "port": "next", "to": "nowhere"})
        path, _ = await make(it, document)
        found = await it.call("POST", f"{path}/validate")
        nodes = {problem["code"]: problem["node"] for problem in found["problems"]}
        assert nodes["empty_content"] == "hello"
        assert nodes["dangling_edge"] == "hello"


async def test_too_large_imports_are_refused_in_words():
    async with office() as it:
        large = {**greeting(), "variables": [{"name": "big", "default": "x" * 2_100_000}]}
        body = BytesIO(orjson.dumps({"document": large}))
        answer = await it.client.post("/v1/flows", data=body, headers={**KEY, "Content-Type": "application/json"})
        told = await answer.json()
        assert (answer.status, told["error"]["type"]) == (400, "flow_too_large")
        assert "2 MB at most are taken. Split it" in told["message"]
        larger = BytesIO(b" " * 5_100_000)
        refused = await it.client.post("/v1/flows", data=larger, headers={**KEY, "Content-Type": "application/json"})
        told = await refused.json()
        assert (refused.status, told["error"]["type"], "5 MB" in told["message"]) == (413, "body_too_large", True)


async def test_changes_are_told_to_who_looks_on():
    async with office() as it:
        heard = it.services.feed.subscribe(lambda notice: notice.topic == "flow")
        made = await it.client.post("/v1/flows", json={"document": greeting()}, headers=HEADERS)
        path, etag = f"/v1/flows/{(await made.json())['id']}", made.headers["ETag"]
        for _ in range(2):
            await it.client.put(path, json={"document": greeting("B")}, headers={**HEADERS, "If-Match": etag})
        await it.call("POST", f"{path}/publish")
        await it.call("POST", f"{path}/publish", {"dry_run": True})
        await it.call("POST", f"{path}/deactivate")
        await it.call("PATCH", path, {"archived": True})
        await it.call("DELETE", path)
        notices = heard.take()
        assert [notice.data["change"] for notice in notices] == [
            "created", "saved", "published", "deactivated", "changed", "deleted"
        ]  # fmt: skip
        assert {notice.tenant for notice in notices} == {1}
        assert [notice.data["client"] for notice in notices[:2]] == ["tab-1", "tab-1"]
        assert [notice.data.get("revision") for notice in notices[:3]] == [1, 2, 2]


async def test_another_workspace_sees_none_of_it():
    async with office() as it:
        path, etag = await make(it, greeting())
        assert (await it.call("GET", "/v1/flows?search=greet", headers=OTHER))["total"] == 0
        for method, where in (("PUT", path), ("POST", f"{path}/validate")):
            body = {"document": greeting()}
            assert (await it.refused(method, where, 404, body, headers={**OTHER, "If-Match": etag}))[0] == "not_found"
