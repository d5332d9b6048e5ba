"""A live conversation with a flow on the virtual clock: the same runtime, the memory store, nothing real behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.core.program import NodeTypes
from engine.core.value import Contact, Conversation, Run
from engine.core.world import TemplateInfo, World
from engine.runtime.clock import VirtualClock
from engine.runtime.memory.store import MemoryStore
from engine.runtime.protocol import Appended
from engine.runtime.runtime import Runtime
from engine.runtime.stepped import Stepped
from schemas.capability import Capabilities
from schemas.contact import ContactChange, Identity
from schemas.content import Buttons, Choice, Content, Menu, Text
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
from simulator.channel import OneChannel, SimulatedChannel
from simulator.scenario import Person
from simulator.world import AGENT, CHANNEL, FLOW, TENANT, FixedWorlds, simulated_world


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the conversation. `voice` is `contact` for what came in."""

    id: int
    voice: str
    content: Content
    at: datetime
    status: str
    node: str = ""
    code: str = ""


class NothingToPress(Exception):
    """No message so far has such a button or row."""


class Simulation:
    """One contact who talks with one flow (and those live `beside` it). Every method returns when nothing more happens then."""

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
        hours: Hours | None = None,
        beside: Sequence[FlowDocument] = (),
    ) -> None:
        self.document = document
        self.persona = contact or Person()
        self.clock = VirtualClock(at)
        self.store = MemoryStore()
        self.provider = SimulatedChannel(capabilities)
        self.world: World = simulated_world(
            document,
            node_types,
            channel=channel,
            capabilities=capabilities,
            templates=templates,
            timezone=timezone,
            hours=hours,
            beside=beside,
        )
        self._channel = channel
        self._count = 0
        runtime = Runtime(
            clock=self.clock,
            store=self.store,
            worlds=FixedWorlds({TENANT: self.world}),
            channels=OneChannel(self.provider),
        )
        self._stepped = Stepped(runtime, self.clock)

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
        await self.agents(presence)

    async def say(self, text: str) -> None:
        """The contact writes."""
        await self.receive(Text(text))

    async def press(self, title: str) -> None:
        """The contact taps a button or row, by its title or id, on the last message that has it."""
        for said in reversed(self.transcript()):
            for id, shown in choices(said.content):
                if title in (id, shown):
                    await self.receive(Choice(id, shown, str(said.id)))
                    return
        raise NothingToPress(title)

    async def receive(self, content: Content) -> None:
        """Something comes in from the contact."""
        self._count += 1
        await self.happen(MessageReceived(CHANNEL, f"in-{self._count}", content, name=self.persona.name or ""))

    async def start(self, variables: Mapping[str, Any], node: str = "") -> None:
        """The flow is started by the API."""
        await self.happen(StartFlow(FLOW, node, CHANNEL, dict(variables)))

    async def event(self, name: str, data: Mapping[str, Any]) -> None:
        """A named event comes for the contact."""
        await self.happen(EventNamed(name, dict(data)))

    async def tag(self, tag: str) -> None:
        """The contact gets a tag."""
        await self.happen(ChangeContact((ContactChange("add_tag", tag),), actor="simulation"))

    async def agents(self, presence: str) -> None:
        """The agent is online, busy or offline, in every team."""
        for team in {info.id for info in self.world.teams.values()}:
            await self._append(PresenceChanged(AGENT, presence), team=team)
        await self._stepped.drain()

    async def agent(self, action: str) -> None:
        """The agent claims, resolves or returns the conversation."""
        conversation = self.conversation()
        id = conversation.id if conversation is not None else 0
        bodies: dict[str, Body] = {
            "claims": ClaimConversation(id, AGENT),
            "resolves": ResolveConversation(id, AGENT),
            "returns": ReturnConversation(id, AGENT),
        }
        await self.happen(bodies[action])

    async def agent_says(self, text: str) -> None:
        """The agent writes to the contact."""
        await self.happen(SendMessage(Text(text), CHANNEL, user=AGENT))

    def fail_next(self, code: str) -> None:
        """The provider refuses the next message with this code."""
        self.provider.refusals.append(code)

    async def advance(self, by: timedelta) -> None:
        """Time passes; everything that comes due on the way happens at its instant."""
        await self._stepped.advance(self.clock.now() + by)

    async def advance_to(self, instant: datetime) -> None:
        """Time passes until an instant."""
        await self._stepped.advance(instant)

    async def skip_wait(self) -> datetime | None:
        """Go to the next instant at which something happens; None if nothing will."""
        due = await self._stepped.next_due()
        if due is not None:
            await self._stepped.advance(due)
        return due

    async def happen(self, body: Body) -> None:
        """Append an event of the contact, and work until nothing more happens."""
        await self._append(body)
        await self._stepped.drain()

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
        if self._channel == "webchat":
            return (Identity("webchat", "visitor"), *known)
        return (Identity("whatsapp", phone.removeprefix("+") or "visitor"), *known)

    # --- what there is to see --------------------------------------------------------------------------------------------
    def transcript(self) -> list[Said]:
        """Everything that was said, in order. Messages that wait to be sent, or were skipped, are left out."""
        state = self.store.state
        lines = [Said(each.id, "contact", each.content, each.at, "received") for each in state.inbound.values()]
        lines += [
            Said(
                row.message.id,
                row.message.voice,
                row.content or row.message.content,
                row.settled_at or row.message.at,
                row.status,
                row.message.node,
                row.code,
            )
            for row in state.messages.values()
            if row.status not in ("queued", "claimed", "skipped")
        ]
        return sorted(lines, key=lambda said: said.id)

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
        steps = sorted(
            (step.event, step.step.run.id, step.step.number, step.step)
            for several in self.store.state.steps.values()
            for step in several
        )
        return [(each.node, each.port, each.reason) for *_, step in steps for each in step.visited]

    def trouble(self) -> list[str]:
        """Events that the engine could not decide: never a flow's fault."""
        return [row.error for row in self.store.state.events.values() if row.state == "dead"]


def choices(content: Content) -> list[tuple[str, str]]:
    """The choices that a message offers: (id, title)."""
    match content:
        case Buttons(buttons=buttons):
            return [(button.id, button.title) for button in buttons]
        case Menu(sections=sections):
            return [(row.id, row.title) for section in sections for row in section.rows]
        case _:
            return []
