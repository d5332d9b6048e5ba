"""Where the nodes of a flow stand in a drawing: layers from top to bottom, few crossings, boxes of one size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

WIDTH, HEIGHT = 168, 44
GAP_X, GAP_Y = 34, 62
MARGIN = 24
ROOT = ""
SWEEPS = 6
"""Rounds of sorting each layer by its neighbours: more change little."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The left upper corner of each node, and the size of the whole, in pixels."""

    places: Mapping[str, tuple[int, int]]
    width: int
    height: int


def layout(nodes: Sequence[str], edges: Sequence[tuple[str, str]], starts: Sequence[str]) -> Layout:
    """The drawing of a graph; nodes that no start leads to stand in the first row.

    >>> layout(["a", "b"], [("a", "b")], ["a"]).places["b"]
    (24, 130)
    """
    layers = _layers(nodes, edges, starts)
    columns: list[list[str]] = [[] for _ in range(max(layers.values(), default=0) + 1)]
    for node in nodes:
        columns[layers[node]].append(node)
    near: dict[str, set[str]] = {node: set() for node in nodes}
    for source, target in edges:
        near[source].add(target)
        near[target].add(source)
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            place = {node: at for each in columns for at, node in enumerate(each)}
            column.sort(key=lambda node: (_middle(node, layers, near, place), place[node]))
    widest = max((len(column) for column in columns), default=1)
    places: dict[str, tuple[int, int]] = {}
    for number, column in enumerate(columns):
        shift = (widest - len(column)) * (WIDTH + GAP_X) // 2
        for at, node in enumerate(column):
            places[node] = (MARGIN + shift + at * (WIDTH + GAP_X), MARGIN + number * (HEIGHT + GAP_Y))
    width, height = widest * (WIDTH + GAP_X) - GAP_X, len(columns) * (HEIGHT + GAP_Y) - GAP_Y
    return Layout(places, 2 * MARGIN + width, 2 * MARGIN + height)


def _layers(nodes: Sequence[str], edges: Sequence[tuple[str, str]], starts: Sequence[str]) -> dict[str, int]:
    """How far each node stands from the starts, on the longest way; edges that lead back don't count."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from((ROOT, node) for node in (*starts, *nodes))
    graph.add_edges_from((source, target) for source, target in edges if source != target)
    forward: nx.DiGraph[str] = nx.DiGraph()
    above: set[str] = set()
    for source, target, direction in nx.dfs_labeled_edges(graph, ROOT):
        if direction == "forward":
            above.add(target)
        elif direction == "reverse":
            above.discard(target)
        if source != target and (direction == "forward" or (direction == "nontree" and target not in above)):
            forward.add_edge(source, target)
    forward.remove_node(ROOT)
    layers: dict[str, int] = {}
    for node in nx.topological_sort(forward):
        layers[node] = 1 + max((layers[before] for before in forward.predecessors(node)), default=-1)
    return layers


def _middle(node: str, layers: Mapping[str, int], near: Mapping[str, set[str]], place: Mapping[str, int]) -> float:
    beside = [place[other] for other in near[node] if layers[other] != layers[node]]
    return sum(beside) / len(beside) if beside else place[node]
