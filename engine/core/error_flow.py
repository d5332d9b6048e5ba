"""The error flow: what a flow's settings start for the contact when one of its runs has failed."""

from __future__ import annotations

from engine.core.subflow import programs_of, typed_inputs
from engine.core.turn import Turn
from engine.core.value import Run
from schemas.event import StartFlow
from schemas.public_id import public_id

GIVEN = {
    "failed_flow": "the name of the flow that failed",
    "failed_step": "the id of the step at which it stood",
    "failed_code": "why, as a code",
    "failed_run": "the run's id",
}
"""What an error flow may take as inputs."""


def start_error_flow(turn: Turn, run: Run) -> None:
    """Start the error flow of the flow that failed, else of the flow that ran it. It is an event of its own, one birth deeper."""
    programs = programs_of(turn.world.programs, run)
    named = next((each for each in programs if each.settings.error_flow), None)
    if named is None:
        return
    flow = turn.world.flow_keys.get(named.settings.error_flow or "", 0)
    program = turn.world.programs.get(turn.world.live.get(flow, 0))
    if program is None:
        turn.note("the error flow is not published")
        return
    facts = {
        "failed_flow": programs[0].name,
        "failed_step": run.frames[-1].node,
        "failed_code": run.reason,
        "failed_run": public_id("run", run.id),
    }
    talk = turn.conversation(run.conversation)
    channel = talk.channel if talk is not None else 0
    turn.emit(StartFlow(flow, channel=channel, variables=typed_inputs(program, facts), reason="error"), contact=turn.contact.id)
    turn.note(f"the error flow {program.name} is started")
