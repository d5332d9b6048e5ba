"""A pure stand-in for the runtime: takes one input, and everything that follows at that instant, in the runtime's own order.

Worker, timer and sender take turns until nothing moves, as `engine.runtime.stepped` has them do over the memory store; what an
event means is `decide` and `decide_team`, and nothing else. Tests play the same inputs on both and compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.core.decide import decide
from engine.core.decision import Decision, Step
from engine.core.delivery import settled_event
from engine.core.desk import Desk, decide_team
from engine.core.evolve import evolve
from engine.core.value import Contact, Person, Run, derived_id
from engine.core.world import World
from engine.runtime.release import skip_reason
from schemas.capability import Capabilities
from schemas.contact import Identity
from schemas.content import Buttons, Content, Menu, TemplateMessage
from schemas.effect import Message
from schemas.event import AssignRequested, Body, Event, NewEvent, WaitDue
from schemas.problem import Problem
from simulator.explore.place import Happened, Line, Place

CLOSED = "the contact last wrote too long ago for free text"
ROUNDS = 1_000
"""Turns at one instant: more is an engine that never rests, which no flow can cause."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The provider refuses the message after the next `after` ones with this code."""

    after: int
    code: str


@dataclass(frozen=True, slots=True)
class House:
    """What surrounds the person: the world, what the channel can show, and by which addresses it knows the contact."""

    world: World
    capabilities: Capabilities
    identities: tuple[Identity, ...]

    def start(self, now: datetime) -> Place:
        """Where nothing has happened yet: nobody knows the contact."""
        return Place(now, Person(Contact(0)))

    def happen(
        self, place: Place, *bodies: Body, teams: Sequence[int] = (), refuse: Refuse | None = None, to: datetime | None = None
    ) -> Happened:
        """Something for the contact, or for each of the teams, or only the time, which goes on to `to` first."""
        work = _Work(self, place, refuse)
        if to is not None and to > place.now:
            work.now = to
        for body in bodies:
            for team in teams or (0,):
                identities = () if team else self.identities
                work.append([NewEvent(self.world.tenant, "explorer", "", work.now, body, team=team, identities=identities)])
        return work.run()


