"""What people and the API ask for: start a flow, send, claim, resolve, return, transfer, snooze, stop."""

from __future__ import annotations

from typing import assert_never

from engine.core.advance import deliver, end, reopen
from engine.core.evolve import evolve
from engine.core.inbound import opt_out
from engine.core.match import allowed, entry_of
from engine.core.ownership import bot_takes, release, request_agent, take_floor, take_over
from engine.core.start import start
from engine.core.turn import Turn
from engine.core.value import Conversation, Run
from engine.core.world import ChannelInfo
from schemas.contact import ContactChange
from schemas.content import TemplateMessage
from schemas.effect import Message, Voice
from schemas.event import (
    ChangeContact,
    ClaimConversation,
    ResolveConversation,
    ReturnConversation,
    SendMessage,
    SnoozeConversation,
    StartFlow,
    StopRun,
    TransferConversation,
)
from schemas.problem import Problem
from schemas.public_id import public_id

Command = (
    ChangeContact
    | ClaimConversation
    | ResolveConversation
    | ReturnConversation
    | SendMessage
    | SnoozeConversation
    | StartFlow
    | StopRun
    | TransferConversation
)


def obey(turn: Turn, command: Command) -> None:
    """Do what is asked, and leave the answer, a value or a Problem, in the turn."""
    match command:
        case StartFlow():
            turn.answer = _start_flow(turn, command)
        case SendMessage():
            turn.answer = _send(turn, command)
        case StopRun():
            turn.answer = _stop(turn, command)
        case ChangeContact(changes=changes):
            _change(turn, changes)
        case (
            ClaimConversation(conversation=id)
            | ResolveConversation(conversation=id)
            | ReturnConversation(conversation=id)
            | TransferConversation(conversation=id)
            | SnoozeConversation(conversation=id)
        ):
            conversation = turn.conversation(id)
            if conversation is None:
                turn.answer = Problem("not_found", "error", "", "This conversation doesn't exist (any more).")
                return
            turn.answer = _in_conversation(turn, conversation, command) or _facts(turn, id)
        case _:
            assert_never(command)


def _in_conversation(
    turn: Turn,
    conversation: Conversation,
    command: ClaimConversation
    | ResolveConversation
    | ReturnConversation
    | TransferConversation
    | SnoozeConversation,
) -> Problem | None:
    match command:
        case ClaimConversation(user=user, force=force):
            if conversation.owner == "AGENT" and conversation.agent != user and not force:
                return Problem(
                    "already_claimed", "error", "", "Another agent has this conversation.", "Ask them, or take it over."
                )
            if conversation.owner != "AGENT" or conversation.agent != user:
                take_over(turn, conversation, user)
                turn.note(f"user {user} claimed it")
        case ResolveConversation():
            resolve(turn, conversation, command)
        case ReturnConversation():
            give_back(turn, conversation, command)
        case TransferConversation(team=team, agent=agent):
            if conversation.owner in ("BOT", "NONE"):
                conversation = take_floor(turn, conversation)
            request_agent(turn, release(turn, conversation), team or turn.world.everyone, agent=agent)
            turn.note("transferred")
        case SnoozeConversation(until=until):
            turn.put(evolve(conversation, status="snoozed", snoozed_until=until))
    return None


def resolve(turn: Turn, conversation: Conversation, command: ResolveConversation) -> None:
    """It is done: the run that waits for the agent goes on, one that a person suspended ends."""
    released = release(turn, conversation)
    turn.put(evolve(released, status="resolved", unhandled=False))
    run = turn.interactive_run(conversation.id)
    if run is None:
        return
    if run.status == "suspended":
        end(turn, run, "stopped", "resolved_by_agent")
        return
    bot_takes(turn, turn.conversation(conversation.id) or released)
    if not deliver(turn, run, command):
        end(turn, run, "stopped", "resolved_by_agent")
    latest = turn.conversation(conversation.id)
    if latest is not None and latest.owner == "NONE":
        turn.put(evolve(latest, status="resolved"))


def give_back(turn: Turn, conversation: Conversation, command: ReturnConversation) -> None:
    """The bot goes on: by the port `returned`, or in the wait that the person had suspended."""
    released = release(turn, conversation)
    run = turn.interactive_run(conversation.id)
    if run is None:
        return
    bot_takes(turn, released)
    if run.status == "suspended":
        reopen(turn, run)
        turn.note("the suspended wait is open again")
    else:
        deliver(turn, run, command)


