"""What is known of another flow to which one refers: what it takes and gives, and which flows it goes on in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.core.check_json import tidy
from engine.core.check_model import read_flow
from engine.core.check_part import Graph, read_graph
from engine.core.program import NodeTypes
from schemas.flow import VariableType
from schemas.migration import migrate
from schemas.problem import pointer


@dataclass(frozen=True, slots=True)
class Entered:
    """A node that goes on in another flow: which, how, and whether a run can come to it without having waited."""

    node: str
    pointer: str
    flow: str
    how: Literal["step", "instead"]
    at_once: bool


@dataclass(frozen=True, slots=True)
class KnownFlow:
    """A flow as those that refer to it see it. `id` is its public id; `inputs` and `outputs` are variables with their types."""

    id: str
    name: str
    live: bool = True
    inputs: Mapping[str, VariableType] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    """The inputs that have no default."""
    outputs: Mapping[str, VariableType] = field(default_factory=dict)
    interactive: bool = False
    enters: tuple[Entered, ...] = ()


def known_flow(id: str, name: str, document: object, node_types: NodeTypes, *, live: bool = True) -> KnownFlow:
    """What is known of a flow with this document. Total on any JSON."""
    clean, _ = tidy(document)
    migrated: Any = migrate(clean)
    models = read_flow(migrated, node_types)
    graph = read_graph(models)
    variables = [variable for _, variable in models.variables]
    return KnownFlow(
        id=id,
        name=name,
        live=live,
        inputs={each.name: each.type for each in variables if each.input},
        needed=frozenset(each.name for each in variables if each.input and each.default is None),
        outputs={each.name: each.type for each in variables if each.output},
        interactive=any(part.ready.uses.interactive for part in graph.parts.values() if part.ready),
        enters=tuple(entered(graph)),
    )


def entered(graph: Graph) -> Iterator[Entered]:
    """The nodes of a graph that go on in other flows."""
    at_once = _without_wait(graph)
    for id, part in graph.parts.items():
        if part.ready is None or not part.ready.uses.enters:
            continue
        for reference in part.ready.uses.references:
            if reference.kind == "flow":
                where = pointer("nodes", part.index, "config") + reference.pointer
                yield Entered(id, where, reference.id, part.ready.uses.enters, id in at_once)


def _without_wait(graph: Graph) -> set[str]:
    """The nodes to which a run may come before it has waited."""
    reached = {id for id, part in graph.parts.items() if part.starts}
    waiting = deque(reached)
    while waiting:
        id = waiting.popleft()
        ready = graph.parts[id].ready
        if ready is None or ready.uses.pauses:
            continue
        for after in graph.links.successors(id):
            if after not in reached:
                reached.add(after)
                waiting.append(after)
    return reached
