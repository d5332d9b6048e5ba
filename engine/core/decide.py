"""One event, one decision: picks the run or the trigger, and lets the interpreter move."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.core.advance import answered, deliver, end, reopen
from engine.core.carry import carry
from engine.core.command import Command, obey
from engine.core.decision import Decision
from engine.core.evolve import evolve
from engine.core.inbound import message_received
from engine.core.limit import MAX_DEPTH, MAX_STEPS, STEPS_AN_HOUR
from engine.core.match import Entry, allowed
from engine.core.ownership import assign, bot_takes, release
from engine.core.phrase import Phrase
from engine.core.say import in_own_words, program_of, say
from engine.core.start import go_on, start
from engine.core.turn import Turn
from engine.core.value import Person, Run, Wait
from engine.core.world import World
from schemas.event import (
    Assigned,
    CallAnswered,
    ContactChanged,
    ConversationWoken,
    Event,
    EventNamed,
    MessageReceived,
    MessageSettled,
    NoAgent,
    WaitDue,
)
from schemas.problem import Problem

HOUR = timedelta(hours=1)


def decide(world: World, person: Person, event: Event, *, now: datetime) -> Decision:
    """What an event of a contact means: changes, messages, born events, steps, and why.

    Total: never raises for the data of contacts or authors. Pure: same arguments, same Decision.
    """
    turn = Turn(world, person, event, now)
    if event.depth > MAX_DEPTH and not isinstance(event.body, Assigned):  # a person ends every chain
        turn.error = f"automation started automation more than {MAX_DEPTH} times: nothing was started"
        turn.note(turn.error)
        if isinstance(event.body, NoAgent):
            _no_agent(turn, event.body)
        return turn.decision()
    match event.body:
        case MessageReceived():
            message_received(turn, event.body)
        case WaitDue():
            _wait_due(turn, event.body)
        case MessageSettled():
            _message_settled(turn, event.body)
        case CallAnswered():
            _call_answered(turn, event.body)
        case ContactChanged():
            _contact_changed(turn, event.body)
        case EventNamed():
            _event_named(turn, event.body)
        case ConversationWoken():
            _woken(turn, event.body)
        case Assigned():
            _assigned(turn, event.body)
        case NoAgent():
            _no_agent(turn, event.body)
        case body if isinstance(body, Command):
            obey(turn, body)
        case _:
            turn.error = f"{event.body.kind} is no event of a contact"
    if turn.follow is not None:
        go_on(turn)
    return turn.decision()


def _wait_due(turn: Turn, due: WaitDue) -> None:
    run = turn.run(due.run)
    if run is None or run.status != "waiting":
        turn.note("the run doesn't wait any more")
        return
    expired = turn.now >= run.ends_at
    if not expired and (run.wait is None or run.wait.id != due.wait or not _is_over(run.wait, turn.now)):
        turn.note("an old timer: the run waits for something else now")
        return
    run = _carried(turn, run)
    if run is None:
        return
    conversation = turn.conversation(run.conversation)
    waits_for_agent = run.wait is not None and run.wait.kind == "agent"
    if waits_for_agent and conversation is not None and conversation.owner == "QUEUE":
        bot_takes(turn, release(turn, conversation))
    if not deliver(turn, run, due):
        turn.note("nothing was due")


def _is_over(wait: Wait, now: datetime) -> bool:
    """True if the wait's time has come. Only the store knows of a timeout that a message armed: its timer is right."""
    return wait.due <= now if wait.due is not None else wait.timeout is not None


def _message_settled(turn: Turn, settled: MessageSettled) -> None:
    if settled.status == "failed":
        turn.note(f"message {settled.message} failed: {settled.detail or settled.code}")
    run = turn.run(settled.run)
    if run is None or run.status != "waiting" or run.wait is None or settled.message not in run.wait.messages:
        return
    run = _carried(turn, run)
    if run is not None:
        deliver(turn, run, settled)


