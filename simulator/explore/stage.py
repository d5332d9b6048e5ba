"""Plays moves: sets up what surrounds them, and gives what happened. The same for the walk and for a path that is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from engine.core.decision import Call
from engine.core.evolve import evolve
from engine.core.world import World
from schemas.capability import Capabilities
from schemas.contact import ContactChange
from schemas.content import Choice, Content, Location, Media, Text
from schemas.event import (
    Body,
    ChangeContact,
    ClaimConversation,
    EventNamed,
    MessageReceived,
    PresenceChanged,
    ResolveConversation,
    ReturnConversation,
    StartFlow,
)
from schemas.hours import Hours
from simulator.explore.fact import (
    GIVEN,
    GLOBAL,
    HOURS,
    PHONE,
    changes_of,
    globals_of,
    hours_of,
    identities_of,
    splits_of,
    take,
    variables_of,
)
from simulator.explore.house import House
from simulator.explore.input import (
    Agent,
    Answers,
    Appears,
    Input,
    Move,
    Named,
    Presence,
    Presences,
    Presses,
    Says,
    Sends,
    Shares,
    Silence,
    Starts,
    Tagged,
)
from simulator.explore.place import Facts, Happened, Place
from simulator.outside import answered, waits
from simulator.world import AGENT, CHANNEL

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""A Monday morning, as in scenarios."""
NUMBER = "+15550100001"
GREETING = "Good day to you"
"""What somebody wrote before a flow that no message starts."""
NAME = "Ann Example"
FILE = "https://example.com/file"


@dataclass(frozen=True, slots=True)
class Played:
    """What a move did: the place after it, with everything that was said and decided on the way."""

    move: Move
    happened: Happened

    @property
    def place(self) -> Place:
        """Where it led."""
        return self.happened.place


class Stage:
    """One flow on one kind of channel."""

    def __init__(self, world: World, flow: int, channel: str, capabilities: Capabilities) -> None:
        self.world = world
        self.flow = flow
        self.channel = channel
        self.capabilities = capabilities
        self.teams = tuple({team.id for team in world.teams.values()})
        self._houses: dict[tuple[object, ...], House] = {}

    def house(self, facts: Facts, closed: bool = False) -> House:
        """The surroundings under these facts, with open or closed teams."""
        splits = {**self.world.splits, **splits_of(facts)}
        hours, values = hours_of(facts), globals_of(facts)
        named = tuple(each for each in facts.items() if each[0].startswith((HOURS, GLOBAL)))
        key = (closed, facts.get(PHONE, True), tuple(splits.items()), str(named))
        if key not in self._houses:
            world = replace(self.world, hours=hours, globals={**self.world.globals, **values}, splits=splits)
            if closed:
                world = replace(world, teams={key: replace(team, hours=Hours()) for key, team in world.teams.items()})
            self._houses[key] = House(world, self.capabilities, identities_of(self.channel, facts, NUMBER))
        return self._houses[key]

    def begin(self, facts: Facts) -> Happened:
        """Where a path with these facts begins: the contact is known if anything is known of it, the agents are there."""
        house = self.house(facts)
        place = evolve(house.start(START), facts=dict(facts))
        changes = changes_of(facts)
        known = house.happen(place, ChangeContact(changes, actor="simulation")) if changes else house.happen(place)
        return self._present(known.place, "online").after(known)

    def first(self, move: Move) -> Played:
        """Play a move from the very beginning."""
        facts = {"contact.name": NAME, **move.facts} if isinstance(move.main, Appears) else dict(move.facts)
        if isinstance(move.main, Starts):
            facts[GIVEN] = True
        before = self.begin(facts)
        if move.at is not None and move.at > before.place.now:
            before = self.house(facts).happen(before.place, to=move.at).after(before)
        if move.greeted:
            greeting = self._receive(before.place, Text(GREETING))
            before = self.house(facts).happen(before.place, greeting).after(before)
        if isinstance(move.main, Appears):
            return Played(move, before)
        return Played(move, self.play(before.place, replace(move, facts={}, at=None)).happened.after(before))

    def play(self, place: Place, move: Move) -> Played:
        """Play a move from a place."""
        place = take(place, move.facts) if move.facts else place
        before: Happened | None = None
        if move.at is not None and move.at > place.now:
            place = evolve(place, now=move.at)
        if move.presence is not None:
            before = self._present(place, move.presence)
            place = before.place
        house = self.house(place.facts, place.closed)
        match move.main:
            case Silence():
                happened = house.happen(place, refuse=move.refuse, to=place.next_due())
            case Presence(presence=presence):
                happened = self._present(place, presence)
            case _:
                happened = house.happen(place, self._body(place, move.main), refuse=move.refuse)
        return Played(move, happened.after(before) if before is not None else happened)

    def _present(self, place: Place, presence: Presences) -> Happened:
        """The agents come or go; or the teams close, and the agents are as they were."""
        place = evolve(place, closed=presence == "closed")
        house = self.house(place.facts, place.closed)
        if presence == "closed":
            return house.happen(place)
        return house.happen(place, PresenceChanged(AGENT, presence), teams=self.teams)

    def _receive(self, place: Place, content: Content) -> MessageReceived:
        return MessageReceived(CHANNEL, f"in-{place.received + 1}", content, name=place.facts.get("contact.name") or "")

    def _body(self, place: Place, what: Input) -> Body:
        conversation = place.conversation()
        id = conversation.id if conversation is not None else 0
        match what:
            case Says(text=text):
                return self._receive(place, Text(text))
            case Presses(id=button, title=title):
                message, shown = place.offers.get(button, (0, title))
                return self._receive(place, Choice(button, shown, str(message)))
            case Sends(media=media):
                return self._receive(place, Media(media, url=FILE, mime="application/octet-stream"))
            case Shares(latitude=latitude, longitude=longitude):
                return self._receive(place, Location(latitude, longitude))
            case Starts(node=node, variables=variables):
                return StartFlow(self.flow, node, CHANNEL, {**variables, **variables_of(place.facts)})
            case Tagged(tag=tag):
                return ChangeContact((ContactChange("add_tag", tag),), actor="simulation")
            case Named(name=name, data=data):
                return EventNamed(name, dict(data))
            case Answers(node=node, answer=answer):
                run = next(run for run in place.person.runs if waits(run) and run.wait is not None and run.wait.node == node)
                assert run.wait is not None
                call = Call(run.wait.data["call"], "", 0, {}, run=run.id, wait=run.wait.id)
                return answered(call, answer)
            case Agent(action="claims"):
                return ClaimConversation(id, AGENT)
            case Agent(action="resolves"):
                return ResolveConversation(id, AGENT)
            case Agent(action="returns"):
                return ReturnConversation(id, AGENT)
            case _:
                raise ValueError(f"{what} is no event")


def presence_at(place: Place) -> Presences:
    """How the agents are at a place."""
    if place.closed:
        return "closed"
    found = next((seat.presence for desk in place.desks.values() for seat in desk.seats.values()), "online")
    return "busy" if found == "busy" else "offline" if found == "offline" else "online"
