"""A team's desk: who is there, who has how much, who waits. Decided in the team's own lane, one event at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, Literal

from engine.core.calendar import is_open, zone
from engine.core.decision import TeamDecision
from engine.core.evolve import evolve
from engine.core.queue import Queue, Queued
from engine.core.world import TeamInfo, World
from schemas.event import (
    Assigned,
    AssignRequested,
    AssignWithdrawn,
    Event,
    NewEvent,
    NoAgent,
    PresenceChanged,
    SlotTaken,
    TeamChanged,
)
from schemas.value import value

Presence = Literal["online", "busy", "offline"]


@value(frozen=True, slots=True)
class Seat:
    """One agent at the desk: presence, the conversations that count as load, and which assignment was the last one."""

    presence: str = "offline"
    conversations: tuple[int, ...] = ()
    turn: int = 0
    """Grows by every assignment of the desk (instants would tie within a batch); 0: a new agent is next in turn."""


@value(frozen=True, slots=True)
class Desk:
    """The state of a team's lane. Invariant: nobody in the queue while an eligible agent is free."""

    team: int
    version: int = 0
    seats: Mapping[int, Seat] = field(default_factory=dict)
    queue: Queue = field(default_factory=Queue)


def decide_team(world: World, desk: Desk, event: Event, *, now: datetime) -> TeamDecision:
    """What an event means for a team: new seats and queue, and answers to conversations.

    Total: an event for an unknown team answers `no_agent`, a repeated request keeps its place.
    """
    team = world.team_by_id(desk.team)
    match event.body:
        case AssignRequested() as request:
            asked = Queued(
                request.conversation,
                request.contact,
                request.claim,
                now.isoformat(),
                event.depth,
                request.agent,
                request.strategy,
                request.priority,
            )
            return _request(world, team, desk, asked, request.queue, event, now)
        case AssignWithdrawn(conversation=conversation):
            return _drain(world, team, _without(desk, conversation), event, now, (f"{conversation} needs nobody",))
        case SlotTaken(conversation=conversation, agent=agent):
            taken = _seat(_without(desk, conversation), agent, conversation)
            return _drain(world, team, taken, event, now, (f"agent {agent} took {conversation}",))
        case PresenceChanged(agent=agent, presence=presence):
            seat = evolve(desk.seats.get(agent, Seat()), presence=presence)
            changed = evolve(desk, seats={**desk.seats, agent: seat})
            return _drain(world, team, changed, event, now, (f"agent {agent} is {presence}",))
        case TeamChanged():
            return _drain(world, team, desk, event, now, ("the team changed",))
        case _:
            return TeamDecision(desk, error=f"{event.body.kind} is no event of a team")


def _request(
    world: World, team: TeamInfo | None, desk: Desk, asked: Queued, patient: bool, event: Event, now: datetime
) -> TeamDecision:
    if team is None:
        return _refuse(desk, asked, "unknown_team", event, now)
    waits = desk.queue.get(asked.conversation)
    if waits is not None and waits.claim == asked.claim:
        return _drain(world, team, desk, event, now, ("it is in the queue already",))
    left = _without(desk, asked.conversation)
    refusal = _refusal(world, team, left, asked, patient, now)
    if not refusal:
        return _drain(world, team, evolve(left, queue=left.queue.put(asked)), event, now, ())
    refused = _refuse(left, asked, refusal, event, now)
    freed = _drain(world, team, left, event, now, refused.trace)
    return evolve(freed, born=refused.born + freed.born)


def _refusal(world: World, team: TeamInfo, desk: Desk, asked: Queued, patient: bool, now: datetime) -> str:
    """Why the team can't take the conversation, as a code; "" if it can, now or later."""
    if team.hours is not None and not is_open(team.hours, now, zone(world.timezone)):
        return "closed"
    if asked.agent and asked.agent not in team.members:
        return "unknown_agent"
    wanted = (asked.agent,) if asked.agent else team.members
    if not patient and not any(desk.seats.get(member, Seat()).presence != "offline" for member in wanted):
        return "nobody_online"
    return ""


