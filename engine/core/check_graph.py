"""Checks of the graph's shape: edges, ports, entries, what can't be reached, and circles that would spin."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import networkx as nx

from engine.core.check_model import Models
from engine.core.check_part import Graph, Part
from engine.core.check_words import listing, suggestion
from engine.core.node import Port
from schemas.flow import Settings
from schemas.problem import Level, Problem, pointer

MAX_NAMED = 12
"""Nodes of a circle that a message names."""


def graph_problems(models: Models, graph: Graph) -> Iterator[Problem]:
    """Everything that is wrong with the graph. Linear in nodes and edges."""
    yield from _duplicate_ids(models)
    yield from _edges(models, graph)
    yield from _entries(models, graph)
    yield from _open_ports(models, graph)
    yield from _cycles(graph)
    known = graph.parts.keys() | models.broken_ids
    for key in models.layout:
        if key not in known:
            message = f"The layout places “{key[:64]}”, which is no node."
            yield Problem("layout_without_node", "info", pointer("layout", key), message, "Remove it; it does no harm.")


def _duplicate_ids(models: Models) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for sound in models.nodes:
        id = sound.node.id
        if id in first:
            message = f"The id “{id}” is already used by node {first[id] + 1}."
            where = pointer("nodes", sound.index, "id")
            yield Problem("duplicate_id", "error", where, message, "Give this node an id of its own.")
        first.setdefault(id, sound.index)


def _edges(models: Models, graph: Graph) -> Iterator[Problem]:
    known = graph.parts.keys() | models.broken_ids
    names = sorted(graph.parts)
    taken: dict[tuple[str, str], int] = {}
    for index, edge in models.edges:
        for key, id in (("from", edge.from_), ("to", edge.to)):
            if id not in known:
                what = "starts at" if key == "from" else "leads to"
                hint = suggestion(id, names) or "Connect it to a node, or remove it."
                message = f"This edge {what} “{id}”, which doesn't exist."
                yield Problem("dangling_edge", "error", pointer("edges", index, key), message, hint)
        source, target = graph.parts.get(edge.from_), graph.parts.get(edge.to)
        if source and source.ready and all(port.id != edge.port for port in source.ready.ports):
            yield _unknown_port(index, edge.port, source, source.ready.ports)
        if target and target.starts:
            message = f"This edge leads into {target.title}, where the flow starts."
            yield Problem("edge_into_trigger", "error", pointer("edges", index, "to"), message, "Lead it to the node behind.")
        before = taken.setdefault((edge.from_, edge.port), index)
        if before != index:
            message = f"The port “{edge.port}” of {source.title if source else edge.from_} has two edges; a run takes one way."
            hint = f"Remove this one or edge {before + 1}."
            yield Problem("duplicate_edge", "error", pointer("edges", index), message, hint)


def _unknown_port(index: int, port: str, source: Part, ports: tuple[Port, ...]) -> Problem:
    known = [each.id for each in ports]
    listed = f"Its ports are {listing(known, most=30)}." if known else "It has no ports."
    hint = " ".join(filter(None, (suggestion(port, known), listed)))
    message = f"{source.title} has no port “{port}”."
    return Problem("unknown_port", "error", pointer("edges", index, "port"), message, hint)


def _entries(models: Models, graph: Graph) -> Iterator[Problem]:
    starts = [id for id, part in graph.parts.items() if part.starts]
    if not starts:
        if models.complete:
            hint = "Add a trigger and connect it to the first node."
            yield Problem("no_trigger", "error", "/nodes", "Nothing starts this flow.", hint)
        return
    reached = set(starts)
    waiting = deque(starts)
    while waiting:
        for after in graph.links.successors(waiting.popleft()):
            if after not in reached:
                reached.add(after)
                waiting.append(after)
    for id, part in graph.parts.items():
        if id not in reached and models.complete:
            message = f"{part.title} can't be reached from any trigger."
            yield Problem("unreachable", "warning", pointer("nodes", part.index), message, "Connect it, or remove it.")


def _open_ports(models: Models, graph: Graph) -> Iterator[Problem]:
    for part in graph.parts.values():
        if part.ready is None or not part.ready.ports:
            continue
        wired = part.ready.build.wired
        where = pointer("nodes", part.index)
        if not any(port.id in wired for port in part.ready.ports):
            if part.starts:
                message = f"{part.title} starts the flow but leads nowhere."
                yield Problem("dead_end", "warning", where, message, "Connect it to the first node.")
            else:
                yield Problem("dead_end", "info", where, f"The flow ends after {part.title}.", "")
        unwired = [port for port in part.ready.ports if port.id not in wired]
        onward = [port for port in unwired if port.kind in ("next", "branch")]
        if onward and len(onward) < sum(port.kind in ("next", "branch") for port in part.ready.ports):
            yield _open(part, onward, "info", "the run ends there")
        unfit = [port for port in unwired if port.unfit and models.settings.on_no_match != "error"]
        failed = [port for port in unwired if port.kind == "error" and port not in unfit]
        yield from _with_policy(part, unfit, "on_no_match", models.settings)
        yield from _with_policy(part, failed, "on_error", models.settings)
        yield from _with_policy(part, [port for port in unwired if port.kind == "timeout"], "on_timeout", models.settings)


def _with_policy(part: Part, ports: list[Port], setting: str, settings: Settings) -> Iterator[Problem]:
    """A warning where nobody has said what shall happen; a remark where the flow's settings say it."""
    if not ports:
        return
    said = {"on_error": settings.on_error, "on_timeout": settings.on_timeout, "on_no_match": settings.on_no_match}[setting]
    if said == "repeat":
        fallback = "it is asked anew"
    elif said == "handoff":
        team = "its team" if settings.handoff_team else "everyone"
        fallback = f"the run ends and the conversation is handed to {team}"
    else:
        fallback = "the run ends as failed" if setting == "on_error" else "the run ends"
    level: Level = "info" if setting in settings.model_fields_set else "warning"
    yield _open(part, ports, level, fallback)


