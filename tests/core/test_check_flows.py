"""What the checker says of flows that go on in one another, of what they give and take, and of the secrets that they send."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from engine.core.check import NOTHING_KNOWN, check
from engine.core.known_flow import known_flow
from nodes import node_types
from tests.core.scene import Document, flow, on, onward, pause, reply, said, step

TYPES = node_types()
API = "https://api.example.com/slots"


def start(name: str, node: Document, *before: Document) -> Document:
    """A flow that comes to a node, over others."""
    nodes = {"go": on("api"), **{f"b{at}": each for at, each in enumerate(before)}, "on": node}
    ids = list(nodes)
    return flow(name, nodes, " ".join(f"{a}>{b}" for a, b in pairwise(ids)))


def asking(name: str = "Ask", **more: Any) -> Document:
    """A flow with inputs and outputs of several types."""
    variables = [
        {"name": "topic", "input": True},
        {"name": "size", "type": "number", "input": True, "default": 1},
        {"name": "stars", "type": "number", "output": True},
        {"name": "own"},
    ]
    return flow(name, {"go": on("api"), "q": said("?"), "w": reply(save_as="stars")}, "go>q q>w", variables=variables, **more)


def found(document: Document, *others: Document, **scope: Any) -> list[tuple[str, str, str]]:
    """(code, level, pointer) of what the checker says of a flow that stands beside others, of the nodes and their settings."""
    known = [known_flow(f"flow_{at}", each["name"], each, TYPES) for at, each in enumerate((document, *others), 1)]
    flows = {key: each for each in known for key in (each.id, each.name.lower())}
    problems = check(document, TYPES, replace(NOTHING_KNOWN, flows=flows, flow="flow_1", **scope)).problems
    return [(each.code, each.level, each.pointer) for each in problems if "/config" in each.pointer]


CIRCLE = ("cycle_of_flows", "error")


# --- circles -------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("length", [1, 2, 3])
def test_flows_that_go_on_in_one_another_without_waiting_are_a_circle(length: int) -> None:
    names = [f"F{at}" for at in range(length)]
    documents = [start(name, onward(names[(at + 1) % length].lower())) for at, name in enumerate(names)]
    assert found(*documents) == [(*CIRCLE, "/nodes/1/config/flow")]


@pytest.mark.parametrize("wait", [reply(), pause("PT1M")])
def test_a_wait_anywhere_on_the_way_breaks_it(wait: Document) -> None:
    circling, waiting = start("A", onward("b")), start("B", onward("a"), wait)
    assert CIRCLE not in [each[:2] for each in found(circling, waiting)]
    assert CIRCLE not in [each[:2] for each in found(waiting, circling)]


@pytest.mark.parametrize("kind", ["call_api", "condition", "set"])
def test_what_nobody_has_to_answer_is_no_wait(kind: str) -> None:
    between = {"type": kind, "config": dict(TYPES[kind].example)}
    port = {"call_api": "ok"}.get(kind) or TYPES[kind].ports(TYPES[kind].Config.model_validate(between["config"]))[0].id
    nodes = {"go": on("api"), "b": between, "on": onward("b")}
    assert CIRCLE in [each[:2] for each in found(flow("A", nodes, f"go>b b.{port}>on"), start("B", onward("a")))]


def test_a_flow_that_runs_itself_is_a_circle_even_where_it_waits() -> None:
    assert (*CIRCLE, "/nodes/2/config/flow") in found(start("A", step("b"), reply()), start("B", step("a"), reply()))


def test_a_circle_among_others_is_theirs() -> None:
    others = start("B", onward("c")), start("C", onward("b"))
    assert CIRCLE not in [each[:2] for each in found(start("A", onward("b")), *others)]


# --- inputs and outputs --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("config", "code", "level", "pointer"),
    [
        ({"inputs": {"topc": "x", "topic": "x"}}, "unknown_input", "error", "/inputs/topc"),
        ({"inputs": {"own": "x", "topic": "x"}}, "unknown_input", "error", "/inputs/own"),
        ({"inputs": {"stars": 4, "topic": "x"}}, "unknown_input", "error", "/inputs/stars"),
        ({"inputs": {"topic": "x", "size": "large"}}, "wrong_type", "error", "/inputs/size"),
        ({"inputs": {"topic": "x", "size": True}}, "wrong_type", "error", "/inputs/size"),
        ({}, "input_not_given", "warning", "/inputs"),
        ({"inputs": {"topic": "x"}, "outputs": {"star": "got"}}, "unknown_output", "error", "/outputs/star"),
        ({"inputs": {"topic": "x"}, "outputs": {"topic": "got"}}, "unknown_output", "error", "/outputs/topic"),
        ({"inputs": {"topic": "x"}, "outputs": {"stars": "day"}}, "wrong_type", "warning", "/outputs/stars"),
    ],
)
def test_what_a_flow_neither_takes_nor_gives_is_said_where_it_stands(config: Any, code: str, level: str, pointer: str) -> None:
    variables = [{"name": "got", "type": "number"}, {"name": "day", "type": "date"}]
    document = {**start("Main", step("ask", **config)), "variables": variables}
    assert (code, level, f"/nodes/1/config{pointer}") in found(document, asking())


def test_what_fits_is_well() -> None:
    config = {"inputs": {"topic": "{{contact.name}}", "size": "{{got}}"}, "outputs": {"stars": "got"}}
    document = {**start("Main", step("ask", **config)), "variables": [{"name": "got", "type": "number"}]}
    assert found(document, asking()) == []


def test_inputs_are_checked_where_a_flow_goes_on_for_good_too() -> None:
    assert ("unknown_input", "error", "/nodes/1/config/inputs/topc") in found(
        start("Main", onward("ask", inputs={"topc": "x"})), asking()
    )


def test_a_flow_that_waits_where_it_was_said_that_it_does_not() -> None:
    document = start("Main", step("ask", inputs={"topic": "x"}, waits_for_replies=False))
    assert ("flow_waits_for_replies", "error", "/nodes/1/config/waits_for_replies") in found(document, asking())


@pytest.mark.parametrize(("flow", "code"), [("", "missing_flow"), ("flow_9", "unknown_flow")])
def test_a_flow_that_is_not_there(flow: str, code: str) -> None:
    assert (code, "error", "/nodes/1/config/flow") in found(start("Main", step(flow)))


# --- secrets and addresses -----------------------------------------------------------------------------------------------------
def calling(**config: Any) -> Document:
    return start("Calls", {"type": "call_api", "config": {"url": API, **config}})


@pytest.mark.parametrize(
    "config",
    [
        {"headers": {"Authorization": "Bearer {{secret.BOOKNG}}"}},
        {"url": API + "?key={{secret.BOOKNG}}"},
        {"method": "POST", "send": "json", "json": '{"key": "{{secret.BOOKNG}}"}'},
        {"method": "POST", "send": "form", "form": {"key": "{{secret.BOOKNG}}"}},
    ],
)
def test_a_secret_that_does_not_exist_is_said_wherever_it_is_sent(config: Any) -> None:
    assert [each[:2] for each in found(calling(**config), secrets=("BOOKING",))] == [("unknown_secret", "warning")]
    assert found(calling(**config), secrets=("BOOKNG",)) == []
    assert found(calling(**config)) == [], "nothing is known of secrets"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "too_short"),
        ("api.example.com/x", "bad_url"),
        ("https:///x", "bad_url"),
        ("https://[::1/x", "bad_url"),
        ("file:///etc/passwd", "bad_url"),
        ("https://[::1]/x", "private_address"),
        ("https://169.254.169.254/latest", "private_address"),
        ("https://10.0.0.7:8443/x", "private_address"),
        ("https://db.internal/x", "private_address"),
        ("https://{{var.host}}/x", "address_from_variable"),
    ],
)
def test_an_address_that_can_not_be_reached_is_said(url: str, code: str) -> None:
    document = {**calling(url=url), "variables": [{"name": "host", "default": "x"}]}
    assert [each[0] for each in found(document) if each[2] == "/nodes/1/config/url"] == [code]


def test_the_scope_of_a_flow_that_stands_alone_judges_none_of_this() -> None:
    alone = check(start("Main", step("flow_9", inputs={"x": 1})), TYPES, NOTHING_KNOWN).problems
    assert not {"unknown_flow", "unknown_input", "cycle_of_flows"} & {each.code for each in alone}
