"""A small business for tests of the pure engine: its flows, one contact, and what every event came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from engine.core.decide import decide
from engine.core.decision import Decision, Step
from engine.core.match import index_triggers
from engine.core.program import Program, compile
from engine.core.value import Contact, Conversation, Person, Run
from engine.core.world import ChannelInfo, Successor, TeamInfo, World
from nodes import node_types
from schemas.capability import Capabilities
from schemas.contact import Identity
from schemas.content import Choice, Content, Text, text_of
from schemas.effect import Message
from schemas.event import Body, Event, MessageReceived, NewEvent, StartFlow, WaitDue
from schemas.flow import FlowDocument

START = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
"""A Monday."""
CONTACT = 7
SITE, PHONE = 1, 2
"""The channels: a web chat without a window, and WhatsApp with one of 24 hours."""
EVERYONE, SALES = 8, 9
"""The teams."""

Document = dict[str, Any]


# --- documents ---------------------------------------------------------------------------------------------------------------
def flow(name: str, nodes: Mapping[str, Document], edges: str, **more: Any) -> Document:
    """A document: `edges` is "start>ask ask.timeout>late"; the port is `next` where none is named."""
    links = []
    for edge in edges.split():
        source, _, target = edge.partition(">")
        node, _, port = source.partition(".")
        links.append({"from": node, "port": port or "next", "to": target})
    return {"name": name, "nodes": [{"id": id, **node} for id, node in nodes.items()], "edges": links, **more}


def on(kind: str, **more: Any) -> Document:
    """A trigger; `on("keyword", "hi")` is written `word("hi")`."""
    names = ("channels", "priority", "interrupts", "once", "again_after", "hours", "when")
    qualifiers = {key: more.pop(key) for key in names if key in more}
    return {"type": "trigger", "config": {"on": {"kind": kind, **more}, **qualifiers}}


def word(*words: str, match: str = "exact", **more: Any) -> Document:
    """A trigger for these words."""
    return on("keyword", words=list(words), match=match, **more)


def said(text: str, **more: Any) -> Document:
    """A message; with `buttons={"y": "Yes"}` it waits for the choice."""
    if "buttons" in more:
        more["buttons"] = [{"id": id, "title": title} for id, title in more["buttons"].items()]
    return {"type": "send_message", "config": {"text": text, **more}}


def reply(**more: Any) -> Document:
    """A wait for a reply."""
    return {"type": "wait", "config": {"for": {"kind": "reply", **more}}}


def pause(duration: str = "P1D") -> Document:
    """A wait for some time."""
    return {"type": "wait", "config": {"for": {"kind": "duration", "duration": duration}}}


def happening(name: str, **more: Any) -> Document:
    """A wait for a named event."""
    return {"type": "wait", "config": {"for": {"kind": "event", "name": name, **more}}}


def branch(*rules: tuple[str, Document]) -> Document:
    """A condition: (port, rule)."""
    return {"type": "condition", "config": {"branches": [{"id": id, "rule": rule} for id, rule in rules]}}


def agent(**more: Any) -> Document:
    """Assign Agent."""
    return {"type": "assign_agent", "config": more}


def question(name: str, trigger: Document, **more: Any) -> Document:
    """The smallest interactive flow: asks and waits for any reply."""
    wait = reply(**more)
    return flow(name, {"start": trigger, "ask": said(f"{name}?"), "wait": wait, "end": said(f"{name} done")},
                "start>ask ask>wait wait>end")  # fmt: skip


def drip(name: str, trigger: Document) -> Document:
    """The smallest flow that waits for nobody's reply."""
    return flow(name, {"start": trigger, "one": said(f"{name} one"), "day": pause(), "two": said(f"{name} two")},
                "start>one one>day day>two")  # fmt: skip


def step(key: str, **more: Any) -> Document:
    """Runs the flow with this name in small letters."""
    return {"type": "run_flow", "config": {"flow": key, **more}}


def onward(key: str, **more: Any) -> Document:
    """Goes on in the flow with this name in small letters."""
    return {"type": "go_to_flow", "config": {"flow": key, **more}}


def handoff(name: str = "Help", trigger: Document | None = None, **config: Any) -> Document:
    """A flow that brings in a person, and says by which port it went on."""
    ports = ("resolved", "returned", "timeout", "no_agent")
    nodes = {"start": trigger or word("help"), "hold": said("I'm connecting you"), "who": agent(**config)}
    nodes |= {port: said(f"by {port}") for port in ports}
    return flow(name, nodes, "start>hold hold>who " + " ".join(f"who.{port}>{port}" for port in ports))


# --- the scene ---------------------------------------------------------------------------------------------------------------
def program(document: Document, place: int, version: int = 0) -> Program:
    """Flow number `place`, compiled."""
    return compile(FlowDocument.model_validate(document), node_types(), version=version or place + 10, flow=place)