def _refuse(desk: Desk, asked: Queued, reason: str, event: Event, now: datetime) -> TeamDecision:
    body = NoAgent(asked.conversation, asked.claim, desk.team, reason)
    return TeamDecision(desk, (_answer(event, desk, asked, body, now),), (f"no agent: {reason}",))


def _drain(
    world: World, team: TeamInfo | None, desk: Desk, event: Event, now: datetime, trace: tuple[str, ...]
) -> TeamDecision:
    """Give queued conversations to free agents: by priority, then by how long they wait; within an instant, as they came."""
    if team is None or (team.hours is not None and not is_open(team.hours, now, zone(world.timezone))):
        return TeamDecision(desk, (), trace)
    if not any(_has_room(team, desk, member) for member in team.members):
        return TeamDecision(desk, (), trace)  # a long queue isn't walked for nothing
    born: list[NewEvent] = []
    given: list[int] = []
    notes = list(trace)
    for queued in sorted(desk.queue, key=lambda each: (-each.priority, each.since)):
        agent = _free_agent(team, desk, queued)
        if agent is None:
            continue
        latest = max((seat.turn for seat in desk.seats.values()), default=0)
        desk = _seat(desk, agent, queued.conversation, latest + 1)
        notes.append(f"{queued.conversation} goes to agent {agent}")
        body = Assigned(queued.conversation, queued.claim, desk.team, agent)
        born.append(_answer(event, desk, queued, body, now))
        given.append(queued.conversation)
        if not any(_has_room(team, desk, member) for member in team.members):
            break
    return TeamDecision(evolve(desk, queue=desk.queue.without(*given)), tuple(born), tuple(notes))


def _free_agent(team: TeamInfo, desk: Desk, queued: Queued) -> int | None:
    wanted = (queued.agent,) if queued.agent else team.members
    free = [
        (member, desk.seats[member]) for member in wanted if member in team.members and _has_room(team, desk, member)
    ]
    if not free:
        return None
    if (queued.strategy or team.strategy) == "least_open":
        return min(free, key=lambda each: (len(each[1].conversations), each[1].turn, each[0]))[0]
    return min(free, key=lambda each: (each[1].turn, each[0]))[0]


def _has_room(team: TeamInfo, desk: Desk, member: int) -> bool:
    seat = desk.seats.get(member)
    return seat is not None and seat.presence == "online" and len(seat.conversations) < team.capacity


def _without(desk: Desk, conversation: int) -> Desk:
    seats = {
        member: evolve(seat, conversations=tuple(each for each in seat.conversations if each != conversation))
        if conversation in seat.conversations
        else seat
        for member, seat in desk.seats.items()
    }
    return evolve(desk, seats=seats, queue=desk.queue.without(conversation))


def _seat(desk: Desk, agent: int, conversation: int, turn: int = 0) -> Desk:
    """The desk with the conversation at an agent; taking one by hand changes nobody's turn."""
    seat = desk.seats.get(agent, Seat())
    taken = evolve(seat, conversations=(*seat.conversations, conversation), turn=turn or seat.turn)
    return evolve(desk, seats={**desk.seats, agent: taken})


def _answer(event: Event, desk: Desk, queued: Queued, body: Assigned | NoAgent, now: datetime) -> NewEvent:
    return NewEvent(
        tenant=event.tenant,
        source=f"team:{desk.team}",
        external_id=f"{queued.claim}:{event.id}",
        at=now,
        body=body,
        contact=queued.contact,
        cause=event.id,
        depth=queued.depth,
    )


def dump_desk(desk: Desk) -> dict[str, Any]:
    """The seats as JSON. Team and version are columns, and who waits has rows: a queue may be long, and changes little."""
    return {
        "seats": {
            str(member): [seat.presence, list(seat.conversations), seat.turn]
            for member, seat in desk.seats.items()
        }
    }


def load_desk(team: int, version: int, data: Mapping[str, Any], waiting: Iterable[Queued] = ()) -> Desk:
    """The desk that `dump_desk` wrote, with who waits in their order."""
    seats = {
        int(member): Seat(presence, tuple(conversations), turn)
        for member, (presence, conversations, turn) in data.get("seats", {}).items()
    }
    return Desk(team, version, seats, Queue(waiting))
