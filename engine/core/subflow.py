"""Frames: a flow that runs another as a step stands on its frame until the other ends, and takes up there what that gives.

Variables belong to a frame; the contact, the conversation and what the contact said last belong to the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.limit import MAX_FRAMES
from engine.core.node import Descend, Fail, Outcome, Replace, Returned, Stop
from engine.core.program import Program
from engine.core.typed import in_type
from engine.core.value import Before, Frame, Run
from engine.core.visit import Visit
from schemas.event import MessageSettled

MESSAGE = "$message"
"""The variable that holds what the contact said last: the same in every frame."""
FLOW = "flows."
"""A step reads which version of another flow is live; a replay has nothing else to know it by."""


def descend(visit: Visit, into: Descend) -> Outcome:
    """Enter a flow on a frame of its own, in the version that is live now; the node's failure where that can't be."""
    child = live_program(visit, into.flow)
    entry = child.entry() if child is not None else None
    if child is None or entry is None:
        return Fail("failed", "not_published", "the flow is not published")
    if len(visit.below) + 1 >= MAX_FRAMES:
        return Fail("failed", "too_deep", f"more than {MAX_FRAMES} flows stand on one another")
    if child.interactive and (into.beside or not visit.run.interactive):
        return Fail("failed", "waits_for_replies", "the flow waits for replies or agents, and this one may not")
    if visit.senders is None:
        visit.senders = [(message.node,) for message in visit.sent]
    variables = {**child.defaults, **typed_inputs(child, into.inputs)}
    if MESSAGE in visit.variables:
        variables[MESSAGE] = visit.variables[MESSAGE]
    visit.below = (*visit.below, visit.frame())
    _stand(visit, child, Frame(child.version, entry, variables, visit.now + child.expires_after))
    return visit.node.behaviour.enter(visit)


def give_back(visit: Visit, returned: Returned) -> Outcome:
    """Go back to the flow that ran the one that ended: its node says where to go on."""
    below, frame = visit.below[:-1], visit.below[-1]
    program = visit.turn.world.programs.get(frame.version)
    if program is None or frame.node not in program.nodes:
        return Stop("failed", "node_missing", whole=True)
    _return_to(visit, program, frame, below)
    behaviour = visit.node.behaviour.returned
    return behaviour(visit, returned) if behaviour is not None else Stop("failed", "node_missing", whole=True)


def ended(visit: Visit, stop: Stop) -> Returned:
    """What a flow that stopped tells the one that ran it."""
    if stop.status == "failed":
        return Returned("failed", stop.reason)
    outputs = {name: visit.variables[name] for name in visit.program.outputs if name in visit.variables}
    return Returned("completed", stop.reason, outputs)


def expired(visit: Visit) -> Outcome | None:
    """Where a run goes on in which a subflow's own time is over, with all that stands on it; None if none's is."""
    frames = (*visit.below, visit.frame())
    over = (depth for depth, frame in enumerate(frames) if frame.expires_at is not None and frame.expires_at <= visit.now)
    depth = next(over, 0)
    if depth == 0 or not unwind(visit, depth):
        return None
    return give_back(visit, Returned("expired", "expired"))


def unwind(visit: Visit, depth: int) -> bool:
    """Leave every frame above this one; False where its version is gone."""
    if depth >= len(visit.below):
        return True
    frame = visit.below[depth]
    program = visit.turn.world.programs.get(frame.version)
    if program is None or frame.node not in program.nodes:
        return False
    _return_to(visit, program, frame, visit.below[:depth])
    return True


def sender_failed(visit: Visit, settled: MessageSettled) -> bool:
    """Stand at the node whose failure a failed message is; False where there is none.

    It is the sender, if its flow still stands; else the node that ran the flow in which the message was sent.
    """
    wait = visit.run.wait
    if wait is None:
        return False
    at = wait.messages.index(settled.message)
    path = (wait.senders[at] if at < len(wait.senders) else ()) or (settled.node,)
    here = (*[frame.node for frame in visit.below], wait.node)
    if wait.kind == "message" and path == here:
        return False  # the node waits for just this
    depth = 0
    while depth < min(len(path), len(here)) - 1 and path[depth] == here[depth]:
        depth += 1
    if not unwind(visit, depth) or path[depth] not in visit.program.nodes:
        return False
    visit.node = visit.program.nodes[path[depth]]
    return True


def programs_of(programs: Mapping[int, Program], run: Run) -> list[Program]:
    """The programs in which a run stands, the innermost first."""
    return [programs[frame.version] for frame in reversed(run.frames) if frame.version in programs]


def live_program(visit: Visit, flow: str) -> Program | None:
    """The live version of a flow by its public id or key; the step remembers which it was."""
    world = visit.turn.world
    version = world.live.get(world.flow_keys.get(flow, 0))
    visit.reads.setdefault(FLOW + flow, version)
    return world.programs.get(version) if version is not None else None


def typed_inputs(program: Program, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a flow takes of what it is given: its declared inputs, in their types; what can't be of its type is left out."""
    found: dict[str, Any] = {}
    for name, kind in program.inputs.items():
        value = given.get(name)
        read = None if value is None or (value == "" and kind != "text") else in_type(kind, value)
        if read is not None:
            found[name] = read
    return found


def replaced(visit: Visit, by: Replace) -> Fail | None:
    """Why another flow can't be gone on in; None if it can, and then it starts when this run has ended."""
    program = live_program(visit, by.flow)
    if program is None or program.entry() is None:
        return Fail("failed", "not_published", "the flow is not published")
    run, steps = visit.run, visit.step
    before = Before(steps, run.started_at) if run.before is None else Before(run.before.steps + steps, run.before.since)
    visit.turn.follow = (program, run.conversation, typed_inputs(program, by.inputs), before)
    return None


def _return_to(visit: Visit, program: Program, frame: Frame, below: tuple[Frame, ...]) -> None:
    """Stand on a lower frame again; what the contact said meanwhile is known there too."""
    heard = visit.variables.get(MESSAGE)
    variables = dict(frame.variables) if heard is None else {**frame.variables, MESSAGE: heard}
    visit.below = below
    _stand(visit, program, Frame(frame.version, frame.node, variables, frame.expires_at))


def _stand(visit: Visit, program: Program, frame: Frame) -> None:
    visit.program, visit.version, visit.node = program, frame.version, program.nodes[frame.node]
    visit.variables, visit.expires_at = dict(frame.variables), frame.expires_at
