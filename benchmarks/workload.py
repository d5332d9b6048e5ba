"""The conversation that is measured: three messages a contact, each answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from schemas.contact import Identity
from schemas.content import Text
from schemas.event import MessageReceived, NewEvent

SAID = ("quote", "1500", "yes")
"""What each contact writes: the keyword, a number, a yes. The bot answers each of them."""

FLOW: dict[str, Any] = {
    "schema": 1,
    "name": "Benchmark",
    "nodes": [
        {"id": "start", "type": "trigger", "config": {"on": {"kind": "keyword", "words": ["quote"]}}},
        {"id": "ask", "type": "send_message", "config": {"text": "Hi {{contact.name|there}}! What is your budget?"}},
        {
            "id": "budget",
            "type": "wait",
            "config": {
                "for": {"kind": "reply", "expect": {"kind": "number"}, "save_as": "budget", "timeout": "P1D"}
            },
        },
        {
            "id": "rich",
            "type": "condition",
            "config": {"branches": [{"id": "big", "rule": {"subject": "budget", "op": "gte", "value": 1000}}]},
        },
        {"id": "sure", "type": "send_message", "config": {"text": "{{budget}} it is. Shall we call you?"}},
        {"id": "reply", "type": "wait", "config": {"for": {"kind": "reply", "save_as": "sure", "timeout": "P1D"}}},
        {
            "id": "agreed",
            "type": "condition",
            "config": {"branches": [{"id": "yes", "rule": {"subject": "sure", "op": "is", "value": "yes"}}]},
        },
        {"id": "thanks", "type": "send_message", "config": {"text": "Somebody calls you soon."}},
        {"id": "agent", "type": "assign_agent", "config": {}},
    ],
    "edges": [
        {"from": "start", "to": "ask"},
        {"from": "ask", "to": "budget"},
        {"from": "budget", "to": "rich"},
        {"from": "rich", "port": "big", "to": "sure"},
        {"from": "sure", "to": "reply"},
        {"from": "reply", "to": "agreed"},
        {"from": "agreed", "port": "yes", "to": "thanks"},
        {"from": "thanks", "to": "agent"},
    ],
    "variables": [{"name": "budget", "type": "number"}, {"name": "sure", "type": "text"}],
}


def inbound(tenant: int, channel: int, contact: int, turn: int, at: datetime) -> NewEvent:
    """The `turn`-th message of a contact, as the channel's door makes it."""
    wa_id = f"49151{contact:08d}"
    return NewEvent(
        tenant=tenant,
        source=f"channel:{channel}",
        external_id=f"{contact}:{turn}",
        at=at,
        body=MessageReceived(channel, f"{contact}:{turn}", Text(SAID[turn]), name="Ann"),
        identities=(Identity("whatsapp", wa_id), Identity("phone", "+" + wa_id)),
    )


def rounds(tenant: int, channel: int, contacts: int, at: datetime) -> Iterator[list[NewEvent]]:
    """Turn by turn, the messages of all contacts."""
    for turn in range(len(SAID)):
        yield [inbound(tenant, channel, contact, turn, at) for contact in range(contacts)]
