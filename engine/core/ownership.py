"""Who owns a conversation, and how it changes hands. Every change of owner is made here.

```
NONE, BOT --an interactive run starts--> BOT         BOT --the run ends--> NONE
BOT, NONE --Assign Agent, handoff words, on_error--> QUEUE (no epoch: the bot's last words still arrive)
QUEUE --assigned, claimed--> AGENT                   QUEUE --timeout, no agent--> BOT
BOT, NONE --a human writes or claims--> AGENT        (epoch + 1: what the bot still had to say is not said)
BOT, NONE --a human transfers--> QUEUE               (epoch + 1, for the same reason)
AGENT --returned--> BOT                              AGENT --resolved--> BOT if the run goes on, else NONE and resolved
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.core.evolve import evolve
from engine.core.say import say
from engine.core.turn import Turn
from engine.core.value import TAKEN, Conversation, Run
from schemas.event import AssignRequested, AssignWithdrawn, NoAgent, SlotTaken

if TYPE_CHECKING:
    from engine.core.program import Program
    from engine.core.visit import Visit


def bot_takes(turn: Turn, conversation: Conversation) -> Conversation:
    """The bot speaks now: a run started, or goes on after a person."""
    return turn.put(
        evolve(conversation, owner="BOT", status="active", agent=0, team=0, claim="", unhandled=False, snoozed_until=None)
    )


def request_agent(
    turn: Turn, conversation: Conversation, team: int, *, agent: int = 0, strategy: str = "", queue: bool = True
) -> str:
    """Put the conversation into the team's queue and ask the team's lane for somebody; the claim of this request.

    A team that doesn't exist (0) has no lane: the refusal is born here.
    """
    claim = f"{conversation.id}:{turn.event.id}:{turn.requests}"
    turn.requests += 1
    turn.put(evolve(conversation, owner="QUEUE", status="active", team=team, agent=0, claim=claim, unhandled=False))
    if team:
        turn.emit(AssignRequested(turn.contact.id, conversation.id, claim, agent, strategy, queue), team=team)
    else:
        turn.emit(NoAgent(conversation.id, claim, team, "unknown_team"), contact=turn.contact.id)
    return claim


def team_of(turn: Turn, reference: str | None) -> int:
    """The team that a document names; everyone where it names none. An unknown one is 0, which answers `no_agent`."""
    if not reference:
        return turn.world.everyone
    team = turn.world.teams.get(reference)
    return team.id if team is not None else 0


def hand_over(visit: Visit, program: Program, team: str | None = None) -> None:
    """Bring in a person because this flow says so, with its own words for it, in the contact's language.

    Where a drip asks for one, the flow that talks here is suspended.
    """
    turn, run = visit.turn, visit.run
    conversation = turn.conversation(run.conversation)
    if conversation is not None and conversation.owner not in ("QUEUE", "AGENT"):
        turn.note("handed over to a person")
        talking = turn.interactive_run(conversation.id)
        if talking is not None and talking.id != run.id and talking.status == "waiting":
            suspend(turn, talking, "handoff")
        say(turn, conversation, visit.say_of(program, program.handoff_text.to(turn)))
        request_agent(turn, conversation, team_of(turn, team or program.settings.handoff_team))


def suspend(turn: Turn, run: Run, reason: str) -> None:
    """Stop a run's time while a person speaks. Its wait is kept, to be opened again when the person gives back."""
    turn.put_run(evolve(run, status="suspended", reason=reason))


def take_over(turn: Turn, conversation: Conversation, user: int) -> Conversation:
    """A person takes the conversation, from whoever has it."""
    if conversation.owner in ("BOT", "NONE"):
        conversation = take_floor(turn, conversation)
    else:
        stop_queue_clock(turn, conversation)
    team = conversation.team or turn.world.everyone
    if team:
        turn.emit(SlotTaken(conversation.id, turn.contact.id, user), team=team)
    return turn.put(
        evolve(
            conversation, owner="AGENT", agent=user, team=team, status="active", unhandled=False, snoozed_until=None
        )
    )


def take_floor(turn: Turn, conversation: Conversation) -> Conversation:
    """A person takes the floor from the bot: what it still had to say is not said, and its run's time stops."""
    run = turn.interactive_run(conversation.id)
    if run is not None and run.status == "waiting":
        suspend(turn, run, "takeover")
    return turn.put(evolve(conversation, epoch=conversation.epoch + 1))


def assign(turn: Turn, conversation: Conversation, agent: int, team: int) -> Conversation:
    """The team's lane gave the conversation to an agent."""
    stop_queue_clock(turn, conversation)
    return turn.put(evolve(conversation, owner="AGENT", agent=agent, team=team, status="active"))


def release(turn: Turn, conversation: Conversation) -> Conversation:
    """The person or the queue lets go: the slot is free, nobody owns until somebody else takes."""
    if conversation.owner in ("QUEUE", "AGENT") and conversation.team:
        turn.emit(AssignWithdrawn(conversation.id), team=conversation.team)
    return turn.put(evolve(conversation, owner="NONE", agent=0, team=0, claim="", snoozed_until=None))


def run_ended(turn: Turn, run: Run) -> None:
    """A run ended: the bot has nothing more to say in its conversation."""
    if not run.interactive or not run.conversation:
        return
    conversation = turn.conversation(run.conversation)
    if conversation is not None and conversation.owner == "BOT":
        turn.put(evolve(conversation, owner="NONE"))


def stop_queue_clock(turn: Turn, conversation: Conversation) -> None:
    """Somebody is here: the time of waiting for an agent doesn't run any more. The wait's new id keeps old timers out."""
    run = turn.interactive_run(conversation.id)
    if run is not None and run.wait is not None and run.wait.kind == "agent":
        step = run.step + 1
        data = {**run.wait.data, TAKEN: True}
        answered = turn.put_run(evolve(run, step=step, wait=evolve(run.wait, id=step, due=None, timeout=None, data=data)))
        turn.note_step(answered, "answered", "agent_took_it")
