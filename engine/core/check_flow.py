"""Checks of flows that go on in one another: a flow that runs itself, and a circle of flows that never waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.core.check_part import Graph
from engine.core.known_flow import Entered, entered
from engine.core.scope import Scope
from schemas.problem import Problem

MAX_LOOKED_AT = 1_000
"""Flows that are followed from one: as many as a workspace has."""


def flow_problems(graph: Graph, scope: Scope) -> Iterator[Problem]:
    """Circles of flows through this one. Where the scope knows no flows, nothing is judged."""
    if not scope.flows or not scope.flow:
        return
    for each in entered(graph):
        way = _way(each, scope, lambda entry: entry.how == "step") if each.how == "step" else ()
        if way:
            message = f"This flow runs itself: {' → '.join(way)}."
            hint = "Use “Go to flow”, which doesn't come back, or take this step out."
            yield Problem("cycle_of_flows", "error", each.pointer, message, hint)
            continue
        way = _way(each, scope, lambda entry: entry.at_once) if each.at_once else ()
        if way:
            message = f"These flows go on in one another without waiting: {' → '.join(way)}."
            hint = "Put a wait, or a question that waits for a reply, before this step in one of them."
            yield Problem("cycle_of_flows", "error", each.pointer, message, hint)


def _way(first: Entered, scope: Scope, follows: Callable[[Entered], bool]) -> tuple[str, ...]:
    """The names of the flows on the shortest way from a step back to this flow; empty if there is none."""
    flows, own = scope.flows or {}, scope.flow
    start = flows.get(first.flow)
    here = flows[own].name if own in flows else "this flow"
    if start is None:
        return ()
    ways: dict[str, tuple[str, ...]] = {start.id: (here, start.name)}
    waiting = [start]
    for known in waiting:
        if known.id == (flows[own].id if own in flows else own):
            return ways[known.id]
        for each in filter(follows, known.enters):
            after = flows.get(each.flow)
            if after is not None and after.id not in ways and len(ways) < MAX_LOOKED_AT:
                ways[after.id] = (*ways[known.id], after.name)
                waiting.append(after)
    return ()
