"""Before and after publishing: the difference in words, who is inside and moves, versions compared and restored."""

from __future__ import annotations

import copy
from typing import Any

from crm.compare import Change, compare
from engine.core.codec import dump_run
from engine.core.value import Frame, Run
from nodes import node_types
from storage.table import RunRow
from tests.api.office import KEY, OTHER, START, greeting, office

TYPES = node_types()


def menu() -> dict[str, Any]:
    """A trigger, a question with two buttons that waits, and an answer for each."""
    return {
        "schema": 1,
        "name": "Menu",
        "nodes": [
            {"id": "start", "type": "trigger", "config": {"on": {"kind": "keyword", "words": ["menu", "start"]}}},
            {"id": "ask", "type": "send_message", "label": "Ask", "config": {
                "text": "What would you like?", "timeout": "PT1H",
                "buttons": [{"id": "tea", "title": "Tea"}, {"id": "coffee", "title": "Coffee"}]}},
            {"id": "tea_is", "type": "send_message", "label": "Tea is coming", "config": {"text": "Tea!"}},
            {"id": "coffee_is", "type": "send_message", "label": "Coffee is coming", "config": {"text": "Coffee!"}},
        ],
        "edges": [
            {"from": "start", "port": "next", "to": "ask"},
            {"from": "ask", "port": "tea", "to": "tea_is"},
            {"from": "ask", "port": "coffee", "to": "coffee_is"},
        ],
        "layout": {"start": {"x": 0, "y": 0}},
    }  # fmt: skip


def changed(change: Any) -> tuple[Change, ...]:
    """What comes of a change of the menu."""
    after = copy.deepcopy(menu())
    change(after)
    return compare(menu(), after, TYPES)


def test_nothing_is_different_where_nothing_is_done_differently():
    def move(document: dict[str, Any]) -> None:
        document["layout"]["start"] = {"x": 500, "y": 7}
        document["notes"] = [{"id": "n", "text": "later", "x": 0, "y": 0}]
        document["nodes"].reverse()
        document["edges"].reverse()

    assert compare(menu(), menu(), TYPES) == changed(move) == ()


def test_a_text_and_a_label_are_told_with_before_and_after():
    def edit(document: dict[str, Any]) -> None:
        document["nodes"][1]["config"]["text"] = "Tea or coffee?"
        document["nodes"][1]["label"] = "Offer"

    details = ("Label: “Ask” → “Offer”", "Text: “What would you like?” → “Tea or coffee?”")
    assert changed(edit) == (Change("node", "changed", "“Offer”", details, "ask"),)


def test_items_are_found_again_by_their_ids():
    def edit(document: dict[str, Any]) -> None:
        tea, coffee = document["nodes"][1]["config"]["buttons"]
        document["nodes"][1]["config"]["buttons"] = [{"id": "juice", "title": "Juice"}, {**coffee, "title": "Espresso"}, tea]

    (change,) = changed(edit)
    assert change.details == (
        "Buttons: “Juice” added", "Buttons 2, title: “Coffee” → “Espresso”", "Buttons: in another order"
    )  # fmt: skip


def test_words_come_and_go():
    def edit(document: dict[str, Any]) -> None:
        document["nodes"][0]["config"]["on"]["words"] = ["menu", "drinks"]

    (change,) = changed(edit)
    assert change.details == ("On, words: “drinks” added", "On, words: “start” removed")


def test_nodes_and_ways_come_go_and_lead_elsewhere():
    def edit(document: dict[str, Any]) -> None:
        document["nodes"].append({"id": "late", "type": "send_message", "config": {"text": "Still there?"}})
        document["edges"][1]["to"] = "coffee_is"
        document["edges"].append({"from": "ask", "port": "timeout", "to": "late"})
        del document["nodes"][2]

    assert changed(edit) == (
        Change("node", "added", "“Send message” (late)", node="late"),
        Change("node", "removed", "“Tea is coming”", node="tea_is"),
        Change("edge", "changed", "“Ask”, Tea leads elsewhere", ("“Tea is coming” → “Coffee is coming”",), "ask", "tea"),
        Change("edge", "added", "“Ask”, No answer → “Send message” (late)", node="ask", port="timeout"),
    )


