"""One node tried by itself: up to the call that it makes, with sample values in place of a contact's, and on with its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.core.build import Build
from engine.core.check_json import tidy
from engine.core.check_model import read_flow
from engine.core.check_part import read_graph
from engine.core.decision import Call
from engine.core.node import Behaviour, Fail, Go, Outcome
from engine.core.program import CompiledNode, NodeTypes, Program, Ready, expressions_of
from engine.core.spoken import Spoken
from engine.core.text import Getter, Resolve
from engine.core.turn import Turn
from engine.core.value import Contact, Frame, Person, Run
from engine.core.visit import Visit
from engine.core.world import World
from schemas.event import CallAnswered, Event, StartFlow
from schemas.migration import migrate

OURS = ("time", "flow", "global", "hours")
"""What is the same for whoever comes by, so that nobody need say it: paths that begin so."""
STEP = 1


@dataclass(frozen=True, slots=True)
class Ended:
    """What a node made of its call's answer: the way out, why, and the variables that it set."""

    port: str
    code: str
    reason: str
    sets: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """A node that stands before its call; `call` is None where it makes none, `ended` says why where it can't."""

    ready: Ready
    call: Call | None
    ended: Ended | None
    behaviour: Behaviour
    visit: Visit

    def answer(self, ok: bool, code: str, detail: str, data: Mapping[str, Any]) -> Ended | None:
        """What the node makes of this answer; None where it isn't meant for it."""
        assert self.call is not None
        resume = self.behaviour.resume
        body = CallAnswered(self.visit.run.id, STEP, self.call.id, ok, code, detail, data)
        outcome = resume(self.visit, body) if resume is not None else None
        return None if outcome is None else _ended(outcome, self.visit, self.ready)


def node_at(document: object, node: str, node_types: NodeTypes) -> Ready | None:
    """A node of a document, whatever the rest of it looks like; None where it isn't there or its config is broken."""
    clean, _ = tidy(document)
    part = read_graph(read_flow(migrate(clean), node_types), expressions_of(node_types)).parts.get(node)
    return part.ready if part is not None else None


def asked_of(ready: Ready) -> tuple[str, ...]:
    """The paths that the node reads and that differ from contact to contact, each once: what a trial needs samples for."""
    reads = dict.fromkeys(path for path, _ in ready.uses.reads)
    return tuple(path for path in reads if path.partition(".")[0] not in OURS)


def begin_trial(ready: Ready, samples: Mapping[str, Any], world: World, number: int, now: datetime) -> Trial:
    """The node entered by nobody: what `asked_of` names is as the samples say, else empty. `number` makes its call's key."""
    of = ready.build
    build = Build(
        of.node, of.wired, _sampled(of.resolve, samples), of.settings, of.flow_name, of.types, of.expressions
    )
    behaviour = ready.type.compile(ready.config, build)
    node = CompiledNode(of.node, ready.type.name, of.node, behaviour, {each.id: each.kind for each in ready.ports}, of.wired)
    visit = _visit(node, of, world, number, now)
    outcome = behaviour.enter(visit)
    call = visit.called[0] if visit.called else None
    ended = _ended(outcome, visit, ready) if call is None and isinstance(outcome, Fail) else None
    return Trial(ready, call, ended, behaviour, visit)


def _sampled(resolve: Resolve, samples: Mapping[str, Any]) -> Resolve:
    def sampled(path: str) -> Getter | None:
        return (lambda visit: samples[path]) if path in samples else resolve(path)

    return sampled


def _visit(node: CompiledNode, build: Build, world: World, number: int, now: datetime) -> Visit:
    event = Event(0, world.tenant, "trial", "", now, StartFlow(0))
    silent = Spoken(build.text(""))
    program = Program(
        0, 0, build.flow_name, {node.id: node}, {}, {}, {}, (), build.settings, silent, Spoken(""), interactive=False
    )
    frames = (Frame(0, node.id),)
    run = Run(number, 0, 0, 0, "waiting", frames, None, STEP, False, now, now + timedelta(hours=1))
    return Visit(Turn(world, Person(Contact(0), (), (run,)), event, now), program, run, STEP)


def _ended(outcome: Outcome, visit: Visit, ready: Ready) -> Ended:
    sets = {name: visit.variables.get(name) for name in ready.writes}
    match outcome:
        case Go(port, reason):
            return Ended(port, "", reason, sets)
        case Fail(port, code, reason):
            return Ended(port, code, reason, sets)
        case _:
            return Ended("", "", "", sets)
