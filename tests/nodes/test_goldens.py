"""Every node type does what its golden file says, and no type is without one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nodes import NODE_TYPES, node_types
from tests.nodes.playing import GOLDENS, TYPES, play

FOLDER = GOLDENS
FEWEST = {"trigger": 10, "send_message": 12, "wait": 12, "condition": 8, "assign_agent": 8}
"""Cases of each type that we ship; a new type has at least `FEWEST_OF_NEW`."""
FEWEST_OF_NEW = 8
FIXED_BRANCHES = {"other", "else", "resolved", "returned", "yes", "no"}
"""Ports of the kind branch that come from no list item."""


def cases(type: str) -> list[dict[str, Any]]:
    path = FOLDER / f"{type}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else []


ALL = [pytest.param(type.name, case, id=f"{type.name}: {case['name']}") for type in NODE_TYPES for case in cases(type.name)]


@pytest.mark.parametrize(("type", "case"), ALL)
def test_a_node_does_what_its_golden_says(type: str, case: dict[str, Any]) -> None:
    found = play(type, case)
    assert {key: found[key] for key in case["expect"]} == case["expect"]


@pytest.mark.parametrize("type", NODE_TYPES, ids=lambda each: each.name)
def test_no_type_is_without_goldens(type: Any) -> None:
    own = cases(type.name)
    assert len(own) >= FEWEST.get(type.name, FEWEST_OF_NEW)
    assert len({case["name"] for case in own}) == len(own)
    assert all(case["expect"] for case in own)


@pytest.mark.parametrize("type", NODE_TYPES, ids=lambda each: each.name)
def test_the_goldens_leave_by_every_port(type: Any) -> None:
    own = cases(type.name)
    left = {(case["name"], port) for case in own for port in play(type.name, case)["ports"] if port}
    wanted: set[str] = set()
    for case in own:
        ports = type.ports(type.Config.model_validate(case["config"]))
        wanted |= {port.id for port in ports if port.kind != "branch" or port.id in FIXED_BRANCHES}
    assert wanted <= {port for _, port in left}


def test_there_is_no_golden_without_a_type() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(node_types())
    assert set(TYPES) - {"sink"} == set(node_types())
