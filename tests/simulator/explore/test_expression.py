"""A branch by an expression is found by what the expression compares; what nothing fulfils is said."""

from __future__ import annotations

from typing import Any

import pytest

from app.flow_file import capabilities
from engine.cel.expressions import CelExpressions
from engine.core.check import check
from engine.core.program import Installed
from nodes import node_types
from schemas.flow import FlowDocument
from simulator.explore.report import report
from simulator.explore.run import explorer
from tests.simulator.explore.flow import ask, fork, reason, say, start

TYPES = Installed(node_types(), CelExpressions())


def explored(source: str, **more: Any):
    nodes = [start(), ask("age", "age", expect={"kind": "number"}), fork("by", {"expression": source}), say("yes"), say("no")]
    links = [("start", "next", "age"), ("age", "next", "by"), ("by", "b0", "yes"), ("by", "else", "no")]
    edges = [{"from": one, "port": port, "to": other} for one, port, other in links]
    document = {"name": "A flow", "nodes": nodes, "edges": edges, "variables": [{"name": "age", "type": "number"}], **more}
    assert check(document, TYPES).program is not None, check(document, TYPES).problems
    found = explorer(FlowDocument.model_validate(document), TYPES, {"webchat": capabilities()["webchat"]}).finish()
    return report(found)


@pytest.mark.parametrize("source", [
    "age >= 18", "age > 17.5 && 'vip' in contact.tags", "contact.plan == 'gold' || age == 42", "hours.shop && age < 10",
    "message.text.contains('5')", "global.discount >= 10 && age > 3", "!(age >= 18)",
])  # fmt: skip
def test_both_ways_are_found(source: str) -> None:
    made = explored(source)
    assert [reason(made, "by", port) for port in ("b0", "else")] == ["", ""]


def test_what_nothing_fulfils_is_said_and_not_proved() -> None:
    assert reason(explored("age * age == 1764.0 && age < 0"), "by", "b0") == "not_found"
