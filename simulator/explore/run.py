"""Explores a flow in the world of the simulator: the whole way from a checked document to its report."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.program import NodeTypes
from schemas.capability import Capabilities
from schemas.flow import FlowDocument
from simulator.explore.explorer import BUDGET, Explorer
from simulator.world import FLOW, simulated_world


def explorer(
    document: FlowDocument, node_types: NodeTypes, capabilities: Mapping[str, Capabilities], *, budget: int = BUDGET
) -> Explorer:
    """An exploration of a document without errors (see `engine.core.check`), on each of these kinds of channels."""
    worlds = {
        kind: (simulated_world(document, node_types, channel=kind, capabilities=each), each)
        for kind, each in capabilities.items()
    }
    world, _ = next(iter(worlds.values()))
    return Explorer(world.programs[world.live[FLOW]], node_types, worlds, budget=budget)
