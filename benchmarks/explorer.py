"""Exploring flows completely: one of everyday size, and one that is larger than any public one."""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

from channels.webchat.kind import WebchatType
from channels.whatsapp.limits import CAPABILITIES
from engine.core.check import check
from nodes import node_types
from schemas.flow import FlowDocument
from simulator.explore.explorer import Explored, Explorer
from simulator.explore.run import explorer


def everyday() -> FlowDocument:
    """30 nodes and 12 rules: a trigger, six questions with what is said before and after, six conditions, an agent, a goodbye."""
    return _chain(questions=6, rules=2)


def large(nodes: int = 500) -> FlowDocument:
    """Questions and conditions in a row, so many that the flow has about this number of nodes."""
    return _chain(questions=(nodes - 6) // 4, rules=2)


def _chain(questions: int, rules: int) -> FlowDocument:
    on = {"kind": "keyword", "words": ["hi", "go"]}
    nodes: list[dict[str, Any]] = [{"id": "start", "type": "trigger", "config": {"on": on}}]
    edges: list[dict[str, str]] = []
    before = [("start", "next")]
    for number in range(questions):
        ask, wait, fork, other = (f"{word}{number}" for word in ("ask", "wait", "fork", "say"))
        name = f"answer{number}"
        expect = {"kind": "number", "min": 0, "max": 10_000}
        reply = {"kind": "reply", "expect": expect, "save_as": name, "timeout": "PT1H", "retries": 1}
        branches = [
            {"id": f"b{at}", "rule": {"subject": name, "op": "gte", "value": 1_000 * (rules - at)}} for at in range(rules)
        ]
        nodes += [
            {"id": ask, "type": "send_message", "config": {"text": f"Question {number}?"}},
            {"id": wait, "type": "wait", "config": {"for": reply}},
            {"id": fork, "type": "condition", "config": {"branches": branches}},
            {"id": other, "type": "send_message", "config": {"text": f"That was {{{{{name}}}}}."}},
        ]
        edges += [{"from": node, "port": port, "to": ask} for node, port in before]
        edges += [{"from": ask, "to": wait}, {"from": wait, "to": fork}, {"from": wait, "port": "timeout", "to": "bye"}]
        edges += [{"from": wait, "port": "invalid", "to": "help"}, {"from": fork, "port": "b0", "to": other}]
        before = [(other, "next"), *((fork, f"b{at}") for at in range(1, rules)), (fork, "else")]
    nodes += [
        {"id": "last", "type": "send_message", "config": {"text": "Thank you."}},
        {"id": "help", "type": "send_message", "config": {"text": "One moment."}},
        {"id": "agent", "type": "assign_agent", "config": {"timeout": "PT5M", "if_nobody_online": "no_agent"}},
        {"id": "nobody", "type": "send_message", "config": {"text": "Nobody is here."}},
        {"id": "bye", "type": "send_message", "config": {"text": "Good bye."}},
    ]
    edges += [{"from": node, "port": port, "to": "last"} for node, port in before]
    edges += [{"from": "last", "to": "bye"}, {"from": "help", "to": "agent"}, {"from": "agent", "port": "resolved", "to": "bye"}]
    edges += [{"from": "agent", "port": port, "to": "nobody"} for port in ("timeout", "no_agent")]
    return FlowDocument.model_validate({"name": f"{len(nodes)} nodes", "nodes": nodes, "edges": edges})


def explored(document: FlowDocument) -> tuple[Explored, float]:
    """What an exploration on both channels finds, and the seconds of processor time that it took."""
    begun = time.process_time()
    found = _explorer(document).finish()
    return found, time.process_time() - begun


def peak_megabytes(document: FlowDocument) -> float:
    """The most memory that an exploration held at once."""
    tracemalloc.start()
    try:
        _explorer(document).finish()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def _explorer(document: FlowDocument) -> Explorer:
    assert check(document.model_dump(by_alias=True, mode="json"), node_types()).program is not None
    return explorer(document, node_types(), {"whatsapp": CAPABILITIES, "webchat": WebchatType.capabilities})
