"""A Split is forked on, never drawn; a path keeps its arm, and its scenario says which."""

from __future__ import annotations

import asyncio
from typing import Any

from app.flow_file import capabilities
from nodes import node_types
from simulator.explore.path import Paths
from simulator.explore.save import scenario
from simulator.play import play
from tests.simulator.explore.flow import ask, explored, flow, reason, reported, say, start


def split(id: str, *arms: str) -> dict[str, Any]:
    return {"id": id, "type": "split", "config": {"arms": [{"id": arm, "weight": 1} for arm in arms]}}


TWICE = flow(
    [start(), split("ab", "a", "b", "c"), say("one"), say("two"), say("three"), ask("more", "said")],
    ["start ab", "ab.a one", "ab.b two", "ab.c three", "one more", "two more", "three more", "more ab"],
)


def test_every_arm_is_taken() -> None:
    made = reported(TWICE)
    assert [reason(made, "ab", arm) for arm in "abc"] == ["", "", ""]


def test_a_path_that_comes_again_takes_the_same_arm() -> None:
    found = explored(TWICE)
    seen = [
        {port for node, port in performed.ports if node == "ab"}
        for performed in map(Paths(found).perform, map(Paths(found).through, found.ways))
    ]
    assert {len(arms) for arms in seen} == {1}
    assert set.union(*seen) == {"a", "b", "c"}


def test_its_scenario_says_the_arm_and_passes() -> None:
    nodes = [start(), split("ab", "a", "b"), say("one", "One"), say("two", "Two")]
    found = explored(flow(nodes, ["start ab", "ab.a one", "ab.b two"]))
    document, paths = found.study.document, Paths(found)
    made = [
        asyncio.run(scenario(document, node_types(), capabilities(), paths.perform(path), "x")) for path in paths.covering()
    ]
    assert sorted(each.splits["ab"] for each in made) == ["a", "b"]
    for each in made:
        assert asyncio.run(play(document, node_types(), capabilities(), each)).passed
