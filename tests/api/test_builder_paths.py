"""What a picker offers at a node, who stands at one, and what happened on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm import path_list
from crm.journey import happened
from engine.core.known import known_at
from engine.core.path import FIXED
from nodes import node_types
from schemas.content import Media, Text, dump_content
from tests.api.office import greeting, office
from tests.contract.house import house

TYPES = node_types()


def wait(id: str, save_as: str) -> dict[str, Any]:
    return {"id": id, "type": "wait", "config": {"for": {"kind": "reply", "save_as": save_as, "timeout": "PT1H"}}}


def asking() -> dict[str, Any]:
    """start -> first (sets name) -> second (sets city) -> last; first's timeout leads straight to last."""
    return {
        "schema": 1,
        "name": "Asking",
        "nodes": [
            {"id": "start", "type": "trigger", "config": {"on": {"kind": "keyword", "words": ["hi"]}}},
            wait("first", "name"),
            wait("second", "city"),
            {"id": "last", "type": "send_message", "config": {"text": "Bye"}},
        ],
        "edges": [
            {"from": "start", "port": "next", "to": "first"},
            {"from": "first", "port": "next", "to": "second"},
            {"from": "first", "port": "timeout", "to": "last"},
            {"from": "second", "port": "next", "to": "last"},
        ],
        "variables": [{"name": "size", "type": "number", "default": 3}, {"name": "colour"}],
    }


def set_at(document: dict[str, Any], node: str) -> dict[str, tuple[str, ...]]:
    return {each.name: each.by for each in known_at(document, node, TYPES) if each.set}


def test_a_variable_is_known_behind_the_node_that_sets_it():
    assert set_at(asking(), "start") == {"size": ()}
    assert set_at(asking(), "first") == {"size": ()}
    assert set_at(asking(), "second") == {"name": ("first",), "size": ()}
    assert set_at(asking(), "last") == {"name": ("first",), "city": ("second",), "size": ()}
    by_name = {each.name: each for each in known_at(asking(), "second", TYPES)}
    assert (by_name["colour"].set, by_name["city"].set, by_name["size"].type) == (False, False, "number")


def test_in_a_circle_a_node_knows_what_it_sets_itself():
    document = asking()
    document["edges"].append({"from": "second", "port": "timeout", "to": "first"})
    assert set(set_at(document, "first")) == {"name", "city", "size"}


def test_what_the_api_may_give_is_known_where_it_starts():
    document = asking()
    document["nodes"][0]["config"]["on"] = {"kind": "api"}
    assert set(set_at(document, "first")) == {"size", "colour"}


@pytest.mark.parametrize("odd", [None, 7, [], {}, {"nodes": 3}, {"nodes": [{"id": "last", "type": "gone"}]}, {"schema": 99}])
def test_any_json_is_taken(odd: Any):
    assert known_at(odd, "last", TYPES) == ()


def test_every_fixed_path_has_words():
    assert path_list.FIXED.keys() == FIXED.keys()


async def test_the_picker_gets_variables_fields_and_the_rest():
    async with office() as it:
        await it.call("POST", "/v1/fields", {"key": "shoe_size", "label": "Shoe size", "type": "number"})
        flow = await it.call("POST", "/v1/flows", {"document": asking()})
        path = f"/v1/flows/{flow['id']}/paths"
        found = (await it.call("POST", path, {"node": "second"}))["data"]
        assert [each["path"] for each in found[:4]] == ["name", "size", "city", "colour"]
        assert found[0] == {
            "path": "name", "label": "Name", "group": "variable", "type": "text", "set": True, "by": ["first"]
        }  # fmt: skip
        assert [(each["path"], each["label"], each["type"]) for each in found if each["group"] == "field"] == [
            ("contact.shoe_size", "Shoe size", "number")
        ]
        unsaved = greeting()
        found = (await it.call("POST", path, {"node": "hello", "document": unsaved}))["data"]
        assert "variable" not in {each["group"] for each in found}
        assert (await it.refused("POST", "/v1/flows/flow_zz/paths", 404, {"node": "a"}))[0] == "not_found"


async def test_who_stands_at_a_node_and_how_they_came_there(tmp_path: Path):
    async with house(tmp_path / "data") as it:
        document = greeting()
        config = {"for": {"kind": "duration", "duration": "P1D"}}
        document["nodes"][1] = {"id": "later", "type": "wait", "label": "Later", "config": config}
        document["edges"][0]["to"] = "later"
        flow = (await it.call("POST", "/v1/flows", {"document": document}))["id"]
        await it.call("POST", f"/v1/flows/{flow}/publish")
        for name in ("Ann", "Bob"):
            body = {"identity": {"kind": "webchat", "value": name.lower()}, "channel_id": "ch_1"}
            assert (await it.call("POST", f"/v1/flows/{flow}/start", body))["status"] == "started"
        contacts = (await it.call("GET", "/v1/contacts"))["data"]
        await it.call("PATCH", f"/v1/contacts/{contacts[0]['id']}", {"name": "Ann"})
        (gone,) = (await it.call("GET", f"/v1/runs?contact_id={contacts[1]['id']}"))["data"]
        await it.call("POST", f"/v1/runs/{gone['id']}/stop")

        async def at(query: str) -> list[str | None]:
            return [each["contact_name"] for each in (await it.call("GET", f"/v1/runs?flow_id={flow}&{query}"))["data"]]

        assert await at("node=later&live=true") == ["Ann"]
        assert await at("node=later&live=true&version=1") == ["Ann"]
        assert await at("node=later&version=2") == []
        assert await at("node=start&live=true") == []
        assert await at("live=false") == [None]
        (live,) = (await it.call("GET", f"/v1/runs?flow_id={flow}&live=true"))["data"]
        (step,) = (await it.call("GET", f"/v1/runs/{live['id']}/steps"))["data"]
        assert step["text"] == "Started by hand or by the API"
        assert [each["label"] for each in step["path"]] == ["start", "Later"]


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("message_received", {"channel": 1, "external_id": "x", "content": dump_content(Text("Hi\nthere"))}, "Wrote “Hi there”"),
        (
            "message_received",
            {"channel": 1, "external_id": "x", "content": dump_content(Media("image", url="https://a.example/b.png"))},
            "Sent an image",
        ),
        ("wait_due", {"run": 1, "wait": 2}, "The time of the wait was up"),
        ("start_flow", {"flow": 1, "reason": "schedule"}, "Started by its schedule"),
        ("event_named", {"name": "paid", "data": {}}, "The event “paid” came"),
        ("stop_run", {"run": 1, "reason": "by hand"}, "Stopped: by hand"),
        ("from_a_newer_release", {"odd": 1}, "From a newer release"),
        ("wait_due", {"unknown": 1}, "Wait due"),
    ],
)
def test_events_are_told_in_words(kind: str, body: dict[str, Any], words: str):
    assert happened({"kind": kind, "body": body}) == words
