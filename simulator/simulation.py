"""A live conversation with a flow on the virtual clock: the same runtime, the memory store, nothing real behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.core.program import NodeTypes, Program
from engine.core.trigger import OnSchedule, OnWebhook
from engine.core.typed import typed
from engine.core.value import Contact, Conversation, Run
from engine.core.webhook import Called, map_webhook
from engine.core.world import TemplateInfo, World
from engine.runtime.caller import ANY
from engine.runtime.clock import VirtualClock
from engine.runtime.memory.state import State
from engine.runtime.memory.store import MemoryStore
from engine.runtime.protocol import Appended
from engine.runtime.runtime import Runtime
from engine.runtime.stepped import Stepped
from schemas.capability import Capabilities
from schemas.contact import ContactChange, Identity
from schemas.content import Choice, Content, Reaction, Text
from schemas.event import (
    Body,
    ChangeContact,
    ClaimConversation,
    EventNamed,
    MessageReceived,
    NewEvent,
    PresenceChanged,
    ResolveConversation,
    ReturnConversation,
    SendMessage,
    StartFlow,
)
from schemas.flow import FlowDocument
from schemas.hours import Hours
from schemas.problem import Problem
from simulator.channel import OneChannel, SimulatedChannel
from simulator.outside import Open, answered, leave_open, open_calls
from simulator.scenario import Person
from simulator.transcript import Said, Told, choices, passed, told, transcript
from simulator.world import AGENT, CHANNEL, FLOW, NO_FLOWS, TENANT, FixedWorlds, closed, enterable, hours_of, simulated_world

MOST_INSTANTS = 2_000
"""Instants at which something happens in one move of the clock: five years of a daily message, or half a second of work."""


class CannotHappen(Exception):
    """What shall happen can't happen here; the words say what could."""


class NothingToPress(CannotHappen):
    """No message so far has such a button or row."""


class TooMuch(CannotHappen):
    """More happened on the way than one move of the clock may bring; the clock stands where it came to."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where a simulation stood: enough to go on from there once more."""

    state: State
    now: datetime
    count: int
    refusals: tuple[str, ...]
    world: World