class _Work:
    """One input on its way: the tables of the memory store, as far as anything can depend on them."""

    def __init__(self, house: House, place: Place, refuse: Refuse | None) -> None:
        self.house = house
        self.before = place
        self.now = place.now
        self.person = place.person
        self.desks: dict[int, Desk] = dict(place.desks)
        self.due: dict[int, datetime | None] = dict(place.due)
        self.last_event = place.last_event
        self.received = place.received
        self.offers: dict[str, tuple[int, str]] = dict(place.offers)
        self.pending: list[Event] = []
        self.open: list[Message] = []
        self.flying: list[tuple[Message, Line]] = []
        self.lines: list[Line] = []
        self.steps: list[Step] = []
        self.sent = 0
        self.refuse = refuse
        self.asked = False
        self.refused = False
        self.refusal = ""
        self.error = ""
        self.first = True

    def run(self) -> Happened:
        for _ in range(ROUNDS):
            moved = self.work()
            moved |= self.time()
            moved |= self.send()
            if not moved:
                break
        place = Place(
            self.now,
            self.person,
            self.desks,
            self.due,
            self.last_event,
            self.received,
            self.offers,
            self.before.facts,
            self.before.closed,
        )
        lines = tuple(sorted(self.lines, key=lambda line: line.id))
        return Happened(place, lines, tuple(self.steps), self.asked, self.refused, self.refusal, self.error)

    def append(self, events: Sequence[NewEvent]) -> None:
        for new in events:
            self.last_event += 1
            self.pending.append(
                Event(
                    self.last_event, new.tenant, new.source, new.external_id, new.at, new.body, new.contact, new.team,
                    new.identities, new.cause, new.depth, new.bulk, self.now,
                )
            )  # fmt: skip

    # --- the worker ------------------------------------------------------------------------------------------------------
    def work(self) -> bool:
        """Decide what is pending: the contact's lane, then the teams'. What is born waits for the next turn."""
        events, self.pending = self.pending, []
        if not events:
            return False
        born: list[Sequence[NewEvent]] = []
        for event in events:
            if not event.team:
                born.append(self.contact_event(event))
        for event in events:
            if event.team:
                desk = self.desks.get(event.team, Desk(event.team))
                decision = decide_team(self.house.world, desk, event, now=self.now)
                self.desks[event.team] = evolve(decision.desk, version=desk.version + 1)
                self.asked = self.asked or isinstance(event.body, AssignRequested)
                born.append(decision.born)
        for several in born:
            self.append(several)
        return True

    def contact_event(self, event: Event) -> Sequence[NewEvent]:
        person = self.person
        if person.contact.id == 0:
            person = Person(Contact(derived_id(event.id, 0), identities=self.house.identities))
        decision = decide(self.house.world, person, event, now=self.now)
        before = {run.id: run for run in person.runs}
        for run in decision.runs:
            self.put_run(before.get(run.id), run)
        self.person = evolve(decision.person, runs=tuple(sorted(decision.person.runs, key=lambda run: run.id)))
        if self.person.contact.version == 0:
            self.person = Person(Contact(0))  # it was refused: nobody was made by it
        if decision.inbound is not None:
            self.received += 1
            self.lines.append(Line(decision.inbound.id, "contact", decision.inbound.content, decision.inbound.at))
        self.open.extend(decision.messages)
        self.steps.extend(decision.steps)
        self.note(decision)
        return decision.born

    def note(self, decision: Decision) -> None:
        """Keep what the input itself was answered, and errors of the engine."""
        if self.first and isinstance(decision.answer, Problem):
            self.refusal = decision.answer.code
        self.first = False
        self.error = self.error or decision.error

    def put_run(self, before: Run | None, run: Run) -> None:
        """When the run must be looked at: an armed or fired time stays, unless the wait is another one by now."""
        if not run.live:
            self.due.pop(run.id, None)
        elif before is None or not _same_wait(before, run):
            self.due[run.id] = run.due

    # --- the timer -------------------------------------------------------------------------------------------------------
    def time(self) -> bool:
        """Tell the runs whose time has come."""
        waiting = {run.id: run for run in self.person.runs if run.status == "waiting"}
        ready = sorted((at, id) for id, at in self.due.items() if at is not None and at <= self.now and id in waiting)
        for _, id in ready:
            wait = waiting[id].wait
            due = WaitDue(id, wait.id if wait is not None else 0)
            self.due[id] = None
            self.append([NewEvent(self.house.world.tenant, "timer", "", self.now, due, contact=self.person.contact.id)])
        return bool(ready)

    # --- the sender ------------------------------------------------------------------------------------------------------
    def send(self) -> bool:
        """Settle what came back, then let the head of each conversation go."""
        moved = False
        for message, line in self.flying:
            self.settle(message, line)
            moved = True
        self.flying = []
        heads: dict[int, Message] = {}
        for message in sorted(self.open, key=lambda each: (each.voice != "human", each.id)):
            if message.conversation not in heads and not self.skipped(message):
                heads[message.conversation] = message
        for message in heads.values():
            self.open.remove(message)
            self.flying.append((message, self.carry(message)))
            moved = True
        return moved

    def skipped(self, message: Message) -> bool:
        """True if it may not be said any more; then whoever must know is told."""
        conversation = self.person.conversation(message.conversation)
        reason = skip_reason(message, conversation, self.person.contact)
        if reason:
            self.open.remove(message)
            if message.arms is not None:
                self.arm(message, message.arms)
            self.tell(message, "skipped", reason)
        return bool(reason)

    def carry(self, message: Message) -> Line:
        """What the provider makes of it."""
        content: Content = message.content
        window, spare = self.house.capabilities.window, message.fallback
        if window is not None and not isinstance(content, TemplateMessage):
            conversation = self.person.conversation(message.conversation)
            until = conversation.window_until if conversation is not None else None
            if until is None or self.now >= until:
                if spare is None:
                    return self.line(message, content, "failed", "window_closed")
                content = spare
        refuse, self.sent = self.refuse, self.sent + 1
        if refuse is None or self.sent != refuse.after + 1:
            return self.line(message, content, "accepted", "")
        self.refused = True
        if refuse.code == "window_closed" and spare is not None and content is message.content:
            return self.line(message, spare, "accepted", "")
        return self.line(message, content, "failed", refuse.code)

    def line(self, message: Message, content: Content, status: str, code: str) -> Line:
        spare = message.fallback is not None and content is message.content
        return Line(
            message.id, message.voice, content, self.now, status, message.node, code, reports=message.reports, fallback=spare
        )

    def settle(self, message: Message, line: Line) -> None:
        self.lines.append(line)
        for id, title in choices(line.content):
            self.offers[id] = (message.id, title)
        if message.arms is not None:
            self.arm(message, message.arms)
        self.tell(message, line.status, line.code)

    def arm(self, message: Message, seconds: int) -> None:
        """The last message of a question has left: the time for its answer runs."""
        run = self.person.run(message.run)
        if run is not None and run.wait is not None and run.wait.id == message.step:
            self.due[run.id] = min(self.now + timedelta(seconds=seconds), run.ends_at)

    def tell(self, message: Message, status: str, code: str) -> None:
        told = settled_event(
            tenant=self.house.world.tenant,
            contact=self.person.contact.id,
            message=message.id,
            conversation=message.conversation,
            run=message.run,
            node=message.node,
            reports=message.reports,
            status=status,
            code=code,
            detail="" if status != "failed" else CLOSED if code == "window_closed" else f"simulated: {code}",
            at=self.now,
        )
        if told is not None:
            self.append([told])


def choices(content: Content) -> list[tuple[str, str]]:
    """The choices that a message offers: (id, title)."""
    match content:
        case Buttons(buttons=buttons):
            return [(button.id, button.title) for button in buttons]
        case Menu(sections=sections):
            return [(row.id, row.title) for section in sections for row in section.rows]
        case _:
            return []


def _same_wait(before: Run, run: Run) -> bool:
    old, new = before.wait, run.wait
    if old is None or new is None or before.expires_at != run.expires_at:
        return False
    return (old.id, old.due, old.timeout) == (new.id, new.due, new.timeout)
