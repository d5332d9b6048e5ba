"""Plays generated conversations on the pure engine, and says what must hold after every event."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from unittest.mock import patch

from engine.core.advance import advance
from engine.core.change import apply_change
from engine.core.codec import dump_run, load_run
from engine.core.decide import decide
from engine.core.decision import Decision
from engine.core.limit import MAX_VISITS
from engine.core.value import LIVE, Contact, Conversation, Person, Run
from engine.core.visit import Visit
from engine.core.world import TemplateInfo
from schemas.contact import ContactChange, Identity
from schemas.content import Cards, Choice, Content, Location, Media, Reaction, Text, Unsupported
from schemas.event import (
    Assigned,
    AssignRequested,
    Body,
    ChangeContact,
    ClaimConversation,
    ConversationWoken,
    Event,
    EventNamed,
    MessageReceived,
    MessageSettled,
    NewEvent,
    NoAgent,
    ResolveConversation,
    ReturnConversation,
    SendMessage,
    SnoozeConversation,
    StartFlow,
    StopRun,
    TransferConversation,
    WaitDue,
    decode_body,
    encode_body,
)
from tests.core.scene import CONTACT, EVERYONE, PHONE, SALES, SITE, START, Document, handoff, on, question, world_of

Move = tuple[str, int, int]
"""Something that happens: its kind, and two numbers that pick among what there is."""

WEIGHTS = {"say": 20, "ring": 8, "team": 6, "settle": 5, "born": 5, "tap": 4, "return": 4, "resolve": 3, "named": 3, "start": 3}
"""How often something happens, where that is more than once in a while: people are rarer than messages."""
RARE = ("claim", "transfer", "snooze", "woken", "stop", "send", "change", "stale")
KINDS = (*(kind for kind, weight in WEIGHTS.items() for _ in range(weight)), *RARE)
SAID: tuple[Content, ...] = (
    *(Text(text) for text in ("hi", "go", "hi", "yes", "2", "no", "agent", "the price list", "40", "tomorrow", "a@b.de")),
    *(Text(text) for text in ("stop", "start", "9" * 30, "", "\x00", "{{contact.name}} {a|b}", "é" * 3_000, "+49 151 2345678")),
    *(Choice("y", "Yes"), Choice("zz", "hi"), Location(1.5, 2.5), Media("image", provider_id="m"), Reaction("👍", "w1")),
    *(Unsupported("order", {"x": 1}), Unsupported("edit", {}), Cards(({"phones": [{"phone": "+4915123456789"}]},))),
)
CHANGES = (
    ContactChange("add_tag", "vip"),
    ContactChange("remove_tag", "vip"),
    ContactChange("add_tag", "new"),
    ContactChange("set_consent", value=False),
    ContactChange("set_consent", value=True),
    ContactChange("set_timezone", value="Asia/Kolkata"),
    ContactChange("set_field", "vip", {"a": [1]}),
)


class Life:
    """One contact's life with some flows. `live` plays a move and checks all that must hold."""

    def __init__(self, documents: Sequence[Document]) -> None:
        templates = {("hello", "en"): TemplateInfo("hello", "en", "approved", "Hello {{1}}", ("1",))}
        self.world = world_of(documents, templates=templates)
        identities = (Identity("webchat", "v1"), Identity("whatsapp", "491510000000"))
        self.person = Person(Contact(CONTACT, 0, name="Anna", identities=identities))
        self.now = START
        self.number = 100
        self.born: list[NewEvent] = []
        self.asked: list[NewEvent] = []
        self.decisions: list[Decision] = []
        self.ids: set[int] = set()
        self.keys: set[tuple[str, str]] = set()
        self.ended: dict[int, Run] = {}
        self.steps: dict[int, int] = {}
        self.begun: set[int] = set()

    # --- moves ---
    def live(self, move: Move) -> Decision | None:
        """What the move came to; None where there is nothing to do it with."""
        self.number += 1
        self.now += timedelta(seconds=move[2] % 7)
        found = self._body(*move)
        if found is None:
            return None
        body, envelope = found
        given: dict[str, Any] = {"at": self.now, "received_at": self.now, "contact": CONTACT, **envelope}
        event = Event(self.number, 1, "life", str(self.number), body=body, **given)
        return self._decided(event)

    def _body(self, kind: str, first: int, second: int) -> tuple[Body, dict[str, Any]] | None:
        conversation = _pick(self.person.conversations, first)
        run = _pick(self.person.runs, first)
        id = conversation.id if conversation is not None else 0
        channel = PHONE if second % 3 == 0 else SITE
        match kind:
            case "say":
                earlier = {"received_at": self.now - timedelta(hours=1)} if second == 5 else {}
                content = SAID[first % len(SAID)]
                return MessageReceived(channel, f"w{self.number}", content, name="Ann", language="en"), earlier
            case "tap":
                message = _pick([each for decision in self.decisions for each in decision.messages], first)
                if message is None:
                    return None
                return MessageReceived(message.channel, f"w{self.number}", Choice("y", "Yes", str(message.id))), {}
            case "ring" if run is not None:
                self.now = max(self.now, run.due) if second % 4 else self.now
                return WaitDue(run.id, run.wait.id if run.wait is not None else 0), {}
            case "stale" if self.decisions:
                old = _pick([each for decision in self.decisions for each in decision.runs], first)
                return None if old is None else (WaitDue(old.id, old.wait.id if old.wait else 1), {})
            case "settle":
                sent = _pick([each for decision in self.decisions for each in decision.messages], -1 - first % 4)
                if sent is None:
                    return None
                status = ("failed", "failed", "accepted", "skipped")[second % 4]
                code = ("131026", "window_closed")[first % 2] if status == "failed" else ""
                return MessageSettled(sent.id, sent.conversation, sent.run, sent.node, status, code), {}
            case "born" if self.born:
                born = self.born.pop(first % len(self.born))
                return born.body, {"depth": born.depth, "cause": born.cause}
            case "team" if self.asked:
                asked = self.asked.pop(first % len(self.asked))
                request = asked.body
                assert isinstance(request, AssignRequested)
                refusal = NoAgent(request.conversation, request.claim, asked.team, "closed")
                yes = Assigned(request.conversation, request.claim, asked.team, 31)
                return (refusal if second % 3 == 0 else yes), {"depth": asked.depth}
            case "claim":
                return ClaimConversation(id, 31 + second % 2, force=second % 5 == 0), {}
            case "resolve":
                return ResolveConversation(id, 31), {}
            case "return":
                return ReturnConversation(id, 31), {}
            case "transfer":
                return TransferConversation(id, (0, SALES, EVERYONE)[second % 3], (0, 32)[first % 2], 31), {}
            case "snooze":
                return SnoozeConversation(id, self.now + timedelta(hours=1) if second % 2 else None), {}
            case "woken":
                self.now += timedelta(hours=second % 3)
                return ConversationWoken(id), {}
            case "stop":
                return StopRun(run.id if run is not None and second % 2 else 0), {}
            case "send":
                return SendMessage(Text("Hello"), channel, (0, 31)[first % 2], ("system", "notice")[second % 2]), {}
            case "start":
                place = 1 + first % len(self.world.live)
                return StartFlow(place, channel=(0, SITE, PHONE)[second % 3], variables={"answer": second}), {}
            case "named":
                return EventNamed("paid", {"amount": second, "answer": 2**64 if second == 6 else "x"}), {}
            case "change":
                return ChangeContact((CHANGES[first % len(CHANGES)], CHANGES[second % len(CHANGES)])), {}
            case _:
                return None

    # --- what must hold ---
    def _decided(self, event: Event) -> Decision:
        before = self.person
        with never_over_a_person():
            decision = decide(self.world, before, event, now=self.now)
        assert decide(self.world, stored(before), event, now=self.now) == decision, "the same from what the store keeps"
        self._replayed(before, event, decision)
        self._ids_are_new(decision)
        self._runs_move_forward(decision)
        assert decision.person == applied(before, decision)
        owners_agree(decision.person)
        for born in decision.born:
            assert bool(born.contact) != bool(born.team), "addressed to one"
            assert decode_body(born.body.kind, encode_body(born.body)) == born.body
            (self.born if born.contact else self.asked if isinstance(born.body, AssignRequested) else []).append(born)
        self.person = decision.person
        self.decisions.append(decision)
        return decision

    def _replayed(self, before: Person, event: Event, decision: Decision) -> None:
        """The steps of runs that stood before are those that `advance` gives."""
        for step in decision.steps:
            run = before.run(step.run.id)
            alone = sum(each.run.id == step.run.id for each in decision.steps) == 1
            if run is not None and run.status == "waiting" and step.visited and alone and len(decision.steps) == 1:
                assert advance(self.world, before, run, event, now=self.now) == step

    def _ids_are_new(self, decision: Decision) -> None:
        made = [message.id for message in decision.messages] + [call.id for call in decision.calls]
        made += [run.id for run in decision.runs if run.id not in self.begun]
        made += [decision.inbound.id] if decision.inbound is not None else []
        keys = [("message", message.key) for message in decision.messages]
        keys += [(born.source, born.external_id) for born in decision.born]
        assert len(made) == len(set(made))
        assert not self.ids.intersection(made)
        assert len(keys) == len(set(keys))
        assert not self.keys.intersection(keys)
        self.ids.update(made)
        self.keys.update(keys)

    def _runs_move_forward(self, decision: Decision) -> None:
        for run in decision.runs:
            assert run.id not in self.ended, "a run that ended never moves again"
            assert (run.status in LIVE) == (run.ended_at is None)
            assert run.live or run.wait is None
            assert run.step >= self.steps.get(run.id, 0)
            if not run.live:
                self.ended[run.id] = run
            self.begun.add(run.id)
        for step in decision.steps:
            assert step.number > self.steps.get(step.run.id, 0)
            assert len(step.visited) <= MAX_VISITS + 1  # a last port that leads nowhere ends the run in a line of its own
            self.steps[step.run.id] = step.number


