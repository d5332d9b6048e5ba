"""What the graph checks look at: nodes with their ports and uses, edges whose ends exist, and who leads where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx

from engine.core.build import Remembering
from engine.core.check_model import Models, Sound
from engine.core.expression import Expressions, NotInstalled
from engine.core.path import resolver
from engine.core.program import Ready
from engine.core.text import Resolve, Text
from schemas.flow import Edge, Node, VariableType


@dataclass(frozen=True, slots=True)
class Part:
    """A node of the graph; `ready` is None where its type or config is broken, so that its ports aren't known."""

    index: int
    node: Node
    ready: Ready | None
    starts: bool
    """It is an entry, or would be if it weren't broken."""

    @property
    def title(self) -> str:
        """What people call the node."""
        return f"“{self.node.label or self.node.id}”"


@dataclass(frozen=True, slots=True)
class Graph:
    """The parts by id (the first of a duplicate), the edges between existing ends with their index, and their graph."""

    parts: Mapping[str, Part]
    edges: tuple[tuple[int, Edge], ...]
    links: nx.DiGraph[str]
    resolve: Resolve
    names: frozenset[str]
    """The variables that are declared or set."""


def read_graph(models: Models, expressions: Expressions | None = None) -> Graph:
    """The graph of everything that could be read. Without what reads expressions, each of them is at fault."""
    names = {variable.name for _, variable in models.variables}
    for sound in models.nodes:
        if sound.type is not None and sound.config is not None:
            names.update(sound.type.writes(sound.config))
    resolve = resolver(names)
    wired: dict[str, dict[str, str]] = {}
    for _, edge in models.edges:
        wired.setdefault(edge.from_, {}).setdefault(edge.port, edge.to)
    ids = {sound.node.id for sound in models.nodes}
    led: list[tuple[str, str]] = []
    for sound in models.nodes:
        for port, to in sound.type.leads(sound.config).items() if sound.type and sound.config else ():
            if to in ids:
                wired.setdefault(sound.node.id, {}).setdefault(port, to)
                led.append((sound.node.id, to))
    parts: dict[str, Part] = {}
    types = {variable.name: variable.type for _, variable in models.variables}
    texts: dict[str, Text] = {}
    for sound in models.nodes:
        if sound.node.id not in parts:
            ready = _ready(sound, wired.get(sound.node.id, {}), resolve, models, types, texts, expressions or NotInstalled())
            broken_start = sound.type is not None and sound.config is None and sound.type.look.group == "start"
            starts = ready.trigger is not None if ready else broken_start
            parts[sound.node.id] = Part(sound.index, sound.node, ready, starts)
    edges = tuple((index, edge) for index, edge in models.edges if edge.from_ in parts and edge.to in parts)
    links: nx.DiGraph[str] = nx.DiGraph()
    links.add_nodes_from(parts)
    links.add_edges_from((edge.from_, edge.to) for _, edge in edges)
    links.add_edges_from(led)
    return Graph(parts, edges, links, resolve, frozenset(names))


def _ready(
    sound: Sound,
    wired: Mapping[str, str],
    resolve: Resolve,
    models: Models,
    types: Mapping[str, VariableType],
    texts: dict[str, Text],
    expressions: Expressions,
) -> Ready | None:
    node_type, config = sound.type, sound.config
    if node_type is None or config is None:
        return None
    name = models.document.name if models.document else ""
    build = Remembering(sound.node.id, wired, resolve, models.settings, name, types, expressions, texts)
    return Ready.of(node_type, config, build)
