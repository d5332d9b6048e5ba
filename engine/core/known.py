"""What may be read at a node, for pickers: the fixed paths, and the variables that some way to it sets."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx

from engine.core.check_json import tidy
from engine.core.check_model import read_flow
from engine.core.check_part import Graph, read_graph
from engine.core.program import NodeTypes
from engine.core.trigger import OnApi
from schemas.migration import migrate


@dataclass(frozen=True, slots=True)
class Known:
    """A variable as it is at a node. `set` False: no way to the node sets it. `by`: the nodes before it that do."""

    name: str
    type: str
    set: bool
    by: tuple[str, ...] = ()


def known_at(document: object, node: str, node_types: NodeTypes) -> tuple[Known, ...]:
    """The variables of a flow, seen from a node; those that are set there first. Total on any JSON, as the checker is.

    A node that isn't there sees what a node without edges would.
    """
    clean, _ = tidy(document)
    models = read_flow(migrate(clean), node_types)
    graph = read_graph(models)
    before = _before(graph, node)
    types = {variable.name: variable.type for _, variable in models.variables}
    always = {variable.name for _, variable in models.variables if variable.default is not None}
    if any(_is_api(graph, id) for id in before):
        always |= types.keys()
    setters: dict[str, list[str]] = {name: [] for name in sorted(graph.names)}
    for id in graph.parts:
        part = graph.parts[id]
        for name in part.ready.writes if part.ready and id in before else ():
            setters[name].append(id)
    found = [
        Known(name, types.get(name, "text"), bool(by) or name in always, tuple(by)) for name, by in setters.items()
    ]
    return tuple(sorted(found, key=lambda each: (not each.set, each.name)))


def _before(graph: Graph, node: str) -> frozenset[str]:
    """The nodes that a run may have passed when it comes to a node; in a circle also the node itself."""
    if node not in graph.parts:
        return frozenset()
    before = set(nx.ancestors(graph.links, node))
    if any(after in before or after == node for after in graph.links.successors(node)):
        before.add(node)
    return frozenset(before)


def _is_api(graph: Graph, id: str) -> bool:
    ready = graph.parts[id].ready
    return ready is not None and ready.trigger is not None and isinstance(ready.trigger.on, OnApi)
