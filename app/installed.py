"""The node types that are installed: ours, and those of packages under the entry point group `postdog.nodes`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from engine.core.node import NodeType
from nodes import node_types
from schemas.error import Invalid

ENTRY_POINTS = "postdog.nodes"


class UnknownNodeType(Invalid):
    """An installed package offers something that is no node type."""

    code = "node_type"


def installed_node_types() -> Mapping[str, NodeType[Any]]:
    """All node types by name. Raises UnknownNodeType for a name that is taken or for something else."""
    found = dict(node_types())
    for point in entry_points(group=ENTRY_POINTS):
        loaded = point.load()
        node_type = loaded() if isinstance(loaded, type) else loaded
        if not isinstance(node_type, NodeType):
            raise UnknownNodeType(f"The entry point {point.name} of {ENTRY_POINTS} gives no node type.")
        if node_type.name in found:
            raise UnknownNodeType(f"There are two node types named {node_type.name!r}. Remove one of the packages.")
        found[node_type.name] = node_type
    return found