def test_names_variables_and_settings_count():
    def edit(document: dict[str, Any]) -> None:
        document["name"] = "Drinks"
        document["variables"] = [{"name": "size", "type": "text", "default": "large"}]
        document["settings"] = {"on_error": "handoff"}

    assert changed(edit) == (
        Change("flow", "changed", "The flow's name", ("“Menu” → “Drinks”",)),
        Change("variable", "added", "Variable “size”"),
        Change("setting", "changed", "Settings of the flow", ("On error: “handoff” added",)),
    )


def test_garbage_is_compared_without_raising():
    for odd in ({}, {"nodes": None, "edges": None}, {"nodes": [7, {"id": None}], "edges": ["x"]},
                {"nodes": [{"id": "a", "type": "gone", "config": {"deep": [[1]]}}], "edges": [{}]}):  # fmt: skip
        assert compare(odd, odd, TYPES) == ()
        assert compare(odd, menu(), TYPES)
        assert compare(menu(), odd, TYPES)


def run(
    id: int, node: str, *, version: int = 1, at: int = 1, status: str = "waiting", interactive: bool = True
) -> RunRow:
    return RunRow(
        id=id, tenant=1, contact=id, flow=1, version=version, conversation=0, status=status, node=node, at_version=at,
        state=b"{}", started_at=START, expires_at=START, interactive=interactive,
    )  # fmt: skip


async def published(it: Any, document: dict[str, Any]) -> str:
    made = await it.call("POST", "/v1/flows", {"document": document})
    await it.call("POST", f"/v1/flows/{made['id']}/publish")
    return f"/v1/flows/{made['id']}"


async def save(it: Any, path: str, document: dict[str, Any]) -> None:
    answer = await it.client.put(path, json={"document": document}, headers={**KEY, "If-Match": "*"})
    assert answer.status == 200, await answer.text()


async def test_a_preview_says_who_is_inside_and_who_would_move():
    async with office() as it:
        path = await published(it, menu())
        rows = [run(1, "ask"), run(2, "ask"), run(3, "ask", version=99), run(4, "tea_is"), run(5, "ask", status="ended")]
        await it.store.write(lambda session: session.add_all(rows))
        unchanged = await it.call("GET", f"{path}/preview")
        assert (unchanged["new"], unchanged["changed"], unchanged["changes"], unchanged["runs"]) == (False, False, [], 0)

        draft = menu()
        draft["nodes"][1]["config"]["buttons"].append({"id": "juice", "title": "Juice"})
        del draft["nodes"][2], draft["edges"][1]
        await save(it, path, draft)
        told = await it.call("GET", f"{path}/preview")
        assert (told["publishable"], told["new"], told["changed"], told["live"]["number"]) == (True, True, True, 1)
        assert [(each["how"], each["node"]) for each in told["changes"]] == [
            ("changed", "ask"), ("removed", "tea_is"), ("removed", "ask")
        ]  # fmt: skip
        assert (told["runs"], told["moved"]) == (4, 3)  # also the one in which this flow is another one's subflow
        assert [(each["node"], each["label"], each["runs"], each["moves"]) for each in told["inside"]] == [
            ("ask", "“Ask”", 3, True), ("tea_is", "“Tea is coming”", 1, False)
        ]  # fmt: skip


def nested(id: int, *frames: tuple[int, str], status: str = "waiting") -> RunRow:
    """A run that stands in several flows, as the engine writes it."""
    stack = tuple(Frame(version, node) for version, node in frames)
    (first, _), (at, node) = frames[0], frames[-1]
    state = dump_run(Run(id, 1, first, 0, "waiting", stack, None, 1, True, START, START))
    row = run(id, node, version=first, at=at, status=status)
    row.state = state
    return row


