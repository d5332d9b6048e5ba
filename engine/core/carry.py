"""Carrying a run from an older version to the one that replaced it, at the run's next event."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.advance import end
from engine.core.evolve import evolve
from engine.core.match import entry_of
from engine.core.node import PortKind
from engine.core.start import start
from engine.core.turn import Turn
from engine.core.value import Run


def carry(turn: Turn, run: Run) -> Run | None:
    """The run as it goes on: on its own version, moved to the newer one, or None if publish decided that it ends.

    A run is moved where the node at which it waits still exists there, with the same type and wait; else it stays. So does one
    that speaks beside others where the newer version waits for replies or agents: it never took the conversation.
    """
    successor = turn.world.successors.get(run.frames[-1].version)
    if successor is None or len(run.frames) != 1:
        return run
    if successor.policy == "end":
        turn.note("publishing a newer version ended the run")
        end(turn, run, "stopped", "republished")
        return None
    old, new = turn.world.programs.get(run.version), turn.world.programs.get(successor.version)
    if new is None or old is None:
        return run
    beside = new.interactive and not run.interactive
    frame = run.frames[0]
    if successor.policy == "restart":
        turn.note("publishing a newer version restarted the run")
        end(turn, run, "stopped", "republished")
        entry = entry_of(new)
        began = start(turn, entry, turn.conversation(run.conversation), {}, "restarted") if entry else None
        return began if isinstance(began, Run) and began.live else None
    node, moved = old.nodes.get(frame.node), new.nodes.get(frame.node)
    if beside or node is None or moved is None or node.type != moved.type or not same_wait(node.ports, moved.ports):
        return run
    turn.note(f"moved to version {successor.version}")
    return turn.put_run(
        evolve(run, version=successor.version, frames=(evolve(frame, version=successor.version),))
    )


def same_wait(before: Mapping[str, PortKind], after: Mapping[str, PortKind]) -> bool:
    """True if whatever ends the wait finds its port: what is waited for shows in a node's ports. Choices may be added.

    >>> same_wait({"yes": "branch", "timeout": "timeout"}, {"yes": "branch", "no": "branch", "timeout": "timeout"})
    True
    """
    fixed = {id: kind for id, kind in before.items() if kind != "branch"}
    return fixed == {id: kind for id, kind in after.items() if kind != "branch"} and before.keys() <= after.keys()
