"""Plays a golden case: a tiny flow around one node, driven through `compile` and `decide`, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from app.installed import expressions
from engine.core.decide import decide
from engine.core.decision import Call, Decision
from engine.core.match import index_triggers
from engine.core.node import Behaviour, Look, NodeConfig, NodeType, Port, Stop
from engine.core.program import Installed, compile
from engine.core.telling import NOTICE, WEBHOOK
from engine.core.value import Contact, Conversation, Person, Run
from engine.core.world import ChannelInfo, Listener, TeamInfo, TemplateInfo, World
from nodes import node_types
from schemas.capability import Capabilities
from schemas.contact import ContactChange, Identity
from schemas.content import Choice, Content, Text, dump_content, read_content
from schemas.duration import parse_duration
from schemas.event import (
    Assigned,
    AssignRequested,
    Body,
    CallAnswered,
    ContactChanged,
    Event,
    EventNamed,
    MessageReceived,
    MessageSettled,
    NoAgent,
    ResolveConversation,
    ReturnConversation,
    StartFlow,
    WaitDue,
)
from schemas.flow import FlowDocument
from schemas.hours import Hours

Document = dict[str, Any]
START = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
"""A Monday."""
GOLDENS = Path(__file__).parent / "goldens"
CHANNEL, CONVERSATION, FLOW, VERSION, CONTACT, TEAM, OTHER_FLOW = 1, 5, 3, 4, 7, 8, 2
WHATSAPP = {"buttons": 3, "rows": 10, "templates": True, "window": "PT24H"}


class SinkConfig(NodeConfig):
    """Nothing to set."""


class Sink(NodeType[SinkConfig]):
    """Where a wired port leads in a golden: the run ends there."""

    name = "sink"
    Config = SinkConfig
    look = Look("Sink", "actions", "flag", "gray", "Ends the run.")
    example: Mapping[str, Any] = {}

    def ports(self, config: SinkConfig) -> tuple[Port, ...]:
        return ()

    def compile(self, config: SinkConfig, build: Any) -> Behaviour:
        return Behaviour(lambda visit: Stop())


TYPES = Installed({**node_types(), "sink": Sink()}, expressions())


@dataclass
class Play:
    """The state of a golden while it is played."""

    world: World
    person: Person
    now: datetime = START
    number: int = 100
    decisions: list[Decision] = field(default_factory=list)

    def give(self, body: Body, **envelope: Any) -> Decision:
        """One more event, decided."""
        self.number += 1
        event = Event(
            id=self.number,
            tenant=1,
            source="golden",
            external_id=str(self.number),
            at=self.now,
            body=body,
            contact=CONTACT,
            **{"received_at": self.now, **envelope},
        )
        decision = decide(self.world, self.person, event, now=self.now)
        assert decision == decide(self.world, self.person, event, now=self.now), "the same event must decide the same"
        self.person = decision.person
        self.decisions.append(decision)
        return decision

    @property
    def run(self) -> Run | None:
        """The run as it stands, ended or not."""
        runs = [run for decision in self.decisions for run in decision.runs]
        return runs[-1] if runs else None

    @property
    def calls(self) -> list[Call]:
        """Every call so far."""
        return [call for decision in self.decisions for call in decision.calls]

    @property
    def sent(self) -> list[Any]:
        """Every message so far."""
        return [message for decision in self.decisions for message in decision.messages]


def play(type: str, case: Mapping[str, Any]) -> dict[str, Any]:
    """What came of a case, in the shape of its `expect`."""
    stage = set_stage(type, case)
    happen_all(stage, type, case)
    return outcome(stage)


def happen_all(stage: Play, type: str, case: Mapping[str, Any]) -> None:
    """Everything that happens in a case: the flow starts, then its `events`."""
    if type != "trigger":
        given = case.get("given", {}).get("variables", {})
        stage.give(StartFlow(FLOW, "start", 0 if case.get("given", {}).get("no_channel") else CHANNEL, given))
    for step in case.get("events", []):
        happen(stage, step)


def set_stage(type: str, case: Mapping[str, Any], prepare: Callable[[Document], Document] = dict) -> Play:
    """The world and the person before anything happens; `prepare` may change each of the flows."""
    given = case.get("given", {})
    program = compile(FlowDocument.model_validate(prepare(document_of(type, case))), TYPES, version=VERSION, flow=FLOW)
    capabilities = dict(given.get("channel", WHATSAPP))
    window = capabilities.pop("window", None)
    channel = Capabilities(**capabilities, window=parse_duration(window) if window else None, identities=("whatsapp", "phone"))
    now = datetime.fromisoformat(given["now"]) if "now" in given else START
    others = {
        key: compile(FlowDocument.model_validate(prepare(other)), TYPES, version=VERSION + at, flow=10 + at)
        for at, (key, other) in enumerate(given.get("flows", {}).items(), 1)
    }
    world = World(
        tenant=1,
        number=1,
        programs={VERSION: program} | {each.version: each for each in others.values()},
        live={FLOW: VERSION} | {each.flow: each.version for each in others.values()},
        flow_keys={"flow_2": OTHER_FLOW, "flow_3": FLOW} | {key: each.flow for key, each in others.items()},
        triggers=index_triggers([program]),
        channels={CHANNEL: ChannelInfo(CHANNEL, "whatsapp", "Shop", channel)},
        teams={"team_8": TeamInfo(TEAM, "team_8", "Support", members=(11,))},
        everyone=9,
        users={"usr_b": 11},
        templates={
            (name, language): TemplateInfo(name, language, status, body)
            for name, language, status, body in given.get("templates", [])
        },
        timezone=given.get("timezone", "UTC"),
        splits=given.get("splits", {}),
        field_types=given.get("field_types", {}),
        hours={key: Hours.model_validate(each) for key, each in given.get("hours", {}).items()},
        globals=given.get("globals", {}),
        webhooks=tuple(Listener(at, frozenset(events)) for at, events in enumerate(given.get("webhooks", []), 1)),
    )
    who = given.get("contact", {})
    contact = Contact(
        id=CONTACT,
        version=1,
        name=who.get("name"),
        timezone=who.get("timezone"),
        fields=who.get("fields", {}),
        tags=tuple(who.get("tags", ())),
        identities=tuple(Identity(kind, value) for kind, value in who.get("identities", {"whatsapp": "491511234567"}).items()),
    )
    if given.get("no_channel"):
        return Play(world, Person(replace(contact, identities=())), now)
    open_until = now + timedelta(hours=20) if given.get("window", "open") == "open" else now - timedelta(hours=1)
    conversation = Conversation(CONVERSATION, CHANNEL, window_until=open_until)
    return Play(world, Person(contact, (conversation,)), now)


def document_of(type: str, case: Mapping[str, Any]) -> Document:
    """The flow: start -> node -> a sink per wired port; a trigger is its own start."""
    given = case.get("given", {})
    id = "start" if type == "trigger" else "node"
    node_type = TYPES[type]
    ports = [port.id for port in node_type.ports(node_type.Config.model_validate(case["config"]))]
    wired = case.get("wire", ports)
    nodes = [{"id": id, "type": type, "config": case["config"]}]
    edges = [{"from": id, "port": port, "to": f"at_{port}"} for port in wired]
    nodes += [{"id": f"at_{port}", "type": "sink"} for port in wired]
    nodes += given.get("nodes", [])
    edges += given.get("edges", [])
    if type != "trigger":
        nodes.append({"id": "start", "type": "trigger", "config": {"on": {"kind": "api"}}})
        edges.append({"from": "start", "port": "next", "to": id})
    types = given.get("types", {})
    variables = [{"name": name, "type": types.get(name, "text")} for name in given.get("variables", {})]
    settings = given.get("settings", {})
    return {"name": "Golden", "nodes": nodes, "edges": edges, "variables": variables, "settings": settings}


def happen(stage: Play, step: Mapping[str, Any]) -> None:
    """One step of a golden's `events`."""
    if "after" in step:
        stage.now += parse_duration(step["after"])
    run, last = stage.run, stage.sent[-1].id if stage.sent else 0
    match step:
        case {"say": text}:
            receive(stage, Text(text), step)
        case {"tap": button}:
            carrier = {"last": str(last), "older": "77"}.get(step.get("on", "last"), step.get("on", ""))
            receive(stage, Choice(button, step.get("title", button), carrier), step)
        case {"receive": content}:
            receive(stage, read_content(content), step)
        case {"due": _}:
            assert run is not None
            stage.give(WaitDue(run.id, run.wait.id if run.wait else 0))
        case {"settled": status}:
            assert run is not None
            stage.give(MessageSettled(last, CONVERSATION, run.id, stage.sent[-1].node, status, step.get("code", "")))
        case {"answer": answer}:
            call = stage.calls[-1]
            given = {"wait": call.wait, "call": call.id, "ok": True, **answer}
            stage.give(CallAnswered(run=call.run, **given))
        case {"event": name}:
            stage.give(EventNamed(name, step.get("data", {})))
        case {"agent": "resolved"}:
            stage.give(ResolveConversation(CONVERSATION))
        case {"agent": "returned"}:
            stage.give(ReturnConversation(CONVERSATION))
        case {"agent": "assigned"}:
            stage.give(Assigned(CONVERSATION, claim(stage), TEAM, 11))
        case {"agent": reason}:
            stage.give(NoAgent(CONVERSATION, step.get("claim", claim(stage)), TEAM, reason))
        case {"start": variables}:
            stage.give(StartFlow(FLOW, "", CHANNEL, variables))
        case {"created": _}:
            stage.give(ContactChanged((), created=True))
        case {"tagged": tag}:
            stage.give(ContactChanged((ContactChange("add_tag", tag),)))
        case _:
            raise AssertionError(f"the golden has an unknown event: {step}")


