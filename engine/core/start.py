"""How a run starts: its conversation, its place, and what it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.advance import begin, end
from engine.core.evolve import evolve
from engine.core.limit import MAX_HOPS, MAX_LIVE_RUNS
from engine.core.match import Entry, allowed, entry_of
from engine.core.message import message_facts
from engine.core.ownership import bot_takes
from engine.core.program import Program
from engine.core.trigger import OnSchedule
from engine.core.turn import Turn
from engine.core.value import Before, Conversation, Frame, Run
from engine.core.visit import Visit
from schemas.problem import Problem
from schemas.value import maker

_run = maker(Run)


def start(
    turn: Turn,
    entry: Entry,
    conversation: Conversation | None,
    variables: Mapping[str, Any],
    reason: str,
    before: Before | None = None,
) -> Run | Problem:
    """Start a flow at a trigger. A problem says why it didn't start; then nothing changed.

    An interactive flow ends the interactive run of its conversation as interrupted, and is refused while a person owns it.
    """
    program = entry.program
    if conversation is None:
        conversation = reachable(turn, entry)
    problem = _problem(turn, entry, conversation)
    if problem is not None:
        turn.take_back(conversation)
        return problem
    if program.interactive and conversation is not None:
        running = turn.interactive_run(conversation.id)
        if running is not None:
            turn.note(f"run {running.id} was interrupted by {program.name}")
            end(turn, running, "interrupted", "another_flow")
        conversation = turn.conversation(conversation.id) or conversation
        bot_takes(turn, conversation)
    _remember(turn, entry)
    given = start_variables(turn, program, variables)
    run = turn.put_run(_new_run(turn, entry, conversation, given, turn.new_id(), before))
    turn.note(f"{program.name} started: {reason}")
    begin(turn, program, run)
    return turn.runs[run.id]


def go_on(turn: Turn) -> None:
    """Start the flow in which somebody goes on whose run ended for it (see `engine.core.node.Replace`), and those after it."""
    for _ in range(MAX_HOPS):
        if turn.follow is None:
            return
        program, conversation, inputs, before = turn.follow
        turn.follow = None
        entry = entry_of(program)
        if entry is None or not allowed(entry, turn.contact, turn.now):
            turn.note(f"{program.name} did not start: its trigger doesn't let this contact start again yet")
            return
        started = start(turn, entry, turn.conversation(conversation), inputs, "a flow went on in it", before)
        if isinstance(started, Problem):
            turn.note(f"{program.name} did not start: {started.message}")
    if turn.follow is not None:
        turn.follow = None
        turn.note(f"more than {MAX_HOPS} flows went on in one another: the last one was not started")


def _problem(turn: Turn, entry: Entry, conversation: Conversation | None) -> Problem | None:
    """Why the flow can't start here and now."""
    interactive = entry.program.interactive
    ends = turn.interactive_run(conversation.id) if interactive and conversation is not None else None
    if turn.count_live() - (ends is not None) >= MAX_LIVE_RUNS:
        return Problem("too_many_runs", "error", "", f"This contact is already in {MAX_LIVE_RUNS} flows.", "Stop one first.")
    if not _in_segment(turn, entry, conversation):
        return Problem("not_in_segment", "error", "", "The trigger's rule leaves this contact out.")
    if interactive and conversation is None:
        message = "This contact can't be reached on any of the flow's channels."
        return Problem("no_channel", "error", "", message, "Connect a channel that reaches the contact.")
    if interactive and conversation is not None and conversation.owner in ("QUEUE", "AGENT"):
        return Problem("owned_by_agent", "error", "", "A person is in this conversation.", "Resolve or return it first.")
    return None


def _new_run(
    turn: Turn,
    entry: Entry,
    conversation: Conversation | None,
    variables: Mapping[str, Any],
    id: int,
    before: Before | None = None,
) -> Run:
    program = entry.program
    return _run(
        id=id,
        flow=program.flow,
        version=program.version,
        conversation=conversation.id if conversation is not None else 0,
        status="waiting",
        frames=(Frame(program.version, entry.node, variables),),
        wait=None,
        step=1,
        interactive=program.interactive,
        started_at=turn.now,
        expires_at=turn.now + program.expires_after,
        before=before,
    )


def _in_segment(turn: Turn, entry: Entry, conversation: Conversation | None) -> bool:
    """False where a schedule's rule leaves the contact out."""
    on = entry.trigger.on
    if not isinstance(on, OnSchedule) or on.rule is None:
        return True
    return on.rule(Visit(turn, entry.program, _new_run(turn, entry, conversation, {}, 0), step=1)).ok


def start_variables(turn: Turn, program: Program, given: Mapping[str, Any]) -> dict[str, Any]:
    """The variables that a run starts with: defaults, what was given, and the message that started it."""
    variables = {**program.defaults, **given}
    if turn.inbound is not None:
        variables["$message"] = message_facts(turn.inbound.content)
    return variables


def reachable(turn: Turn, entry: Entry) -> Conversation | None:
    """Where a flow that no message started can speak: the last conversation on one of its channels, else a new one."""
    wanted = entry.channels
    known = [each for each in turn.all_conversations() if not wanted or each.channel in wanted]
    if known:
        return max(known, key=lambda each: (each.last_activity_at is not None, each.last_activity_at, each.id))
    kinds = {identity.kind for identity in turn.contact.identities}
    for channel in turn.world.channels.values():
        if (not wanted or channel.id in wanted) and kinds.intersection(channel.capabilities.identities):
            return turn.put(Conversation(id=turn.new_id(), channel=channel.id))
    return None


def _remember(turn: Turn, entry: Entry) -> None:
    if entry.trigger.once or entry.trigger.again_after is not None:
        starts = {**turn.contact.starts, entry.once_key: turn.now.isoformat()}
        turn.contact = evolve(turn.contact, starts=starts)
        turn.starts_changed = True
