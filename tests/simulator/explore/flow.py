"""Small flows for the explorer, and a way to explore them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.flow_file import capabilities
from engine.core.check import check
from nodes import node_types
from schemas.flow import FlowDocument
from simulator.explore.explorer import BUDGET, Explored
from simulator.explore.report import Report, report
from simulator.explore.run import explorer

Node = dict[str, Any]


def say(id: str, text: str = "Something.", **more: Any) -> Node:
    return {"id": id, "type": "send_message", "config": {"text": text, **more}}


def ask(id: str, save_as: str, **more: Any) -> Node:
    return {"id": id, "type": "wait", "config": {"for": {"kind": "reply", "save_as": save_as, **more}}}


def fork(id: str, *rules: dict[str, Any]) -> Node:
    branches = [{"id": f"b{at}", "label": f"Branch {at}", "rule": rule} for at, rule in enumerate(rules)]
    return {"id": id, "type": "condition", "config": {"branches": branches}}


def start(**on: Any) -> Node:
    return {"id": "start", "type": "trigger", "config": {"on": on or {"kind": "message"}}}


def when(subject: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"subject": subject, "op": op} | ({"value": value} if value is not None else {})


def flow(nodes: Sequence[Node], edges: Sequence[str], **more: Any) -> FlowDocument:
    """A flow; an edge is written `from.port to`, or `from to` for the port next."""
    links = []
    for edge in edges:
        source, to = edge.split(" ")
        node, _, port = source.partition(".")
        links.append({"from": node, "port": port or "next", "to": to})
    document = {"name": "A flow", "nodes": list(nodes), "edges": links, **more}
    checked = check(document, node_types())
    assert checked.program is not None, checked.problems
    return FlowDocument.model_validate(document)


def explored(document: FlowDocument, *channels: str, budget: int = BUDGET) -> Explored:
    known = capabilities()
    chosen = {kind: known[kind] for kind in channels or ("webchat",)}
    return explorer(document, node_types(), chosen, budget=budget).finish()


def reported(document: FlowDocument, *channels: str, budget: int = BUDGET) -> Report:
    return report(explored(document, *channels, budget=budget))


def codes(made: Report) -> list[str]:
    return [finding.code for finding, _ in made.findings]


def reason(made: Report, node: str, port: str) -> str:
    """The code of why a port is not reached; "" where it is."""
    found = next(each for each in made.ports if (each.node, each.port) == (node, port))
    return found.reason.code if found.reason is not None else ""
