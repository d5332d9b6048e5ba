"""What a contact writes is read as the contact's own country writes it."""

from __future__ import annotations

import pytest

from app.flow_file import capabilities
from nodes import node_types
from schemas.flow import FlowDocument
from simulator.play import play
from simulator.scenario import Scenario


@pytest.mark.parametrize(
    ("kind", "phone", "said", "read"),
    [
        ("phone", "+4915112345678", "015199999999", "+4915199999999"),
        ("phone", "+14155550100", "4155550123", "+14155550123"),
        ("number", "+4915112345678", "1.500", 1500),
        ("number", "+14155550100", "1.500", 1.5),
        ("number", "+4915112345678", "1500", 1500),
        ("date", "+4915112345678", "3.4.2026", "2026-04-03"),
        ("date", "+14155550100", "3/4/2026", "2026-03-04"),
    ],
)
async def test_a_reply_is_read_as_the_country_writes_it(kind, phone, said, read):
    document = FlowDocument.model_validate(
        {
            "schema": 1,
            "name": "Ask",
            "nodes": [
                {"id": "start", "type": "trigger", "config": {"on": {"kind": "keyword", "words": ["hi"]}}},
                {"id": "ask", "type": "wait", "config": {"for": {"kind": "reply", "expect": {"kind": kind}, "save_as": "it"}}},
            ],
            "edges": [{"from": "start", "to": "ask"}],
        }
    )
    steps = [{"say": "hi"}, {"say": said}, {"variables": {"it": read}}]
    scenario = Scenario.model_validate({"name": "country", "contact": {"phone": phone}, "steps": steps})
    assert (await play(document, node_types(), capabilities(), scenario)).failures == ()
