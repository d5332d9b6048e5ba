"""The node types that are installed: ours, and those of packages under the entry point group `postdog.nodes`."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec

from engine.core.expression import Expressions, NotInstalled
from engine.core.node import NodeType
from engine.core.program import Installed
from nodes import node_types
from schemas.error import Invalid

ENTRY_POINTS = "postdog.nodes"
CEL = "cel_expr_python"
"""The package behind the extra `cel`."""


class UnknownNodeType(Invalid):
    """An installed package offers something that is no node type."""

    code = "node_type"


def installed_node_types() -> Installed:
    """All node types by name, and what reads expressions where it is installed.

    Raises UnknownNodeType for a name that is taken or for something else.
    """
    found = dict(node_types())
    for point in entry_points(group=ENTRY_POINTS):
        loaded = point.load()
        node_type = loaded() if isinstance(loaded, type) else loaded
        if not isinstance(node_type, NodeType):
            raise UnknownNodeType(f"The entry point {point.name} of {ENTRY_POINTS} gives no node type.")
        if node_type.name in found:
            raise UnknownNodeType(f"There are two node types named {node_type.name!r}. Remove one of the packages.")
        found[node_type.name] = node_type
    return Installed(found, expressions())


def expressions() -> Expressions:
    """CEL, where the extra postdog-server[cel] is installed."""
    if find_spec(CEL) is None:
        return NotInstalled()
    loaded: Expressions = import_module("engine.cel.expressions").CelExpressions()
    return loaded
