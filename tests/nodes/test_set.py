"""Set changes only what exists, in bounds, and to what fits; the checker knows before."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from engine.core.build import Build
from engine.core.check import check
from engine.core.scope import Scope
from nodes import node_types
from nodes.compute import Impossible, work_out
from nodes.set_config import MAX_ASSIGNMENTS, SetConfig
from tests.nodes.playing import play


def document(*changes: dict[str, Any]) -> dict[str, Any]:
    nodes = [
        {"id": "start", "type": "trigger", "config": {"on": {"kind": "message"}}},
        {"id": "set", "type": "set", "config": {"changes": list(changes)}},
    ]
    edges = [{"from": "start", "port": "next", "to": "set"}]
    return {"schema": 1, "name": "S", "nodes": nodes, "edges": edges, "variables": [{"name": "age", "type": "number"}]}


def test_ten_thousand_assignments_are_refused_at_once_with_one_problem() -> None:
    one = {"change": "variable", "variable": "a", "value": 1}
    SetConfig.model_validate({"changes": [one] * MAX_ASSIGNMENTS})
    with pytest.raises(ValidationError):
        SetConfig.model_validate({"changes": [one] * (MAX_ASSIGNMENTS + 1)})
    found = check(document(*[one] * 10_000), node_types()).problems
    assert [each.pointer for each in found if each.level == "error"] == ["/nodes/1/config/changes"]


def test_a_field_that_nobody_made_is_told_with_the_nearest_name() -> None:
    changes = [{"change": "field", "field": "plam", "value": "x"}, {"change": "field", "field": "plan", "value": "x"}]
    scope = Scope(Build("node", {}, lambda path: None), fields={"plan": "text", "age": "number"})
    found = list(node_types()["set"].check(SetConfig.model_validate({"changes": changes}), scope))
    assert [(each.code, each.pointer, each.hint) for each in found] == [
        ("unknown_field", "/changes/0/field", "Did you mean “plan”?")
    ]


def test_a_fixed_value_must_be_of_the_declared_type() -> None:
    wrong = check(document({"change": "variable", "variable": "age", "value": "old"}), node_types()).problems
    assert [(each.code, each.pointer) for each in wrong if each.level == "error"] == [
        ("wrong_type", "/nodes/1/config/changes/0/value")
    ]
    right = check(document({"change": "variable", "variable": "age", "value": "34"}), node_types()).problems
    assert [each for each in right if each.level == "error"] == []


@pytest.mark.parametrize("operation", ["add", "subtract", "multiply", "divide", "round", "lower", "upper", "trim", "append"])
@pytest.mark.parametrize("left", [None, "", "x" * 10_000, True, [1], {"a": 1}, 1e308, -(2**60), "1e400", float("nan"), "ß" * 999])
@pytest.mark.parametrize("right", [None, 0, -5, 1e-300, "x", 10**30])
def test_no_operation_raises_or_grows_without_bound(operation: Any, left: Any, right: Any) -> None:
    found = work_out(operation, left, right)
    assert isinstance(found, Impossible | int | float | str)
    assert len(str(found)) < 20_100


def test_an_instant_is_kept_as_text() -> None:
    config = {"changes": [{"change": "variable", "variable": "at", "value": "{{time.now}}"}]}
    assert play("set", {"config": config, "expect": {}})["variables"]["at"].startswith("2026-03-02T09:00:00")
