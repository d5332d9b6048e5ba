"""What an inbound message does: who gets it, in this order.

Opt-out words; the agent, while QUEUE or AGENT owns; triggers that interrupt; the run that waits for a reply; the best trigger;
nobody, and then the conversation shows it.
"""

from __future__ import annotations

from collections.abc import Collection

from engine.core.advance import deliver, end, enter_again
from engine.core.arrival import note_arrival
from engine.core.carry import carry
from engine.core.evolve import complete, evolve
from engine.core.fold import fold, words
from engine.core.match import Match, allowed, in_hours
from engine.core.message import answers_nothing, said
from engine.core.ownership import hand_over, release, suspend
from engine.core.phrase import Phrase
from engine.core.say import in_own_words, program_of, say
from engine.core.start import start
from engine.core.subflow import programs_of
from engine.core.turn import Turn
from engine.core.value import Conversation, Run, Wait
from engine.core.visit import Visit
from schemas.contact import ContactChange
from schemas.content import Choice, Content
from schemas.event import MessageReceived
from schemas.problem import Problem

MAX_COMMAND = 100
"""Characters of a message that may be an opt-out or handoff word: longer ones are sentences."""


def message_received(turn: Turn, received: MessageReceived) -> None:
    """Take in a message of the contact."""
    conversation = note_arrival(turn, received)
    content = received.content
    text = said(content)
    if answers_nothing(content):
        turn.note("a reaction answers nothing")
        return
    if _consent_words(turn, conversation, text):
        return
    if turn.contact.opted_out:
        turn.note("the contact opted out")
        turn.put(evolve(conversation, unhandled=True))
        return
    if conversation.owner in ("QUEUE", "AGENT"):
        turn.note("a person has the conversation")
        return
    _route(turn, received, conversation, text)
    for run in turn.paused_runs(conversation.id):
        turn.note(f"the contact wrote: the paused run {run.id} goes on")
        enter_again(turn, run)


def _route(turn: Turn, received: MessageReceived, conversation: Conversation, text: str) -> None:
    """Give the message to a trigger that interrupts, the run that waits, the best trigger, or nobody."""
    triggers = turn.world.triggers
    if triggers is not None and triggers.interrupting:
        for match in _matches(turn, text, received.channel):
            if match.entry.trigger.interrupts and _begin(turn, match, conversation):
                return
    run = turn.interactive_run(conversation.id)
    if run is not None:
        run = carry(turn, run)
    if run is not None and _resume(turn, run, conversation, received, text):
        return
    for match in _matches(turn, text, received.channel):
        if run is not None and match.rank == 1:
            break  # while a flow is at work, any-message triggers don't fire
        if run is not None and run.wait is not None and run.wait.kind == "reply":
            break  # it came before the question: it neither answers nor interrupts
        if _begin(turn, match, conversation):
            return
    if run is not None:
        turn.note("a flow is at work and does not wait for this message")
        return
    turn.note("no flow took the message")
    latest = turn.conversation(conversation.id) or conversation
    turn.put(evolve(latest, unhandled=True))


def _is_one_of(text: str, known: Collection[str]) -> bool:
    """True if the message is one of these folded words and nothing else; an exclamation mark makes no other word."""
    if not known or len(text) > MAX_COMMAND:
        return False
    folded = fold(text)
    return folded in known or (not folded.isalnum() and " ".join(words(folded)) in known)


def _consent_words(turn: Turn, conversation: Conversation, text: str) -> bool:
    world = turn.world
    if not turn.contact.opted_out and _is_one_of(text, world.opt_out_words):
        text_for_it = world.opt_out_text
        if text_for_it is None:
            goodbye = Phrase("opted_out", (("word", world.opt_in_words[0].upper()),))
            text_for_it = in_own_words(turn, goodbye, program_of(turn, turn.interactive_run(conversation.id)))
        opt_out(turn, "the contact wrote an opt-out word")
        say(turn, turn.conversation(conversation.id) or conversation, text_for_it, consent=False)
        return True
    if turn.contact.opted_out and _is_one_of(text, world.opt_in_words):
        turn.change(ContactChange("set_consent", value=True))
        turn.note("the contact opted in again")
        own = world.opt_in_text
        say(turn, conversation, own if own is not None else in_own_words(turn, Phrase("opted_in"), None))
        return True
    return False


def opt_out(turn: Turn, why: str) -> None:
    """The contact wants no more messages: the floor is taken from every bot, and all runs stop."""
    turn.change(ContactChange("set_consent", value=False))
    turn.note(why)
    for run in turn.live_runs():
        end(turn, run, "stopped", "opted_out")
    for each in turn.all_conversations():
        if each.owner == "QUEUE":
            each = release(turn, each)
        turn.put(evolve(each, epoch=each.epoch + 1))


def _matches(turn: Turn, text: str, channel: int) -> list[Match]:
    triggers = turn.world.triggers
    if triggers is None:
        return []
    matches = triggers.message(text, channel)
    if not matches:
        return matches
    fitting = [match for match in matches if in_hours(match.entry, turn.world, turn.now)]
    return [match for match in fitting if allowed(match.entry, turn.contact, turn.now)]


def _begin(turn: Turn, match: Match, conversation: Conversation) -> bool:
    latest = turn.conversation(conversation.id) or conversation
    started = start(turn, match.entry, latest, {}, match.reason)
    if isinstance(started, Problem):
        turn.note(started.message)
        return False
    _taken_by(turn, started.id)
    return True


def _resume(turn: Turn, run: Run, conversation: Conversation, received: MessageReceived, text: str) -> bool:
    """Give the message to the run if it waits for a reply; False if it doesn't, or not for this one."""
    if run.status == "suspended":
        if run.reason != "flood":
            return False
        turn.note("the contact wrote: the paused flow goes on")
        enter_again(turn, run)
        _taken_by(turn, run.id)
        return True
    wait = run.wait
    if wait is None or wait.kind != "reply" or wait.after == turn.event.id:
        return False  # the last: this very message restarted the flow, which asks only now
    came_at = turn.event.received_at or turn.event.at
    if came_at < wait.opened_at and not wait.data.get("accept_earlier") and not _taps(received.content, wait):
        turn.note("it came before the question was asked")
        return False
    for program in () if isinstance(received.content, Choice) else programs_of(turn.world.programs, run):
        if _is_one_of(text, program.handoff_words) and (visit := _standing(turn, run)) is not None:
            turn.note("the contact asked for a person")
            suspend(turn, run, "handoff")
            hand_over(visit, program)
            _taken_by(turn, run.id)
            return True
    if not deliver(turn, run, received):
        return False
    turn.note(f"it answers {wait.node} of run {run.id}")
    _taken_by(turn, run.id)
    return True


def _standing(turn: Turn, run: Run) -> Visit | None:
    """A visit at the node where the run stands; None where that is gone, and then the run ends by it."""
    program = program_of(turn, run)
    return Visit(turn, program, run, run.step + 1) if program is not None and run.frames[-1].node in program.nodes else None


def _taps(content: Content, wait: Wait) -> bool:
    """A tap on a message of this wait can't have come before it."""
    return isinstance(content, Choice) and content.message in map(str, wait.messages)


def _taken_by(turn: Turn, run: int) -> None:
    if turn.inbound is not None:
        complete(turn.inbound, run=run)
