"""Hours and globals that a flow reads are forked on; a path that takes them for granted says so in its scenario."""

from __future__ import annotations

import asyncio

import pytest

from app.flow_file import capabilities
from nodes import node_types
from simulator.explore.path import Paths
from simulator.explore.save import scenario
from simulator.play import play
from simulator.scenario import Scenario
from tests.simulator.explore.flow import explored, flow, fork, reason, reported, say, start, when

NODES = [start(), fork("ask", when("hours.shop", "is_true")), say("open"), say("closed")]
ASKED = flow(NODES, ["start ask", "ask.b0 open", "ask.else closed"])
SALE = flow(
    [start(), fork("sale", when("global.discount", "gte", 10)), say("yes"), say("no")],
    ["start sale", "sale.b0 yes", "sale.else no"],
)
UNTIL = {"id": "wait", "type": "wait", "config": {"for": {"kind": "until", "hours": "shop"}}}
WAITED = flow([start(), UNTIL, say("open"), say("never")], ["start wait", "wait open", "wait.invalid never"])
AWAY = {"id": "start", "type": "trigger", "config": {"on": {"kind": "message"}, "hours": "shop", "when": "closed"}}
CLOSED = flow([AWAY, say("away")], ["start away"])


@pytest.mark.parametrize(("document", "node", "ports"), [
    (ASKED, "ask", ("b0", "else")), (SALE, "sale", ("b0", "else")),
    (WAITED, "wait", ("next", "invalid")), (CLOSED, "start", ("next",)),
])  # fmt: skip
def test_every_port_is_taken_and_each_path_is_a_scenario_that_passes(document, node, ports):
    made = reported(document)
    assert [reason(made, node, port) for port in ports] == [""] * len(ports)
    paths = Paths(explored(document))
    for path in paths.covering():
        saved = asyncio.run(scenario(document, node_types(), capabilities(), paths.perform(path), "x"))
        again = Scenario.model_validate(saved.model_dump(mode="json", by_alias=True, exclude_unset=True))
        assert asyncio.run(play(document, node_types(), capabilities(), again)).passed


def test_a_scenario_names_hours_and_globals():
    document = flow([start(), say("hi", "{{global.shop}} {{hours.shop}}")], ["start hi"])
    given = {
        "name": "x", "channel": "webchat", "hours": {"shop": {"weekly": []}}, "globals": {"shop": "Anna's"},
        "steps": [{"say": "hi"}, {"expect": ["Anna's no"]}],
    }  # fmt: skip
    assert asyncio.run(play(document, node_types(), capabilities(), Scenario.model_validate(given))).failures == ()