async def test_who_stands_in_a_subflow_is_told_at_the_node_that_runs_it_too():
    outer = {
        "name": "Outer",
        "nodes": [
            {"id": "start", "type": "trigger", "config": {"on": {"kind": "api"}}},
            {"id": "step", "type": "run_flow", "config": {"flow": "flow_1"}},
            {"id": "end", "type": "end", "config": {}},
        ],
        "edges": [{"from": "start", "to": "step"}, {"from": "step", "port": "completed", "to": "end"}],
    }
    async with office() as it:
        inner = await published(it, menu())
        path = await published(it, outer)
        rows = [
            run(1, "ask"),
            nested(2, (2, "step"), (1, "ask")),
            nested(3, (9, "x"), (2, "step"), (1, "ask")),
            nested(4, (2, "step"), (9, "other")),
            nested(5, (2, "step"), (1, "ask"), status="completed"),
        ]
        await it.store.write(lambda session: session.add_all(rows))
        counts = {each["node"]: each["waiting"] for each in (await it.call("GET", f"{path}/counts"))["data"]}
        assert counts == {"step": 3}
        counts = {each["node"]: each["waiting"] for each in (await it.call("GET", f"{inner}/counts"))["data"]}
        assert counts == {"ask": 3}
        draft = {**outer, "nodes": [*outer["nodes"][:2], {"id": "end", "type": "end", "config": {"outcome": "done"}}]}
        await save(it, path, draft)
        told = await it.call("GET", f"{path}/preview")
        assert [(each["node"], each["runs"], each["moves"]) for each in told["inside"]] == [("step", 3, True)]
        dry = await it.call("POST", f"{path}/publish", {"dry_run": True})
        assert [(each["node"], each["runs"]) for each in dry["standing"]] == [("step", 3)]
        assert (await it.call("GET", f"{path}/counts", headers=OTHER, status=404)) is not None


async def test_a_preview_of_a_broken_draft_names_the_problems_instead_of_refusing():
    async with office() as it:
        made = await it.call("POST", "/v1/flows", {"name": "Empty"})
        told = await it.call("GET", f"/v1/flows/{made['id']}/preview")
        assert (told["publishable"], told["live"], told["new"]) == (False, None, True)
        assert [problem["code"] for problem in told["problems"]] == ["no_trigger"]


async def test_a_run_that_speaks_beside_others_stays_where_the_draft_waits_for_replies():
    async with office() as it:
        path = await published(it, menu())
        await it.store.write(lambda session: session.add_all([run(1, "ask"), run(2, "ask", interactive=False)]))
        draft = menu()
        draft["nodes"][1]["config"]["buttons"].append({"id": "juice", "title": "Juice"})
        await save(it, path, draft)
        told = await it.call("GET", f"{path}/preview")
        assert [(each["runs"], each["moves"]) for each in told["inside"]] == [(1, False), (1, True)]


async def test_taking_a_way_from_a_waiting_node_leaves_its_contacts_behind():
    async with office() as it:
        path = await published(it, menu())
        await it.store.write(lambda session: session.add(run(1, "ask")))
        draft = menu()
        draft["nodes"][1]["config"]["buttons"].pop()
        del draft["edges"][2]
        await save(it, path, draft)
        assert (await it.call("GET", f"{path}/preview"))["moved"] == 0


async def test_versions_are_compared_and_restored():
    async with office() as it:
        path = await published(it, greeting(text="One"))
        await save(it, path, greeting(text="Two"))
        await it.call("POST", f"{path}/publish")
        await save(it, path, greeting(text="Three"))
        told = await it.call("GET", f"{path}/versions/1/compare?version=2")
        assert (told["before"], told["after"]) == (1, 2)
        assert told["changes"][0]["details"] == ["Text: “One” → “Two”"]
        assert (await it.call("GET", f"{path}/versions/1/compare"))["changes"][0]["details"] == ["Text: “One” → “Three”"]
        assert (await it.refused("GET", f"{path}/versions/1/compare?version=9", 404))[0] == "not_found"

        stale = await it.client.post(f"{path}/versions/1/restore", headers={**KEY, "If-Match": '"old"'})
        assert stale.status == 412
        restored = await it.client.post(f"{path}/versions/1/restore", headers=KEY)
        flow = await restored.json()
        assert (flow["document"], flow["live"]["number"], flow["changed"]) == (greeting(text="One"), 2, True)
        assert restored.headers["ETag"] == (await it.client.get(path, headers=KEY)).headers["ETag"]

        back = await it.call("POST", f"{path}/versions/1/publish", {"policy": "move"})
        assert (back["version"]["number"], back["new"]) == (1, False)


async def test_another_workspaces_versions_are_unknown():
    async with office() as it:
        path = await published(it, greeting())
        for method, where in (("GET", "/preview"), ("GET", "/versions/1/compare"), ("POST", "/versions/1/restore")):
            assert (await it.refused(method, path + where, 404, headers=OTHER))[0] == "not_found"