class Simulation:
    """One contact who talks with one flow (and, by their keys, those live `beside` it).

    Every method returns when nothing more happens then.
    """

    def __init__(
        self,
        document: FlowDocument,
        node_types: NodeTypes,
        *,
        channel: str,
        capabilities: Capabilities,
        at: datetime,
        contact: Person | None = None,
        templates: tuple[TemplateInfo, ...] = (),
        timezone: str = "UTC",
        hours: Mapping[str, Hours] | None = None,
        globals: Mapping[str, Any] | None = None,
        splits: Mapping[str, str] | None = None,
        beside: Mapping[str, FlowDocument] = NO_FLOWS,
        world: World | None = None,
        flow: int = FLOW,
    ) -> None:
        """`world` with its `flow` replaces the one that is made of the document (see `world_around`)."""
        self.document = document
        self.persona = contact or Person()
        self.provider = SimulatedChannel(capabilities)
        self.world: World = world or simulated_world(
            document,
            node_types,
            channel=channel,
            capabilities=capabilities,
            templates=templates,
            timezone=timezone,
            hours=hours,
            globals=globals,
            splits=splits,
            beside=beside,
        )
        self.hours = hours_of(document, node_types)
        """Those that the flow asks for."""
        self._flow = flow
        self._node_types = node_types
        self.channel = channel
        self._count = 0
        self._at_first = self.world
        self._worlds = FixedWorlds({TENANT: self.world})
        self._stand(State(), at)

    def _stand(self, state: State, now: datetime) -> None:
        self.clock = VirtualClock(now)
        self.store = MemoryStore(state)
        runtime = Runtime(
            clock=self.clock,
            store=self.store,
            worlds=self._worlds,
            channels=OneChannel(self.provider),
            handlers={ANY: leave_open},
        )
        self._stepped = Stepped(runtime, self.clock)

    @property
    def program(self) -> Program:
        """The flow, compiled."""
        return self.world.programs[self.world.live[self._flow]]

    # --- what happens ----------------------------------------------------------------------------------------------------
    async def prepare(self, presence: str = "online") -> None:
        """Make the contact known with its facts, and let the agents come or stay away."""
        person = self.persona
        changes = [
            ContactChange("set_name", value=person.name),
            ContactChange("set_language", value=person.language),
            ContactChange("set_timezone", value=person.timezone),
            *(ContactChange("add_tag", tag) for tag in person.tags),
            *(ContactChange("set_field", key, value) for key, value in person.fields.items()),
        ]
        given = tuple(change for change in changes if change.value is not None or change.op == "add_tag")
        if given:
            await self.happen(ChangeContact(given, actor="simulation"))
        await self.agents("online" if presence == "closed" else presence)

    async def say(self, text: str) -> None:
        """The contact writes."""
        await self.receive(Text(text))

    async def press(self, title: str) -> None:
        """The contact taps a button or row, by its title or id, on the last message that has it. Raises NothingToPress."""
        for said in reversed(self.transcript()):
            for id, shown in choices(said.content):
                if title in (id, shown):
                    await self.receive(Choice(id, shown, str(said.id)))
                    return
        raise NothingToPress(f"no message so far has a button or row {title!r}{self._offered()}")

    async def receive(self, content: Content) -> None:
        """Something comes in from the contact."""
        self._count += 1
        await self.happen(MessageReceived(CHANNEL, f"in-{self._count}", content, name=self.persona.name or ""))

    async def start(self, variables: Mapping[str, Any], node: str = "") -> Problem | None:
        """The flow is started by the API; or in its midst, at any node, as if the contact had come there. Why it was not."""
        if node and node not in self.program.nodes:
            raise CannotHappen(f"the flow has no node {node!r}; it has {_listed(self.program.nodes)}")
        if not node or node in self.program.triggers:
            return await self.happen(StartFlow(self._flow, node, CHANNEL, dict(variables), self._reason(node)))
        if self.conversation() is None:  # who comes to a node has written before; a reaction answers nothing
            await self.receive(Reaction("", ""))
        self._worlds.replace(enterable(self.world, self.world.live[self._flow], node))
        try:
            return await self.happen(StartFlow(self._flow, node, CHANNEL, dict(variables)))
        finally:
            self._worlds.replace(self.world)

    def _reason(self, node: str) -> str:
        """How a start at this trigger is called: by what the server says of such a start."""
        match self.program.triggers[node].on if node else None:
            case OnWebhook():
                return "webhook"
            case OnSchedule():
                return "schedule"
            case _:
                return "api"

    async def webhook(self, body: Any, node: str = "") -> Problem | None:
        """Another system calls the flow's webhook trigger with this JSON; whoever it names is our contact."""
        hooks = {id: each.on for id, each in self.program.triggers.items() if isinstance(each.on, OnWebhook)}
        if not hooks or (node and node not in hooks):
            raise CannotHappen(f"the flow has no webhook trigger {node!r}; it has {_listed(hooks)}")
        id = node or next(iter(hooks))
        called = map_webhook(hooks[id], body, self.world.country)
        if not isinstance(called, Called):
            raise CannotHappen(f"the call names nobody: {' '.join(each.message for each in called)}")
        known = self.contact()
        if called.name and (known is None or not known.name):
            await self.happen(ChangeContact((ContactChange("set_name", value=called.name),), actor="webhook"))
        variables = typed(self.program, called.variables, strict=False)
        return await self.happen(StartFlow(self._flow, id, variables=variables, reason="webhook"))

    async def event(self, name: str, data: Mapping[str, Any]) -> None:
        """A named event comes for the contact."""
        await self.happen(EventNamed(name, dict(data)))

    def open_calls(self) -> list[Open]:
        """The calls that wait for an answer, the oldest first."""
        return open_calls(self.store.state, self.world, self._node_types)

    async def answer(self, what: str | Mapping[str, Any], node: str = "") -> None:
        """The oldest open call (of a node) answers so: one of its node's examples by name (`""`: the first), or this."""
        calls = self.open_calls()
        found = next((each for each in calls if not node or each.call.node == node), None)
        if found is None:
            where = f"; {_listed({each.call.node: 1 for each in calls})} have" if calls else ""
            raise CannotHappen(f"{node or 'the flow'} has no call that waits for an answer{where}")
        if isinstance(what, str):
            named = {probe.note: probe for probe in reversed(found.examples)}
            if what and what not in named:
                raise CannotHappen(f"{found.call.node} has no example {what!r}; it has {_listed(named)}")
            if not found.examples:
                raise CannotHappen(f"{found.call.node} says no example of an answer; say what it answers")
            given: Mapping[str, Any] = (named[what] if what else found.examples[0]).value
        else:
            given = what
        await self.happen(answered(found.call, given))

    async def tag(self, tag: str) -> None:
        """The contact gets a tag."""
        await self.happen(ChangeContact((ContactChange("add_tag", tag),), actor="simulation"))

    async def agents(self, presence: str) -> None:
        """The agent is online, busy or offline, in every team; or the teams are closed, until the agent is something else."""
        self.world = closed(self._at_first) if presence == "closed" else self._at_first
        self._worlds.replace(self.world)
        if presence == "closed":
            return
        for team in {info.id for info in self.world.teams.values()}:
            await self._append(PresenceChanged(AGENT, presence), team=team)
        await self._stepped.drain()

    async def agent(self, action: str) -> Problem | None:
        """The agent claims, resolves or returns the conversation. Why the engine refused, or None."""
        conversation = self.conversation()
        id = conversation.id if conversation is not None else 0
        bodies: dict[str, Body] = {
            "claims": ClaimConversation(id, AGENT),
            "resolves": ResolveConversation(id, AGENT),
            "returns": ReturnConversation(id, AGENT),
        }
        if action not in bodies:
            raise CannotHappen(f"an agent can't do {action!r}; one claims, resolves or returns")
        return await self.happen(bodies[action])

    async def agent_says(self, text: str) -> Problem | None:
        """The agent writes to the contact."""
        return await self.happen(SendMessage(Text(text), CHANNEL, user=AGENT))

    def fail_next(self, code: str, after: int = 0) -> None:
        """The provider refuses the message after the next `after` ones with this code."""
        self.provider.refusals.extend([*[""] * after, code])

    async def advance(self, by: timedelta) -> None:
        """Time passes; everything that comes due on the way happens at its instant. Raises TooMuch."""
        await self.advance_to(self.clock.now() + by)

    async def advance_to(self, instant: datetime) -> None:
        """Time passes until an instant. Raises TooMuch; others get their turn meanwhile."""
        await self._stepped.drain()
        for _ in range(MOST_INSTANTS):
            due = await self._stepped.next_due()
            if due is None or due > instant:
                return await self._stepped.advance(instant)
            await self._stepped.advance(due)
            await asyncio.sleep(0)
        raise TooMuch(f"{MOST_INSTANTS:,} things happened until {self.clock.now():%Y-%m-%d %H:%M}, where the clock stands now")

    async def skip_wait(self) -> datetime | None:
        """Go to the next instant at which something happens; None if nothing will."""
        due = await self._stepped.next_due()
        if due is not None:
            await self._stepped.advance(due)
        return due

    async def next_due(self) -> datetime | None:
        """The next instant at which something happens."""
        return await self._stepped.next_due()

    async def happen(self, body: Body) -> Problem | None:
        """Append an event of the contact, and work until nothing more happens. Why it was refused, or None."""
        appended = await self._append(body)
        await self._stepped.drain()
        answer = self.store.state.events[appended.id].answer
        return answer if isinstance(answer, Problem) else None

    async def _append(self, body: Body, team: int = 0) -> Appended:
        self._count += 1
        event = NewEvent(
            tenant=TENANT,
            source="simulation",
            external_id=str(self._count),
            at=self.clock.now(),
            body=body,
            team=team,
            identities=() if team else self._identities(),
        )
        return (await self._stepped.runtime.append([event]))[0]

    def _identities(self) -> tuple[Identity, ...]:
        phone = self.persona.phone
        known = (Identity("phone", phone),) if phone else ()
        if self.channel == "webchat":
            return (Identity("webchat", "visitor"), *known)
        return (Identity("whatsapp", phone.removeprefix("+") or "visitor"), *known)

    # --- going back ------------------------------------------------------------------------------------------------------
    def snapshot(self) -> Snapshot:
        """Where it stands now."""
        return Snapshot(self.store.state.fork(), self.clock.now(), self._count, tuple(self.provider.refusals), self.world)

    def restore(self, snapshot: Snapshot) -> None:
        """Stand where it stood then; the snapshot can be used again."""
        self._count = snapshot.count
        self.provider.refusals = list(snapshot.refusals)
        self.world = snapshot.world
        self._worlds.replace(self.world)
        self._stand(snapshot.state.fork(), snapshot.now)

    # --- what there is to see --------------------------------------------------------------------------------------------
    def transcript(self) -> list[Said]:
        """Everything that was said, in order. Messages that wait to be sent, or were skipped, are left out."""
        return transcript(self.store.state)

    def told(self) -> list[Told]:
        """All that webhooks, teams and other people would have been told, in order."""
        return told(self.store.state)

    def contact(self) -> Contact | None:
        """The contact as it stands."""
        for _, contact in self.store.state.contacts.values():
            return contact
        return None

    def conversation(self) -> Conversation | None:
        """The conversation as it stands."""
        for _, conversation in self.store.state.conversations.values():
            return conversation
        return None

    def runs(self) -> list[Run]:
        """Every run so far, oldest first."""
        return [row.run for _, row in sorted(self.store.state.runs.items())]

    def run(self) -> Run | None:
        """The run that lives, else the last one."""
        runs = self.runs()
        return next((run for run in reversed(runs) if run.live), runs[-1] if runs else None)

    def path(self) -> list[tuple[str, str, str]]:
        """Every node that was visited, in order: (node, port, reason); port "" where it parked."""
        return [(each.node, each.port, each.reason) for each in passed(self.store.state)]

    def trouble(self) -> list[str]:
        """Events that the engine could not decide: never a flow's fault."""
        return [row.error for row in self.store.state.events.values() if row.state == "dead"]

    def _offered(self) -> str:
        offered = [title for said in self.transcript() for _, title in choices(said.content)]
        return f"; there are {', '.join(dict.fromkeys(offered))}" if offered else "; none has any"


def _listed(names: Mapping[str, Any]) -> str:
    shown = list(names)[:20]
    return (", ".join(shown) + (", …" if len(names) > len(shown) else "")) or "none"
