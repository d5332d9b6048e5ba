"""Simulations over the API: what a builder's test panel needs, on the whole server, and nothing of it anywhere else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import func
from sqlmodel import Session, select

from simulator import live as live_module
from simulator import shelf as shelf_module
from storage.table import METADATA
from tests.api.office import KEY, OTHER, Office, office
from tests.contract.house import House, house
from tests.simulator.small import DOCUMENT

PANEL = {
    "schema": 1,
    "name": "Panel",
    "nodes": [
        {"id": "hi", "type": "trigger", "config": {"on": {"kind": "keyword", "words": ["hi"]}}},
        {
            "id": "shop",
            "type": "trigger",
            "config": {"on": {"kind": "webhook", "identity": {"phone": "phone"}, "variables": {"sum": "order.sum"}}},
        },
        {"id": "ask", "type": "send_message", "config": {"text": "How many, {{contact.name|friend}}?"}},
        {"id": "count", "type": "wait", "config": {"for": {"kind": "reply", "expect": {"kind": "number"}, "save_as": "n"}}},
        {"id": "thanks", "type": "send_message", "config": {"text": "{{n}} it is. {{sum|Nothing}} to pay."}},
        {"id": "paid", "type": "wait", "config": {"for": {"kind": "event", "name": "paid", "timeout": "P2D"}}},
        {"id": "done", "type": "send_message", "config": {"text": "Thank you!"}},
        {"id": "late", "type": "send_message", "config": {"text": "You did not pay."}},
    ],
    "edges": [
        {"from": "hi", "to": "ask"},
        {"from": "shop", "to": "ask"},
        {"from": "ask", "to": "count"},
        {"from": "count", "to": "thanks"},
        {"from": "thanks", "to": "paid"},
        {"from": "paid", "to": "done"},
        {"from": "paid", "port": "timeout", "to": "late"},
    ],
    "variables": [{"name": "sum", "type": "number"}],
}
AT = "2026-03-02T10:00:00Z"


TEA = json.loads(json.dumps(DOCUMENT).replace('"bar"', '"everyone"'))


@pytest.fixture
async def it() -> AsyncIterator[Office]:
    async with office() as it:
        yield it


async def begun(it: Any, document: Any = PANEL, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = await it.call("POST", "/v1/simulations", {"document": document, "at": AT, **more}, status=201)
    return told


async def step(it: Any, simulation: dict[str, Any], act: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = await it.call("POST", f"/v1/simulations/{simulation['id']}/events", act)
    return told


class Reply(NamedTuple):
    status: int
    error: str
    message: str
    body: Any


async def asked(it: Any, method: str, path: str, body: Any = None, *, headers: Any = KEY) -> Reply:
    answer = await it.client.request(method, path, json=body, headers=headers)
    told = await answer.json()
    error = told.get("error", {})
    return Reply(answer.status, error.get("type", ""), error.get("message", ""), told)


def texts(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["voice"], each["content"].get("text") or each["content"].get("title")) for each in told["messages"]]


def way(told: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(each["node"], each["port"]) for each in told["path"]]


# --- what happens ------------------------------------------------------------------------------------------------------------
TELLS = {
    "schema": 1,
    "name": "Tells",
    "nodes": [
        {"id": "start", "type": "trigger", "config": {"on": {"kind": "message"}}},
        {"id": "tell", "type": "emit_event", "label": "Tell", "config": {"event": "a.b", "data": [{"name": "n", "value": 1}]}},
        {"id": "notice", "type": "notify", "config": {"text": "Look"}},
    ],
    "edges": [{"from": "start", "to": "tell"}, {"from": "tell", "to": "notice"}],
}


async def test_what_others_would_be_told_is_shown_once(it: Office) -> None:
    simulation = await begun(it, TELLS)
    told = await step(it, simulation, {"say": "hi"})
    event = {"node": "tell", "label": "Tell", "event": "a.b", "data": {"n": 1}, "at": AT}
    assert [{key: value for key, value in each.items() if key != "id"} for each in told["emitted"]] == [event]
    assert [(each["text"], each["team"], each["address"]) for each in told["notified"]] == [("Look", "everyone", None)]
    later = await step(it, simulation, {"wait": "PT1M"})
    assert (later["emitted"], later["notified"]) == ([], [])
    whole = await it.call("GET", f"/v1/simulations/{simulation['id']}")
    assert (len(whole["emitted"]), len(whole["notified"])) == (1, 1)


async def test_a_conversation_each_step_answering_what_is_new(it: Office) -> None:
    simulation = await begun(it, contact={"name": "Ann"})
    assert (simulation["step"], simulation["whole"], simulation["messages"], simulation["now"]) == (0, True, [], AT)
    told = await step(it, simulation, {"say": "hi"})
    assert texts(told) == [("contact", "hi"), ("bot", "How many, Ann?")]
    assert way(told) == [("hi", "next"), ("ask", "next"), ("count", None)]
    assert (told["run"]["node"], told["run"]["wait"]["kind"], told["owner"]) == ("count", "reply", "BOT")
    assert "keyword 'hi'" in " ".join(told["trace"])
    told = await step(it, simulation, {"say": "3"})
    assert texts(told) == [("contact", "3"), ("bot", "3 it is. Nothing to pay.")]
    assert told["run"]["variables"]["n"] == 3
    assert (told["run"]["wait"]["event"], told["run"]["wait"]["until"]) == ("paid", "2026-03-04T10:00:00Z")
    assert told["next_due"] == "2026-03-04T10:00:00Z"
    assert texts(await step(it, simulation, {"event": {"name": "paid"}})) == [("bot", "Thank you!")]
    whole = await it.call("GET", f"/v1/simulations/{simulation['id']}")
    assert whole["whole"]
    assert len(whole["messages"]) == 5
    assert (whole["run"]["status"], whole["step"], whole["act"]) == ("completed", 3, {"event": {"name": "paid"}})


async def test_time_is_moved_and_waits_are_skipped(it: Office) -> None:
    simulation = await begun(it, start={"node": "paid"})
    assert simulation["run"]["wait"]["until"] == "2026-03-04T10:00:00Z"
    assert (await step(it, simulation, {"wait": "P1D"}))["now"] == "2026-03-03T10:00:00Z"
    assert (await step(it, simulation, {"until": "2026-03-03T12:00:00Z"}))["messages"] == []
    assert texts(await step(it, simulation, {"skip": "wait"})) == [("bot", "You did not pay.")]
    refused = await asked(it, "POST", f"/v1/simulations/{simulation['id']}/events", {"skip": "wait"})
    assert refused[:3] == (409, "cannot_happen", "Nothing waits for time.")


async def test_it_begins_at_any_node_with_given_variables(it: Office) -> None:
    for channel in ("webchat", "pager"):
        simulation = await begun(it, start={"node": "thanks", "variables": {"n": 7, "sum": 12.5}}, channel=channel)
        assert texts(simulation) == [("bot", "7 it is. 12.5 to pay.")]
        assert way(simulation) == [("thanks", "next"), ("paid", None)]
        assert (simulation["step"], simulation["run"]["node"]) == (0, "paid")
    again = await step(it, simulation, {"start": {"node": "late"}})
    assert texts(again) == [("bot", "You did not pay.")]


async def test_buttons_media_places_and_tags(it: Office) -> None:
    simulation = await begun(it, TEA)
    told = await step(it, simulation, {"media": "image"})
    assert [each["content"]["type"] for each in told["messages"]] == ["image", "buttons"]
    assert [each["id"] for each in told["choices"]] == ["tea", "coffee", "person"]
    unknown = await asked(it, "POST", f"/v1/simulations/{simulation['id']}/events", {"press": "Milk"})
    assert unknown.error == "cannot_happen"
    assert "there are Tea, Coffee, A person" in unknown.message
    pressed = await step(it, simulation, {"press": "Tea"})
    assert texts(pressed) == [("contact", "Tea"), ("bot", "Tea it is, friend.")]
    assert (await step(it, simulation, {"tag": "vip"}))["contact"]["tags"] == ["vip"]
    (place,) = (await step(it, simulation, {"location": {"latitude": 1, "longitude": 2}}))["messages"][:1]
    assert place["content"] == {"type": "location", "latitude": 1, "longitude": 2}


async def test_the_provider_fails_and_agents_come(it: Office) -> None:
    simulation = await begun(it, TEA, agents="busy")
    await step(it, simulation, {"fail": "131026"})
    failed = await step(it, simulation, {"say": "hi"})
    assert [(each["status"], each["code"]) for each in failed["messages"]] == [("received", None), ("failed", "131026")]
    assert failed["run"]["status"] == "failed"
    await step(it, simulation, {"say": "hi"})
    assert (await step(it, simulation, {"press": "A person"}))["owner"] == "QUEUE"
    assert (await step(it, simulation, {"agent": "online"}))["owner"] == "AGENT"
    assert texts(await step(it, simulation, {"agent_says": "Hello!"})) == [("human", "Hello!")]
    assert (await step(it, simulation, {"agent": "returns"}))["owner"] == "BOT"


async def test_a_webhook_is_read_as_the_trigger_says(it: Office) -> None:
    simulation = await begun(it)
    told = await step(it, simulation, {"webhook": {"body": {"phone": "+4915112345678", "order": {"sum": "99.5"}}}})
    assert texts(told) == [("bot", "How many, friend?")]
    assert told["run"]["variables"]["sum"] == 99.5
    nobody = await asked(it, "POST", f"/v1/simulations/{simulation['id']}/events", {"webhook": {"body": {}}})
    assert nobody.error == "cannot_happen"
    assert "There is no phone at phone." in nobody.message


async def test_steps_are_taken_back(it: Office) -> None:
    simulation = await begun(it)
    told = await step(it, simulation, {"say": "hi"})
    await step(it, simulation, {"say": "3"})
    await step(it, simulation, {"wait": "P9D"})
    back = await it.call("POST", f"/v1/simulations/{simulation['id']}/undo", {"steps": 2})
    assert (back["step"], back["undos"], back["whole"], back["now"]) == (1, 1, True, AT)
    assert (back["messages"], back["path"], back["run"]) == (told["messages"], told["path"], told["run"])
    assert texts(await step(it, simulation, {"say": "4"}))[1] == ("bot", "4 it is. Nothing to pay.")
    for expected in (1, 0):
        assert (await it.call("POST", f"/v1/simulations/{simulation['id']}/undo"))["step"] == expected
    empty = await asked(it, "POST", f"/v1/simulations/{simulation['id']}/undo")
    assert (empty.status, empty.error) == (409, "cannot_happen")


async def test_personas(it: Office) -> None:
    listed = (await it.call("GET", "/v1/personas"))["data"]
    assert len(listed) >= 5
    for each in listed:
        simulation = await begun(it, persona=each["key"])
        await step(it, simulation, {"say": "hi"})
        assert (await step(it, simulation, {"say": "1"}))["run"]["variables"]["n"] == 1
    mixed = await begun(it, persona="known", contact={"name": "Bo", "fields": {"size": "m"}})
    assert (mixed["contact"]["name"], mixed["contact"]["tags"], mixed["contact"]["fields"]) == ("Bo", ["customer"], {"size": "m"})


OPENING = {
    "schema": 1,
    "name": "Opening",
    "nodes": [
        {"id": "hi", "type": "trigger", "config": {"on": {"kind": "keyword", "words": ["hi"]}}},
        {
            "id": "open",
            "type": "condition",
            "config": {"branches": [{"id": "yes", "rule": {"subject": "hours.business", "op": "is_true"}}]},
        },
        {"id": "here", "type": "send_message", "config": {"text": "We are here."}},
        {"id": "gone", "type": "send_message", "config": {"text": "We are gone."}},
    ],
    "edges": [
        {"from": "hi", "to": "open"},
        {"from": "open", "port": "yes", "to": "here"},
        {"from": "open", "port": "else", "to": "gone"},
    ],
}


async def test_hours_are_as_the_clock_says_or_as_was_said(it: Office) -> None:
    [business] = (await it.call("GET", "/v1/hours"))["data"]
    weekly = [{"days": ["mon"], "from": "09:00", "to": "12:00"}]
    await it.call("PATCH", f"/v1/hours/{business['id']}", {"hours": {"weekly": weekly, "timezone": "UTC"}})
    here, gone = ("notice", "We are here."), ("notice", "We are gone.")

    async def answer(**more: Any) -> tuple[Any, list[dict[str, Any]]]:
        simulation = await begun(it, OPENING, **more)
        told = await step(it, simulation, {"say": "hi"})
        return texts(told)[1], told["hours"]

    late = {"at": "2026-03-02T13:00:00Z"}
    assert await answer() == (here, [{"key": "business", "open": True, "said": None}])
    assert await answer(**late) == (gone, [{"key": "business", "open": False, "said": None}])
    assert await answer(**late, hours={"business": "open"}) == (here, [{"key": "business", "open": True, "said": "open"}])
    assert await answer(hours={"business": "closed"}) == (gone, [{"key": "business", "open": False, "said": "closed"}])
    assert (await begun(it))["hours"] == []
    unknown = await asked(it, "POST", "/v1/simulations", {"document": OPENING, "hours": {"shop": "open"}})
    assert (unknown.status, unknown.error) == (400, "unknown_hours")


# --- what is tried -----------------------------------------------------------------------------------------------------------
async def test_a_draft_a_version_and_a_document(it: Office) -> None:
    flow = await it.call("POST", "/v1/flows", {"document": PANEL})
    await it.call("POST", f"/v1/flows/{flow['id']}/publish", {})
    nodes = [{**node, "config": {"text": "New!"}} if node["id"] == "ask" else node for node in PANEL["nodes"]]  # type: ignore[dict-item]
    draft = {**PANEL, "nodes": nodes}
    await it.call("PUT", f"/v1/flows/{flow['id']}", {"document": draft}, headers={**KEY, "If-Match": "*"})
    for more, said in (({}, "New!"), ({"version": 1}, "How many, friend?")):
        simulation = await it.call("POST", "/v1/simulations", {"flow_id": flow["id"], **more}, status=201)
        assert simulation["version"] == more.get("version")
        assert texts(await step(it, simulation, {"say": "hi"}))[1] == ("bot", said)
    unknown = await asked(it, "POST", "/v1/simulations", {"flow_id": flow["id"], "version": 9})
    assert (unknown.status, unknown.error) == (404, "not_found")


async def test_a_flow_that_does_not_validate_answers_with_its_problems(it: Office) -> None:
    broken = {**PANEL, "edges": [{"from": "hi", "to": "nowhere"}]}
    refused = await asked(it, "POST", "/v1/simulations", {"document": broken})
    assert (refused.status, refused.error) == (400, "flow_invalid")
    assert [each for each in refused.body["error"]["details"] if each["field"] == "/edges/0/to"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "Give flow_id, or a document."),
        ({"document": PANEL, "version": 1}, "A version is one of a flow"),
        ({"document": PANEL, "channel": "pigeon"}, "There is no channel kind pigeon"),
        ({"document": PANEL, "at": "9999-12-31T23:59:59Z"}, "Must lie between 1971 and 2200"),
        ({"document": PANEL, "at": 12}, "2026-03-03T09:00:00Z"),
        ({"document": PANEL, "persona": "nobody"}, "There is no persona nobody. There are new,"),
        ({"document": PANEL, "hours": {"business": "maybe"}}, "'open' or 'closed'"),
        ({"document": PANEL, "contact": {"phone": "12"}}, ""),
        ({"document": PANEL, "contact": {"timezone": "Middle/Earth"}}, "is not a time zone"),
    ],
)
async def test_what_can_not_be_begun(it: Office, body: dict[str, Any], words: str) -> None:
    refused = await asked(it, "POST", "/v1/simulations", body)
    assert refused.status == 400, refused.body
    assert words in str(refused.body)


@pytest.mark.parametrize(
    "act",
    [
        {}, {"say": "a", "press": "b"}, {"shout": "a"}, {"wait": "soon"}, {"until": 12}, {"expect": []}, {"say": None},
        {"until": "9999-01-01T00:00:00Z"},
    ],
)  # fmt: skip
async def test_a_step_that_can_not_be_read(it: Office, act: dict[str, Any]) -> None:
    simulation = await begun(it)
    refused = await asked(it, "POST", f"/v1/simulations/{simulation['id']}/events", act)
    assert refused.status == 400
    assert (await it.call("GET", f"/v1/simulations/{simulation['id']}"))["step"] == 0


async def test_an_unknown_node_is_named(it: Office) -> None:
    refused = await asked(it, "POST", "/v1/simulations", {"document": PANEL, "start": {"node": "nowhere"}})
    assert refused.status == 409
    assert "The flow has no node 'nowhere'; it has hi, shop, ask" in refused.message


# --- limits ------------------------------------------------------------------------------------------------------------------
async def test_a_workspace_keeps_a_bounded_number(it: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf_module, "MOST_OF_TENANT", 2)
    first, second, third = [await begun(it) for _ in range(3)]
    assert (await asked(it, "GET", f"/v1/simulations/{first['id']}")).status == 404
    for kept in (second, third):
        assert (await asked(it, "GET", f"/v1/simulations/{kept['id']}")).status == 200


async def test_what_nobody_uses_is_gone(it: Office) -> None:
    simulation = await begun(it)
    it.clock.at += timedelta(minutes=29)
    await step(it, simulation, {"say": "hi"})
    it.clock.at += timedelta(minutes=29)
    await step(it, simulation, {"say": "1"})
    it.clock.at += timedelta(minutes=31)
    assert (await asked(it, "GET", f"/v1/simulations/{simulation['id']}")).status == 404


async def test_a_simulation_has_an_end(it: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "MOST_STEPS", 1)
    simulation = await begun(it)
    await step(it, simulation, {"say": "hi"})
    refused = await asked(it, "POST", f"/v1/simulations/{simulation['id']}/events", {"say": "1"})
    assert (refused.status, refused.error) == (409, "cannot_happen")


LOOP = {
    "schema": 1,
    "name": "Loop",
    "nodes": [
        {"id": "start", "type": "trigger", "config": {"on": {"kind": "api"}}},
        {"id": "nap", "type": "wait", "config": {"for": {"kind": "duration", "duration": "PT1S"}}},
    ],
    "edges": [{"from": "start", "to": "nap"}, {"from": "nap", "to": "nap"}],
}


async def test_a_long_way_through_time_stops_early_and_lets_others_work(it: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.simulation.MOST_INSTANTS", 300)
    simulation = await begun(it, LOOP, start={})
    moving = asyncio.ensure_future(step(it, simulation, {"wait": "P30D"}))
    others = 0
    while not moving.done():
        await asyncio.sleep(0)
        others += 1
    told = await moving
    assert others > 300
    assert [each["code"] for each in told["problems"]] == ["stopped_early"]
    assert told["now"] == "2026-03-02T10:05:00Z"


# --- nothing leaks -----------------------------------------------------------------------------------------------------------
def counts(session: Session) -> dict[str, int]:
    return {table.name: session.execute(select(func.count()).select_from(table)).scalar_one() for table in METADATA.sorted_tables}


async def test_nothing_of_it_is_stored_counted_or_told(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as it:
        await leaves_nothing(it)


async def leaves_nothing(it: House) -> None:
    flow = await it.call("POST", "/v1/flows", {"document": PANEL})
    before, metrics = await it.graph.tables.read(counts), dict(it.graph.counters.counts)
    heard = it.graph.hub.subscribe(lambda notice: True)
    body = {"flow_id": flow["id"], "channel": "whatsapp", "start": {"node": "ask"}}
    simulation = await it.call("POST", "/v1/simulations", body, status=201)
    assert [(each["status"], each["content"]["text"]) for each in simulation["messages"]] == [("accepted", "How many, friend?")]
    for act in ({"say": "hi"}, {"say": "1"}, {"event": {"name": "paid"}}, {"agent": "offline"}, {"wait": "P40D"}):
        await step(it, simulation, act)
    await it.call("DELETE", f"/v1/simulations/{simulation['id']}", status=204)
    after = await it.graph.tables.read(counts)
    assert {name: count for name, count in after.items() if count != before[name]} == {}
    assert dict(it.graph.counters.counts) == metrics
    assert heard.take() == []
    counted = (await it.call("GET", f"/v1/flows/{flow['id']}/counts"))["data"]
    assert {each["reached"] for each in counted} <= {0}


async def test_nobody_else_finds_it(it: Office) -> None:
    simulation = await begun(it)
    one = f"/v1/simulations/{simulation['id']}"
    for method, path, body in (
        ("GET", one, None), ("POST", one + "/events", {"say": "hi"}), ("POST", one + "/undo", {}), ("GET", one + "/live", None),
        ("DELETE", one, None),
    ):  # fmt: skip
        reply = await asked(it, method, path, body, headers=OTHER)
        assert (reply.status, reply.error) == (404, "not_found"), (method, path)
    assert (await asked(it, "GET", one)).status == 200


# --- live --------------------------------------------------------------------------------------------------------------------
async def test_everybody_who_looks_on_gets_the_same_frames(it: Office) -> None:
    simulation = await begun(it)
    address = f"/v1/simulations/{simulation['id']}/live"
    async with it.client.ws_connect(address, headers=KEY) as one, it.client.ws_connect(address, headers=KEY) as other:
        for socket in (one, other):
            assert (await socket.receive_json(timeout=5))["whole"] is True
        await one.send_json({"say": "hi"})
        first, second = await one.receive_json(timeout=5), await other.receive_json(timeout=5)
        assert first == second
        assert texts(first) == [("contact", "hi"), ("bot", "How many, friend?")]
        posted = await step(it, simulation, {"say": "2"})
        assert await one.receive_json(timeout=5) == await other.receive_json(timeout=5) == posted
        await other.send_json({"undo": 1})
        undone = await one.receive_json(timeout=5)
        assert (undone["step"], undone["whole"]) == (1, True)
        unread = "validation_failed"
        for bad, kind in (({"press": "x"}, "cannot_happen"), ({"shout": 1}, unread), ({"undo": 99}, unread)):
            await one.send_json(bad)
            assert (await one.receive_json(timeout=5))["error"]["type"] == kind
        await it.call("DELETE", f"/v1/simulations/{simulation['id']}", status=204)
        assert (await one.receive(timeout=5)).type.name in ("CLOSE", "CLOSED", "CLOSING")


async def test_a_plain_get_is_told_to_connect_as_a_socket(it: Office) -> None:
    simulation = await begun(it)
    reply = await asked(it, "GET", f"/v1/simulations/{simulation['id']}/live")
    assert (reply.status, reply.error) == (400, "websocket_expected")


async def test_the_test_says_in_which_flow_it_stands(it: Office) -> None:
    inner = {
        "name": "Inner",
        "nodes": [
            {"id": "go", "type": "trigger", "config": {"on": {"kind": "api"}}},
            {"id": "q", "type": "ask", "label": "The question", "config": {"text": "How many?"}},
        ],
        "edges": [{"from": "go", "to": "q"}],
    }
    outer = {
        "name": "Outer",
        "nodes": [
            {"id": "start", "type": "trigger", "config": {"on": {"kind": "message"}}},
            {"id": "run", "type": "run_flow", "config": {"flow": "inner"}},
        ],
        "edges": [{"from": "start", "to": "run"}],
    }
    made = await it.call("POST", "/v1/flows", {"document": inner, "key": "inner"})
    await it.call("POST", f"/v1/flows/{made['id']}/publish", {})
    tried = await it.call("POST", "/v1/simulations", {"document": outer, "channel": "webchat"})
    frame = await it.call("POST", f"/v1/simulations/{tried['id']}/events", {"say": "hi"})
    run = frame["run"]
    assert (run["node"], run["label"], run["flow"]) == ("run", "The question", "Inner")
    assert [(each["label"], each["flow"]) for each in frame["path"]] == [
        ("start", None), ("run", None), ("go", "Inner"), ("The question", "Inner"),
    ]  # fmt: skip