def world_of(documents: Sequence[Document], **more: Any) -> World:
    """A tenant with these flows live: flow 1 in version 11, flow 2 in version 12 …"""
    programs = [program(document, place) for place, document in enumerate(documents, 1)]
    site = ChannelInfo(SITE, "webchat", "Site", Capabilities(buttons=3, rows=10, identities=("webchat",)))
    phone = Capabilities(buttons=3, rows=10, identities=("whatsapp",), window=timedelta(hours=24), templates=True)
    teams = {
        "everyone": TeamInfo(EVERYONE, "everyone", "Everyone", (31, 32, 33)),
        "sales": TeamInfo(SALES, "sales", "Sales", (31, 32)),
    }
    given: dict[str, Any] = {
        "tenant": 1,
        "number": 1,
        "programs": {each.version: each for each in programs},
        "live": {each.flow: each.version for each in programs},
        "flow_keys": {each.name.lower(): each.flow for each in programs},
        "triggers": index_triggers(programs),
        "channels": {SITE: site, PHONE: ChannelInfo(PHONE, "whatsapp", "Phone", phone)},
        "teams": teams,
        "everyone": EVERYONE,
        "users": {"ann": 31},
    }
    return World(**{**given, **more})


ANNA = Contact(CONTACT, 1, name="Anna", identities=(Identity("webchat", "v1"), Identity("whatsapp", "491510000000")))


class Scene:
    """Plays events one after the other, a second apart, and keeps what came of them."""

    def __init__(self, *documents: Document, contact: Contact = ANNA, **world: Any) -> None:
        self.world = world_of(documents, **world)
        self.person = Person(contact)
        self.now = START
        self.number = 100
        self.events: list[tuple[Person, Event, Decision]] = []

    # --- happening ---
    def give(self, body: Body, **envelope: Any) -> Decision:
        """One more event, decided: twice, to see that it comes to the same."""
        self.number += 1
        self.now += timedelta(seconds=1)
        given: dict[str, Any] = {"at": self.now, "received_at": self.now, "contact": CONTACT}
        event = Event(self.number, 1, "test", str(self.number), body=body, **{**given, **envelope})
        decision = decide(self.world, self.person, event, now=self.now)
        assert decision == decide(self.world, self.person, event, now=self.now)
        self.events.append((self.person, event, decision))
        self.person = decision.person
        return decision

    def say(self, what: str | Content, *, channel: int = SITE, reply_to: str = "", **envelope: Any) -> Decision:
        """The contact writes."""
        content = Text(what) if isinstance(what, str) else what
        return self.give(MessageReceived(channel, f"w{self.number}", content, reply_to), **envelope)

    def tap(self, button: str, title: str, message: int | str = "") -> Decision:
        """The contact taps a button of a message."""
        return self.say(Choice(button, title, str(message)))

    def start(self, place: int = 1, **more: Any) -> Decision:
        """The API starts a flow."""
        return self.give(StartFlow(place, **{"channel": SITE, **more}))

    def ring(self, run: Run | None = None, after: timedelta = timedelta()) -> Decision:
        """The timer of a run's wait."""
        self.now += after
        run = run or self.run
        assert run.wait is not None
        return self.give(WaitDue(run.id, run.wait.id))

    def answer(self, born: NewEvent) -> Decision:
        """An event that was born and addressed to this contact comes back."""
        return self.give(born.body, depth=born.depth, cause=born.cause)

    # --- looking ---
    @property
    def last(self) -> Decision:
        """What the last event came to."""
        return self.events[-1][2]

    @property
    def texts(self) -> list[str]:
        """What the last event made us say."""
        return [text_of(message.content) for message in self.last.messages]

    @property
    def messages(self) -> list[Message]:
        """Everything that was said."""
        return [message for _, _, decision in self.events for message in decision.messages]

    @property
    def steps(self) -> list[Step]:
        """Every step."""
        return [step for _, _, decision in self.events for step in decision.steps]

    @property
    def run(self) -> Run:
        """The run that changed last, ended or not."""
        return next(run for _, _, decision in reversed(self.events) for run in reversed(decision.runs))

    def runs_of(self, place: int) -> list[Run]:
        """The runs of a flow as they stand, oldest first."""
        found = {run.id: run for _, _, decision in self.events for run in decision.runs if run.flow == place}
        return list(found.values())

    def born(self, kind: type[Body]) -> list[NewEvent]:
        """Events of a kind that the last one bore."""
        return [each for each in self.last.born if isinstance(each.body, kind)]

    def conversation(self, channel: int = SITE) -> Conversation:
        """The conversation as it stands."""
        found = self.person.on_channel(channel)
        assert found is not None
        return found

    @property
    def owner(self) -> str:
        """Who owns the conversation on the site."""
        return self.conversation().owner


def publish(scene: Scene, document: Document, policy: Any) -> None:
    """A newer version (21) of flow 1, with what becomes of the runs on the older one (11)."""
    newer = program(document, 1, 21)
    programs = {**scene.world.programs, 21: newer}
    scene.world = world_of(
        (), programs=programs, live={1: 21}, triggers=index_triggers([newer]), successors={11: Successor(policy, 21)}
    )
