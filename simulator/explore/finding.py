"""What an exploration says about a flow, beside what it covers: dead ends, loops, closed windows, unset variables, long waits.

| code | meaning |
|---|---|
| `silent_end` | the contact wrote, and the conversation ended without a word |
| `silent_wait` | the contact wrote, and the flow waits for another answer without a word |
| `endless_messages` | a circle that time alone drives sends again and again |
| `window_closed` | free text that the closed 24-hour window refuses, with no port and no template for it |
| `unset_variable` | a text shows, or a rule asks, a variable that nothing has set |
| `run_failed` | the engine ends the run as failed: a port that leads nowhere, too many visits |
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import networkx as nx

from engine.core.trigger import OnApi
from simulator.explore.explorer import Explored, Way
from simulator.explore.input import BY_CONTACT, Silence, input_words


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that an author should know. `way` leads to it: a path through that way shows it."""

    code: str
    level: Literal["warning", "info"]
    node: str
    message: str
    hint: str
    way: int


def findings(found: Explored) -> list[Finding]:
    """Everything that was found, each once for each node, warnings first."""
    told: dict[tuple[str, str, str], Finding] = {}
    for finding in _findings(found):
        key = (finding.code, finding.node, finding.message if finding.code == "unset_variable" else "")
        told.setdefault(key, finding)
    return sorted(told.values(), key=lambda each: (each.level != "warning", each.code, each.way))


def _findings(found: Explored) -> Iterator[Finding]:
    for way in found.ways:
        yield from _of_way(found, way)
    yield from _endless(found)


def _of_way(found: Explored, way: Way) -> Iterator[Finding]:
    last = way.ports[-1][0] if way.ports else _node(found, way)
    if way.unanswered and way.source >= 0:
        what = input_words(way.move.main)
        if found.states[way.target].node:
            message = f"The contact {what}, and {_label(found, last)} waits on without a word."
            yield Finding("silent_wait", "warning", last, message, "Say something before the flow waits.", way.index)
        else:
            message = f"The contact {what}, and the conversation ends without a word at {_label(found, last)}."
            yield Finding("silent_end", "warning", last, message, "Answer, or lead the port on.", way.index)
    for node in way.closed:
        message = f"{_label(found, node)} is sent more than 24 hours after the contact wrote; WhatsApp refuses free text then."
        hint = "Add a template as a fallback, or connect the way out “24-hour window closed”."
        yield Finding("window_closed", "warning", node, message, hint, way.index)
    for node, name in way.unset:
        if not _given(found, way, name):
            message = f"{_label(found, node)} uses “{name}” before anything has set it."
            yield Finding("unset_variable", "warning", node, message, "Give it a default, or a fallback in the text.", way.index)
    if way.ended == "failed" and way.reason not in ("window_closed",) and way.move.refuse is None:
        message = f"The run ends as failed at {_label(found, last)}: {way.reason.replace('_', ' ')}."
        yield Finding("run_failed", "info", last, message, "Lead the port on that is taken there.", way.index)


def _endless(found: Explored) -> Iterator[Finding]:
    """Circles of places through which only time leads, and in which something is sent."""
    alone: nx.DiGraph[int] = nx.DiGraph()
    for way in found.ways:
        if way.source >= 0 and isinstance(way.move.main, Silence):
            alone.add_edge(way.source, way.target, way=way.index)
    for knot in nx.strongly_connected_components(alone):
        inside = [
            found.ways[data["way"]]
            for source, target, data in alone.edges(data=True)
            if source in knot and target in knot
        ]
        sending = next((way for way in inside if way.said), None)
        if sending is not None:
            node = sending.ports[0][0]
            message = f"Without any answer the flow goes round at {_label(found, node)} and sends again and again."
            yield Finding("endless_messages", "warning", node, message, "Leave the circle after some rounds.", sending.index)
    for state in found.states:
        if state.bounded and isinstance(found.ways[state.way].move.main, Silence):
            message = f"Without any answer the flow keeps coming back to {_label(found, state.node)}."
            yield Finding("endless_messages", "warning", state.node, message, "Leave the circle after some rounds.", state.way)


def _given(found: Explored, way: Way, name: str) -> bool:
    """Whoever starts the flow by the API may give any variable that it declares."""
    while way.source >= 0:
        way = found.ways[found.states[way.source].way]
    if isinstance(way.move.main, BY_CONTACT) or not way.ports:
        return False
    trigger = found.study.program.triggers.get(way.ports[0][0])
    declared = {each.name for each in found.study.document.variables}
    return trigger is not None and isinstance(trigger.on, OnApi) and name in declared


def _node(found: Explored, way: Way) -> str:
    return found.states[way.source].node if way.source >= 0 else ""


def _label(found: Explored, node: str) -> str:
    part = found.study.parts.get(node)
    return f"“{part.label if part is not None else node}”"