def _pick(things: Sequence[Any], place: int) -> Any:
    return things[place % len(things)] if things else None


@contextmanager
def never_over_a_person() -> Iterator[None]:
    """Fails where a run of the bot speaks while the queue or an agent owns."""
    send = Visit.send

    def checked(visit: Visit, content: Content, **more: Any) -> int:
        assert not visit.run.interactive or visit.conversation.owner == "BOT"
        return send(visit, content, **more)

    with patch.object(Visit, "send", checked):
        yield


def owners_agree(person: Person) -> None:
    """Exactly one owner each, with what belongs to it; one interactive run each, which stands as the owner says."""
    for each in person.conversations:
        talking = [run for run in person.runs if run.interactive and run.conversation == each.id]
        assert len(talking) <= 1
        match each.owner:
            case "AGENT":
                assert each.agent
            case "QUEUE":
                assert each.claim
                assert not each.agent
            case "BOT":
                assert (each.agent, each.team, each.claim, len(talking)) == (0, 0, "", 1)
            case "NONE":
                assert (each.agent, each.team, each.claim, len(talking)) == (0, 0, "", 0)
        for run in talking:
            waits_for_person = run.wait is not None and run.wait.kind == "agent"
            if each.owner in ("QUEUE", "AGENT"):
                assert run.status == "suspended" or waits_for_person
            else:
                assert run.status == "waiting" or run.reason == "flood"
                assert not waits_for_person


