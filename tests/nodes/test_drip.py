"""Add to drip starts a flow beside, once; Remove from drip ends it; a drip that feeds itself comes to an end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from engine.core.build import Build
from engine.core.path import resolver
from engine.core.scope import Scope
from nodes import node_types
from schemas.capability import Capabilities
from schemas.flow import FlowDocument
from simulator.simulation import Simulation
from simulator.transcript import traces

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOBODY = Scope(Build("", {}, resolver(())))
SERIES = {
    "name": "Series",
    "variables": [{"name": "plan", "default": "free"}],
    "nodes": [
        {"id": "start", "type": "trigger", "config": {"on": {"kind": "api"}}},
        {"id": "first", "type": "send_message", "config": {"text": "Tip for {{plan}}"}},
        {"id": "pause", "type": "wait", "config": {"for": {"kind": "duration", "duration": "P1D"}}},
        {"id": "second", "type": "send_message", "config": {"text": "Second tip"}},
    ],
    "edges": [
        {"from": "start", "to": "first"},
        {"from": "first", "to": "pause"},
        {"from": "pause", "to": "second"},
    ],
}


def flow(*steps: tuple[str, dict[str, Any]], word: str = "go") -> dict[str, Any]:
    nodes = [{"id": "start", "type": "trigger", "config": {"on": {"kind": "keyword", "words": [word]}}}]
    nodes += [{"id": f"n{at}", "type": type, "config": config} for at, (type, config) in enumerate(steps)]
    edges = [{"from": before["id"], "port": "next", "to": node["id"]} for before, node in pairwise(nodes)]
    return {"name": "Main", "nodes": nodes, "edges": edges}


async def tried(main: dict[str, Any], *beside: dict[str, Any]) -> Simulation:
    simulation = Simulation(
        FlowDocument.model_validate(main),
        node_types(),
        channel="webchat",
        capabilities=Capabilities(identities=("webchat",)),
        at=AT,
        beside={f"other_{at}": FlowDocument.model_validate(each) for at, each in enumerate(beside)},
    )
    await simulation.prepare()
    return simulation


def texts(simulation: Simulation) -> list[str]:
    return [getattr(said.content, "text", "") for said in simulation.transcript() if said.voice != "contact"]


ADD = ("add_to_drip", {"flow": "flow_2", "give": [{"variable": "plan", "value": "gold"}]})
DONE = ("send_message", {"text": "Done"})


async def test_the_series_runs_beside_the_flow_with_what_it_was_given() -> None:
    simulation = await tried(flow(ADD, DONE), SERIES)
    await simulation.say("go")
    assert texts(simulation) == ["Done", "Tip for gold"]
    assert [(run.flow, run.status) for run in simulation.runs()] == [(1, "completed"), (2, "waiting")]
    await simulation.advance(timedelta(days=1))
    assert texts(simulation)[-1] == "Second tip"


async def test_who_is_in_it_stays_where_they_are() -> None:
    simulation = await tried(flow(ADD), SERIES)
    await simulation.say("go")
    await simulation.say("go")
    assert [run.status for run in simulation.runs() if run.flow == 2] == ["waiting"]


async def test_or_begins_anew() -> None:
    simulation = await tried(flow(("add_to_drip", {"flow": "flow_2", "again": "restart"})), SERIES)
    await simulation.say("go")
    await simulation.say("go")
    assert [(run.status, run.reason) for run in simulation.runs() if run.flow == 2] == [("stopped", "restarted"), ("waiting", "")]


async def test_removing_ends_the_series_and_nothing_else() -> None:
    pause = ("wait", {"for": {"kind": "duration", "duration": "PT1H"}})
    simulation = await tried(flow(ADD, pause, ("remove_from_drip", {"flow": "flow_2"})), SERIES)
    await simulation.say("go")
    await simulation.advance(timedelta(days=2))
    assert [(run.flow, run.status) for run in simulation.runs()] == [(1, "completed"), (2, "stopped")]
    assert texts(simulation) == ["Tip for gold"]


async def test_flows_that_start_each_other_come_to_an_end() -> None:
    again = flow(("add_to_drip", {"flow": "flow_1"}), word="never")
    simulation = await tried(flow(("add_to_drip", {"flow": "flow_2"})), again)
    await simulation.say("go")
    assert any("automation started automation" in words for words in traces(simulation.store.state))
    assert len(simulation.runs()) <= 7


@pytest.mark.parametrize(
    ("type", "config", "scope", "code"),
    [
        ("add_to_drip", {}, {}, "missing_target"),
        ("remove_from_drip", {}, {}, "missing_target"),
        ("add_to_drip", {"flow": "flow_2"}, {"talking": {"flow_2"}}, "interactive_flow"),
        ("remove_from_drip", {"flow": "flow_2"}, {"flow": "flow_2"}, "own_flow"),
        ("add_to_drip", {"flow": "flow_2", "give": [{"variable": "a"}, {"variable": "a"}]}, {}, "given_twice"),
        ("add_to_drip", {"flow": "flow_2", "give": [{"variable": "a", "value": "{{x}}"}]}, {}, "unknown_variable"),
        ("close_conversation", {"note": "{{x}}"}, {}, "unknown_variable"),
    ],
)
def test_the_checker_says_what_is_wrong(type: str, config: dict[str, Any], scope: dict[str, Any], code: str) -> None:
    node_type = node_types()[type]
    around = Scope(NOBODY.build, **scope)
    assert [each.code for each in node_type.check(node_type.Config.model_validate(config), around)] == [code]


async def test_opting_out_in_set_ends_the_other_flows_as_the_word_does() -> None:
    leave = ("set", {"changes": [{"change": "opt_out"}, {"change": "add_tag", "tag": "gone"}]})
    rest = ("wait", {"for": {"kind": "duration", "duration": "PT1H"}})
    simulation = await tried(flow(ADD, rest, leave, ("set", {"changes": [{"change": "add_tag", "tag": "late"}]}), rest), SERIES)
    await simulation.say("go")
    await simulation.advance(timedelta(hours=1))
    contact = simulation.contact()
    assert contact is not None
    assert (contact.opted_out, contact.tags) == (True, ("gone", "late"))
    assert [(run.flow, run.status, run.reason) for run in simulation.runs()] == [
        (1, "stopped", "opted_out"), (2, "stopped", "opted_out"),
    ]  # fmt: skip
    await simulation.advance(timedelta(days=3))
    assert texts(simulation) == ["Tip for gold"]
