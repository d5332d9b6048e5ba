"""The flows that the explored one runs as steps: played through as they are, each known by its version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from engine.core.decision import Visited
from engine.core.program import NodeTypes, Program
from engine.core.value import Run
from engine.core.world import World
from simulator.explore.live import Live, liveness
from simulator.explore.study import Part, Study, study


@dataclass(frozen=True, slots=True)
class Inner:
    """A flow inside another, looked at as that one is."""

    study: Study
    live: Live


class Household:
    """The explored flow with all that it runs."""

    def __init__(self, program: Program, node_types: NodeTypes, world: World) -> None:
        found: dict[int, Study] = {}
        waiting = [program]
        while waiting:
            each = waiting.pop()
            if each.version in found:
                continue
            found[each.version] = study(each, node_types)
            waiting += _run_by(found[each.version], world)
        live = {flow: world.programs[world.live[id]] for flow, id in world.flow_keys.items() if _is_live(world, id)}
        expiry = {flow: each.expires_after for flow, each in live.items()}
        several = {version: _timed(each, expiry) for version, each in found.items()}
        self.version = program.version
        self.all: Mapping[int, Inner] = {version: Inner(each, liveness(each)) for version, each in several.items()}

    @property
    def own(self) -> Inner:
        """The explored flow itself."""
        return self.all[self.version]

    @property
    def others(self) -> tuple[Study, ...]:
        """The flows that it runs."""
        return tuple(each.study for version, each in self.all.items() if version != self.version)

    def where(self, run: Run) -> Inner:
        """The flow in which a run stands; the explored one where it isn't known."""
        return self.all.get(run.frames[-1].version, self.own)

    def part(self, visited: Visited) -> Part | None:
        """The node of a visit, in whichever flow."""
        inner = self.all.get(visited.version)
        return inner.study.parts.get(visited.node) if inner is not None else None

    def own_visits(self, visited: Iterable[Visited]) -> Iterator[Visited]:
        """Those of the explored flow's own nodes."""
        return (each for each in visited if each.version == self.version)


def _is_live(world: World, flow: int) -> bool:
    return world.live.get(flow) in world.programs


def _run_by(examined: Study, world: World) -> Iterator[Program]:
    for part in examined.parts.values():
        for reference in part.uses.references if part.uses.enters == "step" else ():
            flow = world.flow_keys.get(reference.id, 0)
            if reference.kind == "flow" and _is_live(world, flow):
                yield world.programs[world.live[flow]]


def _timed(examined: Study, expiry: Mapping[str, timedelta]) -> Study:
    """With how long a step may take at most that runs a flow: as long as that one may live."""

    def timed(part: Part) -> Part:
        longest = [expiry[each.id] for each in part.uses.references if each.kind == "flow" and each.id in expiry]
        if part.uses.enters != "step" or not longest:
            return part
        return replace(part, elapsed={port: passed and longest[0] for port, passed in part.elapsed.items()})

    return replace(examined, parts={id: timed(part) for id, part in examined.parts.items()})
