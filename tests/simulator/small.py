"""A small flow and a way to play scenarios against it."""

from __future__ import annotations

from typing import Any

from app.flow_file import capabilities
from nodes import node_types
from schemas.flow import FlowDocument
from simulator.play import Played, play
from simulator.scenario import Scenario

DOCUMENT: dict[str, Any] = {
    "name": "Small",
    "nodes": [
        {"id": "start", "type": "trigger", "config": {"on": {"kind": "message"}}},
        {
            "id": "ask",
            "type": "send_message",
            "config": {
                "text": "Tea or coffee?",
                "buttons": [
                    {"id": "tea", "title": "Tea"},
                    {"id": "coffee", "title": "Coffee"},
                    {"id": "person", "title": "A person"},
                ],
                "timeout": "PT10M",
                "save_as": "drink",
            },
        },
        {"id": "thanks", "type": "send_message", "config": {"text": "{{drink}} it is, {{contact.first_name|friend}}."}},
        {"id": "later", "type": "send_message", "config": {"text": "Later, then."}},
        {"id": "agent", "type": "assign_agent", "config": {"team": "bar", "timeout": "PT5M", "if_nobody_online": "no_agent"}},
        {"id": "nobody", "type": "send_message", "config": {"text": "Nobody is here."}},
    ],
    "edges": [
        {"from": "start", "to": "ask"},
        {"from": "ask", "port": "tea", "to": "thanks"},
        {"from": "ask", "port": "coffee", "to": "thanks"},
        {"from": "ask", "port": "person", "to": "agent"},
        {"from": "ask", "port": "timeout", "to": "later"},
        {"from": "agent", "port": "returned", "to": "ask"},
        {"from": "agent", "port": "timeout", "to": "later"},
        {"from": "agent", "port": "no_agent", "to": "nobody"},
    ],
}


async def played(*steps: dict[str, Any], settings: dict[str, Any] | None = None, **more: Any) -> Played:
    """What comes of these steps; `settings` are the flow's, everything else is the scenario's."""
    scenario = Scenario.model_validate({"name": "a scenario", "steps": list(steps), **more})
    document = FlowDocument.model_validate({**DOCUMENT, "settings": settings or {}})
    return await play(document, node_types(), capabilities(), scenario)