def _start_flow(turn: Turn, command: StartFlow) -> dict[str, str] | Problem:
    version = turn.world.live.get(command.flow)
    program = turn.world.programs.get(version) if version is not None else None
    entry = entry_of(program, command.node) if program is not None else None
    if entry is None:
        return Problem("not_published", "error", "", "This flow is not published, or has no such trigger.", "Publish it first.")
    if turn.contact.opted_out:
        return Problem("opted_out", "error", "", "This contact opted out.")
    if command.unless_in_it and any(run.flow == command.flow for run in turn.live_runs()):
        return Problem("in_it_already", "error", "", "This contact is in this flow already.", "Stop that run first.")
    if not allowed(entry, turn.contact, turn.now):
        return Problem("not_again", "error", "", "The trigger's limit doesn't let this contact start again yet.")
    conversation = conversation_on(turn, command.channel) if command.channel else None
    if isinstance(conversation, Problem):
        return conversation
    started = start(turn, entry, conversation, command.variables, command.reason)
    return started if isinstance(started, Problem) else {"run": public_id("run", started.id), "status": started.status}


def conversation_on(turn: Turn, channel: int) -> Conversation | Problem:
    """The contact's conversation on a channel, made where there is none; a Problem if the contact has no address there."""
    known = turn.on_channel(channel)
    if known is not None:
        return known
    info: ChannelInfo | None = turn.world.channels.get(channel)
    if info is None:
        return Problem("unknown_channel", "error", "/channel_id", "This channel doesn't exist or is switched off.")
    kinds = {identity.kind for identity in turn.contact.identities}
    if not kinds.intersection(info.capabilities.identities):
        message = f"This contact has no address for {info.name}."
        return Problem("no_address", "error", "/to", message, "Choose another channel, or add an address to the contact.")
    return turn.put(Conversation(id=turn.new_id(), channel=channel))


def _send(turn: Turn, command: SendMessage) -> dict[str, str] | Problem:
    if command.channel:
        conversation = conversation_on(turn, command.channel)
    else:
        known = turn.all_conversations()
        conversation = (
            max(known, key=lambda each: (each.last_activity_at is not None, each.last_activity_at, each.id))
            if known
            else Problem("no_conversation", "error", "", "This contact has no conversation yet.", "Name a channel.")
        )
    if isinstance(conversation, Problem):
        return conversation
    info = turn.world.channels.get(conversation.channel)
    if info is None:
        return Problem("unknown_channel", "error", "/channel_id", "This channel doesn't exist or is switched off.")
    until = conversation.window_until
    # Of somebody who never wrote here the documents' own example sends free text: it is taken, and fails at its release.
    closed = info.capabilities.window is not None and until is not None and until <= turn.now
    if closed and not isinstance(command.content, TemplateMessage):
        return Problem(
            "window_closed",
            "error",
            "/content",
            "The 24-hour window is closed: the contact has not written for a day.",
            "Send an approved template.",
        )
    if turn.contact.opted_out:
        turn.take_back(conversation)
        return Problem("opted_out", "error", "", "This contact opted out.")
    voice: Voice = "notice" if command.voice == "notice" else "system"
    if command.user:
        voice = "human"
        if conversation.owner != "AGENT":
            conversation = take_over(turn, conversation, command.user)
    message = Message(
        id=turn.new_id(),
        key=f"{turn.event.id}:0",
        conversation=conversation.id,
        channel=conversation.channel,
        content=command.content,
        voice=voice,
        epoch=conversation.epoch,
        at=turn.now,
        user=command.user,
        bulk=turn.event.bulk,
    )
    turn.messages.append(message)
    turn.put(evolve(conversation, last_activity_at=turn.now, unhandled=False))
    return {"message": public_id("msg", message.id), "conversation": public_id("cv", conversation.id)}


def _stop(turn: Turn, command: StopRun) -> dict[str, int] | Problem:
    runs: list[Run] = [
        run for run in turn.live_runs() if command.run in (0, run.id) and command.flow in (0, run.flow)
    ]
    if command.run and not runs:
        return Problem("not_running", "error", "", "This run has already ended.")
    for run in runs:
        end(turn, run, "stopped", command.reason or "stopped_by_operator")
        conversation = turn.conversation(run.conversation)
        if conversation is not None and run.interactive:
            if conversation.owner == "QUEUE":
                conversation = release(turn, conversation)
            turn.put(evolve(conversation, epoch=conversation.epoch + 1))
    return {"stopped": len(runs)}


def _change(turn: Turn, changes: tuple[ContactChange, ...]) -> None:
    for change in changes:
        if change.op == "set_consent" and not change.value and not turn.contact.opted_out:
            opt_out(turn, "opted out")
        else:
            turn.change(change)
    turn.answer = {"contact": public_id("ct", turn.contact.id)}


def _facts(turn: Turn, id: int) -> dict[str, str]:
    latest = turn.conversation(id)
    if latest is None:
        return {}
    return {"conversation": public_id("cv", id), "owner": latest.owner, "status": latest.status}