def _open(part: Part, ports: list[Port], level: Level, fallback: str) -> Problem:
    names = listing([f"“{port.label or port.id}”" for port in ports])
    noun = "The port" if len(ports) == 1 else "The ports"
    verb = "leads" if len(ports) == 1 else "lead"
    message = f"{noun} {names} of {part.title} {verb} nowhere: {fallback}."
    return Problem("open_port", level, pointer("nodes", part.index), message, "Connect it if something else should happen.")


def _cycles(graph: Graph) -> Iterator[Problem]:
    """One circle for each knot of nodes that never pause; a broken node may pause, so it gets the benefit of the doubt."""
    restless = [id for id, part in graph.parts.items() if part.ready and not part.ready.uses.pauses]
    links = graph.links.subgraph(restless)
    knots = [knot for knot in nx.strongly_connected_components(links) if len(knot) > 1 or links.has_edge(*2 * tuple(knot))]
    for knot in sorted(knots, key=lambda knot: min(graph.parts[id].index for id in knot)):
        circle = [graph.parts[id] for id in _circle(links, knot, min(knot, key=lambda id: graph.parts[id].index))]
        named = [part.title for part in circle[:MAX_NAMED]] + (["…"] if len(circle) > MAX_NAMED else [])
        message = f"These nodes go round without waiting: {' → '.join([*named, circle[0].title])}."
        hint = "Put a wait, or a question that waits for a reply, into the circle."
        yield Problem("cycle_without_wait", "error", pointer("nodes", circle[0].index), message, hint)


def _circle(links: nx.DiGraph[str], knot: set[str], start: str) -> list[str]:
    """The shortest way from a node of the knot back to it, in order."""
    came_from: dict[str, str] = {}
    waiting = deque([start])
    while waiting:
        at = waiting.popleft()
        for after in links.successors(at):
            if after == start:
                way = [at]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return way[::-1]
            if after in knot and after not in came_from:
                came_from[after] = at
                waiting.append(after)
    return [start]