def _call_answered(turn: Turn, answer: CallAnswered) -> None:
    run = turn.run(answer.run)
    if run is None or run.wait is None or run.wait.data.get("call") != answer.call:
        turn.note("the run doesn't wait for this call any more")
        return
    if not answer.ok:
        turn.note(f"call {answer.call} failed: {answer.detail or answer.code}")
    if run.status == "waiting":
        run = _carried(turn, run)
    else:
        turn.note("kept until the person who has the conversation gives it back")
    if run is not None and _spins(run, turn.now):
        turn.note("the flow goes round in circles from call to call")
        return end(turn, run, "failed", "too_many_steps")
    if run is not None and not answered(turn, run, answer):
        turn.note("the run doesn't wait for this call any more")


def _spins(run: Run, now: datetime) -> bool:
    """True for a run that made more steps than people and time account for: calls alone move it, as fast as they are answered.

    Those count that went on in one another down to it, by Go to flow.
    """
    steps, since = (0, run.started_at) if run.before is None else (run.before.steps, run.before.since)
    return steps + run.step > MAX_STEPS + STEPS_AN_HOUR * (now - since) / HOUR


def _carried(turn: Turn, run: Run) -> Run | None:
    """The run on the version where it goes on; None if it ended, or began anew and so waits for something else."""
    carried = carry(turn, run)
    return carried if carried is not None and carried.id == run.id and carried.step == run.step else None


def _contact_changed(turn: Turn, changed: ContactChanged) -> None:
    triggers = turn.world.triggers
    if triggers is None:
        return
    entries: list[Entry] = list(triggers.contact_created) if changed.created else []
    for change in changed.changes:
        if change.op == "add_tag":
            entries.extend(triggers.tag_added.get(change.key, ()))
    for entry in entries:
        if turn.contact.opted_out or not allowed(entry, turn.contact, turn.now):
            continue
        started = start(turn, entry, None, {}, "contact created" if changed.created else "tag added")
        if isinstance(started, Problem):
            turn.note(f"{entry.program.name} did not start: {started.message}")


def _event_named(turn: Turn, named: EventNamed) -> None:
    resumed = 0
    for run in turn.live_runs():
        if run.wait is None or run.wait.kind != "event" or run.status != "waiting":
            continue
        moved = carry(turn, run)
        if moved is not None and deliver(turn, moved, named):
            resumed += 1
    turn.note(f"{resumed} runs waited for {named.name}")
    turn.answer = {"resumed": resumed}


def _woken(turn: Turn, woken: ConversationWoken) -> None:
    conversation = turn.conversation(woken.conversation)
    until = conversation.snoozed_until if conversation is not None else None
    if conversation is None or conversation.status != "snoozed" or until is None or until > turn.now:
        turn.note("the conversation is not snoozed any more")
        return  # whoever has it keeps it
    turn.put(evolve(conversation, status="active", snoozed_until=None))


def _assigned(turn: Turn, assigned: Assigned) -> None:
    conversation = turn.conversation(assigned.conversation)
    if conversation is None or conversation.claim != assigned.claim or conversation.owner != "QUEUE":
        turn.note("the conversation doesn't wait for this agent any more")
        return  # whoever took it out of the queue has told the team
    assign(turn, conversation, assigned.agent, assigned.team)
    turn.note(f"assigned to agent {assigned.agent}")


def _no_agent(turn: Turn, refused: NoAgent) -> None:
    conversation = turn.conversation(refused.conversation)
    if conversation is None or conversation.claim != refused.claim or conversation.owner != "QUEUE":
        turn.note("the conversation doesn't wait for this team any more")
        return
    turn.note(f"no agent: {refused.reason}")
    run = turn.interactive_run(conversation.id)
    if run is not None and turn.event.depth > MAX_DEPTH:
        end(turn, run, "failed", "too_deep")
        run = None
    freed = turn.put(evolve(conversation, owner="NONE", team=0, claim=""))
    if run is None:
        turn.put(evolve(freed, unhandled=True))
        return
    bot_takes(turn, freed)
    if run.status == "suspended":
        own = turn.world.no_agent_text
        say(turn, freed, own if own is not None else in_own_words(turn, Phrase("no_agent"), program_of(turn, run)))
        reopen(turn, run)
    elif not deliver(turn, run, refused):
        end(turn, run, "failed", "no_agent")
