"""What a visit of each node type costs: its own code alone, over the golden cases by which it is tested."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.core.match import index_triggers
from engine.core.node import Behaviour, Outcome
from engine.core.visit import Visit
from engine.core.world import World
from nodes import node_types
from schemas.event import Body
from tests.nodes.playing import GOLDENS, VERSION, Play, happen_all, set_stage


@dataclass
class Stopwatch:
    """Nanoseconds and calls of one node's behaviour."""

    spent: int = 0
    visits: int = 0

    def timed(self, behaviour: Behaviour) -> Behaviour:
        """The behaviour, with each call measured."""
        return Behaviour(self._enter(behaviour.enter), self._resume(behaviour.resume) if behaviour.resume else None)

    def _enter(self, enter: Callable[[Visit], Outcome]) -> Callable[[Visit], Outcome]:
        def measured(visit: Visit) -> Outcome:
            begun = time.perf_counter_ns()
            outcome = enter(visit)
            self.spent += time.perf_counter_ns() - begun
            self.visits += 1
            return outcome

        return measured

    def _resume(self, resume: Callable[[Visit, Body], Outcome | None]) -> Callable[[Visit, Body], Outcome | None]:
        def measured(visit: Visit, body: Body) -> Outcome | None:
            begun = time.perf_counter_ns()
            outcome = resume(visit, body)
            self.spent += time.perf_counter_ns() - begun
            self.visits += 1
            return outcome

        return measured


def microseconds_per_visit(rounds: int) -> Mapping[str, float]:
    """Microseconds by node type: the mean of its golden cases without expressions, each the quickest of some rounds."""
    return {name: _mean(name, False, rounds) for name in node_types()}


def microseconds_per_expression(rounds: int) -> float:
    """Microseconds of a visit of a Condition that asks an expression: the same of its golden cases with one."""
    return _mean("condition", True, rounds)


def _mean(name: str, expressions: bool, rounds: int) -> float:
    cases = json.loads((GOLDENS / f"{name}.json").read_text("utf-8"))
    chosen = [case for case in cases if ('"expression":' in json.dumps(case)) == expressions]
    found = [cost for case in chosen if (cost := _case(name, case, rounds)) is not None]
    return sum(found) / len(found)


def _case(name: str, case: Mapping[str, Any], rounds: int) -> float | None:
    """The quickest round; None where the case never comes to the node."""
    stage, watch = set_stage(name, case), Stopwatch()
    world = _watched(stage.world, "start" if name == "trigger" else "node", watch)
    costs: list[float] = []
    for _ in range(rounds):
        watch.spent = watch.visits = 0
        happen_all(Play(world, stage.person, stage.now), name, case)
        if not watch.visits:
            return None
        costs.append(watch.spent / watch.visits / 1_000)
    return min(costs)


def _watched(world: World, node: str, watch: Stopwatch) -> World:
    """The world with one node under the stopwatch."""
    program = world.programs[VERSION]
    watched = replace(program.nodes[node], behaviour=watch.timed(program.nodes[node].behaviour))
    program = replace(program, nodes={**program.nodes, node: watched})
    return replace(world, programs={**world.programs, VERSION: program}, triggers=index_triggers([program]))
