"""A stored document as people see it: its nodes with their names, its edges by where they begin. Total on what was saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from engine.core.node import Port
from engine.core.program import NodeTypes


class Outline:
    """Nodes by id, edges by (node, port)."""

    def __init__(self, document: Mapping[str, Any], node_types: NodeTypes) -> None:
        self.nodes: dict[str, Mapping[str, Any]] = {
            str(node.get("id")): node for node in document.get("nodes") or () if isinstance(node, Mapping)
        }
        self.edges: dict[tuple[str, str], str] = {
            (str(edge.get("from")), str(edge.get("port", "next"))): str(edge.get("to"))
            for edge in document.get("edges") or ()
            if isinstance(edge, Mapping)
        }
        self._types = node_types
        self._ports: dict[str, tuple[Port, ...]] = {}

    def title(self, id: str) -> str:
        """What people call a node: its label, else its kind; of a missing one its id."""
        node = self.nodes.get(id)
        if node is None:
            return f"“{id}”"
        node_type = self._types.get(str(node.get("type")))
        kind = node_type.look.label if node_type else str(node.get("type"))
        return f"“{node['label']}”" if node.get("label") else f"“{kind}” ({id})"

    def ports(self, id: str) -> tuple[Port, ...]:
        """The ways out of a node; none where its config is broken or its type isn't installed."""
        if id not in self._ports:
            self._ports[id] = _ports(self.nodes.get(id), self._types)
        return self._ports[id]

    def way(self, id: str, port: str) -> str:
        """What people call a way out: the node alone, where it has but one."""
        ports = self.ports(id)
        label = next((each.label for each in ports if each.id == port), port)
        return self.title(id) if len(ports) == 1 else f"{self.title(id)}, {label}"


def config_of(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """A node's config; empty where it has none."""
    config = node.get("config")
    return config if isinstance(config, Mapping) else {}


def items_of(items: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """The items of a list by their ids, else by their values (words), else by their places."""
    for index, item in enumerate(items):
        if isinstance(item, Mapping) and isinstance(item.get("id"), str):
            yield item["id"], item
        elif isinstance(item, str):
            yield f"={item}", item
        else:
            yield f"#{index}", item


def _ports(node: Mapping[str, Any] | None, node_types: NodeTypes) -> tuple[Port, ...]:
    node_type = node_types.get(str(node.get("type"))) if node is not None else None
    if node is None or node_type is None:
        return ()
    try:
        return node_type.ports(node_type.Config.model_validate(node.get("config", {})))
    except ValidationError:
        return ()
