"""Explores a flow in the world of the simulator: the whole way from a checked document to its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.core.match import index_triggers
from engine.core.program import NodeTypes, Program
from engine.core.world import World
from schemas.capability import Capabilities
from schemas.flow import FlowDocument
from simulator.explore.explorer import BUDGET, Explorer
from simulator.world import FLOW, NO_FLOWS, simulated_world, world_around


def explorer(
    document: FlowDocument,
    node_types: NodeTypes,
    capabilities: Mapping[str, Capabilities],
    *,
    budget: int = BUDGET,
    beside: Mapping[str, FlowDocument] = NO_FLOWS,
) -> Explorer:
    """An exploration of a document without errors (see `engine.core.check`), on each of these kinds of channels.

    Those that are live `beside` it are played through where it runs them, by their keys.
    """
    worlds = {
        kind: (simulated_world(document, node_types, channel=kind, capabilities=each, beside=beside), each)
        for kind, each in capabilities.items()
    }
    world, _ = next(iter(worlds.values()))
    program = world.programs[world.live[FLOW]]
    alone = index_triggers((program,))  # the others are there to be gone on in
    around = {kind: (replace(world, triggers=alone), each) for kind, (world, each) in worlds.items()}
    return Explorer(program, node_types, around, budget=budget)


def explorer_around(
    world: World, program: Program, node_types: NodeTypes, capabilities: Mapping[str, Capabilities], *, budget: int = BUDGET
) -> Explorer:
    """An exploration of a program in a workspace as it is: its teams, templates, fields, hours and other flows; nothing real."""
    around = {
        kind: (world_around(world, program, channel=kind, capabilities=each), each) for kind, each in capabilities.items()
    }
    made, _ = next(iter(around.values()))
    return Explorer(made.programs[made.live[program.flow]], node_types, around, budget=budget)
