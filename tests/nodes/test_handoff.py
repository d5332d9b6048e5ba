"""Refused replies count in a row over nodes and waits; one that fits ends the row."""

from __future__ import annotations

import pytest

from engine.core.program import compile
from engine.core.value import Contact, Conversation, Person
from engine.core.world import ChannelInfo, World
from nodes import node_types
from schemas.capability import Capabilities
from schemas.contact import Identity
from schemas.content import Text
from schemas.event import MessageReceived, StartFlow
from schemas.flow import FlowDocument
from tests.nodes.playing import CHANNEL, CONTACT, CONVERSATION, FLOW, START, VERSION, Play

ASK = {"text": "Tea?", "buttons": [{"id": "y", "title": "Yes"}, {"id": "n", "title": "No"}]}
NODES = [
    {"id": "start", "type": "trigger", "config": {"on": {"kind": "api"}}},
    {"id": "tea", "type": "send_message", "config": ASK},
    {"id": "many", "type": "wait", "config": {"for": {"kind": "reply", "expect": {"kind": "number"}, "retries": 0}}},
]
EDGES = [
    {"from": "start", "port": "next", "to": "tea"},
    {"from": "tea", "port": "other", "to": "tea"},
    {"from": "tea", "port": "y", "to": "many"},
    {"from": "many", "port": "invalid", "to": "tea"},
    {"from": "many", "port": "next", "to": "tea"},
]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (["Coffee", "Milk"], "waiting"),
        (["Coffee", "Milk", "Juice"], "suspended"),
        (["Coffee", "Milk", "Yes", "Juice"], "waiting"),
        (["Yes", "many", "Milk", "Juice"], "suspended"),
        (["Yes", "many", "Milk", "Yes", "7", "Juice"], "waiting"),
    ],
)
def test_three_refused_replies_in_a_row_bring_in_a_person(said: list[str], status: str) -> None:
    document = {"name": "Tea", "nodes": NODES, "edges": EDGES, "settings": {"handoff_after_invalid": 3}}
    program = compile(FlowDocument.model_validate(document), node_types(), version=VERSION, flow=FLOW)
    channel = ChannelInfo(CHANNEL, "webchat", "Site", Capabilities(buttons=3))
    world = World(1, 1, {VERSION: program}, {FLOW: VERSION}, channels={CHANNEL: channel})
    contact = Contact(CONTACT, 1, identities=(Identity("webchat", "v1"),))
    stage = Play(world, Person(contact, (Conversation(CONVERSATION, CHANNEL),)), START)
    stage.give(StartFlow(FLOW, "start", CHANNEL))
    for text in said:
        stage.give(MessageReceived(CHANNEL, text, Text(text)))
    assert stage.run is not None
    assert stage.run.status == status
    assert stage.person.conversations[0].owner == ("QUEUE" if status == "suspended" else "BOT")