def claim(stage: Play) -> str:
    """The claim under which the conversation waits for an agent."""
    found = stage.person.conversation(CONVERSATION)
    assert found is not None
    return found.claim


def receive(stage: Play, content: Content, step: Mapping[str, Any]) -> None:
    """A message of the contact."""
    came = stage.now - timedelta(minutes=5) if step.get("earlier") else stage.now
    body = MessageReceived(step.get("channel", CHANNEL), str(stage.number), content)
    stage.give(body, received_at=came)


def outcome(stage: Play) -> dict[str, Any]:
    """What came of it: the node's ports in order ("" while it parked), messages, variables, wait, status, owner."""
    run = stage.run
    visited = [visit for decision in stage.decisions for step in decision.steps for visit in step.visited]
    ours = [visit for visit in visited if visit.node == "node"] or [visit for visit in visited if visit.node == "start"]
    conversation = stage.person.conversation(CONVERSATION)
    wait = run.wait if run else None
    changes = [change for decision in stage.decisions for step in decision.steps for change in step.changes]
    json.dumps([run.frames[-1].variables, dict(wait.data) if wait else {}] if run else [])  # what is kept must be plain JSON
    found = {
        "started": sum(step.started for decision in stage.decisions for step in decision.steps),
        "ports": [visit.port for visit in ours],
        "reasons": [visit.reason for visit in ours],
        "messages": [dump_content(message.content) for message in stage.sent],
        "fallbacks": [dump_content(message.fallback) if message.fallback else None for message in stage.sent],
        "reports": [message.reports for message in stage.sent],
        "arms": [message.arms for message in stage.sent],
        "variables": {key: value for key, value in run.frames[-1].variables.items() if key != "$message"} if run else {},
        "wait": {
            "kind": wait.kind,
            "due": wait.due.isoformat() if wait.due else None,
            "timeout": wait.timeout,
            "data": dict(wait.data),
        }
        if wait
        else None,
        "changes": [[each.op, each.key, each.value] for each in changes],
        "status": run.status if run else None,
        "reason": run.reason if run else None,
        "conversation_status": conversation.status if conversation else None,
        "owner": conversation.owner if conversation else None,
        "notices": [
            [call.data["team"], call.data["text"]]
            for decision in stage.decisions
            for call in decision.calls
            if call.kind == NOTICE
        ],
        "told": [
            [call.data["webhook"], call.data["event"], call.data["data"]]
            for decision in stage.decisions
            for call in decision.calls
            if call.kind == WEBHOOK and "data" in call.data
        ],
        "born": [
            {"kind": born.body.kind, "depth": born.depth, **orjson.loads(orjson.dumps(born.body))}
            for decision in stage.decisions
            for born in decision.born
            if not born.team and not isinstance(born.body, ContactChanged)
        ],
        "calls": [{"kind": call.kind, "data": dict(call.data)} for call in stage.calls],
        "asked": [born.body.__class__.__name__ for decision in stage.decisions for born in decision.born if born.team],
        "requests": [
            {"team": born.team, "agent": asked.agent, "strategy": asked.strategy, "queue": asked.queue}
            for decision in stage.decisions
            for born in decision.born
            if isinstance(asked := born.body, AssignRequested)
        ],
    }
    plain: dict[str, Any] = orjson.loads(orjson.dumps(found))
    return plain
