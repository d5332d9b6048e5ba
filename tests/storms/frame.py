"""What a step may do to the frames on which a run stands: enter a flow on top, go back to the one below, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.core.decision import Step, Visited
from engine.core.limit import MAX_FRAMES
from engine.core.subflow import MESSAGE
from engine.core.value import Frame, Run
from engine.core.world import World

RUNS = "run_flow"
"""The type of the nodes on which other flows stand."""


@dataclass(frozen=True, slots=True)
class _Lost:
    """Why a step can't have gone as it says."""

    why: str


def over_at(run: Run) -> datetime:
    """When the time of a run is over, or of a flow in which it stands; that stands still once a person has the conversation."""
    if run.wait is not None and run.wait.kind == "agent" and run.wait.due is None:
        return run.expires_at
    return min(run.expires_at, *(frame.expires_at or run.expires_at for frame in run.frames))


def wrong(before: tuple[Frame, ...], step: Step, world: World) -> str:
    """What is wrong with the way of a step, made again from its path alone; "" where nothing is.

    Each flow that ended has resumed the node that ran it, once and no other; the flows below stood still meanwhile.
    """
    frames = step.run.frames
    if len(frames) > MAX_FRAMES:
        return f"{len(frames)} flows stand on one another"
    for frame in frames[:-1]:
        if world.programs[frame.version].nodes[frame.node].type != RUNS:
            return f"a flow stands on {frame.node}, which runs none"
    if step.run.wait is not None and step.run.wait.node != frames[-1].node:
        return f"it waits at {step.run.wait.node}, but stands at {frames[-1].node}"
    if not step.run.live:
        return ""
    if step.how == "began":
        ways = [_walked((), step.visited, world)]
    else:
        stood = [_as_of(frame, version) for frame, version in zip(before, step.met.versions, strict=False)]
        ways = [_walked(tuple(below), step.visited, world) for below in _below(stood, step.visited)]
    reasons = [way.why if isinstance(way, _Lost) else _differs(way, frames) for way in ways]
    return "" if "" in reasons else (reasons or ["it went on at a node where it didn't stand"])[0]


def _as_of(frame: Frame, version: int) -> Frame:
    """The frame, moved to the version on which the step found it."""
    return Frame(version, frame.node, frame.variables, frame.expires_at)


def _below(stood: list[Frame], visited: tuple[Visited, ...]) -> list[list[Frame]]:
    """The frames that may stand as a step begins: all but the one that moves, or those under a flow that is left at once."""
    if not visited:
        return [stood[:-1]]
    return [stood[:depth] for depth, frame in enumerate(stood) if frame.version == visited[0].version]


def _walked(below: tuple[Frame, ...], visited: tuple[Visited, ...], world: World) -> list[Frame] | _Lost:
    """The frames under the last visit."""
    stack, entered, stopped = list(below), False, False
    for at, visit in enumerate(visited):
        earlier = visited[at - 1] if at else None
        if stopped:
            if not stack or (stack[-1].version, stack[-1].node) != (visit.version, visit.node):
                return _Lost(f"a flow that ended led to {visit.node} of version {visit.version}, over {stack}")
            stack.pop()
        elif earlier is not None and not entered and earlier.version != visit.version:
            return _Lost(f"it went from {earlier.node} to {visit.node} of another flow")
        left = earlier is not None and (earlier.version, earlier.node) == (visit.version, visit.node) and earlier.port != ""
        runs = world.programs[visit.version].nodes[visit.node].type == RUNS
        entered = runs and not visit.port and not visit.reason and not left
        stopped = not visit.port and not entered and not visit.reason.startswith("asked anew")
        if entered:
            stack.append(Frame(visit.version, visit.node))
    return stack


def _differs(below: list[Frame], frames: tuple[Frame, ...]) -> str:
    if [(each.version, each.node) for each in below] != [(each.version, each.node) for each in frames[:-1]]:
        return f"by its path it stands on {below}, but it stands on {frames[:-1]}"
    for path, stands in zip(below, frames, strict=False):
        if path.expires_at is None and not path.variables:
            continue  # it was entered in this step
        if (path.expires_at, _own(path)) != (stands.expires_at, _own(stands)):
            return f"{stands.node} of version {stands.version} changed under the flow that it runs"
    return ""


def _own(frame: Frame) -> dict[str, object]:
    return {name: each for name, each in frame.variables.items() if name != MESSAGE}