def applied(before: Person, decision: Decision) -> Person:
    """The person before, with the parts of the decision laid over it."""
    contact: Contact = before.contact
    for change in decision.changes:
        changed = apply_change(contact, change)
        assert changed is not None, "a change that changes nothing is none"
        contact = changed
    after = decision.person.contact
    contact = replace(contact, starts=after.starts, version=after.version, created_at=after.created_at)
    assert after.version - before.contact.version in (0, 1)
    conversations: dict[int, Conversation] = {each.id: each for each in (*before.conversations, *decision.conversations)}
    runs = {each.id: each for each in (*before.runs, *decision.runs)}
    return Person(contact, tuple(conversations.values()), tuple(run for run in runs.values() if run.live))


def stored(person: Person) -> Person:
    """The person as the store reads it again."""
    columns = ("id", "flow", "version", "conversation", "status", "interactive", "started_at", "expires_at", "reason")
    runs = tuple(load_run(dump_run(run), **{name: getattr(run, name) for name in columns}) for run in person.runs)
    assert runs == person.runs
    return replace(person, runs=runs)


def play(documents: Sequence[Document], moves: Iterable[Move]) -> Life:
    """A whole life."""
    life = Life(documents)
    for move in moves:
        life.live(move)
    return life


def moves_of(random: Random, count: int) -> list[Move]:
    """Moves from a seed."""
    return [(random.choice(KINDS), random.randrange(60), random.randrange(12)) for _ in range(count)]


def digest(seed: int, count: int) -> str:
    """A fingerprint of a life from a seed; the same in every process."""
    documents = [question("Hi", on("message")), handoff(team="sales"), question("New", on("contact_created"), timeout="PT1H")]
    life = play(documents, moves_of(Random(seed), count))
    told = "\n".join(repr(decision) for decision in life.decisions)
    return f"{len(life.decisions)} {hashlib.sha256(told.encode()).hexdigest()}"
