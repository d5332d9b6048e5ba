"""Carrying a run from an older version to the one that replaced it, at the run's next event."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.advance import end, enter_again
from engine.core.evolve import evolve
from engine.core.match import entry_of
from engine.core.node import PortKind
from engine.core.program import Program
from engine.core.start import start
from engine.core.turn import Turn
from engine.core.value import Frame, Run


def carry(turn: Turn, run: Run) -> Run | None:
    """The run as it goes on: on its own version, moved to the newer one, or None if publish decided that it ends.

    A run is moved where the node at which it waits still exists there, with the same type and wait; else it stays. So does one
    that speaks beside others where the newer version waits for replies or agents: it never took the conversation.

    Where it stands in several flows, one on another, each is looked at: a frame is moved as a run is. Ending ends the run;
    restarting the first flow starts it anew, restarting a subflow enters the step that runs it once more.
    """
    successors = turn.world.successors
    if not successors or not any(frame.version in successors for frame in run.frames):
        return run
    for depth, frame in enumerate(run.frames):
        successor = successors.get(frame.version)
        if successor is None:
            continue
        if successor.policy == "end":
            turn.note("publishing a newer version ended the run")
            end(turn, run, "stopped", "republished")
            return None
        if successor.policy == "restart" and successor.version in turn.world.programs:
            return _restarted(turn, run, depth, turn.world.programs[successor.version])
    frames = tuple([_moved(turn, run, frame) for frame in run.frames])
    return run if frames == run.frames else turn.put_run(evolve(run, version=frames[0].version, frames=frames))


def _restarted(turn: Turn, run: Run, depth: int, new: Program) -> Run | None:
    """The run that began anew; where a subflow begins anew, the run in which it does."""
    if depth:
        turn.note("publishing a newer version restarted the subflow")
        enter_again(turn, evolve(run, frames=run.frames[:depth]))
        return turn.run(run.id)
    turn.note("publishing a newer version restarted the run")
    end(turn, run, "stopped", "republished")
    entry = entry_of(new)
    began = start(turn, entry, turn.conversation(run.conversation), {}, "restarted") if entry else None
    return began if isinstance(began, Run) and began.live else None


def _moved(turn: Turn, run: Run, frame: Frame) -> Frame:
    """The frame in the newer version, where it can stand there; else as it is."""
    programs, successor = turn.world.programs, turn.world.successors.get(frame.version)
    if successor is None:
        return frame
    old, new = programs.get(frame.version), programs.get(successor.version)
    if old is None or new is None or (new.interactive and not run.interactive):
        return frame
    node, moved = old.nodes.get(frame.node), new.nodes.get(frame.node)
    if node is None or moved is None or node.type != moved.type or not same_wait(node.ports, moved.ports):
        return frame
    turn.note(f"moved to version {successor.version}")
    return evolve(frame, version=successor.version)


def same_wait(before: Mapping[str, PortKind], after: Mapping[str, PortKind]) -> bool:
    """True if whatever ends the wait finds its port: what is waited for shows in a node's ports. Choices may be added.

    >>> same_wait({"yes": "branch", "timeout": "timeout"}, {"yes": "branch", "no": "branch", "timeout": "timeout"})
    True
    """
    fixed = {id: kind for id, kind in before.items() if kind != "branch"}
    return fixed == {id: kind for id, kind in after.items() if kind != "branch"} and before.keys() <= after.keys()
